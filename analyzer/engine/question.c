/*
 * Answers to questions that are asked twice, see question.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/question.h"

#include "engine/asked.h"
#include "engine/cfg.h"
#include "engine/path.h"

enum {
    MOST_ANSWERS = 16, /* in one state; the oldest stay */
    MOST_EITHERS = 4,
};

/* A block that nothing leads to but answers, each another way: what stands in
 * it is done if one of them was given. `if (a || b) lock(…)` */
struct either {
    VEC(struct told) ways;
    uint32_t first_block; /* … which is asked at the end of it */
};

struct doubts {
    struct either *eithers; /* by block; NULL: not yet looked for */
    ir_id *retest; /* by op, see retest_of: and 1; 0: not yet looked for */
};

static struct doubts *doubts_get(struct flow *flow)
{
    if (!flow->doubts) {
        flow->doubts = arena_alloc(flow->arena, sizeof(*flow->doubts));
        *flow->doubts = (struct doubts){0};
    }
    return flow->doubts;
}

static bool takes_locks(const struct flow *flow, const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->op_count; i++) {
        const struct callee *callee =
            &flow->sites[block->first_op + i - flow->fn->ir->first_op].callee;

        if (callee->meaning
                ? meaning_has(callee->meaning, EFFECT_ACQUIRE)
                : callee->body && callee->body->summary.locks.items.count)
            return true;
    }
    return false;
}

/* An edge into a block. `if (a && b) lock;` goes on from the lock without a
 * question: that is not one of the ways then. */
static void way_add(struct flow *flow, struct either *either, uint32_t from,
                    const struct ir_edge *edge)
{
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_block *block = ir_block(flow->fn->unit, ir, from);
    ir_id op = block->first_op + block->op_count - 1;
    bool is_answer = edge->kind == IR_EDGE_TRUE || edge->kind == IR_EDGE_FALSE;
    struct told way = {
        .question = is_answer ? asked_at(flow, op) : 0,
        .op = op,
        .is_true = edge->kind == IR_EDGE_TRUE,
    };

    if (edge->kind == IR_EDGE_NEXT && either->ways.count &&
        from < edge->block - ir->first_block)
        return;
    if (!either->ways.count)
        either->first_block = from;
    vec_add(flow->arena, &either->ways, way);
}

/* … or in those that it goes on to without a question, as do blocks of macros
 * (`do { … } while (0)`). */
static bool goes_on_to_locks(const struct flow *flow, uint32_t at)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_block *block = ir_block(unit, ir, at);

    for (uint32_t left = ir->block_count; left; left--) {
        uint32_t to;

        if (takes_locks(flow, block))
            return true;
        if (block->edge_count != 1)
            return false;
        to = unit->edges.items[block->first_edge].block - ir->first_block;
        if (to <= at)
            return false;
        at = to;
        block = ir_block(unit, ir, at);
    }
    return false;
}

/* Whether locks are taken in the block, or in one that is left out. */
static bool is_about_locks(const struct flow *flow, const struct either *either,
                           uint32_t block)
{
    for (uint32_t i = block; i > either->first_block; i--)
        if (takes_locks(flow, ir_block(flow->fn->unit, flow->fn->ir, i)))
            return true;
    return goes_on_to_locks(flow, block);
}

static bool is_either(struct flow *flow, const struct either *either,
                      uint32_t block)
{
    for (uint32_t i = 0; i < either->ways.count; i++)
        if (!either->ways.items[i].question)
            return false;
    return either->ways.count > 1 && is_about_locks(flow, either, block);
}

/* Of a block that is entered in one way only, facts say all there is. */
static void eithers_find(struct flow *flow)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    struct doubts *doubts = doubts_get(flow);

    doubts->eithers =
        arena_array(flow->arena, ir->block_count, sizeof(*doubts->eithers));
    for (uint32_t i = 0; i < ir->block_count; i++) {
        const struct ir_block *from = ir_block(unit, ir, i);

        for (uint32_t k = 0; k < from->edge_count; k++) {
            const struct ir_edge *edge =
                &unit->edges.items[from->first_edge + k];

            way_add(flow, &doubts->eithers[edge->block - ir->first_block], i,
                    edge);
        }
    }
    for (uint32_t i = 0; i < ir->block_count; i++)
        if (!is_either(flow, &doubts->eithers[i], i))
            doubts->eithers[i].ways.count = 0;
}

