/*
 * Writing down events. The last sweep runs every op in every state that gets
 * there; what an event says of locks is the union over these states, "must"
 * where all of them hold the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "engine/carry.h"
#include "engine/info.h"
#include "engine/life.h"
#include "engine/only_if.h"
#include "engine/path.h"
#include "engine/waits.h"

enum { FEW_EVENTS = 2 }; /* most functions have no more, and they are large */

static struct event *event_find(struct flow *flow, enum event_kind kind,
                                ir_id op, enum exit_bucket bucket)
{
    struct event_list *events = &flow->fn->events;
    struct event event = {
        .kind = kind, .op = op, .slot = flow->slot, .bucket = bucket};
    uint32_t *newest;

    if (!flow->newest_event)
        flow->newest_event = arena_array(flow->arena, flow->fn->ir->op_count,
                                         sizeof(*flow->newest_event));
    newest = &flow->newest_event[op - flow->fn->ir->first_op];
    for (uint32_t i = *newest; i; i = flow->earlier_events.items[i - 1])
        if (events->items.items[i - 1].kind == kind &&
            events->items.items[i - 1].slot == flow->slot &&
            events->items.items[i - 1].bucket == bucket)
            return &events->items.items[i - 1];
    if (!events->items.capacity) {
        events->items.items =
            arena_array(flow->arena, FEW_EVENTS, sizeof(event));
        events->items.capacity = FEW_EVENTS;
    }
    vec_add(flow->arena, &events->items, event);
    vec_add(flow->arena, &flow->earlier_events, *newest);
    *newest = events->items.count;
    return vec_last(&events->items);
}

static struct held *held_get(struct flow *flow, struct event *event,
                             const struct held_lock *lock)
{
    struct held held = {.acquired = lock->acquired, .slot = lock->slot};

    for (uint32_t i = 0; i < event->held.count; i++)
        if (event->held.items[i].acquired == lock->acquired &&
            event->held.items[i].slot == lock->slot)
            return &event->held.items[i];
    held.lock = *info_of(flow, lock);
    held.lock.kind = lock->kind;
    held.lock.mode = lock->mode;
    held.must = true;
    vec_add(flow->arena, &event->held, held);
    return vec_last(&event->held);
}

/* Whether the lock was found through that value: `state = image->opaque`, and
 * the call gets the image. */
static bool leads_to(struct flow *flow, node_id value, node_id lock)
{
    return node_get(&flow->values, value)->kind != VALUE_CONST &&
           node_has(&flow->values, lock, value);
}

/* A pointer that can't be traced to where it was found (a loop changed it, a
 * call returned it): it may well lead to what the lock guards. */
static bool is_untraced_pointer(const struct flow *flow,
                                const struct site *site, uint32_t arg,
                                node_id value)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id expr = ir_list_at(unit, site->args, arg);
    const struct node *node = node_get(&flow->values, value);

    return ir_type_is_pointer(unit, unit->exprs.items[expr].type) &&
           (node->kind == NODE_NONE || node->kind == VALUE_RESULT ||
            node->kind == VALUE_PHI || node->kind == VALUE_STALE);
}

/* Whether the call works on what the lock guards: an argument is, or comes
 * out of, the object that the lock is a part of. */
static bool uses_guarded(struct flow *flow, const struct state *state,
                         const struct site *site, node_id lock)
{
    const struct node *node = node_get(&flow->values, lock);
    node_id owner;
    node_id pointer;

    if (!site || !lock)
        return false;
    /* A lock that is no part of anything stands for what it guards. */
    owner = node->kind == NODE_FIELD ? node->a : lock;
    pointer = value_addr(&flow->values, owner);
    for (uint32_t i = 0; i < site->args.count; i++) {
        node_id value = eval_arg(flow, state, site, (int)i);

        if (is_untraced_pointer(flow, site, i, value) ||
            (value && (node_has(&flow->values, value, owner) ||
                       node_has(&flow->values, value, pointer) ||
                       leads_to(flow, value, lock))))
            return true;
    }
    return false;
}

/* `*found = entry;`: it lies behind one of our own parameters. */
static bool is_behind_param(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);

    while (node->kind == NODE_FIELD)
        node = node_get(&flow->values, node->a);
    return node->kind == NODE_MEMORY && path_param(flow, node->a) >= 0;
}

/* Whether whoever called finds a pointer to what the lock is a part of. */
static bool is_handed_out(const struct flow *flow, const struct state *state,
                          node_id lock)
{
    const struct node *node =
        node_get(&flow->values, life_whole(&flow->values, lock));

    for (uint32_t i = 0; node->kind == NODE_MEMORY && i < state->store.count;
         i++)
        if (state->store.items[i].value == node->a &&
            is_behind_param(flow, state->store.items[i].place))
            return true;
    return false;
}

