/*
 * The habits of this tree, held by a machine: who may include whom, how long
 * things are, what is said where. The checks are in conventions/, one file
 * for each concern; here are the exceptions, the run over the tree, and tests
 * of the checks themselves, for a check that can't fail is worth nothing.
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

#include "conventions/checks.h"

/* An exception is a debt: it needs a reason that the next reader accepts. */
static const struct exception exceptions[] = {
    {"sizes", "analyzer/ir/ir.h",
     "the IR is one vocabulary; most lines say what a field means"},
    {"sizes", "analyzer/model/model.h",
     "what a pack can say is one list, read together with pack files"},
    {"includes", "tests/bench/parse.c",
     "it measures what libclang costs without anything of ours"},
    {NULL, NULL, NULL},
};

typedef void (*source_check)(struct report *, const struct source *);

static const struct {
    const char *name;
    source_check check;
} source_checks[] = {
    {"includes", check_includes}, {"sizes", check_sizes},
    {"width", check_width},       {"purpose", check_purpose},
    {"todo", check_todo},         {"places", check_places},
    {"messages", check_messages}, {"rule names", check_rule_names},
};

/* The whole file, or NULL. */
static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (!file)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

static void test_tree(void **state)
{
    struct tree tree = {0};
    struct report report = {.exceptions = exceptions};
    char *commands = file_text(BUILD_ROOT "/compile_commands.json");
    size_t complaint_count;

    (void)state;
    tree_load(&tree, SOURCE_ROOT);
    assert_true(tree.count > 0);
    for (size_t i = 0; i < sizeof(source_checks) / sizeof(*source_checks);
         i++) {
        report.check = source_checks[i].name;
        for (size_t j = 0; j < tree.count; j++)
            source_checks[i].check(&report, &tree.sources[j]);
    }
    report.check = "readmes";
    check_readmes(&report, &tree);
    report.check = "built";
    if (commands) /* not every generator writes it */
        check_built(&report, &tree, commands);
    report_print(&report);
    complaint_count = report.complaint_count;
    free(commands);
    report_finish(&report);
    tree_finish(&tree);
    if (complaint_count > 0)
        fail_msg("%zu complaints, see above", complaint_count);
}

/* Runs one check on one text. `complaint` is the start of the only complaint
 * that it must make, NULL when it must make none. */
static void expect(source_check check, const char *path, const char *text,
                   const char *complaint)
{
    struct source source;
    struct report report = {0};

    source_init(&source, path, text, strlen(text));
    check(&report, &source);
    if (report.complaint_count != (complaint ? 1 : 0)) {
        report_print(&report);
        fail_msg("%s: %zu complaints about:\n%s", path, report.complaint_count,
                 text);
    }
    if (complaint &&
        strncmp(report.complaints[0], complaint, strlen(complaint)) != 0)
        fail_msg("'%s', not '%s'", report.complaints[0], complaint);
    report_finish(&report);
    source_finish(&source);
}

static void test_includes(void **state)
{
    (void)state;
    expect(check_includes, "analyzer/engine/cfg.c",
           "#include \"engine/cfg.h\"\n#include \"ir/ir.h\"\n"
           "#include <string.h>\n/* #include \"fix/edit.h\" */\n",
           NULL);
    expect(check_includes, "analyzer/ir/ir.c",
           "#include \"ir/ir.h\"\n#include \"model/model.h\"\n",
           "analyzer/ir/ir.c:2: 'model/model.h' is not to the left");
    expect(check_includes, "analyzer/ir/ir.c", "#include \"front/lower.h\"\n",
           "analyzer/ir/ir.c:1: ");
    expect(check_includes, "analyzer/front/lower.c", "#include \"ir/ir.h\"\n",
           NULL);
    expect(check_includes, "analyzer/base/map.c", "#include \"ir/ir.h\"\n",
           "analyzer/base/map.c:1: ");
    expect(check_includes, "analyzer/main.c",
           "#include \"pipeline.h\"\n#include \"server/lsp.h\"\n", NULL);
    expect(check_includes, "analyzer/engine/cfg.c", "#include \"../x.h\"\n",
           "analyzer/engine/cfg.c:1: '../x.h' climbs");
    expect(check_includes, "runtime-sample/src/task.c",
           "#include \"base/vec.h\"\n", "runtime-sample/src/task.c:1: ");
}

