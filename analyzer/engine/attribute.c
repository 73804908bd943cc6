/*
 * Attributes that make locks recursive, see attribute.h. Each function has a
 * list of what it does about them, in terms of its own variables and
 * parameters, and of what the whole program shares; a caller does the same
 * with what it hands over. In no order: an attribute that is ever set to be
 * recursive is taken to be, and with it the locks that it makes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/attribute.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/name.h"
#include "engine/recursive.h"

enum {
    MOST_ROUNDS = 8, /* helpers that call helpers */
    MOST_DEEDS = 64, /* of one function */
};

/* What a function's argument is, to those who don't see inside of it. */
enum thing_kind { THING_NONE, THING_SHARED, THING_LOCAL, THING_PARAM };
struct thing_named {
    enum thing_kind kind;
    const char *class; /* of a SHARED one */
    ir_id var;         /* of a LOCAL one, or the number of a PARAM */
};

/* `attribute` is set to be recursive (no lock), or makes `lock` (NONE: the
 * call that makes it says so itself). With a `type`, that is a parameter: if it
 * is `wanted`. */
struct deed {
    struct thing_named lock;
    struct thing_named attribute;
    struct exemption wanted;
    int type; /* -1: for sure */
    bool refuses;
};

struct deeds {
    VEC(struct deed) items;
};

struct gather {
    struct program *program;
    struct arena arena;
    struct deeds *deeds; /* by number of the function */
    struct map shared;   /* attributes that are recursive, by class */
};

const char *attribute_class(const struct ir_unit *unit, ir_id place,
                            struct arena *arena)
{
    const struct ir_expr *expr = &unit->exprs.items[place];
    const char *base;

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_GLOBAL:
        return ir_text(unit, unit->symbols.items[expr->symbol].usr);
    case IR_EXPR_FIELD:
        return name_field(unit, expr->field, arena);
    case IR_EXPR_INDEX:
        base = attribute_class(unit, expr->a, arena);
        return base ? arena_printf(arena, "%s[]", base) : NULL;
    default:
        return NULL;
    }
}

static struct thing_named thing_of(const struct gather *gather,
                                   const struct fn *fn, ir_id id)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];
    struct thing_named thing = {.kind = THING_NONE};
    bool is_address = expr->kind == IR_EXPR_ADDR;

    if (is_address)
        id = expr->a;
    expr = &unit->exprs.items[id];
    if (expr->kind == IR_EXPR_VAR) {
        thing.var = expr->var;
        if (is_address)
            thing.kind = THING_LOCAL;
        else if (ir_param(fn->ir, expr->var) >= 0)
            thing = (struct thing_named){
                .kind = THING_PARAM, .var = (ir_id)ir_param(fn->ir, expr->var)};
        return thing;
    }
    thing.class = attribute_class(unit, id, gather->program->arena);
    if (is_address && thing.class)
        thing.kind = THING_SHARED;
    return thing;
}

static bool is_same(struct thing_named one, struct thing_named two)
{
    return one.kind == two.kind &&
           (one.kind == THING_NONE ||
            (one.kind == THING_SHARED ? !strcmp(one.class, two.class)
                                      : one.var == two.var));
}

static bool deed_add(struct gather *gather, const struct fn *fn,
                     struct deed deed)
{
    struct deeds *deeds = &gather->deeds[fn->number];

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        const struct deed *known = &deeds->items.items[i];

        if (is_same(known->lock, deed.lock) &&
            is_same(known->attribute, deed.attribute) &&
            known->type == deed.type)
            return false;
    }
    if (deeds->items.count == MOST_DEEDS)
        return false;
    vec_add(&gather->arena, &deeds->items, deed);
    return true;
}

static bool is_met(const struct exemption *wanted, const struct ir_expr *value)
{
    if (value->kind != IR_EXPR_CONST)
        return false;
    return wanted->kind == UNLESS_ARG_EQUALS
               ? value->value == wanted->value
               : wanted->kind == UNLESS_ARG_HAS_FLAG &&
                     (value->value & wanted->value) == wanted->value;
}