static void held_record(struct flow *flow, const struct state *state,
                        struct event *event, const struct site *site)
{
    for (uint32_t i = 0; i < state->held.count && !state->is_doubtful; i++) {
        const struct held_lock *lock = &state->held.items[i];
        struct held *held;

        if (!lock->depth)
            continue;
        held = held_get(flow, event, lock);
        held->seen++;
        held->must = held->must && !lock->may && !lock->is_many;
        held->is_weak = held->is_weak || lock->may || lock->is_many;
        held->again += lock->is_again;
        held->is_handed =
            held->is_handed || (event->kind == EVENT_EXIT &&
                                is_handed_out(flow, state, lock->lock));
        held->has_guard = held->has_guard || lock->guard;
        held->uses_it =
            held->uses_it || uses_guarded(flow, state, site, lock->lock);
        if (state->branch) {
            held->branch = state->branch;
            held->branch_taken = state->branch_taken;
        }
    }
}

/* What no state so far holds of the caller's locks. */
static void dropped_record(struct flow *flow, const struct state *state,
                           struct event *event)
{
    uint32_t kept = 0;

    if (event->states == 1) {
        for (uint32_t i = 0; i < state->dropped.count; i++)
            vec_add(flow->program->arena, &event->dropped,
                    name_class(flow, state->dropped.items[i]));
        return;
    }
    for (uint32_t i = 0; i < event->dropped.count; i++)
        for (uint32_t k = 0; k < state->dropped.count; k++)
            if (!strcmp(event->dropped.items[i],
                        name_class(flow, state->dropped.items[k]))) {
                event->dropped.items[kept++] = event->dropped.items[i];
                break;
            }
    event->dropped.count = kept;
}

struct event *record_event(struct flow *flow, const struct state *state,
                           enum event_kind kind, ir_id op,
                           const struct site *site)
{
    struct event *event = event_find(flow, kind, op, EXIT_VOID);

    event->states += !state->is_doubtful;
    event->states_outside += state->whereabouts == WHERE_OUTSIDE;
    event->states_in_task += state->whereabouts == WHERE_IN_TASK;
    event->is_offloaded = fn_is_offloaded(flow->fn, op);
    if (site) {
        event->meaning = site->callee.meaning;
        event->callee = site->callee.body;
        event->callee_name = site->callee.name;
        event->is_indirect = site->callee.is_indirect;
    }
    held_record(flow, state, event, site);
    if (kind == EVENT_ACQUIRE || kind == EVENT_HANDS_LOCK ||
        kind == EVENT_SUSPEND || kind == EVENT_BLOCK || kind == EVENT_SPIN ||
        kind == EVENT_EXCLUDED)
        dropped_record(flow, state, event);
    return event;
}

void record_redrop(const struct step *step, const struct lock_info *lock,
                   ir_id by_hand)
{
    struct event *event = record_event(step->flow, step->state, EVENT_REDROP,
                                       step->op, step->site);

    event->lock = *lock;
    event->fate_at = by_hand;
}

static bool is_pointer(const struct flow *flow, ir_id expr)
{
    const struct ir_unit *unit = flow->fn->unit;

    return ir_type_is_pointer(unit, unit->exprs.items[expr].type);
}

/* `return try_lock(…) == 0`: what is known of the parts of it tells. */
static enum exit_bucket truth_of(struct flow *flow, const struct state *state,
                                 node_id value)
{
    if (!eval_assume(flow, state_copy(flow->arena, state), value, true))
        return EXIT_ZERO;
    if (!eval_assume(flow, state_copy(flow->arena, state), value, false))
        return EXIT_NONZERO;
    return EXIT_UNKNOWN;
}

/* Who asks whether a pointer is an error number, which is below 0, does not
 * expect it to be null. */
static enum exit_bucket bucket_of(struct flow *flow, const struct state *state,
                                  ir_id expr)
{
    node_id value = eval_value(flow, state, expr);
    struct fact fact = state_fact(state, &flow->values, value);

    if (!expr)
        return EXIT_VOID;
    if (fact_is(&fact, 0))
        return EXIT_ZERO;
    if (fact.high < 0)
        return EXIT_NEGATIVE;
    if (fact.low > 0 || fact_excludes(&fact, 0) ||
        (fact.low == 0 && is_pointer(flow, expr)))
        return EXIT_NONZERO;
    /* Of another value all that is known is in its fact. */
    return eval_is_truth(&flow->values, value) ? truth_of(flow, state, value)
                                               : EXIT_UNKNOWN;
}

/* `return error` behind `if (error)`: it may be less than nought as well. */
static bool is_either_sign(struct flow *flow, const struct state *state,
                           ir_id expr)
{
    struct fact fact =
        state_fact(state, &flow->values, eval_value(flow, state, expr));

    return fact.low < 0;
}

static void exit_add(struct flow *flow, struct state *state, ir_id op,
                     enum exit_bucket bucket)
{
    struct exit_state exit = {state, op, bucket};
    struct event *event;

    flow->fn->summary.locks.results |= (uint8_t)(1u << bucket);
    if (state->is_doubtful)
        return;
    event = event_find(flow, EVENT_EXIT, op, bucket);
    event->states++;
    event->unsure +=
        bucket == EXIT_NONZERO &&
        is_either_sign(flow, state, flow->fn->unit->ops.items[op].a);
    held_record(flow, state, event, NULL);
    vec_add(flow->arena, &flow->exits, exit);
}

