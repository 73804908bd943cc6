/*
 * Keys of functions, see kept_key.h. What is looked at is written out plainly,
 * one thing behind the other, and then hashed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_key.h"

#include "base/bytes.h"
#include "engine/callee.h"
#include "engine/choice.h"
#include "engine/group.h"
#include "engine/kept_body.h"
#include "engine/kept_shapes.h"
#include "engine/late.h"
#include "engine/pure.h"
#include "engine/spin.h"

enum { MOST_TARGETS = 64 }; /* of one call; more are not followed each time */

void kept_keys_init(struct kept_keys *keys, struct program *program)
{
    uint32_t count = program->fns.count;
    struct arena *arena = program->arena;

    *keys = (struct kept_keys){
        .program = program,
        .views = arena_array(arena, count, sizeof(*keys->views)),
        .names = arena_array(arena, count, sizeof(*keys->names)),
        .bodies = arena_array(arena, (size_t)count * DEEPEST_BODY,
                              sizeof(*keys->bodies)),
        .meaning_numbers.arena = arena,
        .groups =
            arena_array(arena, program->groups.count, sizeof(*keys->groups)),
        .effect_numbers.arena = arena,
        .recursive_count = UINT32_MAX,
        .key.arena = arena,
        .view.arena = arena,
    };
}

/* ---- what calls mean */

static void place_add(struct strbuf *out, const struct place *place)
{
    bytes_add_number(out, place->base);
    bytes_add_number(out, (uint32_t)place->arg);
    bytes_add_number(out, (uint32_t)place->and_rest << 1 | place->is_written);
    bytes_add_text(out, place->global);
    for (int i = 0; i < place->field_count; i++)
        bytes_add_text(out, place->fields[i]);
}

/* A pack's entry is known by its name and kind, since packs are a part of the
 * question; what is guessed or said is made anew by each run. */
static struct digest meaning_digest_make(const struct meaning *meaning)
{
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    struct digest digest;

    bytes_add_text(&out, meaning->pack ? meaning->pack->name : NULL);
    bytes_add_text(&out, meaning->name);
    bytes_add_number(&out, meaning->is_block);
    bytes_add_number(&out, meaning->suspends);
    bytes_add_number(&out, meaning->blocks);
    for (int i = 0; i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];

        bytes_add_number(&out, effect->kind);
        bytes_add_number(&out, effect->lock);
        bytes_add_number(&out, effect->mode);
        bytes_add_number(&out, effect->outcome);
        bytes_add_number(&out, (uint32_t)effect->is_try << 2 |
                                   (uint32_t)effect->is_recursive << 1 |
                                   effect->is_said);
        place_add(&out, &effect->on);
        place_add(&out, &effect->queued);
    }
    digest = digest_of(out.text, out.length);
    arena_finish(&scratch);
    return digest;
}

struct digest kept_meaning(struct kept_keys *keys,
                           const struct meaning *meaning)
{
    bool is_new;
    uint32_t at = *map_add(&keys->meaning_numbers, &meaning, sizeof(meaning),
                           keys->meaning_digests.count, &is_new);

    if (is_new)
        vec_add(keys->program->arena, &keys->meaning_digests,
                meaning_digest_make(meaning));
    return keys->meaning_digests.items[at];
}

/* ---- what callers see */

static struct digest name_digest(struct kept_keys *keys, const struct fn *fn)
{
    struct digest *name = &keys->names[fn->number];
    struct shape_writer writer = {.out = &keys->view};

    if (!name->low && !name->high) {
        keys->view.length = 0;
        shape_fn_write(&writer, fn);
        *name = digest_of(keys->view.text, keys->view.length);
    }
    return *name;
}

/* Functions share what their callees tell, so it is hashed once. Where that
 * is, is told in the callee. */
static struct digest effect_digest(struct kept_keys *keys, const struct fn *fn,
                                   const struct lock_effect *effect)
{
    struct lock_effect told = *effect;
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    struct shape_writer writer = {.out = &out, .fn = fn};
    bool is_new;
    uint32_t at = *map_add(&keys->effect_numbers, &effect, sizeof(effect),
                           keys->effect_digests.count, &is_new);

    if (!is_new)
        return keys->effect_digests.items[at];
    if (told.lock.taken_in)
        told.op = 0;
    shape_write(&writer, &shape_lock_effect, &told);
    vec_add(keys->program->arena, &keys->effect_digests,
            digest_of(out.text, out.length));
    arena_finish(&scratch);
    return *vec_last(&keys->effect_digests);
}

