/*
 * All paths of a random function, see random_program.h: sets of what can hold
 * at a point, carried along the statements. There are few locks, lines and
 * conditions, so the sets are small and a loop's settle soon.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "support/random_program.h"

/* What holds on one path. */
struct path {
    int taken[LOCKS]; /* the line where the lock was taken; 0: it is free */
    int known[CONDITIONS]; /* of a parameter: 0 not yet, 1 true, -1 false */
};

typedef VEC(struct path) path_set;

/* The ways to go on behind a statement. */
enum way { WAY_NEXT, WAY_BREAK, WAY_CONTINUE, WAY_END, WAYS };

struct ways {
    path_set to[WAYS];
};

struct walk {
    struct arena *arena;
    struct truth *truth;
};

static bool path_add(struct walk *walk, path_set *set, struct path path)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (!memcmp(&set->items[i], &path, sizeof(path)))
            return false;
    vec_add(walk->arena, set, path);
    return true;
}

static bool paths_add(struct walk *walk, path_set *set, const path_set *more)
{
    bool grew = false;

    for (uint32_t i = 0; i < more->count; i++)
        grew |= path_add(walk, set, more->items[i]);
    return grew;
}

static void ways_add(struct walk *walk, struct ways *ways,
                     const struct ways *more)
{
    for (int way = 0; way < WAYS; way++)
        paths_add(walk, &ways->to[way], &more->to[way]);
}

static void line_add(struct walk *walk, line_list *list, int line)
{
    uint32_t at;

    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == line)
            return;
    vec_add(walk->arena, list, line);
    for (at = list->count - 1; at && list->items[at - 1] > line; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = line;
}

static struct ways block_walk(struct walk *walk, const struct statement *block,
                              const path_set *start);

/* A path on which the lock is held already ends here. */
static void lock_walk(struct walk *walk, const struct statement *statement,
                      const path_set *start, path_set *out)
{
    for (uint32_t i = 0; i < start->count; i++) {
        struct path path = start->items[i];

        if (path.taken[statement->lock]) {
            line_add(walk, &walk->truth->deadlock, statement->line);
            continue;
        }
        path.taken[statement->lock] = statement->line;
        path_add(walk, out, path);
    }
}

static void both_walk(struct walk *walk, const struct statement *statement,
                      const path_set *start, path_set *out)
{
    struct statement each = *statement;
    path_set between = {0};

    each.lock = 0;
    lock_walk(walk, &each, start, &between);
    each.lock = 1;
    lock_walk(walk, &each, &between, out);
}

static void unlock_walk(struct walk *walk, const struct statement *statement,
                        const path_set *start, path_set *out)
{
    for (uint32_t i = 0; i < start->count; i++) {
        struct path path = start->items[i];

        if (!path.taken[statement->lock])
            walk->truth->is_unbalanced = true;
        path.taken[statement->lock] = 0;
        path_add(walk, out, path);
    }
}

/* `spared` is a lock that is not held meanwhile, or -1. */
static void await_walk(struct walk *walk, const path_set *start, int spared,
                       path_set *out)
{
    for (uint32_t i = 0; i < start->count; i++)
        for (int lock = 0; lock < LOCKS; lock++)
            if (start->items[i].taken[lock] && lock != spared)
                line_add(walk, &walk->truth->crossing,
                         start->items[i].taken[lock]);
    paths_add(walk, out, start);
}

static void nap_walk(struct walk *walk, const struct statement *statement,
                     const path_set *start, path_set *out)
{
    for (uint32_t i = 0; i < start->count; i++)
        if (!start->items[i].taken[statement->lock])
            walk->truth->is_unbalanced = true;
    await_walk(walk, start, statement->lock, out);
}

/* Whatever way leaves the scope, the guard gives back what it took. */
static struct ways guard_walk(struct walk *walk,
                              const struct statement *statement,
                              const path_set *start)
{
    path_set inside = {0};
    struct ways left = {0};
    struct ways body;

    lock_walk(walk, statement, start, &inside);
    body = block_walk(walk, statement->body, &inside);
    for (int way = 0; way < WAYS; way++)
        for (uint32_t i = 0; i < body.to[way].count; i++) {
            struct path path = body.to[way].items[i];

            if (path.taken[statement->lock] != statement->line)
                walk->truth->is_unbalanced = true;
            path.taken[statement->lock] = 0;
            path_add(walk, &left.to[way], path);
        }
    return left;
}