/* `return count;` behind `if (count < 0)`, or in it: 0, or what it is else. */
static bool is_split(const struct flow *flow, const struct state *state,
                     node_id value)
{
    struct fact fact = state_fact(state, &flow->values, value);

    return (fact.low == 0 || fact.high == 0) &&
           !eval_is_truth(&flow->values, value);
}

void record_exit(struct flow *flow, const struct state *state, ir_id op)
{
    ir_id expr = flow->fn->unit->ops.items[op].a;
    node_id value = eval_value(flow, state, expr);
    enum exit_bucket bucket = bucket_of(flow, state, expr);
    struct state *zero = state_copy(flow->arena, state);
    struct state *other = state_copy(flow->arena, state);

    flow->returns = true;
    if (bucket == EXIT_UNKNOWN && is_split(flow, state, value) &&
        eval_assume(flow, zero, value, false) &&
        eval_assume(flow, other, value, true)) {
        exit_add(flow, zero, op, EXIT_ZERO);
        exit_add(flow, other, op, bucket_of(flow, other, expr));
    } else {
        exit_add(flow, state_copy(flow->arena, state), op, bucket);
    }
    if (state->is_doubtful)
        return;
    carry_exit(flow, state, op);
    life_exit(flow, state, op);
}

enum tristate record_answer(const struct event_list *events,
                            enum event_kind kind)
{
    enum tristate answer = ANSWER_NEVER;

    for (uint32_t i = 0; i < events->items.count; i++) {
        if (events->items.items[i].kind == kind)
            return ANSWER_MAY;
        if (events->items.items[i].kind == EVENT_UNKNOWN)
            answer = ANSWER_UNKNOWN;
    }
    return answer;
}

/* What is left of "may suspend" when it runs in no task. */
static void outside_summarise(const struct flow *flow)
{
    struct summary *summary = &flow->fn->summary;
    const struct event_list *events = &flow->fn->events;

    if (summary->suspends != ANSWER_MAY)
        return;
    summary->suspends_outside = ANSWER_NEVER;
    for (uint32_t i = 0; i < events->items.count; i++)
        if (events->items.items[i].outside_too)
            summary->suspends_outside = ANSWER_MAY;
}

/* What a call was feared to do with any arguments, and does with none of those
 * that it is given here: callers, which come later, shall know. */
static void blocks_summarise(const struct flow *flow)
{
    struct summary *summary = &flow->fn->summary;
    enum tristate seen = record_answer(&flow->fn->events, EVENT_BLOCK);

    if (seen != ANSWER_MAY && summary->blocks == ANSWER_MAY)
        summary->blocks = seen;
}

static void *array_copy(const struct flow *flow, const void *items,
                        uint32_t count, size_t size)
{
    return count ? arena_copy(flow->program->arena, items, count * size) : NULL;
}

static int event_order(const void *one, const void *two)
{
    const struct event *first = one;
    const struct event *second = two;

    if (first->op != second->op)
        return first->op < second->op ? -1 : 1;
    if (first->kind != second->kind)
        return (int)first->kind - (int)second->kind;
    if (first->slot != second->slot)
        return (int)first->slot - (int)second->slot;
    return (int)first->bucket - (int)second->bucket;
}

static int held_order(const void *one, const void *two)
{
    const struct held *first = one;
    const struct held *second = two;

    if (first->acquired != second->acquired)
        return first->acquired < second->acquired ? -1 : 1;
    return (int)first->slot - (int)second->slot;
}

/* Until now they grew where the analysis works; they stay with the program,
 * with no room to spare. */
static void events_keep(struct flow *flow)
{
    struct event_list *events = &flow->fn->events;
    struct event *kept = array_copy(flow, events->items.items,
                                    events->items.count, sizeof(*kept));

    for (uint32_t i = 0; i < events->items.count; i++) {
        kept[i].held.items =
            array_copy(flow, kept[i].held.items, kept[i].held.count,
                       sizeof(*kept[i].held.items));
        kept[i].held.capacity = kept[i].held.count;
    }
    events->items.items = kept;
    events->items.capacity = events->items.count;
}

/* On the way out, what is held only behind a deadlock proves nothing. */
static void held_settle(const struct event *event, struct held *held)
{
    if (held->seen < event->states)
        held->must = false;
    if (event->kind == EVENT_EXIT && held->again == held->seen)
        held->is_weak = true;
}

void record_finish(struct flow *flow)
{
    struct event_list *events = &flow->fn->events;

    for (uint32_t i = 0; i < events->items.count; i++) {
        struct event *event = &events->items.items[i];

        for (uint32_t k = 0; k < event->held.count; k++)
            held_settle(event, &event->held.items[k]);
        if (event->held.count)
            qsort(event->held.items, event->held.count,
                  sizeof(*event->held.items), held_order);
    }
    outside_summarise(flow);
    only_if_summarise(flow);
    waits_summarise(flow);
    blocks_summarise(flow);
    if (events->items.count)
        qsort(events->items.items, events->items.count,
              sizeof(*events->items.items), event_order);
    events_keep(flow);
}