/* Whether a variable is ever given such a value. */
static bool is_given(const struct fn *fn, ir_id var,
                     const struct exemption *wanted)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (ir_op_sets(unit, op, var) &&
            is_met(wanted, &unit->exprs.items[op->b]))
            return true;
    }
    return false;
}

/* Settles by an argument whether the deed is done; false: it is not. */
static bool type_settle(const struct fn *fn, ir_id value, struct deed *deed)
{
    const struct ir_expr *expr = &fn->unit->exprs.items[value];

    deed->type = -1;
    if (expr->kind != IR_EXPR_VAR)
        return is_met(&deed->wanted, expr);
    deed->type = ir_param(fn->ir, expr->var);
    return deed->type >= 0 || is_given(fn, expr->var, &deed->wanted);
}

/* A call of the library's own. */
static bool effect_gather(struct gather *gather, const struct fn *fn,
                          ir_id call, const struct effect *effect)
{
    struct deed deed = {.type = -1, .refuses = effect->is_refused};

    if (effect->condition_count > 1)
        return false;
    if (effect->condition_count) {
        deed.wanted = effect->conditions[0];
        if (!type_settle(fn, ir_call_arg(fn->unit, call, deed.wanted.arg),
                         &deed))
            return false;
    }
    if (effect->kind == EFFECT_LOCK_ATTRIBUTE) {
        deed.attribute =
            thing_of(gather, fn, ir_call_arg(fn->unit, call, effect->on.arg));
        return deed.attribute.kind != THING_NONE && deed_add(gather, fn, deed);
    }
    if (effect->kind != EFFECT_LOCK_INIT || effect->on.base != PLACE_ARG ||
        effect->on.field_count)
        return false;
    deed.lock =
        thing_of(gather, fn, ir_call_arg(fn->unit, call, effect->on.arg));
    if (effect->attributes.base == PLACE_ARG)
        deed.attribute = thing_of(
            gather, fn, ir_call_arg(fn->unit, call, effect->attributes.arg));
    return deed.lock.kind != THING_NONE &&
           (effect->is_recursive || deed.attribute.kind != THING_NONE) &&
           deed_add(gather, fn, deed);
}

/* What a callee calls by a parameter, and what it has for itself. */
static struct thing_named handed(const struct gather *gather,
                                 const struct fn *fn, ir_id call,
                                 struct thing_named thing)
{
    if (thing.kind == THING_PARAM)
        return thing_of(gather, fn,
                        ir_call_arg(fn->unit, call, (int)thing.var));
    if (thing.kind == THING_LOCAL)
        return (struct thing_named){.kind = THING_NONE};
    return thing;
}

static bool callee_gather(struct gather *gather, const struct fn *fn,
                          ir_id call, const struct fn *callee)
{
    const struct deeds *deeds = &gather->deeds[callee->number];
    bool has_grown = false;

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        struct deed deed = deeds->items.items[i];
        bool had_lock = deed.lock.kind != THING_NONE;
        bool had_attribute = deed.attribute.kind != THING_NONE;

        deed.lock = handed(gather, fn, call, deed.lock);
        deed.attribute = handed(gather, fn, call, deed.attribute);
        if (had_lock != (deed.lock.kind != THING_NONE) ||
            had_attribute != (deed.attribute.kind != THING_NONE) ||
            (deed.type >= 0 &&
             !type_settle(fn, ir_call_arg(fn->unit, call, deed.type), &deed)))
            continue;
        has_grown |= deed_add(gather, fn, deed);
    }
    return has_grown;
}

