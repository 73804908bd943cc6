/*
 * Digests are xxHash's, see digest.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
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

static size_t note_size(size_t size)
{
    return (size + 3) / 4 * 4;
}

/* Notes are a header, a name and what they say, each aligned to four bytes. */
static bool build_id_find(const char *at, size_t left, struct digest *digest)
{
    while (left >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        size_t name = sizeof(note);
        size_t said;
        size_t end;

        memcpy(&note, at, sizeof(note));
        said = name + note_size(note.n_namesz);
        end = said + note_size(note.n_descsz);
        if (end > left)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
            !memcmp(at + name, "GNU", sizeof("GNU"))) {
            *digest = digest_of(at + said, note.n_descsz);
            return true;
        }
        at += end;
        left -= end;
    }
    return false;
}

/* The first object is the program. */
static int program_look(struct dl_phdr_info *info, size_t size, void *digest)
{
    (void)size;
    for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];

        if (header->p_type == PT_NOTE &&
            build_id_find((const char *)(info->dlpi_addr + header->p_vaddr),
                          header->p_memsz, digest))
            return 1;
    }
    return -1;
}

bool digest_of_program(struct digest *digest)
{
    bool is_known = dl_iterate_phdr(program_look, digest) > 0;
    int own = is_known ? -1 : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    if (own >= 0) {
        is_known = digest_of_file(own, digest);
        close(own);
    }
    return is_known;
}

bool digest_is_same(struct digest one, struct digest two)
{
    return one.low == two.low && one.high == two.high;
}
