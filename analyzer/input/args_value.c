/*
 * Each value is right, or there is a sentence that says what would be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/args_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { LISTED_WORDS = 12 }; /* a longer list is no help in a message */

const char *args_near_word(struct arena *arena, const char *typo,
                           const char *const *words)
{
    const char *near = str_did_you_mean(typo, words);

    return near ? arena_printf(arena, "; did you mean '%s'?", near) : "";
}

bool args_number(const char *name, const char *value, uint32_t least,
                 uint32_t most, uint32_t *number, struct err *err)
{
    unsigned long parsed;
    char *end;

    errno = 0;
    parsed = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || parsed < least ||
        parsed > most)
        return err_set(err,
                       "'%s' is no value for %s: it must be a number from %u "
                       "to %u",
                       value, name, least, most);
    *number = (uint32_t)parsed;
    return true;
}

/* " (known: a, b)", or nothing when they are many. */
static const char *words_list(struct arena *arena, const char *const *words)
{
    struct strbuf list = {.arena = arena};
    int count = 0;

    for (; words[count]; count++)
        strbuf_printf(&list, "%s%s", count ? ", " : " (known: ", words[count]);
    strbuf_add(&list, ")");
    return count && count <= LISTED_WORDS ? strbuf_text(&list) : "";
}

bool args_word(const char *name, const char *value, const char *const *words,
               uint32_t *index, struct err *err)
{
    struct arena scratch = {0};

    for (*index = 0; words[*index]; ++*index)
        if (!strcmp(words[*index], value))
            return true;
    err_set(err, "unknown %s '%s'%s%s", name, value,
            args_near_word(&scratch, value, words),
            words_list(&scratch, words));
    arena_finish(&scratch);
    return false;
}

bool args_rule_level(const char *value, const char *const *rules,
                     struct arena *arena, struct rule_level *level,
                     struct err *err)
{
    static const char *const words[] = {"off", "note", "warning", "error",
                                        NULL};
    const char *equals = strchr(value, '=');
    uint32_t index;

    if (!equals)
        return err_set(err,
                       "'%s' is no value for --rule: write "
                       "ID=off|note|warning|error",
                       value);
    level->rule = arena_strndup(arena, value, (size_t)(equals - value));
    if (!args_word("rule", level->rule, rules, &index, err) ||
        !args_word("rule level", equals + 1, words, &index, err))
        return false;
    level->level = (enum level)index;
    return true;
}
