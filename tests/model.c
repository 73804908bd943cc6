/*
 * The model's questions: which entry answers for a name, in which unit a pack
 * counts, and what places, markers and conditions become.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

/* A model with one pack or two, and a unit that includes one header. */
struct world {
    struct arena arena;
    struct model *model;
    struct ir_unit unit;
};

static void world_init(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->model = model_new(&world->arena);
    ir_unit_init(&world->unit, &world->arena);
}

static void pack_add(struct world *world, const char *text)
{
    struct err err = {0};

    if (!model_pack_add(world->model, "test.yaml", text, strlen(text), &err))
        fail_msg("%s", err.text);
}

static ir_str text_add(struct world *world, const char *text)
{
    ir_str at = world->unit.text.count;

    do {
        vec_add(&world->arena, &world->unit.text, *text);
    } while (*text++);
    return at;
}

static void file_add(struct world *world, const char *path)
{
    struct ir_file file = {.path = text_add(world, path)};

    vec_add(&world->arena, &world->unit.files, file);
}

static struct ir_list list_add(struct world *world, const char *text)
{
    struct ir_list list = {world->unit.lists.count, 1};

    vec_add(&world->arena, &world->unit.lists, text_add(world, text));
    return list;
}

static const struct model_view *view_of(struct world *world)
{
    return model_view_new(world->model, &world->unit);
}

static const struct meaning *function_of(struct world *world, const char *name)
{
    return model_function_find(view_of(world), name);
}

static void test_effects(void **state)
{
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world,
             "pack: p\n"
             "functions:\n"
             "  lock: {acquire: {lock: arg0, kind: spin, mode: shared,\n"
             "                   when: result == 0, recursive: true}}\n"
             "  unlock: {release: arg1}\n"
             "  rename: {release: arg0,\n"
             "           acquire: [{lock: arg1, kind: async},\n"
             "                     {lock: arg2, kind: by-type}]}\n");
    meaning = function_of(&world, "lock");
    assert_int_equal(meaning->effect_count, 1);
    assert_int_equal(meaning->effects->kind, EFFECT_ACQUIRE);
    assert_int_equal(meaning->effects->lock, LOCK_SPIN);
    assert_int_equal(meaning->effects->mode, LOCK_SHARED);
    assert_int_equal(meaning->effects->outcome, OUTCOME_ZERO);
    assert_true(meaning->effects->is_recursive);
    assert_false(meaning->effects->is_try);
    assert_int_equal(meaning->suspends, ANSWER_NEVER);
    assert_int_equal(meaning->context_test, ANSWER_UNKNOWN);
    meaning = function_of(&world, "unlock");
    assert_int_equal(meaning->effects->kind, EFFECT_RELEASE);
    assert_int_equal(meaning->effects->mode, LOCK_EITHER);
    assert_int_equal(meaning->effects->on.arg, 1);
    meaning = function_of(&world, "rename");
    assert_int_equal(meaning->effect_count, 3);
    assert_int_equal(meaning->suspends, ANSWER_MAY);
    /* It gives back before it takes. */
    assert_int_equal(meaning->effects[0].kind, EFFECT_RELEASE);
    assert_false(meaning->effects[1].kind_by_type);
    assert_true(meaning->effects[2].kind_by_type);
    assert_null(function_of(&world, "other"));
    assert_null(model_macro_find(view_of(&world), "lock"));
    arena_finish(&world.arena);
}

