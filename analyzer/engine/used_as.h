/*
 * What kind a lock is by how its file uses it elsewhere: where the header that
 * declares it is missing, `QEMU_LOCK_GUARD(&conn->mutex)` says nothing, but
 * `qemu_mutex_init(&conn->mutex)` does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_USED_AS_H
#define ASYNCLINT_ENGINE_USED_AS_H

#include "engine/flow.h"

/* Of the field or global in that argument; LOCK_UNKNOWN: nothing says it, or
 * two calls don't agree. */
enum lock_kind used_as(const struct flow *flow, const struct site *site,
                       int arg);

#endif
