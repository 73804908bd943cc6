/*
 * What several units begin with is parsed once (front/head.h), and no unit's
 * facts show it: each is lowered with its head and without, and the bytes are
 * compared.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "front/front.h"
#include "front/head.h"
#include "ir/facts.h"
#include "support/place.h"

enum { UNITS = 4, MOST_FLAGS = 2 };

static struct front_request request_of(struct place *place, const char *name)
{
    static const char *const flags[MOST_FLAGS] = {"-std=gnu11", "-Iinclude"};

    return (struct front_request){
        .file = arena_printf(&place->arena, "%s/%s", place->folder, name),
        .directory = place->folder,
        .flags = flags,
        .flag_count = MOST_FLAGS,
        .root = place->folder,
    };
}

static struct strbuf facts_of(struct place *place,
                              const struct front_request *request)
{
    struct strbuf bytes = {.arena = &place->arena};
    struct ir_unit unit;
    struct err err = {0};

    if (!front_lower(request, &place->arena, &unit, &err))
        fail_msg("%s", err.text);
    facts_write(&unit, &bytes);
    return bytes;
}

/* Four units with these headers and bodies, the first of them `body`. What
 * became of their head is returned. */
static enum head_state same_facts(struct place *place, const char *header,
                                  const char *includes, const char *body)
{
    struct front_request requests[UNITS];
    enum head_state state;

    place_file_write("include/shared.h", header);
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, arena_printf(&place->arena, "/* %d */\n%s%s", i,
                                            includes, i ? "int x;\n" : body));
        requests[i] = request_of(place, name);
    }
    front_share(&place->arena, requests, UNITS, 1);
    assert_non_null(requests[0].head);
    for (int i = 0; i < UNITS; i++) {
        struct front_request alone = requests[i];
        struct strbuf with = facts_of(place, &requests[i]);
        struct strbuf without;

        alone.head = NULL;
        without = facts_of(place, &alone);
        assert_int_equal(with.length, without.length);
        assert_memory_equal(with.text, without.text, with.length);
    }
    state = requests[0].head->state;
    arena_finish(&requests[0].head->arena);
    return state;
}

#define HEADER                                                                 \
    "#ifndef SHARED_H\n"                                                       \
    "#define SHARED_H\n"                                                       \
    "#include <pthread.h>\n"                                                   \
    "#define GUARD(lock) "                                                     \
    "__attribute__((cleanup(give))) int *held = take(lock)\n"                  \
    "#define MARKER\n"                                                         \
    "enum { RED, GREEN = 7 };\n"                                               \
    "typedef enum { ONE, TWO } number;\n"                                      \
    "typedef int number_of;\n"                                                 \
    "struct pair { struct { int left, right; }; union { number n; }; };\n"     \
    "int table[];\n"                                                           \
    "extern int twice(int x);\n"                                               \
    "MARKER extern int twice(int x) __attribute__((annotate(\"two\")));\n"     \
    "MARKER int *take(pthread_mutex_t *lock);\n"                               \
    "MARKER int *take(pthread_mutex_t *lock);\n"                               \
    "void give(int **held);\n"                                                 \
    "static inline const char *place(void) { return __FILE__; }\n"             \
    "static inline number next(struct pair *pair, enum { NEVER } how)\n"       \
    "{ pair->right++; return how ? TWO : pair->n; }\n"

static const char guarded[] = HEADER "#endif\n";
/* Each unit that includes it has the body. */
static const char with_body[] = HEADER "int defined_here(struct pair *pair)\n"
                                       "{ return pair->left + __COUNTER__; }\n"
                                       "#endif\n";

static const char uses_all[] =
    "#define SUM(a, b) ((a) + twice(b))\n"
    "int twice(int x) { return x << 1; }\n"
    "static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;\n"
    "const char *serve(struct pair *pair)\n"
    "{\n"
    "    GUARD(&lock);\n"
    "    extern int twice(int x);\n"
    "    static number_of table_size;\n"
    "    pair->left = SUM(GREEN, __COUNTER__);\n"
    "    pthread_mutex_lock(&lock);\n"
    "    if (next(pair, 0) == ONE) return place();\n"
    "    return table[pair->right] ? place() : 0;\n"
    "}\n";

static void a_head_changes_nothing(void **state)
{
    struct place *place = *state;
    const char *includes = "#include <stdio.h> // a\n"
                           "# include \"shared.h\"\n\n";

    assert_int_equal(same_facts(place, guarded, includes, uses_all),
                     HEAD_READY);
    assert_int_equal(same_facts(place, with_body, includes, uses_all),
                     HEAD_READY);
    assert_int_equal(same_facts(place, "#pragma once\nint f(void);\n",
                                "#include <shared.h>\n#include <time.h>\n",
                                "int g(void) { return f(); }\n"),
                     HEAD_READY);
}

static void errors_are_told_as_ever(void **state)
{
    struct place *place = *state;

    assert_int_equal(same_facts(place, guarded, "#include \"shared.h\"\n",
                                "#include \"none.h\"\n"
                                "int f(void) { undeclared(1); return no; }\n"),
                     HEAD_READY);
    assert_int_equal(
        same_facts(place, "int f(\n", "#include <shared.h>\n", "int y;\n"),
        HEAD_UNUSABLE);
    assert_int_equal(same_facts(place, "#include \"none.h\"\n",
                                "#include <shared.h>\n", "int y;\n"),
                     HEAD_UNUSABLE);
}

