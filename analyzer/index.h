/*
 * The commands that write facts: `index` does the first half of the program
 * for one source, `merge` joins what `index` wrote. They are for ninja, make,
 * Bazel or an array of batch jobs; `link` (pipeline.h) does the second half.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INDEX_H
#define ASYNCLINT_INDEX_H

#include "pipeline.h"

enum exit_status index_run(const struct args *args);

enum exit_status merge_run(const struct args *args);

#endif
