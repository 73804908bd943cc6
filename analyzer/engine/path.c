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

int path_param(const struct flow *flow, node_id value)
{
    const struct node *node = node_get(&flow->values, value);

    if (node->kind != VALUE_INIT)
        return -1;
    node = node_get(&flow->values, node->a);
    return node->kind == NODE_VAR ? ir_param(flow->fn->ir, node->a) : -1;
}

/* A number, or a parameter as it came. */
static bool index_add(struct builder *builder, node_id value)
{
    struct path_step step = {
        .kind = STEP_INDEX,
        .index_param = path_param(builder->flow, value),
    };

    if (step.index_param < 0 &&
        !value_is_const(&builder->flow->values, value, &step.index))
        return false;
    return step_add(builder, step);
}

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
    case NODE_INDEX:
        return place_walk(builder, node->a) && index_add(builder, node->b);
    case NODE_FIELD:
        if (node->b & HIDDEN)
            return place_walk(builder, node->a) &&
                   step_add(
                       builder,
                       builder->flow->hidden_fields.items[node->b & ~HIDDEN]);
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
    const struct node *node = node_get(&builder->flow->values, value);
    int param = path_param(builder->flow, value);

    if (value && value == builder->result) {
        builder->path.param = PATH_RESULT;
        return true;
    }
    if (node->kind == VALUE_ADDR)
        return place_walk(builder, node->a) &&
               step_add(builder, (struct path_step){.kind = STEP_ADDR});
    /* What a pointer in memory leads to in a loop is what it led to before, as
     * far as nobody here stores another. */
    if (node->kind == VALUE_PHI &&
        place_is_shared(&builder->flow->values, node->b))
        return place_walk(builder, node->b) &&
               step_add(builder, (struct path_step){.kind = STEP_LOAD});
    if (node->kind != VALUE_INIT)
        return false;
    if (param >= 0) {
        builder->path.param = param;
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

/* Fields and their records are enough to tell most paths apart. */
static uint32_t path_hash(const struct path *path)
{
    uint32_t hash =
        text_hash((uint32_t)path->param, path->global ? path->global : "");

    for (int i = 0; i < path->step_count; i++)
        if (path->steps[i].kind == STEP_FIELD)
            hash = text_hash(text_hash(hash, path->steps[i].record),
                             path->steps[i].field);
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

/* What an undeclared function returns is of no known type, and the field is
 * that of whatever it is used as. */
static bool is_same_field(const struct path_step *one,
                          const struct path_step *two)
{
    return (one->field == two->field || !strcmp(one->field, two->field)) &&
           (one->record == two->record || !strcmp(one->record, two->record) ||
            *one->record == '?' || *two->record == '?');
}

/* A field of a record that is only named here: a handle. */
static ir_id field_hidden(struct flow *flow, const struct path_step *step)
{
    uint32_t at = 0;

    while (at < flow->hidden_fields.count &&
           !is_same_field(&flow->hidden_fields.items[at], step))
        at++;
    if (at == flow->hidden_fields.count)
        vec_add(flow->arena, &flow->hidden_fields, *step);
    return at | HIDDEN;
}

node_id path_hidden_field(struct flow *flow, node_id at, const char *record,
                          const char *field)
{
    struct path_step step = {
        .kind = STEP_FIELD,
        .record = *record ? record : "?",
        .field = field,
        .class = arena_printf(flow->program->arena, "%s.%s", record, field),
    };

    return value_make(&flow->values, NODE_FIELD, at, field_hidden(flow, &step));
}

static node_id field_place(struct flow *flow, node_id at,
                           const struct path_step *step)
{
    ir_id field =
        field_find(flow->program, flow->fn, step->record, step->field);

    return value_make(&flow->values, NODE_FIELD, at,
                      field ? field : field_hidden(flow, step));
}

static node_id index_place(struct flow *flow, const struct state *state,
                           const struct site *site, node_id at,
                           const struct path_step *step)
{
    node_id index = step->index_param < 0
                        ? value_const(&flow->values, step->index)
                        : eval_arg(flow, state, site, step->index_param);

    return index ? value_make(&flow->values, NODE_INDEX, at, index) : 0;
}

node_id path_place_from(struct flow *flow, const struct state *state,
                        const struct site *site, node_id at,
                        const struct path *path)
{
    struct values *values = &flow->values;

    for (int i = 0; at && i < path->step_count; i++) {
        const struct path_step *step = &path->steps[i];

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
            at = field_place(flow, at, step);
            break;
        case STEP_INDEX:
            at = index_place(flow, state, site, at, step);
            break;
        }
    }
    return at;
}

node_id path_place(struct flow *flow, const struct state *state,
                   const struct site *site, const struct path *path)
{
    node_id start = 0;

    if (path->param >= 0 && path->step_count == 1 &&
        path->steps[0].kind == STEP_DEREF)
        start = place_object(flow, state, site, path->param);
    if (start)
        return start;
    if (path->param >= 0)
        start = eval_arg(flow, state, site, path->param);
    else if (path->param == PATH_GLOBAL)
        start = place_global(flow, path->global);
    return path_place_from(flow, state, site, start, path);
}

static bool is_same_step(const struct path_step *one,
                         const struct path_step *two)
{
    if (one->kind != two->kind)
        return false;
    if (one->kind == STEP_FIELD)
        return is_same_field(one, two);
    return one->kind != STEP_INDEX ||
           (one->index_param == two->index_param && one->index == two->index);
}

bool path_starts(const struct path *path, const struct path *start)
{
    if (path->param != start->param || path->step_count < start->step_count ||
        !path->global != !start->global ||
        (path->global && strcmp(path->global, start->global) != 0))
        return false;
    for (int i = 0; i < start->step_count; i++)
        if (!is_same_step(&path->steps[i], &start->steps[i]))
            return false;
    return true;
}

bool path_equal(const struct path *one, const struct path *two)
{
    return one == two ||
           (one->hash == two->hash && one->step_count == two->step_count &&
            path_starts(one, two));
}
