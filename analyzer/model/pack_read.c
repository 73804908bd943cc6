/*
 * The top of a pack: what it is called, where it counts, its runtime, and the
 * sections in which names get a meaning. README.md in rules/packs is the
 * manual of the schema; a key that is read here is described there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/pack_read.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "model/pack_value.h"

/* Each pattern is tried at each call of a function that no pack names. */
enum { MAX_PATTERNS = 1000 };

/* What any path that ends like this has as a part: a pattern's first part, up
 * to its `*`. */
static const char *first_part(struct pack_reader *reader, const char *header)
{
    size_t length = strcspn(header, "/*");

    return arena_printf(reader->arena, "%.*s",
                        (int)length + (header[length] == '*'), header);
}

static const char *last_part(const char *header)
{
    const char *slash = strrchr(header, '/');

    return slash ? slash + 1 : header;
}

/* Each file of each unit is looked up, and hardly any is a pack's: headers are
 * kept by a part of their own. */
static bool header_add(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    const char *text;

    (void)field;
    if (!pack_text_read(reader, node, &text))
        return false;
    if (*text == '/')
        return yaml_fail(node, reader->err,
                         "a header is the end of a path, like rt/task.h");
    reader->content->has_headers = true;
    if (strchr(text, '*'))
        pack_entry_add(reader, TABLE_FOLDERS, first_part(reader, text), text);
    else
        pack_entry_add(reader, TABLE_HEADERS, last_part(text), text);
    return true;
}

static bool headers_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    return pack_each_read(reader, node, header_add, field);
}

static bool name_add(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    const char *text;

    (void)field;
    if (!pack_text_read(reader, node, &text))
        return false;
    pack_entry_add(reader, TABLE_USES, text, NULL);
    return true;
}

static bool names_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    return pack_each_read(reader, node, name_add, field);
}

static bool short_sections_read(struct pack_reader *reader,
                                const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"report", SHORT_REPORT},
        {"allow", SHORT_ALLOW},
        {0},
    };
    enum short_sections *sections = field;
    int value;

    if (!pack_word_read(reader, node, "a policy for short sections", words,
                        &value))
        return false;
    *sections = (enum short_sections)value;
    return true;
}

static bool local_calls_read(struct pack_reader *reader,
                             const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"report", false}, {"allow", true}, {0}};

    return pack_either_read(reader, node, "a policy for local calls", words,
                            field);
}

static bool ambient_add(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    struct pack *pack = (struct pack *)field;
    const char *text;

    if (!pack_text_read(reader, node, &text))
        return false;
    vec_add(reader->arena, &pack->ambient, text);
    return true;
}

static bool ambient_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    return pack_each_read(reader, node, ambient_add, field);
}

static bool policy_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"report", POLICY_REPORT},
        {"note", POLICY_NOTE},
        {"allow", POLICY_ALLOW},
        {0},
    };
    enum policy *policy = field;
    int value;

    if (!pack_word_read(reader, node, "a policy for sections", words, &value))
        return false;
    *policy = (enum policy)value;
    return true;
}

static bool threads_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"one", false}, {"many", true}, {0}};

    return pack_either_read(reader, node, "a number of threads", words, field);
}

static bool async_required_read(struct pack_reader *reader,
                                const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"false", ASYNC_OPTIONAL},
        {"true", ASYNC_REQUIRED},
        {"of-callers", ASYNC_REQUIRED_OF_CALLERS},
        {0},
    };
    enum async_required *required = field;
    int value;

    if (!pack_word_read(reader, node, "who has to be marked", words, &value))
        return false;
    *required = (enum async_required)value;
    return true;
}

static bool runtime_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    static const struct pack_key keys[] = {
        {"threads", threads_read, offsetof(struct pack, is_multithread)},
        {"await-required", pack_bool_read,
         offsetof(struct pack, requires_await)},
        {"async-required", async_required_read,
         offsetof(struct pack, requires_async)},
        {"cancel-skips-cleanups", pack_bool_read,
         offsetof(struct pack, cancel_skips_cleanups)},
        {"returns-errors", pack_bool_read,
         offsetof(struct pack, returns_errors)},
        {0},
    };
    struct pack *pack = field;

    pack->has_async = true;
    return pack_keys_read(reader, node, "a runtime", keys, pack);
}

