/*
 * Locks around what a parameter runs, see run.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/run.h"

#include "engine/info.h"
#include "engine/nest.h"
#include "engine/path.h"
#include "engine/pointer.h"

enum { MOST_RUNS = 16 }; /* of one function: more is a dispatcher */

static void run_add(const struct step *step, int param,
                    const struct held_lock *held)
{
    struct flow *flow = step->flow;
    struct lock_effects *effects = &flow->fn->summary.locks;
    struct lock_run run = {
        .param = param,
        .outer = path_of_place(flow, held->lock, flow->program->arena),
        .nesting = {.op = step->op,
                    .acquired = held->acquired,
                    .outer = *info_of(flow, held)},
    };

    if (!run.outer || effects->runs.count >= MOST_RUNS)
        return;
    for (uint32_t i = 0; i < effects->runs.count; i++)
        if (effects->runs.items[i].param == param &&
            path_equal(effects->runs.items[i].outer, run.outer))
            return;
    run.nesting.outer.mode = (enum lock_mode)held->mode;
    nest_gates(step, &run.nesting);
    vec_add(flow->program->arena, &effects->runs, run);
}

static void param_run(const struct step *step, int param)
{
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];

        if (held->depth && !held->may && !held->is_many && held->lock &&
            !node_is_stale(&step->flow->values, held->lock))
            run_add(step, param, held);
    }
}

/* `given` takes that lock, a global, while the callee holds that of `run`. */
static void one_apply(const struct step *step, const struct lock_run *run,
                      const struct fn *given, const struct lock_effect *effect)
{
    struct lock_nesting inside = {
        .outer = run->outer,
        .inner = effect->path,
        .nesting = run->nesting,
    };

    inside.nesting.nested_in = step->site->callee.body;
    inside.nesting.outer_at = run->nesting.acquired;
    inside.nesting.inner = effect->lock;
    if (!effect->lock.taken_in) {
        inside.nesting.inner.taken_in = given;
        inside.nesting.inner.taken_at = effect->op;
    }
    nest_join(step, &inside);
}

static void given_apply(const struct step *step, uint32_t arg,
                        const struct fn *given)
{
    const struct lock_effects *callee = &step->site->callee.body->summary.locks;
    const struct lock_effects *effects = &given->summary.locks;

    for (uint32_t i = 0; i < callee->runs.count; i++) {
        if (callee->runs.items[i].param != (int)arg)
            continue;
        for (uint32_t k = 0; k < effects->items.count; k++) {
            const struct lock_effect *effect = effects->items.items[k];

            if (effect->kind == LOCK_USES && !effect->when_count &&
                effect->path->param == PATH_GLOBAL && !effect->lock.is_try)
                one_apply(step, &callee->runs.items[i], given, effect);
        }
    }
}

/* Of locks that it is handed by address only who hands them over knows whether
 * they may be taken again. */
static void recursive_notice(const struct step *step, uint32_t first,
                             struct fn *callee)
{
    struct flow *flow = step->flow;

    for (uint32_t i = first;
         flow->program->recursive.entries.count && i < step->site->args.count;
         i++) {
        node_id value = eval_arg(flow, step->state, step->site, (int)i);
        node_id place = value ? place_at(&flow->values, value) : 0;

        if (!place ||
            !map_find_str(&flow->program->recursive, name_class(flow, place)))
            continue;
        callee->gets_recursive = true;
        flow->fn->hands_recursive = true;
    }
}

/* What is started takes two locks that it finds in what it is given: which they
 * are is known here. */
static void started_notice(const struct step *step, uint32_t arg,
                           struct fn *started)
{
    struct site site = *step->site;
    struct step inside = *step;

    /* What is behind the function among the arguments is given to it. */
    inside.site = &site;
    site.args.first += arg + 1;
    site.args.count -= arg + 1;
    recursive_notice(step, arg + 1, started);
    for (uint32_t i = 0; i < started->summary.locks.nestings.count; i++)
        nest_start(&inside, started, &started->summary.locks.nestings.items[i]);
}

static bool is_started(const struct meaning *meaning, uint32_t arg)
{
    for (int i = 0; meaning && i < meaning->callback_count; i++)
        if (meaning->callbacks[i].arg == (int)arg)
            return meaning->callbacks[i].timing == TIMING_THREAD ||
                   meaning->callbacks[i].timing == TIMING_TASK ||
                   meaning->callbacks[i].timing == TIMING_POOL;
    return false;
}

static struct fn *given_at(const struct step *step, uint32_t arg)
{
    const struct fn *fn = step->flow->fn;

    return program_fn_named(step->flow->program, fn->unit,
                            ir_list_at(fn->unit, step->site->args, arg));
}

void run_notice(const struct step *step)
{
    const struct fn *fn = step->flow->fn;
    const struct ir_op *op = &fn->unit->ops.items[step->op];
    struct fn *body = step->site->callee.body;
    int param = op->kind == IR_CALL ? pointer_param(fn, op->a) : -1;

    if (op->kind != IR_CALL)
        return;
    if (body)
        recursive_notice(step, 0, body);
    if (param >= 0)
        param_run(step, param);
    for (uint32_t i = 0; i < step->site->args.count; i++) {
        struct fn *given = given_at(step, i);

        if (given && is_started(step->site->callee.meaning, i))
            started_notice(step, i, given);
        else if (given && body)
            given_apply(step, i, given);
    }
}
