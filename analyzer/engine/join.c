/*
 * Where paths meet. A place that holds different values on the two sides
 * holds a PHI of that block from then on, and a lock reached through the
 * place on both sides is the lock reached through the PHI: this is what makes
 * hand-over-hand locking along a list come out right.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/mode.h"
#include "engine/question.h"
#include "engine/state.h"

static bool fact_equal(const struct fact *one, const struct fact *two)
{
    if (one->low != two->low || one->high != two->high ||
        one->ones != two->ones || one->excluded_count != two->excluded_count)
        return false;
    for (uint8_t i = 0; i < one->excluded_count; i++)
        if (one->excluded[i] != two->excluded[i])
            return false;
    return true;
}

enum {
    MOST_GROWTH = 3, /* 0, 1, 2: most counters are told apart by then */
    FEW_STATES = 8,  /* not worth a look */
    MOST_AT_ONCE = 128,
};

bool state_same_locks(const struct state *one, const struct state *two)
{
    if (one->held.count != two->held.count ||
        !node_lists_equal(&one->dropped, &two->dropped))
        return false;
    for (uint32_t i = 0; i < one->held.count; i++) {
        const struct held_lock *first = &one->held.items[i];
        const struct held_lock *second = &two->held.items[i];

        if (first->acquired != second->acquired ||
            first->slot != second->slot || first->depth != second->depth ||
            first->mode != second->mode ||
            !first->by_hand != !second->by_hand || first->may != second->may ||
            !first->guard != !second->guard ||
            first->is_again != second->is_again)
            return false;
    }
    return true;
}

bool state_adds_nothing(const struct state *one, const struct state *two)
{
    if (!state_same_locks(one, two) || one->store.count != two->store.count ||
        one->facts.count != two->facts.count || one->is_full != two->is_full ||
        one->whereabouts != two->whereabouts)
        return false;
    if (one->branch &&
        (one->branch != two->branch || one->branch_taken != two->branch_taken))
        return false;
    for (uint32_t i = 0; i < one->held.count; i++)
        if (one->held.items[i].lock != two->held.items[i].lock ||
            one->held.items[i].guard != two->held.items[i].guard ||
            one->held.items[i].is_many != two->held.items[i].is_many)
            return false;
    if (!fates_equal(one, two) || one->met_locker != two->met_locker ||
        one->is_doubtful != two->is_doubtful || !questions_equal(one, two) ||
        !carry_equal(one, two))
        return false;
    for (uint32_t i = 0; i < one->store.count; i++)
        if (one->store.items[i].place != two->store.items[i].place ||
            one->store.items[i].value != two->store.items[i].value)
            return false;
    for (uint32_t i = 0; i < one->facts.count; i++) {
        const struct fact *first = &one->facts.items[i];
        const struct fact *second = &two->facts.items[i];

        if (first->value != second->value || !fact_equal(first, second))
            return false;
    }
    return true;
}

bool state_equal(const struct state *one, const struct state *two)
{
    return one->branch == two->branch &&
           one->branch_taken == two->branch_taken &&
           state_adds_nothing(one, two);
}

struct join {
    struct values *values;
    struct arena *arena;
    struct state *one;
    struct state *two;
    ir_id block;
};

static void exclusions_join(struct fact *hull, const struct fact *from,
                            const struct fact *other)
{
    for (uint8_t i = 0; i < from->excluded_count; i++)
        if (hull->excluded_count < MOST_EXCLUDED &&
            !fact_excludes(hull, from->excluded[i]) &&
            fact_excludes(other, from->excluded[i]))
            hull->excluded[hull->excluded_count++] = from->excluded[i];
}

static void exclusions_sort(struct fact *fact)
{
    for (uint8_t i = 1; i < fact->excluded_count; i++) {
        int64_t number = fact->excluded[i];
        uint8_t at = i;

        for (; at > 0 && fact->excluded[at - 1] > number; at--)
            fact->excluded[at] = fact->excluded[at - 1];
        fact->excluded[at] = number;
    }
}

/* What holds on both sides. `one` is what was known before: a bound that has
 * grown a few times is given up, so that loops end. */
