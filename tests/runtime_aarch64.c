/*
 * The runtime on AArch64, under qemu: the switch of tasks is written for each
 * processor, and so has to run on each. Skips where there is no compiler for
 * it, or no qemu.
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

#include <cmocka.h>

#define TESTS_DIR RT_MODELS_DIR "/.."
#define RUNTIME_DIR TESTS_DIR "/../runtime-sample"
#define COMPILER "aarch64-linux-gnu-gcc"
#define EMULATOR "qemu-aarch64-static"
#define LIBRARIES "/usr/aarch64-linux-gnu"

/* Where the library lies, made by the first test and removed by the last. */
static char folder[] = "/tmp/rt_aarch64_XXXXXX";

static void shell(const char *command, const char *what)
{
    char said[4096];
    size_t length;
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    length = fread(said, 1, sizeof said - 1, pipe);
    said[length] = '\0';
    while (fgetc(pipe) != EOF)
        continue;
    if (pclose(pipe) != 0)
        fail_msg("%s: %s", what, said);
}

static bool is_possible; /* there is what the tests need */

static bool has_tools(void)
{
    return system("command -v " COMPILER " >/dev/null && "
                  "command -v " EMULATOR " >/dev/null && "
                  "test -d " LIBRARIES) == 0;
}

/* Without liburing, of which there is none for the other processor. */
static int library_make(void **state)
{
    char command[2048];

    (void)state;
    is_possible = has_tools();
    if (!is_possible) {
        print_message("skipped: needs gcc-aarch64-linux-gnu, "
                      "libc6-dev-arm64-cross and qemu-user-static\n");
        return 0;
    }
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command,
             "cd %s && ls " RUNTIME_DIR "/src/*.c " RUNTIME_DIR
             "/src/switch_aarch64.S | grep -v ring_uring | "
             "xargs -n 4 -P 2 " COMPILER " -O2 -std=c11 -D_GNU_SOURCE "
             "-I" RUNTIME_DIR "/include -I" RUNTIME_DIR "/src -c 2>&1 && "
             "ar rcs librt.a *.o",
             folder);
    shell(command, "the library");
    return 0;
}

static int library_remove(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* The test of that name; it says itself what fails. */
static void test_run(const char *name)
{
    char command[2048];

    if (!is_possible)
        skip();
    snprintf(command, sizeof command,
             "cd %s && " COMPILER " -O2 -std=c11 -D_GNU_SOURCE -I" TESTS_DIR
             "/aarch64 -I" RUNTIME_DIR "/include -o runtime_%s " TESTS_DIR
             "/runtime_%s.c librt.a -lpthread -ldl 2>&1 && "
             "timeout 120 " EMULATOR " -L " LIBRARIES " ./runtime_%s 2>&1",
             folder, name, name, name);
    shell(command, name);
}

static void test_switch(void **state)
{
    (void)state;
    test_run("switch");
    test_run("overflow");
}

static void test_tasks(void **state)
{
    (void)state;
    test_run("tasks");
    test_run("sleep");
    test_run("tcp");
}

static void test_locks(void **state)
{
    (void)state;
    test_run("mutex");
    test_run("locks");
    test_run("blocking_mutex");
    test_run("guard_forms");
}

static void test_waits(void **state)
{
    (void)state;
    test_run("channels");
    test_run("select");
    test_run("cancel");
    test_run("cancel_stress");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_waits),
    };

    return cmocka_run_group_tests(tests, library_make, library_remove);
}
