/*
 * Answers about releases: whose lock is it that is given back?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "engine/cfg.h"
#include "engine/lockname.h"
#include "engine/said.h"
#include "findings/query_release.h"
#include "ir/ir_same.h"

enum { CALLEES_LOOKED_AT = 2 };

/* The same lock, as far as names can tell. */
static bool is_same(const struct lock_info *one, const struct lock_info *two)
{
    return !strcmp(one->class, two->class) && !strcmp(one->name, two->name);
}

static bool is_kept(const struct query *query, const struct lock_info *lock)
{
    for_each_event(query, event, EVENT_EXIT) {
        for (uint32_t i = 0; i < event->held.count; i++)
            if (!strcmp(event->held.items[i].lock.class, lock->class))
                return true;
    }
    return false;
}

/* Who takes a lock for itself, and is done with it when it returns, is not
 * called with it held. */
static bool takes_it_itself(const struct query *query,
                            const struct lock_info *lock)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        if (is_same(&event->lock, lock) && !event->held_before &&
            !event->regains && !event->is_try && !event->lock.taken_in &&
            (!event->lock.is_recursive || event->lock.kind == LOCK_UNKNOWN))
            return !is_kept(query, lock);
    }
    return false;
}

bool query_is_borrowed(const struct query *query, const struct event *taken)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->op < taken->op && event->held_before < event->states &&
            !strcmp(event->lock.name, taken->lock.name))
            return true;
    }
    return false;
}

bool query_makes_wait(const struct query *query, const struct lock_info *lock)
{
    const struct class_info *info = query_class(query, lock->class);

    return !lock->is_nameless || lock->mode != LOCK_SHARED || !info ||
           info->writes.fn;
}

/* Whether it, or what it calls, may return with one of the class held: what a
 * callee has found and locked is called otherwise here. */
static bool leaves_locked(const struct fn *fn, const char *class, int depth);

static bool callees_leave(const struct fn *fn, const char *class, int depth)
{
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        for (uint32_t k = 0; edge_is_now(edge) && k < edge->count; k++)
            if (leaves_locked(edge->to[k], class, depth - 1))
                return true;
    }
    return false;
}

static bool leaves_locked(const struct fn *fn, const char *class, int depth)
{
    const struct query query = {.fn = fn};
    const struct lock_info lock = {.class = class};

    return is_kept(&query, &lock) || callees_leave(fn, class, depth);
}

/* Whether it keeps one of the class that has another name: perhaps the same. */
static bool keeps_another(const struct query *query,
                          const struct lock_info *lock)
{
    for_each_event(query, event, EVENT_EXIT) {
        for (uint32_t i = 0; i < event->held.count; i++) {
            const struct lock_info *kept = &event->held.items[i].lock;

            if (!strcmp(kept->class, lock->class) && !is_same(kept, lock))
                return true;
        }
    }
    return false;
}

static bool some_caller_holds(const struct query *query)
{
    const struct program *program = query->program;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct event_list *events = &program->fns.items[i]->events;

        for (uint32_t k = 0; k < events->items.count; k++)
            if (events->items.items[k].kind == EVENT_RELEASE &&
                events->items.items[k].callee == query->fn &&
                events->items.items[k].held_before)
                return true;
    }
    return false;
}

/* Where attributes say who gives back what, the function says nothing. If they
 * are a body's, who checks them may not look at all who call it, but at those
 * that nobody calls from elsewhere. */
static bool is_unsaid(const struct query *query, const struct event *release)
{
    const struct fn *fn = query->fn;

    return release->lock.is_said && !said_by(fn) && !said_needed(fn) &&
           (!release->callee || (fn->symbol->flags & IR_SYMBOL_STATIC &&
                                 !query->order->calls->escapes[fn->number])) &&
           !some_caller_holds(query);
}

bool query_callers_may_hold(const struct query *query,
                            const struct event *release)
{
    const struct fn *fn = query->fn;

    if (release->lock.is_local || is_unsaid(query, release))
        return false;
    if (model_symbol_marker(fn->view, MARKER_RELEASES, fn->unit, fn->symbol))
        return true;
    /* Who runs tasks and callbacks may hold what stands for the whole
     * program, as an event loop under a big lock does. */
    if (!fn->is_called && !release->lock.is_nameless &&
        (fn->is_entry || !strcmp(fn->name, "main")) &&
        !keeps_another(query, &release->lock) &&
        !callees_leave(fn, release->lock.class, CALLEES_LOOKED_AT))
        return false;
    return !takes_it_itself(query, &release->lock);
}

static bool takes(const struct query *query, const char *class)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        if (!strcmp(event->lock.class, class))
            return true;
    }
    return false;
}

const struct event *query_meant(const struct query *query,
                                const struct event *release)
{
    const struct class_info *info = query_class(query, release->lock.class);

    if (info->kept.fn || takes(query, release->lock.class) ||
        some_caller_holds(query))
        return NULL;
    for_each_event(query, taken, EVENT_ACQUIRE) {
        const struct held *held = query_held(release, taken);
        const struct class_info *other = query_class(query, taken->lock.class);

        if (held && held->must && !held->has_guard && !held->lock.taken_in &&
            strcmp(taken->lock.class, release->lock.class) != 0 &&
            !other->released_alone.fn && is_kept(query, &taken->lock) &&
            !query_releases(query, taken->lock.class))
            return taken;
    }
    return NULL;
}

static bool is_in_same_loop(const struct query *query, ir_id one, ir_id two)
{
    const struct fn *fn = query->fn;

    return cfg_leads_to(fn, one, two) && cfg_leads_to(fn, two, one);
}

