/*
 * Private to front/: how much of a unit a parse has read. Of several parses of
 * one text the one with the fewest complaints need not be the best: who lost a
 * function has nothing to complain of in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_HARVEST_H
#define ASYNCLINT_FRONT_HARVEST_H

#include "base/libclang.h"

/* The more, the better. */
unsigned harvest_of(CXTranslationUnit tu);

#endif
