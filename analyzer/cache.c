/*
 * One file for an entry, named by the key; a header, then facts. A new entry
 * replaces the old one, so the cache is never larger than what it is about,
 * and nothing needs to be evicted. Entries are put in place by renaming, so
 * runs at the same time see whole entries, and each may win.
 *
 * The directory is inside the tree, which is not trusted: it must be ours,
 * no symlink is followed in it, and facts are checked as those of a stranger.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/libclang_load.h"
#include "base/str.h"
#include "front/front.h"
#include "input/path.h"
#include "ir/facts.h"
#include "surroundings.h"

enum {
    ENTRY_VERSION = 3,
    REPOSITORY_LEVELS = 64,
};

static const char magic[8] = {'a', 's', 'l', 'c', 'a', 'c', 'h', 'e'};

/* Facts behind it are aligned. */
struct entry_header {
    char magic[8];
    uint32_t version;
    uint32_t unused;
    struct digest key;
    struct digest content; /* of what follows, without facts, which have a
                              checksum of their own */
    uint64_t length;
};

_Static_assert((sizeof(struct entry_header) + sizeof(struct digest)) %
                       FACTS_ALIGN ==
                   0,
               "what stands before facts keeps them aligned");

/* A file of the tree as it is now. */
struct present {
    bool is_known;
    bool is_there;
    struct digest content;
};

struct cache {
    struct units *units;
    struct arena *arena;
    int directory;
    struct digest tool; /* what is the same for all sources */
    struct surroundings surroundings;
    VEC(struct present) present; /* by number of the file */
    bool is_readonly;            /* writing failed once, and it was said */
    struct arena known;          /* holds these */
    /* For entries, and for files of the tree: one after the other. */
    struct arena entry;
    struct arena file;
};

static struct digest tool_digest(const struct cache *cache, const char *path);

const char *cache_path(const struct args *args, const char *root,
                       struct arena *arena)
{
    const char *directory = NULL;
    struct path_list upward = {0};

    if (args->config_file)
        directory = path_real(arena, args->config_file);
    if (directory)
        directory = path_parent(arena, directory);
    path_list_upward(&upward, arena, root, REPOSITORY_LEVELS);
    for (uint32_t i = 0; !directory && i < upward.items.count; i++)
        if (path_is_there(path_join(arena, upward.items.items[i], ".git")))
            directory = upward.items.items[i];
    return path_join(arena, directory ? directory : root, ".asynclint_cache");
}

/* Git and backups are told to pass it by. */
static bool labels_write(int directory, struct err *err)
{
    static const char ignore[] = "*\n";
    static const char tag[] =
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# The cache of asynclint. It may be deleted at any time.\n";

    if (faccessat(directory, ".gitignore", F_OK, AT_SYMLINK_NOFOLLOW) &&
        !file_replace(directory, ".gitignore", ignore, strlen(ignore), err))
        return false;
    return !faccessat(directory, "CACHEDIR.TAG", F_OK, AT_SYMLINK_NOFOLLOW) ||
           file_replace(directory, "CACHEDIR.TAG", tag, strlen(tag), err);
}

/* The open directory, or -1 with one sentence. */
static int directory_open(const char *path, struct err *err)
{
    struct stat info;
    int directory;

    if (mkdir(path, 0700) && errno != EEXIST) {
        err_set(err, "can't make '%s': %s", path, strerror(errno));
        return -1;
    }
    directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fstat(directory, &info)) {
        err_set(err, "can't open '%s': %s", path, strerror(errno));
    } else if (info.st_uid != geteuid() || info.st_mode & 022) {
        err_set(err, "others may write to '%s'", path);
        close(directory);
        directory = -1;
    }
    return directory;
}

static void trouble_tell(struct cache *cache, const struct err *err)
{
    if (!cache->is_readonly)
        units_note(cache->units, arena_printf(cache->arena,
                                              "nothing is added to the cache: "
                                              "%s",
                                              err->text));
    cache->is_readonly = true;
}

struct cache *cache_open(struct units *units)
{
    struct cache *cache = arena_alloc(units->arena, sizeof(*cache));
    const char *path = cache_path(units->args, units->root, units->arena);
    struct err err = {0};

    if (!units->args->uses_cache)
        return NULL;
    cache->units = units;
    cache->arena = units->arena;
    surroundings_init(&cache->surroundings, &cache->known, units->root);
    cache->directory = directory_open(path, &err);
    if (cache->directory < 0) {
        units_note(units, arena_printf(units->arena, "no cache: %s", err.text));
        return NULL;
    }
    if (!labels_write(cache->directory, &err))
        trouble_tell(cache, &err);
    cache->tool = tool_digest(cache, path_parent(units->arena, path));
    return cache;
}

