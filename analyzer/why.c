/*
 * Printing chains, see why.h. One section for each question, one line for
 * each step of its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "why.h"

#include <string.h>

#include "base/str.h"
#include "engine/callee.h"
#include "engine/chain.h"
#include "output/escape.h"

struct why {
    FILE *file;
    const struct program *program;
    const struct fn *fn;
    struct arena *arena;
};

static void fn_explain(struct why *why);

bool why_is_meant(const struct fn *fn, const char *name)
{
    const char *colon = strrchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : 0;
    size_t file = strlen(fn->file);

    if (fn->ir->flags & IR_FN_INITS)
        return false;
    if (!colon)
        return !strcmp(fn->name, name);
    return !strcmp(fn->name, colon + 1) && length <= file &&
           !strncmp(fn->file + file - length, name, length) &&
           (length == file || fn->file[file - length - 1] == '/');
}

bool why_name_fail(const struct program *program, const char *name,
                   struct err *err)
{
    struct arena arena = {0};
    const char **names =
        arena_array(&arena, program->fns.count + 1, sizeof(*names));
    const char *near;

    for (uint32_t i = 0; i < program->fns.count; i++)
        names[i] = program->fns.items[i]->name;
    near = str_did_you_mean(name, names);
    if (near)
        err_set(err,
                "no function '%s' is defined in what was read; did you mean "
                "'%s'?",
                name, near);
    else
        err_set(err, "no function '%s' is defined in what was read", name);
    arena_finish(&arena);
    return false;
}

bool why_print(FILE *file, const struct program *program, const char *name,
               struct err *err)
{
    bool is_found = false;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct arena arena = {0};
        struct why why = {file, program, program->fns.items[i], &arena};

        if (!why_is_meant(why.fn, name))
            continue;
        if (is_found)
            fputc('\n', file);
        fn_explain(&why);
        is_found = true;
        arena_finish(&arena);
    }
    return is_found || why_name_fail(program, name, err);
}

/* All text of the tree goes through here. */
static void tell(struct why *why, const char *text)
{
    escape_print(why->file, text);
    fputc('\n', why->file);
}

static const char *callee_name(const struct why *why, const struct fn *fn,
                               ir_id op)
{
    return callee_find(why->program, fn, &fn->unit->ops.items[op]).name;
}

/* How `step` has the function run to which its edge leads. */
static const char *edge_text(const struct why *why,
                             const struct chain_step *step)
{
    const char *from = step->fn->name;
    const char *to = step->to->name;
    const char *callee = callee_name(why, step->fn, step->op);

    switch (step->edge->timing) {
    case TIMING_NOW:
        if (step->edge->by_callback)
            return arena_printf(why->arena,
                                "'%s' hands '%s' to '%s', which calls it", from,
                                to, callee);
        if (step->edge->by_pointer)
            return arena_printf(why->arena, "'%s' calls '%s', through '%s'",
                                from, to, callee);
        return arena_printf(why->arena, "'%s' calls '%s'", from, to);
    case TIMING_TASK:
        return arena_printf(why->arena, "'%s' starts '%s' as a task, by '%s'",
                            from, to, callee);
    case TIMING_THREAD:
        return arena_printf(why->arena, "'%s' starts '%s' on a thread, by '%s'",
                            from, to, callee);
    case TIMING_POOL:
        return arena_printf(
            why->arena,
            "'%s' hands '%s' to the threads that may block, by '%s'", from, to,
            callee);
    case TIMING_LATER:
        return arena_printf(why->arena,
                            "'%s' hands '%s' to '%s', which has it run later",
                            from, to, callee);
    case TIMING_ATOMIC:
    case TIMING_INTERRUPT:
        return arena_printf(why->arena,
                            "'%s' hands '%s' to '%s', which has it run where "
                            "nothing may suspend",
                            from, to, callee);
    case TIMING_UNKNOWN:
        break;
    }
    return arena_printf(
        why->arena, "'%s' hands '%s' to '%s', and nobody says when it runs it",
        from, to, callee);
}

static const char *event_text(const struct why *why, const struct fn *fn,
                              const struct event *event)
{
    const char *reason = event->meaning ? event->meaning->reason : NULL;

    switch (event->kind) {
    case EVENT_SUSPEND:
        return arena_printf(why->arena, "'%s' may suspend in '%s'", fn->name,
                            event->callee_name);
    case EVENT_BLOCK:
        return arena_printf(why->arena, "'%s' calls '%s', which %s", fn->name,
                            event->callee_name, reason ? reason : "may block");
    case EVENT_ACQUIRE:
        return arena_printf(why->arena, "'%s' takes '%s'", fn->name,
                            event->lock.name);
    default:
        return arena_printf(why->arena,
                            "'%s' calls '%s', of which nothing is known",
                            fn->name, event->callee_name);
    }
}

static void place_print(struct why *why, const struct fn *fn,
                        const struct ir_loc *loc, const char *text)
{
    tell(why,
         arena_printf(why->arena, "  %s:%u:%u: %s",
                      ir_text(fn->unit, fn->unit->files.items[loc->file].path),
                      loc->line, loc->column, text));
}

