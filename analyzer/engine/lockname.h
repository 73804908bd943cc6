/*
 * What a function's name says when nothing else is known of it: that it takes
 * or gives back a lock, and which other names belong to it. `usbi_mutex_lock`
 * and `usbi_mutex_unlock` are a pair, and so are `ZONE_RDLOCK` and
 * `ZONE_UNLOCK`, `snapWriteLock` and `snapUnlock`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LOCKNAME_H
#define ASYNCLINT_ENGINE_LOCKNAME_H

#include <stdbool.h>

#include "base/arena.h"

enum lockname_role {
    LOCKNAME_NONE,
    LOCKNAME_TAKES,
    LOCKNAME_READS, /* … as one of several readers */
    LOCKNAME_TRIES, /* … and may come back without it */
    LOCKNAME_GIVES,
};

struct lockname {
    enum lockname_role role;
    const char *stem; /* what is the same in all names of one family */
    bool says_mutex;  /* by a word that nothing but a lock is called by */
    bool says_recursive;
};

struct lockname lockname_read(const char *name, struct arena *arena);

#endif
