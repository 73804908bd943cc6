/*
 * Facts as bytes: what was written is read back, and nothing else is taken
 * for it, whatever happened to the bytes in between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "front/front.h"
#include "ir/facts.h"
#include "ir/facts_file.h"
#include "ir/ir_print.h"
#include "support/place.h"

enum { FLIPS = 2000 };

static const char source[] =
    "struct pair { int one; struct pair *next; } global = {1, 0};\n"
    "#define TWICE(x) ((x) + (x))\n"
    "int callee(struct pair *pair, const char *text);\n"
    "int caller(struct pair *pair)\n"
    "{\n"
    "    for (int i = 0; i < 3; i++)\n"
    "        switch (callee(pair->next, __FILE__)) {\n"
    "        case 1: return TWICE(i);\n"
    "        case 2 ... 5: pair->one += i; break;\n"
    "        }\n"
    "    return pair ? pair->one : -1;\n"
    "}\n";

/* A unit of the source, in a file of this name. */
static struct ir_unit unit_make(struct place *place, const char *name)
{
    const struct front_request request = {
        .file = arena_printf(&place->arena, "%s/%s", place->folder, name),
        .directory = place->folder,
        .root = place->folder,
    };
    struct ir_unit unit;
    struct err err = {0};

    place_file_write(name, source);
    if (!front_lower(&request, &place->arena, &unit, &err))
        fail_msg("%s", err.text);
    return unit;
}

static struct strbuf facts_make(struct place *place, const char *name)
{
    struct ir_unit unit = unit_make(place, name);
    struct strbuf bytes = {.arena = &place->arena};

    facts_write(&unit, &bytes);
    return bytes;
}

static struct strbuf file_make(struct place *place, const char *name)
{
    struct ir_unit unit = unit_make(place, name);
    const struct ir_unit *units[] = {&unit};
    struct strbuf bytes = {.arena = &place->arena};

    facts_file_write(units, 1, &bytes);
    return bytes;
}

/* Reads what lies in a block of its own, so that ASan sees its end. */
static bool is_read(const char *bytes, size_t length, bool is_file,
                    struct err *err)
{
    struct arena arena = {0};
    struct facts_list list = {.arena = &arena};
    struct strbuf printed = {.arena = &arena};
    struct ir_unit unit;
    char *copy = malloc(length ? length : 1);
    bool is_fine;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    if (is_file)
        is_fine = facts_file_read(&list, "x", copy, length, err);
    else
        is_fine = facts_read(copy, length, &unit, err);
    if (is_fine && !is_file)
        ir_unit_print(&unit, &printed);
    free(copy);
    arena_finish(&arena);
    return is_fine;
}

static void refuse(const struct strbuf *bytes, size_t length, bool is_file)
{
    struct err err = {0};

    if (is_read(bytes->text, length, is_file, &err))
        fail_msg("%zu of %zu bytes are taken for facts", length, bytes->length);
    assert_true(err.is_set);
}

static void written_twice_is_the_same(void **state)
{
    struct place *place = *state;
    struct strbuf bytes = facts_make(place, "a.c");
    struct strbuf again = {.arena = &place->arena};
    struct ir_unit unit;
    struct err err = {0};

    assert_true(facts_read(bytes.text, bytes.length, &unit, &err));
    facts_write(&unit, &again);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.text, bytes.text, bytes.length);
    /* Not a word of where the tree stands. */
    assert_null(
        memmem(bytes.text, bytes.length, place->folder, strlen(place->folder)));
}

static void truncated_is_an_error(void **state)
{
    struct place *place = *state;
    struct strbuf facts = facts_make(place, "a.c");
    struct strbuf file = file_make(place, "a.c");

    for (size_t length = 0; length < facts.length; length++)
        refuse(&facts, length, false);
    for (size_t length = 0; length < file.length; length++)
        refuse(&file, length, true);
}

static void longer_is_an_error(void **state)
{
    struct place *place = *state;
    struct strbuf facts = facts_make(place, "a.c");
    struct strbuf file = file_make(place, "a.c");

    strbuf_add(&facts, "12345678");
    strbuf_add(&file, "12345678");
    refuse(&facts, facts.length, false);
    refuse(&file, file.length, true);
}

static void flipped_is_an_error(void **state)
{
    struct place *place = *state;
    struct strbuf facts = facts_make(place, "a.c");
    struct strbuf file = file_make(place, "a.c");

    srand(1);
    for (int i = 0; i < FLIPS; i++) {
        struct strbuf *bytes = i % 2 ? &facts : &file;
        size_t at = (size_t)rand() % bytes->length;
        char flip = (char)(1 << rand() % 8);

        bytes->text[at] ^= flip;
        refuse(bytes, bytes->length, bytes == &file);
        bytes->text[at] ^= flip;
    }
}

