/*
 * The cache: facts of earlier runs, one entry for each source with its flags.
 * An entry is used when everything that parsing would look at is the same:
 * the bytes of each file that was read, the flags, the versions of asynclint
 * and libclang, and what stands in the way of each include (surroundings.h).
 * Times are not looked at. Whatever is wrong with an entry, the source is
 * parsed again; whatever is wrong with the cache, the run goes on without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_CACHE_H
#define ASYNCLINT_CACHE_H

#include "base/digest.h"
#include "base/file.h"
#include "base/str.h"
#include "input/source.h"
#include "ir/ir.h"
#include "units.h"

struct cache;

/* `.asynclint_cache` in the directory of the configuration, or in the root of
 * the current directory's repository, or in the current directory. */
const char *cache_path(const struct args *args, const char *root,
                       struct arena *arena);

/* Opens it and makes it if it isn't there; NULL when nobody wants one or, with
 * a note, when that can't be done. It lives in the units' arena. */
struct cache *cache_open(struct units *units);
void cache_close(struct cache *cache);

/* The source's unit, if it is known and nothing has changed; who knows already
 * that nothing has tells what it was (else NULL). */
const struct ir_unit *cache_find(struct cache *cache,
                                 const struct source *source,
                                 const struct source_before *before);

/* Remembers a unit; `facts` are its bytes. */
void cache_store(struct cache *cache, const struct source *source,
                 const struct ir_unit *unit, const char *facts, size_t length);

/* ---- for answer.c, which keeps entries of another kind here */

/* What a source is known by, before it is parsed. */
struct digest cache_key(const struct cache *cache, const struct source *source);

/* The number of a file, by its name as units have it. */
uint32_t cache_file(struct cache *cache, const char *name);

/* Whether all that the unit was made from is what it was; only its files, whose
 * numbers are told, too, and what it lacked are looked at. */
bool cache_is_same(struct cache *cache, const struct source *source,
                   const struct ir_unit *unit, const uint32_t *files,
                   struct digest surroundings);

/* What cache_is_same will ask for; false when nothing may be kept. */
bool cache_may_keep(struct cache *cache, const struct source *source,
                    const struct ir_unit *unit, struct digest *surroundings);

/* An entry, whole and with that key, or false. */
bool cache_entry_read(struct cache *cache, const char *name, struct digest key,
                      struct arena *arena, struct file_bytes *body);
void cache_entry_write(struct cache *cache, const char *name, struct digest key,
                       const struct strbuf *body);

#endif
