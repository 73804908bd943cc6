/*
 * Surroundings that are against us: databases and configurations made to hurt,
 * streams that are closed, limits that are low, facts that are damaged. Each
 * gets a sentence and an exit status, in little time.
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

#include "support/place.h"
#include "support/run.h"

static const char good[] = "int good(void)\n{\n    return 0;\n}\n";

/* The script ends with that status, and says that on stdout or stderr. */
static void says(struct place *place, const char *script, int status,
                 const char *sentence)
{
    struct ran ran = place_sh(place, script);

    if (ran.status != status ||
        (!strstr(ran.err, sentence) && !strstr(ran.out, sentence)))
        fail_msg("%s: status %d, expected %d and '%s'; it says\n%s%s", script,
                 ran.status, status, sentence, ran.out, ran.err);
}

/* With this as the only entry of the database of a.c. */
static void entry_says(struct place *place, const char *entry, int status,
                       const char *sentence)
{
    place_file_write("compile_commands.json",
                     arena_printf(&place->arena, "[{%s}]", entry));
    says(place, "\"$ASYNCLINT\" --timeout 3 .", status, sentence);
}

static void databases(void **state)
{
    struct place *place = *state;
    const char *here = place->folder;

    place_file_write("a.c", good);
    entry_says(place,
               "\"directory\": \"nowhere\", \"file\": \"a.c\", "
               "\"command\": \"cc a.c\"",
               0, "is not there, such as '");
    entry_says(place, "\"directory\": 1, \"file\": [], \"command\": {}", 2,
               "'compile_commands.json' has no good entry: the first has a "
               "'directory' that is no string");
    entry_says(place,
               arena_printf(&place->arena,
                            "\"directory\": \"/\", \"file\": \"%s/a.c\", "
                            "\"command\": \"cc a.c\"",
                            here),
               0, "no findings in 1 file\n");
    entry_says(place,
               "\"directory\": \".\", \"file\": \"a.c\", "
               "\"command\": \"cc @/dev/zero a.c\"",
               2, "'compile_commands.json' has no good entry");
    place_file_write("again.rsp", "@again.rsp\n");
    entry_says(place,
               "\"directory\": \".\", \"file\": \"a.c\", "
               "\"command\": \"cc @again.rsp a.c\"",
               0, "no findings in 1 file\n");
    says(place,
         "head -c 100000 /dev/zero | tr '\\0' '[' "
         ">compile_commands.json; \"$ASYNCLINT\" .",
         2, "not JSON: maximum parsing depth reached");
}

/* What a tree's flags must not make us read aloud. */
static void nothing_is_read_out(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("a.c", good);
    place_file_write(".asynclint.yaml", "packs: [/etc/passwd]\n");
    says(place, "\"$ASYNCLINT\" a.c", 2, "is outside of the repository");
    place_file_write(".asynclint.yaml", "");
    place_file_write("compile_commands.json",
                     "[{\"directory\": \".\", \"file\": \"a.c\", "
                     "\"command\": \"cc -include /etc/passwd -I/etc -include "
                     "group a.c\"}]");
    ran = place_sh(place, "\"$ASYNCLINT\" .");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.err, "");
}

static void config_says(struct place *place, const char *text,
                        const char *sentence)
{
    place_file_write(".asynclint.yaml", text);
    says(place, "\"$ASYNCLINT\" a.c", 2, sentence);
}

static void configurations(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", good);
    config_says(place, "cache: true\ncache: false\n", "stands here twice");
    config_says(place, "rules: {lock-leak: -1}\n", "unknown value '-1'");
    config_says(place, "packs: &a [x]\nexclude: *a\n",
                "aliases are not allowed");
    says(place,
         "head -c 100000 /dev/zero | tr '\\0' '[' >.asynclint.yaml; "
         "\"$ASYNCLINT\" a.c",
         2, "nested too deeply");
    says(place,
         "head -c 10000000 /dev/zero | tr '\\0' '#' >.asynclint.yaml; "
         "\"$ASYNCLINT\" a.c",
         2, "is larger than 1 MiB");
    says(place,
         "rm .asynclint.yaml; mkfifo .asynclint.yaml; "
         "\"$ASYNCLINT\" a.c",
         2, "is not a regular file");
    says(place,
         "rm .asynclint.yaml; mkdir .asynclint.yaml; "
         "\"$ASYNCLINT\" a.c",
         2, "is not a regular file");
    says(place,
         "rmdir .asynclint.yaml; ln -s nowhere .asynclint.yaml; "
         "\"$ASYNCLINT\" a.c",
         2, "'.asynclint.yaml': No such file or directory");
}

static void streams(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", good);
    says(place, "\"$ASYNCLINT\" a.c >&-", 2, "Bad file descriptor");
    says(place, "\"$ASYNCLINT\" a.c >/dev/full", 2, "No space left on device");
    says(place, "\"$ASYNCLINT\" graph a.c >/dev/full", 2,
         "No space left on device");
    says(place, "\"$ASYNCLINT\" --help >/dev/full", 2,
         "No space left on device");
    says(place, "\"$ASYNCLINT\" a.c <&- 2>&-", 0, "no findings in 1 file\n");
    says(place,
         "\"$ASYNCLINT\" --cache a.c <&- >&- 2>&-; "
         "cat .asynclint_cache/* | grep -c 'no findings'",
         1, "0\n");
    says(place, "\"$ASYNCLINT\" explain lock-leak | head -n 1", 0,
         "lock-leak: ");
}

