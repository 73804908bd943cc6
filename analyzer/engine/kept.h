/*
 * What solving a function found out, kept for the next run: its events, its
 * summary, what it uses. It still holds when the next run would do the same
 * again, which is what a function's key says: the digest of all that solving
 * it looks at. That is its unit, what each of its calls means, what callers
 * see of the functions that it calls, at the time when it is solved, and of
 * itself before that; some look into the bodies of those that they call, too
 * (pure.h). Callees come first, so a change goes up as far as it makes a
 * difference to callers, and no further. Whether the function writes a flag
 * (written.h) is known to nobody before it is solved, so what was asked is kept
 * with the answer, and asked again.
 *
 * A function whose solving looks further than that is not kept, nor is one
 * that adds to what the program knows: where it tests its context, or makes or
 * hands on locks that may be taken again.
 *
 * Bytes that somebody else wrote are as good as none; what they say is looked
 * at as a stranger's facts are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_KEPT_H
#define ASYNCLINT_ENGINE_KEPT_H

#include "base/digest.h"
#include "base/str.h"
#include "engine/program.h"

struct kept;

/* What an earlier run wrote (or nothing), for a program that is linked, its
 * callees known. The bytes stay where they are as long as the program lives. */
struct kept *kept_new(struct program *program, const char *bytes,
                      size_t length);

/* Fills in what solving the function would, if that is known. Each function is
 * asked for once, in the order in which they are solved. */
bool kept_find(struct kept *kept, struct fn *fn);

/* To be called behind that, when it has been solved instead. */
void kept_add(struct kept *kept, struct fn *fn);

/* For the next run; false: it is what there was before. */
bool kept_write(struct kept *kept, struct strbuf *out);

#endif
