/*
 * Digests are xxHash's, see digest.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/digest.h"

#include <xxhash.h>

struct digest digest_of(const void *bytes, size_t length)
{
    XXH128_hash_t hash = XXH3_128bits(length ? bytes : "", length);

    return (struct digest){hash.low64, hash.high64};
}

bool digest_is_same(struct digest one, struct digest two)
{
    return one.low == two.low && one.high == two.high;
}
