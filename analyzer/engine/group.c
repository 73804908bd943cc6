/*
 * Groups of functions, see group.h. Lists that are one are one array.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/group.h"

#include <string.h>

/* Padding counts, too, where keys are compared. */
struct key {
    uintptr_t items;
    uintptr_t count;
};

static struct fn_group *group_make(struct program *program,
                                   const struct fn_list *list)
{
    struct fn_group *group = arena_alloc(program->arena, sizeof(*group));

    group->items = list->items.items;
    group->count = list->items.count;
    group->number = program->groups.count;
    vec_add(program->arena, &program->groups, group);
    for (uint32_t i = 0; i < group->count; i++)
        vec_add(program->arena, &group->items[i]->groups, group);
    return group;
}

struct fn_group *group_get(struct program *program, const struct fn_list *list)
{
    struct key key = {(uintptr_t)list->items.items, list->items.count};
    uint32_t at;
    bool is_new;

    if (list->items.count < 2)
        return NULL;
    program->group_numbers.arena = program->arena;
    at = *map_add(&program->group_numbers, &key, sizeof(key),
                  program->groups.count, &is_new);
    return is_new ? group_make(program, list) : program->groups.items[at];
}

enum tristate tristate_worse(enum tristate one, enum tristate two)
{
    static const int ranks[] = {
        [ANSWER_NEVER] = 0,
        [ANSWER_UNKNOWN] = 1,
        [ANSWER_MAY] = 2,
        [ANSWER_MUST] = 3,
    };

    return ranks[one] > ranks[two] ? one : two;
}

enum tristate body_suspends(const struct fn *body, bool is_outside)
{
    return is_outside ? body->summary.suspends_outside : body->summary.suspends;
}

enum tristate body_blocks(const struct fn *body)
{
    return body->summary.never_returns ? ANSWER_NEVER : body->summary.blocks;
}

static void group_learn(struct fn_group *group)
{
    if (group->is_known)
        return;
    group->is_known = true;
    group->suspends = group->suspends_outside = ANSWER_NEVER;
    group->blocks = ANSWER_NEVER;
    group->blocks_why = NULL;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct fn *fn = group->items[i];

        group->suspends =
            tristate_worse(group->suspends, body_suspends(fn, false));
        group->suspends_outside =
            tristate_worse(group->suspends_outside, body_suspends(fn, true));
        group->blocks = tristate_worse(group->blocks, body_blocks(fn));
        if (!group->blocks_why)
            group->blocks_why = fn->summary.blocks_why;
    }
}

enum tristate group_suspends(struct fn_group *group, bool is_outside)
{
    group_learn(group);
    return is_outside ? group->suspends_outside : group->suspends;
}

enum tristate group_blocks(struct fn_group *group)
{
    group_learn(group);
    return group->blocks;
}

const char *group_blocks_why(struct fn_group *group)
{
    group_learn(group);
    return group->blocks_why;
}

void group_member_changed(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->groups.count; i++) {
        fn->groups.items[i]->is_known = false;
        fn->groups.items[i]->has_moves = false;
        fn->groups.items[i]->changes++;
    }
}
