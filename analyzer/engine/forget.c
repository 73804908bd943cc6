/*
 * What a call may have done to locks, beyond what is said of it: the fates of
 * those that are not held are forgotten then, and those that are held may have
 * been given back. And what it starts that goes on after it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/choice.h"
#include "engine/hand.h"
#include "engine/life.h"

/* A call, and what is asked of it for each lock: found out once. */
struct reach {
    const struct step *step;
    node_id *args; /* NULL: not yet asked for */
    bool is_locker;
};

static void args_find(struct reach *reach)
{
    const struct step *step = reach->step;
    uint32_t count = step->site->args.count;

    reach->args = arena_array(step->flow->arena, count, sizeof(node_id));
    for (uint32_t i = 0; i < count; i++)
        reach->args[i] = eval_arg(step->flow, step->state, step->site, (int)i);
}

/* Whether one of the call's arguments leads to the lock. */
static bool is_reached(struct reach *reach, node_id lock)
{
    struct flow *flow = reach->step->flow;

    if (!reach->args)
        args_find(reach);
    for (uint32_t i = 0; i < reach->step->site->args.count; i++) {
        node_id value = reach->args[i];

        if (node_get(&flow->values, value)->kind == VALUE_ADDR
                ? life_whole(&flow->values,
                             node_get(&flow->values, value)->a) ==
                      life_whole(&flow->values, lock)
                : value && node_has(&flow->values, lock, value))
            return true;
    }
    return false;
}

/* Whether one of them is the lock itself. */
static bool is_handed(struct reach *reach, node_id lock)
{
    struct flow *flow = reach->step->flow;

    for (uint32_t i = 0; i < reach->step->site->args.count; i++)
        if (reach->args[i] && place_at(&flow->values, reach->args[i]) == lock)
            return true;
    return false;
}

/* What a callee with a body may do beside what its summary says. */
static bool may_change(struct reach *reach, const struct lock_fate *fate)
{
    return fate->op != reach->step->op &&
           (fate->fate == FATE_MADE || fate->fate > FATE_FREE) &&
           fate->fate != FATE_DROPPED &&
           (!life_is_local(reach->step->flow, fate->lock) ||
            is_reached(reach, fate->lock));
}

static void fates_forget_if(struct reach *reach,
                            bool (*is_changed)(struct reach *reach,
                                               const struct lock_fate *fate))
{
    const struct step *step = reach->step;

    for (uint32_t i = step->state->fates.count; i > 0; i--) {
        const struct lock_fate *fate = &step->state->fates.items[i - 1];

        if (is_changed(reach, fate))
            fate_forget(step->state, fate->lock);
    }
}

static bool has_word(const char *name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!name || strstr(name, words[i]))
            return true;
    return false;
}

/* Whether an unknown function may be one that takes a lock for its caller; the
 * others take their locks for themselves. */
bool life_is_locker(const char *name)
{
    static const char *const words[] = {
        "lock",    "Lock",  "LOCK",  "mutex",   "Mutex", "mtx",
        "acquire", "enter", "Enter", "Acquire", "begin", "Begin",
        "take",    "grab",  "claim", "wait",    "down",  "Wait"};

    /* What could not be read may be called anything. */
    return !name || !strcmp(name, "…") ||
           has_word(name, words, sizeof(words) / sizeof(*words));
}

/* Whether an unknown function that is handed a lock only looks at it. */
static bool is_onlooker(const struct callee *callee)
{
    static const char *const words[] = {"assert", "Assert", "ASSERT", "held",
                                        "Held",   "HELD",   "locked", "Locked",
                                        "owned",  "check",  "debug",  "dep"};

    /* `my_cond_wait(&cond, &lock)` comes back with it. */
    if (callee->name && strcasestr(callee->name, "cond") &&
        strcasestr(callee->name, "wait"))
        return true;
    /* `wait_on_locked(page, lock)` is not one of them. */
    return callee->name && !strstr(callee->name, "wait") &&
           has_word(callee->name, words, sizeof(words) / sizeof(*words));
}

/* By its type: something that is used as a lock may be more than one. */
static bool is_lock(const struct step *step, uint32_t arg)
{
    struct effect effect = {
        .kind_by_type = true,
        .on = {.base = PLACE_ARG, .arg = (int)arg},
    };

    return effect_settle(step->flow, step->site, &effect);
}

/* `pthread_cleanup_push(unlock_it, &lock)`: a callback's argument. */
static bool is_untyped(const struct step *step, uint32_t arg)
{
    const struct ir_unit *unit = step->flow->fn->unit;
    ir_id expr = ir_list_at(unit, step->site->args, arg);
    const struct ir_type *type =
        ir_type_strip(unit, unit->exprs.items[expr].type);

    return type->kind == IR_TYPE_POINTER &&
           ir_type_strip(unit, type->of)->kind == IR_TYPE_VOID;
}

