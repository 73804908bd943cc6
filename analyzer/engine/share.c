/*
 * What is given to another task, and whose reference that is: a value that was
 * handed to a spawn without a reference taken for it must not be dropped by
 * the one who spawned, as long as the task may run. Followed by value, along
 * the paths on which the locks are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/carry.h"
#include "engine/life.h"
#include "engine/path.h"
#include "ir/ir_print.h"

/* Whether the call starts a task or a job with its arguments, and does not
 * wait for it. */
static bool is_spawn(const struct meaning *meaning)
{
    if (!meaning || meaning->is_bridge || meaning->suspends != ANSWER_NEVER ||
        !meaning->pack->has_async)
        return false;
    for (int i = 0; i < meaning->callback_count; i++)
        if (meaning->callbacks[i].timing == TIMING_TASK ||
            meaning->callbacks[i].timing == TIMING_POOL)
            return true;
    return false;
}

/* A thread: what must stay on one must not go to another. */
static bool starts_thread(const struct meaning *meaning)
{
    for (int i = 0; meaning && i < meaning->callback_count; i++)
        if (meaning->callbacks[i].timing == TIMING_THREAD)
            return true;
    return false;
}

/* A function that gives what it is handed to a task that it starts. */
static const struct fn *starter_of(const struct callee *callee)
{
    return !callee->meaning && callee->body && callee->body->summary.starts
               ? callee->body
               : NULL;
}

static bool moves_threads(const struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    const struct fn *starter = starter_of(&step->site->callee);

    for (int i = 0; meaning && i < meaning->callback_count; i++)
        if (meaning->callbacks[i].timing == TIMING_POOL ||
            meaning->callbacks[i].timing == TIMING_THREAD)
            return true;
    return meaning ? meaning->pack->is_multithread
                   : starter && starter->summary.starts_moving;
}

/* ---- what is known of values */

static bool known_drop(struct state *state, node_id value,
                       enum carried_kind kind)
{
    for (uint32_t i = 0; i < state->carried.count; i++)
        if (state->carried.items[i].place == value &&
            state->carried.items[i].kind == kind) {
            carry_remove(state, i);
            return true;
        }
    return false;
}

static void known_add(const struct step *step, node_id value,
                      enum carried_kind kind)
{
    const struct carried carried = {
        .place = value,
        .source = step->op,
        .from = step->site->callee.name,
        .kind = (uint8_t)kind,
    };

    if (value && !node_is_stale(&step->flow->values, value))
        carry_add(step->flow->arena, step->state, carried);
}

/* The pointer to the object that an effect is about: the object may be counted
 * by a part of it, and a cleanup is given the address of the pointer. */
static node_id pointer_of(const struct step *step, const struct place *place)
{
    struct flow *flow = step->flow;
    node_id at = effect_place(flow, step->state, step->site, step->op, place);
    node_id object = at;
    const struct node *node = node_get(&flow->values, object);

    while (node->kind == NODE_FIELD) {
        object = node->a;
        node = node_get(&flow->values, object);
    }
    if (node->kind == NODE_MEMORY)
        return node->a;
    return state_load(step->state, &flow->values, at);
}

/* ---- references */

/* The parameter that a value came in by, or, behind a pointer, was found at;
 * -1: neither. */
static int param_of(const struct flow *flow, node_id value, bool is_behind)
{
    const struct node *node = node_get(&flow->values, value);
    int param;

    if (is_behind) {
        if (node->kind != VALUE_INIT)
            return -1;
        node = node_get(&flow->values, node->a);
        if (node->kind != NODE_MEMORY)
            return -1;
        value = node->a;
    }
    param = path_param(flow, value);
    return param < MOST_PARAMS ? param : -1;
}

static void drop_summarise(const struct step *step, node_id value)
{
    struct summary *summary = &step->flow->fn->summary;
    int direct = param_of(step->flow, value, false);
    int behind = param_of(step->flow, value, true);

    if (direct >= 0)
        summary->drops |= (uint16_t)(1u << direct);
    if (behind >= 0)
        summary->drops_behind |= (uint16_t)(1u << behind);
}

