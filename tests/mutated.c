/*
 * Sources, facts, packs and settings with random faults. Whatever is wrong
 * with them, each run ends in time with one of the statuses that --help lists,
 * and nothing of ours crashes or reads where it must not.
 *
 * MUTANTS=1000 in the environment makes it a long run, as the target `fuzz`
 * does; a failure names the seed, and MUTANTS_FROM=SEED begins with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "support/mutate.h"
#include "support/place.h"
#include "support/run.h"

enum {
    MUTANTS = 3,     /* trees of each kind; some seconds under sanitizers */
    TREE_FILES = 10, /* a process parses them all */
    SOLVED_MUTANTS = 20,
};

#define INCLUDE " -- -std=gnu11 -I" SOURCE_ROOT "/runtime-sample/include"

struct corpus {
    struct text *texts;
    uint32_t count;
};

static struct corpus corpus_read(struct arena *arena, const char *pattern,
                                 const char *deeper)
{
    struct corpus corpus = {0};
    glob_t found;

    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    if (deeper)
        assert_int_equal(glob(deeper, GLOB_APPEND, NULL, &found), 0);
    corpus.texts = arena_array(arena, found.gl_pathc, sizeof(*corpus.texts));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct file_bytes file;

        assert_true(file_read(AT_FDCWD, found.gl_pathv[i], 0, arena, &file));
        corpus.texts[corpus.count++] = (struct text){file.bytes, file.length};
    }
    globfree(&found);
    return corpus;
}

static struct text corpus_mutant(struct arena *arena, struct chance *chance,
                                 const struct corpus *corpus)
{
    return mutate(arena, chance,
                  corpus->texts[chance_below(chance, corpus->count)],
                  corpus->texts[chance_below(chance, corpus->count)]);
}

static void bytes_write(const char *path, struct text text)
{
    struct err err = {0};

    if (!file_replace(AT_FDCWD, path, text.bytes, text.length, &err))
        fail_msg("%s", err.text);
}

/* It ends as it promises, whatever it was given. */
static void ends_well(struct arena *arena, uint64_t seed, const char *script)
{
    static const char *const signs[] = {
        "Sanitizer", "runtime error:",          "crashed (",
        "timed out", "ended without an answer",
    };
    struct ran ran = run_script(arena, NULL, script);

    if (ran.status > 3)
        fail_msg("seed %d: status %d\n%s", (int)seed, ran.status, ran.err);
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (strstr(ran.err, signs[i]))
            fail_msg("seed %d: %s\n%s", (int)seed, signs[i], ran.err);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);

    return value ? strtoull(value, NULL, 10) : otherwise;
}

typedef void mutant_check(struct arena *arena, struct chance *chance,
                          const struct corpus *corpus, uint64_t seed);

static void mutants_check(const char *pattern, const char *deeper,
                          mutant_check *check)
{
    struct arena kept = {0};
    struct corpus corpus = corpus_read(&kept, pattern, deeper);
    uint64_t first = number_of("MUTANTS_FROM", 1);
    uint64_t count = number_of("MUTANTS", MUTANTS);

    for (uint64_t seed = first; seed < first + count; seed++) {
        struct chance chance = chance_start(seed);
        struct arena arena = {0};

        check(&arena, &chance, &corpus, seed);
        arena_finish(&arena);
    }
    arena_finish(&kept);
}

static void sources_check(struct arena *arena, struct chance *chance,
                          const struct corpus *corpus, uint64_t seed)
{
    for (int i = 0; i < TREE_FILES; i++)
        bytes_write(arena_printf(arena, "tree/%d.c", i),
                    corpus_mutant(arena, chance, corpus));
    ends_well(arena, seed,
              "\"$ASYNCLINT\" --format gcc --timeout 20 tree" INCLUDE);
}

static void test_sources(void **state)
{
    (void)state;
    place_file_write("tree/0.c", "");
    mutants_check(TREE_FIXTURES "/*/*.c", TREE_FIXTURES "/*/*/*.c",
                  sources_check);
}

static void facts_check(struct arena *arena, struct chance *chance,
                        const struct corpus *corpus, uint64_t seed)
{
    bytes_write("x.facts", corpus_mutant(arena, chance, corpus));
    ends_well(arena, seed, "\"$ASYNCLINT\" link x.facts");
    ends_well(arena, seed, "\"$ASYNCLINT\" merge -o y.facts x.facts");
}

