/*
 * Copies of locks: which ops copy an object with a lock in it, and whether
 * that lock is one that is in use.
 *
 * A copy is harmless while the lock is not: before it is initialised, or when
 * the copy's own is initialised afterwards. So a variable's lock counts when
 * something in sight initialises or takes it, and what lies behind a pointer
 * when anything anywhere does so with locks of its class.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "findings/query_copy.h"
#include "findings/query_inside.h"
#include "ir/ir_print.h"

/* ---- is it in use? */

static ir_id root_of(const struct ir_unit *unit, ir_id place)
{
    const struct ir_expr *expr = &unit->exprs.items[place];

    while (expr->kind == IR_EXPR_FIELD || expr->kind == IR_EXPR_INDEX) {
        place = expr->a;
        expr = &unit->exprs.items[place];
    }
    return place;
}

static bool is_place(const struct ir_expr *expr)
{
    return expr->kind == IR_EXPR_VAR || expr->kind == IR_EXPR_GLOBAL ||
           expr->kind == IR_EXPR_FIELD || expr->kind == IR_EXPR_DEREF ||
           expr->kind == IR_EXPR_INDEX;
}

static bool is_life(const struct event *event)
{
    return event->kind == EVENT_ACQUIRE || event->kind == EVENT_RELEASE ||
           event->kind == EVENT_MAKE;
}

/* `session.lock` begins with the name `session`. */
static bool is_part_of(const char *lock, const char *name)
{
    size_t length = strlen(name);

    return length && !strncmp(lock, name, length) &&
           (!lock[length] || strchr(".[-", lock[length]));
}

static bool fn_uses(const struct fn *fn, const char *name)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (is_life(event) && is_part_of(event->lock.name, name))
            return true;
    }
    return false;
}

static bool is_address_of(const struct ir_unit *unit, ir_id arg,
                          const char *name)
{
    const struct ir_expr *expr = &unit->exprs.items[arg];
    const struct ir_expr *root;

    if (expr->kind != IR_EXPR_ADDR)
        return false;
    root = &unit->exprs.items[root_of(unit, expr->a)];
    return root->kind == IR_EXPR_GLOBAL &&
           !strcmp(ir_text(unit, unit->symbols.items[root->symbol].name), name);
}

/* Its address is handed to somebody, who may use the lock in it. */
static bool fn_hands_out(const struct fn *fn, const char *name)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        for (uint32_t k = 0; op->kind == IR_CALL && k < op->args.count; k++)
            if (is_address_of(unit, ir_list_at(unit, op->args, k), name))
                return true;
    }
    return false;
}

/* A global that is a lock, and whose definition initialises it. */
static bool is_initialised(const struct query *query, ir_id place)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[place];
    struct inside inside = {.query = query};

    if (expr->kind != IR_EXPR_GLOBAL || !inside_expr_find(&inside, place) ||
        *inside.path)
        return false;
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];
        ir_id root = op->kind == IR_ASSIGN && op->flags & IR_OP_INIT
                         ? root_of(unit, op->a)
                         : 0;

        if (root && unit->exprs.items[root].kind == IR_EXPR_GLOBAL &&
            unit->exprs.items[root].symbol == expr->symbol)
            return true;
    }
    return false;
}

static bool program_uses(const struct query *query, const char *name,
                         const char *class)
{
    bool is_class_used = class && query_class(query, class);

    for (uint32_t i = 0; i < query->program->fns.count; i++) {
        const struct fn *fn = query->program->fns.items[i];

        if (fn_uses(fn, name) || (is_class_used && fn_hands_out(fn, name)))
            return true;
    }
    return false;
}

static bool is_in_use(const struct query *query, ir_id place, const char *class)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *root = &unit->exprs.items[root_of(unit, place)];

    if (root->kind == IR_EXPR_VAR)
        return fn_uses(query->fn,
                       ir_text(unit, unit->vars.items[root->var].name));
    if (root->kind == IR_EXPR_GLOBAL)
        return is_initialised(query, place) ||
               program_uses(
                   query, ir_text(unit, unit->symbols.items[root->symbol].name),
                   class);
    return class && query_class(query, class);
}

/* ---- is the copy made a lock of its own? */

static bool is_lock_arg(const struct query *query, const struct ir_op *call)
{
    const struct ir_unit *unit = query->fn->unit;
    struct inside inside = {.query = query};

    for (uint32_t i = 0; i < call->args.count; i++) {
        ir_id arg = ir_list_at(unit, call->args, i);
        const struct ir_expr *expr = &unit->exprs.items[arg];

        if (expr->kind == IR_EXPR_ADDR &&
            inside_find(&inside, unit->exprs.items[expr->a].type, 0) &&
            !*inside.path)
            return true;
    }
    return false;
}

