/*
 * What a callee does to the locks of the function under analysis: its
 * summary, applied to this call's arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/flag.h"
#include "engine/hand.h"
#include "engine/info.h"
#include "engine/inherit.h"
#include "engine/inherit_use.h"
#include "engine/life.h"
#include "engine/nest.h"
#include "engine/path.h"
#include "engine/said.h"
#include "engine/when.h"
#include "ir/ir_print.h"
#include "ir/ir_same.h"

static void index_write(const struct step *step, const struct path_step *at,
                        struct strbuf *text)
{
    const struct fn *fn = step->flow->fn;

    strbuf_add(text, "[");
    if (at->index_param < 0)
        strbuf_printf(text, "%lld", (long long)at->index);
    else if ((uint32_t)at->index_param < step->site->args.count)
        ir_expr_write(
            fn->unit, fn->ir,
            ir_list_at(fn->unit, step->site->args, (uint32_t)at->index_param),
            text);
    strbuf_add(text, "]");
}

/* As the caller writes it; the callee's name if that is the same. */
static const char *name_keep(const struct step *step,
                             const struct strbuf *written, const char *there)
{
    const char *text = strbuf_text(written);

    if (!strcmp(text, there))
        return there;
    return arena_copy(step->flow->program->arena, text, strlen(text) + 1);
}

/* Whether the name goes on with the text; it is left behind that. Short texts,
 * and many: a call of a function costs more. */
static bool goes_on(const char **name, const char *text)
{
    const char *at = *name;

    while (*text && *at == *text) {
        at++;
        text++;
    }
    *name = at;
    return !*text;
}

/* Whether the name is what `text` and the steps make, which needs no writing: a
 * chain of functions hands on a variable of one name. */
static bool is_called_so(const char *name, const char *text,
                         const struct path *path)
{
    bool is_arrow = true;

    if (!*text || !goes_on(&name, text))
        return false;
    for (int i = 0; i < path->step_count; i++) {
        const struct path_step *step = &path->steps[i];

        if (step->kind == STEP_INDEX)
            return false;
        is_arrow |= step->kind == STEP_LOAD;
        if (step->kind != STEP_FIELD)
            continue;
        if (!goes_on(&name, is_arrow ? "->" : ".") ||
            !goes_on(&name, step->field))
            return false;
        is_arrow = false;
    }
    return !*name;
}

const char *inherit_name(const struct step *step, const struct path *path,
                         const struct lock_info *there)
{
    const struct fn *fn = step->flow->fn;
    struct strbuf text = {.arena = step->flow->arena};
    const struct ir_expr *arg;
    bool is_arrow = true;
    ir_id expr;

    if (path->param < 0 || (uint32_t)path->param >= step->site->args.count)
        return there->name;
    expr = ir_list_at(fn->unit, step->site->args, (uint32_t)path->param);
    arg = &fn->unit->exprs.items[expr];
    if (arg->kind == IR_EXPR_VAR &&
        is_called_so(there->name,
                     ir_text(fn->unit, fn->unit->vars.items[arg->var].name),
                     path))
        return there->name;
    if (arg->kind == IR_EXPR_ADDR) {
        expr = arg->a;
        is_arrow = false;
    }
    if (arg->kind == IR_EXPR_UNKNOWN)
        return there->class;
    ir_expr_write(fn->unit, fn->ir, expr, &text);
    for (int i = 0; i < path->step_count; i++) {
        if (path->steps[i].kind == STEP_LOAD)
            is_arrow = true;
        if (path->steps[i].kind == STEP_INDEX)
            index_write(step, &path->steps[i], &text);
        if (path->steps[i].kind != STEP_FIELD)
            continue;
        strbuf_add(&text, is_arrow ? "->" : ".");
        strbuf_add(&text, path->steps[i].field);
        is_arrow = false;
    }
    return name_keep(step, &text, there->name);
}

/* As the callee knows it. */
struct lock_info inherit_info_there(const struct step *step,
                                    const struct lock_effect *effect)
{
    struct lock_info info = effect->lock;

    info.name = inherit_name(step, effect->path, &effect->lock);
    if (!info.taken_in) {
        info.taken_in = step->site->callee.body;
        info.taken_at = effect->op;
    }
    return info;
}

