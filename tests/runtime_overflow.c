/*
 * Stack overflow: the process ends with a line that names the task and with a
 * status of its own; other faults end it as they always did.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/child.h"
#include "support/forbid.h"

#define SAID_SIZE 512

/* Each call keeps a kilobyte, and needs it after the next one returned. */
__attribute__((noinline)) static int dig(int depth)
{
    volatile char frame[1024];

    frame[0] = (char)depth;
    frame[1023] = (char)(depth == 0 ? 1 : dig(depth - 1));
    return frame[0] + frame[1023];
}

ASYNC static void *digs_deep(void *arg)
{
    await rt_yield();
    *(int *)arg = dig(1000000);
    return NULL;
}

/* Over the end of the stack, but not far. */
ASYNC static void *digs_too_deep(void *arg)
{
    *(int *)arg = dig(64);
    await rt_yield();
    return NULL;
}

ASYNC static void *digs_hardly(void *arg)
{
    *(int *)arg = dig(32);
    await rt_yield();
    return NULL;
}

/* Two thirds of a stack of 1 MiB: far more than the default has. */
ASYNC static void *digs_within(void *arg)
{
    await rt_yield();
    *(int *)arg = dig(160);
    return NULL;
}

ASYNC static void *writes_elsewhere(void *arg)
{
    volatile char *nobodys =
        mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)arg;
    await rt_yield();
    *nobodys = 1;
    return NULL;
}

/* The first worker is the calling thread, the others are started for it. */
ASYNC static void *digs_on_any_worker(void *arg)
{
    for (int i = 0; i < 8; i++)
        rt_detach(rt_spawn(digs_deep, arg));
    await rt_sleep_ms(1000);
    return NULL;
}

/* From now on the kernel installs no guards, as one before 6.13 whose mappings
 * are used up. */
static void guards_refuse(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 2, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 3, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_NONE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
    };

    filter_install(filter, sizeof filter / sizeof filter[0]);
}

/* Runs entry in a child of its own; what it said on stderr is in `said`. The
 * child ends as waitpid says: an exit status, or minus a signal. */
static int child_run_after(void (*prepare)(void), rt_task_fn *entry,
                           struct rt_config config, char said[SAID_SIZE])
{
    struct child child;
    int status;
    int sink;

    if (!child_start(&child)) {
        signal(SIGSEGV, SIG_DFL); /* not cmocka's */
        prepare();
        _exit(rt_block_on(&config, entry, &sink) == 0 ? 0 : 1);
    }
    status = child_end(&child, said, SAID_SIZE);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void nothing_special(void)
{
}

static int child_run(rt_task_fn *entry, struct rt_config config,
                     char said[SAID_SIZE])
{
    return child_run_after(nothing_special, entry, config, said);
}

static void overflow_check(rt_task_fn *entry, int workers)
{
    struct rt_config config = {.workers = workers};
    char said[SAID_SIZE];

    assert_int_equal(child_run(entry, config, said), RT_OVERFLOW_EXIT);
    assert_non_null(strstr(said, "rt: stack overflow: the task that runs '"));
    assert_non_null(strstr(said, "runtime_overflow+0x"));
}

static void test_overflow_is_named(void **state)
{
    (void)state;
    overflow_check(digs_deep, 1);
    overflow_check(digs_on_any_worker, 3);
}

/* Sanitizers have stacks four times as large. */
static void test_without_guards(void **state)
{
    struct rt_config config = {.stack_size = (size_t)64 * 1024};
    char said[SAID_SIZE];
    int status = child_run_after(guards_refuse, digs_hardly, config, said);

    (void)state;
    if (status == FORBID_FAILED)
        skip();
    assert_int_equal(status, 0);
    status = child_run_after(guards_refuse, digs_too_deep, config, said);
    assert_int_equal(status, RT_OVERFLOW_EXIT);
    assert_non_null(strstr(said, "rt: stack overflow: the task that runs '"));
}

static void test_larger_stacks(void **state)
{
    struct rt_config config = {.stack_size = (size_t)1024 * 1024};
    char said[SAID_SIZE];

    (void)state;
    assert_int_equal(child_run(digs_within, config, said), 0);
    assert_string_equal(said, "");
}

static void test_other_faults_are_left_alone(void **state)
{
    struct rt_config config = {0};
    char said[SAID_SIZE];

    (void)state;
    assert_int_equal(child_run(writes_elsewhere, config, said), -SIGSEGV);
    assert_null(strstr(said, "stack overflow"));
}

/* The thread that called rt_block_on gets back what it had. */
ASYNC static void *does_nothing(void *arg)
{
    return arg;
}

static void test_alternate_stack_is_restored(void **state)
{
    stack_t before;
    stack_t after;

    (void)state;
    assert_int_equal(sigaltstack(NULL, &before), 0);
    assert_int_equal(rt_block_on(NULL, does_nothing, NULL), 0);
    assert_int_equal(sigaltstack(NULL, &after), 0);
    assert_ptr_equal(before.ss_sp, after.ss_sp);
    assert_int_equal(before.ss_flags, after.ss_flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overflow_is_named),
        cmocka_unit_test(test_larger_stacks),
        cmocka_unit_test(test_without_guards),
        cmocka_unit_test(test_other_faults_are_left_alone),
        cmocka_unit_test(test_alternate_stack_is_restored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
