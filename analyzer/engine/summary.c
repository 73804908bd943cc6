/*
 * Bottom-up summaries, see summary.h. For each function the calls that decide
 * are listed once; the rounds then only look at those lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/summary.h"

#include "engine/ends.h"
#include "engine/group.h"

struct site {
    struct fn *fn;
    ir_id op;
    const struct callee *callee;
};

struct solver {
    struct program *program;
    struct arena arena;
    VEC(struct site) sites; /* grouped by function */
    bool *catches;          /* by function: who jumps may come back to it */
};

/* never < unknown < may = must, for the question "can it happen?" */
static int rank(enum tristate answer)
{
    static const int ranks[] = {
        [ANSWER_NEVER] = 0,
        [ANSWER_UNKNOWN] = 1,
        [ANSWER_MAY] = 2,
        [ANSWER_MUST] = 2,
    };

    return ranks[answer];
}

/* The call is given flags that are a number, without the one that counts; or
 * what the unit calls elsewhere says that it does not. */
static bool is_spared(const struct fn *fn, const struct callee_site *site)
{
    const struct ir_unit *unit = fn->unit;
    const struct meaning *meaning = site->callee.meaning;
    const struct ir_op *op = &unit->ops.items[site->op];

    for (int i = 0;
         meaning && op->kind == IR_CALL && i < meaning->exemption_count; i++) {
        const struct exemption *exemption = &meaning->exemptions[i];
        const struct ir_expr *arg;

        if (exemption->kind == UNLESS_UNIT_CALLS &&
            ir_unit_calls(unit, exemption->name))
            return true;
        if (exemption->kind != UNLESS_ARG_LACKS_FLAG ||
            (uint32_t)exemption->arg >= op->args.count)
            continue;
        arg = &unit->exprs
                   .items[ir_list_at(unit, op->args, (uint32_t)exemption->arg)];
        if (arg->kind == IR_EXPR_CONST && !(arg->value & exemption->value))
            return true;
    }
    return false;
}

/* longjmp and its like, or who may get there. */
static bool skips_cleanups(const struct fn *fn, const struct callee *callee)
{
    const struct meaning *meaning = callee->meaning;

    if (callee->is_covered)
        return false;
    if (!meaning)
        return callee->body && callee->body->summary.may_skip_cleanups;
    return meaning->skips_cleanups &&
           !(meaning->unwinds && fn->unit->flags & IR_UNIT_EXCEPTIONS);
}

static void sites_list(struct solver *solver, struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *found = &fn->callees->items.items[i];
        struct site site = {fn, found->op, &found->callee};

        if (site.callee->meaning && site.callee->meaning->returns_twice)
            solver->catches[fn->number] = true;
        if (is_spared(fn, found) || ends_before(fn, found->op))
            continue;
        if (site.callee->body || skips_cleanups(fn, site.callee) ||
            site.callee->now.items.count ||
            rank(callee_suspends(site.callee)) ||
            rank(callee_blocks(site.callee)))
            vec_add(&solver->arena, &solver->sites, site);
    }
}

static bool raise_to(enum tristate *answer, ir_id *at, enum tristate to,
                     ir_id op)
{
    if (rank(to) <= rank(*answer))
        return false;
    *answer = to == ANSWER_MUST ? ANSWER_MAY : to;
    *at = op;
    return true;
}

static const char *blocks_why(const struct callee *callee)
{
    if (callee->meaning && callee->meaning->blocks != ANSWER_NEVER)
        return callee->meaning->reason;
    if (callee->body && callee->body->summary.blocks_why)
        return callee->body->summary.blocks_why;
    if (callee->group)
        return group_blocks_why(callee->group);
    for (uint32_t i = 0; i < callee->now.items.count; i++)
        if (callee->now.items.items[i]->summary.blocks_why)
            return callee->now.items.items[i]->summary.blocks_why;
    return NULL;
}

static bool site_apply(const struct solver *solver, const struct site *site)
{
    struct summary *summary = &site->fn->summary;
    ir_id outside_at = 0;
    bool has_grown = raise_to(&summary->suspends, &summary->suspends_at,
                              callee_suspends(site->callee), site->op);

    has_grown |= raise_to(&summary->suspends_outside, &outside_at,
                          callee_suspends_outside(site->callee), site->op);
    if (raise_to(&summary->blocks, &summary->blocks_at,
                 callee_blocks(site->callee), site->op)) {
        summary->blocks_why = blocks_why(site->callee);
        has_grown = true;
    }
    if (!summary->may_skip_cleanups && !solver->catches[site->fn->number] &&
        skips_cleanups(site->fn, site->callee)) {
        summary->may_skip_cleanups = true;
        has_grown = true;
    }
    if (has_grown)
        group_member_changed(site->fn);
    return has_grown;
}

void summary_solve(struct program *program)
{
    struct solver solver = {.program = program};
    bool has_grown = true;

    solver.catches =
        arena_array(&solver.arena, program->fns.count, sizeof(bool));
    for (uint32_t i = 0; i < program->fns.count; i++)
        sites_list(&solver, program->fns.items[i]);
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = solver.sites.count; i > 0; i--)
            has_grown |= site_apply(&solver, &solver.sites.items[i - 1]);
    }
    arena_finish(&solver.arena);
}
