/*
 * Random numbers that are the same on each machine, for tests that are named
 * by their seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_CHANCE_H
#define TESTS_SUPPORT_CHANCE_H

#include <stdint.h>

struct chance {
    uint64_t state; /* never 0 */
};

/* Any seed will do, 0 too. */
static inline struct chance chance_start(uint64_t seed)
{
    return (struct chance){seed * 2654435761U + 1};
}

/* From 0 to bound - 1; Marsaglia's xorshift (2003). */
static inline uint32_t chance_below(struct chance *chance, uint32_t bound)
{
    chance->state ^= chance->state << 13;
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return (uint32_t)(chance->state >> 32) % bound;
}

#endif
