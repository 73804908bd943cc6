/*
 * The schema against the runtimes it is for: a few of the less usual entries
 * of the shipped packs, as units see them that include those runtimes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

enum { MAX_PACK = 1 << 16 };

static struct arena arena;
static const struct model_view *view;
static struct ir_unit unit;

/* Makes `view`: the shipped packs in a unit that includes the header. */
static void view_load(const char *header)
{
    struct model *model = model_new(&arena);
    struct ir_file file;
    struct err err = {0};

    if (!model_shipped_add(model, &err))
        fail_msg("%s", err.text);
    ir_unit_init(&unit, &arena);
    file = (struct ir_file){.path = unit.text.count};
    for (size_t i = 0; i <= strlen(header); i++)
        vec_add(&arena, &unit.text, header[i]);
    vec_add(&arena, &unit.files, file);
    view = model_view_new(model, &unit);
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    memset(&unit, 0, sizeof(unit));
    return 0;
}

static const struct meaning *function(const char *name)
{
    const struct meaning *meaning = model_function_find(view, name);

    assert_non_null(meaning);
    return meaning;
}

static const struct meaning *macro(const char *name)
{
    const struct meaning *meaning = model_macro_find(view, name);

    assert_non_null(meaning);
    return meaning;
}

static bool is_marked(enum marker_kind marker, const char *name)
{
    struct ir_list none = {0, 0};

    return model_marker_find(view, marker, &unit, none, none, name);
}

static ir_id type_add(enum ir_type_kind kind, ir_id of)
{
    struct ir_type type = {.kind = kind, .of = of};

    vec_add(&arena, &unit.types, type);
    return unit.types.count - 1;
}

/* Whether a function that returns a pointer to the record is marked. */
static bool result_marks(enum marker_kind marker, const char *record)
{
    struct ir_record made = {.name = unit.text.count};
    struct ir_symbol symbol = {0};

    for (size_t i = 0; i <= strlen(record); i++)
        vec_add(&arena, &unit.text, record[i]);
    vec_add(&arena, &unit.records, made);
    symbol.type = type_add(IR_TYPE_RECORD, unit.records.count - 1);
    symbol.type = type_add(IR_TYPE_POINTER, symbol.type);
    symbol.type = type_add(IR_TYPE_FUNCTION, symbol.type);
    return model_symbol_marker(view, marker, &unit, &symbol);
}

static void test_qemu(void **state)
{
    const struct effect *effect;

    (void)state;
    view_load("include/qemu/osdep.h");
    effect = macro("QEMU_LOCK_GUARD")->effects;
    assert_int_equal(effect->guard.base, PLACE_SCOPE);
    assert_true(effect->kind_by_type);
    assert_true(macro("WITH_JOB_LOCK_GUARD")->is_block);
    effect = macro("WITH_JOB_LOCK_GUARD")->effects;
    assert_int_equal(effect->on.base, PLACE_GLOBAL);
    assert_string_equal(effect->on.global, "job_mutex");
    effect = function("bdrv_dirty_bitmap_lock")->effects;
    assert_string_equal(effect->on.fields[0], "mutex");
    assert_true(macro("v9fs_co_run_in_worker")->body_offloaded);
    assert_int_equal(function("qemu_in_coroutine")->context_test, ANSWER_MUST);
    assert_int_equal(function("qemu_co_mutex_lock")->suspends, ANSWER_MAY);
    assert_int_equal(function("qemu_co_rwlock_downgrade")->suspends,
                     ANSWER_NEVER);
    assert_false(macro("qemu_co_queue_wait")->is_wait);
    assert_true(macro("qemu_cond_wait")->is_wait);
    assert_true(model_type_find(view, "QemuRecMutex")->is_recursive);
    assert_int_equal(model_type_find(view, "CoMutex")->lock, LOCK_ASYNC);
    assert_true(is_marked(MARKER_ASYNC, "CoroutineEntry"));
    /* The twin is this runtime's, no other's. */
    assert_string_equal(model_instead_find(view, function("usleep")),
                        "qemu_co_sleep_ns");
}

static void test_linux(void **state)
{
    const struct meaning *meaning;

    (void)state;
    view_load("include/linux/mutex.h");
    assert_int_equal(function("regulator_enable")->suspends, ANSWER_MAY);
    meaning = function("mutex_lock_interruptible");
    assert_int_equal(meaning->effects->outcome, OUTCOME_NOT_INTERRUPTED);
    assert_int_equal(function("flush_work")->suspends, ANSWER_MAY);
    assert_true(function("spin_unlock_irq")->effects[1].only_if_held);
    assert_true(macro("local_irq_save")->effects->is_section);
    assert_int_equal(function("mutex_lock_nested")->effects->outcome,
                     OUTCOME_ALWAYS);
    meaning = function("kmalloc");
    assert_int_equal(meaning->exemptions->kind, UNLESS_ARG_LACKS_FLAG);
    assert_int_equal(
        function("class_raw_spinlock_irq_constructor")->effects->kind,
        EFFECT_GUARD_ENTER);
    assert_int_equal(function("class_rcu_destructor")->effects->kind,
                     EFFECT_GUARD_DROP);
    assert_int_equal(macro("read_unlock_bh")->effects->mode, LOCK_SHARED);
    assert_string_equal(
        model_called_under(view, "struct ethtool_ops.get_link")->global,
        "rtnl_mutex");
    assert_int_equal(model_called_under(view, "uart_ops.start_tx")->field_count,
                     1);
    assert_null(model_called_under(view, "uart_ops.startup"));
    assert_string_equal(model_handed_to(view, "notifier_block.notifier_call"),
                        "register_netdevice_notifier");
    assert_null(model_handed_to(view, "uart_ops.start_tx"));
    assert_int_equal(macro("wait_event_timeout")->suspends, ANSWER_MAY);
    assert_true(model_type_find(view, "class_mutex_t")->traits & TYPE_GUARD);
    view_load("include/other.h");
    assert_null(model_function_find(view, "mutex_lock"));
}

