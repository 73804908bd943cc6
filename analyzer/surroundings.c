/*
 * See surroundings.h. Names that go into the digest are relative to the
 * current directory, so that the tree may be moved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "surroundings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/str.h"

enum { ENDS_MAX = 8 }; /* no include is written with more slashes than that */

static const char *const directory_flags[] = {"-I", "-iquote", "-isystem",
                                              "-idirafter"};

void surroundings_init(struct surroundings *surroundings, struct arena *arena,
                       const char *root)
{
    surroundings->arena = arena;
    surroundings->root = root;
    surroundings->names.arena = arena;
    surroundings->lists.arena = arena;
    surroundings->folders.arena = arena;
    surroundings->directories.arena = arena;
    /* The clock that file systems use for their stamps. */
    clock_gettime(CLOCK_REALTIME_COARSE, &surroundings->start);
}

/* Most units have the same directories, and each link on the way to them costs
 * a look. */
static void directory_add(struct surroundings *surroundings,
                          struct map *directories, const char *base,
                          const char *name)
{
    const char *joined = path_join(directories->arena, base, name);
    const char *real;
    bool is_new;
    uint32_t at = *map_add_str(&surroundings->directories, joined,
                               surroundings->reals.count, &is_new);

    if (is_new) {
        real = path_real(surroundings->arena, joined);
        if (!real)
            real = arena_strdup(surroundings->arena, joined);
        vec_add(surroundings->arena, &surroundings->reals, real);
    }
    map_add_str(directories, surroundings->reals.items[at], 0, NULL);
}

/* `-Ix` and `-I x`. */
static void flags_add(struct surroundings *surroundings,
                      struct map *directories, const struct source *source)
{
    for (int i = 0; i < source->flag_count; i++)
        for (size_t k = 0;
             k < sizeof(directory_flags) / sizeof(*directory_flags); k++) {
            const char *flag = directory_flags[k];
            const char *value = source->flags[i] + strlen(flag);

            if (!str_starts_with(source->flags[i], flag))
                continue;
            if (!*value && i + 1 < source->flag_count)
                value = source->flags[i + 1];
            directory_add(surroundings, directories, source->directory, value);
        }
}

static void variable_add(struct surroundings *surroundings,
                         struct map *directories, const struct source *source,
                         const char *variable)
{
    const char *value = getenv(variable);
    char *rest;
    char *name;

    if (!value)
        return;
    rest = arena_strdup(directories->arena, value);
    while ((name = strsep(&rest, ":")))
        directory_add(surroundings, directories, source->directory,
                      *name ? name : ".");
}

uint32_t surroundings_file(struct surroundings *surroundings, const char *name)
{
    struct surrounded new;
    bool is_new;
    uint32_t index = *map_add_str(&surroundings->names, name,
                                  surroundings->files.count, &is_new);

    if (is_new) {
        new.path = path_join(surroundings->arena, surroundings->root, name);
        new.folder = path_parent(surroundings->arena, new.path);
        vec_add(surroundings->arena, &surroundings->files, new);
    }
    return index;
}

/* Where clang may look for what this unit includes; `files` are the numbers of
 * what it has read. */
static void directories_find(struct surroundings *surroundings,
                             struct map *directories,
                             const struct source *source,
                             const struct ir_unit *unit, const uint32_t *files)
{
    const char *last = NULL;

    directory_add(surroundings, directories, source->directory, ".");
    flags_add(surroundings, directories, source);
    variable_add(surroundings, directories, source, "CPATH");
    variable_add(surroundings, directories, source, "C_INCLUDE_PATH");
    directory_add(surroundings, directories, "/", "usr/local/include");
    for (uint32_t i = 1; i < unit->files.count; i++) {
        const char *folder = surroundings->files.items[files[i]].folder;

        if (unit->files.items[i].is_system || (last && !strcmp(last, folder)))
            continue;
        map_add_str(directories, folder, 0, NULL);
        last = folder;
    }
}

static bool is_since(struct timespec stamp, struct timespec start)
{
    return stamp.tv_sec > start.tv_sec ||
           (stamp.tv_sec == start.tv_sec && stamp.tv_nsec >= start.tv_nsec);
}

/* Whether the folder is there that a file would lie in. Mostly it is not, and
 * the next file would lie there, too. */
static bool has_folder(struct surroundings *surroundings, const char *file)
{
    bool is_new;
    uint32_t *is_there =
        map_add(&surroundings->folders, file,
                (size_t)(strrchr(file, '/') - file), 0, &is_new);

    if (is_new)
        *is_there = path_is_there(path_parent(surroundings->arena, file));
    return *is_there;
}