static void test_places(void **state)
{
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: p\n"
                     "functions:\n"
                     "  a: {release: arg0->mutex}\n"
                     "  b: {release: \"&arg12->left.right->m\"}\n"
                     "  c: {release: global:job_mutex}\n"
                     "  d: {release: result}\n"
                     "  e: {release: arg1...}\n"
                     "  f: {guard: {enter: scope, lock: global:g.m,\n"
                     "              kind: blocking}}\n");
    meaning = function_of(&world, "a");
    assert_int_equal(meaning->effects->on.base, PLACE_ARG);
    assert_int_equal(meaning->effects->on.field_count, 1);
    assert_string_equal(meaning->effects->on.fields[0], "mutex");
    meaning = function_of(&world, "b");
    assert_int_equal(meaning->effects->on.arg, 12);
    assert_int_equal(meaning->effects->on.field_count, 3);
    assert_string_equal(meaning->effects->on.fields[1], "right");
    meaning = function_of(&world, "c");
    assert_int_equal(meaning->effects->on.base, PLACE_GLOBAL);
    assert_string_equal(meaning->effects->on.global, "job_mutex");
    assert_int_equal(meaning->effects->on.field_count, 0);
    assert_int_equal(function_of(&world, "d")->effects->on.base, PLACE_RESULT);
    assert_true(function_of(&world, "e")->effects->on.and_rest);
    meaning = function_of(&world, "f");
    assert_int_equal(meaning->effects->guard.base, PLACE_SCOPE);
    assert_string_equal(meaning->effects->on.global, "g");
    assert_string_equal(meaning->effects->on.fields[0], "m");
    arena_finish(&world.arena);
}

static void test_guards(void **state)
{
    static const struct {
        const char *name;
        enum effect_kind kind;
        enum place_base guard;
    } expected[] = {
        {"enter", EFFECT_GUARD_ENTER, PLACE_RESULT},
        {"defer", EFFECT_GUARD_DEFER, PLACE_RESULT},
        {"adopt", EFFECT_GUARD_ADOPT, PLACE_ARG},
        {"take", EFFECT_GUARD_TAKE, PLACE_ARG},
        {"drop", EFFECT_GUARD_DROP, PLACE_ARG},
        {"move", EFFECT_GUARD_MOVE, PLACE_RESULT},
    };
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world,
             "pack: p\n"
             "functions:\n"
             "  enter: {guard: {enter: result, lock: arg0, kind: blocking}}\n"
             "  defer: {guard: {defer: result, lock: arg0, kind: blocking}}\n"
             "  adopt: {guard: {adopt: arg0, lock: arg1, kind: blocking}}\n"
             "  take: {guard: {take: arg0}}\n"
             "  drop: {guard: {drop: arg0}}\n"
             "  move: {guard: {move: result, from: arg0}}\n");
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        meaning = function_of(&world, expected[i].name);
        assert_int_equal(meaning->effects->kind, expected[i].kind);
        assert_int_equal(meaning->effects->guard.base, expected[i].guard);
    }
    assert_int_equal(meaning->effects->on.base, PLACE_ARG);
    arena_finish(&world.arena);
}

static void test_waits_and_callbacks(void **state)
{
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world,
             "pack: p\n"
             "functions:\n"
             "  wait: {wait: {for: arg0, releases: arg1}, blocks: for long}\n"
             "  join: {wait: true, blocks: may}\n"
             "  co_wait: {wait: {releases: arg1}, suspends: must}\n"
             "  start: {runs: {arg2: thread, arg0: now}}\n");
    meaning = function_of(&world, "wait");
    assert_true(meaning->is_wait);
    assert_int_equal(meaning->blocks, ANSWER_MAY);
    assert_string_equal(meaning->reason, "for long");
    assert_int_equal(meaning->effects[0].kind, EFFECT_EVENT_WAIT);
    assert_int_equal(meaning->effects[1].kind, EFFECT_WAIT);
    assert_int_equal(meaning->effects[1].on.arg, 1);
    meaning = function_of(&world, "join");
    assert_true(meaning->is_wait);
    assert_null(meaning->reason);
    assert_int_equal(meaning->effect_count, 0);
    meaning = function_of(&world, "co_wait");
    assert_false(meaning->is_wait);
    assert_int_equal(meaning->suspends, ANSWER_MUST);
    meaning = function_of(&world, "start");
    assert_int_equal(meaning->callback_count, 2);
    assert_int_equal(meaning->callbacks[0].arg, 2);
    assert_int_equal(meaning->callbacks[0].timing, TIMING_THREAD);
    assert_int_equal(meaning->callbacks[1].timing, TIMING_NOW);
    arena_finish(&world.arena);
}

