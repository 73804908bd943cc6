/*
 * A task must suspend now and then: a loop that others are to end never does,
 * if they don't get to run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>
#include <stdatomic.h>

struct race {
    atomic_bool is_over;
    int rounds;
};

ASYNC void bad(struct race *race)
{
    while (!atomic_load(&race->is_over)) /* expect: task-never-yields */
        race->rounds++;
}

ASYNC void good(struct race *race)
{
    while (!atomic_load(&race->is_over)) {
        race->rounds++;
        await rt_yield();
    }
}

#else
#include "findings/query_spin.h"
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_task_never_yields = {
    .id = "task-never-yields",
    .severity = SEVERITY_WARNING,
    .summary = "a loop in a task may go round for ever without suspending",
    .why = "no other task runs on this thread meanwhile: if one of them is to "
           "end the loop, it never does",
    .instead = "suspend in each round, or wait for what the loop waits for",
    .check = check_function,
};

static void tell_long(struct check *check, const struct query *query,
                      const struct spin *spin)
{
    const char *checkpoint = query_checkpoint(query);
    struct diag *diag;

    if (!checkpoint)
        return;
    diag = diag_at(check, spin->op, SEVERITY_NOTE,
                   "loops in a loop of '%s', which runs in a task, may take "
                   "long, and none of their rounds suspends",
                   query->fn->name);
    diag_why(check, diag,
             "they take as many rounds as there is data, and no other task "
             "runs on this thread meanwhile");
    diag_help(check, diag,
              "call '%s' in the outer loop, or compute on the pool",
              checkpoint);
    way_mark_context(check, diag, query->fn);
}

static void check_function(struct check *check, const struct query *query)
{
    struct spin_list spins;

    if (!(query->fn->context & CONTEXT_ASYNC))
        return;
    spins = query_spins(check, query);
    if (spins.items.count && query_is_acquisition(query))
        return;
    for (uint32_t i = 0; i < spins.items.count; i++) {
        const struct spin *spin = &spins.items.items[i];
        struct diag *diag;

        if (spin->kind == SPIN_LONG) {
            tell_long(check, query, spin);
            continue;
        }
        diag = diag_at(
            check, spin->op, SEVERITY_WARNING,
            spin->kind == SPIN_ENDLESS
                ? "a loop of '%s', which runs in a task, may go round for "
                  "ever without suspending"
                : "a loop of '%s', which runs in a task, waits without "
                  "suspending for what others change",
            query->fn->name);
        way_mark_context(check, diag, query->fn);
    }
}
#endif
