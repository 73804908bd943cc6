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
#include <sys/wait.h>
#include <unistd.h>

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
    struct front_heads *heads;
    enum head_state state;

    place_file_write("include/shared.h", header);
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, arena_printf(&place->arena, "/* %d */\n%s%s", i,
                                            includes, i ? "int x;\n" : body));
        requests[i] = request_of(place, name);
    }
    heads = front_share(&place->arena, requests, UNITS);
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
    state = requests[0].head->status->state;
    front_unshare(heads);
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
    front_unshare(front_share(&place->arena, requests, UNITS - 1));
    assert_null(requests[1].head);
    requests[1].flags = others;
    front_unshare(front_share(&place->arena, requests, UNITS));
    assert_null(requests[2].head);
    requests[1].flags = requests[0].flags;
    requests[1].flag_count = 1;
    front_unshare(front_share(&place->arena, requests, UNITS));
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
    front_unshare(front_share(&place->arena, requests, UNITS * 2));
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
    struct front_heads *heads;

    place_file_write("include/shared.h", "#pragma once\nint f(void);\n");
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "folder%d/unit.c", i);

        place_file_write(name, "#include \"shared.h\"\nint x;\n");
        requests[i] = request_of(place, name);
    }
    heads = front_share(&place->arena, requests, UNITS);
    assert_non_null(requests[0].head);
    for (int i = 0; i < UNITS; i++) {
        assert_ptr_equal(requests[0].head, requests[i].head);
        facts_of(place, &requests[i]);
    }
    assert_int_equal(requests[0].head->status->uses, UNITS);
    front_unshare(heads);
    place_file_write("folder2/shared.h", "#pragma once\nint g(void);\n");
    requests[0].head = NULL;
    front_unshare(front_share(&place->arena, requests, UNITS));
    assert_null(requests[0].head);
}

static void units_make(struct place *place, struct front_request *requests)
{
    place_file_write("include/shared.h", "#pragma once\nint f(void);\n");
    for (int i = 0; i < UNITS; i++) {
        const char *name = arena_printf(&place->arena, "unit%d.c", i);

        place_file_write(name, "#include <shared.h>\nint x;\n");
        requests[i] = request_of(place, name);
    }
}

/* A file that is saved between the plan and the parse. */
static void a_head_is_looked_at_again(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS];
    struct front_heads *heads;

    units_make(place, requests);
    heads = front_share(&place->arena, requests, UNITS);
    place_file_write("unit1.c", "#include <time.h>\nint x;\n");
    facts_of(place, &requests[0]);
    facts_of(place, &requests[1]);
    assert_int_equal(requests[0].head->status->uses, 1);
    assert_int_equal(requests[0].head->status->failures, 1);
    front_unshare(heads);
}

/* In a process of its own, as a worker has it. */
static void lower_elsewhere(struct place *place,
                            const struct front_request *request)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        facts_of(place, request);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* One process makes it, and the others have it, when that one is gone, too. */
static void processes_share_a_head(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS];
    struct front_heads *heads;
    const struct head_status *status;

    units_make(place, requests);
    heads = front_share(&place->arena, requests, UNITS);
    status = requests[0].head->status;
    lower_elsewhere(place, &requests[0]);
    assert_int_equal(status->state, HEAD_READY);
    assert_null(requests[0].head->content);
    lower_elsewhere(place, &requests[1]);
    facts_of(place, &requests[2]);
    assert_ptr_equal(requests[2].head->content, status->content);
    assert_int_equal(status->uses, 3);
    assert_int_equal(status->failures, 0);
    front_unshare(heads);
}

/* Nobody waits for the one that makes it, nor tries what has killed that. */
static void a_head_in_the_making_is_nobodys(void **state)
{
    struct place *place = *state;
    struct front_request requests[UNITS];
    struct front_heads *heads;
    struct head_status *status;

    units_make(place, requests);
    heads = front_share(&place->arena, requests, UNITS);
    status = requests[0].head->status;
    status->state = HEAD_MAKING;
    facts_of(place, &requests[0]);
    assert_int_equal(status->state, HEAD_MAKING);
    assert_int_equal(status->uses + status->failures, 0);
    front_unshare(heads);
}

/* Who makes a head comes first, then who has none, then the others; long ones
 * before short ones. */
static void long_ones_come_first(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        uint32_t place;
    } rows[] = {
        {"a.c", "#include <shared.h>\nint x;\n", 0},
        {"b.c", "#include <shared.h>\nint longer;\n", 4},
        {"c.c", "int x;\n", 2},
        {"d.c", "#include <shared.h>\nint the_longest;\n", 3},
        {"e.c", "int alone;\n", 1},
        {"f.c", "#include <shared.h>\nint yy;\n", 5},
    };
    enum { COUNT = sizeof(rows) / sizeof(*rows) };
    struct place *place = *state;
    struct front_request requests[COUNT];
    const uint32_t *order;

    for (size_t i = 0; i < COUNT; i++) {
        place_file_write(rows[i].name, rows[i].text);
        requests[i] = request_of(place, rows[i].name);
    }
    front_unshare(front_share(&place->arena, requests, COUNT));
    order = front_order(&place->arena, requests, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(rows[order[i]].place, i);
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
        TEST(processes_share_a_head),
        TEST(a_head_in_the_making_is_nobodys),
        TEST(long_ones_come_first),
        TEST(only_includes_are_a_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
