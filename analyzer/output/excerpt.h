/*
 * The source lines of a finding, with what happens at them: each mark is
 * underlined with its words, and a bar runs along the region in which the
 * lock is held. Lines in between are left out when they are many.
 *
 *      --> chat.c:61:9
 *       |
 *    57 |       guard(blocking_mutex)(&room->lock);
 *       |       ---------------------------------- taken here
 *    58 | |     for (int i = 0; i < room->count; i++)
 *    ...  |
 *    61 | |         await rt_tcp_write(member->stream);
 *       | |         ^^^^^ suspends here, still holding it
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_EXCERPT_H
#define ASYNCLINT_OUTPUT_EXCERPT_H

#include "base/str.h"
#include "output/lines.h"
#include "output/output.h"

/* Appends the excerpt. Returns the width of the line numbers, for whoever
 * goes on below them. */
uint32_t excerpt_draw(struct strbuf *text, struct lines_cache *cache,
                      const struct output *output, const struct diag *diag);

#endif