/* An initialiser nobody knows, or one that is assigned. */
static bool makes_by_op(const struct query *query, ir_id at)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    struct inside inside = {.query = query};
    ir_id symbol;

    if (op->kind == IR_ASSIGN)
        return unit->exprs.items[op->a].kind == IR_EXPR_FIELD &&
               inside_find(&inside, unit->exprs.items[op->a].type, 0) &&
               !*inside.path;
    symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;
    return symbol && is_lock_arg(query, op) &&
           !model_function_find(
               query->fn->view,
               ir_text(unit, unit->symbols.items[symbol].name));
}

/* The variable in which the place lies, or NULL: it is behind a pointer. */
static const char *variable_of(const struct query *query, ir_id place)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *root = &unit->exprs.items[root_of(unit, place)];

    if (root->kind == IR_EXPR_VAR)
        return ir_text(unit, unit->vars.items[root->var].name);
    if (root->kind == IR_EXPR_GLOBAL)
        return ir_text(unit, unit->symbols.items[root->symbol].name);
    return NULL;
}

/* `target`: what is written, or 0. A lock that is made under another
 * variable's name is not the one in it. */
static bool is_made_after(const struct query *query, ir_id op, ir_id target,
                          const char *class)
{
    const struct ir_fn *ir = query->fn->ir;
    const char *variable = target ? variable_of(query, target) : NULL;

    for_each_event(query, event, EVENT_MAKE) {
        if (event->op > op && (!class || !strcmp(event->lock.class, class)) &&
            (!variable || is_part_of(event->lock.name, variable) ||
             strstr(event->lock.name, "->")))
            return true;
    }
    for (ir_id at = op + 1; at < ir->first_op + ir->op_count; at++)
        if (makes_by_op(query, at))
            return true;
    return false;
}

/* ---- the ops */

struct memory_fn {
    const char *name;
    enum copy_way way;
    uint32_t object; /* the argument that leads to the lock */
    int size;        /* … that says how much, or -1 */
};

static const struct memory_fn memory_fns[] = {
    {"memcpy", COPY_MEMORY, 1, 2},         {"memmove", COPY_MEMORY, 1, 2},
    {"mempcpy", COPY_MEMORY, 1, 2},        {"bcopy", COPY_MEMORY, 0, 2},
    {"g_memdup", COPY_MEMORY, 0, 1},       {"g_memdup2", COPY_MEMORY, 0, 1},
    {"kmemdup", COPY_MEMORY, 0, 1},        {"realloc", COPY_REALLOC, 0, -1},
    {"reallocarray", COPY_REALLOC, 0, -1}, {"g_realloc", COPY_REALLOC, 0, -1},
    {"krealloc", COPY_REALLOC, 0, -1},     {"memset", COPY_CLEAR, 0, 2},
    {"bzero", COPY_CLEAR, 0, 1},           {"explicit_bzero", COPY_CLEAR, 0, 1},
};

static const struct memory_fn *memory_fn_of(const struct query *query,
                                            const struct ir_op *call)
{
    const struct ir_unit *unit = query->fn->unit;
    ir_id symbol = ir_call_symbol(unit, call);
    const char *name = ir_text(unit, unit->symbols.items[symbol].name);

    if (str_starts_with(name, "__builtin_"))
        name += sizeof("__builtin_") - 1;
    for (size_t i = 0; symbol && i < sizeof(memory_fns) / sizeof(*memory_fns);
         i++)
        if (*memory_fns[i].name == *name && !strcmp(memory_fns[i].name, name) &&
            memory_fns[i].object < call->args.count &&
            memory_fns[i].size < (int)call->args.count)
            return &memory_fns[i];
    return NULL;
}

/* Whether the size is that of the whole object, or of several. */
static bool is_whole(const struct ir_unit *unit, ir_id size, ir_id type)
{
    const struct ir_type *record = ir_type_strip(unit, type);
    const struct ir_expr *expr = &unit->exprs.items[size];
    uint32_t whole = record->kind == IR_TYPE_RECORD
                         ? unit->records.items[record->of].size
                         : 0;

    if (expr->kind == IR_EXPR_BINARY && expr->operator== IR_MUL)
        return is_whole(unit, expr->a, type) || is_whole(unit, expr->b, type);
    return whole && expr->kind == IR_EXPR_CONST && expr->value >= whole;
}

/* What the pointer leads to: the place and its type. */
static ir_id pointee(const struct ir_unit *unit, ir_id pointer, ir_id *type)
{
    const struct ir_expr *expr = &unit->exprs.items[pointer];
    const struct ir_type *found;

    if (expr->kind == IR_EXPR_ADDR) {
        *type = unit->exprs.items[expr->a].type;
        return expr->a;
    }
    found = ir_type_strip(unit, expr->type);
    *type = found->kind == IR_TYPE_POINTER ? found->of : 0;
    return is_place(expr) ? pointer : 0;
}

static bool is_used_before(const struct query *query, ir_id op,
                           const char *name)
{
    bool is_used = false;

    for (uint32_t i = 0; i < query->fn->events.items.count; i++) {
        const struct event *event = &query->fn->events.items.items[i];

        if (event->op >= op)
            break;
        if (event->kind == EVENT_DESTROY && !strcmp(event->lock.name, name))
            is_used = false;
        else if (is_life(event) && !strcmp(event->lock.name, name))
            is_used = true;
    }
    return is_used;
}

