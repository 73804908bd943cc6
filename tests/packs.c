/*
 * Packs as files: the shipped ones are read and hold together, and each kind
 * of mistake gets its sentence, with the place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "base/yaml_flat.h"
#include "model/model.h"
#include "model/pack_read.h"
#include "model/pack_sources.h"

/* The model with all shipped packs, as a unit sees it that includes rt.h. */
static const struct model_view *shipped_view(struct arena *arena)
{
    static const char path[] = "include/rt.h";
    struct ir_unit *unit = arena_alloc(arena, sizeof(*unit));
    struct model *model = model_new(arena);
    struct ir_file file;
    struct err err = {0};

    if (!model_shipped_add(model, &err))
        fail_msg("%s", err.text);
    ir_unit_init(unit, arena);
    file = (struct ir_file){.path = unit->text.count};
    for (size_t i = 0; i < sizeof(path); i++)
        vec_add(arena, &unit->text, path[i]);
    vec_add(arena, &unit->files, file);
    return model_view_new(model, unit);
}

static struct yaml_node *tree_of(struct arena *arena, int pack)
{
    return yaml_flat_read(arena, pack_sources[pack].name,
                          pack_sources[pack].tree);
}

/* Two shipped packs that count in all units never speak of the same function:
 * nobody should have to know in which order they are read. */
static void test_shipped_disjoint(void **state)
{
    struct arena arena = {0};
    struct map seen = {.arena = &arena};

    (void)state;
    assert_true(pack_source_count > 1);
    for (int i = 0; i < pack_source_count; i++) {
        struct pack_content content = {0};
        struct err err = {0};

        if (!pack_read(&arena, tree_of(&arena, i), &content, &err))
            fail_msg("%s", err.text);
        assert_non_null(content.pack->about);
        for (uint32_t j = 0; j < content.entries.count; j++) {
            const struct pack_entry *entry = &content.entries.items[j];
            bool is_new = true;

            if (entry->table == TABLE_FUNCTIONS && !content.has_headers)
                map_add_str(&seen, entry->name, 0, &is_new);
            if (!is_new)
                fail_msg("%s: '%s' is in another pack too",
                         pack_sources[i].name, entry->name);
        }
    }
    arena_finish(&arena);
}

static void test_shipped_locks(void **state)
{
    struct arena arena = {0};
    const struct model_view *view = shipped_view(&arena);
    const struct meaning *meaning;

    (void)state;
    meaning = model_function_find(view, "pthread_mutex_lock");
    assert_int_equal(meaning->effects->kind, EFFECT_ACQUIRE);
    assert_int_equal(meaning->effects->outcome, OUTCOME_ZERO);
    assert_false(meaning->effects->is_try);
    meaning = model_function_find(view, "pthread_mutex_trylock");
    assert_true(meaning->effects->is_try);
    meaning = model_function_find(view, "async_mutex_try_lock");
    assert_int_equal(meaning->effects->outcome, OUTCOME_NONZERO);
    assert_int_equal(meaning->suspends, ANSWER_NEVER);
    meaning = model_function_find(view, "blocking_mutex_guard_enter");
    assert_int_equal(meaning->effects->kind, EFFECT_GUARD_ENTER);
    assert_int_equal(meaning->effects->guard.base, PLACE_RESULT);
    assert_true(model_type_find(view, "struct async_mutex_guard")->traits &
                TYPE_GUARD);
    assert_non_null(model_await_word(view, "await"));
    arena_finish(&arena);
}

/* What the pack says, as it was written. */
static struct pack_content content_read(struct arena *arena, int pack)
{
    struct pack_content content = {0};
    struct err err = {0};

    assert_true(pack_read(arena, tree_of(arena, pack), &content, &err));
    return content;
}

/* Each blocking call says why, in a clause that fits into a sentence, and the
 * bundled runtime has an answer to it. */
