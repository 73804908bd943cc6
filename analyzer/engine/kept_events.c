/*
 * The fields of what happens in a function, as in kept_shapes.c: in the order
 * of event.h and section.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_shapes.h"

#define SHAPED held
static const struct shape_field held_fields[] = {
    {SHAPE_ROW(SHAPE_OP, acquired)},
    {SHAPE_ROW(SHAPE_NUMBER, slot)},
    {SHAPE_ROW(SHAPE_INSIDE, lock), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_FLAG, must)},
    {SHAPE_ROW(SHAPE_FLAG, uses_it)},
    {SHAPE_ROW(SHAPE_FLAG, has_guard)},
    {SHAPE_ROW(SHAPE_FLAG, is_weak)},
    {SHAPE_ROW(SHAPE_FLAG, is_handed)},
    {SHAPE_ROW(SHAPE_OP, branch)},
    {SHAPE_ROW(SHAPE_FLAG, branch_taken)},
    {SHAPE_ROW(SHAPE_NUMBER, seen)},
    {SHAPE_ROW(SHAPE_NUMBER, again)},
};

static bool held_is_sound(const void *item)
{
    const struct held *held = item;

    return held->acquired && held->lock.class;
}

static SHAPE(shape_held, held_fields, held_is_sound, NULL);
#undef SHAPED

/* ---- what happens */

#define SHAPED stale
static const struct shape_field stale_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, kind)},
    {SHAPE_ROW(SHAPE_OP, source)},
    {SHAPE_ROW(SHAPE_OP, left)},
    {SHAPE_ROW(SHAPE_TEXT, name)},
    {SHAPE_ROW(SHAPE_TEXT, from)},
    {SHAPE_ROW(SHAPE_INSIDE, lock), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_NOTHING, what)}, /* numbers of the whole program */
    {SHAPE_ROW(SHAPE_NOTHING, used)},
    {SHAPE_ROW(SHAPE_FLAG, is_held)},
};

static bool stale_is_sound(const void *item)
{
    const struct stale *stale = item;

    return stale->name && stale->from;
}

static SHAPE(shape_stale, stale_fields, stale_is_sound, NULL);
#undef SHAPED

/* How many states had which fate. */
struct fates {
    uint32_t of[FATE_COUNT];
};

_Static_assert(FATE_COUNT == 10, "a row for each fate");

#define SHAPED fates
static const struct shape_field fates_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, of[0])}, {SHAPE_ROW(SHAPE_NUMBER, of[1])},
    {SHAPE_ROW(SHAPE_NUMBER, of[2])}, {SHAPE_ROW(SHAPE_NUMBER, of[3])},
    {SHAPE_ROW(SHAPE_NUMBER, of[4])}, {SHAPE_ROW(SHAPE_NUMBER, of[5])},
    {SHAPE_ROW(SHAPE_NUMBER, of[6])}, {SHAPE_ROW(SHAPE_NUMBER, of[7])},
    {SHAPE_ROW(SHAPE_NUMBER, of[8])}, {SHAPE_ROW(SHAPE_NUMBER, of[9])},
};
static SHAPE(shape_fates, fates_fields, NULL, NULL);
#undef SHAPED

#define SHAPED event
static const struct shape_field event_fields[] = {
    {SHAPE_ROW(SHAPE_OP, op)},
    {SHAPE_ROW(SHAPE_NUMBER, kind), .most = EVENT_FREE},
    {SHAPE_ROW(SHAPE_NUMBER, states)},
    {SHAPE_ROW(SHAPE_TEXT, callee_name)},
    {SHAPE_ROW(SHAPE_FN, callee)},
    {SHAPE_ROW(SHAPE_MEANING, meaning)},
    {SHAPE_ROW(SHAPE_NUMBER, bucket), .most = EXIT_NONZERO},
    {SHAPE_ROW(SHAPE_NUMBER, slot)},
    {SHAPE_ROW(SHAPE_INSIDE, lock), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_TEXT, subject)},
    {SHAPE_ROW(SHAPE_TEXT, subject_in)},
    {SHAPE_ROW(SHAPE_TEXT, queued)},
    {SHAPE_ROW(SHAPE_FLAG, is_try)},
    {SHAPE_ROW(SHAPE_FLAG, is_interruptible)},
    {SHAPE_ROW(SHAPE_FLAG, by_guard)},
    {SHAPE_ROW(SHAPE_NUMBER, answer), .most = ANSWER_UNKNOWN},
    {SHAPE_ROW(SHAPE_FLAG, is_indirect)},
    {SHAPE_ROW(SHAPE_FLAG, is_given)},
    {SHAPE_ROW(SHAPE_FLAG, is_acquisition)},
    {SHAPE_ROW(SHAPE_FLAG, is_offloaded)},
    {SHAPE_ROW(SHAPE_NUMBER, held_before)},
    {SHAPE_ROW(SHAPE_NUMBER, regains)},
    {SHAPE_ROW(SHAPE_NUMBER, of_callee)},
    {SHAPE_ROW(SHAPE_NUMBER, unsure)},
    {SHAPE_ROW(SHAPE_NUMBER, at_times)},
    {SHAPE_ROW(SHAPE_NUMBER, moved)},
    {SHAPE_ROW(SHAPE_NUMBER, wrong_mode)},
    {SHAPE_ROW(SHAPE_INSIDE, fates), .shape = &shape_fates},
    {SHAPE_ROW(SHAPE_OP, fate_at)},
    {SHAPE_ROW(SHAPE_NUMBER, alive)},
    {SHAPE_ROW(SHAPE_OP, alive_at)},
    {SHAPE_ROW(SHAPE_NUMBER, first_given)},
    {SHAPE_ROW(SHAPE_FLAG, moves)},
    {SHAPE_ROW(SHAPE_FLAG, by_callback)},
    {SHAPE_ROW(SHAPE_FN, starts)},
    {SHAPE_ROW(SHAPE_NUMBER, cancels)},
    {SHAPE_ROW(SHAPE_INSIDE, stale), .shape = &shape_stale},
    {SHAPE_ROW(SHAPE_LIST, held), .shape = &shape_held},
    {SHAPE_ROW(SHAPE_TEXTS, dropped)},
    {SHAPE_ROW(SHAPE_NUMBER, states_in_task)},
    {SHAPE_ROW(SHAPE_NUMBER, states_outside)},
    {SHAPE_ROW(SHAPE_FLAG, outside_too)},
};

