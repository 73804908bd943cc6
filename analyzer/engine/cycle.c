/*
 * Searching the lock order for circles, see cycle.h. Only edges inside a
 * strongly connected component can be part of one (Tarjan 1972); circles of
 * two are looked at one by one, longer ones by the shortest way back from an
 * edge that no circle has told of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/cycle.h"

#include <string.h>

#include "base/str.h"
#include "engine/leg.h"

enum {
    MOST_SEARCHES = 512, /* for longer circles; each looks at a component */
    MOST_TRIES = 256,    /* choices of places for one circle */
};

struct finder {
    struct order *order;
    struct overlap *overlap;
    uint32_t *first_out; /* by class: its first edge in `out` */
    uint32_t *out;       /* edges, by `from` */
    uint32_t *component; /* by class */
    bool *is_told;       /* by edge */
    lock_cycle_list found;
    uint32_t tries;
};

/* A circle while its places are chosen. */
struct choice {
    const struct order_edge *edges[LONGEST_CYCLE];
    const struct order_site *sites[LONGEST_CYCLE];
    const struct fn *roots[LONGEST_CYCLE];
    uint32_t count;
};

static const struct order_edge *edge_at(const struct finder *finder,
                                        uint32_t edge)
{
    return &finder->order->edges.items[edge];
}

static void edges_sort(struct finder *finder)
{
    struct order *order = finder->order;
    uint32_t classes = order->classes.count;
    uint32_t *next = arena_array(order->arena, classes + 1, sizeof(*next));

    finder->first_out =
        arena_array(order->arena, classes + 2, sizeof(*finder->first_out));
    finder->out =
        arena_array(order->arena, order->edges.count + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < order->edges.count; i++)
        finder->first_out[order->edges.items[i].from + 1]++;
    for (uint32_t i = 0; i < classes; i++) {
        finder->first_out[i + 1] += finder->first_out[i];
        next[i] = finder->first_out[i];
    }
    for (uint32_t i = 0; i < order->edges.count; i++)
        finder->out[next[order->edges.items[i].from]++] = i;
}

/* ---- components, without recursion */

struct tarjan {
    uint32_t *index; /* 0: not seen */
    uint32_t *low;
    uint32_t *next; /* the edge to look at next */
    bool *on_stack;
    uint32_t *stack;
    uint32_t stack_count;
    uint32_t *path;
    uint32_t path_count;
    uint32_t seen;
};

static void tarjan_enter(struct tarjan *tarjan, const struct finder *finder,
                         uint32_t node)
{
    tarjan->index[node] = tarjan->low[node] = ++tarjan->seen;
    tarjan->next[node] = finder->first_out[node];
    tarjan->on_stack[node] = true;
    tarjan->stack[tarjan->stack_count++] = node;
    tarjan->path[tarjan->path_count++] = node;
}

static void tarjan_leave(struct tarjan *tarjan, struct finder *finder,
                         uint32_t node)
{
    uint32_t member;

    tarjan->path_count--;
    if (tarjan->path_count) {
        uint32_t parent = tarjan->path[tarjan->path_count - 1];

        if (tarjan->low[node] < tarjan->low[parent])
            tarjan->low[parent] = tarjan->low[node];
    }
    if (tarjan->low[node] != tarjan->index[node])
        return;
    do {
        member = tarjan->stack[--tarjan->stack_count];
        tarjan->on_stack[member] = false;
        finder->component[member] = node;
    } while (member != node);
}

static void tarjan_walk(struct tarjan *tarjan, struct finder *finder,
                        uint32_t root)
{
    tarjan_enter(tarjan, finder, root);
    while (tarjan->path_count) {
        uint32_t node = tarjan->path[tarjan->path_count - 1];
        uint32_t to;

        if (tarjan->next[node] == finder->first_out[node + 1]) {
            tarjan_leave(tarjan, finder, node);
            continue;
        }
        to = edge_at(finder, finder->out[tarjan->next[node]++])->to;
        if (!tarjan->index[to])
            tarjan_enter(tarjan, finder, to);
        else if (tarjan->on_stack[to] && tarjan->index[to] < tarjan->low[node])
            tarjan->low[node] = tarjan->index[to];
    }
}

