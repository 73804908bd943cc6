/*
 * Markers: by which annotations, words and names a runtime's functions, fields
 * and typedefs say what they are; and under which locks those in fields run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "model/pack_value.h"

/* The marker's names are added to one of its tables. */
struct marker {
    enum marker_kind kind;
    int table;
};

static bool sign_add(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    const struct marker *marker = field;
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    pack_entry_add(reader, marker->table, text, reader->content->pack);
    return true;
}

static bool annotations_read(struct pack_reader *reader,
                             const struct yaml_node *node, void *field)
{
    struct marker *marker = field;

    marker->table = table_of_marker(marker->kind, SIGN_ANNOTATION);
    return pack_each_read(reader, node, sign_add, marker);
}

static bool word_add(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    return pack_name_check(reader, node) && sign_add(reader, node, field);
}

static bool words_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct marker *marker = field;

    marker->table = table_of_marker(marker->kind, SIGN_WORD);
    return pack_each_read(reader, node, word_add, marker);
}

static bool names_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct marker *marker = field;

    marker->table = table_of_marker(marker->kind, SIGN_NAME);
    return pack_each_read(reader, node, word_add, marker);
}

static bool field_read(struct pack_reader *reader, const struct yaml_node *node,
                       const char **name)
{
    const char *text;
    const char *dot;

    if (!pack_text_read(reader, node, &text))
        return false;
    *name = pack_tag_skip(text);
    dot = strchr(text, '.');
    if (!dot || dot == text || !dot[1])
        return yaml_fail(node, reader->err,
                         "'%s' is not a field like ops.flush", text);
    return true;
}

static bool field_add(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    const struct marker *marker = field;
    const char *name;

    if (!field_read(reader, node, &name))
        return false;
    pack_entry_add(reader, marker->table, name, reader->content->pack);
    return true;
}

static bool fields_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    struct marker *marker = field;

    marker->table = table_of_marker(marker->kind, SIGN_NAME);
    return pack_each_read(reader, node, field_add, marker);
}

static bool result_add(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    const struct marker *marker = field;
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    pack_entry_add(reader, marker->table, pack_tag_skip(text),
                   reader->content->pack);
    return true;
}

static bool results_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    struct marker *marker = field;

    marker->table = table_of_marker(marker->kind, SIGN_RESULT);
    return pack_each_read(reader, node, result_add, marker);
}

static const struct pack_key sign_keys[] = {
    {"annotations", annotations_read, 0},
    {"words", words_read, 0},
    {"functions", names_read, 0},
    {"fields", fields_read, 0},
    {"typedefs", names_read, 0},
    {"returns", results_read, 0},
    {0},
};

/* Stand where there are only words: before a call, in a declaration. */
static const struct pack_key word_keys[] = {{"words", words_read, 0}, {0}};

static const char *const marker_names[MARKER_COUNT] = {
    [MARKER_ASYNC] = "async",
    [MARKER_MIXED] = "mixed",
    [MARKER_SYNC_ONLY] = "sync-only",
    [MARKER_AWAIT] = "await",
    [MARKER_MAY_SUSPEND] = "may-suspend",
    [MARKER_MAY_BLOCK] = "may-block",
    [MARKER_THREAD] = "thread",
    [MARKER_ATOMIC] = "atomic",
    [MARKER_INTERRUPTIBLE] = "interruptible",
    [MARKER_ACQUIRES] = "acquires",
    [MARKER_RELEASES] = "releases",
    [MARKER_HOLDS] = "holds",
    [MARKER_LOCKS] = "locks",
    [MARKER_LOCKS_SHARED] = "locks-shared",
    [MARKER_TRIES_LOCK] = "tries-lock",
    [MARKER_TRIES_SHARED] = "tries-lock-shared",
    [MARKER_UNLOCKS] = "unlocks",
    [MARKER_UNLOCKS_SHARED] = "unlocks-shared",
    [MARKER_UNLOCKS_EXCLUSIVE] = "unlocks-exclusive",
    [MARKER_LOCKS_WITHIN] = "locks-within",
    [MARKER_SIGNAL_HANDLER] = "signal-handler",
    [MARKER_SIGNAL_SHIELD] = "signal-shield",
    [MARKER_CANCELS] = "cancels",
    [MARKER_CANCEL_POINT] = "cancel-point",
    [MARKER_CANCEL_SHIELD] = "cancel-shield",
    [MARKER_GUARDED] = "guarded-by",
    [MARKER_POINTEE_GUARDED] = "points-to-guarded",
    [MARKER_BEFORE] = "taken-before",
    [MARKER_AFTER] = "taken-after",
};

