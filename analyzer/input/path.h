/*
 * Paths as text, and the few questions about what is behind them. All results
 * live in the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_PATH_H
#define ASYNCLINT_INPUT_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"

struct path_list {
    VEC(const char *) items;
};

/* `name` seen from `directory`; an absolute name is taken as it is. */
const char *path_join(struct arena *arena, const char *directory,
                      const char *name);

/* Absolute, without symlinks; NULL with errno when there is nothing. */
const char *path_real(struct arena *arena, const char *path);

/* The directory that holds an absolute path; "/" holds itself. */
const char *path_parent(struct arena *arena, const char *path);

/* The last part of a path, in it. */
const char *path_name(const char *path);

/* Both absolute and real. A directory is below itself. */
bool path_is_below(const char *path, const char *directory);

/* Where software is installed, and a tree's secrets are not. */
bool path_is_system(const char *path);

/* As people are shown it: relative to `base` if below it, else as it is. */
const char *path_shown(const char *path, const char *base);

/* Anything at all. */
bool path_is_there(const char *path);

bool path_is_directory(const char *path);

/* A regular file, seen through symlinks. */
bool path_is_file(const char *path);

/* `start` and the directories above it up to the root of its repository (the
 * one with a .git), or `levels_max` of them when there is none. */
void path_list_upward(struct path_list *list, struct arena *arena,
                      const char *start, int levels_max);

/* The root of the repository that the absolute directory is in, or the
 * directory when there is none. */
const char *path_repository(struct arena *arena, const char *directory);

/* The names in a directory that don't begin with a dot, sorted. False with
 * errno. */
bool path_list_names(struct path_list *list, struct arena *arena,
                     const char *directory);

#endif
