/*
 * What a command line says without options: a command, what that works on, and
 * paths; and whether the options go with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_ARGS_WORDS_H
#define ASYNCLINT_INPUT_ARGS_WORDS_H

#include "input/args.h"

/* Finds the command among `args->paths`, which are all words so far, and says
 * what is wrong with the others or with options that are not for it. */
bool args_words_settle(struct args *args, struct arena *arena,
                       const struct args_known *known, struct err *err);

/* Whether there is a file or a folder of that name. */
bool args_is_there(const char *path);

#endif