static void components_find(struct finder *finder)
{
    uint32_t count = finder->order->classes.count;
    struct arena *arena = finder->order->arena;
    struct tarjan tarjan = {
        .index = arena_array(arena, count, sizeof(uint32_t)),
        .low = arena_array(arena, count, sizeof(uint32_t)),
        .next = arena_array(arena, count, sizeof(uint32_t)),
        .on_stack = arena_array(arena, count, sizeof(bool)),
        .stack = arena_array(arena, count, sizeof(uint32_t)),
        .path = arena_array(arena, count, sizeof(uint32_t)),
    };

    finder->component = arena_array(arena, count, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++)
        if (!tarjan.index[i])
            tarjan_walk(&tarjan, finder, i);
}

/* ---- which circles can close */

/* Holding `next.from` keeps the one who wants it waiting: not if both only
 * read. */
static bool edges_meet(const struct order_edge *edge,
                       const struct order_edge *next)
{
    return edge->to == next->from &&
           !(edge->is_taken_shared && next->is_held_shared);
}

/* The lock that one wants may be the one that the other holds. */
static bool may_be_same(const struct lock_info *wanted,
                        const struct lock_info *held)
{
    return !wanted || !wanted->instance || !held->instance ||
           !strcmp(wanted->instance, held->instance);
}

/* A third lock that both hold: they are never here at once. */
static bool share_gate(const struct finder *finder, const struct choice *choice,
                       uint32_t one, uint32_t two)
{
    const struct sets *sets = &finder->order->sets;
    const struct set *gates = set_get(sets, choice->sites[one]->gates);

    for (uint32_t i = 0; i < gates->count; i++) {
        bool is_in_circle = false;

        for (uint32_t k = 0; k < choice->count; k++)
            is_in_circle |= choice->edges[k]->from == gates->items[i];
        if (!is_in_circle &&
            set_has(sets, choice->sites[two]->gates, gates->items[i]))
            return true;
    }
    return false;
}

static struct place_run place_of(const struct order_site *site)
{
    return (struct place_run){site->fn, site->op};
}

/* The newest of the chosen places goes with all before it. */
static bool goes_with_others(struct finder *finder, struct choice *choice,
                             uint32_t newest)
{
    for (uint32_t i = 0; i < newest; i++) {
        const struct order_site *site = choice->sites[i];

        if (share_gate(finder, choice, i, newest) ||
            !overlap_find(finder->overlap, place_of(site),
                          place_of(choice->sites[newest]), &choice->roots[i],
                          &choice->roots[newest]))
            return false;
        if (i + 1 == newest &&
            !may_be_same(site->inner, choice->sites[newest]->outer))
            return false;
    }
    return newest + 1 < choice->count ||
           may_be_same(choice->sites[newest]->inner, choice->sites[0]->outer);
}

/* Depth-first over the places of each edge. */
static bool sites_choose(struct finder *finder, struct choice *choice,
                         uint32_t at)
{
    const struct order_edge *edge = choice->edges[at];

    for (uint32_t i = 0; i < edge->sites.count; i++) {
        if (finder->tries++ > MOST_TRIES) {
            finder->order->is_bounded = true;
            return false;
        }
        choice->sites[at] = &edge->sites.items[i];
        if (goes_with_others(finder, choice, at) &&
            (at + 1 == choice->count || sites_choose(finder, choice, at + 1)))
            return true;
    }
    return false;
}

