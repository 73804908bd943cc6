/*
 * A function of which nothing is known should not be called with a lock held:
 * it may take that lock, wait, or suspend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>

struct button {
    pthread_mutex_t lock;
    void (*on_press)(struct button *button);
    int presses;
};

void bad(struct button *button)
{
    pthread_mutex_lock(&button->lock);
    button->presses++;
    button->on_press(button); /* expect: callback-under-lock */
    pthread_mutex_unlock(&button->lock);
}

void good(struct button *button)
{
    void (*on_press)(struct button *);

    pthread_mutex_lock(&button->lock);
    button->presses++;
    on_press = button->on_press;
    pthread_mutex_unlock(&button->lock);
    on_press(button);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_callback_under_lock = {
    .id = "callback-under-lock",
    .severity = SEVERITY_WARNING,
    .summary = "a function that nothing is known of is called with a lock held",
    .why = "whoever wrote the function does not see the lock: if it takes it "
           "again, waits for who wants it, or suspends, nothing goes on",
    .instead = "call it after the release, with a copy of what it needs; or "
               "say in a pack what calls through this pointer do",
    .check = check_function,
};

/* Its field or type says that it may suspend: that is another rule's. */
static bool is_known_to_suspend(const struct query *query, ir_id op)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        if (event->op == op)
            return true;
    }
    return false;
}

/* What could not be read may be no pointer at all. */
static bool is_unreadable(const struct event *event)
{
    return !strcmp(event->callee_name, "…");
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *acquired,
                              enum severity severity)
{
    struct diag *diag = NULL;

    for_each_event(query, event, EVENT_UNKNOWN) {
        const struct held *held = query_held(event, acquired);

        /* One that may be taken again is no trap for whoever is called. */
        if (!held || !held->must || held->lock.is_recursive ||
            held->lock.kind == LOCK_UNKNOWN || !event->is_indirect ||
            is_unreadable(event) || is_known_to_suspend(query, event->op))
            continue;
        if (diag) {
            diag_mark(check, diag, MARK_STEP, event->op, "and '%s' here",
                      event->callee_name);
            continue;
        }
        diag = diag_at(check, event->op,
                       lock_is_blocking(&held->lock) ? severity : SEVERITY_NOTE,
                       "'%s' is called, which may be anything, while '%s' "
                       "holds '%s'",
                       event->callee_name, query->fn->name, held->lock.name);
        diag_mark_taken(check, diag, acquired->op, &held->lock);
        diag_held(check, diag, acquired->op, event->op);
    }
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        enum policy policy = query_policy(query, acquired, SECTION_CALLBACK);

        if (policy != POLICY_ALLOW && !query_is_ambient(query, &acquired->lock))
            check_acquisition(check, query, acquired,
                              policy == POLICY_NOTE ? SEVERITY_NOTE
                                                    : SEVERITY_WARNING);
    }
}
#endif
