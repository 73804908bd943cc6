/*
 * Ways out of a function that keep a lock, and whose fault that is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_leak.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/calls.h"
#include "engine/said.h"
#include "findings/query_handover.h"
#include "findings/query_release.h"

/* What the exits of one function do with one lock, by what they return. */
struct exits {
    bool releases[EXIT_NONZERO + 1];
    bool any_releases;
};

/* Where another of its class is held instead, what the function found is
 * locked, whichever it found: its caller gives it back. */
static bool always_holds_one(const struct event *exit, const char *class)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < exit->held.count; i++)
        if (!strcmp(exit->held.items[i].lock.class, class))
            seen += exit->held.items[i].seen;
    return seen >= exit->states;
}

static struct exits exits_of(const struct query *query,
                             const struct event *taken)
{
    struct exits exits = {0};

    for_each_event(query, event, EVENT_EXIT) {
        if (!query_always_holds(event, taken->lock.name) &&
            !always_holds_one(event, taken->lock.class)) {
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

/* Whether another way out returns the same global, and keeps no such lock. */
static bool is_returned_free(const struct query *query,
                             const struct event *kept,
                             const struct event *taken)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *value =
        &unit->exprs.items[unit->ops.items[kept->op].a];

    if (value->kind != IR_EXPR_GLOBAL)
        return false;
    for_each_event(query, exit, EVENT_EXIT) {
        const struct ir_expr *other =
            &unit->exprs.items[unit->ops.items[exit->op].a];

        if (exit->bucket == EXIT_UNKNOWN && other->kind == IR_EXPR_GLOBAL &&
            other->symbol == value->symbol && !query_held(exit, taken))
            return true;
    }
    return false;
}

/* It is called by nobody we see, and perhaps by a file we were not shown. */
static bool is_for_others(const struct fn *fn)
{
    return !fn->is_called && !fn->is_entry && strcmp(fn->name, "main") != 0 &&
           !(fn->symbol->flags & IR_SYMBOL_STATIC);
}

/* Whether those that call it, seen or not, can call somebody who gives the
 * lock back without having taken it; or its declaration says that they do. Who
 * gives it back elsewhere gains nothing by a helper that nobody calls. */
static bool is_given_by_others(const struct query *query,
                               const struct event *taken)
{
    const struct class_info *info = query_class(query, taken->lock.class);
    const struct fn *fn = query->fn;

    if (model_symbol_marker(fn->view, MARKER_ACQUIRES, fn->unit, fn->symbol) ||
        class_is_given_unknown(query->classes, taken->lock.class))
        return true;
    if (is_for_others(fn))
        return info->released_openly.fn != NULL;
    return query_releases(query, taken->lock.class)
               ? info->released_alive.fn != NULL
               : info->released_alone.fn != NULL;
}

/* A static one, or a part of a static variable; not one that is known by its
 * address only, which others may find, too. */
static bool is_of_file(const struct lock_info *lock)
{
    return (strchr(lock->class, ':') && !strstr(lock->class, ":?")) ||
           (lock->instance && *lock->instance != '*' &&
            strchr(lock->instance, ':'));
}

/* Other files call it, but can't name the lock, and have no function here that
 * would give it back for them. */
static bool is_out_of_reach(const struct query *query,
                            const struct event *taken)
{
    return is_for_others(query->fn) && is_of_file(&taken->lock) &&
           !taken->lock.is_parameter && !is_given_by_others(query, taken);
}

/* `return entry;` where nothing says whether there is one, while NULL, or an
 * error that stands for a pointer, is returned without the lock. */
static bool is_found(const struct query *query, const struct event *exit,
                     const struct exits *exits)
{
    const struct ir_unit *unit = query->fn->unit;

    return exit->bucket == EXIT_UNKNOWN &&
           (exits->releases[EXIT_ZERO] || exits->releases[EXIT_NEGATIVE]) &&
           ir_type_returned(unit, query->fn->symbol->type)->kind ==
               IR_TYPE_POINTER;
}

/* What a callee has found for it, locked, it has found for its callers. */
static bool is_found_in_callee(const struct event *taken)
{
    const struct fn *callee = taken->lock.taken_in;

    return callee &&
           ir_type_returned(callee->unit, callee->symbol->type)->kind ==
               IR_TYPE_POINTER;
}

/* `get_locked()`: what it returns is locked, and its caller gives that back. */
static bool is_returned_locked(const struct query *query,
                               const struct event *exit,
                               const struct event *taken)
{
    const struct lock_effects *locks = &query->fn->summary.locks;

    if (exit->bucket != EXIT_NONZERO && exit->bucket != EXIT_UNKNOWN)
        return false;
    for (uint32_t i = 0; i < locks->items.count; i++)
        if (locks->items.items[i]->kind == LOCK_TAKES &&
            locks->items.items[i]->op == taken->op &&
            locks->items.items[i]->path->param == PATH_RESULT)
            return true;
    return false;
}

/* Whether what is given back there is another one that is held, too, on all
 * ways there: what goes from hand to hand is this one in the next round. */
static bool is_another(const struct event *release, const struct event *taken)
{
    for (uint32_t i = 0; i < release->held.count; i++) {
        const struct held *held = &release->held.items[i];

        if (held != query_held(release, taken) &&
            held->seen == release->states &&
            !strcmp(held->lock.class, taken->lock.class) &&
            !strcmp(held->lock.name, release->lock.name))
            return true;
    }
    return false;
}

static bool gives_back(const struct query *query, const struct event *taken)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->held_before &&
            !strcmp(event->lock.class, taken->lock.class) &&
            !is_another(event, taken))
            return true;
    }
    return false;
}

