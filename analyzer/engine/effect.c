/*
 * What one op does to a state. Calls mean what their pack says; what nobody
 * says anything about changes no lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/carry.h"
#include "engine/guard.h"
#include "engine/info.h"
#include "engine/invoke.h"
#include "engine/life.h"
#include "engine/mode.h"
#include "engine/nest.h"
#include "engine/pure.h"
#include "engine/question.h"
#include "engine/recursive.h"
#include "engine/summarise.h"

enum {
    /* A loop that takes a lock of each element holds "many"; more than this
     * many need not be told apart. */
    MOST_HELD = 24,
};

node_id step_result(const struct step *step)
{
    return value_make(&step->flow->values, VALUE_RESULT,
                      site_result(step->flow, step->op), 0);
}

/* One op that takes several locks in turn (a loop over an array of them)
 * holds "some": which, is not told apart. */
static bool is_one_of_many(const struct step *step)
{
    const struct state *state = step->state;

    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].acquired == step->op &&
            state->held.items[i].slot == step->flow->slot) {
            state->held.items[i].lock = 0;
            state->held.items[i].is_many = true;
            return true;
        }
    return state->held.count >= MOST_HELD;
}

/* Not where too many states were merged: there it "may" be anything. */
static bool takes_again(const struct step *step, node_id lock)
{
    if (step->state->is_doubtful)
        return false;
    for (uint32_t i = 0; i < step->state->held.count; i++)
        if (step->state->held.items[i].lock == lock &&
            step->state->held.items[i].depth &&
            !step->state->held.items[i].may &&
            !step->state->held.items[i].is_many &&
            !node_is_stale(&step->flow->values, lock))
            return true;
    return false;
}

void step_hold(struct step *step, const struct effect *effect, node_id lock,
               node_id guard, bool is_deferred)
{
    struct held_lock held = {
        .acquired = step->op,
        .slot = step->flow->slot,
        .lock = lock,
        .guard = guard,
        .kind = (uint8_t)effect->lock,
        .mode = (uint8_t)effect->mode,
        .depth = is_deferred ? 0 : 1,
        .is_recursive = effect->is_recursive,
        .is_many = !lock && effect->on.base != PLACE_GLOBAL,
    };

    info_put(step->flow, step->op,
             name_lock(step->flow, step->site, effect, lock));
    if (!is_one_of_many(step))
        state_held_add(step->state, step->flow->arena, held);
}

void step_acquired(struct step *step, const struct effect *effect, node_id lock,
                   bool by_guard)
{
    struct event *event;

    if (!step->flow->is_recording)
        return;
    event = record_event(step->flow, step->state, EVENT_ACQUIRE, step->op,
                         step->site);
    event->lock = name_lock(step->flow, step->site, effect, lock);
    event->is_try = effect->is_try;
    event->is_interruptible = effect->is_interruptible;
    event->by_guard = by_guard;
    event->held_before += takes_again(step, lock);
    event->regains += node_list_has(&step->state->dropped, lock);
    life_record(step, event, lock);
    nest_acquired(step, lock, &event->lock);
    summarise_use(
        step->flow, step->state,
        &(struct lock_use){.op = step->op, .lock = lock, .info = &event->lock});
}

/* Taking a recursive lock again only counts, and so does reading what is read
 * already; taking another one again is a deadlock, told by the event. */
void step_take(struct step *step, const struct effect *effect, node_id lock,
               node_id guard)
{
    int again = held_find(step->flow, step->state, lock, "");
    struct held_lock *held;

    question_retaken(step, lock);
    if (again < 0 && life_regain(step, lock))
        return;
    place_assume_there(step->flow, step->state, lock);
    fate_forget(step->state, lock);
    /* Our caller's, given back before: it is held again. */
    if (again < 0 && node_list_remove(&step->state->dropped, lock))
        return;
    if (again < 0) {
        step_hold(step, effect, lock, guard, false);
        return;
    }
    held = &step->state->held.items[again];
    if (held->is_recursive ||
        (held->mode == LOCK_SHARED && effect->mode == LOCK_SHARED))
        held->depth++;
    else if (held->guard || effect->is_try)
        held->depth = 2;
    else
        held->is_again = true;
}

static void again_mark(struct state *state, node_id lock)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].lock == lock)
            state->held.items[i].is_again = true;
}

/* Who only tries for what it has itself does not get it; nor does who waits,
 * if such a lock would rather fail. Readers may come in beside readers. */