struct lock_info inherit_info(const struct step *step,
                              const struct lock_effect *effect, node_id lock)
{
    struct lock_info info = inherit_info_there(step, effect);

    info.instance = lock ? name_instance(step->flow, lock) : NULL;
    if (lock) {
        info.class = name_class(step->flow, lock);
        info.is_parameter = name_is_parameter(step->flow, lock);
    }
    return info;
}

static struct effect as_effect(const struct lock_effect *effect)
{
    return (struct effect){
        .kind = EFFECT_ACQUIRE,
        .lock = effect->lock.kind,
        .mode = effect->lock.mode,
        .is_recursive = effect->lock.is_recursive,
        .is_try = effect->lock.is_try,
    };
}

static void make_or_destroy(struct step *step, const struct lock_effect *effect)
{
    node_id lock =
        path_place(step->flow, step->state, step->site, effect->path);
    struct lock_info info = inherit_info(step, effect, lock);

    if (lock && effect->kind == LOCK_MAKES)
        step_made(step, lock, &info);
    else if (lock)
        step_destroyed(step, lock, &info);
}

/* `return entry;` at one exit, and `return NULL;` at another: who is called so
 * found something at the first. */
static bool finds_pointer(const struct fn *callee)
{
    for (uint32_t i = 0; callee && i < callee->events.items.count; i++) {
        const struct event *event = &callee->events.items.items[i];
        ir_id value = callee->unit->ops.items[event->op].a;

        if (event->kind == EVENT_EXIT && event->bucket == EXIT_UNKNOWN)
            return ir_type_is_pointer(callee->unit,
                                      callee->unit->exprs.items[value].type);
    }
    return false;
}

static bool is_above_zero(const struct ir_unit *unit, ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    return expr->kind == IR_EXPR_CONST && expr->value > 0;
}

/* `if (result > 0)`: who only asks `if (!result)` expects no more than 0. */
static bool is_measured(const struct fn *fn, ir_id call)
{
    const struct ir_unit *unit = fn->unit;

    for (ir_id at = call + 1; at < fn->ir->first_op + fn->ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];
        const struct ir_expr *asked = &unit->exprs.items[op->a];

        while (op->kind == IR_BRANCH && asked->kind == IR_EXPR_UNARY)
            asked = &unit->exprs.items[asked->a];
        if (op->kind == IR_BRANCH && asked->kind == IR_EXPR_BINARY &&
            (asked->operator>= IR_LT || is_above_zero(unit, asked->b)) &&
            ir_is_result_of(unit, fn->ir, asked->a, call))
            return true;
    }
    return false;
}

bool inherit_assume(struct step *step, struct state *state, uint32_t buckets,
                    uint32_t others)
{
    struct flow *flow = step->flow;
    node_id result = step_result(step);

    if (buckets == 1u << EXIT_NONZERO && others & 1u << EXIT_NEGATIVE)
        return state_assume_range(state, &flow->values, flow->arena, result, 1,
                                  INT64_MAX);
    if (buckets == 1u << EXIT_ZERO)
        return eval_assume(flow, state, result, false);
    if (buckets == 1u << EXIT_UNKNOWN && others == 1u << EXIT_ZERO &&
        finds_pointer(step->site->callee.body))
        return eval_assume(flow, state, result, true);
    if (buckets == 1u << EXIT_NEGATIVE)
        return state_assume_range(state, &flow->values, flow->arena, result,
                                  INT64_MIN, -1);
    if (buckets == (1u << EXIT_ZERO | 1u << EXIT_NONZERO) &&
        others == 1u << EXIT_NEGATIVE && !is_measured(flow->fn, step->op))
        return eval_assume(flow, state, result, false);
    if (buckets == (1u << EXIT_ZERO | 1u << EXIT_NONZERO))
        return state_assume_range(state, &flow->values, flow->arena, result, 0,
                                  INT64_MAX);
    if (buckets == (1u << EXIT_ZERO | 1u << EXIT_NEGATIVE))
        return state_assume_range(state, &flow->values, flow->arena, result,
                                  INT64_MIN, 0);
    if (!(buckets & ~(1u << EXIT_NONZERO | 1u << EXIT_NEGATIVE)))
        return eval_assume(flow, state, result, true);
    return true;
}