static void test_facts(void **state)
{
    struct arena arena = {0};
    struct ran ran;

    (void)state;
    ran = run_script(&arena, NULL,
                     "\"$ASYNCLINT\" index " TREE_FIXTURES
                     "/cases/c06-continue-skips-unlock.c"
                     " -o good.facts" INCLUDE);
    assert_int_equal(ran.status, 0);
    mutants_check("good.facts", NULL, facts_check);
    arena_finish(&arena);
}

/* As it is at the start of an entry of the cache (cache.c). */
struct entry_header {
    char start[32];
    struct digest content;
    uint64_t length;
};

/* An entry that says of itself that it is whole. */
static void entry_write(struct arena *arena, const char *path,
                        struct text whole, struct text body)
{
    struct entry_header header;
    char *bytes = arena_alloc(arena, sizeof(header) + body.length);

    memcpy(&header, whole.bytes, sizeof(header));
    header.content = digest_of(body.bytes, body.length);
    header.length = body.length;
    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), body.bytes, body.length);
    bytes_write(path, (struct text){bytes, sizeof(header) + body.length});
}

static void solved_check(struct arena *arena, struct chance *chance,
                         const struct corpus *corpus, uint64_t seed)
{
    const size_t start = sizeof(struct entry_header);
    struct text whole = corpus->texts[0];
    struct text body = {whole.bytes + start, whole.length - start};

    for (int i = 0; i < SOLVED_MUTANTS; i++) {
        place_file_write("tree/x.c", i % 2 ? "int x;\n" : "int y;\n");
        entry_write(arena, "solved", whole, mutate(arena, chance, body, body));
        ends_well(arena, seed,
                  "rm -f .asynclint_cache/*.answer &&"
                  " cp solved .asynclint_cache/$(cat name) &&"
                  " \"$ASYNCLINT\" --cache --format gcc tree" INCLUDE);
    }
}

/* What solving found out (engine/kept.h), by who knows the checksum. */
static void test_solved(void **state)
{
    struct arena arena = {0};
    struct ran ran;

    (void)state;
    place_file_write("tree/x.c", "int x;\n");
    ran = run_script(&arena, NULL,
                     "cp " TREE_FIXTURES "/cases/c*.[ch] " TREE_FIXTURES
                     "/summaries/*/*.[ch] tree; sleep 0.05;"
                     " \"$ASYNCLINT\" -q --cache tree" INCLUDE
                     "; cp .asynclint_cache/*.solved whole &&"
                     " basename .asynclint_cache/*.solved >name");
    assert_int_equal(ran.status, 0);
    mutants_check("whole", NULL, solved_check);
    arena_finish(&arena);
}

static void packs_check(struct arena *arena, struct chance *chance,
                        const struct corpus *corpus, uint64_t seed)
{
    bytes_write("pack.yaml", corpus_mutant(arena, chance, corpus));
    bytes_write("tree/.asynclint.yaml", corpus_mutant(arena, chance, corpus));
    ends_well(arena, seed, "\"$ASYNCLINT\" --pack pack.yaml x.c");
    ends_well(arena, seed, "\"$ASYNCLINT\" tree");
}

static void test_packs(void **state)
{
    (void)state;
    place_file_write("x.c", "int x(void) { return 0; }\n");
    place_file_write("tree/x.c", "int x(void) { return 0; }\n");
    mutants_check(SOURCE_ROOT "/rules/packs/*.yaml",
                  TREE_FIXTURES "/*/*/.asynclint.yaml", packs_check);
}

static void database_check(struct arena *arena, struct chance *chance,
                           const struct corpus *corpus, uint64_t seed)
{
    bytes_write("tree/compile_commands.json",
                corpus_mutant(arena, chance, corpus));
    ends_well(arena, seed, "\"$ASYNCLINT\" --timeout 20 tree");
    ends_well(arena, seed, "\"$ASYNCLINT\" doctor tree");
}

static void test_database(void **state)
{
    (void)state;
    place_file_write("tree/x.c", "int x(void) { return 0; }\n");
    place_file_write("good.json",
                     "[{\"directory\": \".\", \"file\": \"x.c\","
                     " \"command\": \"cc -I h -DX='a b' -c x.c -o x.o\"},\n"
                     " {\"directory\": \".\", \"file\": \"x.c\","
                     " \"arguments\": [\"cc\", \"-include\", \"x.c\","
                     " \"-std=c99\", \"@x.rsp\", \"-MF\", \"x.d\", \"x.c\"]}]");
    mutants_check("good.json", NULL, database_check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sources, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_facts, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_solved, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_packs, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(test_database, place_setup,
                                        place_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
