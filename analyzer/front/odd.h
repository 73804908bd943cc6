/*
 * Source text that is not read in the order in which it is shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_ODD_H
#define ASYNCLINT_FRONT_ODD_H

#include "front/lower.h"

/* Writes a note for the first bidirectional control in a file's text. */
void odd_look(struct lower *lower, ir_id file, const char *text, size_t length);

#endif
