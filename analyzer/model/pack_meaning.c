/*
 * The entry of a function or macro: its keys, and what has to hold between
 * them. An empty entry (`name: {}`) is worth something too: it says that the
 * function is known, and neither suspends nor blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "model/pack_value.h"

struct draft {
    struct meaning meaning;
    struct pack_effects effects;
    struct pack_effects zeroes;
    struct pack_conditions unless;
    VEC(struct callback_timing) callbacks;
    bool has_suspends;
    bool is_local;
};

static const struct pack_word answers[] = {
    {"never", ANSWER_NEVER},
    {"may", ANSWER_MAY},
    {"must", ANSWER_MUST},
    {"unknown", ANSWER_UNKNOWN},
    {0},
};

static bool suspends_read(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    enum { IN_TASK = ANSWER_UNKNOWN + 1 };
    static const struct pack_word words[] = {
        {"never", ANSWER_NEVER}, {"may", ANSWER_MAY},
        {"must", ANSWER_MUST},   {"unknown", ANSWER_UNKNOWN},
        {"in-task", IN_TASK},    {0},
    };
    struct draft *draft = field;
    int value;

    if (!pack_word_read(reader, node, "an answer", words, &value))
        return false;
    draft->has_suspends = true;
    draft->meaning.only_in_task = value == IN_TASK;
    draft->meaning.suspends =
        value == IN_TASK ? ANSWER_MAY : (enum tristate)value;
    return true;
}

/* An answer, or the reason, which is more than a word: then it may block. */
static bool blocks_read(struct pack_reader *reader,
                        const struct yaml_node *node, void *field)
{
    struct draft *draft = field;
    const char *text;
    int value;

    if (!pack_text_read(reader, node, &text))
        return false;
    if (strchr(text, ' ')) {
        draft->meaning.blocks = ANSWER_MAY;
        draft->meaning.reason = text;
        return true;
    }
    if (!pack_word_read(reader, node, "an answer or a reason", answers, &value))
        return false;
    draft->meaning.blocks = (enum tristate)value;
    return true;
}

static bool runs_read(struct pack_reader *reader, const struct yaml_node *node,
                      void *field)
{
    static const struct pack_word timings[] = {
        {"now", TIMING_NOW},
        {"later", TIMING_LATER},
        {"atomic", TIMING_ATOMIC},
        {"interrupt", TIMING_INTERRUPT},
        {"task", TIMING_TASK},
        {"pool", TIMING_POOL},
        {"thread", TIMING_THREAD},
        {"unknown", TIMING_UNKNOWN},
        {0},
    };
    struct draft *draft = field;

    if (node->kind != YAML_MAP)
        return yaml_fail(node, reader->err,
                         "'runs' has to be a mapping like {arg0: task}");
    for (uint32_t i = 0; i < node->keys.count; i++) {
        const struct yaml_node *key = node->keys.items[i];
        struct callback_timing callback = {0};
        const char *rest = "";
        int timing;

        callback.arg = pack_arg_parse(key->text, &rest);
        if (callback.arg < 0 || *rest)
            return yaml_fail(key, reader->err,
                             "'%s' is not an argument like arg0", key->text);
        if (!pack_word_read(reader, node->items.items[i], "a time to run at",
                            timings, &timing))
            return false;
        callback.timing = (enum timing)timing;
        vec_add(reader->arena, &draft->callbacks, callback);
    }
    return true;
}

static bool context_test_read(struct pack_reader *reader,
                              const struct yaml_node *node, void *field)
{
    static const struct pack_word words[] = {
        {"true-in-task", ANSWER_MUST},
        {"false-in-task", ANSWER_NEVER},
        {0},
    };
    enum tristate *answer = field;
    int value;

    if (!pack_word_read(reader, node, "a test of the context", words, &value))
        return false;
    *answer = (enum tristate)value;
    return true;
}

/* `noreturn: true`, or the conditions under which it is. */
static bool noreturn_read(struct pack_reader *reader,
                          const struct yaml_node *node, void *field)
{
    struct draft *draft = field;

    return node->kind == YAML_TEXT
               ? pack_bool_read(reader, node, &draft->meaning.is_noreturn)
               : pack_noreturn_read(reader, node, &draft->effects);
}

