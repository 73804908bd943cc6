/*
 * All C files, or all headers, below a directory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_WALK_H
#define ASYNCLINT_INPUT_WALK_H

#include "base/err.h"
#include "input/path.h"

/* Larger files are tables that a program made; clang takes minutes. */
enum { SOURCE_BYTES_MAX = 8 << 20 };

struct walk {
    struct path_list files; /* absolute, sorted within each directory */
    struct path_list notes; /* what was skipped that one might look for */
};

/* Files whose names end in `ending`. `top` is absolute and real; notes show
 * names relative to `base`. False when `top` itself can't be read. */
bool walk_tree(struct walk *walk, struct arena *arena, const char *top,
               const char *base, const char *ending, struct err *err);

/* NULL, or why a path is no source file: "is a FIFO". */
const char *walk_file_problem(const char *path);

#endif
