/*
 * Private to engine/: sets of nodes, small ones, as a part of each state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_NODE_LIST_H
#define ASYNCLINT_ENGINE_NODE_LIST_H

#include "engine/value.h"

typedef VEC(node_id) node_list; /* sorted */

void node_list_add(node_list *list, struct arena *arena, node_id node);
bool node_list_remove(node_list *list, node_id node);
bool node_list_has(const node_list *list, node_id node);
bool node_lists_equal(const node_list *one, const node_list *two);
void node_lists_intersect(node_list *one, const node_list *two);

/* A node has another number; what has none any more is left out. */
void node_list_rename(node_list *list, struct values *values,
                      struct arena *arena, node_id from, node_id to);

#endif
