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
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_blocking_lock_in_async = {
    .id = "blocking-lock-in-async",
    .severity = SEVERITY_ERROR,
    .summary = "a blocking lock is taken in async code",
    .why = "if the lock is taken, the thread sleeps, and with it every task "
           "that it runs",
    .instead = "take an async mutex in tasks; keep blocking locks for sync "
               "code and for what runs on the blocking pool",
    .check = check_function,
};

/* What the worst of the holders does, if anything. */
struct verdict {
    enum severity severity;
    const struct evidence *evidence; /* NULL: nothing that takes long */
    const char *what;
};

static struct verdict verdict_of(const struct query *query,
                                 const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);

    if (info->suspends.fn)
        return (struct verdict){SEVERITY_ERROR, &info->suspends,
                                "may be suspended"};
    if (query_is_ambient(query, &event->lock))
        return (struct verdict){SEVERITY_OFF, NULL, NULL};
    if (info->blocks.fn)
        return (struct verdict){SEVERITY_WARNING, &info->blocks, "may block"};
    if (info->loops.fn)
        return (struct verdict){SEVERITY_WARNING, &info->loops,
                                "may loop for ever"};
    if (info->calls_unknown.fn)
        return (struct verdict){SEVERITY_WARNING, &info->calls_unknown,
                                "calls what nothing is known of"};
    return (struct verdict){query_reports_short(query, event) ? SEVERITY_WARNING
                                                              : SEVERITY_OFF,
                            NULL, NULL};
}

static void evidence_mark(struct check *check, struct diag *diag,
                          const struct verdict *verdict, const struct fn *fn,
                          ir_id taken)
{
    const struct evidence *evidence = verdict->evidence;

    if (evidence->fn != fn || evidence->acquired != taken)
        diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->acquired,
                     "'%s' takes it here", evidence->fn->name);
    diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->event->op,
                 "'%s' %s here", evidence->fn->name, verdict->what);
    if (evidence->event->kind == EVENT_BLOCK)
        way_mark_down(check, diag, evidence->fn, evidence->event);
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
                                 const struct verdict *verdict)
{
    if (!verdict->evidence)
        return "though only for short critical sections";
    return arena_printf(check_arena(check), "and '%s' %s while holding it",
                        verdict->evidence->fn->name, verdict->what);
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *event)
{
    const struct verdict verdict = verdict_of(query, event);
    const char *instead = query_instead(query, event);
    struct diag *diag;

    if (verdict.severity == SEVERITY_OFF)
        return;
    diag =
        diag_at(check, event->op, verdict.severity,
                "blocking lock '%s' is taken in %s, %s", event->lock.name,
                place_words(check, query->fn), verdict_words(check, &verdict));
    way_mark_context(check, diag, query->fn);
    if (verdict.evidence)
        evidence_mark(check, diag, &verdict, query->fn, event->op);
    if (instead)
        diag_help(check, diag,
                  "use %s in tasks; keep blocking locks for sync code and for "
                  "what runs on the blocking pool",
                  instead);
}

/* Held in that function until the task suspends: the same mistake, and a worse
 * one, of which blocking-lock-across-await tells. */
static bool is_held_while_suspended(const struct query *query,
                                    const struct event *acquired)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        const struct held *held = query_held(event, acquired);

        if (held && !held->is_weak && query_suspends(query, event))
            return true;
    }
    return false;
}

/* A function that returns with the lock: all tasks that call it hold it so. */
static bool is_held_by_callers(const struct query *query,
                               const struct event *acquired)
{
    const struct class_info *info = query_class(query, acquired->lock.class);
    bool is_held = false;

    for (uint32_t i = 0; i < info->got.count; i++) {
        const struct evidence *taken = &info->got.items[i];
        const struct lock_info *lock = &taken->event->lock;
        struct query there = *query;

        there.fn = taken->fn;
        if (lock->taken_in != query->fn || lock->taken_at != acquired->op ||
            !query_is_async(&there, taken->event))
            continue;
        if (!is_held_while_suspended(&there, taken->event))
            return false;
        is_held = true;
    }
    return is_held;
}

/* A semaphore's wait is told by condvar-wait-in-async. */
static bool is_wait(const struct event *event)
{
    return event->meaning && event->meaning->is_wait;
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        if (query_is_async(query, event) && lock_is_blocking(&event->lock) &&
            !event->is_try && !event->lock.taken_in && !is_wait(event) &&
            query_makes_wait(query, &event->lock) &&
            !is_held_while_suspended(query, event) &&
            !is_held_by_callers(query, event))
            check_acquisition(check, query, event);
    }
}
#endif