static void chain_print(struct why *why, const struct chain *chain)
{
    for (uint32_t i = 0; i < chain->steps.count; i++) {
        const struct chain_step *step = &chain->steps.items[i];

        place_print(why, step->fn, &step->fn->unit->ops.items[step->op].loc,
                    step->edge ? edge_text(why, step)
                               : event_text(why, step->fn, step->event));
    }
}

static void root_print(struct why *why, const struct fn *root, uint32_t context)
{
    const char *text = "'%s' is where the program begins";

    if (!(root->own_context & context))
        return;
    if (context == CONTEXT_ASYNC && root->async_pack) {
        place_print(why, root, &root->ir->loc,
                    arena_printf(why->arena,
                                 "'%s' is marked as async code of '%s'",
                                 root->name, root->async_pack->name));
        return;
    }
    if (context != CONTEXT_SYNC || strcmp(root->name, "main") != 0)
        text = "'%s' is marked so";
    place_print(why, root, &root->ir->loc,
                arena_printf(why->arena, text, root->name));
}

static bool context_explain(struct why *why, uint32_t context,
                            const char *sentence)
{
    const struct fn *root;
    struct chain chain;

    if (!(why->fn->context & context))
        return false;
    chain = chain_up(why->program, why->fn, context, &root, why->arena);
    tell(why, sentence);
    if (root)
        root_print(why, root, context);
    chain_print(why, &chain);
    return true;
}

/* The fields and variables that it is stored in. */
static void stores_print(struct why *why)
{
    const struct program *program = why->program;

    for (uint32_t i = 0; i < program->pointers.entries.count; i++) {
        const struct map_entry *entry = &program->pointers.entries.items[i];
        const struct fn_list *targets = &program->targets.items[entry->value];

        for (uint32_t k = 0; k < targets->items.count; k++)
            if (targets->items.items[k] == why->fn)
                tell(why, arena_printf(
                              why->arena,
                              "  it is stored in '%.*s', and nothing that "
                              "is known to run calls it there",
                              (int)entry->length, (const char *)entry->key));
    }
}

/* Handed over somewhere, to be run who knows when. */
static void handed_print(struct why *why)
{
    for (uint32_t i = 0; i < why->program->fns.count; i++) {
        const struct fn *fn = why->program->fns.items[i];

        for (uint32_t k = 0; k < fn->edges->items.count; k++) {
            const struct call_edge *edge = &fn->edges->items.items[k];
            struct chain chain = {0};
            struct chain_step step = {fn, why->fn, edge->op, edge, NULL};

            if (*edge->to != why->fn || (edge->timing != TIMING_LATER &&
                                         edge->timing != TIMING_UNKNOWN))
                continue;
            vec_add(why->arena, &chain.steps, step);
            chain_print(why, &chain);
        }
    }
}

static void unreached_explain(struct why *why)
{
    const struct fn *root;
    struct chain chain = chain_up(why->program, why->fn, 0, &root, why->arena);

    tell(why, "nothing that is known to run leads to it");
    chain_print(why, &chain);
    if (root && root != why->fn)
        tell(why, arena_printf(why->arena, "  nobody is known to call '%s'",
                               root->name));
    else if (root)
        tell(why, "  nobody is known to call it");
    stores_print(why);
    handed_print(why);
}

static bool question_answer(struct why *why, enum chain_wanted wanted,
                            const char *yes)
{
    struct chain chain =
        chain_down(why->program, why->fn, 0, wanted, why->arena);

    if (!chain.steps.count)
        return false;
    tell(why, yes);
    chain_print(why, &chain);
    return true;
}

static void fn_explain(struct why *why)
{
    const struct fn *fn = why->fn;
    bool suspends;
    bool blocks;

    tell(why, arena_printf(why->arena, "'%s' (%s:%u)", fn->name, fn->file,
                           fn->ir->loc.line));
    if (!context_explain(why, CONTEXT_ASYNC, "it runs in a task"))
        tell(why, "no task is known to run it");
    context_explain(why, CONTEXT_SYNC, "it runs outside tasks");
    context_explain(why, CONTEXT_THREAD, "it runs on a thread of its own");
    context_explain(why, CONTEXT_POOL, "it runs on a thread that may block");
    if (!fn->context)
        unreached_explain(why);
    if (fn->trouble) {
        tell(why,
             arena_printf(why->arena, "it is not analysed: %s", fn->trouble));
        return;
    }
    suspends = question_answer(why, CHAIN_SUSPENDS, "it may suspend");
    if (!suspends)
        tell(why, "it is not known to suspend");
    blocks = question_answer(why, CHAIN_BLOCKS, "it may block");
    if (!blocks)
        tell(why, "it is not known to block, other than on locks");
    question_answer(why, CHAIN_LOCKS, "it takes a lock that stops the thread");
    if (!suspends || !blocks)
        question_answer(why, CHAIN_UNKNOWN,
                        "it calls what nothing is known of");
}