static bool marker_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    const enum marker_kind *kind = field;
    struct marker marker = {.kind = *kind};

    return pack_keys_read(reader, node, "a marker",
                          *kind == MARKER_AWAIT || *kind >= MARKER_GUARDED
                              ? word_keys
                              : sign_keys,
                          &marker);
}

bool pack_markers_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct pack_key keys[MARKER_COUNT + 1] = {0};
    enum marker_kind kinds[MARKER_COUNT];

    (void)field;
    for (int i = 0; i < MARKER_COUNT; i++) {
        kinds[i] = (enum marker_kind)i;
        keys[i] = (struct pack_key){marker_names[i], marker_read,
                                    (size_t)i * sizeof(*kinds)};
    }
    return pack_keys_read(reader, node, "the markers", keys, kinds);
}

/* What the functions of some fields are called under. */
struct under {
    struct place lock;
    const char *handed_to;
};

static bool under_add(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    struct under *under = field;
    const char *name;

    if (!field_read(reader, node, &name))
        return false;
    pack_entry_add(reader, TABLE_UNDER, name, &under->lock);
    if (under->handed_to)
        pack_entry_add(reader, TABLE_HANDED, name, under->handed_to);
    return true;
}

static bool under_fields_read(struct pack_reader *reader,
                              const struct yaml_node *node, void *field)
{
    struct under *under = arena_copy(reader->arena, field, sizeof(*under));

    return pack_each_read(reader, node, under_add, under);
}

/* The fields last: they are added with the others. */
static const struct pack_key under_keys[] = {
    {"lock", pack_place_read, offsetof(struct under, lock)},
    {"handed-to", pack_text_read, offsetof(struct under, handed_to)},
    {"fields", under_fields_read, 0},
    {0},
};

static bool under_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct under under = {.lock = {.base = PLACE_NONE}};

    (void)field;
    if (!pack_keys_read(reader, node, "what is called under a lock", under_keys,
                        &under))
        return false;
    if (under.lock.base != PLACE_GLOBAL && under.lock.base != PLACE_ARG)
        return yaml_fail(node, reader->err,
                         "'lock' has to say which: an argument's or a global");
    return true;
}

bool pack_unders_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    return pack_each_read(reader, node, under_read, field);
}

/* Fields that are marked as atomic, but in units that set another one. */
static bool spared_add(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    const char *const *set = field;
    const char *name;

    if (!field_read(reader, node, &name))
        return false;
    pack_entry_add(reader, TABLE_SPARED, name, *set);
    return true;
}

static bool spared_fields_read(struct pack_reader *reader,
                               const struct yaml_node *node, void *field)
{
    const char *const *set = field;

    if (!*set)
        return yaml_fail(node, reader->err,
                         "'set' has to name the field that decides");
    return pack_each_read(reader, node, spared_add, field);
}

static const struct pack_key spared_keys[] = {
    {"set", pack_text_read, 0},
    {"fields", spared_fields_read, 0},
    {0},
};

static bool spared_one_read(struct pack_reader *reader,
                            const struct yaml_node *node, void *field)
{
    const char *set = NULL;

    (void)field;
    return pack_keys_read(reader, node, "what is not atomic", spared_keys,
                          &set);
}

bool pack_spared_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    return pack_each_read(reader, node, spared_one_read, field);
}
