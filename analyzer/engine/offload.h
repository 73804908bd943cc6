/*
 * Bodies that a macro runs on the pool (`offloads-body` of a pack): what stands
 * in them runs in the middle of a task's code, but not in the task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_OFFLOAD_H
#define ASYNCLINT_ENGINE_OFFLOAD_H

#include "engine/program.h"

/* Fills `offloaded` of every function. */
void offload_solve(struct program *program);

#endif
