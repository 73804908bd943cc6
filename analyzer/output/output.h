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
#include "base/str.h"
#include "findings/diag.h"

struct output {
    FILE *file;
    bool has_color;
    /* GITHUB_ACTIONS=true: the runner obeys commands that it finds in lines,
     * so whatever looks like one is broken up. */
    bool is_github;
    /* For the summary. What could not be looked at is said, so that "no
     * findings" means something. */
    uint32_t file_count;    /* how many were looked at */
    uint32_t not_analysed;  /* files and functions that were not, or in part */
    uint32_t unknown_calls; /* in async code, to what nothing is known of */
};

/* For a stream that `--color auto` and the environment are asked about. */
struct output output_for(FILE *file);

/* Both return false with "cannot write the findings: …". A broken pipe is one
 * of the reasons only when SIGPIPE is ignored. */
bool output_write(const struct output *output, const struct strbuf *text,
                  struct err *err);
bool output_flush(const struct output *output, struct err *err);

#endif
