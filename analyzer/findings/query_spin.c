/*
 * Loops of tasks, see query_spin.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_spin.h"

#include "engine/context.h"
#include "findings/check.h"

struct spin_list query_spins(struct check *check, const struct query *query)
{
    struct arena *arena = check_arena(check);
    struct spin_list all = spin_list_find(query->fn, arena);
    struct spin_list list = {0};

    for (uint32_t i = 0; i < all.items.count; i++)
        if (context_at(query->fn, all.items.items[i].op) & CONTEXT_ASYNC)
            vec_add(arena, &list.items, all.items.items[i]);
    return list;
}

const char *query_checkpoint(const struct query *query)
{
    int count;
    const struct pack *const *packs = model_packs(query->fn->view, &count);

    for (int i = 0; i < count; i++)
        if (packs[i]->has_async && packs[i]->checkpoint)
            return packs[i]->checkpoint;
    return NULL;
}