void cache_close(struct cache *cache)
{
    if (!cache)
        return;
    close(cache->directory);
    arena_finish(&cache->known);
    arena_finish(&cache->entry);
    arena_finish(&cache->file);
}

/* The program stands for its version: who changes the front end does not want
 * yesterday's facts. */
static struct digest tool_digest(const struct cache *cache, const char *home)
{
    static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH",
                                            "SYSROOT"};
    struct arena scratch = {0};
    struct strbuf key = {.arena = &scratch};
    struct digest digest;

    bytes_add_text(&key, ASYNCLINT_VERSION);
    if (digest_of_program(&digest))
        bytes_add_digest(&key, digest);
    bytes_add_text(&key, libclang_stamp(&scratch));
    bytes_add_text(&key, front_resource_dir());
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
        bytes_add_text(&key, getenv(variables[i]));
    bytes_add_text(&key, path_shown(cache->units->root, home));
    digest = digest_of(key.text, key.length);
    arena_finish(&scratch);
    return digest;
}

/* Where headers are is said by absolute names, too. A macro's value isn't
 * touched: it becomes part of the facts. */
static void flag_add(struct strbuf *key, const char *flag, const char *root)
{
    bool is_place = flag[0] == '/' || str_starts_with(flag, "-I") ||
                    str_starts_with(flag, "-i");
    const char *found = is_place ? strstr(flag, root) : NULL;

    if (found && found[strlen(root)] == '/') {
        strbuf_add_bytes(key, flag, (size_t)(found - flag));
        strbuf_add(key, "\001"); /* stands for the root */
        flag = found + strlen(root);
    }
    bytes_add_text(key, flag);
}

/* The tree may be moved: its own names are relative to where we are. */
struct digest cache_key(const struct cache *cache, const struct source *source)
{
    struct arena scratch = {0};
    struct strbuf key = {.arena = &scratch};
    const char *root = cache->units->root;
    struct digest digest;

    strbuf_add_bytes(&key, (const char *)&cache->tool, sizeof(cache->tool));
    bytes_add_text(&key, path_shown(source->path, root));
    bytes_add_text(&key, path_shown(source->directory, root));
    for (int i = 0; i < source->flag_count; i++)
        flag_add(&key, source->flags[i], root);
    digest = digest_of(key.text, key.length);
    arena_finish(&scratch);
    return digest;
}

static const char *entry_name(struct arena *arena, struct digest key)
{
    return arena_printf(arena, "%016llx%016llx.facts",
                        (unsigned long long)key.high,
                        (unsigned long long)key.low);
}

uint32_t cache_file(struct cache *cache, const char *name)
{
    return surroundings_file(&cache->surroundings, name);
}

static const uint32_t *files_of(struct cache *cache, const struct ir_unit *unit,
                                struct arena *arena)
{
    uint32_t *files = arena_array(arena, unit->files.count, sizeof(*files));

    for (uint32_t i = 1; i < unit->files.count; i++)
        files[i] = cache_file(cache, ir_text(unit, unit->files.items[i].path));
    return files;
}

static const struct present *present_get(struct cache *cache, uint32_t number,
                                         const char *path)
{
    struct present *present;
    struct file_bytes file;

    while (cache->present.count <= number)
        vec_add(&cache->known, &cache->present, (struct present){0});
    present = &cache->present.items[number];
    if (present->is_known)
        return present;
    present->is_known = true;
    arena_reset(&cache->file);
    if (file_read(AT_FDCWD, path, 0, &cache->file, &file)) {
        present->is_there = true;
        present->content = digest_of(file.bytes, file.length);
    }
    return present;
}

/* Whether the files that were read are still what they were. */
static bool files_are_same(struct cache *cache, const struct ir_unit *unit,
                           const uint32_t *files)
{
    for (uint32_t i = 1; i < unit->files.count; i++) {
        const struct ir_file *file = &unit->files.items[i];
        const struct present *present =
            present_get(cache, files[i], ir_text(unit, file->path));

        if (!present->is_there ||
            !digest_is_same(present->content, file->content))
            return false;
    }
    return true;
}

static bool header_fits(const struct entry_header *header, struct digest key,
                        const struct file_bytes *body, size_t facts_at)
{
    return !memcmp(header->magic, magic, sizeof(magic)) &&
           header->version == ENTRY_VERSION &&
           digest_is_same(header->key, key) && header->length == body->length &&
           facts_at <= body->length &&
           digest_is_same(header->content, digest_of(body->bytes, facts_at));
}

/* `facts_at` is where facts begin in it, or 0. */
static bool entry_read(struct cache *cache, const char *name, struct digest key,
                       size_t facts_at, struct arena *arena,
                       struct file_bytes *body)
{
    struct entry_header header;
    struct file_bytes file;