static void cycle_keep(struct finder *finder, const struct choice *choice)
{
    struct lock_cycle cycle = {.count = choice->count, .must = true};

    for (uint32_t i = 0; i < choice->count; i++) {
        cycle.legs[i] =
            leg_make(finder->order, finder->overlap, choice->sites[i],
                     choice->edges[i], choice->roots[i]);
        cycle.is_guess |= choice->edges[i]->is_guess;
        cycle.must &= choice->sites[i]->must;
        cycle.is_outside |= cycle.legs[i].kind == ROOT_OUTSIDE;
    }
    vec_add(finder->order->arena, &finder->found, cycle);
}

static bool choice_try(struct finder *finder, struct choice *choice)
{
    finder->tries = 0;
    if (!sites_choose(finder, choice, 0))
        return false;
    cycle_keep(finder, choice);
    for (uint32_t i = 0; i < choice->count; i++)
        finder->is_told[choice->edges[i] - finder->order->edges.items] = true;
    return true;
}

/* ---- circles of two */

/* The same two classes were told of in another mode. */
static bool is_told(const struct finder *finder, const struct order_edge *edge)
{
    for (uint32_t i = finder->first_out[edge->from];
         i < finder->first_out[edge->from + 1]; i++)
        if (edge_at(finder, finder->out[i])->to == edge->to &&
            finder->is_told[finder->out[i]])
            return true;
    return false;
}

/* Sure ones, or those of which one edge is a guess; two guesses are none. */
static void twos_find(struct finder *finder, uint32_t at, bool is_guess)
{
    const struct order_edge *edge = edge_at(finder, at);

    for (uint32_t i = finder->first_out[edge->to];
         i < finder->first_out[edge->to + 1]; i++) {
        const struct order_edge *back = edge_at(finder, finder->out[i]);
        struct choice choice = {.edges = {edge, back}, .count = 2};

        if (back->to != edge->from ||
            edge->is_guess + back->is_guess != is_guess ||
            !edges_meet(edge, back) || !edges_meet(back, edge) ||
            is_told(finder, edge))
            continue;
        if (choice_try(finder, &choice))
            return;
    }
}

/* ---- longer ones */

struct way {
    uint32_t *by; /* by edge: the one before it, plus 1 */
    uint32_t *depth;
    VEC(uint32_t) queue;
};

static void way_tell(struct finder *finder, const struct way *way,
                     uint32_t first, uint32_t last)
{
    struct choice choice = {.count = way->depth[last]};
    uint32_t at = last;

    for (uint32_t i = choice.count; i > 0; i--) {
        choice.edges[i - 1] = edge_at(finder, at);
        at = i > 1 ? way->by[at] - 1 : first;
    }
    choice_try(finder, &choice);
}

/* The shortest way back to where the edge begins. */
static void longer_find(struct finder *finder, uint32_t first)
{
    const struct order_edge *edge = edge_at(finder, first);
    struct arena arena = {0};
    uint32_t count = finder->order->edges.count;
    struct way way = {
        .by = arena_array(&arena, count, sizeof(uint32_t)),
        .depth = arena_array(&arena, count, sizeof(uint32_t)),
    };
    bool is_done = false;

    way.depth[first] = 1;
    vec_add(&arena, &way.queue, first);
    for (uint32_t i = 0; i < way.queue.count && !is_done; i++) {
        uint32_t at = way.queue.items[i];
        uint32_t to = edge_at(finder, at)->to;

        if (way.depth[at] == LONGEST_CYCLE)
            break;
        for (uint32_t k = finder->first_out[to];
             k < finder->first_out[to + 1] && !is_done; k++) {
            uint32_t next = finder->out[k];

            if (way.depth[next] || finder->is_told[next] ||
                edge_at(finder, next)->is_guess ||
                !edges_meet(edge_at(finder, at), edge_at(finder, next)) ||
                (at == first && edge_at(finder, next)->to == edge->from))
                continue;
            way.by[next] = at + 1;
            way.depth[next] = way.depth[at] + 1;
            vec_add(&arena, &way.queue, next);
            is_done = edge_at(finder, next)->to == edge->from &&
                      edges_meet(edge_at(finder, next), edge);
            if (is_done)
                way_tell(finder, &way, first, next);
        }
    }
    arena_finish(&arena);
}

