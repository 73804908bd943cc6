/*
 * A guard's scope is entered by way of its initialiser, and left by a way that
 * runs its cleanup.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>
#include <setjmp.h>

struct parser {
    struct blocking_mutex lock;
    jmp_buf on_error;
    int depth;
};

void bad(struct parser *parser)
{
    guard(blocking_mutex)(&parser->lock);
    if (parser->depth++ > 100)
        longjmp(parser->on_error, 1); /* expect: guard-scope-bypass */
}

bool good(struct parser *parser)
{
    guard(blocking_mutex)(&parser->lock);
    return parser->depth++ <= 100;
}

#else
#include "findings/query_bypass.h"
#include "findings/query_scope.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_guard_scope_bypass = {
    .id = "guard-scope-bypass",
    .severity = SEVERITY_ERROR,
    .summary = "a guard's scope is entered or left without its code",
    .why = "a cleanup runs on a variable that was never set, or does not run "
           "and the lock is held for ever",
    .instead = "declare the guard in a block that the jump does not enter, and "
               "return from the scope instead of jumping out of it",
    .check = check_function,
};

/* The callee jumps on some of its ways only. */
static bool returns_too(const struct event *event)
{
    return !event->meaning && event->callee &&
           !event->callee->summary.skips_cleanups;
}

static void check_left(struct check *check, const struct query *query,
                       const struct event *event)
{
    for (uint32_t i = 0; i < event->held.count; i++) {
        const struct held *held = &event->held.items[i];
        struct diag *diag;

        if (!held->has_guard || held->is_weak)
            continue;
        diag = diag_at(check, event->op,
                       held->must && !returns_too(event) ? SEVERITY_ERROR
                                                         : SEVERITY_WARNING,
                       "'%s' %s '%s' without the cleanup of the guard that "
                       "holds '%s'%s",
                       event->callee_name,
                       returns_too(event) ? "may leave" : "leaves",
                       query->fn->name, held->lock.name,
                       query_witness(check, query, held));
        diag_mark_taken(check, diag, held->acquired, &held->lock);
    }
}

static void check_function(struct check *check, const struct query *query)
{
    struct bypass bypass;

    for (uint32_t i = 0; query_bypass(query, i, &bypass); i++) {
        struct diag *diag =
            diag_at(check, bypass.op, SEVERITY_ERROR,
                    "'%s' jumps into the scope of '%s' past its initialiser",
                    query->fn->name, query_var_name(query, bypass.var));

        diag_mark(check, diag, MARK_STEP, bypass.cleanup,
                  "its cleanup runs here, on whatever is there");
    }
    for_each_event(query, event, EVENT_NO_CLEANUP)
        check_left(check, query, event);
}
#endif