static void test_conditions(void **state)
{
    static const struct exemption expected[] = {
        {UNLESS_ARG_HAS_FLAG, 3, NULL, 0x40, "NOW", NULL, 0},
        {UNLESS_ARG_EQUALS, 2, NULL, 0, NULL, NULL, 0},
        {UNLESS_ARG_DIFFERS, 1, NULL, 7, NULL, NULL, 0},
        {UNLESS_ARG_LACKS_FLAG, 1, NULL, 0x40, "NOW", NULL, 0},
        {UNLESS_ARG_TO_ZERO, 4, NULL, 0, NULL, NULL, 0},
        {UNLESS_FD_NONBLOCKING, 0, NULL, 0, NULL, NULL, 0},
        {UNLESS_STREAM_IN_MEMORY, 2, NULL, 0, NULL, NULL, 0},
        {UNLESS_ARG_DIFFERS, 1, NULL, 0x40, "NOW", NULL, 2},
        {UNLESS_ARG_EQUALS, 2, "kind", 4, NULL, NULL, 0},
    };
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: p\n"
                     "functions:\n"
                     "  f:\n"
                     "    blocks: waits for data\n"
                     "    unless: [{arg: 3, has: NOW}, {arg: 2, is: 0},\n"
                     "             {arg: 1, is-not: 7}, {arg: 1, lacks: NOW},\n"
                     "             {arg: 4, points-to: zero},\n"
                     "             {fd: 0, is: nonblocking},\n"
                     "             {stream: 2, is: in-memory},\n"
                     "             {arg: 1, is-not: [NOW, 3, 5]},\n"
                     "             {arg: 2, field: kind, is: 4}]\n"
                     "  g: {nonblocking: {of: arg0, if: {arg: 2, has: NOW}}}\n"
                     "flags: {NOW: 0x40}\n");
    meaning = function_of(&world, "f");
    assert_int_equal(meaning->exemption_count, 9);
    for (int i = 0; i < meaning->exemption_count; i++) {
        const struct exemption *got = &meaning->exemptions[i];

        assert_int_equal(got->kind, expected[i].kind);
        assert_int_equal(got->arg, expected[i].arg);
        assert_int_equal(got->value, expected[i].value);
        assert_int_equal(got->name != NULL, expected[i].name != NULL);
        assert_int_equal(got->field != NULL, expected[i].field != NULL);
        assert_int_equal(got->other_count, expected[i].other_count);
    }
    assert_string_equal(meaning->exemptions[8].field, "kind");
    assert_int_equal(
        meaning->exemptions[7].others[0] + meaning->exemptions[7].others[1], 8);
    meaning = function_of(&world, "g");
    assert_int_equal(meaning->effects->kind, EFFECT_NONBLOCKING);
    assert_int_equal(meaning->effects->condition_count, 1);
    arena_finish(&world.arena);
}

/* An exact name, then the longest pattern, then the later pack. */
static void test_names(void **state)
{
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: one\n"
                     "functions:\n"
                     "  \"*_lock\": {blocks: by suffix}\n"
                     "  mutex_*: {blocks: by prefix}\n"
                     "  mutex_lock_*: {blocks: by long prefix}\n"
                     "  mutex_lock_now: {blocks: by name}\n");
    assert_string_equal(function_of(&world, "mutex_lock_now")->reason,
                        "by name");
    assert_string_equal(function_of(&world, "mutex_lock_io")->reason,
                        "by long prefix");
    assert_string_equal(function_of(&world, "mutex_init")->reason, "by prefix");
    assert_string_equal(function_of(&world, "spin_lock")->reason, "by suffix");
    assert_null(function_of(&world, "spin_unlocked"));
    pack_add(&world, "pack: two\n"
                     "functions:\n"
                     "  mutex_*: {blocks: by later prefix}\n"
                     "  mutex_lock_now: {blocks: by later name}\n");
    assert_string_equal(function_of(&world, "mutex_init")->reason,
                        "by later prefix");
    assert_string_equal(function_of(&world, "mutex_lock_now")->reason,
                        "by later name");
    assert_string_equal(function_of(&world, "mutex_lock_io")->reason,
                        "by long prefix");
    arena_finish(&world.arena);
}

