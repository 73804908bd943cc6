/*
 * Which compiler flags get through to libclang. A tree's own command lines
 * are not trusted: with some flags libclang writes files (-MF, -MJ, -Wp,-MD,
 * -fmodules-cache-path=), reads others aloud (-ivfsoverlay) or loads code. So
 * only what is known to say how C is to be read passes; all else is dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_FLAGS_H
#define ASYNCLINT_INPUT_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "input/path.h"

struct flags {
    VEC(const char *) items;
    uint32_t dropped; /* flags that didn't get through, without their values,
                         and without -c, -o and the names of files */
};

/* What an allowlist leaves of `count` arguments, a whole command line when
 * `has_compiler` says that it begins with the compiler's name. Both spellings
 * of a flag with a value (`-Ix`, `-I x`) come out as they went in. Pure: looks
 * at no file. The texts are the caller's. */
void flags_allow(struct flags *flags, struct arena *arena,
                 const char *const *arguments, uint32_t count,
                 bool has_compiler);

/* For --trust-flags: all but the compiler's name, -c, -o and its value, and
 * the input file as the command line spells it. */
void flags_trust(struct flags *flags, struct arena *arena,
                 const char *const *arguments, uint32_t count,
                 bool has_compiler, const char *file);

/* Drops `-include X` where X, found from `directory` or in an include
 * directory as the compiler does it, is no regular file (a FIFO never ends) or
 * is somebody else's: below none of the `homes` (absolute, real) and in no
 * system directory, wherever symlinks lead. What is in it would be read out in
 * the compiler's complaints. X that isn't there does no harm. */
void flags_includes_check(struct flags *flags, struct arena *arena,
                          const char *directory, const struct path_list *homes);

#endif
