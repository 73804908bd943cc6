/*
 * Include directories for files that no compilation database knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_GUESS_H
#define ASYNCLINT_INPUT_GUESS_H

#include "base/map.h"
#include "input/headers.h"
#include "input/path.h"

/* Remembers each directory's answer. */
struct guesses {
    struct arena *arena;
    const char *base; /* flags name directories relative to it */
    const char *top;  /* the directory that is checked, or NULL: a file is */
    bool is_told;     /* the user says where headers are */
    struct map known; /* directory -> index of its flags */
    VEC(struct path_list) flags;
    struct map roots; /* of trees -> index of their headers */
    VEC(struct headers) trees;
};

/* `-I` of the file's own directory, and of each `include` in it and in the
 * directories above it, up to the root of the repository. In a tree of the
 * kernel, which has a Kconfig and a Kbuild or include/linux at its root: what
 * its makefile has for one architecture, and `-D__KERNEL__`. In other trees the
 * folders of the headers that the directory's files need (see headers.h): from
 * the highest directory on that looks like the root of a tree. */
const struct path_list *guess_flags(struct guesses *guesses, const char *file);

#endif
