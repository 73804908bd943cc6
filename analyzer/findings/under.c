/*
 * Functions that are called with a lock held, see under.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/under.h"

#include <string.h>

#include "engine/atomic.h"
#include "engine/name.h"

/* Whether the path leads to the place, by the fields on its way. */
static bool path_leads_to(const struct path *path, const struct place *place)
{
    int at = 0;

    if (place->base == PLACE_GLOBAL
            ? path->param != PATH_GLOBAL || strcmp(path->global, place->global)
            : path->param != place->arg)
        return false;
    for (int i = 0; i < path->step_count; i++) {
        const struct path_step *step = &path->steps[i];

        if (step->kind == STEP_INDEX)
            return false;
        if (step->kind != STEP_FIELD)
            continue;
        if (at == place->field_count ||
            strcmp(step->field, place->fields[at]) != 0)
            return false;
        at++;
    }
    return at == place->field_count;
}

/* Nothing that the caller says decides whether it does. */
static bool is_always_taken(const struct lock_effect *effect)
{
    return (effect->kind == LOCK_USES || effect->kind == LOCK_TAKES) &&
           effect->path && !effect->lock.is_try && !effect->lock.is_recursive &&
           !effect->when_count && !effect->when_differ[0] && !effect->at_last &&
           !effect->after_drop && effect->flag.wanted == FLAG_ANY;
}

static const struct lock_effect *takes_callers(const struct query *query)
{
    const struct lock_effects *locks = &query->fn->summary.locks;
    const struct under_start *under = query->fn->under;

    for (uint32_t i = 0; under && i < locks->items.count; i++)
        if (is_always_taken(locks->items.items[i]) &&
            path_leads_to(locks->items.items[i]->path, under->lock))
            return locks->items.items[i];
    return NULL;
}

/* The class of a field of a parameter, as effect_place finds it: a field that
 * is not there is its record's by name. NULL: it is no field. */
static const char *class_of_argument(struct check *check, const struct fn *fn,
                                     const struct place *place)
{
    const struct ir_unit *unit = fn->unit;
    const char *class = NULL;
    ir_id type;

    if ((uint32_t)place->arg >= fn->ir->param_count)
        return NULL;
    type = unit->vars.items[fn->ir->first_var + (uint32_t)place->arg].type;
    for (int i = 0; i < place->field_count; i++) {
        ir_id record = ir_type_record(unit, type);
        ir_id field = ir_field_find(unit, record, place->fields[i]);

        if (!field)
            return arena_printf(
                check_arena(check), "%s.%s",
                name_bare(ir_text(unit, unit->records.items[record].name)),
                place->fields[place->field_count - 1]);
        class = name_field(unit, field, check_arena(check));
        type = unit->fields.items[field].type;
    }
    return class;
}

struct held query_under(struct check *check, const struct query *query)
{
    const struct under_start *under = query->fn->under;
    struct held held = {.must = true};

    if (!under)
        return held;
    held.lock.class = under->lock->base == PLACE_ARG
                          ? class_of_argument(check, query->fn, under->lock)
                          : under->lock->global;
    held.lock.name = held.lock.class;
    held.lock.kind = LOCK_ASYNC;
    held.lock.mode = LOCK_EXCLUSIVE;
    return held;
}

static bool is_given_back(const struct event *event, const char *class)
{
    for (uint32_t i = 0; i < event->dropped.count; i++)
        if (!strcmp(event->dropped.items[i], class))
            return true;
    return false;
}

bool query_is_under(const struct event *event, const struct held *held)
{
    return !is_given_back(event, held->lock.class);
}

/* Where it takes a lock of that class, while it runs under the other; 0:
 * nowhere. */
static ir_id taken_at(const struct fn *fn, const struct held *outer)
{
    const struct lock_effects *locks = &fn->summary.locks;
    const char *class = outer->lock.class;

    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_ACQUIRE && !event->is_try &&
            !strcmp(event->lock.class, class) &&
            !is_given_back(event, fn->under->lock->global))
            return event->op;
    }
    for (uint32_t i = 0; i < locks->items.count; i++)
        if (is_always_taken(locks->items.items[i]) &&
            !strcmp(locks->items.items[i]->lock.class, class))
            return locks->items.items[i]->op;
    return 0;
}

static bool is_outer(const struct held *held)
{
    return held->must && !held->lock.is_section && !held->lock.is_local &&
           !held->lock.is_nameless && *held->lock.class;
}

struct under_pair query_under_pair(const struct query *query,
                                   const struct event *taken)
{
    struct under_pair pair = {0};

    if (taken->is_try || taken->held_before || !taken->lock.is_nameless)
        return pair;
    for (uint32_t i = 0; i < query->program->unders.count; i++) {
        const struct fn *fn = query->program->unders.items[i];

        if (fn->under->lock->base != PLACE_GLOBAL || fn == query->fn ||
            strcmp(fn->under->lock->global, taken->lock.class) != 0)
            continue;
        for (uint32_t k = 0; k < taken->held.count; k++) {
            pair.outer = &taken->held.items[k];
            pair.at = is_outer(pair.outer) ? taken_at(fn, pair.outer) : 0;
            pair.fn = fn;
            if (pair.at)
                return pair;
        }
    }
    return (struct under_pair){0};
}

void diag_mark_under(struct check *check, struct diag *diag,
                     const struct fn *fn)
{
    diag_mark_in(check, diag, MARK_STEP, fn->under->fn, fn->under->op,
                 "'%s' is given to '%s' here, which is called with the lock "
                 "held",
                 fn->name, fn->under->to);
}

void under_check(struct check *check, const struct query *query)
{
    const struct lock_effect *taken = takes_callers(query);
    struct diag *diag;

    if (!taken)
        return;
    diag = diag_at(check, taken->op, SEVERITY_ERROR,
                   "'%s' takes '%s', which its caller holds already",
                   query->fn->name, taken->lock.name);
    diag_mark_under(check, diag, query->fn);
    if (taken->lock.taken_in)
        diag_mark_in(check, diag, MARK_STEP, taken->lock.taken_in,
                     taken->lock.taken_at, "'%s' takes it again here",
                     taken->lock.taken_in->name);
}
