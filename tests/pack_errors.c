/*
 * Mistakes in packs: each gets one sentence with its place, and the model
 * stays as it was. Columns count from 1.
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

#include <cmocka.h>

#include "base/str.h"
#include "model/model.h"

struct mistake {
    const char *pack;
    const char *sentence;
};

static void sentence_of(const char *text, size_t length, struct err *err)
{
    struct arena arena = {0};
    struct model *model = model_new(&arena);
    struct ir_unit unit;
    int count;

    ir_unit_init(&unit, &arena);
    assert_false(model_pack_add(model, "p.yaml", text, length, err));
    assert_true(err->is_set);
    model_packs(model_view_new(model, &unit), &count);
    assert_int_equal(count, 0);
    arena_finish(&arena);
}

static void mistakes_check(const struct mistake *mistakes)
{
    for (; mistakes->pack; mistakes++) {
        struct err err = {0};

        sentence_of(mistakes->pack, strlen(mistakes->pack), &err);
        if (strcmp(err.text, mistakes->sentence))
            fail_msg("%s\n--- is\n%s\n--- not\n%s", mistakes->pack, err.text,
                     mistakes->sentence);
    }
}

static void test_keys(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: p\nfuncions: {}\n",
         "p.yaml:2:1: 'funcions' is not a key of a pack, did you mean "
         "'functions'?"},
        {"pack: p\nfunctions:\n  f: {aquire: arg0}\n",
         "p.yaml:3:7: 'aquire' is not a key of a function, did you mean "
         "'acquire'?"},
        {"pack: p\nfunctions:\n  f: {acquire: {lok: arg0}}\n",
         "p.yaml:3:17: 'lok' is not a key of an acquisition, did you mean "
         "'lock'?"},
        {"pack: p\nruntime: {colour: red}\n",
         "p.yaml:2:11: 'colour' is not a key of a runtime; there is "
         "'threads', 'await-required', 'async-required', "
         "'cancel-skips-cleanups', 'returns-errors'"},
        {"pack: p\ncalled-under: [{fields: [a.b], lock: scope}]\n",
         "p.yaml:2:16: 'lock' has to say which: an argument's or a global"},
        {"pack: p\ncalled-under: [{lock: arg0, fields: [flush]}]\n",
         "p.yaml:2:38: 'flush' is not a field like ops.flush"},
        {"pack: p\nnot-atomic: [{fields: [a.b]}]\n",
         "p.yaml:2:23: 'set' has to name the field that decides"},
        {"pack: p\nmarkers: {await: {annotations: [x]}}\n",
         "p.yaml:2:19: 'annotations' is not a key of a marker; there is "
         "'words'"},
        {"pack: p\nabout: x\npack: q\n",
         "p.yaml:3:1: the key 'pack' stands here twice"},
        {"about: nameless\n",
         "p.yaml:1:1: a pack has to have a name: add 'pack: …'"},
        {"", "p.yaml:1:1: a pack has to have a name: add 'pack: …'"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

static void test_values(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: p\nfunctions:\n  f: {acquire: {lock: arg0, kind: blockin}}\n",
         "p.yaml:3:35: 'blockin' is not a kind of lock, did you mean "
         "'blocking'?"},
        {"pack: p\nfunctions: {f: {suspends: sometimes}}\n",
         "p.yaml:2:27: 'sometimes' is not an answer; there is 'never', "
         "'may', 'must', 'unknown', 'in-task'"},
        {"pack: p\nfunctions: {f: {blocks: nevr}}\n",
         "p.yaml:2:25: 'nevr' is not an answer or a reason, did you mean "
         "'never'?"},
        {"pack: p\nfunctions: {f: {noreturn: yes}}\n",
         "p.yaml:2:27: 'yes' is not true or false; there is 'true', 'false'"},
        {"pack: p\nfunctions: {f: {runs: {arg0: thred}}}\n",
         "p.yaml:2:30: 'thred' is not a time to run at, did you mean "
         "'thread'?"},
        {"pack: p\nfunctions: {f: {runs: {first: now}}}\n",
         "p.yaml:2:24: 'first' is not an argument like arg0"},
        {"pack: p\nflags: {A: -1}\n", "p.yaml:2:12: the number is negative"},
        {"pack: p\nflags: {A: 99999999999999999999}\n",
         "p.yaml:2:12: the number is out of range"},
        {"pack: p\nflags: {A: one}\n", "p.yaml:2:12: 'one' is not a number"},
        {"pack: p\nshort-sections: alow\n",
         "p.yaml:2:17: 'alow' is not a policy for short sections, did you "
         "mean 'allow'?"},
        {"pack: p\nabout:\n", "p.yaml:2:7: a value is missing here"},
        {"pack: [p]\n", "p.yaml:1:7: a text belongs here, not a list"},
        {"pack: p\nheaders: {a: b}\n",
         "p.yaml:2:10: a text belongs here, not a mapping"},
        {"pack: p\nheaders: [/usr/include/x.h]\n",
         "p.yaml:2:11: a header is the end of a path, like rt/task.h"},
        {"pack: p\nfunctions: [f]\n",
         "p.yaml:2:12: a mapping of names belongs here"},
        {"pack: p\nfunctions: {f: blocks}\n",
         "p.yaml:2:16: a function has to be a mapping of keys to values"},
        {"- pack\n",
         "p.yaml:1:1: a pack has to be a mapping of keys to values"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

#define PLACES                                                                 \
    "is not a place; places are arg0, arg0->field, &arg0->field, *arg0, "      \
    "arg0..., "                                                                \
    "result, scope and global:name"

static void test_names_and_places(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: p\nfunctions: {pthread-mutex: {}}\n",
         "p.yaml:2:13: 'pthread-mutex' is not a C name"},
        {"pack: p\nharmless: [\"*\"]\n",
         "p.yaml:2:12: '*' would match every name"},
        {"pack: p\nharmless: [*_lock]\n",
         "p.yaml:2:12: aliases are not allowed (a word that begins with '*' "
         "has to be in quotes)"},
        {"pack: p\nmarkers: {async: {fields: [flush]}}\n",
         "p.yaml:2:28: 'flush' is not a field like ops.flush"},
        {"pack: p\nfunctions: {f: {release: args0}}\n",
         "p.yaml:2:26: 'args0' " PLACES},
        {"pack: p\nfunctions: {f: {release: arg0->}}\n",
         "p.yaml:2:26: 'arg0->' " PLACES},
        {"pack: p\nfunctions: {f: {release: arg999}}\n",
         "p.yaml:2:26: 'arg999' " PLACES},
        {"pack: p\nfunctions: {f: {release: \"global:\"}}\n",
         "p.yaml:2:26: 'global:' " PLACES},
        {"pack: p\nfunctions: {f: {release: scope}}\n",
         "p.yaml:2:26: only a guard can be the scope"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

#define CONDITION                                                              \
    "a condition is {arg: N, is: V}, with is, is-not, has, lacks or "          \
    "points-to, or {fd: N, is: nonblocking}, or {stream: N, is: in-memory}"

static void test_conditions(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: p\nflags: {MSG_DONTWAIT: 0x40}\nfunctions:\n"
         "  f: {blocks: for data, unless: {arg: 3, has: MSG_DONTWIAT}}\n",
         "p.yaml:4:47: 'MSG_DONTWIAT' does not stand under 'flags', did you "
         "mean 'MSG_DONTWAIT'?"},
        {"pack: p\nfunctions:\n"
         "  f: {blocks: for data, unless: {arg: 3, has: NOW}}\n",
         "p.yaml:3:47: 'NOW' does not stand under 'flags'"},
        {"pack: p\nfunctions: {f: {blocks: for data, unless: {arg: 3}}}\n",
         "p.yaml:2:43: " CONDITION},
        {"pack: p\nfunctions:\n"
         "  f: {blocks: for data, unless: {arg: 3, is: 1, has: 2}}\n",
         "p.yaml:3:33: " CONDITION},
        {"pack: p\nfunctions:\n"
         "  f: {blocks: for data, unless: {fd: -1, is: nonblocking}}\n",
         "p.yaml:3:38: the number is negative"},
        {"pack: p\nfunctions:\n"
         "  f: {blocks: for data, unless: {arg: 127, is: 1}}\n",
         "p.yaml:3:39: no function has an argument 127"},
        {"pack: p\nfunctions:\n"
         "  f: {blocks: for data, unless: {fd: 0, is: noblocking}}\n",
         "p.yaml:3:45: 'noblocking' is not what can be said here, did you "
         "mean 'nonblocking'?"},
        {"pack: p\nfunctions: {f: {unless: {arg: 0, is: 0}}}\n",
         "p.yaml:2:16: 'unless' excepts from 'blocks' or 'suspends', and "
         "neither is here"},
        {"pack: p\nfunctions: {f: {local: true}}\n",
         "p.yaml:2:16: 'local' is said of what 'blocks', which is not here"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

static void test_entries(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: p\nfunctions: {f: {acquire: {kind: spin}}}\n",
         "p.yaml:2:26: an acquisition has to name its lock: add 'lock: "
         "arg0'"},
        {"pack: p\nfunctions: {f: {acquire: arg0}}\n",
         "p.yaml:2:26: which kind of lock is it? add 'kind: blocking', spin, "
         "async or by-type"},
        {"pack: p\nfunctions: {f: {acquire: {lock: arg0, kind: spin,\n"
         "  try: true}}}\n",
         "p.yaml:2:26: a try has to say when it got the lock: add 'when: "
         "result == 0' or the like"},
        {"pack: p\nfunctions: {f: {guard: {take: arg0, drop: arg0}}}\n",
         "p.yaml:2:24: a guard does one thing: enter, defer, adopt, take, "
         "await, drop or move"},
        {"pack: p\nfunctions: {f: {guard: {enter: result}}}\n",
         "p.yaml:2:24: a guard that enters, defers or adopts has to name its "
         "lock, and no other has"},
        {"pack: p\nfunctions: {f: {guard: {move: result}}}\n",
         "p.yaml:2:24: a guard that moves has to say 'from', and no other "
         "has"},
        {"pack: p\nfunctions: {f: {wait: {releases: arg1}}}\n",
         "p.yaml:2:16: a wait suspends the task or blocks the thread: add "
         "'suspends: may' or 'blocks: …'"},
        {"pack: p\nfunctions: {f: {block: true}}\n",
         "p.yaml:2:16: only a macro has a body to hold or offload"},
        {"pack: p\nfunctions: {f: {permits: arg0}}\n",
         "p.yaml:2:26: permits are {of: arg0, count: arg1}, or count: 1"},
        {"pack: p\nfunctions: {f: {takes-permit: {lock: arg0}}}\n",
         "p.yaml:2:31: which kind of lock is it? add 'kind: blocking', spin, "
         "async or by-type"},
        {"pack: p\nfunctions: {f: {attribute: {recursive: true}}}\n",
         "p.yaml:2:28: an attribute has to name its object: add 'of: arg0'"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

static void test_yaml(void **state)
{
    static const struct mistake mistakes[] = {
        {"pack: &a p\nabout: *a\n",
         "p.yaml:2:8: aliases are not allowed (a word that begins with '*' "
         "has to be in quotes)"},
        {"pack: p\n---\npack: q\n",
         "p.yaml:2:1: a second document; one is enough"},
        {"pack: !!str p\n", "p.yaml:1:7: tags ('!…') are not allowed"},
        {"pack: \"a\\nb\"\n",
         "p.yaml:1:7: a line break or another control character in a text"},
        {"pack: {a\n", "p.yaml:2:1: did not find expected ',' or '}'"},
        {0},
    };

    (void)state;
    mistakes_check(mistakes);
}

/* A bomb, a hole and a flood: each ends in a sentence, soon. */
static void test_hostile(void **state)
{
    enum { SIZE = 1 << 20, PATTERNS = 1100 };
    struct arena arena = {0};
    struct strbuf text = {.arena = &arena};
    struct err err = {0};
    char *deep = malloc(SIZE);

    (void)state;
    memset(deep, '[', SIZE);
    sentence_of(deep, SIZE, &err);
    assert_non_null(strstr(err.text, "nested too deeply"));
    memset(&err, 0, sizeof(err));
    memset(deep, 'a', SIZE);
    sentence_of(deep, SIZE, &err);
    memset(&err, 0, sizeof(err));
    memset(deep, '\0', SIZE);
    sentence_of(deep, SIZE, &err);
    free(deep);
    strbuf_add(&text, "pack: p\nharmless:\n");
    for (int i = 0; i < PATTERNS; i++)
        strbuf_printf(&text, "- f%d_*\n", i);
    memset(&err, 0, sizeof(err));
    sentence_of(text.text, text.length, &err);
    assert_string_equal(err.text,
                        "p.yaml:1:1: 1100 names with a '*': at most 1000");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_names_and_places),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
