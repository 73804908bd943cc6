/*
 * Private to engine/: how code calls a lock, see name.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_NAME_H
#define ASYNCLINT_ENGINE_NAME_H

#include "engine/event.h"
#include "engine/value.h"

struct flow;
struct site;

struct lock_info name_lock(struct flow *flow, const struct site *site,
                           const struct effect *effect, node_id lock);
/* A record's name without its keyword. */
const char *name_bare(const char *record);
/* The class of a lock in a field. */
const char *name_field(const struct ir_unit *unit, ir_id field,
                       struct arena *arena);
const char *name_class(const struct flow *flow, node_id place);
/* Whether two classes may be one. Of a record that the front end had to make
 * up (prelude.h) only the field is known. */
bool name_same_class(const char *one, const char *two);
/* The fields around the one that a place is, when one record lies in another:
 * of `&port->rx.work`, where `rx` is a record of its own, that of `rx`. NULL:
 * there are none, or nobody says. */
const char *name_around(const struct flow *flow, node_id place);
/* How a lock of a global is called (`lobby.lock`); NULL: it may be any. */
const char *name_numbered(const struct flow *flow, node_id place);
const char *name_instance(const struct flow *flow, node_id lock);
/* Whether the function is handed the lock itself, by address. */
bool name_is_parameter(const struct flow *flow, node_id lock);

#endif
