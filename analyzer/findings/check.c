/*
 * Running the rules, see check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/check.h"

#include <stdarg.h>
#include <string.h>

#include "engine/victim.h"
#include "findings/query.h"
#include "findings/query_interrupt.h"
#include "findings/query_wait.h"

/* The list that CMake writes from the names of the files in rules/. */
#define RULE(name) extern const struct rule rule_##name;
#include "rule_list.inc"
#undef RULE

const struct rule *const rules[] = {
#define RULE(name) &rule_##name,
#include "rule_list.inc"
#undef RULE
};

const int rule_count = sizeof(rules) / sizeof(*rules);

/* One rule, being asked about one function. */
struct check {
    const struct rule *rule;
    const struct query *query;
    enum severity most;
    struct diag_list *out;
};

const struct rule *rule_find(const char *id)
{
    for (int i = 0; i < rule_count; i++)
        if (!strcmp(rules[i]->id, id))
            return rules[i];
    return NULL;
}

enum severity rule_default(const struct rule *rule)
{
    return rule->is_off ? SEVERITY_OFF : rule->severity;
}

/* At the end, for a finding may be raised while it is told. */
static void least_keep(struct diag_list *list, enum severity least)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->items.count; i++)
        if (list->items.items[i]->severity >= least)
            list->items.items[kept++] = list->items.items[i];
    list->items.count = kept;
}

/* Bounds that were hit: something may be missing, and who reads it should
 * know. */
static void bounds_tell(const struct query *query, struct diag_list *out)
{
    if (query->order->sets.is_bounded)
        vec_add(out->arena, &out->notes,
                "some functions take more locks than are followed for their "
                "order; not all of it is told");
    if (query->order->is_bounded)
        vec_add(out->arena, &out->notes,
                "locks are taken in more circles than are looked at; not all "
                "of them are told");
}

_Static_assert(EVENT_FREE < 32, "a bit for each kind");

/* Most functions have events of few kinds, and each rule asks for some. */
static void kinds_mark(struct event_list *events)
{
    for (uint32_t i = 0; i < events->items.count; i++)
        events->kinds |= 1u << events->items.items[i].kind;
}

static struct query query_make(struct program *program,
                               const struct check_options *options)
{
    struct query query = {
        .program = program,
        .short_sections = options->short_sections,
        .reports_all = options->reports_all,
    };

    for (uint32_t i = 0; i < program->fns.count; i++)
        kinds_mark(&program->fns.items[i]->events);
    query.classes = class_gather(program, program->arena);
    query.order = order_find(program, program->arena);
    query.callers = callgraph_callers(program, program->arena);
    query.signals = signals_gather(program, program->arena);
    query.interrupts = interrupts_gather(program, program->arena);
    query.overlap = overlap_new(query.order->calls, program->arena);
    query.victims = victims_find(query.order->calls, program->arena);
    return query;
}

void check_run(struct program *program, const struct check_options *options,
               struct diag_list *out)
{
    struct query query = query_make(program, options);

    for (uint32_t i = 0; i < program->fns.count; i++) {
        query.fn = program->fns.items[i];
        for (int at = 0; at < rule_count; at++) {
            struct check check = {rules[at], &query, options->severities[at],
                                  out};

            if (check.most != SEVERITY_OFF && rules[at]->check)
                rules[at]->check(&check, &query);
        }
    }
    query.fn = NULL;
    for (int at = 0; at < rule_count; at++) {
        struct check check = {rules[at], &query, options->severities[at], out};

        if (check.most != SEVERITY_OFF && rules[at]->check_program)
            rules[at]->check_program(&check, &query);
    }
    bounds_tell(&query, out);
    least_keep(out, options->least);
    diag_list_sort(out);
    diag_list_unique(out);
    diag_list_fold(out);
}

static const char *text_of(struct check *check, const char *format,
                           va_list args)
{
    return arena_vprintf(check->out->arena, format, args);
}

static void mark_add(struct check *check, struct diag *diag,
                     enum mark_role role, struct span span, const char *text)
{
    struct mark mark = {role, span, text};

    vec_add(check->out->arena, &diag->marks, mark);
}

static enum severity lower_of(enum severity one, enum severity two)
{
    return one < two ? one : two;
}

static struct span span_in(struct check *check, const struct fn *fn, ir_id op)
{
    struct query there = *check->query;

    there.fn = fn;
    return query_span(&there, op);
}

