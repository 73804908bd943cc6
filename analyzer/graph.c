/*
 * Printing the call graph, see graph.h: the functions of the program in the
 * order of units and of their text, each with its edges in the order of its
 * ops. Calls to what has no body are shown when a pack knows what they do, or
 * when they go through a pointer of which nobody knows where it leads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "graph.h"

#include "base/map.h"
#include "base/str.h"
#include "engine/callee.h"
#include "engine/callgraph.h"
#include "engine/chain.h"
#include "output/escape.h"
#include "why.h"

struct graph {
    FILE *file;
    const struct program *program;
    struct arena arena;
    bool *is_shown;     /* by function number */
    struct map outside; /* nodes of dot that are no functions of the program */
};

static bool shown_find(struct graph *graph, const char *name);
static void text_print(struct graph *graph);
static void dot_print(struct graph *graph);

bool graph_print(FILE *file, const struct program *program, const char *name,
                 bool is_dot, struct err *err)
{
    struct graph graph = {.file = file, .program = program};
    bool is_found;

    graph.outside.arena = &graph.arena;
    graph.is_shown =
        arena_array(&graph.arena, program->fns.count, sizeof(bool));
    is_found = shown_find(&graph, name);
    if (!is_found)
        why_name_fail(program, name, err);
    else if (is_dot)
        dot_print(&graph);
    else
        text_print(&graph);
    arena_finish(&graph.arena);
    return is_found;
}

struct reach {
    bool *is_seen; /* by function number */
    VEC(uint32_t) queue;
};

static void reach_add(struct graph *graph, struct reach *reach, uint32_t fn)
{
    if (reach->is_seen[fn])
        return;
    reach->is_seen[fn] = true;
    vec_add(&graph->arena, &reach->queue, fn);
}

/* All that lead to it, and all that it leads to. */
static void shown_grow(struct graph *graph, const struct fn *fn)
{
    const struct program *program = graph->program;
    const struct callers *callers = callgraph_callers(program, &graph->arena);
    bool *is_above =
        arena_array(&graph->arena, program->fns.count, sizeof(bool));
    struct reach below = {.is_seen = graph->is_shown};
    struct reach above = {.is_seen = is_above};

    reach_add(graph, &above, fn->number);
    for (uint32_t i = 0; i < above.queue.count; i++) {
        const struct fn *at = program->fns.items[above.queue.items[i]];

        for_each_caller(callers, at, caller)
        {
            reach_add(graph, &above, caller->fn->number);
        }
    }
    reach_add(graph, &below, fn->number);
    for (uint32_t i = 0; i < below.queue.count; i++) {
        const struct call_edges *edges =
            program->fns.items[below.queue.items[i]]->edges;

        for (uint32_t k = 0; k < edges->items.count; k++)
            for (uint32_t to = 0; to < edges->items.items[k].count; to++)
                reach_add(graph, &below, edges->items.items[k].to[to]->number);
    }
    for (uint32_t i = 0; i < program->fns.count; i++)
        graph->is_shown[i] = graph->is_shown[i] || is_above[i];
}

static bool shown_find(struct graph *graph, const char *name)
{
    bool is_found = !name;

    for (uint32_t i = 0; i < graph->program->fns.count; i++) {
        const struct fn *fn = graph->program->fns.items[i];

        if (!name)
            graph->is_shown[i] = !(fn->ir->flags & IR_FN_INITS);
        else if (why_is_meant(fn, name)) {
            shown_grow(graph, fn);
            is_found = true;
        }
    }
    return is_found;
}

static bool has_event(const struct fn *fn, enum event_kind kind, ir_id op)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == kind &&
            (!op || fn->events.items.items[i].op == op))
            return true;
    return false;
}

