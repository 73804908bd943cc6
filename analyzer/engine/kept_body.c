/*
 * Bodies and those that they call, see kept_body.h and, for what one body is,
 * ir/ir_body.h. A body in a circle may not be solved yet, and what is
 * known of it now is not what will be known of it: then nothing is remembered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_body.h"

#include "base/bytes.h"
#include "engine/callee.h"

enum { MOST_BODIES = 4096 }; /* looked at for one function */

struct look {
    struct kept_keys *keys;
    int left;     /* bodies that may be looked at */
    bool is_open; /* one of them was not solved yet */
};

static struct digest body_digest(struct look *look, const struct fn *fn,
                                 uint32_t depth);

static void callee_add(struct look *look, struct strbuf *out,
                       const struct fn *fn, const struct callee *callee,
                       uint32_t depth)
{
    const struct fn *body = callee->meaning ? NULL : callee->body;

    bytes_add_number(out, (uint32_t)callee->is_call << 2 |
                              (uint32_t)callee->is_indirect << 1 |
                              (body && body->summary.never_returns));
    if (callee->meaning)
        bytes_add_digest(out, kept_meaning(look->keys, callee->meaning));
    else if (!body)
        bytes_add_text(out, callee->name ? callee->name : "");
    else if (body != fn && depth < DEEPEST_BODY)
        bytes_add_digest(out, body_digest(look, body, depth + 1));
}

static void body_add(struct look *look, struct strbuf *out, const struct fn *fn,
                     uint32_t depth)
{
    bytes_add_digest(out, fn->ir->body);
    look->is_open |= !look->keys->views[fn->number].is_known;
    for (uint32_t i = 0; i < fn->callees->items.count; i++)
        callee_add(look, out, fn, &fn->callees->items.items[i].callee, depth);
}

static struct digest body_digest(struct look *look, const struct fn *fn,
                                 uint32_t depth)
{
    struct digest *known =
        &look->keys->bodies[fn->number * DEEPEST_BODY + depth - 1];
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    bool was_open = look->is_open;
    struct digest digest = *known;

    if (digest.low || digest.high || look->left-- <= 0)
        return digest;
    look->is_open = false;
    body_add(look, &out, fn, depth);
    digest = digest_of(out.text, out.length);
    if (!look->is_open && look->left > 0)
        *known = digest;
    look->is_open |= was_open;
    arena_finish(&scratch);
    return digest;
}

bool kept_bodies_add(struct kept_keys *keys, const struct fn *fn)
{
    struct look look = {.keys = keys, .left = MOST_BODIES};

    body_add(&look, &keys->key, fn, 0);
    return look.left > 0;
}