/* The checksum is no secret: whoever writes facts by hand can make it fit.
 * Then what is read is valid, or it is refused. */
static void forged_does_not_crash(void **state)
{
    struct place *place = *state;
    struct strbuf facts = facts_make(place, "a.c");
    size_t length = facts.length - sizeof(uint64_t);
    uint32_t taken = 0;

    srand(2);
    for (int i = 0; i < FLIPS; i++) {
        size_t at = (size_t)rand() % length;
        char before = facts.text[at];
        struct err err = {0};
        uint64_t checksum;

        facts.text[at] = (char)rand();
        checksum = XXH3_64bits(facts.text, length);
        memcpy(facts.text + length, &checksum, sizeof(checksum));
        taken += is_read(facts.text, facts.length, false, &err);
        facts.text[at] = before;
    }
    assert_in_range(taken, 1, FLIPS - 1);
}

static void foreign_is_named(void **state)
{
    struct place *place = *state;
    struct strbuf file = file_make(place, "a.c");
    struct err err = {0};

    file.text[8]++; /* the version, behind the magic */
    assert_false(is_read(file.text, file.length, true, &err));
    assert_non_null(strstr(err.text, "another version"));
    err.is_set = false;
    assert_false(is_read("int main;\n", 10, true, &err));
    assert_string_equal(err.text, "it holds no facts");
    err.is_set = false;
    assert_false(is_read("", 0, true, &err));
    assert_string_equal(err.text, "it ends too early");
}

static void list_is_sorted_and_unique(void **state)
{
    struct place *place = *state;
    struct strbuf b = file_make(place, "b.c");
    struct strbuf a = file_make(place, "a.c");
    struct facts_list list = {.arena = &place->arena};
    struct err err = {0};

    assert_true(facts_file_read(&list, "1", b.text, b.length, &err));
    assert_true(facts_file_read(&list, "2", a.text, a.length, &err));
    assert_true(facts_file_read(&list, "3", b.text, b.length, &err));
    assert_true(facts_list_settle(&list, &err));
    assert_int_equal(list.units.count, 2);
    assert_string_equal(list.units.items[0].path, "a.c");
    assert_string_equal(list.units.items[1].path, "b.c");
}

static void two_opinions_are_an_error(void **state)
{
    struct place *place = *state;
    struct ir_unit unit = unit_make(place, "a.c");
    const struct ir_unit *units[] = {&unit};
    struct strbuf first = {.arena = &place->arena};
    struct strbuf second = {.arena = &place->arena};
    struct facts_list list = {.arena = &place->arena};
    struct err err = {0};

    facts_file_write(units, 1, &first);
    unit.files.items[1].content.low++;
    facts_file_write(units, 1, &second);
    assert_true(facts_file_read(&list, "1", first.text, first.length, &err));
    assert_true(facts_file_read(&list, "2", second.text, second.length, &err));
    assert_false(facts_list_settle(&list, &err));
    assert_non_null(strstr(err.text, "two different facts of 'a.c'"));
}

/* A comment may be changed where no place moves; code may not. */
static void meaning_is_without_comments(void **state)
{
    static const char *const texts[] = {
        "int f(int n) { return n; } /* a comment */\n",
        "int f(int n) { return n; } // another, and more\n\n",
        "int f(int n) { return -n; }\n",
    };
    struct digest meanings[3];
    struct place *place = *state;

    for (int i = 0; i < 3; i++) {
        const struct front_request request = {
            .file = arena_printf(&place->arena, "%s/x.c", place->folder),
            .directory = place->folder,
            .root = place->folder,
        };
        struct strbuf facts = {.arena = &place->arena};
        struct ir_unit unit;
        struct err err = {0};

        place_file_write("x.c", texts[i]);
        assert_true(front_lower(&request, &place->arena, &unit, &err));
        facts_write(&unit, &facts);
        assert_true(facts_read(facts.text, facts.length, &unit, &err));
        meanings[i] = unit.meaning;
    }
    assert_true(digest_is_same(meanings[0], meanings[1]));
    assert_false(digest_is_same(meanings[0], meanings[2]));
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(meaning_is_without_comments),
        TEST(written_twice_is_the_same),
        TEST(truncated_is_an_error),
        TEST(longer_is_an_error),
        TEST(flipped_is_an_error),
        TEST(forged_does_not_crash),
        TEST(foreign_is_named),
        TEST(list_is_sorted_and_unique),
        TEST(two_opinions_are_an_error),
    };
#undef TEST

    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