/* What it is, from outside and whether or not it is solved. */
static void outside_add(struct strbuf *out, const struct fn *fn)
{
    bool is_mixed =
        fn->async_pack &&
        model_symbol_marker(fn->view, MARKER_MIXED, fn->unit, fn->symbol);
    bool is_async =
        fn->async_pack &&
        model_symbol_marker(fn->view, MARKER_ASYNC, fn->unit, fn->symbol);
    const bool flags[] = {fn->is_sync_only, fn->is_interruptible, is_mixed,
                          is_async};

    bytes_add_number(out, fn->ir->flags);
    bytes_add_number(out, fn->ir->param_count);
    bytes_add_number(out, fn->ir->op_count);
    strbuf_add_bytes(out, (const char *)flags, sizeof(flags));
    bytes_add_text(out, fn->async_pack ? fn->async_pack->name : NULL);
    strbuf_add_bytes(out, (const char *)fn->param_timings,
                     sizeof(fn->param_timings));
}

/* Of a callee's events, callers ask for the locks that it makes. */
static void makes_write(struct shape_writer *writer, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_MAKE)
            shape_text_write(writer, fn->events.items.items[i].lock.class);
}

/* What callers look for in its body. That it uses a parameter late is asked of
 * those only that may suspend. */
static void body_write(struct shape_writer *writer, const struct fn *fn)
{
    bool may_suspend = fn->summary.suspends != ANSWER_NEVER;

    shape_number_write(writer, spin_is_getter(fn));
    for (uint32_t i = 0; may_suspend && i < fn->ir->param_count; i++)
        shape_number_write(writer, late_uses(fn, i));
}

static void summary_write(struct kept_keys *keys, struct strbuf *out,
                          const struct fn *fn)
{
    struct shape_writer writer = {.out = out, .fn = fn};

    outside_add(out, fn);
    shape_write(&writer, &shape_summary, &fn->summary);
    for (uint32_t i = 0; i < fn->summary.locks.items.count; i++)
        bytes_add_digest(
            out, effect_digest(keys, fn, fn->summary.locks.items.items[i]));
}

struct digest kept_view_make(struct kept_keys *keys, const struct fn *fn)
{
    struct shape_writer writer = {.out = &keys->view, .fn = fn};
    struct kept_view *view = &keys->views[fn->number];

    keys->view.length = 0;
    summary_write(keys, &keys->view, fn);
    body_write(&writer, fn);
    makes_write(&writer, fn);
    return view->digest = digest_of(keys->view.text, keys->view.length);
}

/* ---- keys */

static void fn_add(struct kept_keys *keys, const struct fn *fn)
{
    const struct kept_view *view = &keys->views[fn->number];

    bytes_add_digest(&keys->key, name_digest(keys, fn));
    bytes_add_digest(&keys->key,
                     view->is_known ? view->digest : kept_view_make(keys, fn));
}

/* Of a group, who its functions are never changes while the program lives. */
static struct digest members_digest(struct kept_keys *keys,
                                    const struct fn_group *group)
{
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    struct digest digest;

    for (uint32_t i = 0; i < group->count; i++) {
        bytes_add_digest(&out, name_digest(keys, group->items[i]));
        outside_add(&out, group->items[i]);
    }
    digest = digest_of(out.text, out.length);
    arena_finish(&scratch);
    return digest;
}

static void moves_add(struct kept_keys *keys, struct strbuf *out,
                      const group_move_list *moves)
{
    bytes_add_number(out, moves->count);
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct group_move *move = &moves->items[i];

        bytes_add_digest(out, name_digest(keys, move->fn));
        bytes_add_digest(out, effect_digest(keys, move->fn, move->effect));
        bytes_add_number(out, move->by_all);
    }
}

/* A pointer's functions are asked as one whether they wait, and what they do to
 * locks, and no more is asked of each than what it is from outside. That
 * somebody has asked changes nothing. */
static struct digest answers_digest(struct kept_keys *keys,
                                    struct fn_group *group)
{
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    bool was_known = group->is_known;
    struct digest digest;

    bytes_add_number(&out, (uint32_t)group_suspends(group, false) << 16 |
                               (uint32_t)group_suspends(group, true) << 8 |
                               (uint32_t)group_blocks(group));
    bytes_add_text(&out, group_blocks_why(group));
    group->is_known = was_known;
    choice_moves_find(keys->program, group);
    bytes_add_number(&out, (uint32_t)group->leaves_some << 1 |
                               (uint32_t)group->gives_some);
    moves_add(keys, &out, &group->moves);
    moves_add(keys, &out, &group->uses);
    digest = digest_of(out.text, out.length);
    arena_finish(&scratch);
    return digest;
}

