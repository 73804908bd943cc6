/*
 * Private to kept_key.c: of a function that asks others the same twice, what is
 * looked at in the bodies of those that it calls, and of those that these
 * call; see pure.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_KEPT_BODY_H
#define ASYNCLINT_ENGINE_KEPT_BODY_H

#include "engine/kept_key.h"

/* Adds it to the key; false: that is too much. */
bool kept_bodies_add(struct kept_keys *keys, const struct fn *fn);

#endif
