/*
 * Access paths between caller and callee, see path.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/path.h"

#include <string.h>

#include "engine/field.h"

enum { LONGEST_PATH = 16 }; /* a list being walked, beyond */

struct builder {
    const struct flow *flow;
    struct arena *arena;
    node_id result; /* the value that is returned, if paths may start there */
    struct path path;
    struct path_step steps[LONGEST_PATH];
};

static bool step_add(struct builder *builder, struct path_step step)
{
    if (builder->path.step_count == LONGEST_PATH)
        return false;
    builder->steps[builder->path.step_count++] = step;
    return true;
}

static bool value_walk(struct builder *builder, node_id value);

static bool place_walk(struct builder *builder, node_id place)
{
    const struct ir_unit *unit = builder->flow->fn->unit;
    const struct node *node = node_get(&builder->flow->values, place);
    const struct ir_field *field;

    switch ((enum node_kind)node->kind) {
    case NODE_GLOBAL:
        builder->path.param = PATH_GLOBAL;
        builder->path.global = place_global_name(builder->flow, node);
        return true;
    case NODE_MEMORY:
        return value_walk(builder, node->a) &&
               step_add(builder, (struct path_step){.kind = STEP_DEREF});
    case NODE_FIELD:
        field = &unit->fields.items[node->b];
        return place_walk(builder, node->a) &&
               step_add(builder,
                        (struct path_step){
                            .kind = STEP_FIELD,
                            .record = ir_text(
                                unit, unit->records.items[field->record].name),
                            .field = ir_text(unit, field->name),
                            .class = field_class(builder->flow->program,
                                                 builder->flow->fn, node->b),
                        });
    default:
        return false;
    }
}

static bool value_walk(struct builder *builder, node_id value)
{
    const struct fn *fn = builder->flow->fn;
    const struct node *node = node_get(&builder->flow->values, value);
    const struct node *place;

    if (value && value == builder->result) {
        builder->path.param = PATH_RESULT;
        return true;
    }
    if (node->kind == VALUE_ADDR)
        return place_walk(builder, node->a) &&
               step_add(builder, (struct path_step){.kind = STEP_ADDR});
    if (node->kind != VALUE_INIT)
        return false;
    place = node_get(&builder->flow->values, node->a);
    if (place->kind == NODE_VAR &&
        place->a - fn->ir->first_var < fn->ir->param_count) {
        builder->path.param = (int)(place->a - fn->ir->first_var);
        return true;
    }
    return place_walk(builder, node->a) &&
           step_add(builder, (struct path_step){.kind = STEP_LOAD});
}

/* FNV-1a */
static uint32_t text_hash(uint32_t hash, const char *text)
{
    while (*text)
        hash = (hash ^ (unsigned char)*text++) * 16777619u;
    return hash;
}

/* Fields are enough to tell most paths apart. */
static uint32_t path_hash(const struct path *path)
{
    uint32_t hash =
        text_hash((uint32_t)path->param, path->global ? path->global : "");

    for (int i = 0; i < path->step_count; i++)
        if (path->steps[i].kind == STEP_FIELD)
            hash = text_hash(hash, path->steps[i].field);
    return hash;
}

static const struct path *path_keep(const struct builder *builder)
{
    struct path *path = arena_alloc(builder->arena, sizeof(*path));
    struct path_step *steps = arena_array(
        builder->arena, (size_t)builder->path.step_count, sizeof(*steps));

    *path = builder->path;
    if (path->step_count)
        memcpy(steps, builder->steps,
               (size_t)path->step_count * sizeof(*steps));
    path->steps = steps;
    path->hash = path_hash(path);
    return path;
}

const struct path *path_of_place(const struct flow *flow, node_id place,
                                 struct arena *arena)
{
    struct builder builder = {.flow = flow, .arena = arena};

    return place_walk(&builder, place) ? path_keep(&builder) : NULL;
}

const struct path *path_from_result(const struct flow *flow, node_id place,
                                    node_id returned, struct arena *arena)
{
    struct builder builder = {.flow = flow, .arena = arena, .result = returned};

    return place_walk(&builder, place) && builder.path.param == PATH_RESULT
               ? path_keep(&builder)
               : NULL;
}

const struct path *path_of_value(const struct flow *flow, node_id value,
                                 struct arena *arena)
{
    struct builder builder = {.flow = flow, .arena = arena};

    return value_walk(&builder, value) ? path_keep(&builder) : NULL;
}

const struct path *path_copy(const struct path *path, struct arena *arena)
{
    struct path *copy = arena_alloc(arena, sizeof(*copy));
    struct path_step *steps =
        arena_array(arena, (size_t)path->step_count, sizeof(*steps));

    *copy = *path;
    if (path->step_count)
        memcpy(steps, path->steps, (size_t)path->step_count * sizeof(*steps));
    copy->steps = steps;
    return copy;
}

/* Walks the path from `at`, where it starts. */
static node_id place_walk_to(struct flow *flow, const struct state *state,
                             node_id at, const struct path *path)
{
    struct values *values = &flow->values;

    for (int i = 0; at && i < path->step_count; i++) {
        const struct path_step *step = &path->steps[i];
        ir_id field;

        switch (step->kind) {
        case STEP_DEREF:
            at = place_at(values, at);
            break;
        case STEP_LOAD:
            at = state_load(state, values, at);
            break;
        case STEP_ADDR:
            at = value_addr(values, at);
            break;
        case STEP_FIELD:
            field =
                field_find(flow->program, flow->fn, step->record, step->field);
            at = field ? value_make(values, NODE_FIELD, at, field) : 0;
            break;
        }
    }
    return at;
}

node_id path_place(struct flow *flow, const struct state *state,
                   const struct site *site, const struct path *path)
{
    node_id start = 0;

    if (path->param >= 0)
        start = eval_arg(flow, state, site, path->param);
    else if (path->param == PATH_GLOBAL)
        start = place_global(flow, path->global);
    return place_walk_to(flow, state, start, path);
}

node_id path_place_in_result(struct flow *flow, const struct state *state,
                             node_id result, const struct path *path)
{
    return place_walk_to(flow, state, result, path);
}

bool path_equal(const struct path *one, const struct path *two)
{
    if (one->hash != two->hash || one->param != two->param ||
        one->step_count != two->step_count || !one->global != !two->global ||
        (one->global && strcmp(one->global, two->global) != 0))
        return false;
    for (int i = 0; i < one->step_count; i++) {
        const struct path_step *first = &one->steps[i];
        const struct path_step *second = &two->steps[i];

        if (first->kind != second->kind ||
            (first->kind == STEP_FIELD &&
             (strcmp(first->field, second->field) != 0 ||
              strcmp(first->record, second->record) != 0)))
            return false;
    }
    return true;
}