/* `return error` with the lock, where that is not 0, and `return error` without
 * it, where it may be anything: no result tells the caller which it was. Nor
 * does `return true` with it, and `return ready` without. */
static bool is_contradicted(const struct query *query, const struct event *exit,
                            const struct event *taken,
                            const struct exits *exits)
{
    return exit->bucket == EXIT_NONZERO && exits->releases[EXIT_UNKNOWN] &&
           (query_failure(query) == EXIT_NEGATIVE ||
            (query_returns_truth(query) && gives_back(query, taken) &&
             !is_given_by_others(query, taken)) ||
            is_returned_free(query, exit, taken));
}

/* Interrupts stay off, and what was before is in a variable of the function:
 * no caller can bring that back, whatever it is told. */
static bool is_lost_section(const struct query *query, const struct event *exit,
                            const struct event *taken)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = &unit->ops.items[exit->op];

    return taken->lock.is_section && !taken->lock.taken_in &&
           gives_back(query, taken) && op->kind == IR_RETURN &&
           unit->exprs.items[op->a].kind == IR_EXPR_CONST;
}

/* `void lock_function(int mode, int n)`: it takes the lock, or gives it back,
 * as it is told; and does nothing else with it. */
static bool does_either(const struct query *query, const struct event *taken)
{
    bool gives = false;

    for_each_event(query, event, EVENT_RELEASE) {
        if (strcmp(event->lock.class, taken->lock.class) != 0)
            continue;
        if (event->held_before || event->fates[FATE_GIVEN] ||
            strcmp(event->lock.name, taken->lock.name) != 0)
            return false;
        gives = true;
    }
    return gives;
}

/* `return status(NO_ERROR, 0);`, a record that says of success what a nought
 * would say. */
static bool is_success_record(const struct query *query,
                              const struct event *exit)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *value =
        &unit->exprs.items[unit->ops.items[exit->op].a];
    const struct ir_op *call = &unit->ops.items[value->op];

    if (exit->bucket != EXIT_UNKNOWN || value->kind != IR_EXPR_TEMP ||
        call->kind != IR_CALL || !call->args.count ||
        ir_type_strip(unit, value->type)->kind != IR_TYPE_RECORD)
        return false;
    for (uint32_t i = 0; i < call->args.count; i++) {
        const struct ir_expr *arg =
            &unit->exprs.items[ir_list_at(unit, call->args, i)];

        if (arg->kind != IR_EXPR_CONST || arg->value)
            return false;
    }
    return true;
}