static bool is_inside(const struct finder *finder,
                      const struct order_edge *edge)
{
    return finder->component[edge->from] == finder->component[edge->to];
}

lock_cycle_list cycles_find(struct order *order, struct overlap *overlap)
{
    struct finder finder = {.order = order, .overlap = overlap};
    uint32_t searches = 0;

    finder.is_told =
        arena_array(order->arena, order->edges.count, sizeof(bool));
    edges_sort(&finder);
    components_find(&finder);
    for (int guesses = 0; guesses <= 1; guesses++)
        for (uint32_t i = 0; i < order->edges.count; i++)
            if (is_inside(&finder, edge_at(&finder, i)))
                twos_find(&finder, i, guesses);
    for (uint32_t i = 0; i < order->edges.count; i++) {
        if (!is_inside(&finder, edge_at(&finder, i)) || finder.is_told[i] ||
            edge_at(&finder, i)->is_guess)
            continue;
        order->is_bounded |= searches == MOST_SEARCHES;
        if (searches == MOST_SEARCHES)
            break;
        searches++;
        longer_find(&finder, i);
    }
    return finder.found;
}

/* One of the two is a global: it comes first, or last, whoever calls; unless
 * somebody takes that one the other way round. */
static bool is_ranked(const struct order *order, const struct order_site *site)
{
    const char *outer = site->nesting->outer.instance;
    const char *inner = site->nesting->inner.instance;

    if (!outer == !inner)
        return false;
    for (uint32_t i = 0; i < order->pairs.count; i++) {
        const struct nesting *other = order->pairs.items[i].nesting;

        if (str_is_same(other->outer.class, site->outer->class) &&
            str_is_same(other->outer.instance, inner) &&
            str_is_same(other->inner.instance, outer))
            return false;
    }
    return true;
}

/* It can be called twice at once, with the two the other way round. */
static bool may_be_swapped(const struct order *order,
                           const struct overlap *overlap,
                           const struct order_site *site)
{
    const struct nesting *nesting = site->nesting;

    if (nesting->is_ordered || nesting->outer.is_try || is_ranked(order, site))
        return false;
    return !nesting->is_handed_on ||
           overlap_root(overlap, site->fn) != ROOT_NONE;
}

/* Where the second of the two is taken: false if that was told. */
static bool pair_note(struct map *told, const struct order_site *site)
{
    const struct nesting *nesting = site->nesting;
    bool is_own = !nesting->nested_in;
    const struct fn *fn = is_own ? site->fn : nesting->inner.taken_in;
    const uint32_t key[] = {fn->number,
                            is_own ? nesting->op : nesting->inner.taken_at};
    bool is_new;

    map_add(told, key, sizeof(key), 0, &is_new);
    return is_new;
}

/* Who takes the two itself comes first: its callers have nothing to add. */
lock_cycle_list cycles_of_pairs(struct order *order, struct overlap *overlap)
{
    lock_cycle_list found = {0};
    struct map told = {.arena = order->arena};

    for (uint32_t i = 0; i < 2 * order->pairs.count; i++) {
        const struct order_site *site =
            &order->pairs.items[i % order->pairs.count];
        struct lock_cycle cycle = {.count = 1};
        const struct fn *one;
        const struct fn *two;

        if ((site->nesting->nested_in != NULL) != i / order->pairs.count ||
            !may_be_swapped(order, overlap, site) ||
            !overlap_find(overlap, place_of(site), place_of(site), &one,
                          &two) ||
            !pair_note(&told, site))
            continue;
        cycle.legs[0] = leg_make(order, overlap, site, NULL, one);
        vec_add(order->arena, &found, cycle);
    }
    return found;
}
