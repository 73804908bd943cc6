/*
 * Whether a lock guards something: said, or inferred from what most uses in
 * the program do (Engler et al., SOSP 2001), see query_guard.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_guard.h"

#include "engine/access.h"

enum {
    /* Four uses of five hold the lock. */
    USUAL_PERCENT = 80,
    /* Fewer prove nothing: the rank of Engler's z statistic grows with the
     * root of the number of uses. */
    FEWEST_USES = 4,
    /* One function always agrees with itself. */
    FEWEST_FUNCTIONS = 2,
    /* Of what it points to, which may have been made before it was shared. */
    POINTEE_PERCENT = 60,
};

static bool is_most(struct guard_count count, uint32_t percent)
{
    return (uint64_t)count.held * 100 >= (uint64_t)count.all * percent;
}

/* Something that nobody changes under the lock needs none. */
static bool is_guarded(struct guard_count count)
{
    return count.all >= FEWEST_USES && count.functions >= FEWEST_FUNCTIONS &&
           count.written > 0 && is_most(count, USUAL_PERCENT);
}

bool query_is_told(const struct query *query, const struct event *stale)
{
    for_each_event(query, earlier, EVENT_STALE) {
        if (earlier == stale)
            break;
        if (earlier->stale.kind == stale->stale.kind &&
            earlier->stale.source == stale->stale.source)
            return true;
    }
    return false;
}

struct guard_answer query_guard(const struct query *query,
                                const struct stale *stale)
{
    const struct program *program = query->program;
    const char *class = stale->lock.class;
    struct guard_count count = access_count(program, stale->what, class);
    struct guard_count pointee = access_count(program, stale->used, class);
    struct guard_answer answer = {
        .evidence = GUARD_NONE,
        .thing = access_thing(program, stale->what)->name,
        .uses = count.all,
        .held = count.held,
    };

    if (access_is_said(program, stale->what, class))
        answer.evidence = GUARD_SAID;
    else if (stale->used && is_guarded(count) &&
             is_most(pointee, POINTEE_PERCENT))
        answer.evidence = GUARD_USUAL;
    return answer;
}
