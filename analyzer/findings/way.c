/*
 * The ways of a program, see way.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/way.h"

#include "engine/chain.h"
#include "engine/context.h"

enum {
    MOST_OTHERS = 3,   /* named one by one; a longer list nobody reads */
    MOST_CALLERS = 16, /* above the function; then the way begins later */
};

static struct way *way_new(struct arena *arena, const struct fn *fn,
                           const struct event *event, enum stop_kind kind)
{
    const struct fn *next = NULL;
    struct way way = {fn, event, fn, event, {0}};
    struct way *made;

    if (stop_kind_of(event) != kind) {
        next = stop_next(fn, event, kind);
        if (!next)
            return NULL;
    }
    for (; next; next = next->stops[kind].next) {
        way.end_fn = next;
        way.end = next->stops[kind].event;
    }
    made = arena_alloc(arena, sizeof(*made));
    *made = way;
    return made;
}

/* Several calls of a task's own function are several mistakes; several ways
 * into a function that others share are one. */
static void way_add(struct arena *arena, struct way_list *list,
                    struct way **by_end, struct way *way)
{
    struct way **known = &by_end[way->end_fn->number];

    if (way->fn != way->end_fn && *known) {
        vec_add(arena, &(*known)->others, way);
        return;
    }
    if (way->fn != way->end_fn)
        *known = way;
    vec_add(arena, &list->items, way);
}

struct way_list way_list_build(struct check *check, const struct query *query,
                               enum stop_kind kind)
{
    const struct program *program = query->program;
    struct arena *arena = check_arena(check);
    struct way **by_end =
        arena_array(arena, program->fns.count, sizeof(*by_end));
    struct way_list list = {0};

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; fn_begins_tasks(fn) && k < fn->events.items.count;
             k++) {
            const struct event *event = &fn->events.items.items[k];
            struct way *way = NULL;

            if (event->kind == EVENT_BLOCK && !event->is_spared &&
                event_is_async(fn, event))
                way = way_new(arena, fn, event, kind);
            if (way)
                way_add(arena, &list, by_end, way);
        }
    }
    return list;
}

static void step_mark(struct check *check, struct diag *diag,
                      const struct fn *fn, const struct event *event,
                      const struct fn *next)
{
    bool is_direct = event->callee == next && !event->meaning;

    if (is_direct)
        diag_mark_in(check, diag, MARK_STEP, fn, event->op,
                     "'%s' calls '%s' here", fn->name, next->name);
    else
        diag_mark_in(check, diag, MARK_STEP, fn, event->op,
                     "'%s' calls '%s' here, which runs '%s'", fn->name,
                     event->callee_name, next->name);
}

void way_mark(struct check *check, struct diag *diag, const struct way *way,
              enum stop_kind kind)
{
    const struct fn *fn = way->fn;
    const struct event *event = way->event;

    while (event != way->end) {
        const struct fn *next = event == way->event ? stop_next(fn, event, kind)
                                                    : fn->stops[kind].next;

        step_mark(check, diag, fn, event, next);
        fn = next;
        event = next->stops[kind].event;
    }
    for (uint32_t i = 0; i < way->others.count && i < MOST_OTHERS; i++) {
        const struct way *other = way->others.items[i];

        diag_mark_in(check, diag, MARK_STEP, other->fn, other->event->op,
                     way->others.count > MOST_OTHERS && i == MOST_OTHERS - 1
                         ? "'%s' gets there too, and %u more do"
                         : "'%s' gets there too",
                     other->fn->name, way->others.count - MOST_OTHERS);
    }
}

const struct fn *way_root(const struct fn *fn)
{
    return context_root(fn);
}

void way_mark_context(struct check *check, struct diag *diag,
                      const struct fn *fn)
{
    const struct fn *callees[MOST_CALLERS];
    int count = 0;

    for (; fn->context_from && count < MOST_CALLERS; fn = fn->context_from)
        callees[count++] = fn;
    while (count-- > 0) {
        const struct fn *callee = callees[count];

        diag_mark_in(check, diag, MARK_STEP, callee->context_from,
                     callee->context_from_op, "'%s' has '%s' run here",
                     callee->context_from->name, callee->name);
    }
}