static bool refuses_again(const struct step *step, const struct effect *effect,
                          node_id lock, const uint32_t *recursive)
{
    if (recursive ? *recursive != RECURSIVE_REFUSES
                  : !effect->is_try || effect->is_recursive ||
                        effect->mode == LOCK_SHARED || !lock)
        return false;
    return takes_again(step, lock);
}

static bool is_held(const struct step *step, node_id lock)
{
    int at = held_find(step->flow, step->state, lock, "");

    return at >= 0 && step->state->held.items[at].lock == lock;
}

static void take_inherited(const struct step *step, const struct effect *effect,
                           node_id lock, struct state *inherited,
                           state_list *out)
{
    struct step with = *step;

    with.state = inherited;
    step_take(&with, effect, lock, 0);
    vec_add(step->flow->arena, out, inherited);
}

/* An acquisition that may fail leaves two states: taken, and not. */
static void acquire(struct step *step, struct effect *effect, state_list *out)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    bool may_fail =
        effect->outcome != OUTCOME_ALWAYS &&
        (effect->is_try || effect->is_interruptible || step->is_result_used);
    const uint32_t *again =
        map_find_str(&flow->program->recursive, name_class(flow, lock));
    struct state *inherited;
    struct state *failed;

    /* What there is to be done beside taking it is not said to fail. */
    if (effect->only_if_free && is_held(step, lock)) {
        step_assume(step, step->state, effect->outcome, true);
        return;
    }
    if (refuses_again(step, effect, lock, again)) {
        step_assume(step, step->state, effect->outcome, false);
        return;
    }
    effect->is_recursive |= again != NULL;
    step_acquired(step, effect, lock, false);
    if (may_fail) {
        failed = state_copy(flow->arena, step->state);
        inherited = life_inherited(step, effect, failed);
        if (inherited)
            take_inherited(step, effect, lock, inherited, out);
        life_refused(step, failed, lock);
        if (!effect->is_try && !effect->is_recursive && takes_again(step, lock))
            again_mark(failed, lock);
        if (!step->is_result_used ||
            step_assume(step, failed, effect->outcome, false))
            vec_add(flow->arena, out, failed);
        step_assume(step, step->state, effect->outcome, true);
    }
    step_take(step, effect, lock, 0);
}

bool step_conditions_hold(const struct step *step, const struct effect *effect)
{
    for (int i = 0; i < effect->condition_count; i++)
        if (!eval_exempt(step->flow, step->state, step->site,
                         &effect->conditions[i]))
            return false;
    return true;
}

bool step_conditions_may_hold(const struct step *step,
                              const struct effect *effect)
{
    for (int i = 0; i < effect->condition_count; i++)
        if (eval_condition_fails(step->flow, step->state, step->site,
                                 &effect->conditions[i]))
            return false;
    return true;
}

/* What a macro with a block takes, it takes for the block behind it: whose
 * scope is the guard. */
static void block_settle(const struct step *step, struct effect *effect)
{
    if (effect->kind != EFFECT_ACQUIRE || !step->site->scope ||
        !step->site->callee.meaning->is_block)
        return;
    effect->kind = EFFECT_GUARD_ENTER;
    effect->guard = (struct place){.base = PLACE_SCOPE};
}

/* A flat switch over the kinds of effects. */
static void effect_apply(struct step *step, const struct effect *declared,
                         state_list *out)
{
    struct effect effect = *declared;

    if (!effect_settle(step->flow, step->site, &effect) ||
        effect_is_unreadable(step->flow, step->site, &effect) ||
        (effect.kind != EFFECT_NONBLOCKING &&
         !step_conditions_may_hold(step, &effect)))
        return;
    block_settle(step, &effect);
    switch (effect.kind) {
    case EFFECT_ACQUIRE:
        acquire(step, &effect, out);
        break;
    case EFFECT_RELEASE:
        life_release(step, &effect);
        break;
    case EFFECT_GUARD_ENTER:
    case EFFECT_GUARD_DEFER:
        guard_enter(step, &effect);
        break;
    case EFFECT_GUARD_ADOPT:
        guard_adopt(step, &effect);
        break;
    case EFFECT_GUARD_TAKE:
        guard_take(step, &effect);
        break;
    case EFFECT_GUARD_AWAIT:
        guard_await(step, &effect, out);
        break;
    case EFFECT_GUARD_DROP:
        guard_drop(step, &effect);
        break;
    case EFFECT_GUARD_MOVE:
        guard_move(step, &effect);
        break;
    case EFFECT_LOCK_INIT:
        life_make(step, &effect);
        break;
    case EFFECT_LOCK_DESTROY:
        life_destroy(step, &effect);
        break;
    case EFFECT_ALLOCATE:
        life_allocate(step, &effect);
        break;
    case EFFECT_FREE:
        life_free(step, &effect);
        break;
    case EFFECT_LOCK_ATTRIBUTE:
        if (step_conditions_hold(step, &effect))
            mode_set(step, &effect);
        break;
    case EFFECT_NONBLOCKING:
    case EFFECT_IN_MEMORY:
        mode_set(step, &effect);
        break;
    default:
        break;
    }
}