static bool is_about_lock(enum event_kind kind)
{
    return kind == EVENT_ACQUIRE || kind == EVENT_RETAKE ||
           kind == EVENT_RELEASE || kind == EVENT_REDROP ||
           kind == EVENT_MISUSE || kind == EVENT_MAKE ||
           kind == EVENT_DESTROY || kind == EVENT_FREE ||
           kind == EVENT_EXCLUDED;
}

static bool is_about_call(enum event_kind kind)
{
    return kind == EVENT_SUSPEND || kind == EVENT_BLOCK || kind == EVENT_SPIN ||
           kind == EVENT_UNKNOWN || kind == EVENT_CANCEL ||
           kind == EVENT_SPAWN || kind == EVENT_SYNC_ONLY ||
           kind == EVENT_ASYNC_ONLY || kind == EVENT_HANDS_LOCK ||
           kind == EVENT_NO_CLEANUP || kind == EVENT_END;
}

/* What rules look at without asking whether it is there. Of a lock that is
 * taken again, `fate_at` may be an op of the callee's. */
static bool event_is_sound(const void *item)
{
    const struct event *event = item;

    return event->op && (!is_about_lock(event->kind) || event->lock.class) &&
           (!is_about_call(event->kind) || event->callee_name) &&
           (event->kind != EVENT_RETAKE || !event->fate_at) &&
           ((event->kind != EVENT_SIGNAL && event->kind != EVENT_OUTLIVE) ||
            event->subject) &&
           (event->kind != EVENT_OUTLIVE || event->fate_at) &&
           (event->kind != EVENT_STALE ||
            (event->stale.name && event->stale.source && event->stale.left));
}

SHAPE(shape_event, event_fields, event_is_sound, NULL);
#undef SHAPED

#define SHAPED nesting
static const struct shape_field nesting_fields[] = {
    {SHAPE_ROW(SHAPE_OP, op)},
    {SHAPE_ROW(SHAPE_OP, acquired)},
    {SHAPE_ROW(SHAPE_FN, nested_in)},
    {SHAPE_ROW(SHAPE_OP_OF, outer_at),
     .other = offsetof(struct nesting, nested_in)},
    {SHAPE_ROW(SHAPE_INSIDE, outer), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_INSIDE, inner), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_FLAG, is_handed_on)},
    {SHAPE_ROW(SHAPE_FLAG, is_ordered)},
    {SHAPE_ROW(SHAPE_FLAG, is_compared)},
    {SHAPE_ROW(SHAPE_FLAG, is_told_apart)},
    {SHAPE_ROW(SHAPE_TEXTS, gates)},
};

static bool nesting_is_sound(const void *item)
{
    const struct nesting *nesting = item;

    return nesting->op && nesting->outer.class;
}

SHAPE(shape_nesting, nesting_fields, nesting_is_sound, NULL);
#undef SHAPED

/* ---- what a section touches */

#define SHAPED touch
static const struct shape_field touch_fields[] = {
    {SHAPE_ROW(SHAPE_OP, op)},
    {SHAPE_ROW(SHAPE_NUMBER, kind), .most = TOUCH_CHANGE},
    {SHAPE_ROW(SHAPE_NUMBER, operator)},
    {SHAPE_ROW(SHAPE_NUMBER, place)},
    {SHAPE_ROW(SHAPE_TEXT, datum)},
};
static SHAPE(shape_touch, touch_fields, NULL, NULL);
#undef SHAPED

#define SHAPED section
static const struct shape_field section_fields[] = {
    {SHAPE_ROW(SHAPE_OP, acquired)},
    {SHAPE_ROW(SHAPE_INSIDE, touch), .shape = &shape_touch},
    {SHAPE_ROW(SHAPE_FLAG, has_more)},
};
SHAPE(shape_section, section_fields, NULL, NULL);
#undef SHAPED

/* As in kept_shapes.c. */
_Static_assert(sizeof(void *) != 8 ||
                   (sizeof(struct event) == 400 && sizeof(struct held) == 88 &&
                    sizeof(struct nesting) == 160 &&
                    sizeof(struct section) == 40),
               "a row for each field");