/* `init_recursive_mutex(&lock)`, of which only the name is there. */
static bool named_gather(struct gather *gather, const struct fn *fn,
                         const struct callee_site *site)
{
    struct deed deed = {.type = -1};
    const char *name = site->callee.name;

    if (!name || (!strstr(name, "recursive") && !strstr(name, "Recursive")))
        return false;
    deed.lock = thing_of(gather, fn, ir_call_arg(fn->unit, site->op, 0));
    return deed.lock.kind != THING_NONE && deed_add(gather, fn, deed);
}

static bool calls_gather(struct gather *gather, const struct fn *fn)
{
    bool has_grown = false;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];
        const struct meaning *meaning = site->callee.meaning;

        if (!site->callee.is_call)
            continue;
        for (int k = 0; meaning && k < meaning->effect_count; k++)
            has_grown |=
                effect_gather(gather, fn, site->op, &meaning->effects[k]);
        if (!meaning && site->callee.body)
            has_grown |= callee_gather(gather, fn, site->op, site->callee.body);
        if (!meaning && !site->callee.body)
            has_grown |= named_gather(gather, fn, site);
    }
    return has_grown;
}

/* A lock that is made with an attribute is recursive if that is set to be:
 * in the same function, or anywhere if it is shared. */
static bool deeds_join(struct gather *gather, const struct fn *fn)
{
    const struct deeds *deeds = &gather->deeds[fn->number];
    bool has_grown = false;

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        struct deed deed = deeds->items.items[i];
        const uint32_t *answer;

        if (deed.lock.kind == THING_NONE || deed.attribute.kind == THING_NONE ||
            deed.type >= 0)
            continue;
        for (uint32_t k = 0; k < deeds->items.count; k++) {
            const struct deed *set = &deeds->items.items[k];
            struct deed made = {.lock = deed.lock,
                                .wanted = set->wanted,
                                .type = set->type,
                                .refuses = set->refuses};

            if (set->lock.kind == THING_NONE &&
                is_same(set->attribute, deed.attribute))
                has_grown |= deed_add(gather, fn, made);
        }
        answer = deed.attribute.kind == THING_SHARED
                     ? map_find_str(&gather->shared, deed.attribute.class)
                     : NULL;
        if (answer)
            has_grown |= deed_add(
                gather, fn,
                (struct deed){.lock = deed.lock,
                              .type = -1,
                              .refuses = *answer == RECURSIVE_REFUSES});
    }
    return has_grown;
}

static bool shared_note(struct gather *gather, const struct fn *fn)
{
    const struct deeds *deeds = &gather->deeds[fn->number];
    bool has_grown = false;
    bool is_new;

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        const struct deed *deed = &deeds->items.items[i];
        uint32_t answer = deed->refuses ? RECURSIVE_REFUSES : RECURSIVE_COUNTS;

        if (deed->type < 0 && deed->lock.kind == THING_NONE &&
            deed->attribute.kind == THING_SHARED) {
            map_add_str(&gather->shared, deed->attribute.class, answer,
                        &is_new);
            has_grown |= is_new;
        }
        if (deed->type < 0 && deed->lock.kind == THING_SHARED &&
            deed->attribute.kind == THING_NONE)
            map_add_str(&gather->program->recursive, deed->lock.class, answer,
                        NULL);
    }
    return has_grown;
}

void attribute_find(struct program *program)
{
    struct gather gather = {.program = program};
    bool has_grown = true;

    gather.shared.arena = &gather.arena;
    gather.deeds =
        arena_array(&gather.arena, program->fns.count, sizeof(*gather.deeds));
    for (int round = 0; has_grown && round < MOST_ROUNDS; round++) {
        has_grown = false;
        for (uint32_t i = 0; i < program->fns.count; i++) {
            const struct fn *fn = program->fns.items[i];

            has_grown |= calls_gather(&gather, fn);
            if (gather.deeds[i].items.count)
                has_grown |= deeds_join(&gather, fn);
            has_grown |= shared_note(&gather, fn);
        }
    }
    arena_finish(&gather.arena);
}