    if (!file_read(cache->directory, name, O_NOFOLLOW, arena, &file) ||
        file.length < sizeof(header))
        return false;
    memcpy(&header, file.bytes, sizeof(header));
    body->bytes = file.bytes + sizeof(header);
    body->length = file.length - sizeof(header);
    return header_fits(&header, key, body, facts_at ? facts_at : body->length);
}

bool cache_entry_read(struct cache *cache, const char *name, struct digest key,
                      struct arena *arena, struct file_bytes *body)
{
    return entry_read(cache, name, key, 0, arena, body);
}

/* What stands there and is no file is somebody's trap, or a mishap. */
static void way_clear(int directory, const char *name)
{
    struct stat info;

    if (!fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) &&
        !S_ISREG(info.st_mode))
        unlinkat(directory, name, 0);
}

static void entry_write(struct cache *cache, const char *name,
                        struct digest key, size_t facts_at,
                        const struct strbuf *body)
{
    struct arena scratch = {0};
    struct strbuf bytes = {.arena = &scratch};
    struct entry_header header = {
        .version = ENTRY_VERSION,
        .key = key,
        .content = digest_of(body->text, facts_at ? facts_at : body->length),
        .length = body->length,
    };
    struct err err = {0};

    memcpy(header.magic, magic, sizeof(magic));
    strbuf_add_bytes(&bytes, (const char *)&header, sizeof(header));
    strbuf_add_bytes(&bytes, body->text, body->length);
    way_clear(cache->directory, name);
    if (!file_replace(cache->directory, name, bytes.text, bytes.length, &err))
        trouble_tell(cache, &err);
    arena_finish(&scratch);
}

void cache_entry_write(struct cache *cache, const char *name, struct digest key,
                       const struct strbuf *body)
{
    entry_write(cache, name, key, 0, body);
}

bool cache_is_same(struct cache *cache, const struct source *source,
                   const struct ir_unit *unit, const uint32_t *files,
                   struct digest surroundings)
{
    return files_are_same(cache, unit, files) &&
           digest_is_same(surroundings,
                          surroundings_digest(&cache->surroundings, source,
                                              unit, files, NULL));
}

bool cache_may_keep(struct cache *cache, const struct source *source,
                    const struct ir_unit *unit, struct digest *surroundings)
{
    struct arena scratch = {0};
    bool is_young;

    if (cache->is_readonly)
        return false;
    *surroundings =
        surroundings_digest(&cache->surroundings, source, unit,
                            files_of(cache, unit, &scratch), &is_young);
    arena_finish(&scratch);
    return !is_young;
}

/* An entry may be newer or older than what is known of the source. */
static bool entry_is_good(struct cache *cache, const struct source *source,
                          const struct ir_unit *unit,
                          struct digest surroundings,
                          const struct source_before *before)
{
    return (before && before->is_same &&
            digest_is_same(before->meaning, unit->meaning)) ||
           cache_is_same(cache, source, unit,
                         files_of(cache, unit, &cache->entry), surroundings);
}

const struct ir_unit *cache_find(struct cache *cache,
                                 const struct source *source,
                                 const struct source_before *before)
{
    struct digest key = cache_key(cache, source);
    struct arena_mark mark = arena_mark(cache->arena);
    struct ir_unit *unit = arena_alloc(cache->arena, sizeof(*unit));
    struct arena *scratch = &cache->entry;
    struct digest surroundings;
    struct file_bytes body;
    struct err err = {0};

    arena_reset(scratch);
    if (entry_read(cache, entry_name(scratch, key), key, sizeof(surroundings),
                   cache->arena, &body)) {
        memcpy(&surroundings, body.bytes, sizeof(surroundings));
        if (facts_read(body.bytes + sizeof(surroundings),
                       body.length - sizeof(surroundings), unit, &err) &&
            entry_is_good(cache, source, unit, surroundings, before))
            return unit;
    }
    arena_return(cache->arena, mark);
    return NULL;
}

void cache_store(struct cache *cache, const struct source *source,
                 const struct ir_unit *unit, const char *facts, size_t length)
{
    struct arena scratch = {0};
    struct strbuf body = {.arena = &scratch};
    struct digest key = cache_key(cache, source);
    struct digest surroundings;

    if (cache_may_keep(cache, source, unit, &surroundings)) {
        strbuf_add_bytes(&body, (const char *)&surroundings,
                         sizeof(surroundings));
        strbuf_add_bytes(&body, facts, length);
        entry_write(cache, entry_name(&scratch, key), key, sizeof(surroundings),
                    &body);
    }
    arena_finish(&scratch);
}
