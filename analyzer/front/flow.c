/*
 * A function under construction, see flow.h: emitting ops, starting and
 * ending blocks, leaving scopes, resolving gotos, and at the end moving it
 * all into the unit's flat tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/flow.h"

#include <assert.h>

enum {
    /* No function a person or a generator wrote came near; it keeps a macro
     * bomb from filling the memory before the limits of the process do. */
    MOST_OPS = 4 << 20,
    ANY_LABEL = INT32_MAX, /* of a computed goto */
};

static struct block_build *block_get(struct fn_build *build, uint32_t block)
{
    return &build->blocks.items[block];
}

void flow_init(struct lower *lower, struct fn_build *build)
{
    build->var_by_decl.arena = &build->arena;
    build->label_by_decl.arena = &build->arena;
    build->first_expr = lower->unit->exprs.count;
    build->fn.first_var = lower->unit->vars.count;
    lower->build = build;
    flow_block_start(lower, flow_block_new(lower, 0));
}

void flow_loc_set(struct lower *lower, struct ir_loc loc)
{
    lower->build->where = (struct where){.loc = loc};
}

struct ir_loc flow_loc(struct lower *lower)
{
    struct where *where = &lower->build->where;

    if (where->is_due)
        *where = (struct where){.loc = lower_loc_of(lower, where->range)};
    return where->loc;
}

struct ir_op *flow_emit(struct lower *lower, struct ir_op op, ir_id *id)
{
    struct fn_build *build = lower->build;
    struct block_build *block;
    struct built_op built;

    if (op.kind != IR_MACRO_BEGIN && op.kind != IR_MACRO_END)
        macro_flush(lower);
    if (block_get(build, build->current)->is_ended)
        flow_block_start(lower, flow_block_new(lower, 0));
    block = block_get(build, build->current);
    if (build->op_total >= MOST_OPS)
        build->trouble = "more operations than one function may have";
    op.macro = build->macro_context;
    op.loc = flow_loc(lower);
    built = (struct built_op){op, build->op_total++};
    if (id)
        *id = built.number;
    /* Of what is given up, the blocks still begin and end. */
    if (!build->trouble || !block->ops.count || op.kind >= IR_JUMP)
        vec_add(&build->arena, &block->ops, built);
    return &vec_last(&block->ops)->op;
}

bool flow_has_ended(const struct lower *lower)
{
    const struct fn_build *build = lower->build;

    return build->blocks.items[build->current].is_ended;
}

uint32_t flow_block_new(struct lower *lower, uint32_t flags)
{
    struct block_build block = {.flags = flags};

    vec_add(&lower->build->arena, &lower->build->blocks, block);
    return lower->build->blocks.count - 1;
}

/* Control falls from the current block into this one. */
void flow_block_start(struct lower *lower, uint32_t block)
{
    struct fn_build *build = lower->build;

    assert(!block_get(build, block)->is_started);
    if (build->order.count && !block_get(build, build->current)->is_ended)
        flow_jump(lower, block, 0);
    build->current = block;
    block_get(build, block)->is_started = true;
    vec_add(&build->arena, &build->order, block);
}

void flow_edge_add(struct lower *lower, uint32_t from, struct ir_edge edge)
{
    struct fn_build *build = lower->build;

    vec_add(&build->arena, &block_get(build, from)->edges, edge);
}

void flow_end(struct lower *lower, enum ir_op_kind kind, ir_id value,
              uint32_t flags)
{
    struct ir_op op = {
        .kind = (uint16_t)kind,
        .flags = (uint16_t)flags,
        .a = value,
    };

    flow_emit(lower, op, NULL);
    block_get(lower->build, lower->build->current)->is_ended = true;
}

void flow_jump(struct lower *lower, uint32_t to, uint32_t flags)
{
    uint32_t from;

    flow_end(lower, IR_JUMP, 0, flags);
    from = lower->build->current;
    flow_edge_add(lower, from, (struct ir_edge){.block = to});
}

void flow_branch(struct lower *lower, ir_id condition, uint32_t if_true,
                 uint32_t if_false)
{
    struct ir_edge taken = {.block = if_true, .kind = IR_EDGE_TRUE};
    struct ir_edge passed = {.block = if_false, .kind = IR_EDGE_FALSE};
    int64_t value;

    if (node_is_const(lower, condition, &value)) {
        flow_jump(lower, value ? if_true : if_false, 0);
        return;
    }
    flow_end(lower, IR_BRANCH, condition, 0);
    flow_edge_add(lower, lower->build->current, taken);
    flow_edge_add(lower, lower->build->current, passed);
}