/* "task, thread; suspends, blocks": what is known of the function. */
static const char *traits_text(struct graph *graph, const struct fn *fn)
{
    static const char *const places[] = {"task", "outside tasks", "thread",
                                         "pool"};
    struct strbuf text = {.arena = &graph->arena};

    for (uint32_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        if (fn->context & 1u << i)
            strbuf_printf(&text, "%s%s", text.length ? ", " : "", places[i]);
    if (!text.length)
        strbuf_add(&text, "nowhere");
    if (has_event(fn, EVENT_SUSPEND, 0))
        strbuf_add(&text, "; suspends");
    if (has_event(fn, EVENT_BLOCK, 0))
        strbuf_add(&text, "; blocks");
    if (fn->trouble)
        strbuf_add(&text, "; not analysed");
    return strbuf_text(&text);
}

static const char *edge_verb(const struct call_edge *edge)
{
    switch (edge->timing) {
    case TIMING_NOW:
        return edge->by_callback ? "has run" : "calls";
    case TIMING_TASK:
        return "starts as a task";
    case TIMING_THREAD:
        return "starts on a thread";
    case TIMING_POOL:
        return "hands to the pool";
    case TIMING_LATER:
        return "has run later";
    case TIMING_ATOMIC:
    case TIMING_INTERRUPT:
        return "has run in an interrupt";
    case TIMING_UNKNOWN:
        break;
    }
    return "hands on";
}

static struct callee callee_at(const struct graph *graph, const struct fn *fn,
                               ir_id op)
{
    return callee_find(graph->program, fn, &fn->unit->ops.items[op]);
}

static bool is_parameter(const struct fn *fn, ir_id expr)
{
    const struct ir_expr *found = &fn->unit->exprs.items[expr];

    return found->kind == IR_EXPR_VAR &&
           fn->unit->vars.items[found->var].flags & IR_VAR_PARAM;
}

/* A call that ends at something worth telling outside the program; what it
 * does there, or NULL. */
static const char *outside_text(const struct fn *fn,
                                const struct callee_site *site)
{
    const struct callee *callee = &site->callee;

    if (callee->is_covered || (callee->body && !callee->meaning) ||
        (callee->now.items.count && !callee->meaning))
        return NULL;
    if (callee->is_indirect)
        return is_parameter(fn, fn->unit->ops.items[site->op].a)
                   ? "its caller gives it"
                   : "leads to what is not known";
    if (!callee->meaning && !callee->is_awaited && !callee->async_pack)
        return NULL;
    if (has_event(fn, EVENT_SUSPEND, site->op))
        return "suspends";
    return has_event(fn, EVENT_BLOCK, site->op) ? "blocks" : NULL;
}

static void tell(struct graph *graph, const char *text)
{
    escape_print(graph->file, text);
    fputc('\n', graph->file);
}

static void text_edges_print(struct graph *graph, const struct fn *fn, ir_id op)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];
        const char *through = "";

        if (edge->op != op)
            continue;
        if (edge->by_pointer || edge->by_callback)
            through = arena_printf(&graph->arena, ", %s '%s'",
                                   edge->by_pointer ? "through" : "by",
                                   callee_at(graph, fn, op).name);
        for (uint32_t to = 0; to < edge->count; to++)
            tell(graph,
                 arena_printf(&graph->arena, "  %u: %s '%s'%s",
                              fn->unit->ops.items[op].loc.line, edge_verb(edge),
                              edge->to[to]->name, through));
    }
}

static void text_print(struct graph *graph)
{
    for (uint32_t i = 0; i < graph->program->fns.count; i++) {
        const struct fn *fn = graph->program->fns.items[i];

        if (!graph->is_shown[i])
            continue;
        tell(graph,
             arena_printf(&graph->arena, "%s:%u: '%s': %s", fn->file,
                          fn->ir->loc.line, fn->name, traits_text(graph, fn)));
        for (uint32_t k = 0; k < fn->callees->items.count; k++) {
            const struct callee_site *site = &fn->callees->items.items[k];
            const char *outside = outside_text(fn, site);

            text_edges_print(graph, fn, site->op);
            if (outside)
                tell(graph,
                     arena_printf(&graph->arena, "  %u: calls '%s', which %s",
                                  fn->unit->ops.items[site->op].loc.line,
                                  site->callee.name, outside));
        }
    }
}