static struct fact fact_hull(const struct fact *one, const struct fact *two,
                             node_id value)
{
    struct fact hull = {
        .value = value,
        .ones = one->ones & two->ones,
        .low = one->low < two->low ? one->low : two->low,
        .high = one->high > two->high ? one->high : two->high,
        .grown = one->grown,
    };

    exclusions_join(&hull, one, two);
    exclusions_join(&hull, two, one);
    exclusions_sort(&hull);
    if (fact_equal(&hull, one))
        return hull;
    if (hull.grown++ < MOST_GROWTH)
        return hull;
    if (hull.low < one->low)
        hull.low = INT64_MIN;
    if (hull.high > one->high)
        hull.high = INT64_MAX;
    return hull;
}

static bool says_nothing(const struct fact *fact)
{
    return fact->low == INT64_MIN && fact->high == INT64_MAX && !fact->ones &&
           !fact->excluded_count;
}

/* `first < n` on one side and `second < n` on the other: `phi < n`. */
static void relations_join(struct join *join, node_id first, node_id second,
                           node_id phi)
{
    VEC(struct fact) found = {0};

    for (uint32_t i = 0; first && second && i < join->one->facts.count; i++) {
        const struct fact *fact = &join->one->facts.items[i];
        struct fact other;
        struct fact hull;
        node_id relation;

        if (!node_is_relation(node_get(join->values, fact->value)) ||
            !node_has(join->values, fact->value, first))
            continue;
        relation = node_rename(join->values, fact->value, first, phi);
        other = state_fact(join->two, join->values,
                           node_rename(join->values, relation, phi, second));
        hull = fact_hull(fact, &other, relation);
        if (hull.low == hull.high)
            vec_add(join->arena, &found, hull);
    }
    for (uint32_t i = 0; i < found.count; i++) {
        state_fact_put(join->one, join->arena, found.items[i]);
        state_fact_put(join->two, join->arena, found.items[i]);
    }
}

/* What was found through a place that is called otherwise on the two sides (one
 * of them has come round a loop, see state_shared_forget) goes by one name. */
static void values_follow(struct join *join, node_id first, node_id second,
                          node_id phi)
{
    struct state *two = join->two;
    uint32_t at = 0;

    for (uint32_t i = 0; first && second && i < join->one->store.count; i++) {
        struct stored *entry = &join->one->store.items[i];
        node_id renamed;

        if (!node_has(join->values, entry->value, first))
            continue;
        while (at < two->store.count &&
               two->store.items[at].place < entry->place)
            at++;
        if (at == two->store.count ||
            two->store.items[at].place != entry->place)
            continue;
        renamed = node_rename(join->values, entry->value, first, phi);
        if (renamed ==
            node_rename(join->values, two->store.items[at].value, second, phi))
            entry->value = two->store.items[at].value = renamed;
    }
}

/* Renames on both sides what differs only because of one place. */
static void place_unify(struct join *join, node_id place)
{
    node_id first = state_load(join->one, join->values, place);
    node_id second = state_load(join->two, join->values, place);
    struct fact fact_one;
    struct fact fact_two;
    struct fact hull;
    bool has_mode;
    node_id phi;

    if (first == second)
        return;
    phi = value_make(join->values, VALUE_PHI, join->block, place);
    fact_one = state_fact(join->one, join->values, first);
    fact_two = state_fact(join->two, join->values, second);
    hull = fact_hull(&fact_one, &fact_two, phi);
    for (uint32_t i = 0; i < join->one->held.count; i++) {
        struct held_lock *held = &join->one->held.items[i];
        node_id renamed = node_rename(join->values, held->lock, first, phi);

        if (i < join->two->held.count && first && second &&
            node_has(join->values, held->lock, first) &&
            renamed == node_rename(join->values, join->two->held.items[i].lock,
                                   second, phi)) {
            held->lock = renamed;
            join->two->held.items[i].lock = renamed;
        }
        if (i < join->two->held.count && held->guard && held->guard == first &&
            join->two->held.items[i].guard == second) {
            held->guard = phi;
            join->two->held.items[i].guard = phi;
        }
    }
    if (place_is_shared(join->values, place))
        values_follow(join, first, second, phi);
    relations_join(join, first, second, phi);
    has_mode = mode_is_set(join->one, join->values, first) &&
               mode_is_set(join->two, join->values, second);
    state_store(join->one, join->values, join->arena, place, phi);
    state_store(join->two, join->values, join->arena, place, phi);
    if (has_mode) {
        mode_put(join->one, join->values, join->arena, phi, true);
        mode_put(join->two, join->values, join->arena, phi, true);
    }
    if (!says_nothing(&hull)) {
        state_fact_put(join->one, join->arena, hull);
        state_fact_put(join->two, join->arena, hull);
    }
}

