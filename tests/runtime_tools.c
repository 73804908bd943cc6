/*
 * gdb and valgrind, where they are installed: a task's backtrace goes down to
 * its first function and ends there, in every kind of place; and switches of
 * stacks are no errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

/* Runs a line of shell; what it said is in `said`. Its exit status. */
static int shell_run(const char *command, char *said, size_t size)
{
    size_t length;
    int status;
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    length = fread(said, 1, size - 1, pipe);
    said[length] = '\0';
    while (fgetc(pipe) != EOF)
        continue;
    status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_installed(const char *tool)
{
    char command[128];

    snprintf(command, sizeof command, "command -v %s >/dev/null", tool);
    return system(command) == 0;
}

/* Stops `example` in `function` and prints the stack there. False if gdb can't
 * run programs here (containers forbid it). */
static bool backtrace_get(const char *example, const char *function, char *said,
                          size_t size)
{
    char command[1024];

    snprintf(command, sizeof command,
             "gdb -nx -batch -iex 'set debuginfod enabled off' "
             "-ex 'set breakpoint pending on' -ex 'break %s' -ex run "
             "-ex backtrace -ex kill %s/example_%s 2>&1",
             function, RT_EXAMPLES_DIR, example);
    shell_run(command, said, size);
    return strstr(said, "hit Breakpoint 1") != NULL;
}

/* The frames from `inner` outwards, in this order, and then the end. */
static void backtrace_check(const char *example, const char *inner,
                            const char *outer)
{
    static char said[65536];
    const char *frame;
    const char *task;
    const char *start;

    if (!is_installed("gdb") || IS_SANITIZED ||
        !backtrace_get(example, inner, said, sizeof said))
        skip();
    frame = strstr(said, "#0 ");
    task = frame ? strstr(frame, outer) : NULL;
    start = task ? strstr(task, "rt_switch_start") : NULL;
    if (!start)
        fail_msg("no backtrace from %s to %s: %s", inner, outer, said);
    assert_null(strstr(frame, "corrupt stack"));
    assert_null(strstr(frame, "?? ()"));
    start = strchr(start, '\n');
    assert_null(start ? strstr(start, "\n#") : NULL);
}

/* In a task's own code; in the runtime, about to switch; and on the stack of
 * another task, where the commit function of the first one runs. */
static void test_gdb_shows_a_task(void **state)
{
    (void)state;
    backtrace_check("counter", "async_mutex_lock", "in task_main");
}

static void test_gdb_shows_a_switch(void **state)
{
    (void)state;
    backtrace_check("connection_pool", "rt_task_suspend", "in task_main");
}

static void valgrind_check(const char *example)
{
    static char said[65536];
    char command[1024];

    if (!is_installed("valgrind") || IS_SANITIZED)
        skip();
    snprintf(command, sizeof command,
             "RT_WATCHDOG_MS=0 valgrind --error-exitcode=9 --leak-check=full "
             "%s/example_%s 2>&1",
             RT_EXAMPLES_DIR, example);
    if (shell_run(command, said, sizeof said) != 0 ||
        strstr(said, "client switching stacks?") ||
        !strstr(said, "ERROR SUMMARY: 0 errors"))
        fail_msg("valgrind on %s: %s", example, said);
}

static void test_valgrind_knows_the_stacks(void **state)
{
    (void)state;
    valgrind_check("counter");
}

static void test_valgrind_and_many_workers(void **state)
{
    (void)state;
    valgrind_check("connection_pool");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gdb_shows_a_task),
        cmocka_unit_test(test_gdb_shows_a_switch),
        cmocka_unit_test(test_valgrind_knows_the_stacks),
        cmocka_unit_test(test_valgrind_and_many_workers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
