/*
 * The Promela models in models/, checked by spin where it is installed: every
 * interleaving of the async mutex, of the parking of workers and of their
 * queues. Each is then checked with the faults that its head names, one at a
 * time: a model that lets them pass would prove nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs spin, the compiler and the checker in a folder of their own, and sees
 * whether the checker counted no errors, or one for a seeded fault: that is
 * found soon, so that optimising would take longer than it saves. */
static void model_run(const char *name, const char *fault)
{
    char folder[] = "/tmp/rt_model_XXXXXX";
    char command[8192];
    char report[8192];
    size_t length;
    FILE *pipe;

    if (system("command -v spin >/dev/null && command -v cc >/dev/null") != 0)
        skip();
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command,
             "cd %s && spin -a %s%s '%s/%s.pml' >spin.txt 2>&1 && "
             "cc -O%d -w -DSAFETY -o pan pan.c && ./pan -m1000000; "
             "cd / && rm -rf %s",
             folder, fault ? "-D" : "", fault ? fault : "", RT_MODELS_DIR, name,
             fault ? 0 : 1, folder);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    length = fread(report, 1, sizeof report - 1, pipe);
    report[length] = '\0';
    pclose(pipe);
    if (!strstr(report, fault ? "errors: 1" : "errors: 0") ||
        strstr(report, "depth too small"))
        fail_msg("%s %s: %s", name, fault ? fault : "", report);
}

static void model_check(const char *name, const char *const *faults)
{
    model_run(name, NULL);
    for (; *faults; faults++)
        model_run(name, *faults);
}

static void test_async_mutex(void **state)
{
    static const char *const faults[] = {
        "FAULT_STILL_WOKEN",
        "FAULT_LOSER_LAST",
        "FAULT_FORGET",
        "FAULT_NO_HAND_OVER",
        "FAULT_DEAF",
        "FAULT_TRUSTS",
        "FAULT_LEAVES",
        "FAULT_ALONE",
        "FAULT_DROPS",
        "FAULT_GIVES_WAY",
        NULL,
    };

    (void)state;
    model_check("async_mutex", faults);
}

static void test_mutex_home(void **state)
{
    static const char *const faults[] = {
        "FAULT_TAKEN",
        "FAULT_ONE_LOOK",
        "FAULT_ASKS",
        "FAULT_DEAF",
        "FAULT_ONE_LOOK_QUIET",
        "FAULT_UNSEEN",
        "FAULT_STILL_QUIET",
        "FAULT_QUIET_AGAIN",
        "FAULT_FREED",
        "FAULT_UNFOLDED",
        NULL,
    };

    (void)state;
    model_check("mutex_home", faults);
}

static void test_workers(void **state)
{
    static const char *const faults[] = {
        "FAULT_LOOK_FIRST",
        "FAULT_SEARCHES_ASLEEP",
        NULL,
    };

    (void)state;
    model_check("workers", faults);
}

static void test_run_queue(void **state)
{
    static const char *const faults[] = {
        "FAULT_READ_LATE",
        "FAULT_NO_CAS",
        "FAULT_FULL",
        NULL,
    };

    (void)state;
    model_check("run_queue", faults);
}

static void test_ring_doze(void **state)
{
    static const char *const faults[] = {"FAULT_LOOK_FIRST", "FAULT_ONE",
                                         "FAULT_TELL_FIRST", NULL};

    (void)state;
    model_check("ring_doze", faults);
}

static void test_futex_lock(void **state)
{
    static const char *const faults[] = {
        "FAULT_NO_FENCE", "FAULT_FENCE_FIRST", "FAULT_DEAF",
        "FAULT_UNMARKED", "FAULT_TRUSTS",      "FAULT_DROPS",
        "FAULT_SILENT",   "FAULT_TOUCHES",     NULL,
    };

    (void)state;
    model_check("futex_lock", faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_async_mutex), cmocka_unit_test(test_mutex_home),
        cmocka_unit_test(test_workers),     cmocka_unit_test(test_run_queue),
        cmocka_unit_test(test_ring_doze),   cmocka_unit_test(test_futex_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
