/*
 * The functions that a call through a pointer may run, as one: a table of many
 * functions that is called in many places must not cost their product. All
 * calls through the same pointer share the group, and what is asked of all of
 * its functions is answered once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_GROUP_H
#define ASYNCLINT_ENGINE_GROUP_H

#include "engine/program.h"

/* Of so few functions, each is as likely to be called as the others; of more,
 * a pointer hardly holds the one. */
enum { FEW_CHOICES = 4 };

/* What some of a group's functions do to a lock of their callers. */
struct group_move {
    struct fn *fn; /* the first that does it */
    const struct lock_effect *effect;
    bool by_all; /* they all do */
};

typedef VEC(struct group_move) group_move_list;

struct fn_group {
    struct fn *const *items;
    uint32_t count;  /* at least two */
    uint32_t number; /* its index in the program's groups */
    uint32_t spread; /* contexts that all of it has, see context.c */
    bool is_called;  /* … and that they are called */
    /* The worst of their summaries, while none of these changes. */
    uint32_t changes; /* so often one has */
    bool is_known;
    enum tristate suspends;
    enum tristate suspends_outside;
    enum tristate blocks;
    const char *blocks_why;
    bool has_moves;   /* what follows is what is known now, see choice.h */
    bool leaves_some; /* one returns with a lock that callers can't name … */
    bool gives_some;  /* … or gives one back */
    group_move_list moves;
    group_move_list uses; /* what they only take inside, if they are few */
    /* The functions with the shortest way to what stops a thread. */
    bool is_nearest_known;
    const struct fn *nearest[STOP_COUNT];
};

/* The group of these functions, which stand there for ever; NULL: they are not
 * several. */
struct fn_group *group_get(struct program *program, const struct fn_list *list);

/* How sure it is that one of them suspends, or blocks, and why. */
enum tristate group_suspends(struct fn_group *group, bool is_outside);
enum tristate group_blocks(struct fn_group *group);
const char *group_blocks_why(struct fn_group *group);

/* To be called by who changes what a function's summary says of that. */
void group_member_changed(const struct fn *fn);

/* The worse of two answers to "can it happen?". */
enum tristate tristate_worse(enum tristate one, enum tristate two);

/* Of a body: nobody waits for what never comes back, a way out that logs. */
enum tristate body_suspends(const struct fn *body, bool is_outside);
enum tristate body_blocks(const struct fn *body);

#endif