#define MEANING(member) offsetof(struct draft, meaning.member)
#define EFFECTS offsetof(struct draft, effects)

static const struct pack_key meaning_keys[] = {
    {"suspends", suspends_read, 0},
    {"blocks", blocks_read, 0},
    {"unless", pack_conditions_read, offsetof(struct draft, unless)},
    {"local", pack_bool_read, offsetof(struct draft, is_local)},
    {"instead", pack_text_read, MEANING(instead)},
    /* In this order: who does both (a downgrade) gives back first. */
    {"release", pack_release_read, EFFECTS},
    {"acquire", pack_acquire_read, EFFECTS},
    {"takes-within", pack_within_read, EFFECTS},
    {"guard", pack_guard_read, EFFECTS},
    {"wait", pack_wait_read, EFFECTS},
    {"signals", pack_signal_read, EFFECTS},
    {"excludes", pack_exclude_read, EFFECTS},
    {"runs-as", pack_runs_as_read, EFFECTS},
    {"queues", pack_queue_read, EFFECTS},
    {"init", pack_init_read, EFFECTS},
    {"destroy", pack_destroy_read, EFFECTS},
    {"allocates", pack_allocate_read, EFFECTS},
    {"frees", pack_free_read, EFFECTS},
    {"attribute", pack_attribute_read, EFFECTS},
    {"nonblocking", pack_nonblocking_read, EFFECTS},
    {"in-memory", pack_in_memory_read, EFFECTS},
    {"zeroes", pack_zero_read, offsetof(struct draft, zeroes)},
    {"takes-reference", pack_ref_take_read, EFFECTS},
    {"drops-reference", pack_ref_drop_read, EFFECTS},
    {"permits", pack_permits_read, EFFECTS},
    {"takes-permit", pack_permit_take_read, EFFECTS},
    {"gives-permit", pack_permit_give_read, EFFECTS},
    {"cancel-shield", pack_cancel_shield_read, EFFECTS},
    {"cancel-anywhere", pack_cancel_anywhere_read, EFFECTS},
    {"runs", runs_read, 0},
    {"block", pack_bool_read, MEANING(is_block)},
    {"offloads-body", pack_bool_read, MEANING(body_offloaded)},
    {"bridge", pack_bool_read, MEANING(is_bridge)},
    {"assumed", pack_bool_read, MEANING(is_assumed)},
    {"noreturn", noreturn_read, 0},
    {"skips-cleanups", pack_bool_read, MEANING(skips_cleanups)},
    {"unwinds", pack_bool_read, MEANING(unwinds)},
    {"ends-task", pack_bool_read, MEANING(ends_task)},
    {"returns-twice", pack_bool_read, MEANING(returns_twice)},
    {"short-internal", pack_bool_read, MEANING(is_short_internal)},
    {"must-await", pack_bool_read, MEANING(must_await)},
    {"thread-affine", pack_bool_read, MEANING(is_thread_affine)},
    {"not-send", pack_bool_read, MEANING(is_not_send)},
    {"last-error", pack_bool_read, MEANING(is_last_error)},
    {"reads-error", pack_bool_read, MEANING(reads_error)},
    {"same-result", pack_bool_read, MEANING(has_same_result)},
    {"checkpoint", pack_bool_read, MEANING(is_checkpoint)},
    {"cancel-point", pack_bool_read, MEANING(is_cancel_point)},
    {"needs-interrupts", pack_bool_read, MEANING(needs_interrupts)},
    {"context-test", context_test_read, MEANING(context_test)},
    {0},
};

/* Whether the call waits in a queue of tasks for a lock. */
static bool acquires_async(const struct pack_effects *effects)
{
    for (uint32_t i = 0; i < effects->list.count; i++) {
        const struct effect *effect = &effects->list.items[i];

        if ((effect->kind == EFFECT_ACQUIRE ||
             effect->kind == EFFECT_GUARD_ENTER ||
             effect->kind == EFFECT_GUARD_TAKE) &&
            effect->lock == LOCK_ASYNC && !effect->is_try)
            return true;
    }
    return false;
}

