/*
 * Sets of nodes, see node_list.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/node_list.h"

bool node_list_has(const node_list *list, node_id node)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == node)
            return true;
    return false;
}

void node_list_add(node_list *list, struct arena *arena, node_id node)
{
    uint32_t at;

    if (node_list_has(list, node))
        return;
    vec_add(arena, list, node);
    for (at = list->count - 1; at > 0 && list->items[at - 1] > node; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = node;
}

bool node_list_remove(node_list *list, node_id node)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] != node)
            continue;
        vec_remove(list, i);
        return true;
    }
    return false;
}

bool node_lists_equal(const node_list *one, const node_list *two)
{
    if (one->count != two->count)
        return false;
    for (uint32_t i = 0; i < one->count; i++)
        if (one->items[i] != two->items[i])
            return false;
    return true;
}

void node_lists_intersect(node_list *one, const node_list *two)
{
    for (uint32_t i = one->count; i > 0; i--)
        if (!node_list_has(two, one->items[i - 1]))
            node_list_remove(one, one->items[i - 1]);
}

void node_list_rename(node_list *list, struct values *values,
                      struct arena *arena, node_id from, node_id to)
{
    node_list old = *list;

    *list = (node_list){0};
    for (uint32_t i = 0; i < old.count; i++) {
        node_id node = node_rename(values, old.items[i], from, to);

        if (!node_is_stale(values, node))
            node_list_add(list, arena, node);
    }
}