/* One state for where the callee returns with the lock still held, and one for
 * where it has given it back. */
static void give_by_result(struct step *step, const struct lock_effect *effect,
                           state_list *out)
{
    struct flow *flow = step->flow;
    struct state *kept = state_copy(flow->arena, step->state);

    if (inherit_assume(step, kept, effect->held_buckets, effect->free_buckets))
        vec_add(flow->arena, out, kept);
    inherit_assume(step, step->state, effect->free_buckets,
                   effect->held_buckets);
}

static void give(struct step *step, const struct lock_effect *effect,
                 state_list *out)
{
    struct flow *flow = step->flow;
    node_id lock = path_place(flow, step->state, step->site, effect->path);
    struct lock_info info = inherit_info(step, effect, lock);
    bool is_vague = flag_is_vague(step, &effect->flag);
    bool sometimes = effect->sometimes || (is_vague && !effect->held_buckets);

    info.is_said = said_by(step->site->callee.body);
    if (sometimes && life_give_back(step, lock))
        return;
    if (!sometimes && effect->held_buckets &&
        (is_vague || !effect->flag.wanted))
        give_by_result(step, effect, out);
    else if (!sometimes && effect->held_buckets)
        inherit_assume(step, step->state, effect->free_buckets,
                       effect->held_buckets);
    if (sometimes && held_find(step->flow, step->state, lock, "") < 0) {
        namesakes_may_be_released(step, lock, info.class);
        vec_add(flow->arena, out, state_copy(flow->arena, step->state));
    }
    step_give(step, lock, LOCK_EITHER, &info, !sometimes);
}

static void take_record(struct step *step, const struct lock_effect *effect,
                        node_id lock)
{
    struct event *event;

    if (!step->flow->is_recording)
        return;
    event = record_event(step->flow, step->state, EVENT_ACQUIRE, step->op,
                         step->site);
    event->lock = inherit_info(step, effect, lock);
    event->by_guard = effect->in_guard;
    event->is_try = effect->lock.is_try;
    nest_acquired(step, lock, &event->lock);
}

static node_id guard_of(const struct step *step,
                        const struct lock_effect *effect)
{
    if (!effect->in_guard)
        return 0;
    return effect->guard_path ? hand_guard(step, effect) : step_result(step);
}

static node_id taken_place(struct step *step, const struct path *path)
{
    if (path->param == PATH_RESULT)
        return path_place_from(step->flow, step->state, step->site,
                               step_result(step), path);
    return path_place(step->flow, step->state, step->site, path);
}

static void take(struct step *step, const struct lock_effect *effect,
                 state_list *out)
{
    struct flow *flow = step->flow;
    node_id lock = taken_place(step, effect->path);
    struct effect as_taken = as_effect(effect);
    struct state *failed;

    as_taken.is_recursive |=
        map_find_str(&flow->program->recursive, name_class(flow, lock)) != NULL;
    /* Exits that return alike and disagree: by a flag that is not known, or the
     * callee's own fault. */
    if (effect->held_buckets & effect->free_buckets ||
        flag_is_vague(step, &effect->flag)) {
        fate_put(step->state, flow->arena, lock, FATE_PERHAPS, step->op);
        return;
    }
    take_record(step, effect, lock);
    if (effect->free_buckets) {
        failed = state_copy(flow->arena, step->state);
        life_refused(step, failed, lock);
        if (inherit_assume(step, failed, effect->free_buckets,
                           effect->held_buckets))
            vec_add(flow->arena, out, failed);
        inherit_assume(step, step->state, effect->held_buckets,
                       effect->free_buckets);
    }
    step_take(step, &as_taken, lock, guard_of(step, effect));
    info_put(flow, step->op, inherit_info(step, effect, lock));
}

/* What a callback takes that the call has run before it returns: globals, for
 * nobody can say what it is given. */