/* Reads what stands under one name of a section. */
typedef const void *entry_reads(struct pack_reader *reader,
                                const struct yaml_node *name,
                                const struct yaml_node *node);

static bool section_read(struct pack_reader *reader,
                         const struct yaml_node *node, int table,
                         entry_reads *read)
{
    if (node->kind != YAML_MAP)
        return yaml_fail(node, reader->err, "a mapping of names belongs here");
    for (uint32_t i = 0; i < node->keys.count; i++) {
        const struct yaml_node *name = node->keys.items[i];
        const void *what = read(reader, name, node->items.items[i]);

        if (!what)
            return false;
        pack_entry_add(reader, table, name->text, what);
    }
    return true;
}

static const void *flag_read(struct pack_reader *reader,
                             const struct yaml_node *name,
                             const struct yaml_node *node)
{
    int64_t *value = arena_alloc(reader->arena, sizeof(*value));

    if (!pack_name_check(reader, name) ||
        !pack_number_read(reader, node, value))
        return NULL;
    return value;
}

static bool flags_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    (void)field;
    reader->flags = node;
    return section_read(reader, node, TABLE_FLAGS, flag_read);
}

static const void *function_read(struct pack_reader *reader,
                                 const struct yaml_node *name,
                                 const struct yaml_node *node)
{
    return pack_meaning_read(reader, name, node, false);
}

static bool functions_read(struct pack_reader *reader,
                           const struct yaml_node *node, void *field)
{
    (void)field;
    return section_read(reader, node, TABLE_FUNCTIONS, function_read);
}

static const void *macro_read(struct pack_reader *reader,
                              const struct yaml_node *name,
                              const struct yaml_node *node)
{
    return pack_meaning_read(reader, name, node, true);
}

static bool macros_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    (void)field;
    return section_read(reader, node, TABLE_MACROS, macro_read);
}

/* Known, and no more to say about than whether it suspends: as `name: {}` or
 * `name: {suspends: may}` under functions. What only begins like it is a guess,
 * which a body in a source file knows better: `dev_lock` is no `dev_*`. */
static bool plain_add(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    const struct yaml_node nothing = {.kind = YAML_MAP};
    const enum tristate *suspends = field;
    struct meaning *plain = pack_meaning_read(reader, node, &nothing, false);

    if (!plain)
        return false;
    plain->suspends = *suspends;
    plain->is_loose = *suspends == ANSWER_NEVER && strchr(node->text, '*');
    pack_entry_add(reader, TABLE_FUNCTIONS, node->text, plain);
    return true;
}

static bool plain_group(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    return pack_each_read(reader, node, plain_add, field);
}

/* A list of names or of lists of names: there are many. */
static bool harmless_read(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    enum tristate suspends = ANSWER_NEVER;

    (void)field;
    return pack_each_read(reader, node, plain_group, &suspends);
}

static bool may_suspend_read(struct pack_reader *reader,
                             const struct yaml_node *node, void *field)
{
    enum tristate suspends = ANSWER_MAY;

    (void)field;
    return pack_each_read(reader, node, plain_group, &suspends);
}

/* A name or a pattern, where `*` alone may stand for all the others. */
static const void *instead_read(struct pack_reader *reader,
                                const struct yaml_node *name,
                                const struct yaml_node *node)
{
    const char *text;

    if (strcmp(name->text, "*") && !pack_name_check(reader, name))
        return NULL;
    return pack_text_read(reader, node, &text) ? text : NULL;
}

static bool insteads_read(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    (void)field;
    return section_read(reader, node, TABLE_INSTEAD, instead_read);
}

struct type_draft {
    struct type_meaning meaning;
    bool is_lock;
    bool is_guard;
    bool is_not_send;
    bool is_refcounted;
    bool is_must_await;
};

static bool type_lock_read(struct pack_reader *reader,
                           const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"blocking", LOCK_BLOCKING},
        {"spin", LOCK_SPIN},
        {"async", LOCK_ASYNC},
        {0},
    };
    struct type_draft *draft = field;
    int value;

    if (!pack_word_read(reader, node, "a kind of lock", words, &value))
        return false;
    draft->is_lock = true;
    draft->meaning.lock = (enum lock_kind)value;
    return true;
}