/* What the code writes in the call that drops it. */
static const char *drop_name(const struct step *step)
{
    const struct fn *fn = step->flow->fn;
    const struct ir_expr *expr;
    ir_id arg;

    if (!step->site->args.count)
        return step->site->callee.name;
    arg = ir_list_at(fn->unit, step->site->args, 0);
    expr = &fn->unit->exprs.items[arg];
    return ir_expr_text(fn->unit, fn->ir,
                        expr->kind == IR_EXPR_ADDR ? expr->a : arg,
                        step->flow->program->arena);
}

static void dropped(struct step *step, node_id value)
{
    struct flow *flow = step->flow;

    if (flow->is_recording)
        drop_summarise(step, value);
    for (uint32_t i = 0; i < step->state->carried.count; i++) {
        struct carried carried = step->state->carried.items[i];
        struct event *event;

        if (carried.kind != CARRIED_SPAWNED || carried.place != value)
            continue;
        carry_remove(step->state, i);
        /* Of a task that was not started nobody has taken anything over. */
        if (!flow->is_recording ||
            life_has_not_started(flow, step->state, carried.source))
            return;
        event =
            record_event(flow, step->state, EVENT_STALE, step->op, step->site);
        event->stale = (struct stale){
            .kind = CARRIED_SPAWNED,
            .source = carried.source,
            .left = step->op,
            .from = carried.from,
            .name = drop_name(step),
        };
        return;
    }
}

static void taken(struct step *step, node_id value)
{
    if (!known_drop(step->state, value, CARRIED_SPAWNED))
        known_add(step, value, CARRIED_TAKEN);
}

/* Who waits for the task may drop afterwards what it was given. */
static void joined(struct step *step, const struct place *place)
{
    struct flow *flow = step->flow;
    node_id handle =
        effect_place(flow, step->state, step->site, step->op, place);

    for (uint32_t i = step->state->carried.count; i > 0; i--) {
        const struct carried *carried = &step->state->carried.items[i - 1];
        node_id result =
            value_make(&flow->values, VALUE_RESULT, carried->source, 0);

        if (carried->kind == CARRIED_SPAWNED &&
            (node_has(&flow->values, handle, result) ||
             node_is_stale(&flow->values, handle) ||
             node_get(&flow->values, handle)->kind != NODE_MEMORY))
            carry_remove(step->state, i - 1);
    }
}

static void effects_share(struct step *step, const struct meaning *meaning)
{
    for (int i = 0; i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];

        if (effect->kind == EFFECT_REF_TAKE) {
            if (step->flow->is_recording)
                step->flow->fn->summary.takes_reference = true;
            taken(step, pointer_of(step, &effect->on));
        } else if (effect->kind == EFFECT_REF_DROP) {
            dropped(step, pointer_of(step, &effect->on));
        } else if (effect->kind == EFFECT_EVENT_WAIT) {
            joined(step, &effect->on);
        }
    }
}

static bool is_pointer(const struct step *step, uint32_t arg)
{
    const struct ir_unit *unit = step->flow->fn->unit;
    ir_id expr = ir_list_at(unit, step->site->args, arg);

    return unit->exprs.items[expr].kind == IR_EXPR_ADDR ||
           ir_type_is_pointer(unit, unit->exprs.items[expr].type);
}

/* A helper does what its summary says; what nobody knows may take one. */
static void argument_share(struct step *step, uint32_t arg)
{
    const struct fn *body = step->site->callee.body;
    bool drops = body && body->summary.drops & 1u << arg;
    bool drops_behind = body && body->summary.drops_behind & 1u << arg;
    struct flow *flow = step->flow;
    bool may_take = flow->spawns && (!body || body->summary.takes_reference);
    node_id value = (drops || drops_behind || may_take) && is_pointer(step, arg)
                        ? eval_arg(flow, step->state, step->site, (int)arg)
                        : 0;

    if (!value)
        return;
    if (drops)
        dropped(step, value);
    else if (drops_behind)
        dropped(step, state_load(step->state, &flow->values,
                                 place_at(&flow->values, value)));
    else
        taken(step, value);
}

static void unknown_share(struct step *step)
{
    const struct fn *body = step->site->callee.body;
    struct summary *summary = &step->flow->fn->summary;

    if (step->flow->is_recording && body && body->summary.takes_reference)
        summary->takes_reference = true;
    for (uint32_t i = 0; i < step->site->args.count && i < MOST_PARAMS; i++)
        argument_share(step, i);
}

/* ---- spawns */

