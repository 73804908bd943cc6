/*
 * `asynclint doctor`: what this run would stand on, and the one command that
 * mends what is missing. It looks and reads; it never starts anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_DOCTOR_H
#define ASYNCLINT_DOCTOR_H

#include "pipeline.h"

/* STATUS_CLEAN when all is well, else STATUS_UNUSABLE. */
enum exit_status doctor_run(const struct args *args);

#endif