/* `return error` where all that is known of it is that it is not nought, while
 * a certain error and nought are returned without the lock: nobody can tell
 * this one from that error. */
static bool is_any_failure(const struct query *query, const struct event *exit,
                           const struct exits *exits)
{
    return exit->unsure && exits->releases[EXIT_ZERO] &&
           exits->releases[EXIT_NEGATIVE] &&
           ir_type_returned(query->fn->unit, query->fn->symbol->type)->kind !=
               IR_TYPE_POINTER;
}

/* A function may return with a lock held if it says so by what it returns:
 * success holds, failure doesn't. The other way round nobody expects. */
static bool is_leak(const struct query *query, const struct event *exit,
                    const struct event *taken, const struct exits *exits)
{
    /* Who keeps what attributes tell of says so by one. */
    if (taken->lock.is_said && !said_by(query->fn))
        return true;
    if (is_returned_locked(query, exit, taken) || does_either(query, taken))
        return false;
    /* `lock(group->locks + level - 1)`, for callers: nobody else can be seen to
     * mean the same. */
    if (query->fn->is_called && !exits->any_releases &&
        strstr(taken->lock.class, ":?"))
        return false;
    if (exit->bucket != query_failure(query) &&
        query_is_left_to_table(query, taken->lock.class))
        return false;
    /* Others give it back (or it is handed in, so that others can), and this
     * function never tries to, or holds it wherever it returns: unless it fails
     * with the lock here, and without it there. */
    if ((is_given_by_others(query, taken) || taken->lock.is_parameter) &&
        (!exits->any_releases || !gives_back(query, taken)) &&
        (exit->bucket != EXIT_NEGATIVE || !exits->releases[EXIT_NEGATIVE]))
        return false;
    /* Nobody calls it who could give the lock back, whatever it returns. */
    if ((query->fn->is_entry && !query->fn->is_called) ||
        is_out_of_reach(query, taken))
        return true;
    if (is_given_by_others(query, taken) && is_success_record(query, exit))
        return false;
    /* Who tries for it keeps in mind elsewhere whether it was got. */
    if (taken->is_try && is_given_by_others(query, taken) &&
        exit->bucket != query_failure(query))
        return false;
    if (exits->releases[exit->bucket])
        return true;
    if ((is_given_by_others(query, taken) || is_found_in_callee(taken)) &&
        is_found(query, exit, exits))
        return false;
    if (exits->any_releases)
        return exit->bucket == EXIT_UNKNOWN || exit->bucket == EXIT_VOID ||
               (exit->bucket == query_failure(query) &&
                !query_is_taken_over(query)) ||
               is_positive_error(query, exit, taken, exits) ||
               is_contradicted(query, exit, taken, exits) ||
               is_lost_section(query, exit, taken) ||
               is_any_failure(query, exit, exits) ||
               query_is_ours_to_give(query, taken) ||
               query_is_never_given(query, taken);
    return true;
}

/* Where the lock is a part of what a header declares, a function that takes it
 * and keeps it may be called by a file that gives it back. */
static bool is_of_others(const struct query *query, const struct event *taken,
                         const struct exits *exits)
{
    const char *class = taken->lock.class;

    return (!exits->any_releases || !query_releases(query, class)) &&
           is_for_others(query->fn) && strchr(class, '.') &&
           !strchr(class, ':') && !is_given_by_others(query, taken);
}

/* `local_irq_enable(); local_irq_disable();`, before anything else takes it:
 * whoever waits for it is let in for a moment. */
static bool is_let_in_first(const struct query *query, const char *class)
{
    for (uint32_t i = 0; i < query->fn->events.items.count; i++) {
        const struct event *event = &query->fn->events.items.items[i];

        if ((event->kind == EVENT_ACQUIRE || event->kind == EVENT_RELEASE) &&
            !strcmp(event->lock.class, class))
            return event->kind == EVENT_RELEASE;
    }
    return false;
}