/* `unsigned hash`, the number of one lock of many: no handle. */
static bool is_number(const struct step *step, uint32_t arg)
{
    const struct ir_unit *unit = step->flow->fn->unit;
    const struct ir_expr *expr =
        &unit->exprs.items[ir_list_at(unit, step->site->args, arg)];
    const struct ir_type *type = &unit->types.items[expr->type];

    return expr->kind == IR_EXPR_VAR &&
           (type->kind == IR_TYPE_INT ||
            (type->kind == IR_TYPE_TYPEDEF &&
             strstr(ir_text(unit, type->name), "int")));
}

/* What is held and handed to it, the lock itself, may have been given back. */
static void held_hand(struct reach *reach)
{
    const struct step *step = reach->step;

    if (is_onlooker(&step->site->callee))
        return;
    for (uint32_t i = 0; i < step->site->args.count; i++) {
        bool may_be_lock =
            (is_lock(step, i) && !is_number(step, i)) || is_untyped(step, i);
        node_id value =
            may_be_lock ? eval_arg(step->flow, step->state, step->site, (int)i)
                        : 0;
        node_id lock = value ? place_at(&step->flow->values, value) : 0;

        for (uint32_t k = 0; lock && k < step->state->held.count; k++)
            if (step->state->held.items[k].lock == lock &&
                !step->state->held.items[k].guard)
                step->state->held.items[k].may = true;
    }
}

/* An unknown function that is called so may give back what it is led to. */
static bool is_unlocker(const struct callee *callee)
{
    return callee->name && strcasestr(callee->name, "unlock");
}

static void held_may_be_released(struct reach *reach)
{
    struct state *state = reach->step->state;

    for (uint32_t i = 0; i < state->held.count; i++)
        if (!state->held.items[i].guard &&
            is_reached(reach, state->held.items[i].lock))
            state->held.items[i].is_many = true;
}

/* `pthread_cleanup_pop(1)` without its header: it runs what was pushed, which
 * gives back whatever it is. */
static void held_pop(const struct step *step)
{
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        struct held_lock *held = &step->state->held.items[i];

        held->may |= !held->guard;
        held->is_many |= !held->guard;
    }
}

/* Nobody says by his name that he locks: what was made may be destroyed since,
 * and made anew, but it is not held. */
static void made_loosen(const struct reach *reach)
{
    struct state *state = reach->step->state;

    for (uint32_t i = 0; i < state->fates.count && !reach->is_locker; i++)
        if (state->fates.items[i].fate == FATE_MADE)
            state->fates.items[i].fate = FATE_FREE;
}

static bool is_in_reach(struct reach *reach, const struct lock_fate *fate)
{
    bool is_given = fate->fate == FATE_GIVEN || fate->fate == FATE_REFUSED ||
                    fate->fate == FATE_FREE;

    if (is_reached(reach, fate->lock))
        return !is_given || reach->is_locker || is_handed(reach, fate->lock);
    return !life_is_local(reach->step->flow, fate->lock) &&
           (!is_given || reach->is_locker);
}

/* A known one that does nothing to locks may still write to memory. */
static bool may_be_written(struct reach *reach, const struct lock_fate *fate)
{
    return fate->fate == FATE_RAW && is_reached(reach, fate->lock);
}

/* Whether the call starts something that goes on after it has returned. */
static bool starts_something(const struct meaning *meaning)
{
    if (meaning->is_bridge || meaning->suspends != ANSWER_NEVER ||
        meaning->blocks != ANSWER_NEVER)
        return false;
    for (int i = 0; i < meaning->callback_count; i++)
        if (meaning->callbacks[i].timing == TIMING_TASK ||
            meaning->callbacks[i].timing == TIMING_POOL ||
            meaning->callbacks[i].timing == TIMING_THREAD)
            return true;
    return false;
}

/* What is started knows the variable, and those that it points to. */
static void lend(struct step *step, enum fate fate, node_id value, int depth)
{
    struct flow *flow = step->flow;
    const struct state *state = step->state;
    node_id whole =
        node_get(&flow->values, value)->kind == VALUE_ADDR
            ? life_whole(&flow->values, node_get(&flow->values, value)->a)
            : 0;

    if (!whole || node_get(&flow->values, whole)->kind != NODE_VAR)
        return;
    fate_put(step->state, flow->arena, value_addr(&flow->values, whole), fate,
             step->op);
    for (uint32_t i = 0; depth > 0 && i < state->store.count; i++)
        if (state->store.items[i].value &&
            node_has(&flow->values, state->store.items[i].place, whole))
            lend(step, fate, state->store.items[i].value, depth - 1);
}

enum { DEEPEST_LENT = 2 }; /* structs in structs that a task is given */

static void lend_all(struct step *step)
{
    struct flow *flow = step->flow;
    enum fate fate =
        cfg_comes_back(flow->fn, step->op) ? FATE_LENT_OFTEN : FATE_LENT;

    fate_put(step->state, flow->arena,
             value_make(&flow->values, VALUE_RESULT, step->op, 0), fate,
             step->op);
    for (uint32_t i = 0; i < step->site->args.count; i++)
        lend(step, fate, eval_arg(flow, step->state, step->site, (int)i),
             DEEPEST_LENT);
}

static bool is_lent(struct reach *reach, const struct lock_fate *fate)
{
    (void)reach;
    return fate->fate == FATE_LENT || fate->fate == FATE_LENT_OFTEN;
}

