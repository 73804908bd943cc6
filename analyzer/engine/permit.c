/*
 * Semaphores that are mutexes, see permit.h. Callees first, it is found what
 * each function does to each semaphore, as its callers call it; then it is
 * judged by class, and callers first it is found out what parameters are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/permit.h"

#include <string.h>

#include "engine/attribute.h"
#include "engine/callee.h"
#include "engine/cfg.h"
#include "engine/permit_thing.h"

enum {
    MOST_THINGS = 64, /* in one function: more is a test of semaphores */
    PAIRS_UNSEEN = 3, /* functions that say enough where none makes it */
};

/* `bus->lock`, `mutex`: what is called so is one, if nobody makes it a signal;
 * the handle may be made in another file. */
static bool is_named_mutex(const char *class)
{
    static const char *const words[] = {"lock", "mutex", "mtx", "mux"};
    const char *dot = strrchr(class, '.');

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasestr(dot ? dot : class, words[i]))
            return true;
    return false;
}

struct deed {
    struct permit_thing thing;
    struct permit_uses uses;
    struct permit_use sum;
};

struct deeds {
    VEC(struct deed) items;
};

/* What is known of a class. */
struct class
{
    uint32_t pairs; /* functions that take and give */
    bool has_one;   /* it is made with one permit */
    bool has_other; /* … with another number of them */
    bool is_signal; /* given by who has not got it, or known to others */
};

enum verdict { VERDICT_NONE, VERDICT_MUTEX, VERDICT_OTHER };

struct gather {
    struct program *program;
    struct arena arena;
    struct deeds *deeds; /* by number of the function */
    struct map by_class;
    VEC(struct class) classes;
    struct map types; /* of semaphores, by name */
    bool *is_called;
    uint8_t (*params)[MOST_PARAMS]; /* enum verdict */
};

static bool is_same(struct permit_thing one, struct permit_thing two)
{
    if (one.class && two.class)
        return !strcmp(one.class, two.class);
    return !one.class && !two.class && one.param == two.param;
}

static struct class *class_get(struct gather *gather, const char *name)
{
    bool is_new;
    uint32_t *at =
        map_add_str(&gather->by_class, name, gather->classes.count, &is_new);

    if (is_new)
        vec_add(&gather->arena, &gather->classes, (struct class){0});
    return &gather->classes.items[*at];
}

/* ---- what functions do */

static void use_add(struct gather *gather, const struct fn *fn,
                    struct permit_thing thing, struct permit_use use)
{
    struct deeds *deeds = &gather->deeds[fn->number];
    uint32_t at = 0;

    if (!thing.class && thing.param < 0)
        return;
    while (at < deeds->items.count &&
           !is_same(deeds->items.items[at].thing, thing))
        at++;
    if (at == MOST_THINGS) {
        if (thing.class)
            class_get(gather, thing.class)->is_signal = true;
        return;
    }
    if (at == deeds->items.count)
        vec_add(&gather->arena, &deeds->items, (struct deed){.thing = thing});
    vec_add(&gather->arena, &deeds->items.items[at].uses.items, use);
}

/* A semaphore of the class begins with so many permits. */
static void class_begins(struct gather *gather, const char *name,
                         int64_t permits)
{
    struct class *class = class_get(gather, name);

    class->has_one |= permits == 1;
    class->has_other |= permits != 1;
}

static void count_note(struct gather *gather, const struct fn *fn, ir_id call,
                       const struct effect *effect, struct permit_thing thing)
{
    const struct ir_expr *arg =
        &fn->unit->exprs
             .items[ir_call_arg(fn->unit, call, effect->permits_arg)];
    int64_t permits = effect->permits;

    if (!thing.class || (effect->permits_arg >= 0 && arg->kind == IR_EXPR_NONE))
        return; /* one that is there already is opened */
    if (effect->permits_arg >= 0)
        permits = arg->kind == IR_EXPR_CONST ? arg->value : -1;
    class_begins(gather, thing.class, permits);
}

static void type_note(struct gather *gather, const struct fn *fn, ir_id value)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[value];

    if (expr->kind == IR_EXPR_ADDR)
        map_add_str(
            &gather->types,
            ir_text(unit,
                    unit->types.items[unit->exprs.items[expr->a].type].name),
            1, NULL);
}