void scope_push(struct lower *lower, ir_id var, ir_id cleanup)
{
    struct fn_build *build = lower->build;
    struct scope *scope = arena_alloc(&build->arena, sizeof(*scope));

    scope->outer = build->scope;
    scope->var = var;
    scope->cleanup = cleanup;
    scope->depth = build->scope ? build->scope->depth + 1 : 1;
    build->scope = scope;
}

static void cleanup_emit(struct lower *lower, const struct scope *scope)
{
    ir_id argument = node_addr(lower, node_var(lower, scope->var));
    struct ir_op call = {
        .kind = IR_CALL,
        .flags = IR_OP_CLEANUP | IR_OP_UNUSED,
        .a = node_symbol(lower, scope->cleanup),
        .args = lower_list(lower, &argument, 1),
    };

    flow_emit(lower, call, NULL);
}

void scope_leave(struct lower *lower, const struct scope *until)
{
    const struct scope *scope = lower->build->scope;

    for (; scope && scope != until; scope = scope->outer) {
        struct ir_op leave = {.kind = IR_SCOPE_EXIT, .a = scope->var};

        if (scope->cleanup)
            cleanup_emit(lower, scope);
        flow_emit(lower, leave, NULL);
    }
}

void scope_pop(struct lower *lower, struct scope *until)
{
    struct fn_build *build = lower->build;

    if (!block_get(build, build->current)->is_ended)
        scope_leave(lower, until);
    build->scope = until;
}

uint32_t label_get(struct lower *lower, CXCursor cursor)
{
    struct fn_build *build = lower->build;
    /* A label's identity is its statement's. */
    const void *decl = clang_getCursorReferenced(cursor).data[1];
    struct label label = {0};
    bool is_new;
    uint32_t *found;

    if (clang_getCursorKind(cursor) == CXCursor_LabelStmt)
        decl = cursor.data[1];
    found = map_add(&build->label_by_decl, &decl, sizeof(decl),
                    build->labels.count, &is_new);
    if (is_new) {
        label.block = flow_block_new(lower, 0);
        vec_add(&build->arena, &build->labels, label);
    }
    return *found;
}

void label_place(struct lower *lower, uint32_t at)
{
    struct label *label = &lower->build->labels.items[at];

    if (label->is_placed)
        return;
    label->is_placed = true;
    label->scope = lower->build->scope;
    flow_block_start(lower, label->block);
}

static void goto_add(struct lower *lower, uint32_t label)
{
    struct fn_build *build = lower->build;
    struct pending_goto pending = {
        .from = build->current,
        .label = label,
        .scope = build->scope,
        .loc = flow_loc(lower),
    };

    vec_add(&build->arena, &build->gotos, pending);
}

void label_goto(struct lower *lower, uint32_t label)
{
    flow_end(lower, IR_JUMP, 0, IR_OP_GOTO);
    goto_add(lower, label);
}

/* Where it can lead is known when all of the function has been seen. */
void label_goto_any(struct lower *lower, ir_id address)
{
    flow_end(lower, IR_INDIRECT, address, IR_OP_GOTO);
    goto_add(lower, ANY_LABEL);
}

/* A goto that leaves or enters scopes gets a block of its own on its edge:
 * what it leaves is cleaned up there, what it enters begins there, past its
 * initialiser. */
static void goto_resolve(struct lower *lower, const struct pending_goto *jump)
{
    struct fn_build *build = lower->build;
    struct label label = build->labels.items[jump->label];
    const struct scope *left = jump->scope;
    const struct scope *entered = label.scope;
    uint32_t bridge;

    if (!label.is_placed)
        return;
    if (left == entered) {
        flow_edge_add(lower, jump->from,
                      (struct ir_edge){.block = label.block});
        return;
    }
    bridge = flow_block_new(lower, 0);
    flow_edge_add(lower, jump->from, (struct ir_edge){.block = bridge});
    flow_block_start(lower, bridge);
    flow_loc_set(lower, jump->loc);
    build->scope = jump->scope;
    while (left && (!entered || left->depth > entered->depth))
        left = left->outer;
    while (entered && (!left || entered->depth > left->depth))
        entered = entered->outer;
    while (left != entered) {
        left = left->outer;
        entered = entered->outer;
    }
    scope_leave(lower, left);
    for (entered = label.scope; entered != left; entered = entered->outer)
        flow_emit(lower,
                  (struct ir_op){.kind = IR_SCOPE_ENTER,
                                 .flags = IR_OP_GOTO,
                                 .a = entered->var},
                  NULL);
    flow_jump(lower, label.block, IR_OP_GOTO);
}