/* Whatever waits may wait for those who were started. */
static bool may_join(const struct callee *callee)
{
    const struct summary *summary =
        callee->body ? &callee->body->summary : NULL;

    if (callee->meaning)
        return callee->meaning->is_wait ||
               callee->meaning->suspends != ANSWER_NEVER;
    return !summary || summary->suspends != ANSWER_NEVER ||
           summary->blocks != ANSWER_NEVER;
}

/* Whether somebody waits, later on: for all that a loop has started, perhaps,
 * in a loop that nobody can tell to have as many rounds. */
static bool waits_later(const struct flow *flow, ir_id op)
{
    const struct fn *fn = flow->fn;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (site->callee.is_call && site->op != op && may_join(&site->callee) &&
            cfg_leads_to(fn, op, site->op))
            return true;
    }
    return false;
}

bool life_runs_on(struct flow *flow, const struct state *state,
                  const struct lock_fate *fate)
{
    if (fate->fate != FATE_LENT && fate->fate != FATE_LENT_OFTEN)
        return false;
    return !life_has_not_started(flow, state, fate->op) &&
           (fate->fate == FATE_LENT || !waits_later(flow, fate->op));
}

/* What lies in memory is asked about where fates are forgotten. */
static void variables_escape(const struct step *step)
{
    const struct values *values = &step->flow->values;

    for (uint32_t i = 0; i < step->site->args.count; i++) {
        node_id value = eval_arg(step->flow, step->state, step->site, (int)i);
        const struct node *node = node_get(values, value);

        if (node->kind == VALUE_ADDR &&
            node_get(values, life_whole(values, node->a))->kind == NODE_VAR)
            life_escape(step->flow, step->state, value);
    }
}

/* What is not seen may return with a lock: its name tells, or a pack. */
static bool is_unseen_locker(const struct step *step)
{
    const struct fn *fn = step->flow->fn;
    const char *name = step->site->callee.name;
    const struct ir_list none = {0};

    return life_is_locker(name) ||
           (name && model_marker_find(fn->view, MARKER_ACQUIRES, fn->unit, none,
                                      none, name));
}

void life_call(struct step *step)
{
    const struct callee *callee = &step->site->callee;
    struct reach reach = {.step = step};

    if (!callee->is_call)
        return;
    if (may_join(callee))
        fates_forget_if(&reach, is_lent);
    else if (callee->meaning && starts_something(callee->meaning))
        lend_all(step);
    if (callee->meaning) {
        if (!callee->meaning->effect_count)
            fates_forget_if(&reach, may_be_written);
    } else if (callee->body) {
        if (callee->body->summary.locks.makes)
            fates_forget_if(&reach, may_change);
        fates_forget_if(&reach, may_be_written);
        reach.is_locker = callee->body->summary.locks.leaves_some;
        if (reach.is_locker)
            fates_forget_if(&reach, is_in_reach);
        if (callee->body->summary.returns_raw)
            life_raw(step, place_at(&step->flow->values, step_result(step)));
    } else if (choice_is_known(step)) {
        variables_escape(step);
        reach.is_locker = callee->group->leaves_some;
        if (reach.is_locker)
            fates_forget_if(&reach, is_in_reach);
    } else {
        variables_escape(step);
        reach.is_locker = is_unseen_locker(step);
        made_loosen(&reach);
        fates_forget_if(&reach, is_in_reach);
        held_hand(&reach);
        if (is_unlocker(callee) && !step->state->met_locker)
            held_may_be_released(&reach);
        if (callee->name && strstr(callee->name, "cleanup_pop"))
            held_pop(step);
        step->state->met_locker |= reach.is_locker;
    }
}

/* What the call leaves where that argument points. */
static node_id value_written(const struct step *step, struct state *state,
                             uint32_t arg)
{
    struct flow *flow = step->flow;
    const struct meaning *meaning = step->site->callee.meaning;
    node_id unknown;

    if (meaning && meaning->zeroes && meaning->zeroes->on.arg == (int)arg &&
        step_conditions_hold(step, meaning->zeroes))
        return value_const(&flow->values, 0);
    unknown =
        value_make(&flow->values, VALUE_RESULT, step->op, arg + WRITTEN_ARGS);
    state_age(state, &flow->values, flow->arena, unknown);
    return unknown;
}

/* A variable whose address goes out may have been written; a guard stays. */
void life_arguments_escape(const struct step *step, struct state *state)
{
    struct flow *flow = step->flow;
    const struct meaning *meaning = step->site->callee.meaning;

    if (meaning && meaning->effect_count)
        return;
    for (uint32_t i = 0; i < step->site->args.count; i++) {
        node_id value = eval_arg(flow, state, step->site, (int)i);
        const struct node *node = node_get(&flow->values, value);

        if (node->kind != VALUE_ADDR ||
            place_is_shared(&flow->values, node->a) ||
            hand_owns(flow, state, node->a))
            continue;
        state_store(state, &flow->values, flow->arena,
                    node_get(&flow->values, value)->a,
                    value_written(step, state, i));
    }
}