static void meaning_gather(struct gather *gather, const struct fn *fn,
                           ir_id call, const struct meaning *meaning)
{
    for (int i = 0; i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];
        bool is_taken = effect->kind == EFFECT_PERMIT_TAKE;
        struct permit_thing thing;

        if (!is_taken && effect->kind != EFFECT_PERMIT_GIVE &&
            effect->kind != EFFECT_PERMIT_COUNT)
            continue;
        thing = permit_thing_of(gather->program, fn, call, effect);
        type_note(gather, fn, ir_call_arg(fn->unit, call, effect->on.arg));
        if (effect->kind == EFFECT_PERMIT_COUNT)
            count_note(gather, fn, call, effect, thing);
        else
            use_add(gather, fn, thing,
                    (struct permit_use){
                        .op = call, .takes = is_taken, .gives = !is_taken});
    }
}

/* What a callee does, as its caller calls it. */
static void callee_gather(struct gather *gather, const struct fn *fn,
                          ir_id call, const struct fn *callee)
{
    const struct deeds *deeds = &gather->deeds[callee->number];

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        const struct deed *deed = &deeds->items.items[i];
        struct permit_use use = deed->sum;
        struct permit_thing thing = deed->thing;

        use.op = call;
        if (!thing.class)
            thing = permit_thing_at(gather->program, fn,
                                    ir_call_arg(fn->unit, call, thing.param));
        else
            use.pairs = false; /* counted there */
        if (use.gives || use.takes || use.pairs)
            use_add(gather, fn, thing, use);
    }
}

static void class_judge(struct gather *gather, const struct fn *fn,
                        const struct deed *deed)
{
    struct class *class;

    if (!deed->thing.class)
        return;
    class = class_get(gather, deed->thing.class);
    class->pairs += deed->sum.pairs;
    class->is_signal |= deed->sum.gives && !gather->is_called[fn->number];
}

static void fn_gather(struct gather *gather, struct fn *fn)
{
    struct deeds *deeds = &gather->deeds[fn->number];

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (!site->callee.is_call)
            continue;
        if (site->callee.meaning)
            meaning_gather(gather, fn, site->op, site->callee.meaning);
        else if (site->callee.body)
            callee_gather(gather, fn, site->op, site->callee.body);
    }
    if (deeds->items.count && !fn->cfg)
        fn->cfg = cfg_build(fn, gather->program->arena);
    for (uint32_t i = 0; i < deeds->items.count; i++) {
        struct deed *deed = &deeds->items.items[i];

        deed->sum = permit_sum(fn, &deed->uses, &gather->arena);
        class_judge(gather, fn, deed);
    }
}

/* ---- who else knows a semaphore */

static bool is_address(const struct gather *gather, const struct fn *fn,
                       ir_id id)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];
    ir_id type;

    if (expr->kind != IR_EXPR_ADDR)
        return false;
    type = unit->exprs.items[expr->a].type;
    return map_find_str(&gather->types,
                        ir_text(unit, unit->types.items[type].name));
}

static void address_look(struct gather *gather, const struct fn *fn, ir_id id)
{
    struct permit_thing thing;

    if (!is_address(gather, fn, id))
        return;
    thing = permit_thing_at(gather->program, fn, id);
    if (thing.class)
        class_get(gather, thing.class)->is_signal = true;
}

/* A start of a thread or a function that nobody knows is handed its address,
 * or it is kept where it is not followed. */
static void escapes_look(struct gather *gather, const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];
        const struct meaning *meaning = site->callee.meaning;
        const struct ir_op *op = &unit->ops.items[site->op];

        if (!site->callee.is_call || (meaning && !meaning->callback_count) ||
            (!meaning && site->callee.body))
            continue;
        for (uint32_t k = 0; k < op->args.count; k++)
            address_look(gather, fn, ir_list_at(unit, op->args, k));
    }
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *place = &unit->exprs.items[op->a];

        if (op->kind == IR_ASSIGN && is_address(gather, fn, op->b) &&
            (place->kind != IR_EXPR_VAR || !permit_only_value(fn, place->var)))
            address_look(gather, fn, op->b);
    }
}

/* ---- static initialisers */

static void assignment_look(struct gather *gather, const struct unit *unit,
                            const struct ir_op *op)
{
    const struct ir_unit *ir = unit->ir;
    const struct ir_expr *place = &ir->exprs.items[op->a];
    const struct ir_expr *value = &ir->exprs.items[op->b];
    const struct type_meaning *type;
    const struct ir_field *field;
    const char *class;

    if (place->kind != IR_EXPR_FIELD || value->kind != IR_EXPR_CONST)
        return;
    field = &ir->fields.items[place->field];
    type = model_type_find(unit->view,
                           ir_text(ir, ir->records.items[field->record].name));
    if (!type || !type->permits ||
        strcmp(type->permits, ir_text(ir, field->name)) != 0)
        return;
    class = attribute_class(ir, place->a, gather->program->arena);
    if (class)
        class_begins(gather, class, value->value);
}