/* The head of its definition, as far as it stands on one line. */
static struct span fn_span(const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_loc *loc = &fn->ir->loc;

    return (struct span){
        .file = ir_text(unit, unit->files.items[loc->file].path),
        .line = loc->line,
        .column = loc->column,
        .end_line = loc->line,
        .end_column = loc->column + 1,
    };
}

static struct diag *diag_new(struct check *check, const struct fn *fn,
                             struct span span, enum severity severity,
                             const char *message)
{
    struct diag *diag = arena_alloc(check->out->arena, sizeof(*diag));

    diag->message = message;
    diag->rule = check->rule->id;
    diag->severity = lower_of(severity, check->most);
    diag->function = fn->name;
    diag->why = check->rule->why;
    diag->help = check->rule->instead;
    mark_add(check, diag, MARK_PRIMARY, span, NULL);
    vec_add(check->out->arena, &check->out->items, diag);
    return diag;
}

struct diag *diag_at(struct check *check, ir_id op, enum severity severity,
                     const char *format, ...)
{
    const char *message;
    va_list args;

    va_start(args, format);
    message = text_of(check, format, args);
    va_end(args);
    return diag_new(check, check->query->fn, query_span(check->query, op),
                    severity, message);
}

struct diag *diag_in(struct check *check, const struct fn *fn, ir_id op,
                     enum severity severity, const char *format, ...)
{
    const char *message;
    va_list args;

    va_start(args, format);
    message = text_of(check, format, args);
    va_end(args);
    return diag_new(check, fn, span_in(check, fn, op), severity, message);
}

struct diag *diag_of_fn(struct check *check, const struct fn *fn,
                        enum severity severity, const char *format, ...)
{
    const char *message;
    va_list args;

    va_start(args, format);
    message = text_of(check, format, args);
    va_end(args);
    return diag_new(check, fn, fn_span(fn), severity, message);
}

void diag_mark(struct check *check, struct diag *diag, enum mark_role role,
               ir_id op, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    mark_add(check, diag, role, query_span(check->query, op),
             text_of(check, format, args));
    va_end(args);
}

void diag_mark_in(struct check *check, struct diag *diag, enum mark_role role,
                  const struct fn *fn, ir_id op, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    mark_add(check, diag, role, span_in(check, fn, op),
             text_of(check, format, args));
    va_end(args);
}

void diag_mark_taken(struct check *check, struct diag *diag, ir_id acquired,
                     const struct lock_info *lock)
{
    if (!lock->taken_in) {
        diag_mark(check, diag, MARK_ACQUIRED, acquired, "'%s' is taken here",
                  lock->name);
        return;
    }
    diag_mark(check, diag, MARK_ACQUIRED, acquired,
              "'%s' returns with '%s' held", lock->taken_in->name, lock->name);
    diag_mark_in(check, diag, MARK_STEP, lock->taken_in, lock->taken_at,
                 "which it takes here");
}

void diag_why(struct check *check, struct diag *diag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag->why = text_of(check, format, args);
    va_end(args);
}

void diag_help(struct check *check, struct diag *diag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag->help = text_of(check, format, args);
    va_end(args);
}

void diag_raise(struct check *check, struct diag *diag, enum severity severity)
{
    enum severity wanted = lower_of(severity, check->most);

    if (wanted > diag->severity)
        diag->severity = wanted;
}

void diag_doubt(struct check *check, struct diag *diag,
                const struct lock_info *lock)
{
    if (lock->kind != LOCK_UNKNOWN)
        return;
    if (diag->severity > SEVERITY_WARNING)
        diag->severity = SEVERITY_WARNING;
    diag_why(check, diag,
             "%s; that it is a lock is guessed, by the names of what takes it "
             "and gives it back",
             check->rule->why);
}

struct arena *check_arena(struct check *check)
{
    return check->out->arena;
}

void diag_held(struct check *check, struct diag *diag, ir_id from, ir_id to)
{
    struct span first = query_span(check->query, from);
    struct span last = query_span(check->query, to);

    if (strcmp(first.file, last.file) != 0 || last.end_line < first.line)
        return;
    diag->held = first;
    diag->held.end_line = last.end_line;
    diag->held.end_column = last.end_column;
}

void diag_cause(struct check *check, struct diag *diag, const struct fn *fn,
                ir_id op)
{
    diag->cause = span_in(check, fn, op);
}
