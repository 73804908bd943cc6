/*
 * Gathering uses of fields and globals with the locks that are held, see
 * access.h. Sets of locks are numbered, so that a use is three numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/access.h"

#include <string.h>

#include "engine/access_table.h"
#include "engine/info.h"

struct access_table *access_table_new(struct arena *arena)
{
    struct access_table *table = arena_alloc(arena, sizeof(*table));
    struct thing none = {.name = ""};

    table->arena = arena;
    table->by_name.arena = arena;
    table->classes.arena = arena;
    sets_init(&table->sets, arena);
    vec_add(arena, &table->things, none);
    return table;
}

/* ---- things */

/* The words from the first that is the marker on. */
static struct ir_list said_by(const struct flow *flow, struct ir_list words,
                              enum marker_kind marker)
{
    const struct ir_list none = {0};

    for (uint32_t i = 0; i < words.count; i++) {
        struct ir_list one = {words.first + i, 1};

        if (model_marker_find(flow->fn->view, marker, flow->fn->unit, none, one,
                              NULL))
            return (struct ir_list){words.first + i + 1, words.count - i - 1};
    }
    return none;
}

static thing_id thing_get(const struct flow *flow, const char *name,
                          struct ir_list words)
{
    struct access_table *table = flow->program->accesses;
    struct thing thing = {
        .name = name,
        .said = said_by(flow, words, MARKER_GUARDED),
        .pointee = said_by(flow, words, MARKER_POINTEE_GUARDED),
        .unit = flow->fn->unit,
    };
    bool is_new;
    uint32_t *id =
        map_add_str(&table->by_name, name, table->things.count, &is_new);

    if (is_new)
        vec_add(table->arena, &table->things, thing);
    else if (thing.said.count || thing.pointee.count)
        table->things.items[*id] = thing;
    return *id;
}

/* Names are made once for each unit. */
static struct unit_things *things_of(const struct flow *flow)
{
    const struct program *program = flow->program;
    struct access_table *table = program->accesses;
    const struct ir_unit *unit = flow->fn->unit;
    struct unit_things *things;

    if (!table->by_unit)
        table->by_unit = arena_array(table->arena, program->units.count,
                                     sizeof(*table->by_unit));
    things = &table->by_unit[flow->fn->unit_number];
    if (!things->fields) {
        things->fields = arena_array(table->arena, unit->fields.count,
                                     sizeof(*things->fields));
        things->globals = arena_array(table->arena, unit->symbols.count,
                                      sizeof(*things->globals));
    }
    return things;
}

thing_id access_field(const struct flow *flow, ir_id field)
{
    const struct ir_unit *unit = flow->fn->unit;
    thing_id *number = &things_of(flow)->fields[field];

    if (!*number)
        *number = thing_get(flow, name_field(unit, field, flow->program->arena),
                            unit->fields.items[field].words);
    return *number;
}

thing_id access_global(const struct flow *flow, ir_id symbol)
{
    const struct ir_symbol *found = &flow->fn->unit->symbols.items[symbol];
    thing_id *number = &things_of(flow)->globals[symbol];

    if (!*number)
        *number =
            thing_get(flow, ir_text(flow->fn->unit, found->usr), found->words);
    return *number;
}

const struct thing *access_thing(const struct program *program, thing_id thing)
{
    return &program->accesses->things.items[thing];
}

/* ---- uses */

/* The locks that are held for sure. */
static set_id held_set(const struct flow *flow, const struct state *state)
{
    struct access_table *table = flow->program->accesses;
    uint64_t classes[MOST_CLASSES];
    uint32_t count = 0;

    for (uint32_t i = 0; i < state->held.count && count < MOST_CLASSES; i++) {
        const struct held_lock *held = &state->held.items[i];
        const char *class = info_of(flow, held)->class;

        if (held->depth && !held->may && class)
            classes[count++] = *map_add_str(&table->classes, class,
                                            table->classes.entries.count, NULL);
    }
    return set_make(&table->sets, classes, count);
}

/* A local, or what a call outside the program has just handed out: nobody
 * else knows it. */
