/*
 * Digests are xxHash's, see digest.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/digest.h"

#include <errno.h>
#include <unistd.h>
#include <xxhash.h>

enum { BLOCK = 1 << 16 }; /* what a processor keeps near */

struct digest digest_of(const void *bytes, size_t length)
{
    XXH128_hash_t hash = XXH3_128bits(length ? bytes : "", length);

    return (struct digest){hash.low64, hash.high64};
}

static bool blocks_read(int fd, XXH3_state_t *state)
{
    char block[BLOCK];
    ssize_t got;

    do {
        got = read(fd, block, sizeof(block));
        if (got > 0)
            XXH3_128bits_update(state, block, (size_t)got);
    } while (got > 0 || (got < 0 && errno == EINTR));
    return !got;
}

bool digest_of_file(int fd, struct digest *digest)
{
    XXH3_state_t *state = XXH3_createState();
    bool is_read =
        state && !XXH3_128bits_reset(state) && blocks_read(fd, state);
    XXH128_hash_t hash;

    if (is_read) {
        hash = XXH3_128bits_digest(state);
        *digest = (struct digest){hash.low64, hash.high64};
    }
    XXH3_freeState(state);
    return is_read;
}

bool digest_is_same(struct digest one, struct digest two)
{
    return one.low == two.low && one.high == two.high;
}