static void test_includes_of_libraries(void **state)
{
    (void)state;
    expect(check_includes, "analyzer/front/lower.c",
           "#include \"base/libclang.h\"\n", NULL);
    expect(check_includes, "analyzer/input/compdb.c",
           "#include \"base/libclang.h\"\n", NULL);
    expect(check_includes, "analyzer/front/lower.c",
           "#include <clang-c/Index.h>\n",
           "analyzer/front/lower.c:1: 'clang-c/Index.h' belongs");
    expect(check_includes, "analyzer/engine/cfg.c",
           "#include \"base/libclang.h\"\n",
           "analyzer/engine/cfg.c:1: 'base/libclang.h' belongs");
    expect(check_includes, "analyzer/front/syntax.c",
           "#include <tree_sitter/api.h>\n", NULL);
    expect(check_includes, "analyzer/front/lower.c",
           "#  include <tree_sitter/api.h>\n", NULL);
    expect(check_includes, "analyzer/front/lower.c",
           "#include <tree_sitter/api.h>\n", "analyzer/front/lower.c:1: ");
}

static void test_includes_of_rules(void **state)
{
    (void)state;
    expect(check_includes, "rules/a-b.c",
           "#include <rt.h>\n#include \"rules/rule.h\"\n"
           "#include \"findings/query.h\"\n",
           NULL);
    expect(check_includes, "rules/a-b.c", "#include \"engine/cfg.h\"\n",
           "rules/a-b.c:1: 'engine/cfg.h' is not");
    expect(check_includes, "rules/a-b.c", "#include \"helper.h\"\n",
           "rules/a-b.c:1: a rule includes");
    expect(check_includes, "analyzer/findings/check.c",
           "#include \"rules/rule.h\"\n", NULL);
    expect(check_includes, "analyzer/engine/cfg.c",
           "#include \"rules/rule.h\"\n", "analyzer/engine/cfg.c:1: ");
}

/* `head`, a body of `lines` lines with its braces, and `tail`. */
static void expect_lines(const char *path, const char *head, int lines,
                         const char *complaint)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    fprintf(file, "%s{\n", head);
    for (int i = 0; i < lines - 2; i++)
        fputs("    x();\n", file);
    fputs("}\n", file);
    fclose(file);
    expect(check_sizes, path, text, complaint);
    free(text);
}

static void test_sizes(void **state)
{
    const char *flat =
        "/*\n * A flat switch.\n */\nint f(int a,\n      int b)\n";

    (void)state;
    expect_lines("a/b.c", "int f(void)\n", 60, NULL);
    expect_lines("a/b.c", "\nstatic int *f(void)\n", 61,
                 "a/b.c:2: 'f' has 61 lines");
    expect_lines("a/b.c", flat, 100, NULL);
    expect_lines("a/b.c", flat, 101, "a/b.c:4: 'f' has 101 lines");
    expect_lines("a/b.c", "/* no switch */\nint f(void)\n", 61, "a/b.c:2: ");
    expect_lines("fixtures/a/b.c", "int f(void)\n", 600, NULL);
    expect_lines("rules/a.c", "int f;\n ", 199, NULL);
    expect_lines("rules/a.c", "int f;\n ", 200, "rules/a.c:201: 201 lines");
    expect_lines("a/rt.h", "int f;\n ", 299, NULL);
    expect_lines("a/b.h", "int f;\n ", 200, "a/b.h:201: 201 lines");
    expect_lines("a/b.c", "int f;\n ", 499, NULL);
    expect_lines("a/b.c", "int f;\n ", 500, "a/b.c:501: 501 lines");
}

static void test_width(void **state)
{
    char line[128];

    (void)state;
    snprintf(line, sizeof(line), "%-77s…//\n", "/*");
    expect(check_width, "a.c", line, NULL);
    snprintf(line, sizeof(line), "\n%-77s…///\n", "/*");
    expect(check_width, "a.c", line, "a.c:2: 81 columns");
    expect(check_width, "a.md", line, NULL);
    snprintf(line, sizeof(line), "/* see https://%-77s\n", "example.org");
    expect(check_width, "a.c", line, NULL);
}

static void test_purpose(void **state)
{
#define LICENCE " *\n * SPDX-License-Identifier: Apache-2.0\n */\n"
    (void)state;
    expect(check_purpose, "a.c", "/*\n * Cuts texts.\n" LICENCE, NULL);
    expect(check_purpose, "a.c", "#include <a.h>\n", "a.c:1: the file must");
    expect(check_purpose, "a.c", "", "a.c:1: the file must");
    expect(check_purpose, "a.c", "/* Cuts texts. */\n", "a.c:1: the last");
    expect(check_purpose, "a.c", "/*\n" LICENCE, "a.c:1: the first");
    expect(check_purpose, "fixtures/a.c", "int x;\n", NULL);
#undef LICENCE
}