/* What the task is given stands behind the function that it runs. */
static int first_given(const struct meaning *meaning)
{
    int first = 0;

    for (int i = 0; i < meaning->callback_count; i++)
        if (meaning->callbacks[i].arg >= first)
            first = meaning->callbacks[i].arg + 1;
    return first;
}

/* Our caller's, who is told of it where he calls us. */
static void start_summarise(const struct step *step, node_id value)
{
    struct summary *summary = &step->flow->fn->summary;
    int param = param_of(step->flow, value, false);

    if (param < 0)
        return;
    summary->starts |= (uint16_t)(1u << param);
    summary->starts_moving = summary->starts_moving || moves_threads(step);
}

static void value_spawn(struct step *step, node_id value, struct event *event)
{
    const char *from = carry_bound_from(step->flow, value);

    if (event && from && !event->stale.from)
        event->stale.from = from;
    if (known_drop(step->state, value, CARRIED_TAKEN))
        return;
    known_add(step, value, CARRIED_SPAWNED);
    if (step->flow->is_recording)
        start_summarise(step, value);
}

static bool is_inside(const struct values *values, node_id place, node_id whole)
{
    const struct node *node = node_get(values, place);

    while (place != whole &&
           (node->kind == NODE_FIELD || node->kind == NODE_INDEX)) {
        place = node->a;
        node = node_get(values, place);
    }
    return place == whole;
}

/* The argument, and what was put into the object that it points to. */
static void argument_spawn(struct step *step, int arg, struct event *event)
{
    struct flow *flow = step->flow;
    node_id value = eval_arg(flow, step->state, step->site, arg);
    node_id object = value ? place_at(&flow->values, value) : 0;

    if (!value)
        return;
    value_spawn(step, value, event);
    for (uint32_t i = 0; i < step->state->store.count; i++) {
        struct stored stored = step->state->store.items[i];

        if (is_inside(&flow->values, stored.place, object) && stored.value)
            value_spawn(step, stored.value, event);
    }
}

static struct event *spawn_record(struct step *step, int first_given)
{
    struct event *event;

    if (!step->flow->is_recording)
        return NULL;
    event = record_event(step->flow, step->state, EVENT_SPAWN, step->op,
                         step->site);
    event->first_given = first_given;
    event->moves = moves_threads(step);
    return event;
}

static void spawn(struct step *step)
{
    int first = first_given(step->site->callee.meaning);
    struct event *event = spawn_record(step, first);

    for (int i = first; i < (int)step->site->args.count; i++)
        argument_spawn(step, i, event);
}

/* What is in the arguments' types is told where the task is started. */
static void spawn_by_callee(struct step *step, const struct fn *starter)
{
    int count = (int)step->site->args.count;
    struct event *event = spawn_record(step, count);

    for (int i = 0; i < count && i < MOST_PARAMS; i++) {
        if (starter->summary.starts & 1u << i)
            argument_spawn(step, i, event);
        else
            argument_share(step, (uint32_t)i);
    }
}

static void thread_start(struct step *step)
{
    struct flow *flow = step->flow;

    for (int i = first_given(step->site->callee.meaning);
         flow->is_recording && i < (int)step->site->args.count; i++) {
        node_id value = eval_arg(flow, step->state, step->site, i);
        const char *from = value ? carry_not_send(flow, value) : NULL;

        if (from)
            spawn_record(step, (int)step->site->args.count)->stale.from = from;
    }
}

void share_call(struct step *step)
{
    const struct callee *callee = &step->site->callee;
    const struct meaning *meaning = callee->meaning;

    if (callee->is_covered)
        return;
    if (is_spawn(meaning))
        spawn(step);
    else if (starts_thread(meaning))
        thread_start(step);
    else if (starter_of(callee))
        spawn_by_callee(step, starter_of(callee));
    else if (meaning)
        effects_share(step, meaning);
    else if (callee->is_call)
        unknown_share(step);
}

bool share_matters(const struct flow *flow)
{
    bool has_thread = false;
    bool has_not_send = false;

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        const struct callee *callee = &flow->sites[i].callee;

        if (is_spawn(callee->meaning) || starter_of(callee))
            return true;
        has_thread = has_thread || starts_thread(callee->meaning);
        has_not_send =
            has_not_send || (callee->meaning && callee->meaning->is_not_send);
    }
    return has_thread && has_not_send;
}
