/*
 * Open addressing over an array of entries; the hash is xxHash's XXH3, whose
 * quality lets linear probing stay short at three quarters full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/map.h"

#include <string.h>
#include <xxhash.h>

enum { FIRST_SLOTS = 16 }; /* a power of two, as the masks below need */

static uint32_t *slot_find(const struct map *map, const void *key,
                           size_t length, uint64_t hash)
{
    uint32_t mask = map->slot_count - 1;
    uint32_t at = (uint32_t)hash & mask;

    while (map->slots[at]) {
        const struct map_entry *entry = &map->entries.items[map->slots[at] - 1];

        if (entry->hash == hash && entry->length == length &&
            !memcmp(entry->key, key, length))
            break;
        at = (at + 1) & mask;
    }
    return &map->slots[at];
}

static void slots_grow(struct map *map)
{
    uint32_t mask;

    map->slot_count = map->slot_count ? map->slot_count * 2 : FIRST_SLOTS;
    map->slots = arena_array(map->arena, map->slot_count, sizeof(*map->slots));
    mask = map->slot_count - 1;
    for (uint32_t i = 0; i < map->entries.count; i++) {
        uint32_t at = (uint32_t)map->entries.items[i].hash & mask;

        while (map->slots[at])
            at = (at + 1) & mask;
        map->slots[at] = i + 1;
    }
}

uint32_t *map_find(const struct map *map, const void *key, size_t length)
{
    const uint32_t *slot;

    if (!map->slot_count)
        return NULL;
    slot = slot_find(map, key, length, XXH3_64bits(key, length));
    return *slot ? &map->entries.items[*slot - 1].value : NULL;
}

uint32_t *map_add(struct map *map, const void *key, size_t length,
                  uint32_t value, bool *is_new)
{
    uint64_t hash = XXH3_64bits(key, length);
    struct map_entry entry;
    uint32_t *slot;

    if (map->entries.count >= map->slot_count / 4 * 3)
        slots_grow(map);
    slot = slot_find(map, key, length, hash);
    if (is_new)
        *is_new = !*slot;
    if (!*slot) {
        entry = (struct map_entry){
            .key = arena_strndup(map->arena, key, length),
            .length = (uint32_t)length,
            .value = value,
            .hash = hash,
        };
        vec_add(map->arena, &map->entries, entry);
        *slot = map->entries.count;
    }
    return &map->entries.items[*slot - 1].value;
}

uint32_t *map_find_str(const struct map *map, const char *key)
{
    return map_find(map, key, strlen(key));
}

uint32_t *map_add_str(struct map *map, const char *key, uint32_t value,
                      bool *is_new)
{
    return map_add(map, key, strlen(key), value, is_new);
}
