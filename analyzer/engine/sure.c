/*
 * What is sure to wait, see sure.h: a least fixpoint over all call sites, as
 * the summaries are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/sure.h"

#include "engine/callee.h"
#include "engine/context.h"
#include "engine/given.h"
#include "engine/group.h"
#include "engine/pointer.h"

enum {
    SUSPENDS_SURELY = 1,
    BLOCKS_SURELY = 2,
    BLOCKS_AT_ALL = 4,  /* … whatever its runtime says of the call itself */
    SUSPENDS_TASKS = 8, /* … and does not only wait for who holds the lock of a
                           pack that has no tasks */
    TRAITS = 4,
};

/* How many functions of a group have each trait. */
struct counts {
    uint32_t with[TRAITS];
};

struct site {
    struct fn *fn;
    const struct callee *callee;
    uint8_t itself; /* what the call does, whoever it leads to */
};

struct solver {
    struct program *program;
    struct arena arena;
    struct counts *groups; /* by number */
    uint8_t *traits;       /* by number of the function */
    bool all_local;        /* all runtimes of the program allow local calls */
    VEC(struct site) sites;
};

static bool all_allow_local(const struct program *program)
{
    const struct model_view *seen = NULL;
    bool is_any = false;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct model_view *view = program->fns.items[i]->view;
        const struct pack *const *packs;
        int count;

        if (view == seen) /* of a unit, all functions have one */
            continue;
        seen = view;
        packs = model_packs(view, &count);
        for (int k = 0; k < count; k++)
            if (packs[k]->has_async && !packs[k]->allows_local_calls)
                return false;
            else
                is_any |= packs[k]->has_async;
    }
    return is_any;
}

/* Whether the call is short where the task begins that runs the function,
 * though it blocks by what counts in the function's own file. */
static bool is_spared(const struct solver *solver, const struct fn *fn,
                      const struct callee *callee)
{
    const struct meaning *said;

    if (!(fn->context & CONTEXT_ASYNC) || !callee->is_call || !callee->name ||
        callee->meaning->pack->has_async)
        return false;
    if (solver->all_local && callee->meaning->as_local)
        return true;
    said = model_function_find(context_root(fn)->view, callee->name);
    return said && !answer_can_be(said->blocks);
}

static uint8_t itself(const struct solver *solver, const struct fn *fn,
                      const struct callee *callee)
{
    uint8_t traits = 0;

    if (callee->is_covered)
        return 0;
    if (callee->meaning ? answer_can_be(callee->meaning->suspends)
                        : callee->is_awaited || callee->async_pack)
        traits |= callee->meaning && !callee->meaning->pack->has_async
                      ? SUSPENDS_SURELY
                      : SUSPENDS_SURELY | SUSPENDS_TASKS;
    if (callee->is_last || callee->is_offloaded)
        return traits;
    if (callee->meaning ? answer_can_be(callee->meaning->blocks) &&
                              !is_spared(solver, fn, callee)
                        : callee->may_block)
        traits |= BLOCKS_SURELY | BLOCKS_AT_ALL;
    return traits;
}

static uint8_t of_body(const struct solver *solver, const struct fn *body)
{
    uint8_t traits = solver->traits[body->number];

    if (!answer_can_be(body_suspends(body, false)))
        traits &= BLOCKS_SURELY | BLOCKS_AT_ALL;
    if (!answer_can_be(body_blocks(body)))
        traits &= SUSPENDS_SURELY | SUSPENDS_TASKS;
    return traits;
}

static void count(struct counts *counts, uint8_t traits)
{
    for (int i = 0; i < TRAITS; i++)
        counts->with[i] += traits >> i & 1;
}

static struct counts counts_of(const struct solver *solver,
                               const struct fn_list *list)
{
    struct counts counts = {0};

    for (uint32_t i = 0; i < list->items.count; i++)
        count(&counts, of_body(solver, list->items.items[i]));
    return counts;
}

