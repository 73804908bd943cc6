/*
 * Printing the classes of locks, see locks.h. Entries are sorted by name, and
 * what stands in one is in the order of the program: the first few of each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "locks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"

enum { MOST_LINES = 8 }; /* of one kind in an entry; the rest is counted */

struct printer {
    struct arena *arena;
    struct strbuf text;
    struct query query;
    const struct class_info *info;
    uint32_t lines; /* of the kind that is being printed */
};

static void line_add(struct printer *printer, const char *label,
                     const char *words)
{
    if (printer->lines++ < MOST_LINES)
        strbuf_printf(&printer->text, "  %-10s %s\n",
                      printer->lines == 1 ? label : "", words);
}

static void lines_end(struct printer *printer)
{
    if (printer->lines > MOST_LINES)
        strbuf_printf(&printer->text, "  %-10s and %u more\n", "",
                      printer->lines - MOST_LINES);
    printer->lines = 0;
}

/* `src/a.c:12 in 'serve'` */
static const char *place_words(struct printer *printer, const struct fn *fn,
                               ir_id op)
{
    printer->query.fn = fn;
    return arena_printf(printer->arena, "%s:%u in '%s'",
                        query_span(&printer->query, op).file,
                        query_span(&printer->query, op).line, fn->name);
}

static const char *context_words(struct printer *printer, uint32_t context)
{
    static const struct {
        uint32_t context;
        const char *words;
    } all[] = {
        {CONTEXT_ASYNC, "tasks"},
        {CONTEXT_SYNC, "outside tasks"},
        {CONTEXT_THREAD, "threads"},
        {CONTEXT_POOL, "the pool"},
    };
    const char *words = "";

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (context & all[i].context)
            words = arena_printf(printer->arena, "%s%s%s", words,
                                 *words ? ", " : "", all[i].words);
    return *words ? words : "nobody that is known";
}

static const char *kind_words(const struct lock_info *lock)
{
    static const char *const kinds[] = {
        [LOCK_BLOCKING] = "blocking",
        [LOCK_SPIN] = "spin",
        [LOCK_ASYNC] = "async",
        [LOCK_UNKNOWN] = "unknown",
    };

    return kinds[lock->kind];
}

static bool has_readers(const struct class_info *info)
{
    for (uint32_t i = 0; i < info->taken.count; i++)
        if (info->taken.items[i].event->lock.mode == LOCK_SHARED)
            return true;
    return false;
}

static void met_print(struct printer *printer, enum event_kind kind,
                      const char *label)
{
    for (uint32_t i = 0; i < printer->info->met.count; i++) {
        const struct evidence *met = &printer->info->met.items[i];

        if (met->event->kind == kind)
            line_add(printer, label,
                     arena_printf(
                         printer->arena, "'%s' at %s", met->event->callee_name,
                         place_words(printer, met->fn, met->event->op)));
    }
    lines_end(printer);
}

/* An edge for each mode in which it is taken is one line. */
static bool is_shown_already(const struct order *order, uint32_t at)
{
    const struct order_edge *edge = &order->edges.items[at];

    for (uint32_t i = 0; i < at; i++) {
        const struct order_edge *other = &order->edges.items[i];

        if (other->from == edge->from && other->to == edge->to &&
            other->sites.count &&
            other->sites.items[0].fn == edge->sites.items[0].fn &&
            other->sites.items[0].op == edge->sites.items[0].op)
            return true;
    }
    return false;
}

/* The order edges that begin at the class, or that end there. */
static void order_print(struct printer *printer, bool is_outwards,
                        const char *label)
{
    struct order *order = printer->query.order;
    uint32_t class = order_class(order, printer->info->name);

    for (uint32_t i = 0; i < order->edges.count; i++) {
        const struct order_edge *edge = &order->edges.items[i];
        const struct order_site *site = &edge->sites.items[0];

        if (!edge->sites.count ||
            (is_outwards ? edge->from : edge->to) != class ||
            is_shown_already(order, i))
            continue;
        line_add(printer, label,
                 arena_printf(
                     printer->arena, "'%s' at %s",
                     order->classes.items[is_outwards ? edge->to : edge->from],
                     place_words(printer, site->fn, site->op)));
    }
    lines_end(printer);
}

