/*
 * The order in which units are parsed. It changes what a run takes, and
 * nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/map.h"
#include "front/front.h"

enum turn_kind {
    TURN_MAKES_HEAD,
    TURN_ALONE, /* is parsed in full, and so it may be while heads are made */
    TURN_HAS_HEAD,
};

struct turn {
    uint32_t request;
    enum turn_kind kind;
    off_t size; /* of the file: what parsing it takes is hardly known better */
};

/* Kinds in their order, long ones first; what is alike as it came. */
static int turn_compare(const void *one, const void *two)
{
    const struct turn *left = one;
    const struct turn *right = two;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return left->request < right->request ? -1 : 1;
}

static struct turn turn_make(const struct front_request *requests, uint32_t at)
{
    struct turn turn = {
        .request = at,
        .kind = requests[at].head ? TURN_HAS_HEAD : TURN_ALONE,
    };
    struct stat status;

    if (!stat(requests[at].file, &status))
        turn.size = status.st_size;
    return turn;
}

/* The shortest of those that share one makes it, so that it is soon there. */
static void makers_find(const struct front_request *requests,
                        struct turn *turns, uint32_t count)
{
    struct arena scratch = {0};
    struct map seen = {.arena = &scratch};

    for (uint32_t i = count; i > 0; i--) {
        const struct front_head *head = requests[turns[i - 1].request].head;
        bool is_new = false;

        if (head)
            map_add(&seen, &head, sizeof(head), 0, &is_new);
        if (is_new)
            turns[i - 1].kind = TURN_MAKES_HEAD;
    }
    arena_finish(&scratch);
}

const uint32_t *front_order(struct arena *arena,
                            const struct front_request *requests,
                            uint32_t count)
{
    struct turn *turns = arena_array(arena, count, sizeof(*turns));
    uint32_t *order = arena_array(arena, count, sizeof(*order));

    for (uint32_t i = 0; i < count; i++)
        turns[i] = turn_make(requests, i);
    qsort(turns, count, sizeof(*turns), turn_compare);
    makers_find(requests, turns, count);
    qsort(turns, count, sizeof(*turns), turn_compare);
    for (uint32_t i = 0; i < count; i++)
        order[i] = turns[i].request;
    return order;
}