static void what_is_read_twice_is_no_head(void **state)
{
    struct place *place = *state;

    assert_int_equal(same_facts(place, "static int count;\n",
                                "#include <shared.h>\n",
                                "int f(void) { return count; }\n"),
                     HEAD_UNUSABLE);
    assert_int_equal(
        same_facts(place, "#pragma once\nstatic char *base = __BASE_FILE__;\n",
                   "#include <shared.h>\n", "char *f(void) { return base; }\n"),
        HEAD_UNUSABLE);
}

/* A head is worth it when enough units have it. */
static void heads_are_shared_by_enough(void **state)
{
    static const char *const others[] = {"-include", "x.h"};
    struct place *place = *state;
    struct front_request requests[UNITS];

    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, i ? "#include <a.h>\n#include <b.h>\nint x;\n"
                                 : "#include <a.h>\nint y;\n");
        requests[i] = request_of(place, name);
    }
    front_share(&place->arena, requests, UNITS - 1, 1);
    assert_null(requests[1].head);
    front_share(&place->arena, requests, UNITS, 2);
    assert_null(requests[1].head);
    requests[1].flags = others;
    front_share(&place->arena, requests, UNITS, 1);
    assert_null(requests[2].head);
    requests[1].flags = requests[0].flags;
    requests[1].flag_count = 1;
    front_share(&place->arena, requests, UNITS, 1);
    assert_null(requests[2].head);
}

static void most_go_on_together(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS * 2];

    for (int i = 0; i < UNITS * 2; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, i ? "#include <a.h>\n#include \"b.h\"\nint x;\n"
                                 : "#include <a.h>\nint y;\n");
        requests[i] = request_of(place, name);
    }
    front_share(&place->arena, requests, UNITS * 2, 1);
    assert_null(requests[0].head);
    assert_string_equal(requests[1].head->includes,
                        "#include <a.h>\n#include \"b.h\"\n");
    assert_ptr_equal(requests[1].head, requests[UNITS].head);
}

/* What is found next to a file is its folder's; what flags find is everyone's.
 */
static void folders_share_what_is_not_theirs(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS];

    place_file_write("include/shared.h", "#pragma once\nint f(void);\n");
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "folder%d/unit.c", i);

        place_file_write(name, "#include \"shared.h\"\nint x;\n");
        requests[i] = request_of(place, name);
    }
    front_share(&place->arena, requests, UNITS, 1);
    assert_non_null(requests[0].head);
    for (int i = 0; i < UNITS; i++) {
        assert_ptr_equal(requests[0].head, requests[i].head);
        facts_of(place, &requests[i]);
    }
    assert_int_equal(requests[0].head->uses, UNITS);
    arena_finish(&requests[0].head->arena);
    place_file_write("folder2/shared.h", "#pragma once\nint g(void);\n");
    requests[0].head = NULL;
    front_share(&place->arena, requests, UNITS, 1);
    assert_null(requests[0].head);
}

/* A file that is saved between the plan and the parse. */
static void a_head_is_looked_at_again(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS];

    place_file_write("include/shared.h", "#pragma once\nint f(void);\n");
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, "#include <shared.h>\nint x;\n");
        requests[i] = request_of(place, name);
    }
    front_share(&place->arena, requests, UNITS, 1);
    place_file_write("unit1.c", "#include <time.h>\nint x;\n");
    facts_of(place, &requests[0]);
    facts_of(place, &requests[1]);
    assert_int_equal(requests[0].head->uses, 1);
    assert_int_equal(requests[0].head->failures, 1);
    arena_finish(&requests[0].head->arena);
}

static uint32_t includes_in(struct place *place, const char *text)
{
    head_includes includes = {0};

    head_read(&place->arena, text, strlen(text), &includes);
    return includes.count;
}

static void only_includes_are_a_head(void **state)
{
    static const struct {
        const char *text;
        uint32_t count;
    } rows[] = {
        {"", 0},
        {"#include <a.h>", 0}, /* nothing tells what would follow */
        {"#include <a.h>\n", 1},
        {" /* x\n */ // y\n\t#\tinclude\t\"a.h\"\t/* z */\r\n", 1},
        {"#include <a.h> /* x\n#include <b.h>\n*/\n#include <c.h>\n", 2},
        {"#include <a.h>\n#define X\n#include <b.h>\n", 1},
        {"#include <a.h>\n#ifdef X\n#include <b.h>\n#endif\n", 1},
        {"#define _GNU_SOURCE\n#include <a.h>\n", 0},
        {"#include NAME\n", 0},
        {"#include_next <a.h>\n", 0},
        {"#include <a.h> extra\n", 0},
        {"#inc\\\nlude <a.h>\n", 0},
        {"#include <a\n.h>\n", 0},
        {"// x \\ \n#include <a.h>\n#include <b.h>\n", 0},
        {"// x ?"
         "?/\n#include <a.h>\n",
         0},
        {"/* x\n#include <a.h>\n", 0},
        {"int x;\n#include <a.h>\n", 0},
    };
    struct place *place = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (includes_in(place, rows[i].text) != rows[i].count)
            fail_msg("row %zu: %u includes", i,
                     includes_in(place, rows[i].text));
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_head_changes_nothing),
        TEST(errors_are_told_as_ever),
        TEST(what_is_read_twice_is_no_head),
        TEST(heads_are_shared_by_enough),
        TEST(most_go_on_together),
        TEST(folders_share_what_is_not_theirs),
        TEST(a_head_is_looked_at_again),
        TEST(only_includes_are_a_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
