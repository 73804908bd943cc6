/*
 * The answer of an earlier run, kept in the cache. Whoever asks the same
 * question (the same sources with the same flags, packs and settings, the
 * same asynclint) about the same files gets the same answer, so it is told
 * again, and nothing is parsed, linked or solved. What is only about printing
 * is no part of the question: format, colour, the fail level.
 *
 * That nothing has changed is found out as for the units' own entries, by the
 * bytes of all files that were read and by what stands in the way of each
 * include (cache.h). An answer is kept only when each source's entry may be
 * kept, and used only when each would be used: so it is what those would lead
 * to, and as old as they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ANSWER_H
#define ASYNCLINT_ANSWER_H

#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "findings/check.h"
#include "input/source.h"
#include "units.h"

struct answer {
    struct diag_list findings; /* as they are printed */
    uint32_t unknown_calls;
};

struct question {
    struct digest digest;
    uint32_t told;             /* what was told before it was asked */
    struct bytes_reader known; /* what was told, in the answer that there is */
};

/* Fills in the question that args and options ask of the sources; the units
 * have a cache. False when it can't be kept: a pack can't be read. */
bool answer_ask(struct question *question, struct units *units,
                const struct source_list *sources,
                const struct check_options *options);

/* Tells the notes, and fills in the answer and the units' counts, if they are
 * known. The answer's findings have an arena. */
bool answer_find(struct question *question, struct units *units,
                 const struct source_list *sources, struct answer *answer);

/* The same, once the units are made, if they say what they said when it was
 * told: only comments have changed, or headers in what nobody uses. */
bool answer_find_again(struct question *question, struct units *units,
                       const struct source_list *sources,
                       struct answer *answer);

/* What solving found out when the same was asked before, see engine/kept.h;
 * false: nothing is known. */
bool answer_kept_find(const struct question *question,
                      const struct units *units, struct file_bytes *kept);
void answer_kept_store(const struct question *question,
                       const struct units *units, const struct strbuf *kept);

/* Keeps what this run has found out, if it may. */
void answer_store(struct question *question, struct units *units,
                  const struct source_list *sources,
                  const struct answer *answer);

#endif