static void gotos_resolve(struct lower *lower)
{
    struct fn_build *build = lower->build;

    for (uint32_t i = 0; i < build->gotos.count; i++) {
        struct pending_goto jump = build->gotos.items[i];

        if (jump.label != ANY_LABEL) {
            goto_resolve(lower, &jump);
            continue;
        }
        for (jump.label = 0; jump.label < build->labels.count; jump.label++)
            if (build->labels.items[jump.label].is_address_taken)
                goto_resolve(lower, &jump);
    }
    /* A goto to a label that did not parse. */
    for (uint32_t i = 0; i < build->blocks.count; i++) {
        struct block_build *block = block_get(build, i);

        if (block->is_started && block->ops.count && !block->edges.count &&
            vec_last(&block->ops)->op.kind == IR_JUMP)
            vec_last(&block->ops)->op.kind = IR_UNREACHABLE;
    }
}

static uint32_t *reachable_mark(struct fn_build *build)
{
    uint32_t *numbers =
        arena_array(&build->arena, build->blocks.count, sizeof(*numbers));
    uint32_t *stack =
        arena_array(&build->arena, build->blocks.count, sizeof(*stack));
    uint32_t depth = 1;

    numbers[0] = 1;
    stack[0] = 0;
    while (depth) {
        const struct block_build *block = block_get(build, stack[--depth]);

        for (uint32_t i = 0; i < block->edges.count; i++) {
            uint32_t to = block->edges.items[i].block;

            if (!numbers[to]) {
                numbers[to] = 1;
                stack[depth++] = to;
            }
        }
    }
    return numbers;
}

static void block_move(struct lower *lower, const struct block_build *block,
                       const uint32_t *numbers, ir_id *op_by_number)
{
    struct ir_unit *unit = lower->unit;
    struct ir_block moved = {
        .first_op = unit->ops.count,
        .op_count = block->ops.count,
        .first_edge = unit->edges.count,
        .edge_count = block->edges.count,
        .flags = block->flags,
    };

    for (uint32_t i = 0; i < block->ops.count; i++) {
        op_by_number[block->ops.items[i].number] = unit->ops.count;
        vec_add(lower->arena, &unit->ops, block->ops.items[i].op);
    }
    for (uint32_t i = 0; i < block->edges.count; i++) {
        struct ir_edge edge = block->edges.items[i];

        edge.block = lower->build->fn.first_block + numbers[edge.block] - 1;
        vec_add(lower->arena, &unit->edges, edge);
    }
    vec_add(lower->arena, &unit->blocks, moved);
}

/* TEMPs were numbered by emission; now ops have their final places. */
static void temps_renumber(struct lower *lower, const ir_id *op_by_number)
{
    struct ir_unit *unit = lower->unit;

    for (ir_id i = lower->build->first_expr; i < unit->exprs.count; i++) {
        struct ir_expr *expr = &unit->exprs.items[i];

        if (expr->kind == IR_EXPR_TEMP)
            expr->op = op_by_number[expr->op];
    }
}

void flow_finish(struct lower *lower)
{
    struct fn_build *build = lower->build;
    struct ir_unit *unit = lower->unit;
    struct ir_fn fn = build->fn;
    uint32_t *numbers;
    uint32_t next = 1;
    ir_id *op_by_number;

    if (!block_get(build, build->current)->is_ended)
        flow_end(lower, IR_RETURN, 0, IR_OP_FALL);
    gotos_resolve(lower);
    numbers = reachable_mark(build);
    for (uint32_t i = 0; i < build->order.count; i++)
        if (numbers[build->order.items[i]])
            numbers[build->order.items[i]] = next++;
    op_by_number =
        arena_array(&build->arena, build->op_total + 1, sizeof(*op_by_number));
    fn.first_block = build->fn.first_block = unit->blocks.count;
    fn.first_op = unit->ops.count;
    for (uint32_t i = 0; i < build->order.count; i++)
        if (numbers[build->order.items[i]])
            block_move(lower, block_get(build, build->order.items[i]), numbers,
                       op_by_number);
    temps_renumber(lower, op_by_number);
    fn.block_count = unit->blocks.count - fn.first_block;
    fn.op_count = unit->ops.count - fn.first_op;
    fn.var_count = unit->vars.count - fn.first_var;
    if (build->trouble)
        fn.flags |= IR_FN_NOT_ANALYSED;
    vec_add(lower->arena, &unit->fns, fn);
}
