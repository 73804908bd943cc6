/*
 * Async code should not take a blocking lock; how bad it is depends on what
 * the holders of that lock do, anywhere in the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct session {
    struct blocking_mutex lock;
    struct async_mutex async_lock;
    int count;
};

ASYNC void bad(struct session *session)
{
    blocking_mutex_lock(&session->lock); /* expect: blocking-lock-in-async */
    session->count++;
    blocking_mutex_unlock(&session->lock);
}

ASYNC void good(struct session *session)
{
    await async_mutex_lock(&session->async_lock);
    session->count++;
    async_mutex_unlock(&session->async_lock);
}

#else
#include "findings/taking.h"
#include "findings/way.h"
#include "rules/rule.h"

enum { MOST_OTHERS = 3 }; /* named one by one; a longer list nobody reads */

static void check_program(struct check *check, const struct query *query);

const struct rule rule_blocking_lock_in_async = {
    .id = "blocking-lock-in-async",
    .severity = SEVERITY_ERROR,
    .summary = "a blocking lock is taken in async code",
    .why = "if the lock is taken, the thread sleeps, and with it every task "
           "that it runs",
    .instead = "take an async mutex in tasks; keep blocking locks for sync "
               "code and for what runs on the blocking pool",
    .check_program = check_program,
};

/* What the worst of the holders does, if anything. */
static struct taking taking_judge(const struct query *query,
                                  const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);
    struct taking taking = {query->fn, event, NULL, SEVERITY_WARNING, {0}};

    if (info->suspends.fn) {
        taking.evidence = &info->suspends;
        taking.severity = SEVERITY_ERROR;
    } else if (query_is_ambient(query, &event->lock)) {
        taking.severity = SEVERITY_OFF;
    } else if (info->blocks.fn) {
        taking.evidence = &info->blocks;
    } else if (info->loops.fn) {
        taking.evidence = &info->loops;
    } else if (info->calls_unknown.fn) {
        taking.evidence = &info->calls_unknown;
    } else if (!query_reports_short(query, event)) {
        taking.severity = SEVERITY_OFF;
    }
    return taking;
}

/* … in words; NULL: nothing that takes long. */
static const char *evidence_words(const struct evidence *evidence)
{
    switch (evidence ? evidence->event->kind : EVENT_EXIT) {
    case EVENT_SUSPEND:
        return "may be suspended";
    case EVENT_BLOCK:
        return "may block";
    case EVENT_LOOP:
        return "may loop for ever";
    case EVENT_UNKNOWN:
        return "calls what nothing is known of";
    default:
        return NULL;
    }
}

static void evidence_mark(struct check *check, struct diag *diag,
                          const struct taking *taking)
{
    const struct evidence *evidence = taking->evidence;

    if (evidence->fn != taking->fn || evidence->acquired != taking->event->op)
        diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->acquired,
                     "'%s' takes it here", evidence->fn->name);
    diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->event->op,
                 "'%s' %s here", evidence->fn->name, evidence_words(evidence));
    if (evidence->event->kind == EVENT_BLOCK)
        way_mark_down(check, diag, evidence->fn, evidence->event);
}

/* Where else it is taken with that to fear. */
static void others_mark(struct check *check, struct diag *diag,
                        const struct taking *taking)
{
    uint32_t count = taking->others.count;

    for (uint32_t i = 0; i < count && i < MOST_OTHERS; i++) {
        const struct taking *other = &taking->others.items[i];

        diag_mark_in(check, diag, MARK_STEP, other->fn, other->event->op,
                     count > MOST_OTHERS && i == MOST_OTHERS - 1
                         ? "'%s' takes it too, and %u more do"
                         : "'%s' takes it too",
                     other->fn->name, count - MOST_OTHERS);
    }
}

/* Where the lock is taken: "async 'f'", or "'g', which async 'f' runs". */
static const char *place_words(struct check *check, const struct fn *fn)
{
    const struct fn *root = way_root(fn);

    if (root == fn)
        return arena_printf(check_arena(check), "async '%s'", fn->name);
    return arena_printf(check_arena(check), "'%s', which async '%s' runs",
                        fn->name, root->name);
}

static const char *verdict_words(struct check *check,
                                 const struct evidence *evidence)
{
    if (!evidence)
        return "though only for short critical sections";
    return arena_printf(check_arena(check), "and '%s' %s while holding it",
                        evidence->fn->name, evidence_words(evidence));
}

static void taking_tell(struct check *check, const struct query *query,
                        const struct taking *taking)
{
    const struct event *event = taking->event;
    struct query there = *query;
    const char *instead;
    struct diag *diag = diag_in(
        check, taking->fn, event->op, taking->severity,
        "blocking lock '%s' is taken in %s, %s", event->lock.name,
        place_words(check, taking->fn), verdict_words(check, taking->evidence));

    way_mark_context(check, diag, taking->fn);
    if (taking->evidence)
        evidence_mark(check, diag, taking);
    others_mark(check, diag, taking);
    way_doubt_context(check, diag, taking->fn);
    there.fn = taking->fn;
    instead = query_instead(&there, event);
    if (instead)
        diag_help(check, diag,
                  "use %s in tasks; keep blocking locks for sync code and for "
                  "what runs on the blocking pool",
                  instead);
}

/* A semaphore's wait is told by condvar-wait-in-async. */
static bool is_wait(const struct event *event)
{
    return event->meaning && event->meaning->is_wait;
}

static bool is_meant(const struct query *query, const struct event *event)
{
    return query_is_async(query, event) && lock_is_blocking(&event->lock) &&
           !event->is_try && !event->lock.taken_in && !is_wait(event) &&
           query_makes_wait(query, &event->lock) &&
           !taking_is_crossed(query, event);
}

static void check_program(struct check *check, const struct query *query)
{
    struct query there = *query;
    struct taking_list list = {0};

    for (uint32_t i = 0; i < query->program->fns.count; i++) {
        there.fn = query->program->fns.items[i];
        for_each_event(&there, event, EVENT_ACQUIRE) {
            struct taking taking = taking_judge(&there, event);

            if (taking.severity != SEVERITY_OFF && is_meant(&there, event))
                taking_add(check, &list, &taking);
        }
    }
    for (uint32_t i = 0; i < list.items.count; i++)
        taking_tell(check, query, &list.items.items[i]);
}
#endif
