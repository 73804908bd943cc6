/*
 * Gathering what happens under each class of locks, see class.h. The first
 * evidence in the order of functions and ops is kept, so that messages don't
 * depend on who finished first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/class.h"

#include <string.h>

#include "base/str.h"
#include "engine/cfg.h"
#include "engine/sure.h"

static struct class_info *class_get(struct class_table *table, const char *name)
{
    struct class_info info = {.name = name};
    bool is_new;
    uint32_t *at =
        map_add_str(&table->by_name, name, table->classes.count, &is_new);

    if (is_new)
        vec_add(table->arena, &table->classes, info);
    return &table->classes.items[*at];
}

static void evidence_keep(struct evidence *evidence, const struct fn *fn,
                          const struct event *event, ir_id acquired)
{
    if (!evidence->fn)
        *evidence = (struct evidence){fn, event, acquired};
}

/* Several locks of one class meet one event once. */
static void met_add(struct class_table *table, struct class_info *info,
                    const struct fn *fn, const struct event *event,
                    ir_id acquired)
{
    struct evidence here = {fn, event, acquired};

    if (!info->met.count || vec_last(&info->met)->event != event)
        vec_add(table->arena, &info->met, here);
}

static void held_gather(struct class_table *table, struct class_info *info,
                        const struct fn *fn, const struct event *event,
                        const struct held *held)
{
    if (event->kind == EVENT_SUSPEND &&
        (!event_suspends(fn, event) || !sure_minds(event, held)))
        return;
    /* A semaphore that is a lock is as any other. */
    if (event->kind == EVENT_BLOCK &&
        (event->is_acquisition || event->is_spared))
        return;
    if (event->kind == EVENT_SUSPEND || event->kind == EVENT_BLOCK)
        met_add(table, info, fn, event, held->acquired);
    if (event->is_doubted)
        evidence_keep(&info->doubted, fn, event, held->acquired);
    else if (event->kind == EVENT_SUSPEND)
        evidence_keep(&info->suspends, fn, event, held->acquired);
    else if (event->kind == EVENT_EXIT && !held->has_guard)
        evidence_keep(&info->kept, fn, event, held->acquired);
    else if (event->kind == EVENT_BLOCK)
        evidence_keep(&info->blocks, fn, event, held->acquired);
    else if (event->kind == EVENT_LOOP)
        evidence_keep(&info->loops, fn, event, held->acquired);
    else if (event->kind == EVENT_UNKNOWN && event->is_indirect)
        evidence_keep(&info->calls_unknown, fn, event, held->acquired);
    if (event->kind == EVENT_UNKNOWN)
        evidence_keep(&info->unsure, fn, event, held->acquired);
}

/* Whether the section that begins there touches one thing, and the one that
 * all others of the class touch. Inside another section, both guard it. */
static void section_gather(struct class_table *table, struct class_info *info,
                           const struct fn *fn, const struct event *event)
{
    const struct section *section = section_find(fn, event->op);
    uint32_t number = (uint32_t)(info - table->classes.items);
    const uint32_t *at;

    if (!section || section->has_more || !section->touch.op || event->is_try ||
        event->held.count || event->lock.is_parameter ||
        (info->datum && strcmp(info->datum, section->touch.datum) != 0)) {
        evidence_keep(&info->more, fn, event, event->op);
        return;
    }
    info->datum = section->touch.datum;
    evidence_keep(section->touch.kind == TOUCH_LOAD ? &info->loads
                                                    : &info->changes,
                  fn, event, section->touch.op);
    at = map_add_str(&table->by_datum, info->datum, number, NULL);
    if (*at == number)
        return;
    /* Another class guards it, too: neither does it alone. */
    evidence_keep(&info->more, fn, event, event->op);
    evidence_keep(&table->classes.items[*at].more, fn, event, event->op);
}

static void taken_gather(struct class_table *table, struct class_info *info,
                         const struct fn *fn, const struct event *event)
{
    struct evidence here = {fn, event, event->op};

    vec_add(table->arena, &info->taken, here);
    if (event->lock.taken_in)
        vec_add(table->arena, &info->got, here);
    if (event->lock.mode != LOCK_SHARED && !event->is_try)
        evidence_keep(&info->writes, fn, event, event->op);
    section_gather(table, info, fn, event);
}

/* Whether a callee took what is given back here. */
static bool was_taken_in_callee(const struct event *release)
{
    for (uint32_t i = 0; i < release->held.count; i++)
        if (release->held.items[i].lock.taken_in &&
            !strcmp(release->held.items[i].lock.class, release->lock.class))
            return true;
    return false;
}

/* Whether files that we were not shown may call it: not what is static, unless
 * a header or its address lets them. */
static bool is_open(const struct fn *fn)
{
    return !(fn->symbol->flags & IR_SYMBOL_STATIC) || !fn->is_called ||
           fn->symbol->loc.file != fn->unit->main_file;
}

