/*
 * base/: arenas, growing arrays, the map, text buffers, errors and YAML.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/yaml.h"

static bool is_zeroed(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void arena_memory_is_zeroed_and_aligned(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *bytes = arena_alloc(&arena, size);

        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        assert_true(is_zeroed(bytes, size));
        memset(bytes, 0xff, size);
    }
    arena_reset(&arena);
    assert_int_equal(arena.allocated, 0);
    for (int i = 0; i < 100; i++) {
        unsigned char *bytes = arena_alloc(&arena, 1000);

        assert_true(is_zeroed(bytes, 1000));
        memset(bytes, 0xff, 1000);
    }
    arena_finish(&arena);
    arena_finish(&arena);
}

static void arena_takes_more_than_a_chunk(void **state)
{
    struct arena arena = {0};
    unsigned char *large;

    (void)state;
    arena_alloc(&arena, 1);
    large = arena_alloc(&arena, 5 << 20);
    assert_true(is_zeroed(large, 5 << 20));
    large[(5 << 20) - 1] = 1;
    arena_finish(&arena);
}

static void arena_grow_keeps_what_was_there(void **state)
{
    struct arena arena = {0};
    char *text = arena_strdup(&arena, "abc");
    char *same;
    char *moved;

    (void)state;
    same = arena_grow(&arena, text, 4, 600);
    assert_ptr_equal(same, text);
    assert_string_equal(same, "abc");
    assert_true(is_zeroed((unsigned char *)same + 4, 596));
    arena_alloc(&arena, 1);
    moved = arena_grow(&arena, same, 600, 601);
    assert_ptr_not_equal(moved, same);
    assert_string_equal(moved, "abc");
    assert_ptr_equal(arena_grow(&arena, moved, 601, 10), moved);
    assert_non_null(arena_grow(&arena, NULL, 0, 10));
    arena_finish(&arena);
}

/* A reset leaves old bytes behind; growing in place must not show them. */
static void arena_grow_in_place_is_zeroed_after_reset(void **state)
{
    struct arena arena = {0};
    unsigned char *bytes = arena_alloc(&arena, 2000);

    (void)state;
    memset(bytes, 0xff, 2000);
    arena_reset(&arena);
    bytes = arena_alloc(&arena, 3);
    bytes = arena_grow(&arena, bytes, 3, 1500);
    assert_true(is_zeroed(bytes, 1500));
    arena_finish(&arena);
}

static void arena_printf_prints(void **state)
{
    struct arena arena = {0};
    char *text;

    (void)state;
    text = arena_printf(&arena, "%s-%d-%s", "a", 42, "");
    assert_string_equal(text, "a-42-");
    assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    arena_finish(&arena);
}

static void vec_grows(void **state)
{
    struct arena arena = {0};
    VEC(uint32_t) numbers = {0};

    (void)state;
    for (uint32_t i = 0; i < 10000; i++) {
        vec_add(&arena, &numbers, i);
        assert_int_equal(*vec_last(&numbers), i);
    }
    assert_int_equal(numbers.count, 10000);
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(numbers.items[i], i);
    arena_finish(&arena);
}

static void vec_changes_in_the_middle(void **state)
{
    const uint32_t wanted[] = {1, 2, 3, 4};
    struct arena arena = {0};
    VEC(uint32_t) numbers = {0};
    uint32_t *shared;

    (void)state;
    vec_insert(&arena, &numbers, 0, 4);
    vec_insert(&arena, &numbers, 0, 1);
    vec_insert(&arena, &numbers, 1, 2);
    vec_insert(&arena, &numbers, 2, 3);
    vec_insert(&arena, &numbers, 4, 5);
    vec_remove(&numbers, 4);
    assert_int_equal(numbers.count, 4);
    assert_memory_equal(numbers.items, wanted, sizeof(wanted));
    shared = numbers.items;
    vec_copy(&arena, &numbers);
    vec_remove(&numbers, 0);
    assert_memory_equal(numbers.items, wanted + 1, 3 * sizeof(*wanted));
    assert_memory_equal(shared, wanted, sizeof(wanted));
    numbers.count = 0;
    vec_copy(&arena, &numbers);
    assert_non_null(numbers.items);
    arena_finish(&arena);
}

