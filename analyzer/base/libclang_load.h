/*
 * libclang is loaded when it is needed, and not with the program: that takes as
 * long as all else that a run does in which nothing has changed, and can go on
 * while it looks for what has. Its functions are in libclang.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_LIBCLANG_LOAD_H
#define ASYNCLINT_BASE_LIBCLANG_LOAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Begins to load it, in a thread of its own, and returns at once. Whoever
 * called this calls libclang_settle before the program ends. */
void libclang_want(void);

/* To be called before the first of its functions: waits until it is loaded, if
 * somebody wanted it before, and loads it otherwise. False, and why, each
 * time, when it can't be loaded. Costs nothing from the second time on. */
bool libclang_load(struct err *err);

/* The command that brings it, on Debian. */
extern const char libclang_remedy[];

/* What libclang_want began is going on; there is time for something else. */
bool libclang_is_loading(void);

/* Waits for what libclang_want began. A process that forks does so by
 * itself. */
void libclang_settle(void);

/* What it calls itself ("clang version 19.1.7 (…)"); NULL: there is none. */
const char *libclang_version(struct arena *arena, struct err *err);

/* Which libclang it is, for keys of what was found out with it: its file, when
 * that is where the build saw it, so that it need not be loaded; else the
 * version that it tells. */
const char *libclang_stamp(struct arena *arena);

#endif