static bool meaning_check(struct pack_reader *reader,
                          const struct yaml_node *node,
                          const struct draft *draft, bool is_macro)
{
    const struct meaning *meaning = &draft->meaning;

    if ((meaning->is_block || meaning->body_offloaded) && !is_macro)
        return yaml_fail(node, reader->err,
                         "only a macro has a body to hold or offload");
    if (draft->effects.has_wait && !draft->has_suspends && !meaning->blocks)
        return yaml_fail(node, reader->err,
                         "a wait suspends the task or blocks the thread: "
                         "add 'suspends: may' or 'blocks: …'");
    if (draft->is_local && !meaning->blocks)
        return yaml_fail(node, reader->err,
                         "'local' is said of what 'blocks', which is not here");
    if (draft->unless.list.count && !meaning->suspends && !meaning->blocks)
        return yaml_fail(node, reader->err,
                         "'unless' excepts from 'blocks' or 'suspends', "
                         "and neither is here");
    return true;
}

static bool is_of_semaphore(const struct meaning *meaning)
{
    for (int i = 0; i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_PERMIT_TAKE ||
            meaning->effects[i].kind == EFFECT_PERMIT_GIVE)
            return true;
    return false;
}

/* The same of a lock: who waits for it waits for who has it, and not for an
 * event. */
static const struct meaning *mutex_make(struct pack_reader *reader,
                                        const struct meaning *meaning)
{
    struct meaning *made = arena_alloc(reader->arena, sizeof(*made));
    struct effect *effects = arena_array(
        reader->arena, (size_t)meaning->effect_count, sizeof(*effects));

    *made = *meaning;
    made->effects = effects;
    made->effect_count = 0;
    for (int i = 0; i < meaning->effect_count; i++) {
        struct effect effect = meaning->effects[i];

        if (effect.kind == EFFECT_EVENT_WAIT ||
            effect.kind == EFFECT_EVENT_SIGNAL)
            continue;
        if (effect.kind == EFFECT_PERMIT_TAKE)
            effect.kind = EFFECT_ACQUIRE;
        if (effect.kind == EFFECT_PERMIT_GIVE) {
            effect.kind = EFFECT_RELEASE;
            effect.mode = LOCK_EITHER;
        }
        effects[made->effect_count++] = effect;
    }
    made->as_mutex = made;
    return made;
}

/* The same of a call that is over at once. */
static const struct meaning *local_make(struct pack_reader *reader,
                                        const struct meaning *meaning)
{
    struct meaning *made = arena_alloc(reader->arena, sizeof(*made));

    *made = *meaning;
    made->blocks = ANSWER_NEVER;
    made->reason = NULL;
    made->exemptions = NULL;
    made->exemption_count = 0;
    return made;
}

struct meaning *pack_meaning_read(struct pack_reader *reader,
                                  const struct yaml_node *name,
                                  const struct yaml_node *node, bool is_macro)
{
    struct draft draft = {.meaning.context_test = ANSWER_UNKNOWN};
    struct meaning *meaning = &draft.meaning;
    struct meaning *made;

    if (!pack_name_check(reader, name) ||
        !pack_keys_read(reader, node, is_macro ? "a macro" : "a function",
                        meaning_keys, &draft))
        return NULL;
    if (!draft.has_suspends && acquires_async(&draft.effects))
        meaning->suspends = ANSWER_MAY;
    if (!meaning_check(reader, node, &draft, is_macro))
        return NULL;
    meaning->name = name->text;
    meaning->pack = reader->content->pack;
    meaning->is_wait =
        draft.effects.has_wait && !draft.has_suspends && !meaning->suspends;
    meaning->needs_loop = draft.effects.wait_in_loop;
    meaning->effects = draft.effects.list.items;
    meaning->effect_count = (int)draft.effects.list.count;
    if (draft.zeroes.list.count)
        meaning->zeroes = &draft.zeroes.list.items[0];
    meaning->exemptions = draft.unless.list.items;
    meaning->exemption_count = (int)draft.unless.list.count;
    meaning->callbacks = draft.callbacks.items;
    meaning->callback_count = (int)draft.callbacks.count;
    if (meaning->is_checkpoint && !reader->content->pack->checkpoint)
        reader->content->pack->checkpoint = name->text;
    if (is_of_semaphore(meaning))
        meaning->as_mutex = mutex_make(reader, meaning);
    if (draft.is_local)
        meaning->as_local = local_make(reader, meaning);
    made = arena_alloc(reader->arena, sizeof(*made));
    *made = *meaning;
    return made;
}
