/*
 * Printing unknown calls, see unknown.h. Names are sorted by how often they
 * are called, then by the alphabet; places are in the order of the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "unknown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"

struct call_site {
    const struct fn *fn;
    ir_id op;
};

struct name {
    const char *text; /* as called: `ops->flush` */
    bool is_indirect;
    VEC(struct call_site) places;
};

struct gather {
    struct arena arena;
    struct map numbers; /* text → index in names */
    VEC(struct name) names;
};

/* In code that may run in a task; elsewhere nobody asks. */
static bool is_counted(const struct fn *fn, const struct event *event)
{
    return fn->context & CONTEXT_ASYNC && event->kind == EVENT_UNKNOWN;
}

uint32_t unknown_count(const struct program *program)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++)
            count += is_counted(fn, &fn->events.items.items[k]);
    }
    return count;
}

static void call_add(struct gather *gather, const struct fn *fn,
                     const struct event *event)
{
    struct name name = {
        event->callee_name ? event->callee_name : "?", event->is_indirect, {0}};
    struct call_site site = {fn, event->op};
    bool is_new;
    uint32_t at =
        *map_add_str(&gather->numbers, name.text, gather->names.count, &is_new);

    if (is_new)
        vec_add(&gather->arena, &gather->names, name);
    vec_add(&gather->arena, &gather->names.items[at].places, site);
}

static int name_order(const void *one, const void *two)
{
    const struct name *first = one;
    const struct name *second = two;

    if (first->places.count != second->places.count)
        return first->places.count < second->places.count ? 1 : -1;
    return strcmp(first->text, second->text);
}

static void name_print(const struct name *name, struct strbuf *text)
{
    strbuf_printf(text, "'%s': %u call%s%s\n", name->text, name->places.count,
                  name->places.count == 1 ? "" : "s",
                  name->is_indirect ? " through a pointer" : "");
    for (uint32_t i = 0; i < name->places.count; i++) {
        const struct fn *fn = name->places.items[i].fn;
        const struct ir_loc *loc =
            &fn->unit->ops.items[name->places.items[i].op].loc;

        strbuf_printf(text, "  %s:%u:%u: in '%s'\n",
                      ir_text(fn->unit, fn->unit->files.items[loc->file].path),
                      loc->line, loc->column, fn->name);
    }
}

static void names_gather(struct gather *gather, const struct program *program)
{
    gather->numbers.arena = &gather->arena;
    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++)
            if (is_counted(fn, &fn->events.items.items[k]))
                call_add(gather, fn, &fn->events.items.items[k]);
    }
    if (gather->names.count)
        qsort(gather->names.items, gather->names.count,
              sizeof(*gather->names.items), name_order);
}

bool unknown_print(FILE *file, const struct program *program, struct err *err)
{
    struct gather gather = {0};
    struct strbuf text = {.arena = &gather.arena};

    names_gather(&gather, program);
    for (uint32_t i = 0; i < gather.names.count; i++)
        name_print(&gather.names.items[i], &text);
    if (!gather.names.count)
        strbuf_add(&text, "all calls in async code lead where something is "
                          "known\n");
    escape_print_lines(file, text.text);
    arena_finish(&gather.arena);
    return !fflush(file) || err_set(err, "can't write: %s", strerror(errno));
}
