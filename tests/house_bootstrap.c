/*
 * What `bootstrap` would do on machines that we don't have: it runs with a
 * PATH that holds only what the test put there, an os-release of the test's
 * choice, and --print. And how test results are counted.
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

#define OUTPUT_MAX 8192

/* The folder in which the machine is made, and later its PATH. */
static const char machine[] = BUILD_ROOT "/house-machine";

/* Runs a shell command; returns its exit status, and what it printed. */
static int shell(const char *command, char output[OUTPUT_MAX])
{
    FILE *pipe = popen(command, "r");
    size_t length;
    int status;

    assert_non_null(pipe);
    length = fread(output, 1, OUTPUT_MAX - 1, pipe);
    output[length] = '\0';
    status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A machine with a bare system, the commands in `has` (which do nothing and
 * succeed), and an os-release with `system`. `user` is what `id -u` says. */
static void machine_make(const char *system, const char *has, int user)
{
    char command[2048];
    char output[OUTPUT_MAX];

    snprintf(command, sizeof(command),
             "set -e; rm -rf '%s'; mkdir '%s'; cd '%s';"
             "for name in sed tr grep uname dirname cat env rm; do"
             "  ln -s \"$(command -v $name)\" $name; done;"
             "printf '%s\\n' >os-release;"
             "printf '#!/bin/sh\\necho %d\\n' >id; chmod +x id;"
             "for name in %s; do"
             "  printf '#!/bin/sh\\n' >$name; chmod +x $name; done 2>&1",
             machine, machine, machine, system, user, has);
    assert_int_equal(shell(command, output), 0);
}

/* Runs bootstrap there; the exit status, and both of its outputs. */
static int bootstrap(const char *arguments, char output[OUTPUT_MAX])
{
    char command[2048];

    snprintf(command, sizeof(command),
             "cd '%s' && env -i PATH='%s' BOOTSTRAP_OS_RELEASE='%s/os-release'"
             " BOOTSTRAP_LLVM_ROOTS=/nowhere-19 ./bootstrap %s 2>&1",
             SOURCE_ROOT, machine, machine, arguments);
    return shell(command, output);
}

static void assert_has(const char *output, const char *text)
{
    if (!strstr(output, text))
        fail_msg("'%s' isn't in:\n%s", text, output);
}

static void assert_has_not(const char *output, const char *text)
{
    if (strstr(output, text))
        fail_msg("'%s' is in:\n%s", text, output);
}

static void test_fresh_debian(void **state)
{
    char output[OUTPUT_MAX];

    (void)state;
    machine_make("ID=debian", "", 0);
    assert_int_equal(bootstrap("--print run", output), 0);
    assert_has(output, "apt-get update\nenv DEBIAN_FRONTEND=noninteractive "
                       "apt-get install -y --no-install-recommends git cmake "
                       "ninja-build gcc ");
    assert_has(output, "pkg-config npm libclang-19-dev libyaml-dev "
                       "libjansson-dev libxxhash-dev libgit2-dev "
                       "libutf8proc-dev libcmocka-dev\n"
                       "cmake --workflow --preset build\n");
    assert_has_not(output, "sudo");
}

static void test_derivative_with_sudo(void **state)
{
    char output[OUTPUT_MAX];

    (void)state;
    machine_make("ID=linuxmint\\nID_LIKE=\"ubuntu debian\"", "sudo", 1000);
    assert_int_equal(bootstrap("--print test", output), 0);
    assert_has(output, "sudo apt-get update\nsudo env DEBIAN_FRONTEND=");
    assert_has(output, "liburing-dev spin gdb valgrind gcc-aarch64-linux-gnu "
                       "libc6-dev-arm64-cross qemu-user-static\n");
    assert_has(output, "\ncmake --workflow --preset dev\n");
    assert_has(output, "\ncmake --workflow --preset tsan\n");
}

/* What is there already isn't installed, wherever it came from. */
static void test_some_there(void **state)
{
    char output[OUTPUT_MAX];

    (void)state;
    machine_make("ID=debian", "npm clang pkg-config", 0);
    assert_int_equal(bootstrap("--print build", output), 0);
    assert_has(output, "--no-install-recommends git cmake ninja-build "
                       "libclang-19-dev\n");
}

static void test_no_root_and_no_sudo(void **state)
{
    char output[OUTPUT_MAX];

    (void)state;
    machine_make("ID=debian", "", 1000);
    assert_int_equal(bootstrap("build", output), 2);
    assert_has(output, "as root, run: apt-get update && apt-get install -y ");
}

static void test_other_systems(void **state)
{
    static const struct {
        const char *system;
        const char *advice;
    } systems[] = {
        {"ID=fedora", "dnf install "},
        {"ID=manjaro\\nID_LIKE=arch", "pacman -S "},
        {"ID=alpine", "apk add "},
        {"ID=plan9", "libclang >= 17"},
    };
    char output[OUTPUT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
        machine_make(systems[i].system, "sudo", 0);
        assert_int_equal(bootstrap("run", output), 2);
        assert_has(output, systems[i].advice);
        assert_has_not(output, "apt-get");
    }
}

static void test_arguments(void **state)
{
    char output[OUTPUT_MAX];

    (void)state;
    machine_make("ID=debian", "", 0);
    assert_int_equal(bootstrap("--help", output), 0);
    assert_has(output, "usage: ");
    assert_int_equal(bootstrap("", output), 2);
    assert_has(output, "usage: ");
    assert_int_equal(bootstrap("walk", output), 2);
    assert_int_equal(bootstrap("run test", output), 2);
    assert_int_equal(bootstrap("--print", output), 2);
}

/* Feeds a LastTest.log to results.awk. */
static void expect_results(const char *log, const char *results)
{
    char output[OUTPUT_MAX];
    FILE *file = fopen(BUILD_ROOT "/house-results.log", "w");

    assert_non_null(file);
    fputs(log, file);
    fclose(file);
    assert_int_equal(shell("awk -f '" SOURCE_ROOT
                           "/tests/results.awk' '" BUILD_ROOT
                           "/house-results.log'",
                           output),
                     0);
    assert_string_equal(output, results);
}

#define HEAD "1/1 Testing: x\n1/1 Test: x\nOutput:\n-----\n"
#define RUN "[ RUN      ] t\n"
#define OK "[       OK ] t\n"
#define SKIP "[  SKIPPED ] t\n"
#define PASS "<end of output>\nTest Passed.\n"
#define FAIL "<end of output>\nTest Failed.\n"

static void test_results(void **state)
{
    (void)state;
    expect_results("", "0 0\n");
    expect_results(HEAD RUN OK RUN OK PASS, "2 0\n");
    expect_results(HEAD "two lines of a program without cmocka\n" PASS,
                   "1 0\n");
    expect_results(HEAD "the same, failing\n" FAIL, "0 1\n");
    expect_results(HEAD RUN OK RUN "[  FAILED  ] t\n[  PASSED  ] 1 test(s).\n"
                                   "[  FAILED  ] 1 test(s), listed below:\n"
                                   "[  FAILED  ] t\n" FAIL,
                   "1 1\n");
    expect_results(HEAD RUN OK RUN "a crash\n" FAIL, "1 1\n");
    expect_results(HEAD RUN OK "a leak\n" FAIL, "1 1\n");
    expect_results(HEAD RUN OK RUN SKIP PASS, "1 0\n");
    /* As cmocka lists them again at its end. */
    expect_results(HEAD RUN OK RUN SKIP
                   "[==========] 2 test(s) run.\n" SKIP SKIP PASS,
                   "1 0\n");
    expect_results(HEAD RUN OK PASS HEAD RUN OK FAIL HEAD RUN OK PASS, "3 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fresh_debian),
        cmocka_unit_test(test_derivative_with_sudo),
        cmocka_unit_test(test_some_there),
        cmocka_unit_test(test_no_root_and_no_sudo),
        cmocka_unit_test(test_other_systems),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_results),
    };

    return cmocka_run_group_tests_name("bootstrap", tests, NULL, NULL);
}
