/*
 * Keys and scalars, see pack_value.h. A word that is not known is answered
 * with the nearest one that is, or with all of them when none is near.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/pack_value.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum {
    MAX_ARG = 126,   /* C11 5.2.4.1 promises 127 parameters */
    MAX_LISTED = 12, /* more words than this would drown the sentence */
};

/* Says that the node's text is not one of the words (NULL-terminated). */
static bool unknown_err(struct pack_reader *reader,
                        const struct yaml_node *node, const char *what,
                        const char *const *words)
{
    const char *meant = str_did_you_mean(node->text, words);
    struct strbuf all = {.arena = reader->arena};

    if (meant)
        return yaml_fail(node, reader->err,
                         "'%s' is not %s, did you mean '%s'?", node->text, what,
                         meant);
    for (int i = 0; words[i] && i < MAX_LISTED; i++)
        strbuf_printf(&all, "%s'%s'", i ? ", " : "", words[i]);
    return yaml_fail(node, reader->err, "'%s' is not %s; there is %s",
                     node->text, what, strbuf_text(&all));
}

static const struct pack_key *key_find(const struct pack_key *keys,
                                       const char *name)
{
    for (; keys->name; keys++) {
        if (!strcmp(keys->name, name))
            return keys;
    }
    return NULL;
}

static bool key_unknown_err(struct pack_reader *reader,
                            const struct yaml_node *key, const char *what,
                            const struct pack_key *keys)
{
    VEC(const char *) words = {0};

    for (; keys->name; keys++)
        vec_add(reader->arena, &words, keys->name);
    vec_add(reader->arena, &words, NULL);
    return unknown_err(reader, key,
                       arena_printf(reader->arena, "a key of %s", what),
                       words.items);
}

bool pack_keys_read(struct pack_reader *reader, const struct yaml_node *node,
                    const char *what, const struct pack_key *keys, void *into)
{
    if (node->kind != YAML_MAP)
        return yaml_fail(node, reader->err,
                         "%s has to be a mapping of keys to values", what);
    for (uint32_t i = 0; i < node->keys.count; i++) {
        if (!key_find(keys, node->keys.items[i]->text))
            return key_unknown_err(reader, node->keys.items[i], what, keys);
    }
    for (; keys->name; keys++) {
        const struct yaml_node *value = yaml_find(node, keys->name);

        if (value && !keys->read(reader, value, (char *)into + keys->offset))
            return false;
    }
    return true;
}

bool pack_each_read(struct pack_reader *reader, const struct yaml_node *node,
                    pack_reads *read, void *into)
{
    if (node->kind != YAML_LIST)
        return read(reader, node, into);
    for (uint32_t i = 0; i < node->items.count; i++) {
        if (!read(reader, node->items.items[i], into))
            return false;
    }
    return true;
}

bool pack_text_read(struct pack_reader *reader, const struct yaml_node *node,
                    void *field)
{
    const char **text = field;

    *text = node->text;
    if (node->kind != YAML_TEXT)
        return yaml_fail(node, reader->err, "a text belongs here, not a %s",
                         node->kind == YAML_LIST ? "list" : "mapping");
    if (!*node->text)
        return yaml_fail(node, reader->err, "a value is missing here");
    return true;
}

bool pack_word_read(struct pack_reader *reader, const struct yaml_node *node,
                    const char *what, const struct pack_word *words, int *value)
{
    VEC(const char *) texts = {0};
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    for (; words->text; words++) {
        if (!strcmp(words->text, text)) {
            *value = words->value;
            return true;
        }
        vec_add(reader->arena, &texts, words->text);
    }
    vec_add(reader->arena, &texts, NULL);
    return unknown_err(reader, node, what, texts.items);
}

bool pack_either_read(struct pack_reader *reader, const struct yaml_node *node,
                      const char *what, const struct pack_word *words,
                      bool *value)
{
    int found;

    if (!pack_word_read(reader, node, what, words, &found))
        return false;
    *value = found;
    return true;
}