static void test_headers(void **state)
{
    static const struct {
        const char *path;
        bool counts;
    } cases[] = {
        {"include/rt.h", true},    {"rt.h", true},
        {"include/art.h", false},  {"rt.h/x.c", false},
        {"/usr/rt/task.h", true},  {"rt/task.h", true},
        {"include/rt/x.c", false}, {"start/task.h", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct world world;
        int count;

        world_init(&world);
        pack_add(&world, "pack: always\nfunctions: {f: {blocks: at times}}\n");
        pack_add(&world, "pack: rt\n"
                         "headers: [rt.h, \"rt/*.h\"]\n"
                         "functions: {f: {blocks: never}}\n");
        file_add(&world, "main.c");
        file_add(&world, cases[i].path);
        assert_int_equal(function_of(&world, "f")->blocks,
                         cases[i].counts ? ANSWER_NEVER : ANSWER_MAY);
        assert_string_equal(model_packs(view_of(&world), &count)[0]->name,
                            "always");
        assert_int_equal(count, cases[i].counts ? 2 : 1);
        arena_finish(&world.arena);
    }
}

static void test_markers(void **state)
{
    const struct model_view *view;
    struct ir_list none = {0, 0};
    struct ir_list annotation;
    struct ir_list word;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: p\n"
                     "markers:\n"
                     "  async:\n"
                     "    annotations: [\"p::async\"]\n"
                     "    words: ASYNC\n"
                     "    functions: [co_*, entry]\n"
                     "    fields: [ops.flush, struct driver.co_*]\n"
                     "    typedefs: [entry_fn]\n"
                     "  sync-only: {words: [NO_ASYNC]}\n"
                     "  await: {words: [await]}\n");
    annotation = list_add(&world, "p::async");
    word = list_add(&world, "ASYNC");
    view = view_of(&world);
#define FIND(kind, annotations, words, name)                                   \
    model_marker_find(view, kind, &world.unit, annotations, words, name)
    assert_non_null(FIND(MARKER_ASYNC, annotation, none, NULL));
    assert_non_null(FIND(MARKER_ASYNC, none, word, NULL));
    assert_non_null(FIND(MARKER_ASYNC, none, none, "co_read"));
    assert_non_null(FIND(MARKER_ASYNC, none, none, "struct ops.flush"));
    assert_non_null(FIND(MARKER_ASYNC, none, none, "driver.co_read"));
    assert_non_null(FIND(MARKER_ASYNC, none, none, "entry_fn"));
    assert_null(FIND(MARKER_ASYNC, none, none, "ops.open"));
    assert_null(FIND(MARKER_SYNC_ONLY, annotation, word, "entry"));
    assert_null(FIND(MARKER_ASYNC, word, annotation, NULL));
#undef FIND
    assert_string_equal(model_await_word(view, "await")->name, "p");
    assert_null(model_await_word(view, "ASYNC"));
    arena_finish(&world.arena);
}