static const char *name_of(const struct query *query, ir_id expr,
                           bool is_pointer, const char *path)
{
    struct strbuf text = {.arena = query->program->arena};
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];

    if (!is_pointer && found->kind == IR_EXPR_DEREF && *path == '.') {
        expr = found->a;
        is_pointer = true;
    }
    ir_expr_print(unit, query->fn->ir, expr, &text);
    if (is_pointer && *path == '.')
        strbuf_printf(&text, "->%s", path + 1);
    else
        strbuf_add(&text, path);
    if (strpbrk(strbuf_text(&text), "%$")) /* a value without a name */
        return str_starts_with(path, ".") ? path + 1 : path;
    return strbuf_text(&text);
}

static const char *type_name(const struct ir_unit *unit, ir_id type)
{
    const struct ir_type *found = &unit->types.items[type];

    while (found->kind == IR_TYPE_ARRAY)
        found = &unit->types.items[found->of];
    return found->kind == IR_TYPE_RECORD
               ? ir_text(unit, unit->records.items[found->of].name)
               : ir_text(unit, found->name);
}

/* Behind a pointer variable lies memory, not the variable. */
static bool is_moved(const struct query *query, ir_id op, ir_id place,
                     bool is_pointer, const struct inside *inside,
                     const struct lock_copy *copy)
{
    if (copy->way == COPY_CLEAR)
        return is_used_before(query, op, copy->name);
    return is_pointer ? inside->class && query_class(query, inside->class)
                      : is_in_use(query, place, inside->class);
}

static bool memory_copy(const struct query *query, ir_id op,
                        struct lock_copy *copy)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *call = &unit->ops.items[op];
    const struct memory_fn *fn = memory_fn_of(query, call);
    struct inside inside = {.query = query};
    ir_id type;
    ir_id place;
    ir_id pointer;

    if (!fn)
        return false;
    pointer = ir_list_at(unit, call->args, fn->object);
    place = pointee(unit, pointer, &type);
    if (!place || !inside_find(&inside, type, 0) ||
        (fn->size >= 0 &&
         !is_whole(unit, ir_list_at(unit, call->args, (uint32_t)fn->size),
                   type)))
        return false;
    copy->way = fn->way;
    copy->with = type_name(unit, type);
    for (uint32_t skip = 0;; skip++) {
        inside = (struct inside){.query = query, .skip = skip};
        if (!inside_find(&inside, type, 0))
            return false;
        copy->name = name_of(query, place, place == pointer, inside.path);
        if (!is_made_after(query, op, 0, inside.class) &&
            is_moved(query, op, place, place == pointer, &inside, copy))
            return true;
    }
}

/* Most values are numbers and pointers. */
static bool may_hold_lock(const struct ir_unit *unit, ir_id type)
{
    uint32_t kind = unit->types.items[type].kind;

    return kind == IR_TYPE_TYPEDEF || kind == IR_TYPE_RECORD ||
           kind == IR_TYPE_ARRAY;
}

/* Of several locks the first that is in use, and not made anew. */
static bool value_copy(const struct query *query, ir_id op, ir_id target,
                       ir_id value, struct lock_copy *copy)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[value];
    bool may_hold = is_place(expr) && may_hold_lock(unit, expr->type);

    for (uint32_t skip = 0; may_hold; skip++) {
        struct inside inside = {.query = query, .skip = skip};

        if (!inside_expr_find(&inside, value))
            return false;
        if (!is_in_use(query, value, inside.class) ||
            is_made_after(query, op, target, inside.class))
            continue;
        copy->name = name_of(query, value, false, inside.path);
        copy->with = type_name(unit, expr->type);
        return true;
    }
    return false;
}

/* What takes or gives back the lock that it is handed knows it by a handle. */
static bool is_handle_use(const struct query *query, ir_id op)
{
    for (uint32_t i = 0; i < query->fn->events.items.count; i++) {
        const struct event *event = &query->fn->events.items.items[i];

        if (event->op == op && is_life(event))
            return true;
    }
    return false;
}

bool lock_copy_find(const struct query *query, ir_id op, struct lock_copy *copy)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *found = &unit->ops.items[op];

    *copy = (struct lock_copy){0};
    switch ((enum ir_op_kind)found->kind) {
    case IR_ASSIGN:
        copy->way = COPY_ASSIGN;
        return value_copy(query, op, found->a, found->b, copy);
    case IR_RETURN:
        copy->way = COPY_RETURN;
        return value_copy(query, op, 0, found->a, copy);
    case IR_CALL:
        copy->way = COPY_ARGUMENT;
        for (uint32_t i = 0; i < found->args.count; i++)
            if (value_copy(query, op, 0, ir_list_at(unit, found->args, i),
                           copy) &&
                !is_handle_use(query, op))
                return true;
        return memory_copy(query, op, copy);
    default:
        return false;
    }
}