void question_entered(struct flow *flow, struct state *state, uint32_t block)
{
    const struct doubts *doubts = doubts_get(flow);

    if (!doubts->eithers)
        eithers_find(flow);
    if (doubts->eithers[block].ways.count &&
        state->eithers.count < MOST_EITHERS)
        node_list_add(&state->eithers, flow->arena, block);
}

static bool is_denied(const struct state *state, const struct told *way)
{
    for (uint32_t i = 0; i < state->answers.count; i++) {
        const struct told *answer = &state->answers.items[i];

        if (answer->question == way->question)
            return answer->op != way->op && answer->is_true != way->is_true;
    }
    return false;
}

/* Whether what has been asked since says that none of its ways was taken. */
static bool is_impossible(const struct state *state,
                          const struct either *either)
{
    for (uint32_t i = 0; i < either->ways.count; i++)
        if (!is_denied(state, &either->ways.items[i]))
            return false;
    return true;
}

static void eithers_check(struct flow *flow, struct state *state)
{
    for (uint32_t i = 0; i < state->eithers.count; i++)
        if (is_impossible(state,
                          &flow->doubts->eithers[state->eithers.items[i]]))
            state->is_doubtful = true;
}

/* `if (count > 1) lock(…); … if (count == 1)`: another question for the same
 * number. Rounds of a loop may be about what has changed. */
static bool is_contradicted(struct flow *flow, const struct told *known,
                            const struct told *answer)
{
    struct asked_bound one = asked_bound(flow, known->question);
    struct asked_bound two = asked_bound(flow, answer->question);

    return one.subject && one.subject == two.subject &&
           known->question != answer->question &&
           asked_contradict(&one, known->is_true, &two, answer->is_true) &&
           !cfg_comes_back(flow->fn, known->op) &&
           !cfg_comes_back(flow->fn, answer->op);
}

static void answer_note(struct flow *flow, struct state *state,
                        struct told answer)
{
    for (uint32_t i = 0; i < state->answers.count; i++)
        state->is_doubtful |=
            is_contradicted(flow, &state->answers.items[i], &answer);
    for (uint32_t i = 0; i < state->answers.count; i++) {
        struct told *known = &state->answers.items[i];

        if (known->question != answer.question)
            continue;
        if (known->op != answer.op && known->is_true != answer.is_true)
            state->is_doubtful = true;
        *known = answer;
        eithers_check(flow, state);
        return;
    }
    if (state->answers.count == MOST_ANSWERS)
        return;
    vec_add(flow->arena, &state->answers, answer);
    eithers_check(flow, state);
}

void question_answered(struct flow *flow, struct state *state, ir_id op,
                       bool is_true)
{
    uint32_t question = asked_at(flow, op);
    node_id under = state->held.count ? vec_last(&state->held)->lock : 0;

    if (question)
        answer_note(flow, state,
                    (struct told){question, op, is_true, under, false});
}

void question_flagged(const struct step *step, struct state *state,
                      const struct path *flag, int64_t mask, bool is_true)
{
    struct flow *flow = step->flow;
    struct strbuf text = {.arena = flow->arena};
    struct path kept_in = *flag;
    node_id place;

    kept_in.step_count--;
    place = path_place(flow, state, step->site, &kept_in);
    if (!place || node_is_stale(&flow->values, place))
        return;
    strbuf_printf(&text, "@%u&%lld", place, (long long)mask);
    answer_note(flow, state,
                (struct told){asked_text(flow, strbuf_text(&text)), step->op,
                              is_true, 0, false});
}

void question_given_back(struct state *state, node_id lock)
{
    for (uint32_t i = 0; i < state->answers.count; i++)
        if (state->answers.items[i].under == lock)
            state->answers.items[i].is_old = true;
}