static void test_shipped_reasons(void **state)
{
    struct arena arena = {0};
    const struct model_view *view = shipped_view(&arena);
    int blocking = 0;

    (void)state;
    for (int i = 0; i < pack_source_count; i++) {
        struct pack_content content = content_read(&arena, i);

        for (uint32_t j = 0; j < content.entries.count; j++) {
            const struct meaning *meaning = content.entries.items[j].what;

            if (content.entries.items[j].table != TABLE_FUNCTIONS ||
                meaning->blocks != ANSWER_MAY)
                continue;
            blocking++;
            if (!meaning->reason || !model_instead_find(view, meaning))
                fail_msg("'%s' has no reason or no twin", meaning->name);
            if (!islower((unsigned char)*meaning->reason) ||
                strchr(meaning->reason, '.'))
                fail_msg("'%s': \"%s\"", meaning->name, meaning->reason);
        }
    }
    assert_true(blocking >= 250);
    arena_finish(&arena);
}

/* The bundled runtime's headers, one behind the other, as rt.h names them. */
static const char *headers_read(struct arena *arena)
{
    static const char folder[] = SOURCE_ROOT "/runtime-sample/include/";
    struct strbuf all = {.arena = arena};
    struct file_bytes bytes;

    assert_true(file_read(AT_FDCWD, SOURCE_ROOT "/runtime-sample/include/rt.h",
                          0, arena, &bytes));
    for (const char *at = bytes.bytes; (at = strstr(at, "#include \"rt/"));) {
        const char *name = at + strlen("#include \"");
        struct file_bytes header;

        at = strchr(name, '"');
        assert_true(file_read(
            AT_FDCWD,
            arena_printf(arena, "%s%.*s", folder, (int)(at - name), name), 0,
            arena, &header));
        strbuf_add(&all, header.bytes);
    }
    return strbuf_text(&all);
}

/* How many names with a `_` there are in it; each has to be declared. */
static int names_check(struct arena *arena, const char *headers,
                       const char *instead)
{
    char *text = arena_strdup(arena, instead);
    int names = 0;

    for (char *word = strtok(text, " ,"); word; word = strtok(NULL, " ,")) {
        if (!strchr(word, '_'))
            continue;
        names++;
        if (!strstr(headers, arena_printf(arena, "%s(", word)) &&
            !strstr(headers, arena_printf(arena, "struct %s ", word)))
            fail_msg("'%s' is in no header", word);
    }
    return names;
}

/* What is said to be called instead is there. */
static void test_shipped_instead(void **state)
{
    struct arena arena = {0};
    const char *headers = headers_read(&arena);
    int names = 0;

    (void)state;
    for (int i = 0; i < pack_source_count; i++) {
        struct pack_content content = content_read(&arena, i);

        for (uint32_t j = 0; j < content.entries.count; j++)
            if (content.entries.items[j].table == TABLE_INSTEAD &&
                !strcmp(content.pack->name, "rt"))
                names +=
                    names_check(&arena, headers, content.entries.items[j].what);
    }
    assert_true(names >= 40);
    arena_finish(&arena);
}

static void test_shipped_calls(void **state)
{
    struct arena arena = {0};
    const struct model_view *view = shipped_view(&arena);
    const struct meaning *meaning;

    (void)state;
    meaning = model_function_find(view, "recv");
    assert_int_equal(meaning->exemption_count, 2);
    assert_int_equal(meaning->exemptions[0].kind, UNLESS_ARG_HAS_FLAG);
    assert_int_equal(meaning->exemptions[0].value, 0x40);
    assert_string_equal(meaning->exemptions[0].name, "MSG_DONTWAIT");
    assert_string_equal(model_instead_find(view, meaning), "rt_tcp_read");
    assert_int_equal(model_function_find(view, "close")->blocks, ANSWER_NEVER);
    assert_int_equal(model_function_find(view, "ioctl")->blocks,
                     ANSWER_UNKNOWN);
    meaning = model_function_find(view, "fcntl");
    assert_int_equal(meaning->effects->kind, EFFECT_NONBLOCKING);
    assert_int_equal(meaning->effects->condition_count, 2);
    meaning = model_function_find(view, "qsort");
    assert_int_equal(meaning->callbacks->arg, 3);
    assert_int_equal(meaning->callbacks->timing, TIMING_NOW);
    meaning = model_function_find(view, "longjmp");
    assert_true(meaning->is_noreturn && meaning->skips_cleanups);
    assert_null(model_function_find(view, "my_own_function"));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_disjoint),
        cmocka_unit_test(test_shipped_locks),
        cmocka_unit_test(test_shipped_reasons),
        cmocka_unit_test(test_shipped_instead),
        cmocka_unit_test(test_shipped_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
