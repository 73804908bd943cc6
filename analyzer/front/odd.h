/*
 * Source text that is not read in the order in which it is shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_ODD_H
#define ASYNCLINT_FRONT_ODD_H

#include "front/lower.h"

/* A bidirectional control; a number of 0 is none. */
struct odd {
    unsigned control;
    uint32_t line;
};

/* The first one in a file's text. */
struct odd odd_find(const char *text, size_t length);

/* Writes a note, if there is one. */
void odd_note(struct lower *lower, ir_id file, struct odd odd);

#endif
