/*
 * Waits for the same with different locks, see query_wait.h: of those, only the
 * one that who wakes holds keeps a wake-up from being lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "findings/query_wait.h"

/* As long as what it is a part of: the record of a field, a static's file. */
static size_t owner_length(const char *class)
{
    size_t length = strlen(class);

    while (length && !strchr(".:", class[length - 1]))
        length--;
    return length;
}

/* A lock that has its place beside what is waited for: both are globals, or
 * fields of one record. Which lock a pointer leads to nobody knows. */
static bool is_beside(const struct event *wait)
{
    const char *class = wait->lock.class;
    size_t length = owner_length(wait->subject);

    return *wait->subject != '*' && *class != '*' && !wait->lock.is_parameter &&
           !wait->lock.is_nameless && !wait->lock.is_local &&
           owner_length(class) == length &&
           !strncmp(class, wait->subject, length);
}

static bool waits_with_lock(const struct event *event)
{
    return (event->kind == EVENT_BLOCK || event->kind == EVENT_SUSPEND) &&
           event->lock.name && event->subject && event->meaning &&
           event->meaning->is_wait && is_beside(event);
}

struct wait_pairs query_wait_pairs(const struct query *query)
{
    const struct program *program = query->program;
    struct wait_pairs pairs = {0};
    struct map by_subject = {.arena = program->arena};
    VEC(struct evidence) first = {0};

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++) {
            const struct event *event = &fn->events.items.items[k];
            struct evidence here = {fn, event, event->op};
            struct evidence before;
            uint32_t *at;
            bool is_new;

            if (!waits_with_lock(event))
                continue;
            at = map_add_str(&by_subject, event->subject, first.count, &is_new);
            if (is_new)
                vec_add(program->arena, &first, here);
            before = first.items[*at];
            if (strcmp(before.event->lock.class, event->lock.class) != 0)
                vec_add(program->arena, &pairs.items,
                        ((struct wait_pair){here, before}));
        }
    }
    return pairs;
}