/* Of effects of one kind the first works on the first lock, and so on (but
 * for ways to initialise one and the same); one of `arg0...` on as many as
 * there are arguments. */
void effects_apply(struct step *step, const struct meaning *meaning,
                   state_list *out)
{
    int most = (int)step->site->args.count - 1;

    for (int i = 0; i < meaning->effect_count; i++) {
        struct effect effect = meaning->effects[i];
        int last = effect.on.and_rest ? most : effect.on.arg;

        step->flow->slot = 0;
        for (int k = 0; k < i; k++)
            if (meaning->effects[k].kind == effect.kind &&
                effect.kind != EFFECT_LOCK_INIT)
                slot_next(step->flow);
        for (; effect.on.arg <= last; effect.on.arg++) {
            effect_apply(step, &effect, out);
            slot_next(step->flow);
        }
    }
    step->flow->slot = 0;
}

static ir_id cleaned_var(const struct flow *flow, const struct ir_op *op)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *argument =
        &unit->exprs.items[ir_list_at(unit, op->args, 0)];

    return unit->exprs.items[argument->a].var;
}

static void assign_apply(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    node_id given = eval_value(flow, state, op->b);
    node_id value = given;
    node_id place = eval_place(flow, state, op->a);

    if (node_is_stale(&flow->values, value)) {
        value = value_make(&flow->values, VALUE_RESULT, at, 0);
        state_age(state, &flow->values, flow->arena, value);
        place = eval_place(flow, state, op->a);
    }
    state_store(state, &flow->values, flow->arena, place, value);
    pure_forget_store(flow, state, at);
    carry_assign(flow, state, at, given);
    life_store(flow, state, at, place, value);
}

static void enter_apply(struct flow *flow, struct state *state, ir_id at)
{
    ir_id var = flow->fn->unit->ops.items[at].a;
    node_id fresh = value_make(&flow->values, VALUE_RESULT, at, 0);
    node_id place = value_make(&flow->values, NODE_VAR, var, 0);

    state_age(state, &flow->values, flow->arena, fresh);
    state_store(state, &flow->values, flow->arena, place, fresh);
    carry_forget(state, place);
    life_begin(flow, state, at);
}

void effect_op(struct flow *flow, struct state *state, ir_id at,
               state_list *out)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    struct step step = {
        .flow = flow,
        .state = state,
        .site = site_at(flow, at),
        .op = at,
        .is_result_used = !(op->flags & IR_OP_UNUSED),
    };

    if (flow->is_recording && flow->fn->seen_where)
        flow->fn->seen_where[at - flow->fn->ir->first_op] |=
            (uint8_t)(1u << state->whereabouts);

    carry_use(flow, state, at);
    section_note(flow, state, step.site, at);
    switch ((enum ir_op_kind)op->kind) {
    case IR_CALL:
        /* What the cleanup's body does was said with the macro. */
        if (op->flags & IR_OP_CLEANUP &&
            guard_scope_end(&step, cleaned_var(flow, op)))
            break;
        if (op->flags & IR_OP_CLEANUP && !step.site->callee.meaning &&
            !step.site->callee.body)
            guard_unknown_end(&step, cleaned_var(flow, op));
        call_apply(&step, out);
        return;
    case IR_MACRO_BEGIN:
        call_apply(&step, out);
        return;
    case IR_ASSIGN:
        store_notice(&step);
        assign_apply(flow, state, at);
        break;
    case IR_SCOPE_ENTER:
        enter_apply(flow, state, at);
        break;
    case IR_SCOPE_EXIT:
        guard_scope_end(&step, op->a);
        life_end(flow, state, at);
        break;
    case IR_RETURN:
        if (flow->is_recording)
            record_exit(flow, state, at);
        break;
    default:
        break;
    }
    vec_add(flow->arena, out, state);
}