/* In double quotes of dot only these two mean something. */
static const char *dot_quoted(struct graph *graph, const char *text)
{
    struct strbuf harmless = {.arena = &graph->arena};
    struct strbuf quoted = {.arena = &graph->arena};

    escape_text(&harmless, true, text);
    for (const char *at = strbuf_text(&harmless); *at; at++) {
        if (*at == '"' || *at == '\\')
            strbuf_add(&quoted, "\\");
        strbuf_add_bytes(&quoted, at, 1);
    }
    return strbuf_text(&quoted);
}

/* Blue where tasks run, grey where nobody is known to; mixed is violet. */
static const char *dot_color(const struct fn *fn)
{
    if (!fn->context)
        return "gray90";
    if (!(fn->context & CONTEXT_ASYNC))
        return "white";
    return fn->context == CONTEXT_ASYNC ? "lightblue" : "plum";
}

static void dot_node_print(struct graph *graph, const struct fn *fn)
{
    fprintf(graph->file, "  f%u [label=\"%s\\n%s:%u\\n%s\", fillcolor=%s%s];\n",
            fn->number, dot_quoted(graph, fn->name),
            dot_quoted(graph, fn->file), fn->ir->loc.line,
            traits_text(graph, fn), dot_color(fn),
            has_event(fn, EVENT_SUSPEND, 0) ? ", peripheries=2" : "");
}

static void dot_edge_print(struct graph *graph, const struct fn *fn,
                           const struct call_edge *edge, const struct fn *to)
{
    const char *style = "solid";

    if (!graph->is_shown[to->number])
        return;
    if (edge->timing != TIMING_NOW)
        style = "dotted";
    else if (edge->by_pointer || edge->by_callback)
        style = "dashed";
    fprintf(graph->file, "  f%u -> f%u [style=%s", fn->number, to->number,
            style);
    if (edge->by_pointer)
        fprintf(graph->file, ", label=\"%s\"",
                dot_quoted(graph, callee_at(graph, fn, edge->op).name));
    else if (edge->timing != TIMING_NOW || edge->by_callback)
        fprintf(graph->file, ", label=\"%s\"", edge_verb(edge));
    fputs("];\n", graph->file);
}

static void dot_edges_print(struct graph *graph, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        for (uint32_t to = 0; to < edge->count; to++)
            dot_edge_print(graph, fn, edge, edge->to[to]);
    }
}

static void dot_outside_print(struct graph *graph, const struct fn *fn,
                              const struct callee_site *site)
{
    const char *outside = outside_text(fn, site);
    bool is_new;
    uint32_t number;

    if (!outside)
        return;
    number = *map_add_str(
        &graph->outside,
        arena_printf(&graph->arena, "%s %s", site->callee.name, outside),
        graph->outside.entries.count, &is_new);
    if (is_new)
        fprintf(graph->file,
                "  o%u [label=\"%s\\n%s\", shape=ellipse, fillcolor=%s];\n",
                number, dot_quoted(graph, site->callee.name), outside,
                site->callee.is_indirect ? "lightyellow" : "white");
    fprintf(graph->file, "  f%u -> o%u [style=%s];\n", fn->number, number,
            site->callee.is_indirect ? "dashed" : "solid");
}

static void dot_print(struct graph *graph)
{
    fputs("digraph calls {\n  rankdir=LR;\n"
          "  node [shape=box, style=filled];\n",
          graph->file);
    for (uint32_t i = 0; i < graph->program->fns.count; i++)
        if (graph->is_shown[i])
            dot_node_print(graph, graph->program->fns.items[i]);
    for (uint32_t i = 0; i < graph->program->fns.count; i++) {
        const struct fn *fn = graph->program->fns.items[i];

        if (!graph->is_shown[i])
            continue;
        dot_edges_print(graph, fn);
        for (uint32_t k = 0; k < fn->callees->items.count; k++)
            dot_outside_print(graph, fn, &fn->callees->items.items[k]);
    }
    fputs("}\n", graph->file);
}
