/*
 * Locks must be taken in one order by all that may run at the same time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct ledger {
    struct blocking_mutex lock;
    int total;
};

struct journal {
    struct blocking_mutex lock;
    int lines;
};

void bad_book(struct ledger *ledger, struct journal *journal)
{
    guard(blocking_mutex)(&ledger->lock);
    guard(blocking_mutex)(&journal->lock);
    journal->lines = ledger->total++;
}

void bad_check(struct ledger *ledger, struct journal *journal)
{
    guard(blocking_mutex)(&journal->lock);
    guard(blocking_mutex)(&ledger->lock); /* expect: lock-order-inversion */
    journal->lines -= ledger->total;
}

struct purse {
    struct blocking_mutex lock;
    int coins;
};

struct pocket {
    struct blocking_mutex lock;
    int coins;
};

void good_fill(struct purse *purse, struct pocket *pocket)
{
    guard(blocking_mutex)(&purse->lock);
    guard(blocking_mutex)(&pocket->lock);
    purse->coins += pocket->coins;
}

void good_empty(struct purse *purse, struct pocket *pocket)
{
    guard(blocking_mutex)(&purse->lock);
    guard(blocking_mutex)(&pocket->lock);
    pocket->coins += purse->coins;
}

#else
#include "findings/query_cycle.h"
#include "findings/query_rank.h"
#include "findings/under.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);
static void check_program(struct check *check, const struct query *query);

const struct rule rule_lock_order_inversion = {
    .id = "lock-order-inversion",
    .severity = SEVERITY_ERROR,
    .summary = "locks are taken in one order here and in another there",
    .why = "each may hold the lock that the other waits for, and then both "
           "wait for ever",
    .instead = "decide on one order and take the locks in it everywhere, or "
               "release the first lock before the second is taken",
    .check = check_function,
    .check_program = check_program,
};

static void leg_tell(struct check *check, struct diag *diag,
                     const struct lock_leg *leg)
{
    if (leg->start)
        diag_mark_in(check, diag, MARK_STEP, leg->start->starter,
                     leg->start->op, "'%s' is started here", leg->root->name);
    diag_mark_in(check, diag, MARK_ACQUIRED, leg->fn, leg->outer_at,
                 leg->outer_in ? "'%s' is taken in a call from here, on %s: %s"
                               : "'%s' is taken here, on %s: %s",
                 leg->outer, leg_root_words(leg),
                 leg_route_words(check_arena(check), leg));
    if (leg->outer_in)
        diag_mark_in(check, diag, MARK_ACQUIRED, leg->outer_in,
                     leg->outer_in_at, "'%s' takes it here",
                     leg->outer_in->name);
    for (uint32_t i = 0; i < leg->steps.count; i++)
        diag_mark_in(check, diag, MARK_STEP, leg->steps.items[i].caller,
                     leg->steps.items[i].op,
                     i ? "which calls '%s'" : "still holding it, it calls '%s'",
                     leg->steps.items[i].callee->name);
    diag_mark_in(check, diag, MARK_STEP, leg->inner_fn, leg->inner_at,
                 "'%s' is wanted here, while '%s' is held", leg->inner,
                 leg->outer);
}

static void cycle_tell(struct check *check, const struct lock_cycle *cycle)
{
    uint32_t last = cycle_last_leg(cycle);
    const struct lock_leg *leg = &cycle->legs[last];
    const struct lock_leg *next = &cycle->legs[(last + 1) % cycle->count];
    ir_id at = leg_place(leg);
    struct diag *diag = diag_in(
        check, leg->fn, at, cycle_severity(cycle),
        "'%s' takes '%s' while it holds '%s', and '%s' %s", leg->fn->name,
        leg->inner, leg->outer, next->fn->name,
        cycle->count == 2 ? "takes them the other way round"
                          : "goes on in a circle of locks that leads back");

    if (cycle->is_guess)
        diag_why(check, diag,
                 "one of the ways leads through a pointer with several "
                 "functions to choose from, or through the program's log: if "
                 "it is that function, or the log gets so far, each holder "
                 "waits for the other for ever");
    for (uint32_t i = 0; i < cycle->count; i++)
        leg_tell(check, diag, &cycle->legs[(last + i) % cycle->count]);
}

static void pair_tell(struct check *check, const struct lock_leg *leg)
{
    struct diag *diag =
        diag_in(check, leg->fn, leg_place(leg), SEVERITY_NOTE,
                "'%s' takes '%s' while it holds '%s', another of its kind, in "
                "the order in which its caller names them",
                leg->fn->name, leg->inner, leg->outer);

    diag_help(check, diag,
              "compare the addresses, and take the lower one first");
    leg_tell(check, diag, leg);
}

/* The other holder is called with the lock, as its table's contract says. */
static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        struct under_pair pair = query_under_pair(query, event);
        struct diag *diag;

        if (!pair.fn)
            continue;
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "'%s' takes '%s' while it holds '%s', and '%s', which "
                       "is called with that one held, takes this one",
                       query->fn->name, event->lock.name, pair.outer->lock.name,
                       pair.fn->name);
        diag_mark_taken(check, diag, pair.outer->acquired, &pair.outer->lock);
        diag_mark_in(check, diag, MARK_STEP, pair.fn, pair.at,
                     "'%s' takes it here", pair.fn->name);
        diag_mark_under(check, diag, pair.fn);
    }
}

/* Whoever keeps to the declarations takes them the other way round. */
static void breach_tell(struct check *check, const struct rank_breach *breach)
{
    const struct event *event = breach->event;
    struct diag *diag =
        diag_in(check, breach->fn, event->op, SEVERITY_WARNING,
                "'%s' takes '%s' while it holds '%s', which is declared to be "
                "taken after it",
                breach->fn->name, event->lock.name, breach->outer->lock.name);

    diag_mark_in(check, diag, MARK_ACQUIRED, breach->fn,
                 breach->outer->acquired, "'%s' is taken here",
                 breach->outer->lock.name);
}

static void check_program(struct check *check, const struct query *query)
{
    lock_cycle_list cycles = query_lock_cycles(query);
    lock_cycle_list pairs = query_lock_pairs(query);
    rank_breach_list breaches = query_rank_breaches(query);

    for (uint32_t i = 0; i < cycles.count; i++)
        if (!cycle_has_worse(&cycles, i))
            cycle_tell(check, &cycles.items[i]);
    for (uint32_t i = 0; i < pairs.count; i++)
        pair_tell(check, &pairs.items[i].legs[0]);
    for (uint32_t i = 0; i < breaches.count; i++)
        if (!cycle_has_place(&cycles, breaches.items[i].fn,
                             breaches.items[i].event->op))
            breach_tell(check, &breaches.items[i]);
}
#endif
