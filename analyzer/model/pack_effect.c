/*
 * Effects: what a call does to locks, guards, events, fds and references.
 * Each key of an entry has one reader here; most take either a place alone
 * (`release: arg0`) or a mapping that says more, or a list of these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "model/pack_value.h"

/* An effect while it is read: what was said, and how often. */
struct draft {
    struct effect effect;
    struct place from;
    struct pack_conditions conditions;
    int guard_verbs;
    bool has_kind;
    bool has_outcome;
};

static bool kind_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    enum { BY_TYPE = -1 };
    static const struct pack_word words[] = {
        {"blocking", LOCK_BLOCKING},
        {"spin", LOCK_SPIN},
        {"async", LOCK_ASYNC},
        {"by-type", BY_TYPE},
        {0},
    };
    struct draft *draft = field;
    int value;

    if (!pack_word_read(reader, node, "a kind of lock", words, &value))
        return false;
    draft->has_kind = true;
    draft->effect.kind_by_type = value == BY_TYPE;
    if (value != BY_TYPE)
        draft->effect.lock = (enum lock_kind)value;
    return true;
}

static bool when_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    struct draft *draft = field;

    draft->has_outcome = true;
    return pack_outcome_read(reader, node, &draft->effect.outcome);
}

static bool guard_verb_read(struct pack_reader *reader,
                            const struct yaml_node *node, void *field,
                            enum effect_kind kind)
{
    struct draft *draft = field;

    draft->guard_verbs++;
    draft->effect.kind = kind;
    return pack_place_read(reader, node, &draft->effect.guard);
}

#define GUARD_VERB(name, kind)                                                 \
    static bool name##_read(struct pack_reader *reader,                        \
                            const struct yaml_node *node, void *field)         \
    {                                                                          \
        return guard_verb_read(reader, node, field, kind);                     \
    }
GUARD_VERB(enter, EFFECT_GUARD_ENTER)
GUARD_VERB(defer, EFFECT_GUARD_DEFER)
GUARD_VERB(adopt, EFFECT_GUARD_ADOPT)
GUARD_VERB(take, EFFECT_GUARD_TAKE)
GUARD_VERB(await, EFFECT_GUARD_AWAIT)
GUARD_VERB(drop, EFFECT_GUARD_DROP)
GUARD_VERB(move, EFFECT_GUARD_MOVE)
#undef GUARD_VERB

static bool masks_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    static const struct pack_word words[] = {
        {"soft", MASKS_SOFT}, {"all", MASKS_ALL}, {0}};
    struct draft *draft = field;
    int value;

    if (!pack_word_read(reader, node, "what is kept out", words, &value))
        return false;
    draft->effect.masks = (enum masks)value;
    return true;
}

#define ON offsetof(struct draft, effect.on)
#define CONDITIONS offsetof(struct draft, conditions)
#define FLAG(member) offsetof(struct draft, effect.member)