/* What is stored in a place, if anything: places are asked for in their order,
 * and `near` is where the search for the last one ended. */
static node_id stored_near(const struct state *state, node_id place,
                           uint32_t *near)
{
    const struct stored *items = state->store.items;

    while (*near < state->store.count && items[*near].place < place)
        ++*near;
    return *near < state->store.count && items[*near].place == place
               ? items[*near].value
               : 0;
}

/* The places of both, each once; `one` and `two` are as they came. What both
 * sides know alike, which is most of it, is left alone. */
static void places_join(struct join *join, const struct state *one,
                        const struct state *two, bool is_shared)
{
    uint32_t near_one = 0;
    uint32_t near_two = 0;
    uint32_t at = 0;

    for (uint32_t i = 0; i < one->store.count; i++) {
        node_id place = one->store.items[i].place;
        node_id value = stored_near(join->one, place, &near_one);

        if (place_is_property(join->values, place) ||
            place_is_shared(join->values, place) != is_shared)
            continue;
        if (!value || value != stored_near(join->two, place, &near_two))
            place_unify(join, place);
    }
    for (uint32_t i = 0; i < two->store.count; i++) {
        node_id place = two->store.items[i].place;

        while (at < one->store.count && one->store.items[at].place < place)
            at++;
        if (place_is_property(join->values, place) ||
            place_is_shared(join->values, place) != is_shared)
            continue;
        if (at == one->store.count || one->store.items[at].place != place)
            place_unify(join, place);
    }
}

static void facts_join(struct join *join)
{
    struct state *out = join->one;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < out->facts.count; i++) {
        struct fact fact = out->facts.items[i];
        struct fact other = state_fact(join->two, join->values, fact.value);
        struct fact hull = fact_hull(&fact, &other, fact.value);

        if (says_nothing(&hull))
            continue;
        out->facts.items[kept++] = hull;
    }
    out->facts.count = kept;
}

static bool held_has(const struct state *state, const struct held_lock *lock)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].acquired == lock->acquired &&
            state->held.items[i].lock == lock->lock)
            return true;
    return false;
}

static void held_join_by_force(struct join *join)
{
    node_lists_intersect(&join->one->dropped, &join->two->dropped);
    for (uint32_t i = 0; i < join->one->held.count; i++)
        if (!held_has(join->two, &join->one->held.items[i]))
            join->one->held.items[i].may = true;
    for (uint32_t i = 0; i < join->two->held.count; i++) {
        struct held_lock lock = join->two->held.items[i];

        if (held_has(join->one, &lock))
            continue;
        lock.may = true;
        state_held_add(join->one, join->arena, lock);
    }
}

/* The same acquisition, of what could not be shown to be one lock. */
static void held_join(struct join *join)
{
    for (uint32_t i = 0; i < join->one->held.count; i++) {
        struct held_lock *held = &join->one->held.items[i];

        held->is_many |= join->two->held.items[i].is_many;
        if (held->lock != join->two->held.items[i].lock)
            held->lock = 0;
        if (held->guard != join->two->held.items[i].guard)
            held->guard = 0;
    }
}

