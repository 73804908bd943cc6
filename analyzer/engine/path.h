/*
 * Access paths that outlive a function's analysis: how a callee's lock is
 * reached from what its caller gave it, or from a global. `c->pool->lock` is
 * parameter 0, to where it points, field pool, what is stored there, to where
 * it points, field lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PATH_H
#define ASYNCLINT_ENGINE_PATH_H

#include "engine/flow.h"

/* The place a node stands for, as a path; NULL when it starts at something
 * that the caller can't see (a local, a call's result). */
const struct path *path_of_place(const struct flow *flow, node_id place,
                                 struct arena *arena);

/* The same, for as long as the function is analysed. */
static inline const struct path *path_visible(const struct flow *flow,
                                              node_id place)
{
    return path_of_place(flow, place, flow->arena);
}

/* The place as it is reached from what the function returns, or NULL. */
const struct path *path_from_result(const struct flow *flow, node_id place,
                                    node_id returned, struct arena *arena);

/* The same of a value. */
const struct path *path_of_value(const struct flow *flow, node_id value,
                                 struct arena *arena);

/* A field of a record that is not defined here, or not with that field. */
node_id path_hidden_field(struct flow *flow, node_id at, const char *record,
                          const char *field);

/* The parameter that the value is, as it came; -1: it is something else. */
int path_param(const struct flow *flow, node_id value);

/* The place that a callee's path is in the caller, at this call; 0: not
 * known. */
node_id path_place(struct flow *flow, const struct state *state,
                   const struct site *site, const struct path *path);

/* The same, walking from `at`, wherever the path starts: from what the call
 * returns. */
node_id path_place_from(struct flow *flow, const struct state *state,
                        const struct site *site, node_id at,
                        const struct path *path);

/* The same path, for as long as the arena lives; the words in it live as long
 * as the program anyway. */
const struct path *path_copy(const struct path *path, struct arena *arena);

bool path_equal(const struct path *one, const struct path *two);

/* Whether the first steps of `path` are `start`. */
bool path_starts(const struct path *path, const struct path *start);

#endif