static void map_remembers_order(void **state)
{
    struct arena arena = {0};
    struct map map = {.arena = &arena};
    char key[32];
    bool is_new;

    (void)state;
    assert_null(map_find_str(&map, "nothing"));
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(key, sizeof(key), "key%u", i);
        assert_int_equal(*map_add_str(&map, key, i, &is_new), i);
        assert_true(is_new);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(key, sizeof(key), "key%u", i);
        assert_int_equal(*map_find_str(&map, key), i);
        assert_int_equal(map.entries.items[i].value, i);
        assert_memory_equal(map.entries.items[i].key, key, strlen(key));
    }
    assert_null(map_find_str(&map, "key5000"));
    assert_int_equal(*map_add_str(&map, "key7", 99, &is_new), 7);
    assert_false(is_new);
    assert_int_equal(map.entries.count, 5000);
    arena_finish(&arena);
}

static void map_keys_are_bytes(void **state)
{
    struct arena arena = {0};
    struct map map = {.arena = &arena};

    (void)state;
    map_add(&map, "a\0b", 3, 1, NULL);
    map_add(&map, "a\0c", 3, 2, NULL);
    map_add(&map, "", 0, 3, NULL);
    assert_int_equal(*map_find(&map, "a\0b", 3), 1);
    assert_int_equal(*map_find(&map, "a\0c", 3), 2);
    assert_int_equal(*map_find(&map, "", 0), 3);
    assert_null(map_find(&map, "a", 1));
    arena_finish(&arena);
}

static void strbuf_grows(void **state)
{
    struct arena arena = {0};
    struct strbuf buf = {.arena = &arena};
    char long_text[1000];

    (void)state;
    assert_string_equal(strbuf_text(&buf), "");
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    strbuf_add(&buf, "a");
    strbuf_printf(&buf, "%d%s", 12, long_text);
    strbuf_add_bytes(&buf, "\0z", 2);
    assert_int_equal(buf.length, 1 + 2 + 999 + 2);
    assert_memory_equal(buf.text, "a12xxx", 6);
    assert_int_equal(buf.text[buf.length], '\0');
    assert_int_equal(buf.text[buf.length - 1], 'z');
    arena_finish(&arena);
}

static void str_ends(void **state)
{
    (void)state;
    assert_true(str_starts_with("abc", "ab"));
    assert_true(str_starts_with("abc", ""));
    assert_false(str_starts_with("a", "ab"));
    assert_true(str_ends_with("x.c", ".c"));
    assert_false(str_ends_with("c", ".c"));
}

static void str_matches_stars_only(void **state)
{
    (void)state;
    assert_true(str_matches("*", ""));
    assert_true(str_matches("", ""));
    assert_false(str_matches("", "a"));
    assert_true(str_matches("mutex_*", "mutex_lock"));
    assert_true(str_matches("*_lock*", "a_lock_b"));
    assert_true(str_matches("a*b*c", "a--b-b-c"));
    assert_false(str_matches("a*b*c", "a--c-b"));
    assert_true(str_matches("**x**", "x"));
    assert_false(str_matches("a?", "ab"));
    assert_true(str_matches("*aab", "aaaaab"));
}

static void str_guesses_near_words_only(void **state)
{
    static const char *const words[] = {"format", "pack", "strict",
                                        "jobs",   "no",   NULL};

    (void)state;
    assert_string_equal(str_did_you_mean("fromat", words), "format");
    assert_string_equal(str_did_you_mean("pakc", words), "pack");
    assert_string_equal(str_did_you_mean("stict", words), "strict");
    assert_null(str_did_you_mean("colour", words));
    assert_null(str_did_you_mean("qqqqqq", words));
    /* A distance as large as the word itself is no likeness. */
    assert_null(str_did_you_mean("x", words));
    assert_null(str_did_you_mean("", words));
}