static bool is_private(struct flow *flow, node_id place)
{
    const struct ir_fn *ir = flow->fn->ir;
    const struct node *node = node_get(&flow->values, place);
    ir_id op;

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX)
        node = node_get(&flow->values, node->a);
    if (node->kind == NODE_VAR)
        return true;
    if (node->kind != NODE_MEMORY)
        return false;
    node = node_get(&flow->values, node->a);
    op = node->a;
    return node->kind == VALUE_RESULT && op - ir->first_op < ir->op_count &&
           flow->fn->unit->ops.items[op].kind == IR_CALL &&
           !site_at(flow, op)->callee.body;
}

struct use {
    struct flow *flow;
    const struct state *state;
    ir_id op;
    set_id locks;
};

/* Every state that gets to an op sees the same uses in it, so these stand
 * together: what is held is what is held in all of the states. */
static void access_add(const struct use *use, access_list *list,
                       uint32_t *first, struct access access)
{
    struct program *program = use->flow->program;
    uint32_t *start = &first[use->op - use->flow->fn->ir->first_op];

    for (uint32_t i = *start; i && i <= list->count; i++) {
        struct access *earlier = &list->items[i - 1];

        if (earlier->op != use->op)
            return;
        if (earlier->thing != access.thing)
            continue;
        earlier->locks =
            set_meet(&program->accesses->sets, earlier->locks, use->locks);
        earlier->is_write |= access.is_write;
        return;
    }
    vec_add(program->arena, list, access);
    if (!*start)
        *start = list->count;
}

static void use_add(const struct use *use, thing_id thing, uint32_t place,
                    bool is_write)
{
    access_add(use, &use->flow->fn->uses->items, use->flow->first_use,
               (struct access){.op = use->op,
                               .thing = thing,
                               .locks = use->locks,
                               .place = place & PLACE_MASK,
                               .is_write = is_write});
}

static void expr_use(const struct use *use, ir_id id, bool is_write)
{
    const struct ir_unit *unit = use->flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_FIELD &&
        !is_private(use->flow, eval_place(use->flow, use->state, id)))
        use_add(use, access_field(use->flow, expr->field), expr->field * 2,
                is_write);
    else if (expr->kind == IR_EXPR_GLOBAL)
        use_add(use, access_global(use->flow, expr->symbol),
                expr->symbol * 2 + 1, is_write);
    /* An address is taken to change what is there, as a rule. */
    if (ir_expr_has_first(expr))
        expr_use(use, expr->a,
                 expr->kind == IR_EXPR_ADDR ||
                     (is_write && (expr->kind == IR_EXPR_INDEX ||
                                   expr->kind == IR_EXPR_FIELD)));
    if (ir_expr_has_second(expr))
        expr_use(use, expr->b, false);
}

static bool makes_locks(const struct meaning *meaning)
{
    return meaning_has(meaning, EFFECT_LOCK_INIT) ||
           meaning_has(meaning, EFFECT_LOCK_DESTROY);
}

static void call_note(const struct use *use)
{
    struct flow *flow = use->flow;
    struct uses *uses = flow->fn->uses;
    const struct site *site = site_at(flow, use->op);

    uses->makes_locks |= makes_locks(site->callee.meaning);
    access_add(use, &uses->calls, flow->first_call,
               (struct access){.op = use->op, .locks = use->locks});
}

void access_record(struct flow *flow, const struct state *state, ir_id at)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    struct use use = {flow, state, at, held_set(flow, state)};

    if (!flow->first_use) {
        uint32_t count = flow->fn->ir->op_count;

        flow->first_use = arena_array(flow->arena, count, sizeof(uint32_t));
        flow->first_call = arena_array(flow->arena, count, sizeof(uint32_t));
    }
    if (!flow->fn->uses)
        flow->fn->uses =
            arena_alloc(flow->program->arena, sizeof(*flow->fn->uses));
    for (uint32_t i = 0; i < op->args.count; i++)
        expr_use(&use, ir_list_at(unit, op->args, i), false);
    if (op->kind == IR_CALL)
        call_note(&use);
    else
        expr_use(&use, ir_op_value(op), false);
    if (op->kind == IR_ASSIGN)
        expr_use(&use, op->a, true);
}