static const struct pack_key acquire_keys[] = {
    {"lock", pack_place_read, ON},
    {"kind", kind_read, 0},
    {"mode", pack_mode_read, FLAG(mode)},
    {"try", pack_bool_read, FLAG(is_try)},
    {"interruptible", pack_bool_read, FLAG(is_interruptible)},
    {"when", when_read, 0},
    {"recursive", pack_bool_read, FLAG(is_recursive)},
    {"section", pack_bool_read, FLAG(is_section)},
    {"masks", masks_read, 0},
    {"only-if-free", pack_bool_read, FLAG(only_if_free)},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

static const struct pack_key release_keys[] = {
    {"lock", pack_place_read, ON},
    {"mode", pack_mode_read, FLAG(mode)},
    {"when", when_read, 0},
    {"only-if-held", pack_bool_read, FLAG(only_if_held)},
    {"unmasks", masks_read, 0},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

static const struct pack_key guard_keys[] = {
    {"enter", enter_read, 0},
    {"defer", defer_read, 0},
    {"adopt", adopt_read, 0},
    {"take", take_read, 0},
    {"await", await_read, 0},
    {"drop", drop_read, 0},
    {"move", move_read, 0},
    {"from", pack_place_read, offsetof(struct draft, from)},
    {"lock", pack_place_read, ON},
    {"kind", kind_read, 0},
    {"mode", pack_mode_read, FLAG(mode)},
    {"try", pack_bool_read, FLAG(is_try)},
    {"when", when_read, 0},
    {"recursive", pack_bool_read, FLAG(is_recursive)},
    {"section", pack_bool_read, FLAG(is_section)},
    {"masks", masks_read, 0},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

static const struct pack_key init_keys[] = {
    {"lock", pack_place_read, ON},
    {"attributes", pack_place_read, FLAG(attributes)},
    {"recursive", pack_bool_read, FLAG(is_recursive)},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

static const struct pack_key attribute_keys[] = {
    {"of", pack_place_read, ON},
    {"recursive", pack_bool_read, FLAG(is_recursive)},
    {"refused-again", pack_bool_read, FLAG(is_refused)},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

static const struct pack_key object_keys[] = {
    {"of", pack_place_read, ON},
    {"if", pack_conditions_read, CONDITIONS},
    {0},
};

/* What all effects have in common, once their keys are read. */
static bool effect_add(struct pack_reader *reader, const struct yaml_node *node,
                       struct draft *draft, struct pack_effects *effects)
{
    struct effect *effect = &draft->effect;

    if (effect->on.base == PLACE_SCOPE)
        return yaml_fail(node, reader->err, "only a guard can be the scope");
    if (effect->is_try && !draft->has_outcome)
        return yaml_fail(node, reader->err,
                         "a try has to say when it got the lock: add "
                         "'when: result == 0' or the like");
    effect->conditions = draft->conditions.list.items;
    effect->condition_count = (int)draft->conditions.list.count;
    vec_add(reader->arena, &effects->list, *effect);
    return true;
}

/* Reads a place alone or a mapping with `keys`. */
static bool effect_read(struct pack_reader *reader,
                        const struct yaml_node *node, const char *what,
                        const struct pack_key *keys, struct draft *draft)
{
    if (node->kind == YAML_TEXT)
        return pack_place_read(reader, node, &draft->effect.on);
    if (!pack_keys_read(reader, node, what, keys, draft))
        return false;
    if (draft->effect.on.base || keys == guard_keys)
        return true;
    return yaml_fail(node, reader->err, "%s has to name %s", what,
                     keys == attribute_keys || keys == object_keys
                         ? "its object: add 'of: arg0'"
                         : "its lock: add 'lock: arg0'");
}

static bool kind_missing_err(struct pack_reader *reader,
                             const struct yaml_node *node)
{
    return yaml_fail(node, reader->err,
                     "which kind of lock is it? add 'kind: blocking', "
                     "spin, async or by-type");
}

static bool taking_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field,
                        enum effect_kind kind)
{
    struct draft draft = {.effect.kind = kind};

    if (!effect_read(reader, node, "an acquisition", acquire_keys, &draft))
        return false;
    if (!draft.has_kind)
        return kind_missing_err(reader, node);
    return effect_add(reader, node, &draft, field);
}

static bool acquire_one(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    return taking_read(reader, node, field, EFFECT_ACQUIRE);
}

bool pack_acquire_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    return pack_each_read(reader, node, acquire_one, field);
}

/* Taken, and given back before the call is over. */
static bool within_one(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct pack_effects *effects = field;
    struct draft draft = {.effect.kind = EFFECT_RELEASE,
                          .effect.mode = LOCK_EITHER};

    if (!acquire_one(reader, node, field))
        return false;
    draft.effect.on = vec_last(&effects->list)->on;
    return effect_add(reader, node, &draft, effects);
}

bool pack_within_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    return pack_each_read(reader, node, within_one, field);
}

static bool release_one(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    struct draft draft = {.effect.kind = EFFECT_RELEASE,
                          .effect.mode = LOCK_EITHER};

    return effect_read(reader, node, "a release", release_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

bool pack_release_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    return pack_each_read(reader, node, release_one, field);
}

static bool guard_check(struct pack_reader *reader,
                        const struct yaml_node *node, struct draft *draft)
{
    enum effect_kind kind = draft->effect.kind;
    bool names_lock = kind == EFFECT_GUARD_ENTER ||
                      kind == EFFECT_GUARD_DEFER || kind == EFFECT_GUARD_ADOPT;

    if (draft->guard_verbs != 1)
        return yaml_fail(node, reader->err,
                         "a guard does one thing: enter, defer, adopt, "
                         "take, await, drop or move");
    if (names_lock != (draft->effect.on.base != PLACE_NONE))
        return yaml_fail(node, reader->err,
                         "a guard that enters, defers or adopts has to "
                         "name its lock, and no other has");
    if (names_lock && !draft->has_kind)
        return kind_missing_err(reader, node);
    if ((kind == EFFECT_GUARD_MOVE) != (draft->from.base != PLACE_NONE))
        return yaml_fail(node, reader->err,
                         "a guard that moves has to say 'from', and no "
                         "other has");
    if (kind == EFFECT_GUARD_MOVE)
        draft->effect.on = draft->from;
    return true;
}

static bool guard_one(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    struct draft draft = {0};

    if (node->kind != YAML_MAP)
        return yaml_fail(node, reader->err,
                         "a guard has to be a mapping of keys to values");
    return effect_read(reader, node, "a guard", guard_keys, &draft) &&
           guard_check(reader, node, &draft) &&
           effect_add(reader, node, &draft, field);
}

bool pack_guard_read(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    return pack_each_read(reader, node, guard_one, field);
}

struct wait {
    struct place event;
    struct place releases;
    bool in_loop;
};

/* `wait: true`, or a mapping with the event, the lock that is given back for as
 * long as the wait lasts, and whether it is to be asked for again then. */
bool pack_wait_read(struct pack_reader *reader, const struct yaml_node *node,
                    void *field)
{
    static const struct pack_key keys[] = {
        {"for", pack_place_read, offsetof(struct wait, event)},
        {"releases", pack_place_read, offsetof(struct wait, releases)},
        {"in-loop", pack_bool_read, offsetof(struct wait, in_loop)},
        {0},
    };
    struct pack_effects *effects = field;
    struct draft event = {.effect.kind = EFFECT_EVENT_WAIT};
    struct draft lock = {.effect.kind = EFFECT_WAIT};
    struct wait wait = {0};

    effects->has_wait = true;
    if (node->kind == YAML_TEXT)
        return pack_bool_read(reader, node, &effects->has_wait);
    if (!pack_keys_read(reader, node, "a wait", keys, &wait))
        return false;
    effects->wait_in_loop = wait.in_loop;
    event.effect.on = wait.event;
    lock.effect.on = wait.releases;
    return (!wait.event.base || effect_add(reader, node, &event, field)) &&
           (!wait.releases.base || effect_add(reader, node, &lock, field));
}

static bool init_one(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    struct draft draft = {.effect.kind = EFFECT_LOCK_INIT};

    return effect_read(reader, node, "an initialisation", init_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

bool pack_init_read(struct pack_reader *reader, const struct yaml_node *node,
                    void *field)
{
    return pack_each_read(reader, node, init_one, field);
}

static bool attribute_one(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    struct draft draft = {.effect.kind = EFFECT_LOCK_ATTRIBUTE};

    return effect_read(reader, node, "an attribute", attribute_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

bool pack_attribute_read(struct pack_reader *reader,
                         const struct yaml_node *node, void *field)
{
    return pack_each_read(reader, node, attribute_one, field);
}

static bool object_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field,
                        enum effect_kind kind)
{
    struct draft draft = {.effect.kind = kind};

    return effect_read(reader, node, "an effect", object_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

static const struct pack_key queue_keys[] = {
    {"of", pack_place_read, offsetof(struct draft, effect.queued)},
    {"on", pack_place_read, ON},
    {0},
};

bool pack_queue_read(struct pack_reader *reader, const struct yaml_node *node,
                     void *field)
{
    struct draft draft = {.effect.kind = EFFECT_EVENT_QUEUE};

    if (node->kind != YAML_MAP || !yaml_find(node, "of") ||
        !yaml_find(node, "on"))
        return yaml_fail(node, reader->err,
                         "what is queued is {of: arg1, on: arg0}");
    return effect_read(reader, node, "what is queued", queue_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

/* ---- semaphores */

/* `argN`, or the number. */
static bool count_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct effect *effect = field;
    const char *rest;

    effect->permits_arg =
        node->kind == YAML_TEXT ? pack_arg_parse(node->text, &rest) : -1;
    if (effect->permits_arg >= 0 && !*rest)
        return true;
    effect->permits_arg = -1;
    return pack_number_read(reader, node, &effect->permits);
}

static const struct pack_key permits_keys[] = {
    {"of", pack_place_read, ON},
    {"count", count_read, offsetof(struct draft, effect)},
    {0},
};

bool pack_permits_read(struct pack_reader *reader, const struct yaml_node *node,
                       void *field)
{
    struct draft draft = {.effect.kind = EFFECT_PERMIT_COUNT};

    if (node->kind != YAML_MAP || !yaml_find(node, "of") ||
        !yaml_find(node, "count"))
        return yaml_fail(node, reader->err,
                         "permits are {of: arg0, count: arg1}, or count: 1");
    return effect_read(reader, node, "permits", permits_keys, &draft) &&
           effect_add(reader, node, &draft, field);
}

bool pack_permit_take_read(struct pack_reader *reader,
                           const struct yaml_node *node, void *field)
{
    return taking_read(reader, node, field, EFFECT_PERMIT_TAKE);
}

#define OBJECT_EFFECT(name, kind)                                              \
    bool pack_##name##_read(struct pack_reader *reader,                        \
                            const struct yaml_node *node, void *field)         \
    {                                                                          \
        return object_read(reader, node, field, kind);                         \
    }
OBJECT_EFFECT(destroy, EFFECT_LOCK_DESTROY)
OBJECT_EFFECT(allocate, EFFECT_ALLOCATE)
OBJECT_EFFECT(free, EFFECT_FREE)
OBJECT_EFFECT(signal, EFFECT_EVENT_SIGNAL)
OBJECT_EFFECT(exclude, EFFECT_EXCLUDES)
OBJECT_EFFECT(runs_as, EFFECT_EVENT_RUN)
OBJECT_EFFECT(nonblocking, EFFECT_NONBLOCKING)
OBJECT_EFFECT(in_memory, EFFECT_IN_MEMORY)
OBJECT_EFFECT(zero, EFFECT_ZERO)
OBJECT_EFFECT(ref_take, EFFECT_REF_TAKE)
OBJECT_EFFECT(ref_drop, EFFECT_REF_DROP)
OBJECT_EFFECT(permit_give, EFFECT_PERMIT_GIVE)
#undef OBJECT_EFFECT

/* One that is about nothing but the thread: a mapping of its conditions. */
static bool bare_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field, enum effect_kind kind)
{
    struct draft draft = {.effect.kind = kind};

    return pack_conditions_read(reader, node, &draft.conditions) &&
           effect_add(reader, node, &draft, field);
}

bool pack_cancel_shield_read(struct pack_reader *reader,
                             const struct yaml_node *node, void *field)
{
    return bare_read(reader, node, field, EFFECT_CANCEL_SHIELD);
}

bool pack_noreturn_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    return bare_read(reader, node, field, EFFECT_NORETURN);
}

bool pack_cancel_anywhere_read(struct pack_reader *reader,
                               const struct yaml_node *node, void *field)
{
    return bare_read(reader, node, field, EFFECT_CANCEL_ANYWHERE);
}