/* What they are to a program that uses them as mutexes. */
static void test_semaphores(void **state)
{
    const struct meaning *meaning;

    (void)state;
    view_load("include/linux/semaphore.h");
    meaning = function("down_trylock");
    assert_int_equal(meaning->effects->kind, EFFECT_PERMIT_TAKE);
    assert_int_equal(meaning->as_mutex->effects->kind, EFFECT_ACQUIRE);
    assert_true(meaning->as_mutex->effects->is_try);
    assert_int_equal(function("sema_init")->effects->permits_arg, 1);
    assert_int_equal(function("init_MUTEX")->effects->permits_arg, -1);
    assert_int_equal(function("init_MUTEX")->effects->permits, 1);
    assert_string_equal(model_type_find(view, "struct semaphore")->permits,
                        "count");
    meaning = function("sem_post");
    assert_int_equal(meaning->effect_count, 2);
    assert_int_equal(meaning->as_mutex->effect_count, 1);
    assert_int_equal(meaning->as_mutex->effects->kind, EFFECT_RELEASE);
}

static void test_tarantool(void **state)
{
    (void)state;
    view_load("src/lib/core/fiber.h");
    assert_true(is_marked(MARKER_ASYNC, "fiber_func"));
    assert_true(is_marked(MARKER_MIXED, "cmsg_hop.f"));
    assert_true(is_marked(MARKER_MAY_BLOCK, "eio_fn"));
    assert_int_equal(function("coio_call")->callbacks->timing, TIMING_POOL);
    assert_int_equal(function("coio_read")->callback_count, 0);
    assert_int_equal(function("latch_trylock")->suspends, ANSWER_NEVER);
    assert_true(function("cpipe_push")->is_short_internal);
    assert_true(model_type_find(view, "struct fiber")->traits & TYPE_NOT_SEND);
    assert_string_equal(model_instead_find(view, function("fsync")),
                        "coio_fsync");
}

static void test_others(void **state)
{
    (void)state;
    view_load("include/lwan.h");
    assert_true(is_marked(MARKER_ASYNC, "lwan_handler_hello"));
    assert_true(is_marked(MARKER_ASYNC, "struct lwan_module.handle_request"));
    assert_int_equal(function("lwan_request_await_read")->suspends,
                     ANSWER_MUST);
    view_load("lib/frr_pthread.h");
    assert_true(macro("frr_with_mutex")->effects->on.and_rest);
    /* libfiber's shims say otherwise than POSIX. */
    view_load("include/fiber_io.h");
    assert_int_equal(function("read")->blocks, ANSWER_NEVER);
    assert_int_equal(function("read")->suspends, ANSWER_MAY);
    view_load("tevent/tevent.h");
    assert_true(result_marks(MARKER_MIXED, "struct tevent_req"));
    assert_false(result_marks(MARKER_MIXED, "struct tevent_fd"));
    assert_false(is_marked(MARKER_MIXED, "fetch_send"));
    assert_true(function("tevent_loop_once")->is_bridge);
    assert_true(function("ctdb_ctrl_ping")->is_assumed);
    assert_int_equal(function("ctdb_ctrl_ping_send")->blocks, ANSWER_NEVER);
    view_load("include/neco.h");
    assert_int_equal(function("read")->blocks, ANSWER_MAY);
}

/* Every example in the manual is a pack, or becomes one with a name. */
static void test_manual(void **state)
{
    char *text = arena_alloc(&arena, MAX_PACK);
    FILE *file = fopen(SOURCE_ROOT "/rules/packs/README.md", "r");
    int examples = 0;

    (void)state;
    assert_non_null(file);
    assert_true(fread(text, 1, MAX_PACK - 1, file) > 0);
    fclose(file);
    while ((text = strstr(text, "```yaml\n"))) {
        char *end = strstr(text += strlen("```yaml\n"), "```");
        const char *pack;
        struct err err = {0};

        assert_non_null(end);
        pack = arena_printf(&arena, "%s%.*s",
                            strncmp(text, "pack:", 5) ? "pack: manual\n" : "",
                            (int)(end - text), text);
        if (!model_pack_add(model_new(&arena), "README.md", pack, strlen(pack),
                            &err))
            fail_msg("%s\n%s", err.text, pack);
        examples++;
        text = end + 3;
    }
    assert_true(examples > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_qemu, teardown),
        cmocka_unit_test_teardown(test_linux, teardown),
        cmocka_unit_test_teardown(test_semaphores, teardown),
        cmocka_unit_test_teardown(test_tarantool, teardown),
        cmocka_unit_test_teardown(test_others, teardown),
        cmocka_unit_test_teardown(test_manual, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
