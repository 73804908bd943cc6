/*
 * Private to front/: flags for another machine than this one, or of a dialect,
 * that libclang refuses, or for which there are no headers here. A unit is read
 * without them rather than not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_MACHINE_H
#define ASYNCLINT_FRONT_MACHINE_H

#include "base/libclang.h"
#include "front/front.h"

/* Leaves out what chooses a machine: --target=, -march=; false: it has none. */
bool machine_leave_out(struct arena *arena, struct front_request *request);
/* … or what chooses a dialect: -std=. */
bool machine_leave_dialect_out(struct arena *arena,
                               struct front_request *request);

/* Whether a header of the system includes one that is not there, as this
 * machine's headers do when they are read for another. */
bool machine_lacks_headers(CXTranslationUnit tu);

#endif
