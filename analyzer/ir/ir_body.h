/*
 * What the body of a function says, as one digest, for who asks whether it is
 * what it was when it has moved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_IR_BODY_H
#define ASYNCLINT_IR_IR_BODY_H

#include "ir/ir.h"

/* Fills in `body` of all functions, once all else of the unit is there. */
void ir_bodies_mark(struct ir_unit *unit);

#endif
