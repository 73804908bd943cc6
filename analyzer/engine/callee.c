/*
 * Who is called, see callee.h. A pack's word counts more than a body: a pack
 * knows what a runtime's functions mean, their bodies only show how. A static
 * function is never what a pack means by its name, though, and what a pack only
 * assumes is not asked when there is a body.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/callee.h"

#include <stdlib.h>

#include "base/str.h"
#include "engine/group.h"
#include "engine/guess.h"
#include "engine/pointer.h"
#include "engine/said.h"
#include "engine/stored_fn.h"
#include "ir/ir_print.h"

static const struct meaning *macro_meaning(const struct fn *fn, ir_id macro)
{
    const struct ir_unit *unit = fn->unit;

    return model_macro_find(fn->view,
                            ir_text(unit, unit->macros.items[macro].name));
}

bool callee_is_covered(const struct fn *fn, ir_id macro)
{
    for (; macro; macro = fn->unit->macros.items[macro].parent)
        if (macro_meaning(fn, macro))
            return true;
    return false;
}

static const struct pack *marked_async(const struct fn *fn,
                                       struct ir_list annotations,
                                       struct ir_list words, const char *name)
{
    const struct pack *pack = model_marker_find(
        fn->view, MARKER_MAY_SUSPEND, fn->unit, annotations, words, name);

    return pack ? pack
                : model_marker_find(fn->view, MARKER_ASYNC, fn->unit,
                                    annotations, words, name);
}

/* What markers say of a field or a typedef. */
static void pointer_marked(const struct fn *fn, struct ir_list annotations,
                           struct ir_list words, const char *name,
                           struct callee *callee)
{
    if (!callee->async_pack)
        callee->async_pack = marked_async(fn, annotations, words, name);
    callee->may_block |= model_marker_find(fn->view, MARKER_MAY_BLOCK, fn->unit,
                                           annotations, words, name) != NULL;
}

const char *callee_field_name(struct arena *arena, const struct ir_unit *unit,
                              const struct ir_field *field)
{
    const char *record = ir_text(unit, unit->records.items[field->record].name);

    return arena_concat(
        arena, str_starts_with(record, "struct ") ? record + 7 : record, ".",
        ir_text(unit, field->name));
}

/* A pointer to a function is known by the field or typedef it has. Through a
 * mixed field some functions run in tasks and others outside: which, is in the
 * data, and it is followed to none of them. */
static void pointer_find(const struct program *program, const struct fn *fn,
                         ir_id expr, struct callee *callee)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];
    const struct ir_type *type = &unit->types.items[found->type];

    callee->now = pointer_targets(program, fn, expr);
    /* If only it is stored there, as far as is seen, others are, too. */
    if (callee->now.items.count == 1 && callee->now.items.items[0] == fn)
        callee->now = (struct fn_list){0};
    if (callee->now.items.count == 1 && !callee->now.is_handed)
        callee->body = callee->now.items.items[0];
    callee->is_indirect = !callee->now.items.count;
    callee->name = ir_expr_text(fn->unit, fn->ir, expr, program->arena);
    if (found->kind == IR_EXPR_FIELD) {
        const struct ir_field *field = &unit->fields.items[found->field];
        const char *name = callee_field_name(program->arena, unit, field);

        pointer_marked(fn, field->annotations, field->words, name, callee);
        if (model_marker_find(fn->view, MARKER_MIXED, unit, field->annotations,
                              field->words, name)) {
            callee->now = (struct fn_list){0};
            callee->body = NULL;
        }
    }
    if (type->kind == IR_TYPE_POINTER)
        type = &unit->types.items[type->of];
    if (type->kind == IR_TYPE_TYPEDEF) {
        const struct ir_symbol *symbol = &unit->symbols.items[type->symbol];

        pointer_marked(fn, symbol->annotations, symbol->words,
                       ir_text(unit, symbol->name), callee);
    }
}

enum timing callee_runs(const struct callee *callee, uint32_t arg)
{
    for (int i = 0; callee->meaning && i < callee->meaning->callback_count; i++)
        if (callee->meaning->callbacks[i].arg == (int)arg)
            return callee->meaning->callbacks[i].timing;
    return callee->meaning || !callee->body
               ? TIMING_UNKNOWN
               : pointer_param_timing(callee->body, arg);
}

/* A list that others share is taken as it is, and not added to. */
static void callbacks_add(const struct program *program, struct callee *callee,
                          struct fn_list given)
{
    struct fn_list *now = &callee->now;

    if (!now->items.count) {
        *now = given;
        now->is_handed = false;
        now->items.capacity = given.items.count;
        return;
    }
    now->is_shared = now->is_shared && !given.items.count;
    for (uint32_t i = 0; i < given.items.count; i++)
        vec_add(program->arena, &now->items, given.items.items[i]);
}