static const struct pack_key type_keys[] = {
    {"lock", type_lock_read, 0},
    {"recursive", pack_bool_read,
     offsetof(struct type_draft, meaning.is_recursive)},
    {"guard", pack_bool_read, offsetof(struct type_draft, is_guard)},
    {"permits", pack_text_read, offsetof(struct type_draft, meaning.permits)},
    {"not-send", pack_bool_read, offsetof(struct type_draft, is_not_send)},
    {"refcounted", pack_bool_read, offsetof(struct type_draft, is_refcounted)},
    {"must-await", pack_bool_read, offsetof(struct type_draft, is_must_await)},
    {0},
};

static const void *type_read(struct pack_reader *reader,
                             const struct yaml_node *name,
                             const struct yaml_node *node)
{
    struct yaml_node bare = *name;
    struct type_draft draft = {.meaning.name = name->text};
    struct type_meaning *made = arena_alloc(reader->arena, sizeof(*made));

    bare.text = pack_tag_skip(name->text);
    if (!pack_name_check(reader, &bare) ||
        !pack_keys_read(reader, node, "a type", type_keys, &draft))
        return NULL;
    *made = draft.meaning;
    made->traits = (draft.is_lock ? TYPE_LOCK : 0u) |
                   (draft.is_guard ? TYPE_GUARD : 0u) |
                   (draft.is_not_send ? TYPE_NOT_SEND : 0u) |
                   (draft.is_refcounted ? TYPE_REFCOUNTED : 0u) |
                   (draft.is_must_await ? TYPE_MUST_AWAIT : 0u);
    return made;
}

static bool types_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    (void)field;
    return section_read(reader, node, TABLE_TYPES, type_read);
}

/* In the order of reading: conditions need the flags. */
static const struct pack_key pack_keys[] = {
    {"pack", pack_text_read, offsetof(struct pack, name)},
    {"about", pack_text_read, offsetof(struct pack, about)},
    {"headers", headers_read, 0},
    {"names", names_read, 0},
    {"short-sections", short_sections_read,
     offsetof(struct pack, short_sections)},
    {"local-calls", local_calls_read,
     offsetof(struct pack, allows_local_calls)},
    {"async-sections", policy_read,
     offsetof(struct pack, policies[SECTION_ASYNC])},
    {"callback-sections", policy_read,
     offsetof(struct pack, policies[SECTION_CALLBACK])},
    {"ambient", ambient_read, 0},
    {"runtime", runtime_read, 0},
    {"markers", pack_markers_read, 0},
    {"called-under", pack_unders_read, 0},
    {"not-atomic", pack_spared_read, 0},
    {"flags", flags_read, 0},
    {"types", types_read, 0},
    {"functions", functions_read, 0},
    {"macros", macros_read, 0},
    {"harmless", harmless_read, 0},
    {"may-suspend", may_suspend_read, 0},
    {"instead", insteads_read, 0},
    {0},
};

static bool patterns_check(const struct pack_content *content,
                           const struct yaml_node *root, struct err *err)
{
    int patterns = 0;

    for (uint32_t i = 0; i < content->entries.count; i++)
        patterns += strchr(content->entries.items[i].name, '*') != NULL;
    if (patterns > MAX_PATTERNS)
        return yaml_fail(root, err, "%d names with a '*': at most %d", patterns,
                         MAX_PATTERNS);
    return true;
}

bool pack_read(struct arena *arena, const struct yaml_node *root,
               struct pack_content *content, struct err *err)
{
    struct pack_reader reader = {
        .arena = arena, .err = err, .content = content};

    content->pack = arena_alloc(arena, sizeof(*content->pack));
    content->pack->file = arena_strdup(arena, root->file);
    if (!pack_keys_read(&reader, root, "a pack", pack_keys, content->pack))
        return false;
    if (!content->pack->name)
        return yaml_fail(root, err, "a pack has to have a name: add 'pack: …'");
    return patterns_check(content, root, err);
}
