/*
 * A lock that is taken must be given back on every way out, or on none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct store {
    struct async_mutex lock;
    int used;
};

ASYNC int bad(struct store *store, int amount)
{
    await async_mutex_lock(&store->lock);
    if (amount < 0)
        return -1; /* expect: lock-leak */
    store->used += amount;
    async_mutex_unlock(&store->lock);
    return 0;
}

ASYNC int good(struct store *store, int amount)
{
    guard(async_mutex)(&store->lock);
    if (amount < 0)
        return -1;
    store->used += amount;
    return 0;
}

#else
#include "findings/query_release.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_lock_leak = {
    .id = "lock-leak",
    .severity = SEVERITY_ERROR,
    .summary = "a way out of a function keeps a lock that others release",
    .why = "whoever wants the lock next waits for ever",
    .instead = "release the lock before this exit, or use a scoped guard, "
               "which releases it on every way out",
    .check = check_function,
};

/* What the exits of one function do with one lock, by what they return. */
struct exits {
    bool releases[EXIT_NONZERO + 1];
    bool any_releases;
};

static struct exits exits_of(const struct query *query,
                             const struct event *taken)
{
    struct exits exits = {0};

    for_each_event(query, event, EVENT_EXIT) {
        if (!query_always_holds(event, taken->lock.name)) {
            exits.releases[event->bucket] = true;
            exits.any_releases = true;
        }
    }
    return exits;
}

/* `return EINVAL` with the lock and `return 0` without it, where the function
 * gives the lock back itself and nobody else ever does. */
static bool is_positive_error(const struct query *query,
                              const struct event *exit,
                              const struct event *taken,
                              const struct exits *exits)
{
    return exit->bucket == EXIT_NONZERO && exits->releases[EXIT_ZERO] &&
           query_failure(query) == EXIT_NEGATIVE &&
           !query_class(query, taken->lock.class)->released_alone.fn &&
           !query_class(query, taken->lock.class)->released_after.fn &&
           query_releases(query, taken->lock.class);
}

/* It is called by nobody we see, and perhaps by a file we were not shown. */
static bool is_for_others(const struct fn *fn)
{
    return !fn->is_called && !fn->is_entry && strcmp(fn->name, "main") != 0 &&
           !(fn->symbol->flags & IR_SYMBOL_STATIC);
}

/* Whether those that call it, seen or not, can call somebody who gives the
 * lock back without having taken it. */
static bool is_given_by_others(const struct query *query,
                               const struct event *taken)
{
    const struct class_info *info = query_class(query, taken->lock.class);

    return is_for_others(query->fn) ? info->released_openly.fn != NULL
                                    : info->released_alone.fn != NULL;
}

/* A function may return with a lock held if it says so by what it returns:
 * success holds, failure doesn't. The other way round nobody expects. */
static bool is_leak(const struct query *query, const struct event *exit,
                    const struct event *taken, const struct exits *exits)
{
    /* Others give it back (or it is handed in, so that others can), and this
     * function never tries to, or holds it wherever it returns. */
    if ((is_given_by_others(query, taken) || taken->lock.is_parameter) &&
        (!exits->any_releases || !query_releases(query, taken->lock.class)))
        return false;
    /* Nobody calls it who could give the lock back, whatever it returns. */
    if (query->fn->is_entry && !query->fn->is_called)
        return true;
    if (exits->releases[exit->bucket])
        return true;
    if (exits->any_releases)
        return exit->bucket == EXIT_UNKNOWN || exit->bucket == EXIT_VOID ||
               exit->bucket == query_failure(query) ||
               is_positive_error(query, exit, taken, exits) ||
               query_is_ours_to_give(query, taken);
    return true;
}

/* Where the lock is a part of what a header declares, a function that takes it
 * and keeps it may be called by a file that gives it back. */
static bool is_of_others(const struct query *query, const struct event *taken,
                         const struct exits *exits)
{
    const char *class = taken->lock.class;

    return !exits->any_releases && is_for_others(query->fn) &&
           strchr(class, '.') && !strchr(class, ':') &&
           !is_given_by_others(query, taken);
}

static const struct event *leak_find(const struct query *query,
                                     const struct event *taken,
                                     const struct exits *exits)
{
    for_each_event(query, event, EVENT_EXIT) {
        const struct held *held = query_held(event, taken);

        if (held && !held->has_guard &&
            (!held->is_weak || query_is_kept_by_round(query, taken)) &&
            is_leak(query, event, taken, exits))
            return event;
    }
    return NULL;
}

/* The callee that came back with the lock is to blame, and is told. */
static bool is_of_callee(const struct query *query, const struct event *taken)
{
    struct query there = *query;

    there.fn = taken->lock.taken_in;
    if (!there.fn || query_is_acquisition(&there))
        return false;
    for_each_acquisition(&there, inner) {
        struct exits exits = exits_of(&there, inner);

        if (inner->op == taken->lock.taken_at &&
            leak_find(&there, inner, &exits))
            return true;
    }
    return false;
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *taken)
{
    struct exits exits = exits_of(query, taken);
    const struct event *event = leak_find(query, taken, &exits);
    const struct held *held = event ? query_held(event, taken) : NULL;
    struct diag *diag;

    if (!event || is_of_callee(query, taken))
        return;
    diag = diag_at(check, event->op,
                   is_of_others(query, taken, &exits) ? SEVERITY_NOTE
                                                      : SEVERITY_ERROR,
                   "'%s' returns with '%s' held%s", query->fn->name,
                   held->lock.name, query_witness(check, query, held));
    diag_mark_taken(check, diag, taken->op, &held->lock);
    diag_held(check, diag, taken->op, event->op);
    diag_doubt(check, diag, &taken->lock);
}

static void check_function(struct check *check, const struct query *query)
{
    if (query_is_acquisition(query))
        return;
    for_each_acquisition(query, taken)
        check_acquisition(check, query, taken);
}
#endif