/* Functions given as arguments that the callee calls before it returns. */
static void callbacks_find(const struct program *program, const struct fn *fn,
                           const struct ir_op *op, struct callee *callee)
{
    for (uint32_t i = 0; i < op->args.count; i++) {
        struct fn_list given = {0};

        if (callee_runs(callee, i) == TIMING_NOW)
            given =
                pointer_given(program, fn, ir_list_at(fn->unit, op->args, i));
        callbacks_add(program, callee, given);
    }
}

/* A static function of the unit's main file is never what a pack means by its
 * name; one in a header may be how the runtime defines it. */
static bool is_own(const struct ir_unit *unit, const struct ir_symbol *symbol)
{
    return symbol->flags & IR_SYMBOL_STATIC &&
           symbol->loc.file == unit->main_file;
}

/* Whether what is seen of the function says more than the pack does. */
static bool yields(const struct meaning *meaning, const struct fn *body)
{
    return meaning->is_assumed ||
           (meaning->is_loose && body->ir->loc.file == body->unit->main_file);
}

static bool is_end_of_program(const struct ir_unit *unit,
                              const struct ir_op *call)
{
    ir_id id = ir_call_symbol(unit, call);
    const char *name = id ? ir_text(unit, unit->symbols.items[id].name) : "";

    return !strcmp(name, "abort") || !strcmp(name, "__builtin_trap") ||
           !strcmp(name, "__builtin_unreachable");
}

/* `report(…), __builtin_unreachable()`: who wrote that says that it does not
 * come back, or that nothing comes after it. */
static bool is_said_last(const struct fn *fn, const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_op *end =
        &unit->ops.items[fn->ir->first_op] + fn->ir->op_count;

    for (op++; op < end; op++) {
        if (op->kind == IR_UNREACHABLE)
            return true;
        if (op->kind != IR_MACRO_BEGIN && op->kind != IR_MACRO_END &&
            !(op->kind == IR_CALL && is_end_of_program(unit, op)))
            return false;
    }
    return false;
}

/* What a pointer means that leads to none of the program's functions: what a
 * pack says of the one that is stored there, or of its own name, if it is a
 * global (what a library lets its users replace, or hands to its modules); or
 * else what its name says. */
static const struct meaning *pointed_meaning(const struct program *program,
                                             const struct fn *fn,
                                             const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *found = &unit->exprs.items[op->a];
    const char *name = pointer_outside(program, fn, op->a);
    const struct meaning *meaning =
        name ? model_function_find(fn->view, name) : NULL;

    if (!meaning && found->kind == IR_EXPR_GLOBAL)
        meaning = model_function_find(
            fn->view, ir_text(unit, unit->symbols.items[found->symbol].name));
    return meaning ? meaning : guess_method_find(program, fn, op);
}

static struct callee answer(const struct program *program, const struct fn *fn,
                            const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;
    struct callee callee = {.is_call = op->kind == IR_CALL};
    const struct ir_symbol *symbol;
    ir_id id;

    callee.is_offloaded =
        fn->offloaded &&
        fn->offloaded[(size_t)(op - unit->ops.items) - fn->ir->first_op];
    if (op->kind == IR_MACRO_BEGIN) {
        callee.name = ir_text(unit, unit->macros.items[op->a].name);
        callee.meaning = macro_meaning(fn, op->a);
        callee.is_covered =
            callee_is_covered(fn, unit->macros.items[op->a].parent);
        return callee;
    }
    if (op->kind != IR_CALL)
        return callee;
    callee.is_covered = callee_is_covered(fn, op->macro);
    callee.is_awaited =
        op->prefix && model_await_word(fn->view, ir_text(unit, op->prefix));
    id = ir_call_symbol(unit, op);
    if (!id) {
        pointer_find(program, fn, op->a, &callee);
        id = pointer_symbol(fn, op->a);
    }
    if (!id && !callee.body)
        callee.meaning = pointed_meaning(program, fn, op);
    callee.is_last = is_said_last(fn, op);
    if (!id) {
        callee.is_indirect &= !callee.meaning;
        return callee;
    }
    callee.is_indirect = false;
    symbol = &unit->symbols.items[id];
    callee.is_last |= (symbol->flags & IR_SYMBOL_NORETURN) != 0;
    callee.name = ir_text(unit, symbol->name);
    callee.body = program_fn_find(program, unit, id);
    if (!is_own(unit, symbol) || !callee.body)
        callee.meaning = model_function_find(fn->view, callee.name);
    if (callee.body && callee.meaning && yields(callee.meaning, callee.body))
        callee.meaning = NULL;
    if (!callee.body && !callee.meaning)
        callee.meaning = said_find(program, fn, op, symbol);
    if (!callee.body && !callee.meaning)
        callee.meaning = guess_find(program, fn, callee.name);
    if (!callee.async_pack)
        callee.async_pack =
            marked_async(fn, symbol->annotations, symbol->words, callee.name);
    callbacks_find(program, fn, op, &callee);
    return callee;
}

static uint32_t calls_count(const struct fn *fn)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        uint32_t kind = fn->unit->ops.items[fn->ir->first_op + i].kind;

        count += kind == IR_CALL || kind == IR_MACRO_BEGIN;
    }
    return count;
}

