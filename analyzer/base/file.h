/*
 * Whole files: read one, or put a new one in the place of another so that
 * nobody ever sees half of it. Paths are relative to `directory`, an open
 * directory or AT_FDCWD.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_FILE_H
#define ASYNCLINT_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct file_bytes {
    char *bytes; /* a NUL follows that `length` doesn't count */
    size_t length;
};

/* Facts of a large program, merged; anything larger was not made by us. */
#define FILE_BYTES_MAX ((size_t)4 << 30)

/* Regular files only: a FIFO would never end. `flags` go to open(2), as
 * O_NOFOLLOW. False with errno when it can't be read. */
bool file_read(int directory, const char *path, int flags, struct arena *arena,
               struct file_bytes *file);

/* Why it can't be read, from errno. */
const char *file_reason(void);

/* Writes a file next to `path` and renames it. What stands there must be a
 * regular file or nothing. False with one sentence; then nothing has changed
 * and nothing is left behind. */
bool file_replace(int directory, const char *path, const void *bytes,
                  size_t length, struct err *err);

#endif