static void test_types_and_runtime(void **state)
{
    const struct type_meaning *type;
    const struct pack *pack;
    struct world world;
    int count;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: p\n"
                     "about: a runtime\n"
                     "short-sections: allow\n"
                     "runtime: {threads: many, await-required: true}\n"
                     "types:\n"
                     "  struct co_mutex: {lock: async, recursive: true}\n"
                     "  class_*_t: {guard: true, must-await: true}\n");
    type = model_type_find(view_of(&world), "struct co_mutex");
    assert_int_equal(type->traits, TYPE_LOCK);
    assert_int_equal(type->lock, LOCK_ASYNC);
    assert_true(type->is_recursive);
    type = model_type_find(view_of(&world), "class_spinlock_t");
    assert_int_equal(type->traits, TYPE_GUARD | TYPE_MUST_AWAIT);
    assert_null(model_type_find(view_of(&world), "co_mutex"));
    pack = model_packs(view_of(&world), &count)[0];
    assert_string_equal(pack->about, "a runtime");
    assert_string_equal(pack->file, "test.yaml");
    assert_int_equal(pack->short_sections, SHORT_ALLOW);
    assert_true(pack->has_async && pack->is_multithread);
    assert_true(pack->requires_await);
    assert_false(pack->requires_async || pack->cancel_skips_cleanups);
    arena_finish(&world.arena);
}

static void test_local_calls(void **state)
{
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: libc\n"
                     "functions:\n"
                     "  fsync: {blocks: waits for the disk}\n"
                     "  open:\n"
                     "    local: true\n"
                     "    blocks: waits for the file system\n"
                     "    unless: {arg: 1, is: 7}\n"
                     "    nonblocking: result\n");
    meaning = model_function_find(view_of(&world), "open");
    assert_int_equal(meaning->blocks, ANSWER_MAY);
    assert_int_equal(meaning->exemption_count, 1);
    pack_add(&world, "pack: loop\nlocal-calls: allow\n");
    meaning = model_function_find(view_of(&world), "open");
    assert_int_equal(meaning->blocks, ANSWER_NEVER);
    assert_int_equal(meaning->exemption_count, 0);
    assert_true(meaning_has(meaning, EFFECT_NONBLOCKING));
    meaning = model_function_find(view_of(&world), "fsync");
    assert_int_equal(meaning->blocks, ANSWER_MAY);
    arena_finish(&world.arena);
}

static void test_macros_and_instead(void **state)
{
    const struct model_view *view;
    const struct meaning *meaning;
    struct world world;

    (void)state;
    world_init(&world);
    pack_add(&world, "pack: libc\n"
                     "functions:\n"
                     "  sleep: {blocks: until the time is over}\n"
                     "  fsync: {blocks: for the disk, instead: a thread}\n"
                     "  recv: {blocks: for the peer, instead: poll}\n"
                     "  quick: {}\n"
                     "macros:\n"
                     "  WITH_LOCK: {block: true,\n"
                     "              acquire: {lock: arg0, kind: by-type}}\n"
                     "  in_worker: {offloads-body: true, suspends: must}\n");
    view = view_of(&world);
    meaning = model_macro_find(view, "WITH_LOCK");
    assert_true(meaning->is_block && meaning->effects->kind_by_type);
    assert_true(model_macro_find(view, "in_worker")->body_offloaded);
    assert_null(model_function_find(view, "WITH_LOCK"));
    assert_null(model_instead_find(view, model_function_find(view, "sleep")));
    pack_add(&world, "pack: rt\n"
                     "instead:\n"
                     "  recv: rt_recv\n"
                     "  \"*\": rt_pool\n");
    view = view_of(&world);
#define INSTEAD(name) model_instead_find(view, model_function_find(view, name))
    assert_string_equal(INSTEAD("sleep"), "rt_pool");
    assert_string_equal(INSTEAD("fsync"), "a thread");
    assert_string_equal(INSTEAD("recv"), "rt_recv");
    assert_null(INSTEAD("quick"));
#undef INSTEAD
    arena_finish(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effects),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_waits_and_callbacks),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_markers),
        cmocka_unit_test(test_types_and_runtime),
        cmocka_unit_test(test_local_calls),
        cmocka_unit_test(test_macros_and_instead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
