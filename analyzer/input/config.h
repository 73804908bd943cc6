/*
 * `.asynclint.yaml`, the project's own settings. They go into `struct args`,
 * in front of what the command line says: what a person types now wins over
 * what was written once. A configuration can name no command and no file that
 * would be written.
 *
 *     packs: [tools/our_runtime.yaml]   # relative to this file
 *     rules: {blocking-lock-in-async: note}
 *     short-sections: allow             # or report
 *     fail-level: error
 *     exclude: [third_party, "*_generated.c"]
 *     cache: true
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_CONFIG_H
#define ASYNCLINT_INPUT_CONFIG_H

#include "input/args.h"

/* Finds the file from the first path upwards, to the root of its repository,
 * and reads it into `args`, for which args_parse comes first. No file is fine:
 * args->config_file stays NULL. Complaints name file, line and column. */
bool config_load(struct args *args, struct arena *arena,
                 const struct args_known *known, struct err *err);

#endif