static void limits(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", good);
    place_file_write("b.c", "int b(void);\n");
    says(place, "ulimit -n 16; \"$ASYNCLINT\" -j8 .", 0, "in 2 files\n");
    says(place, "\"$ASYNCLINT\" -j1024 .", 0, "in 2 files\n");
    says(place, "env -i \"$ASYNCLINT\" .", 0, "in 2 files\n");
    says(place, "LC_ALL=xx_YY COLUMNS=1 TERM=dumb HOME= \"$ASYNCLINT\" .", 0,
         "in 2 files\n");
    says(place,
         "(ulimit -f 0; \"$ASYNCLINT\" --cache . | cat) 2>&1 | cat; "
         "\"$ASYNCLINT\" .",
         0, "in 2 files\n");
}

/* Every bit counts: damaged facts are refused, or were not damaged. */
static void damaged_facts(void **state)
{
    static const char damage[] =
        "size=$(stat -c %s a.facts)\n"
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do\n"
        "    cp a.facts b.facts\n"
        "    printf '\\377' | dd of=b.facts bs=1 conv=notrunc 2>/dev/null \\\n"
        "        seek=$((size * i / 13))\n"
        "    cmp -s a.facts b.facts && continue\n"
        "    \"$ASYNCLINT\" link b.facts 2>&1\n"
        "    test $? -eq 2 || { echo \"byte $((size * i / 13))\"; exit 1; }\n"
        "done\n"
        "echo refused\n";
    struct place *place = *state;

    place_file_write("a.c", good);
    says(place, "\"$ASYNCLINT\" index a.c -o a.facts && echo made", 0,
         "made\n");
    says(place, damage, 0, "refused\n");
    says(place, "head -c 100 a.facts >b.facts; \"$ASYNCLINT\" link b.facts", 2,
         "it ends too early");
    says(place, ": >b.facts; \"$ASYNCLINT\" link b.facts", 2,
         "it ends too early");
    says(place, "\"$ASYNCLINT\" link a.facts a.facts", 0, "in 1 file\n");
    says(place, "\"$ASYNCLINT\" link /dev/zero", 2, "can't read '/dev/zero'");
}

/* Symlinks are not followed out of the tree, or round in it. */
static void links(void **state)
{
    struct place *place = *state;

    place_file_write("tree/a.c", good);
    place_file_write("other/b.c", good);
    says(place,
         "ln -s ../other tree/other; ln -s .. tree/up; "
         "ln -s /etc tree/etc; \"$ASYNCLINT\" tree",
         0, "in 1 file\n");
}

static void stays_secret(struct place *place, const char *script)
{
    struct ran ran = place_sh(place, script);

    if (strstr(ran.err, "hunter2") || strstr(ran.out, "hunter2"))
        fail_msg("%s: it is read out: %s%s", script, ran.out, ran.err);
}

/* What is included from elsewhere is not quoted. */
static void outside(void **state)
{
    struct place *place = *state;
    const char *secret = "/etc/passwd";

    place_file_write("a.c", arena_printf(&place->arena,
                                         "#include \"%s\"\nint a;\n", secret));
    says(place, "\"$ASYNCLINT\" a.c", 0,
         "(/etc/passwd:1: an error outside of the tree)");
    place_file_write("tree/src/b.c",
                     "#include \"../../c.c\"\nint b(void) { return 0; }\n");
    place_file_write("c.c", "hunter2 is the word;\n");
    stays_secret(place, "cd tree && \"$ASYNCLINT\" src/b.c");
    /* By its whole name, from elsewhere; and from a folder that only begins
     * with the same letters. */
    stays_secret(place,
                 "mkdir d && cd d && \"$ASYNCLINT\" \"$PWD/../tree/src/b.c\"");
    place_file_write("trees/c.c", "hunter2 is the word;\n");
    place_file_write("tree/src/d.c",
                     arena_printf(&place->arena, "#include \"%s/trees/c.c\"\n",
                                  place->folder));
    stays_secret(place, "cd d && \"$ASYNCLINT\" \"$PWD/../tree/src/d.c\"");
}

/* The flags of another compiler, for another machine: libclang refuses them, or
 * reads this machine's headers without their other half. */
static void other_machines(void **state)
{
    static const char *const flags[] = {
        "-march=zzz -mabi=none", "-std=c93",         "--target=nope-nope",
        "-march=zzz -std=c93",   "-target avr -Dx=", "-I -mtune=x -march=zzz",
    };
    struct place *place = *state;

    place_file_write("a.c", "#include <pthread.h>\n"
                            "int f(pthread_mutex_t *m, int n)\n"
                            "{\n"
                            "    pthread_mutex_lock(m);\n"
                            "    if (n)\n"
                            "        return -1;\n"
                            "    return pthread_mutex_unlock(m);\n"
                            "}\n");
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        entry_says(place,
                   arena_printf(&place->arena,
                                "\"directory\": \".\", \"file\": \"a.c\", "
                                "\"command\": \"cc %s a.c\"",
                                flags[i]),
                   1, "returns with 'm' held");
}

/* An editor shows it in another order than that in which it is read. */
static void reordered(void **state)
{
    struct place *place = *state;

    place_file_write("a.h", "/* \xE2\x81\xA6 */\n");
    place_file_write("a.c", "#include \"a.h\"\nint a;\n/* \xE2\x80\xAE */\n");
    place_file_write("b.c", "#include \"a.h\"\nint b;\n/* \xE2\x80\x94 */\n");
    says(place, "\"$ASYNCLINT\" a.c", 0,
         "'a.c', line 3: a bidirectional control (U+202E)");
    says(place, "\"$ASYNCLINT\" --strict b.c", 3,
         "'a.h', line 1: a bidirectional control (U+2066)");
    says(place, "\"$ASYNCLINT\" . 2>&1 | grep -c bidirectional", 0, "2\n");
}

#define test(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(databases),      test(nothing_is_read_out),
        test(configurations), test(streams),
        test(limits),         test(damaged_facts),
        test(links),          test(outside),
        test(other_machines), test(reordered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
