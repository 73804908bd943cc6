/*
 * What a caller needs of this room: where to print, and how.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_OUTPUT_H
#define ASYNCLINT_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "findings/diag.h"

struct output {
    FILE *file;
    bool has_color;
    /* GITHUB_ACTIONS=true: the runner obeys commands that it finds in lines,
     * so whatever looks like one is broken up. */
    bool is_github;
    uint32_t file_count; /* how many were looked at, for the summary */
};

/* For a stream that `--color auto` and the environment are asked about. */
struct output output_for(FILE *file);

#endif
