/*
 * The fields of what a function is to its callers, struct by struct, in the
 * order of effects.h; what is there most often comes first. Whoever adds a
 * field to one of these adds a row here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_shapes.h"

static bool is_always_shared(const void *item)
{
    (void)item;
    return true;
}

/* ---- paths */

#define SHAPED path_step
static const struct shape_field path_step_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, kind), .most = STEP_INDEX},
    {SHAPE_ROW(SHAPE_TEXT, record)},
    {SHAPE_ROW(SHAPE_TEXT, field)},
    {SHAPE_ROW(SHAPE_TEXT, class)},
    {SHAPE_ROW(SHAPE_NUMBER, index_param)},
    {SHAPE_ROW(SHAPE_NUMBER, index)},
};

static bool path_step_is_sound(const void *item)
{
    const struct path_step *step = item;

    return step->index_param >= -1 &&
           (step->kind != STEP_FIELD ||
            (step->record && step->field && step->class));
}

static SHAPE(shape_path_step, path_step_fields, path_step_is_sound, NULL);
#undef SHAPED

#define SHAPED path
static const struct shape_field path_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, param)},
    {SHAPE_ROW(SHAPE_TEXT, global)},
    {SHAPE_ROW(SHAPE_ARRAY, steps), .other = offsetof(struct path, step_count),
     .shape = &shape_path_step},
    {SHAPE_ROW(SHAPE_NUMBER, hash)},
};

static bool path_is_sound(const void *item)
{
    const struct path *path = item;

    return path->param >= PATH_RESULT &&
           (path->param != PATH_GLOBAL || path->global);
}

static SHAPE(shape_path, path_fields, path_is_sound, is_always_shared);
#undef SHAPED

/* ---- locks */

#define SHAPED lock_info
static const struct shape_field lock_info_fields[] = {
    {SHAPE_ROW(SHAPE_TEXT, name)},
    {SHAPE_ROW(SHAPE_TEXT, class)},
    {SHAPE_ROW(SHAPE_TEXT, instance)},
    {SHAPE_ROW(SHAPE_FN, taken_in)},
    {SHAPE_ROW(SHAPE_OP_OF, taken_at),
     .other = offsetof(struct lock_info, taken_in)},
    {SHAPE_ROW(SHAPE_NUMBER, kind), .most = LOCK_UNKNOWN},
    {SHAPE_ROW(SHAPE_NUMBER, mode), .most = LOCK_EITHER},
    {SHAPE_ROW(SHAPE_FLAG, is_recursive)},
    {SHAPE_ROW(SHAPE_FLAG, is_try)},
    {SHAPE_ROW(SHAPE_FLAG, is_parameter)},
    {SHAPE_ROW(SHAPE_FLAG, is_section)},
    {SHAPE_ROW(SHAPE_FLAG, is_said)},
    {SHAPE_ROW(SHAPE_FLAG, is_nameless)},
    {SHAPE_ROW(SHAPE_FLAG, is_local)},
};

/* None, or one with a name. */
static bool lock_info_is_sound(const void *item)
{
    const struct lock_info *info = item;

    return info->name && info->class;
}

SHAPE(shape_lock_info, lock_info_fields, lock_info_is_sound, is_always_shared);
#undef SHAPED

/* ---- what it does to its caller's locks */

#define SHAPED flag
static const struct shape_field flag_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, wanted), .most = FLAG_CLEAR},
    {SHAPE_ROW(SHAPE_POINTER, path), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_NUMBER, mask)},
    {SHAPE_ROW(SHAPE_NUMBER, nought)},
    {SHAPE_ROW(SHAPE_TEXT, memory)},
};

static bool flag_is_sound(const void *item)
{
    const struct flag *flag = item;

    return !flag->wanted || flag->path;
}

static SHAPE(shape_flag, flag_fields, flag_is_sound, NULL);
#undef SHAPED

#define SHAPED lock_when
static const struct shape_field lock_when_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, param)},
    {SHAPE_ROW(SHAPE_POINTER, field), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_NUMBER, mask)},
    {SHAPE_ROW(SHAPE_NUMBER, low)},
    {SHAPE_ROW(SHAPE_NUMBER, high)},
    {SHAPE_ROW(SHAPE_FLAG, nonzero)},
    {SHAPE_ROW(SHAPE_NUMBER, other_than)},
};
static SHAPE(shape_lock_when, lock_when_fields, NULL, NULL);
#undef SHAPED