static struct ways if_walk(struct walk *walk, const struct statement *statement,
                           const path_set *start)
{
    int condition = statement->condition;
    path_set sides[2] = {{0}, {0}};
    struct ways body;
    struct ways other;

    for (uint32_t i = 0; i < start->count; i++)
        for (int side = 0; side < 2; side++) {
            struct path path = start->items[i];
            int known = side ? -1 : 1;

            if (condition < CONDITIONS && path.known[condition] == -known)
                continue;
            if (condition < CONDITIONS)
                path.known[condition] = known;
            path_add(walk, &sides[side], path);
        }
    body = block_walk(walk, statement->body, &sides[0]);
    other = block_walk(walk, statement->other, &sides[1]);
    ways_add(walk, &body, &other);
    return body;
}

static struct ways loop_walk(struct walk *walk,
                             const struct statement *statement,
                             const path_set *start)
{
    struct ways left = {0};
    bool grew = paths_add(walk, &left.to[WAY_NEXT], start);
    path_set heads = {0};

    while (grew) {
        struct ways body;

        paths_add(walk, &heads, start);
        body = block_walk(walk, statement->body, &heads);
        paths_add(walk, &left.to[WAY_END], &body.to[WAY_END]);
        grew = paths_add(walk, &heads, &body.to[WAY_NEXT]);
        grew |= paths_add(walk, &heads, &body.to[WAY_CONTINUE]);
        paths_add(walk, &left.to[WAY_NEXT], &body.to[WAY_BREAK]);
    }
    paths_add(walk, &left.to[WAY_NEXT], &heads);
    return left;
}

/* A flat switch over the kinds of statements. */
static struct ways statement_walk(struct walk *walk,
                                  const struct statement *statement,
                                  const path_set *start)
{
    struct ways ways = {0};
    path_set *next = &ways.to[WAY_NEXT];
    path_set between = {0};

    switch (statement->kind) {
    case STATEMENT_LOCK:
    case STATEMENT_TAKE:
        lock_walk(walk, statement, start, next);
        break;
    case STATEMENT_UNLOCK:
    case STATEMENT_DROP:
        unlock_walk(walk, statement, start, next);
        break;
    case STATEMENT_USE:
        lock_walk(walk, statement, start, &between);
        unlock_walk(walk, statement, &between, next);
        break;
    case STATEMENT_AWAIT:
        await_walk(walk, start, -1, next);
        break;
    case STATEMENT_BOTH:
        both_walk(walk, statement, start, next);
        break;
    case STATEMENT_NAP:
        nap_walk(walk, statement, start, next);
        break;
    case STATEMENT_GUARD:
        return guard_walk(walk, statement, start);
    case STATEMENT_IF:
        return if_walk(walk, statement, start);
    case STATEMENT_LOOP:
        return loop_walk(walk, statement, start);
    case STATEMENT_BREAK:
        paths_add(walk, &ways.to[WAY_BREAK], start);
        break;
    case STATEMENT_CONTINUE:
        paths_add(walk, &ways.to[WAY_CONTINUE], start);
        break;
    case STATEMENT_RETURN:
    case STATEMENT_GOTO:
        paths_add(walk, &ways.to[WAY_END], start);
        break;
    case STATEMENT_WORK:
    case STATEMENT_KINDS:
        paths_add(walk, next, start);
        break;
    }
    return ways;
}

static struct ways block_walk(struct walk *walk, const struct statement *block,
                              const path_set *start)
{
    struct ways ways = {0};

    paths_add(walk, &ways.to[WAY_NEXT], start);
    for (; block && ways.to[WAY_NEXT].count; block = block->next) {
        struct ways step = statement_walk(walk, block, &ways.to[WAY_NEXT]);

        ways.to[WAY_NEXT] = (path_set){0};
        ways_add(walk, &ways, &step);
    }
    return ways;
}

void truth_find(struct arena *arena, const struct statement *body,
                struct truth *truth)
{
    struct walk walk = {arena, truth};
    path_set start = {0};

    path_add(&walk, &start, (struct path){{0}, {0}});
    block_walk(&walk, body, &start);
}
