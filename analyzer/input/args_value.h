/*
 * The values of options: numbers, words from a list, levels of rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_ARGS_VALUE_H
#define ASYNCLINT_INPUT_ARGS_VALUE_H

#include "input/args.h"

/* "; did you mean 'x'?" for a word of the list that is near, else "". */
const char *args_near_word(struct arena *arena, const char *typo,
                           const char *const *words);

/* A number from `least` to `most`; `name` is the option's. */
bool args_number(const char *name, const char *value, uint32_t least,
                 uint32_t most, uint32_t *number, struct err *err);

/* Which of the words (NULL-terminated) it is; `name` says what they are. */
bool args_word(const char *name, const char *value, const char *const *words,
               uint32_t *index, struct err *err);

/* "ID=LEVEL" */
bool args_rule_level(const char *value, const char *const *rules,
                     struct arena *arena, struct rule_level *level,
                     struct err *err);

#endif
