/*
 * What a reader of a configuration asks of its tree, see yaml.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/yaml.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { LISTED_WORDS = 12 }; /* more words than that are no help */

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key)
{
    assert(map->kind == YAML_MAP);
    for (uint32_t i = 0; i < map->keys.count; i++)
        if (!strcmp(map->keys.items[i]->text, key))
            return map->items.items[i];
    return NULL;
}

bool yaml_fail(const struct yaml_node *node, struct err *err,
               const char *format, ...)
{
    char sentence[sizeof(err->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return err_set(err, "%s:%u:%u: %s", node->file, node->line, node->column,
                   sentence);
}

bool yaml_kind_check(const struct yaml_node *node, enum yaml_kind kind,
                     const char *what, struct err *err)
{
    static const char *const names[] = {"a text", "a list", "a map"};

    if (node->kind == kind)
        return true;
    return yaml_fail(node, err, "%s must be %s, not %s", what, names[kind],
                     names[node->kind]);
}

/* "; did you mean 'x'?", or the words when there are few. */
static const char *advice(struct arena *scratch, const char *typo,
                          const char *const *words)
{
    const char *near = str_did_you_mean(typo, words);
    struct strbuf list = {.arena = scratch};
    int count = 0;

    if (near)
        return arena_printf(scratch, "; did you mean '%s'?", near);
    for (; words[count]; count++)
        strbuf_printf(&list, "%s%s", count ? ", " : "", words[count]);
    if (!count || count > LISTED_WORDS)
        return "";
    return arena_printf(scratch, " (known: %s)", strbuf_text(&list));
}

bool yaml_keys_check(const struct yaml_node *map, const char *const *known,
                     const char *what, struct err *err)
{
    if (!yaml_kind_check(map, YAML_MAP, what, err))
        return false;
    for (uint32_t i = 0; i < map->keys.count; i++) {
        const struct yaml_node *key = map->keys.items[i];
        struct arena scratch = {0};
        uint32_t k = 0;

        while (known[k] && strcmp(known[k], key->text) != 0)
            k++;
        if (known[k])
            continue;
        yaml_fail(key, err, "unknown key '%s' in %s%s", key->text, what,
                  advice(&scratch, key->text, known));
        arena_finish(&scratch);
        return false;
    }
    return true;
}

bool yaml_word_get(const struct yaml_node *node, const char *const *words,
                   const char *what, uint32_t *index, struct err *err)
{
    struct arena scratch = {0};

    if (!yaml_kind_check(node, YAML_TEXT, what, err))
        return false;
    for (*index = 0; words[*index]; ++*index)
        if (!strcmp(words[*index], node->text))
            return true;
    yaml_fail(node, err, "unknown value '%s' for %s%s", node->text, what,
              advice(&scratch, node->text, words));
    arena_finish(&scratch);
    return false;
}
