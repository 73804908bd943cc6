/*
 * Finds and reads the files of the tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conventions/source.h"

/* Larger files are data that nobody reads as text; ours are far below. */
#define FILE_SIZE_MAX (4u << 20)

/* nftw hands no argument to its callback, hence a file to write names to. */
static FILE *walk_names;

static bool file_add(struct tree *tree, const char *path)
{
    FILE *file = fopen(path, "r");
    char *text;
    size_t length;

    if (!file)
        return false; /* deleted, but git doesn't know yet */
    text = malloc(FILE_SIZE_MAX);
    length = fread(text, 1, FILE_SIZE_MAX, file);
    fclose(file);
    tree->sources =
        realloc(tree->sources, (tree->count + 1) * sizeof(*tree->sources));
    source_init(&tree->sources[tree->count++], path, text, length);
    free(text);
    return true;
}

static void names_add(struct tree *tree, FILE *names)
{
    char *name = NULL;
    size_t size = 0;

    while (getdelim(&name, &size, '\0', names) > 0)
        file_add(tree, name);
    free(name);
}

static int walk_visit(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    const char *name = path + place->base;

    (void)info;
    if (kind == FTW_D && place->level > 0 &&
        (name[0] == '.' || !strcmp(name, "build") ||
         !strcmp(name, "node_modules")))
        return FTW_SKIP_SUBTREE;
    if (kind == FTW_F)
        fprintf(walk_names, "%s%c", path + strlen("./"), '\0');
    return FTW_CONTINUE;
}

static void tree_walk(struct tree *tree)
{
    walk_names = tmpfile();
    if (!walk_names)
        return;
    nftw(".", walk_visit, 16, FTW_PHYS | FTW_ACTIONRETVAL);
    rewind(walk_names);
    names_add(tree, walk_names);
    fclose(walk_names);
}

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct source *)left)->path,
                  ((const struct source *)right)->path);
}

void tree_load(struct tree *tree, const char *root)
{
    FILE *names;

    if (chdir(root) != 0)
        return;
    names = popen("git ls-files -z --cached --others --exclude-standard"
                  " --deduplicate 2>/dev/null",
                  "r");
    if (names) {
        names_add(tree, names);
        pclose(names);
    }
    if (tree->count == 0)
        tree_walk(tree);
    qsort(tree->sources, tree->count, sizeof(*tree->sources), by_path);
}

void tree_finish(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        source_finish(&tree->sources[i]);
    free(tree->sources);
    *tree = (struct tree){0};
}