/* A section of the processor that the function does not end itself may be
 * ended in many ways by others. */
static bool is_section_of_callers(const struct query *query,
                                  const struct event *taken)
{
    return taken->lock.is_section &&
           (taken->lock.taken_in || !query_releases(query, taken->lock.class) ||
            is_let_in_first(query, taken->lock.class));
}

/* An answer that all exits share, and that costs a look at all events. */
enum shared_answer { NOT_ASKED, ANSWERED_NO, ANSWERED_YES };

static bool asked_once(enum shared_answer *answer, const struct query *query,
                       const struct event *taken,
                       bool (*ask)(const struct query *query,
                                   const struct event *taken))
{
    if (*answer == NOT_ASKED)
        *answer = ask(query, taken) ? ANSWERED_YES : ANSWERED_NO;
    return *answer == ANSWERED_YES;
}

/* It calls somebody of whom only a part was understood, behind the op. */
static bool calls_unread(const struct fn *fn, ir_id op)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        for (uint32_t k = 0; edge->op > op && edge_is_now(edge) &&
                             !edge->by_pointer && k < edge->count;
             k++)
            if (edge->to[k]->ir->flags & IR_FN_NOT_ANALYSED)
                return true;
    }
    return false;
}

/* Inside a macro whose meaning a pack gives: `PT_WAIT_UNTIL(…)` returns, and is
 * told as what suspends. */
static bool is_in_known_macro(const struct query *query,
                              const struct event *exit)
{
    return callee_is_covered(query->fn,
                             query->fn->unit->ops.items[exit->op].macro);
}

bool query_leak(const struct query *query, const struct event *taken,
                struct leak *leak)
{
    struct exits exits = exits_of(query, taken);
    enum shared_answer is_by_round = NOT_ASKED;
    enum shared_answer is_by_nobody = NOT_ASKED;

    if (said_exempt(query->fn) || query_is_borrowed(query, taken) ||
        is_section_of_callers(query, taken) ||
        calls_unread(query->fn, taken->op) ||
        (taken->lock.taken_in &&
         calls_unread(taken->lock.taken_in, taken->lock.taken_at)) ||
        (!exits.any_releases && query_is_ambient(query, &taken->lock)))
        return false;
    for_each_event(query, event, EVENT_EXIT) {
        const struct held *held = query_held(event, taken);

        if (!held || held->has_guard || is_in_known_macro(query, event) ||
            (query->fn->is_bounded && !held->must) ||
            (held->is_weak &&
             !asked_once(&is_by_round, query, taken, query_is_kept_by_round)) ||
            (held->is_handed && is_given_by_others(query, taken)) ||
            query_is_kept_on_purpose(query, event, held) ||
            query_is_left_to_callee(query, taken, event) ||
            (!is_leak(query, event, taken, &exits) &&
             !asked_once(&is_by_nobody, query, taken,
                         query_is_given_by_nobody)))
            continue;
        leak->exit = event;
        leak->held = held;
        leak->is_of_others =
            !taken->lock.is_said && is_of_others(query, taken, &exits);
        return true;
    }
    return false;
}

bool query_leaked_by(const struct query *query, const struct event *taken)
{
    struct query theirs = *query;
    struct leak leak;

    if (!taken->lock.taken_in)
        return false;
    theirs.fn = taken->lock.taken_in;
    if (query_is_acquisition(&theirs))
        return false;
    for_each_acquisition(&theirs, event) {
        if (event->op == taken->lock.taken_at &&
            query_leak(&theirs, event, &leak))
            return true;
    }
    return false;
}

/* Where a thread begins, nobody can have taken a lock for it. */
bool query_is_wake_up(const struct query *query, const struct lock_info *lock)
{
    const struct class_info *info = query_class(query, lock->class);
    const struct fn *here = query->fn;

    for (uint32_t i = 0; info && i < info->alone.count; i++) {
        const struct fn *there = info->alone.items[i].fn;

        if ((here->is_entry || there->is_entry) && here->context &&
            there->context && !(here->context & there->context))
            return true;
    }
    return false;
}
