/*
 * A lock is made once, used, and destroyed once, when nobody wants it any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct job {
    struct async_mutex lock;
    int done;
};

ASYNC void bad(struct job *job)
{
    await async_mutex_lock(&job->lock);
    job->done = 1;
    async_mutex_destroy(&job->lock); /* expect: lock-lifecycle */
}

ASYNC void good(struct job *job)
{
    await async_mutex_lock(&job->lock);
    job->done = 1;
    async_mutex_unlock(&job->lock);
    async_mutex_destroy(&job->lock);
}

#else
#include "findings/query_copy.h"
#include "findings/query_echo.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_lock_lifecycle = {
    .id = "lock-lifecycle",
    .severity = SEVERITY_ERROR,
    .summary = "a lock is used before or after its life, or ended while held",
    .why = "its memory is then something else: a waiter is never woken, or two "
           "hold it at a time",
    .instead = "initialise a lock before it is shared, and destroy or free it "
               "after the last who may take it is gone",
    .check = check_function,
};

/* As many states as there are, if it is not that they are all doubted. */
static bool are_all(const struct event *event, uint32_t states)
{
    return states && states == event->states;
}

static const char *raw_words(const struct query *query,
                             const struct event *event)
{
    return query->fn->unit->ops.items[event->fate_at].kind == IR_CALL
               ? "its memory is got here, with nothing in it"
               : "it is declared here, with no value";
}

static struct diag *tell(struct check *check, const struct query *query,
                         const struct event *event, const char *does,
                         const char *which, const char *there)
{
    struct diag *diag =
        diag_at(check, event->op, SEVERITY_ERROR, "'%s' %s '%s', which %s",
                query->fn->name, does, event->lock.name, which);

    if (event->fate_at && event->fate_at != event->op)
        diag_mark(check, diag, MARK_STEP, event->fate_at, "%s", there);
    return diag;
}

static void check_use(struct check *check, const struct query *query,
                      const struct event *event)
{
    const char *does = event->kind == EVENT_RELEASE  ? "gives back"
                       : event->kind == EVENT_MISUSE ? "has a callee use"
                                                     : "takes";

    if (query_is_destroyed(query, event))
        tell(check, query, event, does, "is destroyed", "it is destroyed here");
    else if (are_all(event, event->fates[FATE_RAW]) &&
             event->kind != EVENT_RELEASE)
        diag_why(check,
                 tell(check, query, event, does, "is not initialised",
                      raw_words(query, event)),
                 "whatever lies in that memory is taken for a lock: it seems "
                 "to be held already, or two hold it at a time");
}

static void check_made(struct check *check, const struct query *query,
                       const struct event *event)
{
    uint32_t made = event->fates[FATE_MADE] + event->fates[FATE_GIVEN] +
                    event->fates[FATE_FREE];

    if (are_all(event, event->held_before))
        tell(check, query, event, "initialises", "it holds", "");
    else if (are_all(event, made))
        tell(check, query, event, "initialises", "is initialised already",
             "it is in use since here");
}

static void check_destroyed(struct check *check, const struct query *query,
                            const struct event *event)
{
    bool holds = are_all(event, event->held_before);
    struct diag *diag;

    if (query_is_destroyed(query, event)) {
        tell(check, query, event, "destroys", "is destroyed already",
             "it is destroyed here");
    } else if (are_all(event, event->fates[FATE_RAW])) {
        tell(check, query, event, "destroys", "is not initialised",
             raw_words(query, event));
    } else if (event->held_before) {
        diag =
            diag_at(check, event->op, holds ? SEVERITY_ERROR : SEVERITY_WARNING,
                    "'%s' destroys '%s', which it %s", query->fn->name,
                    event->lock.name, holds ? "holds" : "may hold");
        for (uint32_t i = 0; i < event->held.count; i++)
            if (!strcmp(event->held.items[i].lock.class, event->lock.class))
                diag_mark_taken(check, diag, event->held.items[i].acquired,
                                &event->held.items[i].lock);
    }
}

/* A thread that was started with it, and nobody has waited for. */
static void check_wanted(struct check *check, const struct query *query,
                         const struct event *event)
{
    struct diag *diag;

    if (!are_all(event, event->alive) || event->held_before ||
        !query_starts_taker(query, event->alive_at, &event->lock))
        return;
    diag = diag_at(check, event->op, SEVERITY_WARNING,
                   "'%s' destroys '%s' while others may still want it",
                   query->fn->name, event->lock.name);
    diag_mark(check, diag, MARK_STEP, event->alive_at,
              "this starts who takes it, and nobody has waited for the end");
    diag_why(check, diag, "who waits for it then may never wake up");
    diag_help(check, diag, "join them first");
}

static void check_freed(struct check *check, const struct query *query,
                        const struct event *event)
{
    if (are_all(event, event->held_before))
        diag_at(check, event->op, SEVERITY_ERROR,
                "'%s' frees the memory of '%s', which it holds",
                query->fn->name, event->lock.name);
}

/* Main's variables end with the process. */
static bool check_outlived(struct check *check, const struct query *query,
                           const struct event *event)
{
    const struct ir_unit *unit = query->fn->unit;
    ir_id var = unit->ops.items[event->op].a;
    struct diag *diag;

    if (!query_holds_lock(query, var) || !strcmp(query->fn->name, "main"))
        return false;
    diag = diag_at(check, event->fate_at, SEVERITY_ERROR,
                   "'%s' starts what may outlive '%s', the lock in its frame",
                   query->fn->name, ir_text(unit, unit->vars.items[var].name));
    diag_mark(check, diag, MARK_STEP, event->op,
              "it ends here, and nobody has waited");
    diag_help(check, diag,
              "join before the end of the scope, or put the lock where it "
              "lives as long as those who use it");
    return true;
}

static void check_function(struct check *check, const struct query *query)
{
    ir_id told = 0;

    for_each_event(query, event, EVENT_ACQUIRE)
        check_use(check, query, event);
    for_each_event(query, event, EVENT_RELEASE)
        check_use(check, query, event);
    for_each_event(query, event, EVENT_MISUSE)
        check_use(check, query, event);
    for_each_event(query, event, EVENT_MAKE)
        check_made(check, query, event);
    for_each_event(query, event, EVENT_DESTROY) {
        check_destroyed(check, query, event);
        check_wanted(check, query, event);
    }
    for_each_event(query, event, EVENT_FREE)
        check_freed(check, query, event);
    for_each_event(query, event, EVENT_OUTLIVE) {
        if (event->fate_at != told && check_outlived(check, query, event))
            told = event->fate_at;
    }
}
#endif
