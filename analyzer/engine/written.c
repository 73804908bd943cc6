/*
 * Who may write what, see written.h. Writers are found by name in the whole
 * program, once; who reaches one of them, for each name that is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/written.h"

#include <string.h>

#include "base/str.h"
#include "engine/callgraph.h"
#include "ir/ir_same.h"

struct name {
    VEC(const struct fn *) writers;
    const bool *reached; /* by number of the function; NULL: not yet asked */
};

struct written {
    struct arena *arena;
    written_answers asked;
    struct map by_text; /* → index into names */
    VEC(struct name) names;
    const struct callers *callers;
};

static uint32_t name_add(struct written *written, struct ir_named named,
                         struct strbuf *scratch)
{
    bool is_new;
    uint32_t at;

    scratch->length = 0;
    if (named.record) {
        strbuf_add(scratch, named.record);
        strbuf_add_bytes(scratch, ".", 1);
    }
    strbuf_add(scratch, named.name);
    at = *map_add(&written->by_text, scratch->text, scratch->length,
                  written->names.count, &is_new);
    if (is_new)
        vec_add(written->arena, &written->names, (struct name){0});
    return at;
}

static void writer_add(struct written *written, const struct fn *fn,
                       struct ir_named named, struct strbuf *scratch)
{
    uint32_t at = name_add(written, named, scratch);
    struct name *list = &written->names.items[at];

    if (!list->writers.count ||
        list->writers.items[list->writers.count - 1] != fn)
        vec_add(written->arena, &list->writers, fn);
}

/* The field or global that a place is, or is an element of. */
static void place_gather(struct written *written, const struct fn *fn, ir_id id,
                         struct strbuf *scratch)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *place = &unit->exprs.items[id];
    struct ir_named named;

    while (place->kind == IR_EXPR_INDEX)
        place = &unit->exprs.items[place->a];
    if (ir_named_of(unit, place, &named))
        writer_add(written, fn, named, scratch);
}

/* What is assigned, and what others are given the address of. */
static void fn_gather(struct written *written, const struct fn *fn,
                      struct strbuf *scratch)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_ASSIGN)
            place_gather(written, fn, op->a, scratch);
        for (uint32_t k = 0; op->kind == IR_CALL && k < op->args.count; k++) {
            ir_id arg = ir_list_at(unit, op->args, k);

            if (unit->exprs.items[arg].kind == IR_EXPR_ADDR)
                place_gather(written, fn, unit->exprs.items[arg].a, scratch);
        }
    }
}

static struct written *written_get(struct program *program)
{
    struct written *written = program->written;
    struct arena scratch = {0};
    struct strbuf text = {.arena = &scratch};

    if (written)
        return written;
    written = arena_alloc(program->arena, sizeof(*written));
    *written = (struct written){
        .arena = program->arena,
        .by_text.arena = program->arena,
        .callers = callgraph_callers(program, program->arena),
    };
    for (uint32_t i = 0; i < program->fns.count; i++)
        fn_gather(written, program->fns.items[i], &text);
    arena_finish(&scratch);
    program->written = written;
    return written;
}

/* Who calls a writer, who calls him, and so on. */
static const bool *reach_find(const struct program *program,
                              const struct written *written,
                              const struct name *name)
{
    bool *reaches = arena_array(program->arena, program->fns.count, 1);
    struct arena scratch = {0};
    VEC(const struct fn *) work = {0};

    for (uint32_t i = 0; i < name->writers.count; i++) {
        reaches[name->writers.items[i]->number] = true;
        vec_add(&scratch, &work, name->writers.items[i]);
    }
    for (uint32_t i = 0; i < work.count; i++)
        for_each_caller(written->callers, work.items[i], caller)
        {
            if (reaches[caller->fn->number] || !edge_is_now(caller->edge))
                continue;
            reaches[caller->fn->number] = true;
            vec_add(&scratch, &work, caller->fn);
        }
    arena_finish(&scratch);
    return reaches;
}

static bool named_of_path(const struct path *path, struct ir_named *named)
{
    int last = path->step_count - 1;

    if (last < 0 || path->steps[last].kind != STEP_LOAD)
        return false;
    if (last == 0)
        *named = (struct ir_named){NULL, path->global};
    else if (path->steps[last - 1].kind == STEP_FIELD)
        *named = (struct ir_named){path->steps[last - 1].record,
                                   path->steps[last - 1].field};
    else
        return false;
    return named->name != NULL;
}

const char *written_name(struct program *program, const struct path *path,
                         struct arena *scratch)
{
    struct strbuf text = {.arena = scratch};
    struct written *written;
    struct ir_named named;
    uint32_t at;

    if (!named_of_path(path, &named))
        return NULL;
    written = written_get(program);
    at = name_add(written, named, &text);
    return written->by_text.entries.items[at].key;
}

/* Each state of a function asks the same. */
static void answer_note(struct written *written, struct written_answer answer)
{
    const written_answers *asked = &written->asked;

    for (uint32_t i = asked->count; i > 0; i--) {
        if (asked->items[i - 1].fn != answer.fn)
            break;
        if (!strcmp(asked->items[i - 1].name, answer.name))
            return;
    }
    vec_add(written->arena, &written->asked, answer);
}

bool written_in(struct program *program, const char *name, const struct fn *fn)
{
    struct written *written = written_get(program);
    struct written_answer answer = {.name = name, .fn = fn};
    bool is_new;
    uint32_t at =
        *map_add_str(&written->by_text, name, written->names.count, &is_new);

    if (is_new)
        vec_add(written->arena, &written->names, (struct name){0});
    if (!written->names.items[at].reached)
        written->names.items[at].reached =
            reach_find(program, written, &written->names.items[at]);
    answer.is_written = written->names.items[at].reached[fn->number];
    answer_note(written, answer);
    return answer.is_written;
}

const written_answers *written_asked(const struct program *program)
{
    static const written_answers none;

    return program->written ? &program->written->asked : &none;
}

void written_forget(struct program *program)
{
    if (program->written)
        program->written->asked.count = 0;
}