static void group_add(struct kept_keys *keys, struct fn_group *group)
{
    struct kept_group *known = &keys->groups[group->number];

    if (!known->is_known)
        known->members = members_digest(keys, group);
    if (!known->is_known || known->changes != group->changes)
        known->answers = answers_digest(keys, group);
    known->changes = group->changes;
    known->is_known = true;
    bytes_add_digest(&keys->key, known->members);
    bytes_add_digest(&keys->key, known->answers);
}

static bool list_add(struct kept_keys *keys, const struct callee *callee,
                     bool is_pointer)
{
    const struct fn_list *list = &callee->now;

    bytes_add_number(&keys->key, list->items.count << 1 | list->is_handed);
    if (is_pointer && callee->group) {
        group_add(keys, callee->group);
        return true;
    }
    if (list->items.count > MOST_TARGETS)
        return false;
    for (uint32_t i = 0; i < list->items.count; i++)
        fn_add(keys, list->items.items[i]);
    return true;
}

/* Functions that are handed to the call. */
static void args_add(struct kept_keys *keys, const struct fn *fn,
                     const struct ir_op *op)
{
    for (uint32_t i = 0; op->kind == IR_CALL && i < op->args.count; i++) {
        const struct fn *given = program_fn_named(
            keys->program, fn->unit, ir_list_at(fn->unit, op->args, i));

        if (given)
            fn_add(keys, given);
    }
}

static bool site_add(struct kept_keys *keys, const struct fn *fn,
                     const struct callee_site *site)
{
    const struct callee *callee = &site->callee;
    const struct ir_op *op = &fn->unit->ops.items[site->op];
    const bool flags[] = {
        callee->is_call,    callee->is_indirect, callee->is_awaited,
        callee->is_last,    callee->is_covered,  callee->is_offloaded,
        callee->may_block,  callee->meaning,     callee->body,
        callee->async_pack, callee->group};

    strbuf_add_bytes(&keys->key, (const char *)flags, sizeof(flags));
    if (callee->meaning)
        bytes_add_digest(&keys->key, kept_meaning(keys, callee->meaning));
    if (callee->async_pack)
        bytes_add_text(&keys->key, callee->async_pack->name);
    if (callee->body)
        fn_add(keys, callee->body);
    args_add(keys, fn, op);
    return list_add(keys, callee, !ir_call_symbol(fn->unit, op));
}

/* Functions that it stores. */
static void stores_add(struct kept_keys *keys, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];
        const struct fn *stored =
            op->kind == IR_ASSIGN
                ? program_fn_named(keys->program, fn->unit, op->b)
                : NULL;

        if (stored)
            bytes_add_digest(&keys->key, name_digest(keys, stored));
    }
}

/* The classes whose locks may be taken again, as far as they are known. */
static struct digest recursive_digest(struct kept_keys *keys)
{
    const struct map *known = &keys->program->recursive;

    if (keys->recursive_count == known->entries.count)
        return keys->recursive;
    keys->key.length = 0;
    for (uint32_t i = 0; i < known->entries.count; i++) {
        bytes_add_text(&keys->key, known->entries.items[i].key);
        bytes_add_number(&keys->key, known->entries.items[i].value);
    }
    keys->recursive = digest_of(keys->key.text, keys->key.length);
    keys->recursive_count = known->entries.count;
    return keys->recursive;
}

bool kept_key(struct kept_keys *keys, const struct fn *fn, struct digest *key)
{
    struct digest recursive = recursive_digest(keys);

    if (fn->ir->flags & (IR_FN_NOT_ANALYSED | IR_FN_INITS))
        return false;
    keys->key.length = 0;
    bytes_add_digest(&keys->key, fn->unit->meaning);
    bytes_add_number(&keys->key, (uint32_t)(fn->ir - fn->unit->fns.items));
    bytes_add_digest(&keys->key, recursive);
    summary_write(keys, &keys->key, fn);
    for (uint32_t i = 0; i < fn->callees->items.count; i++)
        if (!site_add(keys, fn, &fn->callees->items.items[i]))
            return false;
    stores_add(keys, fn);
    if (fn->at_last)
        strbuf_add_bytes(&keys->key, (const char *)fn->at_last,
                         fn->ir->op_count * sizeof(*fn->at_last));
    if (pure_may_be(fn) && !kept_bodies_add(keys, fn))
        return false;
    *key = digest_of(keys->key.text, keys->key.length);
    return true;
}
