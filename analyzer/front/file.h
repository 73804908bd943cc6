/*
 * Private to front/: the files that a unit read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_FILE_H
#define ASYNCLINT_FRONT_FILE_H

#include "base/digest.h"
#include "front/lower.h"
#include "front/odd.h"

/* All that facts tell of a file. */
struct file_seen {
    const char *path; /* relative to the root if inside it */
    struct digest content;
    bool is_system;
    struct odd odd;
    const char *text; /* of a file of a head; else libclang has it */
    size_t length;
};

/* Looks at a file of the unit that is parsed; into the arena. `from_system`:
 * a system header includes it, so it is one. */
struct file_seen file_look(struct lower *lower, CXFile file, bool from_system);

/* The file's number in the unit; it is added, unless it is there. */
ir_id file_keep(struct lower *lower, const struct file_seen *seen);

#endif