static void initialisers_look(struct gather *gather)
{
    for (uint32_t i = 0; i < gather->program->units.count; i++) {
        const struct unit *unit = &gather->program->units.items[i];

        for (uint32_t k = 1; k < unit->ir->ops.count; k++)
            if (unit->ir->ops.items[k].kind == IR_ASSIGN)
                assignment_look(gather, unit, &unit->ir->ops.items[k]);
    }
}

/* ---- the answer */

static bool is_mutex(const struct gather *gather, const struct fn *fn,
                     struct permit_thing thing)
{
    const struct class *class;
    uint32_t *at;

    if (!thing.class)
        return thing.param >= 0 && thing.param < MOST_PARAMS &&
               gather->params[fn->number][thing.param] == VERDICT_MUTEX;
    at = map_find_str(&gather->by_class, thing.class);
    if (!at)
        return false;
    class = &gather->classes.items[*at];
    return !class->is_signal && !class->has_other &&
           class->pairs >= (class->has_one || is_named_mutex(thing.class)
                                ? 1
                                : PAIRS_UNSEEN);
}

static void params_settle(struct gather *gather, const struct fn *fn,
                          ir_id call, const struct fn *callee)
{
    const struct deeds *deeds = &gather->deeds[callee->number];

    for (uint32_t i = 0; i < deeds->items.count; i++) {
        int param = deeds->items.items[i].thing.param;
        uint8_t *verdict;

        if (param < 0 || param >= MOST_PARAMS)
            continue;
        verdict = &gather->params[callee->number][param];
        if (!is_mutex(gather, fn,
                      permit_thing_at(gather->program, fn,
                                      ir_call_arg(fn->unit, call, param))))
            *verdict = VERDICT_OTHER;
        else if (*verdict == VERDICT_NONE)
            *verdict = VERDICT_MUTEX;
    }
}

static void fn_settle(const struct gather *gather, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        struct callee *callee = &fn->callees->items.items[i].callee;
        const struct meaning *meaning = callee->meaning;
        bool is_all = meaning && meaning->as_mutex && callee->is_call;

        for (int k = 0; is_all && k < meaning->effect_count; k++) {
            const struct effect *effect = &meaning->effects[k];

            if (effect->kind == EFFECT_PERMIT_TAKE ||
                effect->kind == EFFECT_PERMIT_GIVE)
                is_all = is_mutex(
                    gather, fn,
                    permit_thing_of(gather->program, fn,
                                    fn->callees->items.items[i].op, effect));
        }
        if (is_all)
            callee->meaning = meaning->as_mutex;
    }
}

static void calls_settle(struct gather *gather, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (site->callee.is_call && !site->callee.meaning && site->callee.body)
            params_settle(gather, fn, site->op, site->callee.body);
    }
}

/* Whether there are semaphores at all; and who is called by name. */
static bool calls_count(struct gather *gather)
{
    bool is_any = false;

    for (uint32_t i = 0; i < gather->program->fns.count; i++) {
        const struct fn *fn = gather->program->fns.items[i];

        for (uint32_t k = 0; k < fn->callees->items.count; k++) {
            const struct callee *callee = &fn->callees->items.items[k].callee;

            is_any |= callee->meaning && callee->meaning->as_mutex;
            if (!callee->meaning && callee->body)
                gather->is_called[callee->body->number] = true;
        }
    }
    return is_any;
}

void permit_find(struct program *program)
{
    struct gather gather = {.program = program};
    struct fn *const *order = program->callees_first;
    uint32_t count = program->fns.count;

    gather.by_class.arena = &gather.arena;
    gather.types.arena = &gather.arena;
    gather.is_called = arena_array(&gather.arena, count, sizeof(bool));
    if (calls_count(&gather)) {
        gather.deeds = arena_array(&gather.arena, count, sizeof(*gather.deeds));
        gather.params =
            arena_array(&gather.arena, count, sizeof(*gather.params));
        for (uint32_t i = 0; i < count; i++)
            fn_gather(&gather, order[i]);
        for (uint32_t i = 0; i < count; i++)
            escapes_look(&gather, order[i]);
        initialisers_look(&gather);
        for (uint32_t i = count; i > 0; i--)
            calls_settle(&gather, order[i - 1]);
        for (uint32_t i = 0; i < count; i++)
            fn_settle(&gather, order[i]);
    }
    arena_finish(&gather.arena);
}