static void stored_add(const struct program *program, struct fn *fn, ir_id op)
{
    struct stored_fn stored = stored_fn_find(program, fn, op);

    if (stored.fn)
        vec_add(program->arena, &fn->stores, stored);
}

void callee_solve(struct program *program)
{
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];
        struct callee_table *table =
            arena_alloc(program->arena, sizeof(*table));

        table->items.capacity = calls_count(fn);
        table->items.items = arena_array(program->arena, table->items.capacity,
                                         sizeof(struct callee_site));
        for (uint32_t k = 0; k < fn->ir->op_count; k++) {
            const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + k];
            struct callee_site site = {.op = fn->ir->first_op + k};

            if (op->kind == IR_ASSIGN)
                stored_add(program, fn, site.op);
            if (op->kind != IR_CALL && op->kind != IR_MACRO_BEGIN)
                continue;
            site.callee = answer(program, fn, op);
            site.callee.group = group_get(program, &site.callee.now);
            if (site.callee.is_call || site.callee.meaning)
                vec_add(program->arena, &table->items, site);
        }
        fn->callees = table;
    }
}

static int site_order(const void *op, const void *site)
{
    ir_id wanted = *(const ir_id *)op;
    ir_id here = ((const struct callee_site *)site)->op;

    return wanted < here ? -1 : wanted > here;
}

struct callee callee_find(const struct program *program, const struct fn *fn,
                          const struct ir_op *op)
{
    ir_id at = (ir_id)(op - fn->unit->ops.items);
    const struct callee_site *site;

    if (!fn->callees)
        return answer(program, fn, op);
    site = fn->callees->items.count
               ? bsearch(&at, fn->callees->items.items,
                         fn->callees->items.count, sizeof(*site), site_order)
               : NULL;
    return site ? site->callee : (struct callee){0};
}

/* What the compiler makes itself neither suspends nor blocks. */
static bool is_of_compiler(const struct callee *callee)
{
    static const char *const families[] = {"__builtin_", "__atomic_",
                                           "__c11_atomic_", "__sync_"};

    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        if (callee->is_call && !callee->is_indirect && callee->name &&
            str_starts_with(callee->name, families[i]))
            return true;
    return false;
}

/* Of the callee itself, without its callbacks. */
static enum tristate suspends_alone(const struct callee *callee,
                                    bool is_outside)
{
    enum tristate answer =
        callee->body ? body_suspends(callee->body, is_outside) : ANSWER_UNKNOWN;

    if (callee->meaning)
        return is_outside && callee->meaning->only_in_task
                   ? ANSWER_NEVER
                   : callee->meaning->suspends;
    if (answer != ANSWER_UNKNOWN)
        return answer;
    /* Marked async does not mean that it suspends: a body that leads where
     * nothing is known is unknown, unless the call itself says more. */
    if (callee->is_awaited || (callee->async_pack && !callee->body))
        return ANSWER_MAY;
    if (callee->body && callee->async_pack)
        return ANSWER_UNKNOWN;
    if (callee->body || callee->now.items.count)
        return ANSWER_NEVER;
    if (callee->is_indirect && callee->is_last)
        return ANSWER_NEVER; /* whoever it is, nobody comes after it */
    return callee->is_call && !is_of_compiler(callee) ? ANSWER_UNKNOWN
                                                      : ANSWER_NEVER;
}

static enum tristate suspends(const struct callee *callee, bool is_outside)
{
    enum tristate answer;

    if (callee->is_covered)
        return ANSWER_NEVER;
    answer = suspends_alone(callee, is_outside);
    if (callee->group)
        return tristate_worse(answer,
                              group_suspends(callee->group, is_outside));
    for (uint32_t i = 0; i < callee->now.items.count; i++)
        answer = tristate_worse(
            answer, body_suspends(callee->now.items.items[i], is_outside));
    return answer;
}

enum tristate callee_suspends(const struct callee *callee)
{
    return suspends(callee, false);
}

enum tristate callee_suspends_outside(const struct callee *callee)
{
    return suspends(callee, true);
}

enum tristate callee_blocks(const struct callee *callee)
{
    enum tristate answer = ANSWER_NEVER;

    if (callee->is_covered || callee->is_last || callee->is_offloaded)
        return ANSWER_NEVER;
    if (callee->meaning)
        answer = callee->meaning->blocks;
    else if (callee->may_block)
        answer = ANSWER_MAY;
    else if (callee->body)
        answer = body_blocks(callee->body);
    else if (callee->is_call && !callee->now.items.count &&
             !is_of_compiler(callee))
        answer = ANSWER_UNKNOWN;
    if (callee->group)
        return tristate_worse(answer, group_blocks(callee->group));
    for (uint32_t i = 0; i < callee->now.items.count; i++)
        answer =
            tristate_worse(answer, body_blocks(callee->now.items.items[i]));
    return answer;
}