static bool others_give(const struct query *query, const char *class)
{
    const struct class_info *info = query_class(query, class);

    return info->released_alone.fn || info->released_after.fn;
}

/* Found by nothing but its address, it has a name in its function only: who
 * gives it back may have found it, too. */
static bool is_by_address(const char *class)
{
    return strstr(class, ":?");
}

bool query_is_ours_to_give(const struct query *query, const struct event *taken)
{
    return strchr(taken->lock.class, ':') &&
           !is_by_address(taken->lock.class) && !taken->lock.is_parameter &&
           query_releases(query, taken->lock.class) &&
           !others_give(query, taken->lock.class);
}

/* A global that no header declares. */
static bool is_global_of_file(const struct ir_unit *unit, const char *class)
{
    for (uint32_t i = 1; i < unit->symbols.count; i++) {
        const struct ir_symbol *symbol = &unit->symbols.items[i];

        if (symbol->kind == IR_SYMBOL_GLOBAL &&
            !strcmp(ir_text(unit, symbol->name), class))
            return symbol->loc.file == unit->main_file;
    }
    return false;
}

static bool is_record_of_file(const struct ir_unit *unit, const char *class,
                              size_t length)
{
    for (uint32_t i = 1; i < unit->records.count; i++) {
        const struct ir_record *record = &unit->records.items[i];
        const char *name = ir_text(unit, record->name);

        if (strlen(name) == length && !strncmp(name, class, length))
            return record->loc.file == unit->main_file;
    }
    return false;
}

/* A static lock, or a part of what the file defines for itself. */
static bool is_of_file(const struct query *query, const char *class)
{
    const struct ir_unit *unit = query->fn->unit;
    size_t length = strcspn(class, ".");

    if (strchr(class, ':'))
        return !is_by_address(class);
    return class[length] ? is_record_of_file(unit, class, length)
                         : is_global_of_file(unit, class);
}

bool query_is_never_given(const struct query *query, const struct event *taken)
{
    const struct class_info *info = query_class(query, taken->lock.class);

    return info && !info->released_alive.fn && !info->released_after.fn &&
           !info->unsure.fn && !taken->lock.is_parameter &&
           !taken->lock.is_nameless && is_of_file(query, taken->lock.class);
}

bool query_is_kept_by_round(const struct query *query,
                            const struct event *taken)
{
    bool is_given = false;

    for_each_event(query, event, EVENT_RELEASE) {
        if (strcmp(event->lock.class, taken->lock.class) != 0)
            continue;
        if (!is_in_same_loop(query, taken->op, event->op))
            return false;
        is_given |= event->held_before && is_same(&event->lock, &taken->lock);
    }
    return is_given && !others_give(query, taken->lock.class);
}

bool query_always_holds(const struct event *event, const char *name)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < event->held.count; i++) {
        const struct held *held = &event->held.items[i];

        if (strcmp(held->lock.name, name) != 0)
            continue;
        if (held->seen == event->states)
            return held->must;
        seen += held->seen;
    }
    return seen == event->states;
}

bool query_releases(const struct query *query, const char *class)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->held_before && !strcmp(event->lock.class, class))
            return true;
    }
    return false;
}

bool query_is_named_lock(const struct query *query)
{
    static const char *const ends[] = {"lock", "Lock", "LOCK", "lock_impl"};
    const char *name = query->fn->name;

    if (query->fn->is_called || str_ends_with(name, "unlock") ||
        query_event_next(query, NULL, EVENT_RELEASE))
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (str_ends_with(name, ends[i]))
            return true;
    return false;
}

bool query_is_callers_share(const struct query *query,
                            const struct event *release)
{
    const struct class_info *info = query_class(query, release->lock.class);

    return release->fates[FATE_GIVEN] && !release->lock.is_local &&
           map_find_str(&query->program->recursive, release->lock.class) &&
           ((info && info->kept.fn) || some_caller_holds(query));
}

bool query_tries_for_callers(const struct query *query,
                             const struct event *taken)
{
    struct lockname name;

    if (!taken->is_try || query_releases(query, taken->lock.class))
        return false;
    name = lockname_read(query->fn->name, query->program->arena);
    return name.role != LOCKNAME_NONE && name.role != LOCKNAME_GIVES;
}

bool query_is_freed(const struct query *query, const struct event *release)
{
    for_each_event(query, event, EVENT_FREE) {
        if (event->op < release->op &&
            strcmp(event->lock.name, release->lock.name) == 0)
            return true;
    }
    return false;
}

const char *query_name_by_hand(const struct query *query,
                               const struct event *redrop)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->op == redrop->fate_at)
            return event->lock.name;
    }
    return redrop->lock.name;
}

/* Whether nothing goes on behind the edge. */
static bool is_dead_end(const struct fn *fn, uint32_t block)
{
    const struct ir_block *found = ir_block(fn->unit, fn->ir, block);

    return cfg_is_cut(fn, found) ||
           ir_block_end(fn->unit, found)->kind == IR_UNREACHABLE;
}

bool query_is_asserted_busy(const struct query *query,
                            const struct event *release)
{
    const struct fn *fn = query->fn;
    const struct ir_block *block;
    const struct ir_op *end;

    if (release->fates[FATE_REFUSED] != release->states)
        return false;
    block = ir_block(fn->unit, fn->ir,
                     cfg_block_of(fn->unit, fn->ir, release->fate_at));
    end = ir_block_end(fn->unit, block);
    return end->kind == IR_BRANCH &&
           ir_expr_mentions(fn->unit, end->a, IR_EXPR_TEMP, release->fate_at) &&
           is_dead_end(fn, cfg_edge_to(fn, block, 0)) !=
               is_dead_end(fn, cfg_edge_to(fn, block, 1));
}
