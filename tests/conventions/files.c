/*
 * What must be there besides a file: a README in its folder, a place in the
 * build, and for a rule the same name in three places.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conventions/checks.h"

/* Folders that explain themselves as soon as they hold such a file. */
static const struct {
    const char *folder;
    const char *file;
} explained[] = {
    {"analyzer", "*.c"},     {"analyzer/*", "*.[ch]"},
    {"rules", "*.[ch]"},     {"rules/packs", "*.yaml"},
    {"runtime-sample", "*"}, {"runtime-sample/*", "*.[chS]"},
    {"fixtures", "*"},       {"fixtures/*", "*"},
    {"tests", "*.c"},
};

static bool must_be_explained(const char *folder, const char *file)
{
    for (size_t i = 0; i < sizeof(explained) / sizeof(*explained); i++)
        if (fnmatch(explained[i].folder, folder, FNM_PATHNAME) == 0 &&
            fnmatch(explained[i].file, file, 0) == 0)
            return true;
    return false;
}

static bool tree_has(const struct tree *tree, const char *path)
{
    for (size_t i = 0; i < tree->count; i++)
        if (!strcmp(tree->sources[i].path, path))
            return true;
    return false;
}

/* Files are sorted, so those of one folder mostly follow one another, and to
 * remember the last complaint is enough not to repeat it for each of them. */
void check_readmes(struct report *report, const struct tree *tree)
{
    char *told = strdup("");

    for (size_t i = 0; i < tree->count; i++) {
        const char *path = tree->sources[i].path;
        const char *slash = strrchr(path, '/');
        char folder[256];
        char readme[300];

        if (!slash || (size_t)(slash - path) >= sizeof(folder))
            continue;
        memcpy(folder, path, (size_t)(slash - path));
        folder[slash - path] = '\0';
        snprintf(readme, sizeof(readme), "%s/README.md", folder);
        if (!must_be_explained(folder, slash + 1) || tree_has(tree, readme) ||
            !strcmp(told, readme))
            continue;
        report_complain(report, readme, 1,
                        "this folder needs a README: what is here, for whom");
        free(told);
        told = strdup(readme);
    }
    free(told);
}

void check_built(struct report *report, const struct tree *tree,
                 const char *commands)
{
    for (size_t i = 0; i < tree->count; i++) {
        const char *path = tree->sources[i].path;
        char needle[300];

        if (fnmatch("analyzer/*.c", path, 0) != 0)
            continue;
        snprintf(needle, sizeof(needle), "/%s\"", path);
        if (!strstr(commands, needle))
            report_complain(report, path, 1, "the build doesn't compile this");
    }
}

/* Whether the descriptor has `.id = "stem"`, with whatever spaces. */
static bool rule_has_id(const char *code, const char *stem, size_t length)
{
    const char *at = strstr(code, ".id");

    if (!at)
        return false;
    at += strlen(".id");
    at += strspn(at, " =\"");
    return !strncmp(at, stem, length) && at[length] == '"';
}

void check_rule_names(struct report *report, const struct source *source)
{
    char symbol[128];
    const char *stem = source->path + strlen("rules/");
    int length = (int)strcspn(stem, ".");

    if (fnmatch("rules/*.c", source->path, FNM_PATHNAME) != 0)
        return;
    if (!rule_has_id(source->code, stem, (size_t)length))
        report_complain(report, source->path, 1,
                        "the rule's id must be \"%.*s\", like its file", length,
                        stem);
    if (memchr(stem, '_', (size_t)length))
        report_complain(report, source->path, 1,
                        "a rule's file is named like its id, with '-'");
    snprintf(symbol, sizeof(symbol), "struct rule rule_%.*s ", length, stem);
    for (char *at = symbol; *at; at++)
        if (*at == '-')
            *at = '_';
    if (!strstr(source->code, symbol))
        report_complain(report, source->path, 1,
                        "the rule must define 'const %s', like its file",
                        symbol);
}