bool way_stops(const struct fn *fn, const struct event *event)
{
    bool is_bridge = event->meaning && event->meaning->is_bridge;

    if (event->is_spared)
        return false;
    return is_bridge || stop_kind_of(event) == STOP_CALL ||
           (!event->meaning && stop_next(fn, event, STOP_CALL));
}

void way_mark_down(struct check *check, struct diag *diag, const struct fn *fn,
                   const struct event *event)
{
    enum stop_kind kind = STOP_CALL;
    const struct fn *next = NULL;

    if (stop_kind_of(event) == STOP_COUNT)
        next = stop_next(fn, event, kind);
    if (stop_kind_of(event) == STOP_COUNT && !next)
        next = stop_next(fn, event, kind = STOP_THREAD);
    for (; next; next = next->stops[kind].next) {
        const struct event *step = next->stops[kind].event;
        bool is_end = !next->stops[kind].next;

        diag_mark_in(check, diag, MARK_STEP, next, step->op,
                     is_end ? "'%s' is stopped by '%s'"
                            : "'%s' calls '%s' here",
                     next->name, step->callee_name);
        if (is_end)
            diag_cause(check, diag, next, step->op);
    }
}

void way_mark_suspension(struct check *check, struct diag *diag,
                         const struct query *query, const struct event *event)
{
    struct arena scratch = {0};
    struct chain chain = chain_down(query->program, query->fn, event->op,
                                    CHAIN_SUSPENDS, &scratch);

    /* The first step is the event's own. */
    for (uint32_t i = 1; i < chain.steps.count; i++) {
        const struct chain_step *step = &chain.steps.items[i];

        diag_mark_in(check, diag, MARK_STEP, step->fn, step->op,
                     step->to ? "'%s' calls '%s' here"
                              : "'%s' suspends in '%s'",
                     step->fn->name,
                     step->to ? step->to->name : step->event->callee_name);
    }
    arena_finish(&scratch);
}

/* In which of its contexts it is outside of tasks: main first. */
static uint32_t context_outside(const struct fn *fn)
{
    static const uint32_t contexts[] = {CONTEXT_SYNC, CONTEXT_THREAD,
                                        CONTEXT_POOL};
    size_t at = 0;

    while (at + 1 < sizeof(contexts) / sizeof(*contexts) &&
           !(fn->context & contexts[at]))
        at++;
    return contexts[at];
}

void way_mark_outside(struct check *check, struct diag *diag,
                      const struct query *query)
{
    const struct fn *root;
    struct chain chain =
        chain_up(query->program, query->fn, context_outside(query->fn), &root,
                 check_arena(check));

    for (uint32_t i = 0; i < chain.steps.count; i++) {
        const struct chain_step *step = &chain.steps.items[i];

        if (step->to)
            diag_mark_in(check, diag, MARK_STEP, step->fn, step->op,
                         "'%s' has '%s' run here", step->fn->name,
                         step->to->name);
    }
}

void way_doubt_choice(struct check *check, struct diag *diag)
{
    diag_why(check, diag,
             "on each way there a pointer has many functions to choose from, "
             "and few of them wait; where it can choose one of these: %s",
             diag->why);
}

void way_doubt_context(struct check *check, struct diag *diag,
                       const struct fn *fn)
{
    if (!fn->is_doubted)
        return;
    diag->severity = SEVERITY_NOTE;
    diag_why(check, diag,
             "'%s' runs in a task only if several pointers, each with many "
             "functions to choose from, can choose these one after the other; "
             "then: %s",
             fn->name, diag->why);
}

const char *way_instead(const struct way *way)
{
    return way->end->meaning
               ? model_instead_find(way->fn->view, way->end->meaning)
               : NULL;
}
