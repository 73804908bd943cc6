/*
 * The oracle: what a rule finds in its own example, the watchdog sees when the
 * example runs (tests/oracle/), and its repair runs to the end in silence;
 * without the watchdog, what is said to freeze freezes. In the tsan preset
 * ThreadSanitizer has nothing to say of the repairs either.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <rt/watch.h>

/* TSan holds signals back while a thread is in a system call of its own, and so
 * the stack of a worker is not to be had. */
#if defined(__SANITIZE_THREAD__)
#define IS_STACK_EXPECTED false
#else
#define IS_STACK_EXPECTED true
#endif

/* A mistake that is there for ever may be looked for after a short time; a
 * repair must do with a limit that no busy machine reaches. */
#define LIMIT_MS_BAD 200
#define LIMIT_MS_GOOD 10000

/* Nothing waits so long but what waits for ever. */
#define FREEZE_S "0.5"

#define SAID_SIZE 1024
#define PATH_SIZE 512

/* Where the watchdog sees it: on the line that has the mark, or in a function
 * of the example. */
struct proof {
    const char *rule;
    const char *place;
    bool freezes;
};

#define ON_THE_MARK NULL

static const struct proof proofs[] = {
    {"arc-not-cloned", "(watch)", false},
    {"async-lock-across-await", ON_THE_MARK, false},
    {"block-on-in-async", ON_THE_MARK, false},
    {"blocking-call-in-async", ON_THE_MARK, false},
    {"blocking-lock-across-await", ON_THE_MARK, true},
    {"blocking-lock-in-async", ON_THE_MARK, true},
    {"condvar-wait-in-async", ON_THE_MARK, true},
    {"lock-leak", "(bad)", true},
    {"not-send-across-spawn", "(count_own)", false},
    {"self-deadlock", ON_THE_MARK, true},
    {"task-never-yields", "(bad)", true},
    {"thread-affine-across-await", ON_THE_MARK, false},
};

#define PROOF_COUNT (sizeof proofs / sizeof proofs[0])

static bool has_addr2line;

/* Runs `oracle_RULE WHICH`; what it said on both channels is in `said`. Ended
 * after `patience_s`, with the status 124. */
static int oracle_run(const char *rule, const char *which, int limit_ms,
                      const char *patience_s, char said[SAID_SIZE])
{
    char command[2 * PATH_SIZE];
    size_t length = 0;
    size_t count;
    int status;
    FILE *pipe;

    snprintf(command, sizeof command,
             RT_WATCHDOG_ENV "=%d exec timeout %s '%s/oracle_%s' %s 2>&1",
             limit_ms, patience_s, ORACLE_DIR, rule, which);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((count = fread(said + length, 1, SAID_SIZE - 1 - length, pipe)) > 0)
        length += count;
    said[length] = '\0';
    status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "rules/RULE.c:LINE " of the first mark of the rule in its example. */
static void mark_find(const char *rule, char place[PATH_SIZE])
{
    char mark[PATH_SIZE];
    char text[PATH_SIZE];
    int line = 0;
    FILE *file;

    snprintf(text, sizeof text, "%s/rules/%s.c", ORACLE_ROOT, rule);
    snprintf(mark, sizeof mark, "/* expect: %s */", rule);
    file = fopen(text, "r");
    assert_non_null(file);
    do {
        line++;
        if (!fgets(text, sizeof text, file))
            fail_msg("no '%s' in rules/%s.c", mark, rule);
    } while (!strstr(text, mark));
    fclose(file);
    snprintf(place, PATH_SIZE, " rules/%s.c:%d ", rule, line);
}

static void test_bad_is_seen(void **state)
{
    const struct proof *proof = *state;
    char expected[PATH_SIZE];
    char said[SAID_SIZE];

    snprintf(expected, sizeof expected, "rt: watchdog: %s: ", proof->rule);
    assert_int_equal(oracle_run(proof->rule, "bad", LIMIT_MS_BAD, "20", said),
                     RT_WATCHDOG_EXIT);
    if (strncmp(said, expected, strlen(expected)) != 0)
        fail_msg("not %s, but: %s", proof->rule, said);
    if (!IS_STACK_EXPECTED || !has_addr2line)
        return;
    if (proof->place)
        snprintf(expected, sizeof expected, " rules/%s.c:", proof->rule);
    else
        mark_find(proof->rule, expected);
    if (!strstr(said, expected) ||
        (proof->place && !strstr(said, proof->place)))
        fail_msg("not at%s, but: %s", expected, said);
}

static void test_bad_freezes(void **state)
{
    const struct proof *proof = *state;
    char said[SAID_SIZE];

    if (!proof->freezes)
        return;
    assert_int_equal(oracle_run(proof->rule, "bad", 0, FREEZE_S, said), 124);
    assert_string_equal(said, "");
}

static void test_good_is_clean(void **state)
{
    const struct proof *proof = *state;
    char said[SAID_SIZE];
    int status = oracle_run(proof->rule, "good", LIMIT_MS_GOOD, "60", said);

    if (status != 0 || *said)
        fail_msg("%s good: status %d, said: %s", proof->rule, status, said);
}

/* The table in README.md has a row for each rule: "yes" if it is run here, else
 * "no". */
static void test_readme(void **state)
{
    char text[1 << 16];
    char row[PATH_SIZE];
    FILE *file = fopen(ORACLE_ROOT "/tests/README.md", "r");
    glob_t rules;

    (void)state;
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(glob(ORACLE_ROOT "/rules/*.c", 0, NULL, &rules), 0);
    for (size_t i = 0; i < rules.gl_pathc; i++) {
        const char *name = strrchr(rules.gl_pathv[i], '/') + 1;
        int length = (int)strcspn(name, ".");
        bool is_run = false;

        for (size_t j = 0; j < PROOF_COUNT; j++)
            is_run = is_run || (strlen(proofs[j].rule) == (size_t)length &&
                                !strncmp(proofs[j].rule, name, (size_t)length));
        snprintf(row, sizeof row, "\n| `%.*s` | %s |", length, name,
                 is_run ? "yes" : "no");
        if (!strstr(text, row))
            fail_msg("README.md has no row%s", row);
    }
    globfree(&rules);
}

int main(void)
{
    struct CMUnitTest tests[3 * PROOF_COUNT + 1] = {
        cmocka_unit_test(test_readme)};

    for (size_t i = 0; i < PROOF_COUNT; i++) {
        void *proof = (void *)(uintptr_t)&proofs[i];
        struct CMUnitTest three[] = {
            {proofs[i].rule, test_bad_is_seen, NULL, NULL, proof},
            {"bad freezes", test_bad_freezes, NULL, NULL, proof},
            {"good is clean", test_good_is_clean, NULL, NULL, proof},
        };

        memcpy(&tests[3 * i + 1], three, sizeof three);
    }
    has_addr2line = system("command -v addr2line >/dev/null") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