static void str_guesses_nothing_for_long_words(void **state)
{
    static const char *const words[] = {"format", "y", NULL};
    char typo[400];

    (void)state;
    memset(typo, 'f', sizeof(typo) - 1);
    typo[sizeof(typo) - 1] = '\0';
    assert_null(str_did_you_mean(typo, words));
    assert_null(str_did_you_mean("x", words));
}

static void err_keeps_the_first(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(err_set(&err, "first %d", 1));
    assert_false(err_set(&err, "second"));
    assert_string_equal(err.text, "first 1");
    assert_false(err_within(&err, "in '%s'", "x.c"));
    assert_string_equal(err.text, "in 'x.c': first 1");
}

static void err_cuts_what_is_too_long(void **state)
{
    struct err err = {0};
    char long_text[3000];

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    err_set(&err, "%s", long_text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    err_within(&err, "%s", long_text);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static struct yaml_node *parsed(struct arena *arena, const char *text)
{
    struct err err = {0};
    struct yaml_node *root = NULL;

    if (!yaml_text_read(arena, "x.yaml", text, strlen(text), &root, &err))
        fail_msg("%s", err.text);
    return root;
}

static void yaml_nodes_know_their_place(void **state)
{
    struct arena arena = {0};
    const struct yaml_node *root =
        parsed(&arena, "a: 1\nlist:\n  - x\n  - 'y z'\n");
    const struct yaml_node *list = yaml_find(root, "list");

    (void)state;
    assert_int_equal(root->kind, YAML_MAP);
    assert_string_equal(yaml_find(root, "a")->text, "1");
    assert_null(yaml_find(root, "b"));
    assert_int_equal(list->kind, YAML_LIST);
    assert_int_equal(list->items.count, 2);
    assert_string_equal(list->items.items[1]->text, "y z");
    assert_int_equal(list->items.items[1]->line, 4);
    assert_int_equal(list->items.items[1]->column, 5);
    arena_finish(&arena);
}

static void yaml_nothing_is_an_empty_map(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_int_equal(parsed(&arena, "")->kind, YAML_MAP);
    assert_int_equal(parsed(&arena, "# only this\n")->kind, YAML_MAP);
    assert_int_equal(parsed(&arena, "{}")->keys.count, 0);
    arena_finish(&arena);
}

static void yaml_refuses(const char *text, const char *sentence)
{
    struct arena arena = {0};
    struct yaml_node *root = NULL;
    struct err err = {0};

    assert_false(
        yaml_text_read(&arena, "x.yaml", text, strlen(text), &root, &err));
    assert_string_equal(err.text, sentence);
    arena_finish(&arena);
}

static void yaml_refuses_with_a_place(void **state)
{
    (void)state;
    yaml_refuses("a: 1\na: 2\n", "x.yaml:2:1: the key 'a' stands here twice");
    yaml_refuses("a: &x 1\nb: *x\n",
                 "x.yaml:2:4: aliases are not allowed (a word that begins "
                 "with '*' has to be in quotes)");
    yaml_refuses("a: *_lock(x)\n", "x.yaml:1:4: a word that begins with '*' "
                                   "has to be in quotes");
    yaml_refuses("a: !!int 1\n", "x.yaml:1:4: tags ('!…') are not allowed");
    yaml_refuses("a: 1\n---\nb: 1\n",
                 "x.yaml:2:1: a second document; one is enough");
    yaml_refuses("[a]: 1\n", "x.yaml:1:1: a key must be a plain word");
    yaml_refuses("a: \"x\\0y\"\n", "x.yaml:1:4: a line break or another "
                                   "control character in a text");
    yaml_refuses("a: [1, 2\n", "x.yaml:2:1: did not find expected ',' or ']'");
    yaml_refuses("a: b\nc: \xff\n", "x.yaml:2:4: invalid leading UTF-8 octet");
}

static void yaml_has_bounds(void **state)
{
    struct arena arena = {0};
    struct strbuf text = {.arena = &arena};
    struct yaml_node *root = NULL;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 5000; i++)
        strbuf_add(&text, "[");
    assert_false(
        yaml_text_read(&arena, "x.yaml", text.text, text.length, &root, &err));
    assert_string_equal(err.text, "x.yaml:1:33: nested too deeply");
    text.length = 0;
    for (int i = 0; i < 70000; i++)
        strbuf_add(&text, "- a\n");
    err = (struct err){0};
    assert_false(
        yaml_text_read(&arena, "x.yaml", text.text, text.length, &root, &err));
    assert_non_null(strstr(err.text, "more than 65536 entries"));
    while (text.length <= 1 << 20)
        strbuf_add(&text, "# a long comment that is repeated\n");
    err = (struct err){0};
    assert_false(
        yaml_text_read(&arena, "x.yaml", text.text, text.length, &root, &err));
    assert_string_equal(err.text, "'x.yaml' is larger than 1 MiB");
    arena_finish(&arena);
}

static void yaml_checks_advise(void **state)
{
    static const char *const keys[] = {"packs", "rules", NULL};
    struct arena arena = {0};
    const struct yaml_node *root = parsed(&arena, "packs: 1\nrulse: 2\n");
    struct err err = {0};
    uint32_t index;

    (void)state;
    assert_false(yaml_keys_check(root, keys, "the file", &err));
    assert_string_equal(err.text, "x.yaml:2:1: unknown key 'rulse' in the "
                                  "file; did you mean 'rules'?");
    err = (struct err){0};
    assert_false(
        yaml_word_get(yaml_find(root, "packs"), keys, "'packs'", &index, &err));
    assert_string_equal(err.text, "x.yaml:1:8: unknown value '1' for 'packs' "
                                  "(known: packs, rules)");
    err = (struct err){0};
    assert_false(yaml_kind_check(root, YAML_LIST, "the file", &err));
    assert_string_equal(err.text,
                        "x.yaml:1:1: the file must be a list, not a map");
    arena_finish(&arena);
}

static void yaml_files_must_be_files(void **state)
{
    char folder[] = "/tmp/asynclint-base-XXXXXX";
    struct arena arena = {0};
    struct yaml_node *root = NULL;
    struct err err = {0};
    char *fifo;

    (void)state;
    assert_non_null(mkdtemp(folder));
    fifo = arena_printf(&arena, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(yaml_file_read(&arena, fifo, &root, &err));
    assert_non_null(strstr(err.text, "is not a regular file"));
    err = (struct err){0};
    assert_false(yaml_file_read(&arena, folder, &root, &err));
    assert_non_null(strstr(err.text, "is not a regular file"));
    unlink(fifo);
    err = (struct err){0};
    assert_false(yaml_file_read(&arena, fifo, &root, &err));
    assert_non_null(strstr(err.text, "cannot open"));
    rmdir(folder);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(arena_takes_more_than_a_chunk),
        cmocka_unit_test(arena_grow_keeps_what_was_there),
        cmocka_unit_test(arena_grow_in_place_is_zeroed_after_reset),
        cmocka_unit_test(arena_printf_prints),
        cmocka_unit_test(vec_grows),
        cmocka_unit_test(vec_changes_in_the_middle),
        cmocka_unit_test(map_remembers_order),
        cmocka_unit_test(map_keys_are_bytes),
        cmocka_unit_test(strbuf_grows),
        cmocka_unit_test(str_ends),
        cmocka_unit_test(str_matches_stars_only),
        cmocka_unit_test(str_guesses_near_words_only),
        cmocka_unit_test(str_guesses_nothing_for_long_words),
        cmocka_unit_test(err_keeps_the_first),
        cmocka_unit_test(err_cuts_what_is_too_long),
        cmocka_unit_test(yaml_nodes_know_their_place),
        cmocka_unit_test(yaml_nothing_is_an_empty_map),
        cmocka_unit_test(yaml_refuses_with_a_place),
        cmocka_unit_test(yaml_has_bounds),
        cmocka_unit_test(yaml_checks_advise),
        cmocka_unit_test(yaml_files_must_be_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