static void test_todo(void **state)
{
    (void)state;
    expect(check_todo, "a.c", "/* T\117DO(#12): more */\n", NULL);
    expect(check_todo, "a.c", "int x;\n/* T\117DO: more */\n", "a.c:2: ");
    expect(check_todo, "a.yaml", "# FIX\115E(12)\n", "a.yaml:1: ");
    expect(check_todo, "a.c", "MAST\117DON x;\n", NULL);
    expect(check_todo, "a.md", "say T\117DO and the number\n", NULL);
}

static void test_places(void **state)
{
    (void)state;
    expect(check_places, "a.md", "see /w\157rk/x\n", "a.md:1: '/wo");
    expect(check_places, "a.md", "cc -I/r\157ot/x\n", "a.md:1: '/ro");
    expect(check_places, "a.md", "net/w\157rk, $HOME/w\157rk, /w\157rker\n",
           NULL);
    expect(check_places, "a.json", "\n\"https://registry.npm\152s.org\"\n",
           "a.json:2: ");
}

static void test_messages(void **state)
{
    (void)state;
    expect(check_messages, "a.c",
           "return err_set(err, \"no such file '%s'\", path);\n", NULL);
    expect(check_messages, "a.c", "return err_set(err, \"No file\");\n",
           "a.c:1: a message starts");
    expect(check_messages, "a.c", "return err_set(err, \"SARIF is big\");\n",
           NULL);
    expect(check_messages, "a.c",
           "diag_note(f(x, 1),\n  \"taken \"\n  \"here.\", \"There.\");\n",
           "a.c:2: a message doesn't end");
    expect(check_messages, "a.c", "die(\"waiting...\");\n", NULL);
    expect(check_messages, "a.c", "void diag_add(int);\nputs(\"It is.\");\n",
           NULL);
    expect(check_messages, "a.c", "soldier(\"Hi.\"); /* die(\"Oh.\") */\n",
           NULL);
}

static void test_rule_names(void **state)
{
    (void)state;
    expect(check_rule_names, "rules/a-b.c",
           "const struct rule rule_a_b = {\n    .id = \"a-b\",\n", NULL);
    expect(check_rule_names, "rules/a-b.c",
           "const struct rule rule_a_b = {\n    .id = \"a-bc\",\n",
           "rules/a-b.c:1: the rule's id");
    expect(check_rule_names, "rules/a-b.c",
           "const struct rule rule_ab = {\n    .id = \"a-b\",\n",
           "rules/a-b.c:1: the rule must define");
    expect(check_rule_names, "rules/a_b.c",
           "const struct rule rule_a_b = {\n    .id = \"a_b\",\n",
           "rules/a_b.c:1: a rule's file");
    expect(check_rule_names, "rules/sub/x.c", "int x;\n", NULL);
}

/* Files that stand together: README.md and the build. */
static void test_files_together(void **state)
{
    const char *paths[] = {"analyzer/ir/README.md", "analyzer/ir/ir.c",
                           "fixtures/a/x.yaml", "fixtures/a/y.c",
                           "tests/support/x.c"};
    struct source sources[5];
    struct tree tree = {sources, 5};
    struct report report = {0};

    (void)state;
    for (size_t i = 0; i < tree.count; i++)
        source_init(&sources[i], paths[i], "", 0);
    check_readmes(&report, &tree);
    assert_int_equal(report.complaint_count, 1);
    assert_non_null(strstr(report.complaints[0], "fixtures/a/README.md:1: "));
    check_built(&report, &tree, "\"file\": \"/x/analyzer/ir/ir.c\"");
    assert_int_equal(report.complaint_count, 1);
    check_built(&report, &tree, "\"file\": \"/x/analyzer/ir/ir.cc\"");
    assert_int_equal(report.complaint_count, 2);
    report_finish(&report);
    for (size_t i = 0; i < tree.count; i++)
        source_finish(&sources[i]);
}

static void test_exceptions(void **state)
{
    static const struct exception table[] = {{"todo", "a.c", "a test"},
                                             {NULL, NULL, NULL}};
    struct report report = {.check = "todo", .exceptions = table};

    (void)state;
    report_complain(&report, "a.c", 1, "nothing");
    assert_int_equal(report.complaint_count, 0);
    report_complain(&report, "b.c", 1, "something");
    report.check = "sizes";
    report_complain(&report, "a.c", 1, "something");
    assert_int_equal(report.complaint_count, 2);
    report_finish(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_includes),
        cmocka_unit_test(test_includes_of_libraries),
        cmocka_unit_test(test_includes_of_rules),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_purpose),
        cmocka_unit_test(test_todo),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_rule_names),
        cmocka_unit_test(test_files_together),
        cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_tree),
    };

    return cmocka_run_group_tests_name("conventions", tests, NULL, NULL);
}