static uint8_t of_many(struct counts counts, uint32_t total)
{
    uint8_t traits = 0;

    for (int i = 0; i < TRAITS; i++) {
        bool is_any = total <= FEW_CHOICES || 1u << i == BLOCKS_AT_ALL ||
                      1u << i == SUSPENDS_TASKS;

        if (counts.with[i] && (is_any || 2 * counts.with[i] >= total))
            traits |= (uint8_t)(1u << i);
    }
    return traits;
}

static uint8_t of_callee(const struct solver *solver, const struct fn *fn,
                         const struct callee *callee)
{
    uint8_t traits = itself(solver, fn, callee);
    uint32_t total = callee->now.items.count;

    if (callee->is_covered)
        return 0;
    if (callee->body && !callee->meaning)
        traits |= of_body(solver, callee->body);
    if (callee->group)
        traits |= of_many(solver->groups[callee->group->number], total);
    else
        traits |= of_many(counts_of(solver, &callee->now), total);
    if (callee->is_last || callee->is_offloaded)
        traits &= SUSPENDS_SURELY | SUSPENDS_TASKS;
    return traits;
}

static void sites_list(struct solver *solver, struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee *callee = &fn->callees->items.items[i].callee;
        struct site site = {fn, callee, itself(solver, fn, callee)};

        if (site.itself || callee->body || callee->now.items.count)
            vec_add(&solver->arena, &solver->sites, site);
    }
}

static bool site_apply(struct solver *solver, const struct site *site)
{
    const struct fn *fn = site->fn;
    uint8_t *known = &solver->traits[fn->number];
    uint8_t before = of_body(solver, fn);
    uint8_t added =
        of_callee(solver, fn, site->callee) & (uint8_t) ~(unsigned)*known;

    *known |= added;
    added = of_body(solver, fn) & (uint8_t) ~(unsigned)before;
    for (uint32_t i = 0; added && i < fn->groups.count; i++)
        count(&solver->groups[fn->groups.items[i]->number], added);
    return added;
}

/* One of the functions that a parameter is given. */
static uint8_t of_given(const struct solver *solver, const struct fn *fn,
                        const struct event *event)
{
    int param = pointer_param(fn, fn->unit->ops.items[event->op].a);
    const struct fn_list *list = &fn->given[param].fns;

    return of_many(counts_of(solver, list), list->items.count);
}

static void event_judge(const struct solver *solver, const struct fn *fn,
                        struct event *event)
{
    const struct ir_op *op = &fn->unit->ops.items[event->op];
    struct callee callee = callee_find(solver->program, fn, op);
    uint8_t traits = event->is_given ? of_given(solver, fn, event)
                                     : of_callee(solver, fn, &callee);

    if (event->kind == EVENT_SUSPEND) {
        event->is_doubted = !(traits & SUSPENDS_SURELY);
        event->is_of_section =
            traits & SUSPENDS_SURELY && !(traits & SUSPENDS_TASKS);
    } else if (!event->meaning || !event->meaning->is_bridge) {
        event->is_spared = !(traits & BLOCKS_AT_ALL);
        event->is_doubted = !(traits & BLOCKS_SURELY);
    }
}

void sure_solve(struct program *program)
{
    struct solver solver = {.program = program,
                            .all_local = all_allow_local(program)};
    bool has_grown = true;

    solver.groups = arena_array(&solver.arena, program->groups.count,
                                sizeof(*solver.groups));
    solver.traits =
        arena_array(&solver.arena, program->fns.count, sizeof(*solver.traits));
    for (uint32_t i = 0; i < program->fns.count; i++)
        sites_list(&solver, program->fns.items[i]);
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = solver.sites.count; i > 0; i--)
            has_grown |= site_apply(&solver, &solver.sites.items[i - 1]);
    }
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++) {
            struct event *event = &fn->events.items.items[k];

            if (event->kind == EVENT_SUSPEND || event->kind == EVENT_BLOCK)
                event_judge(&solver, fn, event);
        }
    }
    arena_finish(&solver.arena);
}