void inherit_callbacks(struct step *step)
{
    const struct fn_list *now = &step->site->callee.now;
    const struct ir_unit *unit = step->flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[step->op];

    /* Of an indirect call, the list is of what the pointer may hold. */
    if (op->kind != IR_CALL || !ir_call_symbol(unit, op))
        return;
    for (uint32_t i = 0; i < now->items.count; i++) {
        struct site site = *step->site;
        struct step inside = *step;
        struct asked asked = {0};
        const struct lock_effects *effects;

        site.callee.body = now->items.items[i];
        inside.site = &site;
        effects = &site.callee.body->summary.locks;
        if (effects->gives_some)
            any_may_be_released(step, 0, effects->some_class);
        for (uint32_t k = 0; k < effects->items.count; k++)
            if (effects->items.items[k]->kind == LOCK_USES &&
                effects->items.items[k]->path->param == PATH_GLOBAL)
                inherit_use(&inside, effects->items.items[k], &asked);
            else if (effects->items.items[k]->kind == LOCK_GIVES) {
                any_may_be_released(step, 0,
                                    effects->items.items[k]->lock.class);
                asked = (struct asked){0};
            }
    }
}

/* `if (locks) { lock(); return 1; } return 0;`: where the flag says that
 * nothing is done, so does the result. */
static void undone_assume(struct step *step, const struct lock_effect *effect)
{
    uint32_t done = effect->kind == LOCK_GIVES ? effect->free_buckets
                                               : effect->held_buckets;
    uint32_t undone = effect->kind == LOCK_GIVES ? effect->held_buckets
                                                 : effect->free_buckets;

    if (done && undone && !(done & undone) &&
        flag_rules_out(step, step->state, &effect->flag))
        inherit_assume(step, step->state, undone, done);
}

void inherit_effect(struct step *step, const struct lock_effect *effect,
                    state_list *out)
{
    if (!when_applies(step, effect))
        undone_assume(step, effect);
    else if (effect->kind == LOCK_GIVES)
        give(step, effect, out);
    else
        take(step, effect, out);
    slot_next(step->flow);
}

/* Who takes a lock, or gives one back, always returns the same:
 * `for (int i = lock_it(); i; i = unlock_it())`. Of others that is no news, or
 * not sure: a stub stands for more than it does. */
static void result_assume(struct step *step, const struct lock_effects *effects)
{
    bool is_locker = false;

    for (uint32_t i = 0; i < effects->items.count; i++)
        is_locker |= effects->items.items[i]->kind == LOCK_TAKES ||
                     effects->items.items[i]->kind == LOCK_GIVES;
    if (is_locker && (effects->results == 1u << EXIT_ZERO ||
                      effects->results == 1u << EXIT_NONZERO))
        inherit_assume(step, step->state, effects->results, 0);
}

void inherit_apply(struct step *step, state_list *out)
{
    const struct lock_effects *effects =
        &step->site->callee.body->summary.locks;
    struct asked asked = {0};

    nest_inherit(step);
    step->state->met_locker |= effects->leaves_some;
    if (effects->gives_some)
        any_may_be_released(step, 0, effects->some_class);
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_USES)
            inherit_use(step, effects->items.items[i], &asked);
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_GIVES)
            inherit_effect(step, effects->items.items[i], out);
    step->flow->slot = 0;
    for (uint32_t i = 0; i < effects->items.count; i++)
        if ((effects->items.items[i]->kind == LOCK_MAKES ||
             effects->items.items[i]->kind == LOCK_DESTROYS) &&
            !effects->items.items[i]->guard_path)
            make_or_destroy(step, effects->items.items[i]);
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_DROPS)
            hand_dropped(step, effects->items.items[i]);
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_TAKES)
            inherit_effect(step, effects->items.items[i], out);
    step->flow->slot = 0;
    result_assume(step, effects);
}

void inherit_excursions(struct flow *flow, struct state *waiting,
                        const struct site *site, enum lock_effect_kind kind)
{
    const struct lock_effects *effects;

    if (site->callee.meaning || !site->callee.body)
        return;
    effects = &site->callee.body->summary.locks;
    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];
        node_id lock;
        int at;

        if (effect->kind != kind)
            continue;
        lock = path_place(flow, waiting, site, effect->path);
        if (effect->in_guard) {
            hand_lent(flow, waiting, lock);
            continue;
        }
        at = held_find(flow, waiting, lock, name_class(flow, lock));
        if (at >= 0)
            state_held_remove(waiting, (uint32_t)at);
        else if (!node_is_stale(&flow->values, lock))
            node_list_add(&waiting->dropped, flow->arena, lock);
    }
}
