/*
 * Linking: from units to a program. The first unit that defines a function
 * gives its body; units come sorted, so the choice does not depend on who
 * finished first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/access.h"

/* The same definition, seen by two units: it stands in a header. */
static bool is_same_definition(const struct fn *fn, const struct ir_unit *unit,
                               const struct ir_fn *ir)
{
    return fn->ir->loc.line == ir->loc.line &&
           fn->ir->loc.column == ir->loc.column &&
           !strcmp(fn->file,
                   ir_text(unit, unit->files.items[ir->loc.file].path));
}

/* True when the definition is known already; else it is the newest of its
 * name: a tree may hold many programs, each with a `main`. */
static bool is_known(struct program *program, const struct ir_unit *unit,
                     const struct ir_fn *ir, struct fn **same_name)
{
    const struct ir_symbol *symbol = &unit->symbols.items[ir->symbol];
    bool is_new;
    uint32_t *at = map_add_str(&program->by_usr, ir_text(unit, symbol->usr),
                               program->fns.count, &is_new);

    *same_name = is_new ? NULL : program->fns.items[*at];
    for (struct fn *fn = *same_name; fn; fn = fn->same_name)
        if (is_same_definition(fn, unit, ir))
            return true;
    *at = program->fns.count;
    return false;
}

static void fn_add(struct program *program, const struct unit *unit,
                   const struct ir_fn *ir)
{
    const struct ir_symbol *symbol = &unit->ir->symbols.items[ir->symbol];
    struct fn *same_name = NULL;
    struct fn *fn;

    if (!(ir->flags & IR_FN_INITS) &&
        is_known(program, unit->ir, ir, &same_name))
        return;
    fn = arena_alloc(program->arena, sizeof(*fn));
    fn->number = program->fns.count;
    fn->unit_number = program->units.count - 1;
    fn->unit = unit->ir;
    fn->ir = ir;
    fn->view = unit->view;
    fn->symbol = symbol;
    fn->same_name = same_name;
    fn->name = ir_text(unit->ir, symbol->name);
    fn->file = ir_text(unit->ir, unit->ir->files.items[ir->loc.file].path);
    fn->async_pack =
        model_symbol_marker(unit->view, MARKER_ASYNC, unit->ir, symbol);
    fn->is_sync_only =
        model_symbol_marker(unit->view, MARKER_SYNC_ONLY, unit->ir, symbol);
    if (ir->flags & IR_FN_NOT_ANALYSED)
        fn->trouble = "its body could not be lowered";
    vec_add(program->arena, &program->fns, fn);
}

static bool has_thread_locals(const struct ir_unit *unit)
{
    for (uint32_t i = 1; i < unit->symbols.count; i++)
        if (unit->symbols.items[i].flags & IR_SYMBOL_THREAD_LOCAL)
            return true;
    return false;
}

/* Answers by symbol, of the unit that was asked about last and of all others
 * that have been. */
struct answers {
    struct fn **found; /* NULL: nobody has asked, or there is … */
    bool *is_known;    /* … none */
};

struct bodies {
    struct map units; /* address of a unit → index into answers */
    VEC(struct answers) answers;
    const struct ir_unit *last;
    struct answers of_last;
};

static struct bodies *bodies_new(struct arena *arena)
{
    struct bodies *bodies = arena_alloc(arena, sizeof(*bodies));

    bodies->units.arena = arena;
    return bodies;
}

struct program *program_link(const struct ir_unit *const *units, size_t count,
                             struct model *model, struct arena *arena)
{
    struct program *program = arena_alloc(arena, sizeof(*program));

    program->arena = arena;
    program->model = model;
    program->by_usr.arena = arena;
    program->recursive.arena = arena;
    program->accesses = access_table_new(arena);
    program->bodies = bodies_new(arena);
    for (size_t i = 0; i < count; i++) {
        struct unit unit = {
            .ir = units[i],
            .view = model_view_of(model, units[i]),
            .path = ir_text(units[i],
                            units[i]->files.items[units[i]->main_file].path),
            .has_thread_locals = has_thread_locals(units[i]),
        };

        vec_add(arena, &program->units, unit);
        for (uint32_t at = 1; at < units[i]->fns.count; at++)
            fn_add(program, vec_last(&program->units),
                   &units[i]->fns.items[at]);
    }
    return program;
}

/* How many bytes of their paths two files share: the nearer, the more. */
static size_t nearness(const char *one, const char *two)
{
    size_t shared = 0;

    while (one[shared] && one[shared] == two[shared])
        shared++;
    return shared;
}

/* What is defined weakly stands back, as the linker has it. */
static bool is_weak(const struct fn *fn)
{
    return fn->symbol->flags & IR_SYMBOL_WEAK;
}

static bool is_better(const struct fn *fn, const struct fn *best,
                      const struct ir_unit *unit, const char *here)
{
    if (is_weak(fn) != is_weak(best))
        return is_weak(best);
    if (fn->unit == unit || best->unit == unit)
        return fn->unit == unit;
    return nearness(fn->file, here) >= nearness(best->file, here);
}

static struct answers *answers_of(const struct program *program,
                                  const struct ir_unit *unit)
{
    struct bodies *bodies = program->bodies;
    uint32_t count = unit->symbols.count;
    struct answers none = {0};
    uint32_t at;
    bool is_new;

    if (bodies->last == unit)
        return &bodies->of_last;
    at = *map_add(&bodies->units, &unit, sizeof(unit), bodies->answers.count,
                  &is_new);
    if (is_new) {
        none.found = arena_array(program->arena, count, sizeof(*none.found));
        none.is_known = arena_array(program->arena, count, sizeof(bool));
        vec_add(program->arena, &bodies->answers, none);
    }
    bodies->last = unit;
    bodies->of_last = bodies->answers.items[at];
    return &bodies->of_last;
}

static struct fn *body_find(const struct program *program,
                            const struct ir_unit *unit,
                            const struct ir_symbol *symbol)
{
    const char *here = ir_text(unit, unit->files.items[unit->main_file].path);
    const uint32_t *at =
        map_find_str(&program->by_usr, ir_text(unit, symbol->usr));
    struct fn *best = at ? program->fns.items[*at] : NULL;

    for (struct fn *fn = best; fn; fn = fn->same_name) {
        if (fn->unit == unit && !is_weak(fn))
            return fn;
        if (is_better(fn, best, unit, here))
            best = fn;
    }
    return best;
}

struct fn *program_fn_find(const struct program *program,
                           const struct ir_unit *unit, ir_id symbol)
{
    const struct ir_symbol *found = &unit->symbols.items[symbol];
    struct answers *answers;

    if (!symbol)
        return NULL;
    answers = answers_of(program, unit);
    if (!answers->is_known[symbol]) {
        answers->found[symbol] = body_find(program, unit, found);
        answers->is_known[symbol] = true;
    }
    return answers->found[symbol];
}

struct fn *program_fn_named(const struct program *program,
                            const struct ir_unit *unit, ir_id expr)
{
    const struct ir_expr *found = &unit->exprs.items[expr];

    /* Whose declaration is in a header that is missing is a variable here, for
     * all that is known. */
    return found->kind == IR_EXPR_FN || found->kind == IR_EXPR_GLOBAL
               ? program_fn_find(program, unit, found->symbol)
               : NULL;
}

bool fn_list_add(struct arena *arena, struct fn_list *list, struct fn *fn)
{
    for (uint32_t i = 0; i < list->items.count; i++)
        if (list->items.items[i] == fn)
            return false;
    vec_add(arena, &list->items, fn);
    return true;
}