static bool is_mentioned(const struct ir_unit *unit, const struct fn *fn)
{
    for (uint32_t i = 1; i < unit->exprs.count; i++) {
        const struct ir_expr *expr = &unit->exprs.items[i];

        if (expr->kind == IR_EXPR_FN &&
            &unit->symbols.items[expr->symbol] == fn->symbol)
            return true;
    }
    return false;
}

/* Nobody calls it: it is the file's own, or a header's of a whole program, and
 * nothing in the file, all of which was understood (the first note is none),
 * speaks of it. */
static bool is_dead(const struct class_table *table, const struct fn *fn)
{
    return fn->symbol->flags & IR_SYMBOL_STATIC && !fn->is_called &&
           !fn->is_entry &&
           (table->is_whole || fn->symbol->loc.file == fn->unit->main_file) &&
           fn->unit->notes.count <= 1 && !is_mentioned(fn->unit, fn);
}

/* `for (…) lock(&locks[i]);` and then `for (…) unlock(&locks[i]);`: which of
 * them it holds nobody counts, but it took them itself. Not who does the one or
 * the other, as its caller says. */
static bool takes_elements(const struct fn *fn, const struct event *release)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_ACQUIRE && event->op < release->op &&
            !event->lock.taken_in && strchr(event->lock.name, '[') &&
            !strcmp(event->lock.class, release->lock.class) &&
            cfg_leads_to(fn, event->op, release->op))
            return true;
    }
    return false;
}

/* The field in the name of such a class as a missing header leaves behind, of
 * `seq_css(s)->cgroup->lock`; NULL: it is none. */
static const char *unknown_field(const char *class)
{
    const char *dot = strrchr(class, '.');
    bool is_unknown = *class == '.' || str_starts_with(class, "asynclint_");

    return dot && is_unknown ? dot + 1 : NULL;
}

bool class_is_given_unknown(const struct class_table *table, const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && map_find_str(&table->unknown, dot + 1);
}

static void alone_gather(struct class_table *table, struct class_info *info,
                         const struct fn *fn, const struct event *event)
{
    struct evidence here = {fn, event, 0};
    bool is_held = event->held_before == event->states;

    /* What it has given back already is nobody else's: a mistake. */
    if (!is_held &&
        event->held_before + event->fates[FATE_GIVEN] >= event->states)
        return;
    if (!is_held && !event->moved && strchr(event->lock.name, '[') &&
        takes_elements(fn, event))
        return;
    evidence_keep(&info->released_alone, fn, event, 0);
    if (is_dead(table, fn))
        return;
    evidence_keep(&info->released_alive, fn, event, 0);
    if (unknown_field(event->lock.class))
        map_add_str(&table->unknown, unknown_field(event->lock.class), 0, NULL);
    if (is_held)
        return;
    vec_add(table->arena, &info->alone, here);
    if (is_open(fn))
        evidence_keep(&info->released_openly, fn, event, 0);
}

static void event_gather(struct class_table *table, const struct fn *fn,
                         const struct event *event)
{
    struct class_info *info;

    if (event->kind == EVENT_ACQUIRE) {
        info = class_get(table, event->lock.class);
        taken_gather(table, info, fn, event);
        info->contexts |= fn->context & ~(uint32_t)CONTEXT_ASYNC;
        if (event_is_async(fn, event))
            info->contexts |= CONTEXT_ASYNC;
    } else if (event->kind == EVENT_MAKE) {
        class_get(table, event->lock.class); /* it is in use */
    } else if (event->kind == EVENT_RELEASE &&
               (event->held_before < event->states ||
                was_taken_in_callee(event))) {
        info = class_get(table, event->lock.class);
        alone_gather(table, info, fn, event);
    } else if ((event->kind == EVENT_SUSPEND || event->kind == EVENT_BLOCK) &&
               event->lock.class) {
        info = class_get(table, event->lock.class);
        evidence_keep(&info->waits, fn, event, 0);
    }
    if (event->kind == EVENT_RELEASE && event->of_callee)
        evidence_keep(&class_get(table, event->lock.class)->released_after, fn,
                      event, 0);
    for (uint32_t i = 0; i < event->held.count; i++) {
        const struct held *held = &event->held.items[i];

        if (held->is_weak)
            continue;
        held_gather(table, class_get(table, held->lock.class), fn, event, held);
    }
}

struct class_table *class_gather(const struct program *program,
                                 struct arena *arena)
{
    struct class_table *table = arena_alloc(arena, sizeof(*table));

    *table = (struct class_table){.arena = arena};
    table->by_name.arena = arena;
    table->by_datum.arena = arena;
    table->unknown.arena = arena;
    for (uint32_t i = 0; i < program->fns.count; i++)
        table->is_whole |= !strcmp(program->fns.items[i]->name, "main");
    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++)
            event_gather(table, fn, &fn->events.items.items[k]);
    }
    return table;
}

const struct class_info *class_find(const struct class_table *table,
                                    const char *name)
{
    const uint32_t *at = map_find_str(&table->by_name, name);

    return at ? &table->classes.items[*at] : NULL;
}

const char *class_words(const char *class)
{
    static const char file_end[] = ".c:";
    const char *at = strstr(class, file_end);

    return at ? at + strlen(file_end) : class;
}
