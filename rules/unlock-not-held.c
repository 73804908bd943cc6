/*
 * What is not held must not be given back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct account {
    struct async_mutex lock;
    int balance;
};

ASYNC int bad(struct account *account, int amount)
{
    await async_mutex_lock(&account->lock);
    account->balance += amount;
    async_mutex_unlock(&account->lock);
    if (amount > 0)
        return 0;
    async_mutex_unlock(&account->lock); /* expect: unlock-not-held */
    return -1;
}

ASYNC int good(struct account *account, int amount)
{
    guard(async_mutex)(&account->lock);
    account->balance += amount;
    return amount > 0 ? 0 : -1;
}

#else
#include "findings/query_around.h"
#include "findings/query_release.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_unlock_not_held = {
    .id = "unlock-not-held",
    .severity = SEVERITY_ERROR,
    .summary = "a lock is given back by who does not hold it",
    .why = "it is somebody else's by then: two holders at a time, or a lock "
           "in a state that nothing is said of",
    .instead = "release the lock once on each path on which it was taken, or "
               "let a scoped guard do it",
    .check = check_function,
};

/* Where it stopped being held, or was not got. */
static void tell_fate(struct check *check, struct diag *diag,
                      const struct event *event)
{
    if (event->fates[FATE_GIVEN])
        diag_mark(check, diag, MARK_STEP, event->fate_at,
                  "it is given back here");
    else if (event->fates[FATE_REFUSED])
        diag_mark(check, diag, MARK_STEP, event->fate_at, "it is not got here");
    else if (event->fates[FATE_MADE])
        diag_mark(check, diag, MARK_STEP, event->fate_at,
                  "it is initialised here, and not taken since");
}

static const char *what_it_is(const struct event *event)
{
    if (event->fates[FATE_GIVEN] == event->states)
        return "which it has given back already";
    if (event->fates[FATE_REFUSED] == event->states)
        return "which it did not get";
    return "which it does not hold";
}

/* By who did not ask, or gives it back whatever came of it. */
static bool is_given_by_try(const struct query *query,
                            const struct event *release)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        if (event->op == release->fate_at)
            return event->is_interruptible ||
                   (event->is_try &&
                    (query_is_unused(query, event->op) ||
                     (query_is_plainly_asked(query, event->op) &&
                      query_always_comes(query, event->op, release->op))));
    }
    return false;
}

/* On some path, it is not held for sure. */
static void check_some(struct check *check, const struct query *query,
                       const struct event *event)
{
    bool is_given = event->fates[FATE_GIVEN];
    bool is_tried = event->fates[FATE_REFUSED] && is_given_by_try(query, event);
    ir_id around = is_given || is_tried ? 0 : query_around(query, event);
    struct diag *diag;

    if (query->fn->is_bounded || (!is_given && !is_tried && !around))
        return;
    diag = diag_at(check, event->op, SEVERITY_WARNING,
                   "'%s' gives '%s' back, which on some paths it %s",
                   query->fn->name, event->lock.name,
                   is_given ? "has given back already"
                   : around ? "has not taken"
                            : "did not get");
    tell_fate(check, diag, event);
    if (around)
        diag_mark(check, diag, MARK_STEP, around, "one leads from here");
    diag_doubt(check, diag, &event->lock);
}

/* `lock(&slots[i]); i++; unlock(&slots[i]);` */
static void moved_tell(struct check *check, const struct query *query,
                       const struct event *event)
{
    struct diag *diag =
        diag_at(check, event->op, SEVERITY_ERROR,
                "'%s' gives '%s' back, which is another lock than it took by "
                "that name",
                query->fn->name, event->lock.name);

    diag_mark(check, diag, MARK_STEP, event->fate_at,
              "'%s' is taken here, and what it stands for changes meanwhile",
              event->lock.name);
}

static void check_release(struct check *check, const struct query *query,
                          const struct event *event)
{
    uint32_t free = event->fates[FATE_RAW];
    const struct event *meant = NULL;
    struct diag *diag;

    if (event->moved == event->states) {
        moved_tell(check, query, event);
        return;
    }
    for (int fate = 0; fate <= FATE_FREE; fate++)
        free += event->fates[fate];
    if (event->wrong_mode == event->states) {
        diag_at(check, event->op, SEVERITY_ERROR,
                "'%s' gives '%s' back as a %s, which it holds as a %s",
                query->fn->name, event->lock.name,
                event->lock.mode == LOCK_SHARED ? "reader" : "writer",
                event->lock.mode == LOCK_SHARED ? "writer" : "reader");
        return;
    }
    if (event->fates[FATE_DESTROYED] || query_is_freed(query, event) ||
        query_is_asserted_busy(query, event) ||
        query_is_callers_share(query, event) ||
        query_is_unheld_in_callee(query, event))
        return;
    if (!event->held_before && !event->unsure && free < event->states &&
        query_is_of_callers(query, event))
        meant = query_meant(query, event);
    else if (event->held_before || event->unsure)
        free = free == event->states ? free : 0;
    else
        free = event->states;
    if (free != event->states && !meant) {
        check_some(check, query, event);
        return;
    }
    diag = diag_at(check, event->op, SEVERITY_ERROR, "'%s' gives '%s' back, %s",
                   query->fn->name, event->lock.name, what_it_is(event));
    tell_fate(check, diag, event);
    diag_doubt(check, diag, &event->lock);
    if (meant)
        diag_mark(check, diag, MARK_STEP, meant->op,
                  "'%s' is taken here, and kept", meant->lock.name);
}

/* Its guard gives it back once more, and does not know. */
static void check_redrop(struct check *check, const struct query *query,
                         const struct event *event)
{
    struct diag *diag =
        diag_at(check, event->fate_at, SEVERITY_ERROR,
                "'%s' gives '%s' back by hand, and its guard does so once more",
                query->fn->name, query_name_by_hand(query, event));

    diag_mark(check, diag, MARK_RELEASED, event->op,
              "the guard gives it back here");
    diag_help(check, diag, "drop the guard instead, or take the lock again");
}

static void check_function(struct check *check, const struct query *query)
{
    ir_id told = 0;

    for_each_event(query, event, EVENT_RELEASE)
        if (event->states) /* not paths with two answers to one question */
            check_release(check, query, event);
    for_each_event(query, event, EVENT_REDROP) {
        if (event->fate_at != told)
            check_redrop(check, query, event);
        told = event->fate_at;
    }
}
#endif
