/*
 * States: loading, storing, assuming; see state.h. Joining is in join.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/state.h"

enum {
    /* Beyond these a function is a generated table: it is analysed with less
     * knowledge of values, never with wrong knowledge. */
    MOST_STORED = 512,
    MOST_FACTS = 128,
};

struct state *state_copy(struct arena *arena, const struct state *state)
{
    struct state *copy = arena_copy(arena, state, sizeof(*copy));

    vec_copy(arena, &copy->held);
    vec_copy(arena, &copy->store);
    vec_copy(arena, &copy->facts);
    vec_copy(arena, &copy->carried);
    vec_copy(arena, &copy->dropped);
    vec_copy(arena, &copy->eithers);
    vec_copy(arena, &copy->fates);
    vec_copy(arena, &copy->answers);
    return copy;
}

/* The first entry whose place is not smaller. */
static uint32_t store_find(const struct state *state, node_id place)
{
    uint32_t low = 0;
    uint32_t high = state->store.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (state->store.items[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of a part of something that was stored as a whole, only zero is known. */
static node_id state_load_part(const struct state *state, struct values *values,
                               node_id place)
{
    const struct node *node = node_get(values, place);
    int64_t number;

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX) {
        node_id whole = node->a;
        uint32_t at = store_find(state, whole);

        if (at < state->store.count && state->store.items[at].place == whole)
            return value_is_const(values, state->store.items[at].value, &number)
                       ? state->store.items[at].value
                       : 0;
        node = node_get(values, whole);
    }
    return value_make(values, VALUE_INIT, place, 0);
}

node_id state_load(const struct state *state, struct values *values,
                   node_id place)
{
    uint32_t at = store_find(state, place);

    if (!place)
        return 0;
    if (at < state->store.count && state->store.items[at].place == place)
        return state->store.items[at].value;
    if (state->is_full)
        return 0;
    return state_load_part(state, values, place);
}

static void store_put(struct state *state, struct arena *arena, node_id place,
                      node_id value)
{
    uint32_t at = store_find(state, place);
    struct stored entry = {place, value};

    if (at < state->store.count && state->store.items[at].place == place) {
        state->store.items[at].value = value;
        return;
    }
    state->is_full = state->is_full || state->store.count >= MOST_STORED;
    if (state->is_full)
        return;
    vec_insert(arena, &state->store, at, entry);
}

static bool are_two_elements(const struct values *values,
                             const struct node *first,
                             const struct node *second)
{
    int64_t one;
    int64_t two;

    return first->kind == NODE_INDEX &&
           value_is_const(values, first->b, &one) &&
           value_is_const(values, second->b, &two) && one != two;
}

/* The same field of two different pointers may be the same memory; `first` is
 * one that has such twins. */
static bool may_be_same(const struct values *values, const struct node *first,
                        node_id other)
{
    const struct node *second = node_get(values, other);

    if (first->kind != second->kind || are_two_elements(values, first, second))
        return false;
    if (first->kind == NODE_FIELD)
        return first->b == second->b && place_is_shared(values, other);
    return first->a == second->a;
}

void state_store(struct state *state, struct values *values,
                 struct arena *arena, node_id place, node_id value)
{
    const struct node *node = node_get(values, place);
    bool has_twins =
        node->kind == NODE_INDEX ||
        (node->kind == NODE_FIELD && place_is_shared(values, place));

    if (!place)
        return;
    /* What lies inside has a larger number. */
    for (uint32_t i = has_twins ? 0 : store_find(state, place);
         i < state->store.count; i++) {
        struct stored *entry = &state->store.items[i];

        if (entry->place != place &&
            (node_has(values, entry->place, place) ||
             (has_twins && may_be_same(values, node, entry->place))))
            entry->value = 0;
    }
    store_put(state, arena, place, value);
}

static uint32_t fact_find(const struct state *state, node_id value)
{
    uint32_t low = 0;
    uint32_t high = state->facts.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (state->facts.items[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Flags that an operation leaves set. */
static uint64_t ones_of(const struct state *state, const struct values *values,
                        const struct node *node)
{
    uint64_t first;
    uint64_t second;

    if (node->operator!= IR_OR && node->operator!= IR_AND)
        return 0;
    first = state_fact(state, values, node->a).ones;
    second = state_fact(state, values, node->b).ones;
    return node->operator== IR_OR ? first | second : first & second;
}

/* Of `x ^ 1`, the negation of what is 0 or 1: what is known is known of x. */
static void fact_negate(const struct state *state, const struct values *values,
                        const struct node *node, struct fact *fact)
{
    struct fact known;
    int64_t mask;

    if (node->operator!= IR_XOR || !value_is_const(values, node->b, &mask) ||
        mask != 1)
        return;
    known = state_fact(state, values, node->a);
    if (known.low < 0 || known.high > 1)
        return;
    fact->low = 1 - known.high;
    fact->high = 1 - known.low;
}

struct fact state_fact(const struct state *state, const struct values *values,
                       node_id value)
{
    struct fact fact = {.value = value, .low = INT64_MIN, .high = INT64_MAX};
    uint32_t at = fact_find(state, value);
    const struct node *node = node_get(values, value);

    if (node->kind == VALUE_CONST) {
        fact.low = fact.high = node->number;
        fact.ones = (uint64_t)node->number;
        return fact;
    }
    if (node->kind == VALUE_ADDR || node->kind == VALUE_FN ||
        node->kind == VALUE_STRING) {
        fact.excluded_count = 1; /* not zero */
        return fact;
    }
    if (node->kind == VALUE_OPER &&
        (node->operator== IR_EQ || node->operator== IR_LT)) {
        fact.low = 0;
        fact.high = 1;
    }
    if (value && at < state->facts.count &&
        state->facts.items[at].value == value)
        return state->facts.items[at];
    if (node->kind == VALUE_OPER) {
        fact.ones = ones_of(state, values, node);
        fact_negate(state, values, node, &fact);
    }
    return fact;
}

void state_fact_put(struct state *state, struct arena *arena, struct fact fact)
{
    uint32_t at = fact_find(state, fact.value);

    if (at < state->facts.count && state->facts.items[at].value == fact.value) {
        state->facts.items[at] = fact;
        return;
    }
    if (state->facts.count >= MOST_FACTS)
        return;
    vec_insert(arena, &state->facts, at, fact);
}

bool fact_excludes(const struct fact *fact, int64_t number)
{
    for (uint8_t i = 0; i < fact->excluded_count; i++)
        if (fact->excluded[i] == number)
            return true;
    return number < fact->low || number > fact->high;
}

static void fact_exclude(struct fact *fact, int64_t number)
{
    uint8_t at = fact->excluded_count;

    /* When there are too many, the one for zero is worth keeping. */
    if (fact_excludes(fact, number) || (at == MOST_EXCLUDED && number != 0))
        return;
    if (at == MOST_EXCLUDED)
        at--;
    for (; at > 0 && fact->excluded[at - 1] > number; at--)
        fact->excluded[at] = fact->excluded[at - 1];
    fact->excluded[at] = number;
    if (fact->excluded_count < MOST_EXCLUDED)
        fact->excluded_count++;
}

/* Bounds that are excluded move inwards; what lies outside need not be
 * excluded by name. False: nothing is left. */
static bool fact_settle(struct fact *fact)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < fact->excluded_count; i++)
        if (fact->excluded[i] == fact->low && fact->low < INT64_MAX)
            fact->low++;
    for (uint8_t i = fact->excluded_count; i > 0; i--)
        if (fact->excluded[i - 1] == fact->high && fact->high > INT64_MIN)
            fact->high--;
    for (uint8_t i = 0; i < fact->excluded_count; i++)
        if (fact->excluded[i] > fact->low && fact->excluded[i] < fact->high)
            fact->excluded[kept++] = fact->excluded[i];
    for (uint8_t i = kept; i < MOST_EXCLUDED; i++)
        fact->excluded[i] = 0;
    fact->excluded_count = kept;
    return fact->low <= fact->high;
}

bool state_assume_range(struct state *state, const struct values *values,
                        struct arena *arena, node_id value, int64_t low,
                        int64_t high)
{
    struct fact fact = state_fact(state, values, value);

    if (low > fact.low)
        fact.low = low;
    if (high < fact.high)
        fact.high = high;
    if (!fact_settle(&fact))
        return false;
    if (value && node_get(values, value)->kind != VALUE_CONST)
        state_fact_put(state, arena, fact);
    return true;
}

bool state_assume_not(struct state *state, const struct values *values,
                      struct arena *arena, node_id value, int64_t excluded)
{
    struct fact fact = state_fact(state, values, value);

    if (fact.low == excluded && fact.high == excluded)
        return false;
    fact_exclude(&fact, excluded);
    if (!fact_settle(&fact))
        return false;
    if (value && node_get(values, value)->kind != VALUE_CONST)
        state_fact_put(state, arena, fact);
    return true;
}

static int held_order(const struct held_lock *one, const struct held_lock *two)
{
    if (one->acquired != two->acquired)
        return one->acquired < two->acquired ? -1 : 1;
    if (one->slot != two->slot)
        return one->slot < two->slot ? -1 : 1;
    if (one->lock != two->lock)
        return one->lock < two->lock ? -1 : 1;
    return 0;
}

void state_held_add(struct state *state, struct arena *arena,
                    struct held_lock lock)
{
    uint32_t at;

    vec_add(arena, &state->held, lock);
    for (at = state->held.count - 1;
         at > 0 && held_order(&state->held.items[at - 1], &lock) > 0; at--)
        state->held.items[at] = state->held.items[at - 1];
    state->held.items[at] = lock;
}

void state_held_remove(struct state *state, uint32_t at)
{
    vec_remove(&state->held, at);
}

static void held_resort(struct state *state)
{
    for (uint32_t i = 1; i < state->held.count; i++) {
        struct held_lock lock = state->held.items[i];
        uint32_t at = i;

        for (; at > 0 && held_order(&state->held.items[at - 1], &lock) > 0;
             at--)
            state->held.items[at] = state->held.items[at - 1];
        state->held.items[at] = lock;
    }
}

void state_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to)
{
    struct state old = *state;

    if (!from || from == to)
        return;
    state->store.items = NULL;
    state->store.count = state->store.capacity = 0;
    state->facts.items = NULL;
    state->facts.count = state->facts.capacity = 0;
    for (uint32_t i = 0; i < old.store.count; i++) {
        struct stored entry = old.store.items[i];

        /* Nobody can find what lies at an address of an earlier round. */
        entry.place = node_rename(values, entry.place, from, to);
        if (entry.place && !node_is_stale(values, entry.place))
            store_put(state, arena, entry.place,
                      node_rename(values, entry.value, from, to));
    }
    for (uint32_t i = 0; i < old.facts.count; i++) {
        struct fact fact = old.facts.items[i];

        fact.value = node_rename(values, fact.value, from, to);
        if (fact.value && !node_is_stale(values, fact.value))
            state_fact_put(state, arena, fact);
    }
    for (uint32_t i = 0; i < state->held.count; i++) {
        struct held_lock *held = &state->held.items[i];

        held->lock = node_rename(values, held->lock, from, to);
        held->guard = node_rename(values, held->guard, from, to);
    }
    held_resort(state);
    node_list_rename(&state->dropped, values, arena, from, to);
    fates_rename(state, values, arena, from, to);
    carry_rename(state, values, arena, from, to);
}

static bool mentions(const struct state *state, const struct values *values,
                     node_id value)
{
    for (uint32_t i = 0; i < state->store.count; i++)
        if (node_has(values, state->store.items[i].place, value) ||
            node_has(values, state->store.items[i].value, value))
            return true;
    for (uint32_t i = 0; i < state->facts.count; i++)
        if (node_has(values, state->facts.items[i].value, value))
            return true;
    for (uint32_t i = 0; i < state->held.count; i++)
        if (node_has(values, state->held.items[i].lock, value) ||
            node_has(values, state->held.items[i].guard, value))
            return true;
    for (uint32_t i = 0; i < state->dropped.count; i++)
        if (node_has(values, state->dropped.items[i], value))
            return true;
    for (uint32_t i = 0; i < state->carried.count; i++)
        if (node_has(values, state->carried.items[i].place, value))
            return true;
    return fates_mention(state, values, value);
}

void state_age(struct state *state, struct values *values, struct arena *arena,
               node_id value)
{
    /* Nothing can mention what has only just been made. */
    if (value && value + 1 < values->nodes.count &&
        mentions(state, values, value))
        state_rename(state, values, arena, value,
                     value_make(values, VALUE_STALE, value, 0));
}