bool pack_bool_read(struct pack_reader *reader, const struct yaml_node *node,
                    void *field)
{
    static const struct pack_word words[] = {
        {"true", true},
        {"false", false},
        {0},
    };

    return pack_either_read(reader, node, "true or false", words, field);
}

bool pack_number_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    int64_t *number = field;
    const char *text;
    char *end;

    if (!pack_text_read(reader, node, &text))
        return false;
    errno = 0;
    *number = strtoll(text, &end, 0);
    if (*end || isspace((unsigned char)*text))
        return yaml_fail(node, reader->err, "'%s' is not a number", text);
    if (errno == ERANGE)
        return yaml_fail(node, reader->err, "the number is out of range");
    if (*number < 0 || *text == '-')
        return yaml_fail(node, reader->err, "the number is negative");
    return true;
}

bool pack_arg_read(struct pack_reader *reader, const struct yaml_node *node,
                   void *field)
{
    int *arg = field;
    int64_t number;

    if (!pack_number_read(reader, node, &number))
        return false;
    if (number > MAX_ARG)
        return yaml_fail(node, reader->err, "no function has an argument %s",
                         node->text);
    *arg = (int)number;
    return true;
}

int pack_arg_parse(const char *text, const char **rest)
{
    char *end;
    long number;

    if (strncmp(text, "arg", 3) || !isdigit((unsigned char)text[3]))
        return -1;
    number = strtol(text + 3, &end, 10);
    *rest = end;
    return number > MAX_ARG ? -1 : (int)number;
}

bool pack_name_check(struct pack_reader *reader, const struct yaml_node *node)
{
    const char *text;
    bool has_letter = false;

    if (!pack_text_read(reader, node, &text))
        return false;
    for (const char *at = text; *at; at++) {
        bool is_letter = isalnum((unsigned char)*at) || *at == '_';

        if (!is_letter && *at != '*')
            return yaml_fail(node, reader->err, "'%s' is not a C name", text);
        has_letter = has_letter || is_letter;
    }
    return has_letter ||
           yaml_fail(node, reader->err, "'%s' would match every name", text);
}

bool pack_outcome_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    static const struct pack_word words[] = {
        {"always", OUTCOME_ALWAYS},
        {"result == 0", OUTCOME_ZERO},
        {"result == 0 else < 0", OUTCOME_NO_ERROR},
        {"result == 0 else EBUSY", OUTCOME_NOT_BUSY},
        {"result == 0 else 1", OUTCOME_NOT_ONE},
        {"result == 0 else -EINTR", OUTCOME_NOT_INTERRUPTED},
        {"result != 0", OUTCOME_NONZERO},
        {"result < 0", OUTCOME_NEGATIVE},
        {"result >= 0", OUTCOME_NOT_NEGATIVE},
        {0},
    };
    enum outcome *outcome = field;
    int value;

    if (!pack_word_read(reader, node, "an outcome of a call", words, &value))
        return false;
    *outcome = (enum outcome)value;
    return true;
}

bool pack_mode_read(struct pack_reader *reader, const struct yaml_node *node,
                    void *field)
{
    static const struct pack_word words[] = {
        {"exclusive", LOCK_EXCLUSIVE},
        {"shared", LOCK_SHARED},
        {"either", LOCK_EITHER},
        {0},
    };
    enum lock_mode *mode = field;
    int value;

    if (!pack_word_read(reader, node, "a mode of a lock", words, &value))
        return false;
    *mode = (enum lock_mode)value;
    return true;
}

void pack_entry_add(struct pack_reader *reader, int table, const char *name,
                    const void *what)
{
    struct pack_entry entry = {table, name, what};

    vec_add(reader->arena, &reader->content->entries, entry);
}

const char *pack_tag_skip(const char *name)
{
    static const char *const words[] = {"struct ", "union ", "enum "};

    /* This is asked of every name: first the quick answer. */
    if (!strchr(name, ' '))
        return name;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (str_starts_with(name, words[i]))
            return name + strlen(words[i]);
    }
    return name;
}
