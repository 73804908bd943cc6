/*
 * A file of the tree as the checks of tests/conventions.c see it: its text,
 * the same text without comments, and where its lines start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_TESTS_CONVENTIONS_SOURCE_H
#define ASYNCLINT_TESTS_CONVENTIONS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

/* `code` is `text` with every byte of a comment made a space (newlines stay),
 * so an offset means the same place in both. Both end with a NUL. */
struct source {
    char *path; /* relative to the root of the tree */
    char *text;
    char *code;
    size_t length;
    size_t *line_starts; /* line_count + 1 of them: the last is the end */
    int line_count;
};

/* All the files of the tree, sorted by path. */
struct tree {
    struct source *sources;
    size_t count;
};

/* The copy of a text under a path; what the checks' own tests use. */
void source_init(struct source *source, const char *path, const char *text,
                 size_t length);
void source_finish(struct source *source);

/* Line `index` (from 0) of text or code, without its newline; `*length` is
 * its length in bytes. */
const char *source_line(const struct source *source, const char *text,
                        int index, size_t *length);

/* The line (from 1) on which an offset lies. */
int source_line_at(const struct source *source, size_t offset);

/* A .c or .h file that people read as ours: fixtures are inputs, not code. */
bool source_is_code(const struct source *source);

/* Moves to `root` and loads what git knows there, or would add; without git,
 * everything but build folders. Fails the test when there is nothing. */
void tree_load(struct tree *tree, const char *root);
void tree_finish(struct tree *tree);

#endif
