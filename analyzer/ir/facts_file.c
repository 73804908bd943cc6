/*
 * A header, then each unit's facts behind their length. The header's checksum
 * is over all that follows it, so that a file cut between two units is no
 * shorter list of units but a damaged file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/facts_file.h"

#include <stdlib.h>
#include <string.h>

#include "ir/facts.h"

enum { FILE_VERSION = 1 }; /* of this layout; facts.c has its own */

static const char magic[8] = {'a', 's', 'l', 'u', 'n', 'i', 't', 's'};

struct file_header {
    char magic[8];
    uint32_t version;
    uint32_t unit_count;
    uint64_t length; /* of what follows */
    struct digest content;
};

void facts_file_write(const struct ir_unit *const *units, uint32_t count,
                      struct strbuf *out)
{
    struct file_header header = {.version = FILE_VERSION, .unit_count = count};
    size_t start = out->length;
    size_t body = start + sizeof(header);

    memcpy(header.magic, magic, sizeof(magic));
    strbuf_add_bytes(out, (const char *)&header, sizeof(header));
    for (uint32_t i = 0; i < count; i++) {
        uint64_t length = 0;
        size_t at = out->length;

        strbuf_add_bytes(out, (const char *)&length, sizeof(length));
        facts_write(units[i], out);
        length = out->length - at - sizeof(length);
        memcpy(out->text + at, &length, sizeof(length));
    }
    header.length = out->length - body;
    header.content = digest_of(out->text + body, header.length);
    memcpy(out->text + start, &header, sizeof(header));
}

static bool header_read(const char *bytes, size_t length,
                        struct file_header *header, struct err *err)
{
    if (length < sizeof(*header))
        return err_set(err,
                       memcmp(bytes, magic,
                              length < sizeof(magic) ? length : sizeof(magic))
                           ? "it holds no facts"
                           : "it ends too early");
    memcpy(header, bytes, sizeof(*header));
    if (memcmp(header->magic, magic, sizeof(magic)))
        return err_set(err, "it holds no facts");
    if (header->version != FILE_VERSION)
        return err_set(err, "it was written by another version of asynclint or "
                            "on another kind of machine");
    if (header->length != length - sizeof(*header))
        return err_set(err, header->length > length - sizeof(*header)
                                ? "it ends too early"
                                : "something follows the facts");
    if (!digest_is_same(header->content,
                        digest_of(bytes + sizeof(*header), header->length)))
        return err_set(err, "it is damaged");
    return true;
}

static bool unit_read(struct facts_list *list, const char *from, char *bytes,
                      size_t length, struct err *err)
{
    struct ir_unit *unit = arena_alloc(list->arena, sizeof(*unit));
    struct facts_unit made = {.unit = unit, .from = from};

    if (!facts_read(bytes, length, unit, err))
        return false;
    made.path = ir_text(unit, unit->files.items[unit->main_file].path);
    made.content = digest_of(bytes, length);
    vec_add(list->arena, &list->units, made);
    return true;
}

bool facts_file_read(struct facts_list *list, const char *from, void *bytes,
                     size_t length, struct err *err)
{
    struct file_header header;
    char *at = (char *)bytes + sizeof(header);
    size_t left;

    if (!header_read(bytes, length, &header, err))
        return false;
    left = header.length;
    for (uint32_t i = 0; i < header.unit_count; i++) {
        uint64_t size;

        if (left < sizeof(size))
            return err_set(err, "it has fewer units than it promises");
        memcpy(&size, at, sizeof(size));
        at += sizeof(size);
        left -= sizeof(size);
        if (size > left)
            return err_set(err, "it has a unit that ends too early");
        if (!unit_read(list, from, at, size, err))
            return false;
        at += size;
        left -= size;
    }
    return !left || err_set(err, "it has more units than it promises");
}

static int unit_compare(const void *one, const void *two)
{
    const struct facts_unit *left = one;
    const struct facts_unit *right = two;
    int order = strcmp(left->path, right->path);

    return order ? order : strcmp(left->from, right->from);
}

bool facts_list_settle(struct facts_list *list, struct err *err)
{
    uint32_t kept = 0;

    if (list->units.count > 1)
        qsort(list->units.items, list->units.count, sizeof(*list->units.items),
              unit_compare);
    for (uint32_t i = 0; i < list->units.count; i++) {
        const struct facts_unit *unit = &list->units.items[i];
        const struct facts_unit *last =
            kept ? &list->units.items[kept - 1] : NULL;

        if (!last || strcmp(last->path, unit->path) != 0)
            list->units.items[kept++] = *unit;
        else if (!digest_is_same(last->content, unit->content))
            return err_set(err,
                           "two different facts of '%s', in '%s' and in '%s': "
                           "index it again, or leave one of them out",
                           unit->path, last->from, unit->from);
    }
    list->units.count = kept;
    return true;
}