/* The kind that would do, and why. */
static const char *suggestion(struct printer *printer)
{
    const struct class_info *info = printer->info;
    const struct evidence *first = &info->taken.items[0];

    printer->query.fn = first->fn;
    if (query_could_be_atomic(info))
        return arena_printf(printer->arena,
                            "atomic: it guards nothing but '%s'",
                            class_words(info->datum));
    if (info->suspends.fn)
        return "async: its holders are suspended";
    if (info->contexts & CONTEXT_ASYNC && info->blocks.fn)
        return "async: its holders block, and tasks wait for them";
    if (info->contexts & CONTEXT_ASYNC &&
        query_reports_short(&printer->query, first->event))
        return "async: tasks take it, and its runtime says so";
    if (!(info->contexts & CONTEXT_ASYNC))
        return "blocking: no task takes it";
    return info->unsure.fn ? "blocking, if what its holders call never suspends"
                           : "blocking: its holders are never suspended";
}

static void taken_print(struct printer *printer)
{
    const struct class_info *info = printer->info;

    for (uint32_t i = 0; i < info->taken.count; i++) {
        const struct evidence *taken = &info->taken.items[i];

        line_add(printer, "taken",
                 arena_printf(
                     printer->arena, "%s%s%s",
                     place_words(printer, taken->fn, taken->event->op),
                     taken->event->lock.mode == LOCK_SHARED ? ", to read" : "",
                     taken->event->is_try ? ", if it is free" : ""));
    }
    lines_end(printer);
}

static void class_print(struct printer *printer)
{
    const struct class_info *info = printer->info;
    const struct lock_info *lock = &info->taken.items[0].event->lock;

    strbuf_printf(&printer->text, "%s: %s%s%s\n", info->name, kind_words(lock),
                  has_readers(info) ? ", of readers and writers" : "",
                  lock->is_recursive ? ", recursive" : "");
    taken_print(printer);
    line_add(printer, "by", context_words(printer, info->contexts));
    lines_end(printer);
    met_print(printer, EVENT_SUSPEND, "awaits");
    met_print(printer, EVENT_BLOCK, "blocks in");
    order_print(printer, true, "then takes");
    order_print(printer, false, "taken in");
    line_add(printer, "suggested", suggestion(printer));
    lines_end(printer);
}

static int class_order(const void *one, const void *two)
{
    const struct class_info *const *first = one;
    const struct class_info *const *second = two;

    return strcmp((*first)->name, (*second)->name);
}

/* Whether the class is more than one function's view of what it is handed. */
static bool is_shown(const struct class_info *info)
{
    return info->taken.count && !strstr(info->name, ":?") &&
           !info->taken.items[0].event->lock.is_parameter;
}

static void classes_print(struct printer *printer)
{
    const struct class_table *table = printer->query.classes;
    VEC(const struct class_info *) shown = {0};

    for (uint32_t i = 0; i < table->classes.count; i++)
        if (is_shown(&table->classes.items[i]))
            vec_add(printer->arena, &shown, &table->classes.items[i]);
    if (shown.count)
        qsort(shown.items, shown.count, sizeof(*shown.items), class_order);
    for (uint32_t i = 0; i < shown.count; i++) {
        if (i)
            strbuf_add(&printer->text, "\n");
        printer->info = shown.items[i];
        class_print(printer);
    }
    if (!shown.count)
        strbuf_add(&printer->text, "no locks are taken\n");
}

bool locks_print(FILE *file, struct program *program,
                 enum short_sections short_sections, struct err *err)
{
    struct printer printer = {.arena = program->arena};

    printer.text.arena = program->arena;
    printer.query.program = program;
    printer.query.classes = class_gather(program, program->arena);
    printer.query.order = order_find(program, program->arena);
    printer.query.short_sections = short_sections;
    classes_print(&printer);
    escape_print_lines(file, printer.text.text);
    if (fflush(file))
        return err_set(err, "can't write: %s", strerror(errno));
    return true;
}