/* Each end of the path in each of the directories. */
static struct surrounding look_around(struct surroundings *surroundings,
                                      const struct map *directories,
                                      const char *path)
{
    struct arena scratch = {0};
    struct strbuf there = {.arena = &scratch};
    struct strbuf candidate = {.arena = &scratch};
    struct surrounding found = {0};
    const char *end = path + strlen(path);

    for (int ends = 0; ends < ENDS_MAX && end > path; ends++) {
        while (--end > path && *end != '/')
            ;
        for (uint32_t i = 0; i < directories->entries.count; i++) {
            struct stat info;

            candidate.length = 0;
            strbuf_add(&candidate, directories->entries.items[i].key);
            strbuf_add(&candidate, end);
            if (!strcmp(candidate.text, path) ||
                !has_folder(surroundings, candidate.text) ||
                stat(candidate.text, &info))
                continue;
            strbuf_printf(&there, "%s\n",
                          path_shown(candidate.text, surroundings->root));
            found.is_young =
                found.is_young || is_since(info.st_ctim, surroundings->start);
        }
    }
    found.digest = digest_of(there.text, there.length);
    arena_finish(&scratch);
    return found;
}

static uint32_t list_number(struct surroundings *surroundings,
                            const struct map *directories)
{
    struct strbuf names = {.arena = directories->arena};
    bool is_new;
    uint32_t number;

    for (uint32_t i = 0; i < directories->entries.count; i++) {
        strbuf_add(&names, directories->entries.items[i].key);
        strbuf_add(&names, "\n");
    }
    number = *map_add_str(&surroundings->lists, strbuf_text(&names),
                          surroundings->known.count, &is_new);
    if (is_new)
        vec_add(surroundings->arena, &surroundings->known,
                (struct surrounding_list){0});
    return number;
}

/* Where the system's headers are, as far as the unit's own show it, and where
 * packages put them. A unit that lacks a file has read few. */
static void system_directories_find(struct surroundings *surroundings,
                                    struct map *directories,
                                    const struct ir_unit *unit)
{
    struct path_list names = {0};

    map_add_str(directories, "/usr/include", 0, NULL);
    path_list_names(&names, directories->arena, "/usr/include");
    for (uint32_t i = 0; i < names.items.count; i++)
        if (strstr(names.items.items[i], "-linux"))
            directory_add(surroundings, directories, "/usr/include",
                          names.items.items[i]);
    for (uint32_t i = 1; i < unit->files.count; i++) {
        const char *path = path_join(directories->arena, surroundings->root,
                                     ir_text(unit, unit->files.items[i].path));

        while (unit->files.items[i].is_system && strcmp(path, "/") != 0) {
            bool is_new;

            path = path_parent(directories->arena, path);
            map_add_str(directories, path, 0, &is_new);
            if (!is_new)
                break;
        }
    }
}

/* Then the system's headers may be where none of them was read. */
static bool has_sysroot(const struct source *source)
{
    for (int i = 0; i < source->flag_count; i++)
        if (strstr(source->flags[i], "sysroot"))
            return true;
    return false;
}

/* What there is by the names of files that were not found. */
static void missing_look(struct surroundings *surroundings,
                         struct map *directories, const struct source *source,
                         const struct ir_unit *unit, struct strbuf *there,
                         bool *is_young)
{
    if (unit->missing.count <= 1)
        return;
    *is_young |= has_sysroot(source);
    system_directories_find(surroundings, directories, unit);
    for (uint32_t i = 1; i < unit->missing.count; i++)
        for (uint32_t k = 0; k < directories->entries.count; k++) {
            const char *candidate =
                path_join(directories->arena, directories->entries.items[k].key,
                          ir_text(unit, unit->missing.items[i].name));
            struct stat info;

            if (stat(candidate, &info))
                continue;
            strbuf_printf(there, "%s\n",
                          path_shown(candidate, surroundings->root));
            *is_young |= is_since(info.st_ctim, surroundings->start);
        }
}

static const struct surrounding *around(struct surroundings *surroundings,
                                        const struct map *directories,
                                        uint32_t list, uint32_t file)
{
    struct surrounding_list *known = &surroundings->known.items[list];

    while (known->at.count <= file)
        vec_add(surroundings->arena, &known->at, 0);
    if (!known->at.items[file]) {
        vec_add(surroundings->arena, &surroundings->found,
                look_around(surroundings, directories,
                            surroundings->files.items[file].path));
        known->at.items[file] = surroundings->found.count;
    }
    return &surroundings->found.items[known->at.items[file] - 1];
}

struct digest surroundings_digest(struct surroundings *surroundings,
                                  const struct source *source,
                                  const struct ir_unit *unit,
                                  const uint32_t *files, bool *is_young)
{
    struct arena scratch = {0};
    struct map directories = {.arena = &scratch};
    struct strbuf all = {.arena = &scratch};
    struct digest digest;
    bool is_any_young = false;
    uint32_t list;

    directories_find(surroundings, &directories, source, unit, files);
    list = list_number(surroundings, &directories);
    for (uint32_t i = 1; i < unit->files.count; i++) {
        const struct surrounding *found;

        if (i == unit->main_file) /* nobody looks for it */
            continue;
        found = around(surroundings, &directories, list, files[i]);
        is_any_young |= found->is_young;
        bytes_add_digest(&all, found->digest);
    }
    missing_look(surroundings, &directories, source, unit, &all, &is_any_young);
    digest = digest_of(all.text, all.length);
    if (is_young)
        *is_young = is_any_young;
    arena_finish(&scratch);
    return digest;
}
