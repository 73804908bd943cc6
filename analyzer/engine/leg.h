/*
 * Private to engine/: one leg of a circle, written out for people: from where
 * it runs to where it holds one lock and wants the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LEG_H
#define ASYNCLINT_ENGINE_LEG_H

#include "engine/cycle.h"

/* `edge`: the site's; NULL: the site says where the inner lock is taken. */
struct lock_leg leg_make(struct order *order, struct overlap *overlap,
                         const struct order_site *site,
                         const struct order_edge *edge, const struct fn *root);

#endif
