/*
 * Places and conditions: the expressions over a call's arguments that a pack
 * can write. A place is read as C is, with `.` and `->` taken for the same,
 * since it stands for the object either way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "model/pack_value.h"

static size_t name_length(const char *text)
{
    size_t length = 0;

    if (isdigit((unsigned char)*text))
        return 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* Reads `->mutex.inner` to the end of the text. */
static bool fields_parse(struct arena *arena, const char *text,
                         struct place *place)
{
    VEC(const char *) fields = {0};

    while (*text) {
        size_t length;

        if (str_starts_with(text, "->"))
            text += 2;
        else if (*text == '.')
            text++;
        else
            return false;
        length = name_length(text);
        if (!length)
            return false;
        vec_add(arena, &fields, arena_strndup(arena, text, length));
        text += length;
    }
    place->fields = fields.items;
    place->field_count = (int)fields.count;
    return true;
}

static bool global_parse(struct arena *arena, const char *text,
                         struct place *place)
{
    size_t length = name_length(text);

    place->base = PLACE_GLOBAL;
    place->global = arena_strndup(arena, text, length);
    return length && fields_parse(arena, text + length, place);
}

static bool place_parse(struct arena *arena, const char *text,
                        struct place *place)
{
    if (str_starts_with(text, "global:"))
        return global_parse(arena, text + strlen("global:"), place);
    if (!strcmp(text, "scope")) {
        place->base = PLACE_SCOPE;
        return true;
    }
    if (*text == '*')
        place->is_written = true;
    if (*text == '&' || *text == '*')
        text++;
    if (str_starts_with(text, "result") && !place->is_written) {
        place->base = PLACE_RESULT;
        return fields_parse(arena, text + strlen("result"), place);
    }
    place->base = PLACE_ARG;
    place->arg = pack_arg_parse(text, &text);
    if (place->arg < 0)
        return false;
    if (!strcmp(text, "...")) {
        place->and_rest = true;
        return true;
    }
    return fields_parse(arena, text, place);
}

bool pack_place_read(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    struct place *place = field;
    struct place parsed = {0};
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    if (!place_parse(reader->arena, text, &parsed))
        return yaml_fail(node, reader->err,
                         "'%s' is not a place; places are arg0, "
                         "arg0->field, &arg0->field, *arg0, arg0..., result, "
                         "scope and global:name",
                         text);
    *place = parsed;
    return true;
}

/* A number, or the name of one of the pack's flags. */
static bool value_read(struct pack_reader *reader, const struct yaml_node *node,
                       struct exemption *into)
{
    const struct yaml_node *flag = NULL;
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    if (!name_length(text))
        return pack_number_read(reader, node, &into->value);
    if (reader->flags)
        flag = yaml_find(reader->flags, text);
    if (!flag) {
        VEC(const char *) names = {0};
        const char *meant;

        for (uint32_t i = 0; reader->flags && i < reader->flags->keys.count;
             i++)
            vec_add(reader->arena, &names, reader->flags->keys.items[i]->text);
        vec_add(reader->arena, &names, NULL);
        meant = str_did_you_mean(text, names.items);
        return yaml_fail(node, reader->err,
                         "'%s' does not stand under 'flags'%s%s%s", text,
                         meant ? ", did you mean '" : "", meant ? meant : "",
                         meant ? "'?" : "");
    }
    into->name = text;
    return pack_number_read(reader, flag, &into->value);
}

/* What a condition may say: its two keys, and the word that the second one
 * has to have; without a word it is a number or a flag. */
static const struct form {
    const char *subject;
    const char *verb;
    const char *word;
    enum exemption_kind kind;
} forms[] = {
    {"arg", "is", NULL, UNLESS_ARG_EQUALS},
    {"arg", "is-not", NULL, UNLESS_ARG_DIFFERS},
    {"arg", "has", NULL, UNLESS_ARG_HAS_FLAG},
    {"arg", "lacks", NULL, UNLESS_ARG_LACKS_FLAG},
    {"arg", "points-to", "zero", UNLESS_ARG_TO_ZERO},
    {"fd", "is", "nonblocking", UNLESS_FD_NONBLOCKING},
    {"stream", "is", "in-memory", UNLESS_STREAM_IN_MEMORY},
};

enum { FORM_COUNT = sizeof(forms) / sizeof(*forms) };

/* Several are one of them for `is`, and none of them for `is-not`. */
static bool values_read(struct pack_reader *reader, const struct form *form,
                        const struct yaml_node *node, struct exemption *into)
{
    VEC(int64_t) others = {0};

    if (node->kind != YAML_LIST)
        return value_read(reader, node, into);
    if (!node->items.count ||
        (form->kind != UNLESS_ARG_EQUALS && form->kind != UNLESS_ARG_DIFFERS))
        return yaml_fail(node, reader->err,
                         "a list of values belongs behind is or is-not");
    for (uint32_t i = node->items.count; i > 0; i--) {
        if (!value_read(reader, node->items.items[i - 1], into))
            return false;
        if (i > 1)
            vec_add(reader->arena, &others, into->value);
    }
    into->others = others.items;
    into->other_count = (int)others.count;
    return true;
}

static bool any_read(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    (void)reader;
    (void)node;
    (void)field;
    return true;
}

static const struct pack_key condition_keys[] = {
    {"arg", any_read, 0},
    {"fd", any_read, 0},
    {"stream", any_read, 0},
    {"is", any_read, 0},
    {"is-not", any_read, 0},
    {"has", any_read, 0},
    {"lacks", any_read, 0},
    {"points-to", any_read, 0},
    {"field", any_read, 0},
    {"calls", any_read, 0},
    {0},
};

static bool form_read(struct pack_reader *reader, const struct form *form,
                      const struct yaml_node *node, struct exemption *into)
{
    const struct yaml_node *said = yaml_find(node, form->verb);
    const struct pack_word words[] = {{form->word, 0}, {0}};
    int ignored;

    into->kind = form->kind;
    if (!pack_arg_read(reader, yaml_find(node, form->subject), &into->arg))
        return false;
    if (!form->word)
        return values_read(reader, form, said, into);
    return pack_word_read(reader, said, "what can be said here", words,
                          &ignored);
}

static bool condition_read(struct pack_reader *reader,
                           const struct yaml_node *node, void *field)
{
    struct exemption *into = field;
    const struct yaml_node *part;

    if (!pack_keys_read(reader, node, "a condition", condition_keys, NULL))
        return false;
    part = yaml_find(node, "calls");
    if (part && node->keys.count == 1) {
        into->kind = UNLESS_UNIT_CALLS;
        return pack_text_read(reader, part, &into->name);
    }
    part = yaml_find(node, "field");

    for (int i = 0; i < FORM_COUNT && node->keys.count == (part ? 3 : 2); i++) {
        if (!yaml_find(node, forms[i].subject) ||
            !yaml_find(node, forms[i].verb) || (part && forms[i].word))
            continue;
        return (!part || pack_text_read(reader, part, &into->field)) &&
               form_read(reader, &forms[i], node, into);
    }
    return yaml_fail(node, reader->err,
                     "a condition is {arg: N, is: V}, with is, is-not, "
                     "has, lacks or points-to, or {fd: N, is: "
                     "nonblocking}, or {stream: N, is: in-memory}");
}

static bool condition_add(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    struct pack_conditions *conditions = field;
    struct exemption one = {0};

    if (!condition_read(reader, node, &one))
        return false;
    vec_add(reader->arena, &conditions->list, one);
    return true;
}

bool pack_conditions_read(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    return pack_each_read(reader, node, condition_add, field);
}
