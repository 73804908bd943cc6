/*
 * Time grows with the program, not with its square: a generated program and
 * one four times as large are checked, and the processor time of the two is
 * compared. What is quadratic takes sixteen times as long; the bound leaves a
 * busy machine room for twice what is linear. Real measurements are bench/'s.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sys/resource.h>

#include "base/str.h"
#include "support/place.h"
#include "support/run.h"

enum {
    SMALL = 1500,
    TIMES = 4,
    MOST_TIMES_SLOWER = 9,
    RUNS = 2, /* of which the faster counts */
    CASES = 5000,
    CASES_MOST_MS = 20000, /* a second, on a quiet machine without sanitizers */
};

static const char head[] =
    "typedef union { char size[40]; long align; } pthread_mutex_t;\n"
    "int pthread_mutex_lock(pthread_mutex_t *mutex);\n"
    "int pthread_mutex_unlock(pthread_mutex_t *mutex);\n"
    "struct object { pthread_mutex_t lock; int n;\n"
    "    int (*run)(struct object *object, int n); };\n";

static long children_ms(void)
{
    struct rusage used;

    getrusage(RUSAGE_CHILDREN, &used);
    return used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000;
}

/* The processor time of one run over a.c, which must be clean. */
static long check_ms(struct place *place)
{
    long before = children_ms();
    struct ran ran = place_sh(place, "\"$ASYNCLINT\" -j1 a.c");

    if (ran.status || ran_incompletely(&ran))
        fail_msg("status %d\n%s%s", ran.status, ran.out, ran.err);
    return children_ms() - before;
}

static long fastest_ms(struct place *place, const char *text)
{
    long best = 0;

    place_file_write("a.c", text);
    for (int i = 0; i < RUNS; i++) {
        long took = check_ms(place);

        if (!i || took < best)
            best = took;
    }
    return best;
}

typedef const char *(*generator)(struct arena *arena, int count);

static void grows_linearly(struct place *place, generator make)
{
    long small = fastest_ms(place, make(&place->arena, SMALL));
    long large = fastest_ms(place, make(&place->arena, SMALL * TIMES));

    if (large > MOST_TIMES_SLOWER * small)
        fail_msg("%d functions take %ld ms, and %d take %ld ms", SMALL, small,
                 SMALL * TIMES, large);
}

/* Each takes a lock and calls the next one, all the way down. */
static const char *chain(struct arena *arena, int count)
{
    struct strbuf text = {.arena = arena};

    strbuf_add(&text, head);
    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "int f%d(struct object *object, int n);\n", i);
    for (int i = 0; i < count; i++) {
        strbuf_printf(&text,
                      "int f%d(struct object *object, int n)\n{\n"
                      "    pthread_mutex_lock(&object->lock);\n"
                      "    object->n += n;\n"
                      "    pthread_mutex_unlock(&object->lock);\n",
                      i);
        if (i + 1 < count)
            strbuf_printf(&text, "    return f%d(object, n);\n}\n", i + 1);
        else
            strbuf_add(&text, "    return 0;\n}\n");
    }
    return strbuf_text(&text);
}

/* All of them in one field, through which each calls. */
static const char *table(struct arena *arena, int count)
{
    struct strbuf text = {.arena = arena};

    strbuf_add(&text, head);
    for (int i = 0; i < count; i++) {
        strbuf_printf(&text,
                      "static int f%d(struct object *object, int n)\n{\n"
                      "    return n > %d ? object->run(object, n) : n;\n}\n",
                      i, i);
        if (i % 100 == 0)
            strbuf_printf(&text, "struct object object%d = {.run = f%d};\n", i,
                          i);
    }
    return strbuf_text(&text);
}

/* Every fifth takes two of forty global locks, in chains of a hundred: each may
 * take what those behind it take. */
static const char *nests(struct arena *arena, int count)
{
    struct strbuf text = {.arena = arena};

    strbuf_add(&text, head);
    for (int i = 0; i < 40; i++)
        strbuf_printf(&text, "extern pthread_mutex_t m%d;\n", i);
    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "int f%d(int n);\n", i);
    for (int i = 0; i < count; i++) {
        int lock = i % 5 ? 0 : i % 100 / 5 * 2;

        strbuf_printf(&text, "int f%d(int n)\n{\n", i);
        for (int k = 0; i % 5 == 0 && k < 2; k++)
            strbuf_printf(&text, "    pthread_mutex_lock(&m%d);\n", lock + k);
        if (i + 1 < count && i % 100 != 99)
            strbuf_printf(&text, "    n += f%d(n);\n", i + 1);
        for (int k = 1; i % 5 == 0 && k >= 0; k--)
            strbuf_printf(&text, "    pthread_mutex_unlock(&m%d);\n", lock + k);
        strbuf_add(&text, "    return n;\n}\n");
    }
    return strbuf_text(&text);
}

/* In one function, one lock after the other. */
static const char *locks(struct arena *arena, int count)
{
    struct strbuf text = {.arena = arena};

    strbuf_printf(&text, "%sint step(int n);\n", head);
    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "extern pthread_mutex_t m%d;\n", i);
    strbuf_add(&text, "int run(int n)\n{\n");
    for (int i = 0; i < count; i++)
        strbuf_printf(&text,
                      "    pthread_mutex_lock(&m%d);\n"
                      "    n += step(n);\n"
                      "    pthread_mutex_unlock(&m%d);\n",
                      i, i);
    strbuf_add(&text, "    return n;\n}\n");
    return strbuf_text(&text);
}

/* Without anything to do with each other, or with locks. */
static const char *strangers(struct arena *arena, int count)
{
    struct strbuf text = {.arena = arena};

    for (int i = 0; i < count; i++)
        strbuf_printf(&text, "int f%d(int n)\n{\n    return n + %d;\n}\n", i,
                      i);
    return strbuf_text(&text);
}

static void chains(void **state)
{
    grows_linearly(*state, chain);
}

static void tables(void **state)
{
    grows_linearly(*state, table);
}

static void nested_locks(void **state)
{
    grows_linearly(*state, nests);
}

/* A function is not split, and a rule may look at each event for each lock. */
static void many_locks(void **state)
{
    struct place *place = *state;
    long took = fastest_ms(place, locks(&place->arena, CASES));

    if (took > CASES_MOST_MS)
        fail_msg("%d locks in one function take %ld ms", CASES, took);
}

static void single_functions(void **state)
{
    grows_linearly(*state, strangers);
}

/* A state machine as generators write them. */
static void switches(void **state)
{
    struct place *place = *state;
    struct strbuf text = {.arena = &place->arena};
    long took;

    strbuf_printf(&text,
                  "%sint step(int at);\n"
                  "int run(struct object *object, int at)\n{\n"
                  "    for (;;)\n        switch (at) {\n",
                  head);
    for (int i = 0; i < CASES; i++)
        strbuf_printf(&text,
                      "        case %d:\n"
                      "            pthread_mutex_lock(&object->lock);\n"
                      "            at = step(%d);\n"
                      "            pthread_mutex_unlock(&object->lock);\n"
                      "            break;\n",
                      i, i);
    strbuf_add(&text,
               "        default:\n            return at;\n        }\n}\n");
    took = fastest_ms(place, strbuf_text(&text));
    if (took > CASES_MOST_MS)
        fail_msg("%d cases take %ld ms", CASES, took);
}

#define test(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(chains),     test(tables),           test(nested_locks),
        test(many_locks), test(single_functions), test(switches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