_Static_assert(MOST_WHENS == 4, "a row for each condition");

#define SHAPED lock_effect
static const struct shape_field lock_effect_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, kind), .most = LOCK_DROPS},
    {SHAPE_ROW(SHAPE_POINTER, path), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_INSIDE, lock), .shape = &shape_lock_info},
    {SHAPE_ROW(SHAPE_OP, op)},
    {SHAPE_ROW(SHAPE_NUMBER, held_buckets)},
    {SHAPE_ROW(SHAPE_NUMBER, free_buckets)},
    {SHAPE_ROW(SHAPE_INSIDE, whens[0]), .shape = &shape_lock_when},
    {SHAPE_ROW(SHAPE_INSIDE, whens[1]), .shape = &shape_lock_when},
    {SHAPE_ROW(SHAPE_INSIDE, whens[2]), .shape = &shape_lock_when},
    {SHAPE_ROW(SHAPE_INSIDE, whens[3]), .shape = &shape_lock_when},
    {SHAPE_ROW(SHAPE_NUMBER, when_count), .most = MOST_WHENS},
    {SHAPE_ROW(SHAPE_NUMBER, when_differ[0]), .most = MOST_PARAMS},
    {SHAPE_ROW(SHAPE_NUMBER, when_differ[1]), .most = MOST_PARAMS},
    {SHAPE_ROW(SHAPE_FLAG, at_last)},
    {SHAPE_ROW(SHAPE_FLAG, after_drop)},
    {SHAPE_ROW(SHAPE_FLAG, in_guard)},
    {SHAPE_ROW(SHAPE_POINTER, guard_path), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_FLAG, sometimes)},
    {SHAPE_ROW(SHAPE_NUMBER, unless_null)},
    {SHAPE_ROW(SHAPE_INSIDE, flag), .shape = &shape_flag},
};

static bool lock_effect_is_shared(const void *item)
{
    return !((const struct lock_effect *)item)->op;
}

static bool lock_effect_is_sound(const void *item)
{
    const struct lock_effect *effect = item;

    return effect->path &&
           (effect->lock.class || effect->kind == LOCK_EXCURSION ||
            effect->kind == LOCK_BLOCK_EXCURSION);
}

SHAPE(shape_lock_effect, lock_effect_fields, lock_effect_is_sound,
      lock_effect_is_shared);
#undef SHAPED

#define SHAPED lock_nesting
static const struct shape_field lock_nesting_fields[] = {
    {SHAPE_ROW(SHAPE_POINTER, outer), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_POINTER, inner), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_INSIDE, nesting), .shape = &shape_nesting},
};

static bool lock_nesting_is_sound(const void *item)
{
    const struct lock_nesting *nesting = item;

    return nesting->outer && nesting->inner && nesting->nesting.inner.class;
}

static SHAPE(shape_lock_nesting, lock_nesting_fields, lock_nesting_is_sound,
             NULL);
#undef SHAPED

#define SHAPED lock_run
static const struct shape_field lock_run_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, param), .most = MOST_PARAMS},
    {SHAPE_ROW(SHAPE_POINTER, outer), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_INSIDE, nesting), .shape = &shape_nesting},
};

static bool lock_run_is_sound(const void *item)
{
    return ((const struct lock_run *)item)->outer;
}

static SHAPE(shape_lock_run, lock_run_fields, lock_run_is_sound, NULL);
#undef SHAPED

#define SHAPED lock_effects
static const struct shape_field lock_effects_fields[] = {
    {SHAPE_ROW(SHAPE_FLAG, suspends_seen)},
    {SHAPE_ROW(SHAPE_FLAG, blocks_seen)},
    {SHAPE_ROW(SHAPE_FLAG, gives_some)},
    {SHAPE_ROW(SHAPE_TEXT, some_class)},
    {SHAPE_ROW(SHAPE_FLAG, leaves_some)},
    {SHAPE_ROW(SHAPE_FLAG, makes)},
    {SHAPE_ROW(SHAPE_LIST, nestings), .shape = &shape_lock_nesting},
    {SHAPE_ROW(SHAPE_LIST, runs), .shape = &shape_lock_run},
};
static SHAPE(shape_lock_effects, lock_effects_fields, NULL, NULL);
#undef SHAPED

/* ---- the summary */