/* What an op makes of memory, beside what blocks make of it. */
static uint32_t number_behind_blocks(const struct flow *flow, ir_id op)
{
    return flow->fn->ir->block_count + (op - flow->fn->ir->first_op);
}

/* Whether only one answer to the first question leads to where it is asked once
 * more: that is not to do again what it did. */
static bool is_for_one_answer(const struct flow *flow, ir_id first, ir_id again)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_block *block =
        ir_block(unit, ir, cfg_block_of(unit, ir, first));
    uint32_t count = 0;

    for (uint32_t i = 0; i < block->edge_count; i++)
        count += cfg_edge_leads_to(
            flow->fn, &unit->edges.items[block->first_edge + i], again);
    return count == 1;
}

/* The op of a branch that asks the same where all know the answer, if it has
 * not changed: `if (o->is_made) return; lock(o); if (o->is_made)`; or 0. */
static ir_id retest_of(struct flow *flow, const struct told *answer)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    struct doubts *doubts = doubts_get(flow);
    ir_id *found;

    if (!doubts->retest)
        doubts->retest =
            arena_array(flow->arena, ir->op_count, sizeof(*doubts->retest));
    found = &doubts->retest[answer->op - ir->first_op];
    if (*found)
        return *found - 1;
    *found = 1;
    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (op != answer->op && unit->ops.items[op].kind == IR_BRANCH &&
            asked_at(flow, op) == answer->question &&
            is_for_one_answer(flow, answer->op, op))
            *found = op + 1;
    return *found - 1;
}

/* What was asked without the lock that others need to change it, and is asked
 * once more now that it is there. */
static bool is_retested(struct flow *flow, const struct told *answer,
                        ir_id taken)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    ir_id again;
    uint32_t home;

    if (answer->under && !answer->is_old)
        return false;
    again = retest_of(flow, answer);
    if (!again)
        return false;
    home = cfg_block_of(unit, ir, taken);
    return (taken < again && cfg_block_of(unit, ir, again) == home) ||
           cfg_leads_to(flow->fn, taken, again);
}

void question_retaken(const struct step *step, node_id lock)
{
    struct flow *flow = step->flow;
    struct state *state = step->state;
    uint32_t kept = 0;
    bool is_asked_anew;

    for (uint32_t i = 0; i < state->answers.count; i++) {
        const struct told *answer = &state->answers.items[i];

        if (!asked_is_shared(flow, answer->question) ||
            ((!answer->is_old || answer->under != lock) &&
             !is_retested(flow, answer, step->op)))
            state->answers.items[kept++] = *answer;
    }
    is_asked_anew = kept < state->answers.count;
    state->answers.count = kept;
    if (is_asked_anew)
        state_shared_forget(state, &flow->values, flow->arena,
                            number_behind_blocks(flow, step->op));
}

bool question_is_believed(const struct flow *flow, const struct state *exit)
{
    for (uint32_t i = 0; i < flow->exits.count && exit->is_doubtful; i++)
        if (!flow->exits.items[i].state->is_doubtful)
            return false;
    return true;
}

static const struct told *answer_find(const struct state *state,
                                      uint32_t question)
{
    for (uint32_t i = 0; i < state->answers.count; i++)
        if (state->answers.items[i].question == question)
            return &state->answers.items[i];
    return NULL;
}

void questions_join(struct state *one, const struct state *two)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < one->answers.count; i++) {
        const struct told *answer = &one->answers.items[i];
        const struct told *other = answer_find(two, answer->question);

        if (other && other->is_true == answer->is_true)
            one->answers.items[kept++] = *answer;
    }
    one->answers.count = kept;
    node_lists_intersect(&one->eithers, &two->eithers);
}

bool questions_equal(const struct state *one, const struct state *two)
{
    if (one->answers.count != two->answers.count ||
        !node_lists_equal(&one->eithers, &two->eithers))
        return false;
    for (uint32_t i = 0; i < one->answers.count; i++)
        if (one->answers.items[i].question != two->answers.items[i].question ||
            one->answers.items[i].is_true != two->answers.items[i].is_true)
            return false;
    return true;
}