struct state *state_join(struct values *values, struct arena *arena,
                         const struct state *one, const struct state *two,
                         ir_id block, bool by_force)
{
    struct join join = {values, arena, state_copy(arena, one),
                        state_copy(arena, two), block};

    /* Where others get, too, a path that is doubted adds nothing. */
    if (one->is_doubtful != two->is_doubtful)
        return one->is_doubtful ? join.two : join.one;
    /* Variables may point to what is found through memory: that first. */
    places_join(&join, one, two, true);
    places_join(&join, one, two, false);
    mode_joined(values, join.one, join.two);
    facts_join(&join);
    if (by_force)
        held_join_by_force(&join);
    else
        held_join(&join);
    join.one->is_full = one->is_full || two->is_full;
    if (one->branch != two->branch || one->branch_taken != two->branch_taken)
        join.one->branch = 0;
    join.one->carried.count = 0;
    carry_join(values, arena, join.one, one, two);
    fates_join(join.one, join.two, values, arena);
    join.one->met_locker |= two->met_locker;
    questions_join(join.one, two);
    if (one->whereabouts != two->whereabouts)
        join.one->whereabouts = WHERE_UNKNOWN;
    return join.one;
}

/* A place that others can write and that is spoken of: the first in a value
 * or fact, found from the outside in. */
static node_id shared_init(const struct values *values, node_id id)
{
    const struct node *node = node_get(values, id);

    if (node->kind == VALUE_INIT && place_is_shared(values, node->a))
        return id;
    if (node->kind == VALUE_OPER) {
        node_id found = shared_init(values, node->a);

        return found ? found : shared_init(values, node->b);
    }
    return 0;
}

static void guard_follow(struct state *state, node_id from, node_id to)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (from && state->held.items[i].guard == from)
            state->held.items[i].guard = to;
}

/* What such a place has held since some paths met inside the loop is what it
 * holds in the next round: a pointer, a lock that was found through it. */
static void phis_follow(struct state *state, struct values *values,
                        struct arena *arena, ir_id block)
{
    for (uint32_t i = 0; i < state->store.count;) {
        const struct stored *entry = &state->store.items[i];
        const struct node *node = node_get(values, entry->value);
        node_id place = entry->place;

        if (node->kind != VALUE_PHI || node->b != place || node->a == block ||
            !place_is_shared(values, place)) {
            i++;
            continue;
        }
        state_rename(state, values, arena, entry->value,
                     value_make(values, VALUE_PHI, block, place));
        i = 0;
    }
}

void state_shared_forget(struct state *state, struct values *values,
                         struct arena *arena, ir_id block)
{
    VEC(node_id) files = {0};

    for (uint32_t i = 0; i < state->facts.count;) {
        node_id init = shared_init(values, state->facts.items[i].value);
        node_id place = init ? node_get(values, init)->a : 0;
        node_id phi;

        if (!init) {
            i++;
            continue;
        }
        vec_remove(&state->facts, i);
        phi = value_make(values, VALUE_PHI, block, place);
        state_rename(state, values, arena, init, phi);
        state_store(state, values, arena, place, phi);
        i = 0;
    }
    phis_follow(state, values, arena, block);
    for (uint32_t i = 0; i < state->store.count; i++) {
        struct stored *entry = &state->store.items[i];
        node_id phi = value_make(values, VALUE_PHI, block, entry->place);

        if (!place_is_shared(values, entry->place) ||
            place_is_property(values, entry->place))
            continue;
        if (mode_is_set(state, values, entry->value))
            vec_add(arena, &files, phi);
        guard_follow(state, entry->value, phi);
        entry->value = phi;
    }
    for (uint32_t i = 0; i < files.count; i++)
        mode_put(state, values, arena, files.items[i], true);
}

/* Calls that may give a lock back, one behind the other, make two states of
 * each that gets there, and most of these are alike. */
bool states_thin(state_list *states, struct values *values, struct arena *arena,
                 ir_id block)
{
    uint32_t kept = 0;

    if (states->count <= FEW_STATES)
        return true;
    for (uint32_t i = 0; i < states->count; i++) {
        uint32_t k = 0;

        while (k < kept && !state_equal(states->items[k], states->items[i]))
            k++;
        if (k == kept)
            states->items[kept++] = states->items[i];
    }
    states->count = kept;
    if (kept <= MOST_AT_ONCE)
        return true;
    for (uint32_t i = 1; i < kept; i++)
        states->items[0] = state_join(values, arena, states->items[0],
                                      states->items[i], block, true);
    states->count = 1;
    return false;
}