#define SHAPED only_if
static const struct shape_field only_if_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, param)},
    {SHAPE_ROW(SHAPE_NUMBER, flag)},
};
static SHAPE(shape_only_if, only_if_fields, NULL, NULL);
#undef SHAPED

#define SHAPED waits
static const struct shape_field waits_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, nonzero)},
    {SHAPE_ROW(SHAPE_NUMBER, zero)},
    {SHAPE_ROW(SHAPE_FLAG, last)},
    {SHAPE_ROW(SHAPE_FLAG, bits_are_clear)},
    {SHAPE_ROW(SHAPE_NUMBER, bits_param)},
    {SHAPE_ROW(SHAPE_NUMBER, bits)},
    {SHAPE_ROW(SHAPE_INSIDE, flag), .shape = &shape_flag},
};
static SHAPE(shape_waits, waits_fields, NULL, NULL);
#undef SHAPED

#define SHAPED summary
static const struct shape_field summary_fields[] = {
    {SHAPE_ROW(SHAPE_NUMBER, suspends), .most = ANSWER_UNKNOWN},
    {SHAPE_ROW(SHAPE_NUMBER, suspends_outside), .most = ANSWER_UNKNOWN},
    {SHAPE_ROW(SHAPE_NUMBER, blocks), .most = ANSWER_UNKNOWN},
    {SHAPE_ROW(SHAPE_OP, suspends_at)},
    {SHAPE_ROW(SHAPE_OP, blocks_at)},
    {SHAPE_ROW(SHAPE_TEXT, blocks_why)},
    {SHAPE_ROW(SHAPE_INSIDE, only_if), .shape = &shape_only_if},
    {SHAPE_ROW(SHAPE_INSIDE, waits), .shape = &shape_waits},
    {SHAPE_ROW(SHAPE_INSIDE, halts), .shape = &shape_waits},
    {SHAPE_ROW(SHAPE_FLAG, never_returns)},
    {SHAPE_ROW(SHAPE_FLAG, skips_cleanups)},
    {SHAPE_ROW(SHAPE_FLAG, may_skip_cleanups)},
    {SHAPE_ROW(SHAPE_NUMBER, cancels)},
    {SHAPE_ROW(SHAPE_FLAG, shields)},
    {SHAPE_ROW(SHAPE_FLAG, defers)},
    {SHAPE_ROW(SHAPE_NUMBER, drops)},
    {SHAPE_ROW(SHAPE_NUMBER, drops_behind)},
    {SHAPE_ROW(SHAPE_FLAG, takes_reference)},
    {SHAPE_ROW(SHAPE_NUMBER, starts)},
    {SHAPE_ROW(SHAPE_FLAG, starts_moving)},
    {SHAPE_ROW(SHAPE_FLAG, returns_bound)},
    {SHAPE_ROW(SHAPE_NUMBER, binds)},
    {SHAPE_ROW(SHAPE_FLAG, returns_raw)},
    {SHAPE_ROW(SHAPE_FLAG, returns_other)},
    {SHAPE_ROW(SHAPE_NUMBER, modes)},
    {SHAPE_ROW(SHAPE_POINTER, returns), .shape = &shape_path},
    {SHAPE_ROW(SHAPE_INSIDE, locks), .shape = &shape_lock_effects},
};
SHAPE(shape_summary, summary_fields, NULL, NULL);
#undef SHAPED

#define SHAPED fn
static const struct shape_field solved_fields[] = {
    {SHAPE_ROW(SHAPE_INSIDE, summary), .shape = &shape_summary},
    {SHAPE_ROW(SHAPE_LIST, events), .shape = &shape_event},
    {SHAPE_ROW(SHAPE_LIST, nestings), .shape = &shape_nesting},
    {SHAPE_ROW(SHAPE_LIST, sections), .shape = &shape_section},
    {SHAPE_ROW(SHAPE_FLAG, is_bounded)},
    {SHAPE_ROW(SHAPE_NOTHING, seen_where)},
    {SHAPE_ROW(SHAPE_NOTHING, trouble)},
};
SHAPE(shape_solved, solved_fields, NULL, NULL);
#undef SHAPED

/* What grew by a field lacks a row. Where pointers have another size, this is
 * not looked at. */
_Static_assert(sizeof(void *) != 8 || (sizeof(struct lock_effect) == 384 &&
                                       sizeof(struct lock_effects) == 72 &&
                                       sizeof(struct summary) == 264),
               "a row for each field");
