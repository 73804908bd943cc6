/*
 * Facts: the IR of one unit as bytes. They are what a worker process answers
 * with, and what a file on disk will hold. The tables are written as they lie
 * in memory, so facts belong to one version of asynclint on one kind of
 * machine; the header says which, and a checksum says that nothing is missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_FACTS_H
#define ASYNCLINT_IR_FACTS_H

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "ir/ir.h"

enum { FACTS_ALIGN = 8 };

/* A multiple of FACTS_ALIGN is added. */
void facts_write(const struct ir_unit *unit, struct strbuf *out);

/* The unit's tables lie in `bytes`, which are aligned to FACTS_ALIGN and live
 * as long. Anything that facts_write did not write, or that is no longer whole,
 * is one sentence and false; what is returned is valid in the sense of
 * ir_unit_is_valid. */
bool facts_read(void *bytes, size_t length, struct ir_unit *unit,
                struct err *err);

#endif
