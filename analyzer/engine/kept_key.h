/*
 * Private to kept.c: all that solving a function looks at, as one digest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_KEPT_KEY_H
#define ASYNCLINT_ENGINE_KEPT_KEY_H

#include "engine/group.h"
#include "engine/shape.h"

enum { DEEPEST_BODY = 4 }; /* that pure.c looks into, counting from callees */

/* What callers see of a function. */
struct kept_view {
    bool is_known; /* it is solved, and stays as it is */
    struct digest digest;
};

/* What is asked of a group of functions, until one of them changes. */
struct kept_group {
    bool is_known;
    uint32_t changes; /* the group's, when it was asked */
    struct digest members;
    struct digest answers;
};

struct kept_keys {
    struct program *program;
    struct kept_view *views;    /* by number of the function */
    struct digest *names;       /* … likewise; 0: not yet asked */
    struct map meaning_numbers; /* address → index into … */
    VEC(struct digest) meaning_digests;
    struct map effect_numbers; /* likewise, and of those that are final */
    VEC(struct digest) effect_digests;
    struct kept_group *groups; /* by number */
    struct digest *texts;      /* of bodies, by function; 0: not known */
    struct digest *bodies;     /* by function and depth; 0: not known */
    uint32_t recursive_count;  /* … of the program, when this was made: */
    struct digest recursive;
    struct strbuf key;
    struct strbuf view; /* while the key is made */
};

void kept_keys_init(struct kept_keys *keys, struct program *program);

struct digest kept_meaning(struct kept_keys *keys,
                           const struct meaning *meaning);

/* Before it is solved; false: it looks at more than that. */
bool kept_key(struct kept_keys *keys, const struct fn *fn, struct digest *key);

/* Once it is solved. */
struct digest kept_view_make(struct kept_keys *keys, const struct fn *fn);

#endif
