/*
 * A pointer to what a lock guards must not outlive the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

#define GUARDED_BY(lock) /* for people, and for asynclint */

struct entry {
    int hits;
};

struct cache {
    struct async_mutex lock;
    struct entry *newest GUARDED_BY(lock);
};

ASYNC int bad(struct cache *cache)
{
    struct entry *entry;

    await async_mutex_lock(&cache->lock);
    entry = cache->newest;
    async_mutex_unlock(&cache->lock);
    return entry->hits; /* expect: guarded-data-escapes-lock */
}

ASYNC int good(struct cache *cache)
{
    guard(async_mutex)(&cache->lock);
    return cache->newest->hits;
}

#else
#include "findings/query_guard.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_guarded_data_escapes_lock = {
    .id = "guarded-data-escapes-lock",
    .severity = SEVERITY_WARNING,
    .summary = "a pointer to what a lock guards is used after the lock was "
               "released",
    .why = "whoever has the lock now may change or free what it points to",
    .instead = "use it before the lock is released, copy what is needed out "
               "of it, or take a reference while the lock is held",
    .check = check_function,
};

static void evidence_tell(struct check *check, struct diag *diag,
                          const struct stale *stale,
                          const struct guard_answer *guard)
{
    if (guard->evidence == GUARD_SAID)
        diag_why(check, diag,
                 "'%s' is declared to be guarded by '%s': whoever has the "
                 "lock now may change or free what it points to",
                 guard->thing, stale->lock.class);
    else
        diag_why(check, diag,
                 "%u of %u uses of '%s' in the program hold '%s', so it is "
                 "what guards it: whoever has the lock now may change or free "
                 "what it points to",
                 guard->held, guard->uses, guard->thing, stale->lock.class);
}

static void released_tell(struct check *check, const struct event *event,
                          const struct guard_answer *guard)
{
    const struct stale *stale = &event->stale;
    struct diag *diag = diag_at(
        check, event->op, SEVERITY_WARNING,
        "'%s' was found under '%s', which is not held when it is used here",
        stale->name, stale->lock.name);

    diag_mark(check, diag, MARK_STEP, stale->source,
              "'%s' is found in '%s' here", stale->name, stale->from);
    diag_mark(check, diag, MARK_RELEASED, stale->left, "'%s' is released here",
              stale->lock.name);
    evidence_tell(check, diag, stale, guard);
}

static void suspended_tell(struct check *check, const struct event *event,
                           const struct guard_answer *guard)
{
    const struct stale *stale = &event->stale;
    struct diag *diag = diag_at(
        check, event->op, SEVERITY_WARNING,
        "'%s' was found under '%s' before the task was suspended without it",
        stale->name, stale->lock.name);

    diag_mark(check, diag, MARK_STEP, stale->source,
              "'%s' is found in '%s' here", stale->name, stale->from);
    diag_mark(check, diag, MARK_AWAIT, stale->left,
              "the task is suspended here, with '%s' released",
              stale->lock.name);
    evidence_tell(check, diag, stale, guard);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_STALE) {
        struct guard_answer guard;

        if (event->stale.kind != CARRIED_GUARDED || query_is_told(query, event))
            continue;
        guard = query_guard(query, &event->stale);
        if (guard.evidence == GUARD_NONE)
            continue;
        if (event->stale.is_held)
            suspended_tell(check, event, &guard);
        else
            released_tell(check, event, &guard);
    }
}
#endif
