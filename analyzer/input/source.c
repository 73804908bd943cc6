/*
 * From paths to units. A file that is named is a unit, whatever the database
 * says; below a directory the database decides when it knows any file there,
 * else every C file is a unit with guessed flags.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/str.h"
#include "input/compdb.h"
#include "input/guess.h"
#include "input/walk.h"

enum { NOTES_MAX = 20 }; /* one screen; the rest is counted */

struct target {
    const char *typed;
    const char *path; /* absolute and real */
    bool is_directory;
};

struct builder {
    struct source_list *list;
    struct arena *arena;
    const struct args *args;
    const char *base; /* the current directory */
    VEC(struct target) targets;
    struct compdb compdb;
    struct map entries; /* path -> index in compdb */
    struct map units;   /* paths that are in the list */
    struct guesses guesses;
    uint32_t notes_left_out;
    struct err *err;
};

static bool targets_find(struct builder *builder);
static bool database_read(struct builder *builder);
static bool target_expand(struct builder *builder, const struct target *target);
static void list_sort(struct source_list *list);

/* Whether the user says where headers are. */
static bool is_told_folders(const struct args *args)
{
    for (uint32_t i = 0; i < args->flags.count; i++)
        if (str_starts_with(args->flags.items[i], "-I") ||
            str_starts_with(args->flags.items[i], "-i"))
            return true;
    return false;
}

bool source_list_build(struct source_list *list, struct arena *arena,
                       const struct args *args, struct err *err)
{
    struct builder builder = {
        .list = list, .arena = arena, .args = args, .err = err};

    list->arena = arena;
    builder.entries.arena = arena;
    builder.units.arena = arena;
    builder.base = path_real(arena, ".");
    if (!builder.base)
        return err_set(err, "cannot find the current directory: %s",
                       strerror(errno));
    builder.guesses = (struct guesses){
        .arena = arena, .base = builder.base, .is_told = is_told_folders(args)};
    if (!targets_find(&builder) || !database_read(&builder))
        return false;
    for (uint32_t i = 0; i < builder.targets.count; i++)
        if (!target_expand(&builder, &builder.targets.items[i]))
            return false;
    if (builder.notes_left_out)
        vec_add(arena, &list->notes,
                arena_printf(arena, "%u more notes of this kind",
                             builder.notes_left_out));
    list_sort(list);
    return list->units.count ||
           err_set(err, "nothing to check: '%s' excludes all files",
                   args->config_file);
}

static bool target_find(struct builder *builder, const char *typed)
{
    struct target target = {.typed = typed};
    const char *problem;

    target.path = path_real(builder->arena, typed);
    if (!target.path && errno == ENOENT)
        return err_set(builder->err, "no such file or directory: '%s'", typed);
    if (!target.path)
        return err_set(builder->err, "cannot look at '%s': %s", typed,
                       strerror(errno));
    target.is_directory = path_is_directory(target.path);
    problem = target.is_directory ? NULL : walk_file_problem(target.path);
    if (problem)
        return err_set(builder->err, "cannot check '%s': it %s", typed,
                       problem);
    vec_add(builder->arena, &builder->targets, target);
    return true;
}

static bool targets_find(struct builder *builder)
{
    for (uint32_t i = 0; i < builder->args->paths.count; i++)
        if (!target_find(builder, builder->args->paths.items[i]))
            return false;
    return true;
}

static void note_add(struct builder *builder, const char *note)
{
    if (builder->list->notes.count < NOTES_MAX)
        vec_add(builder->arena, &builder->list->notes, note);
    else
        builder->notes_left_out++;
}

static void notes_add(struct builder *builder, const struct path_list *notes)
{
    for (uint32_t i = 0; i < notes->items.count; i++)
        note_add(builder, notes->items.items[i]);
}

/* The one that is named, or the first that a path leads to. Paths of one folder
 * lead to the same. */
static bool database_find(struct builder *builder, const char **file)
{
    const char *build_dir = builder->args->build_dir;
    struct map folders = {.arena = builder->arena};

    *file = NULL;
    if (build_dir) {
        *file = path_real(builder->arena, path_join(builder->arena, build_dir,
                                                    "compile_commands.json"));
        return *file ||
               err_set(builder->err, "no compile_commands.json in '%s': %s",
                       build_dir, strerror(errno));
    }
    for (uint32_t i = 0; !*file && i < builder->targets.count; i++) {
        const struct target *target = &builder->targets.items[i];
        const char *folder = target->is_directory
                                 ? target->path
                                 : path_parent(builder->arena, target->path);
        bool is_new;

        map_add_str(&folders, folder, i, &is_new);
        if (is_new)
            *file = compdb_find(builder->arena, folder);
    }
    return true;
}

static bool database_read(struct builder *builder)
{
    struct path_list wanted = {0};
    const char *file;

    if (!database_find(builder, &file))
        return false;
    if (!file)
        return true;
    for (uint32_t i = 0; i < builder->targets.count; i++)
        if (!builder->targets.items[i].is_directory)
            vec_add(builder->arena, &wanted.items,
                    builder->targets.items[i].path);
    builder->compdb.file = path_shown(file, builder->base);
    builder->list->database = builder->compdb.file;
    if (!compdb_read(&builder->compdb, builder->arena, file, &wanted,
                     builder->args, builder->err))
        return false;
    for (uint32_t i = 0; i < builder->compdb.entries.count; i++)
        map_add_str(&builder->entries, builder->compdb.entries.items[i].path, i,
                    NULL);
    notes_add(builder, &builder->compdb.notes);
    return true;
}

/* What stands behind `--` was typed here, so its relative paths start here,
 * not where the database has its directory. `*is_path` says that the flag is
 * the operand of the one before, and is told whether the next one is. */
static const char *flag_from_here(const struct builder *builder,
                                  const char *flag, bool *is_path)
{
    static const char *const options[] = {
        "-isystem",  "-iquote",    "-idirafter", "-include",
        "-isysroot", "--sysroot=", "-I",         NULL,
    };

    if (*is_path) {
        *is_path = false;
        return path_join(builder->arena, builder->base, flag);
    }
    for (int i = 0; options[i]; i++) {
        size_t length = strlen(options[i]);

        if (strncmp(flag, options[i], length) != 0)
            continue;
        *is_path = !flag[length];
        return *is_path ? flag
                        : arena_printf(builder->arena, "%s%s", options[i],
                                       path_join(builder->arena, builder->base,
                                                 flag + length));
    }
    return flag;
}

/* The flags, then what stands behind `--` on our own command line, then
 * folders to look in at last. */
static void unit_add(struct builder *builder, const char *path,
                     const char *directory, const struct path_list *flags,
                     const struct path_list *folders)
{
    const struct args *args = builder->args;
    struct source unit = {.path = path, .directory = directory};
    bool is_c = str_ends_with(path, ".c");
    bool is_path = false;
    bool is_new;

    map_add_str(&builder->units, path, 0, &is_new);
    if (!is_new)
        return;
    unit.file = path_shown(path, builder->base);
    unit.flags = arena_array(builder->arena,
                             flags->items.count + args->flags.count +
                                 folders->items.count + 1,
                             sizeof(*unit.flags));
    if (!is_c) /* the name doesn't say that it is C: we do */
        unit.flags[unit.flag_count++] = "-xc";
    for (uint32_t i = 0; i < flags->items.count; i++)
        unit.flags[unit.flag_count++] = flags->items.items[i];
    for (uint32_t i = 0; i < args->flags.count; i++)
        unit.flags[unit.flag_count++] =
            flag_from_here(builder, args->flags.items[i], &is_path);
    for (uint32_t i = 0; i < folders->items.count; i++)
        unit.flags[unit.flag_count++] = folders->items.items[i];
    vec_add(builder->arena, &builder->list->units, unit);
}

/* Who says where headers are knows better than a guess. */
static void unit_guess(struct builder *builder, const char *path)
{
    static const char *const folder_flags[] = {"-I", "-iquote", "-idirafter",
                                               NULL};
    const struct path_list *guessed = guess_flags(&builder->guesses, path);
    struct path_list flags = {0};
    struct path_list folders = {0};

    for (uint32_t i = 0; i < guessed->items.count; i++) {
        const char *flag = guessed->items.items[i];

        if (!str_is_one_of(flag, folder_flags)) {
            vec_add(builder->arena, &flags.items, flag);
            continue;
        }
        vec_add(builder->arena, &folders.items, flag);
        vec_add(builder->arena, &folders.items, guessed->items.items[++i]);
    }
    unit_add(builder, path, builder->base, &flags, &folders);
}

static void unit_from_entry(struct builder *builder,
                            const struct compdb_entry *entry)
{
    struct path_list flags = {0};

    for (uint32_t i = 0; i < entry->flag_count; i++)
        vec_add(builder->arena, &flags.items, entry->flags[i]);
    unit_add(builder, entry->path, entry->directory, &flags,
             &(struct path_list){0});
}

static void file_expand(struct builder *builder, const struct target *target)
{
    const uint32_t *index = map_find_str(&builder->entries, target->path);
    const struct compdb_entry *entry;

    if (!index) {
        unit_guess(builder, target->path);
        return;
    }
    entry = &builder->compdb.entries.items[*index];
    if (entry->is_inferred)
        note_add(builder,
                 arena_printf(builder->arena,
                              "'%s' is not in '%s': using the flags of the "
                              "file with the nearest name",
                              target->typed, builder->compdb.file));
    unit_from_entry(builder, entry);
}

/* The pattern matches the path or one of the directories that it is in. */
static bool pattern_covers(struct arena *arena, const char *pattern,
                           const char *path)
{
    for (const char *at = path; *at; at++)
        if (*at == '/' && at > path &&
            str_matches(pattern,
                        arena_strndup(arena, path, (size_t)(at - path))))
            return true;
    return str_matches(pattern, path);
}

static bool is_excluded(struct builder *builder, const char *path)
{
    const struct args *args = builder->args;
    struct arena scratch = {0};
    bool is_covered = false;

    if (!args->excludes.count)
        return false;
    path = path_shown(path, args->exclude_base);
    for (uint32_t i = 0; !is_covered && i < args->excludes.count; i++)
        is_covered = pattern_covers(&scratch, args->excludes.items[i], path);
    arena_finish(&scratch);
    return is_covered;
}

/* The database's files below a directory; how many. */
static uint32_t listed_expand(struct builder *builder,
                              const struct target *target)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < builder->compdb.entries.count; i++) {
        const struct compdb_entry *entry = &builder->compdb.entries.items[i];

        if (entry->is_inferred || !path_is_below(entry->path, target->path))
            continue;
        count++;
        if (!is_excluded(builder, entry->path))
            unit_from_entry(builder, entry);
    }
    return count;
}

/* Files that no unit is made of, in a directory of which others are. */
static void unlisted_count(struct builder *builder, const struct walk *walk,
                           const struct target *target)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < walk->files.items.count; i++) {
        const char *path = walk->files.items.items[i];

        count += !map_find_str(&builder->entries, path) &&
                 !is_excluded(builder, path);
    }
    if (count)
        note_add(builder,
                 arena_printf(builder->arena,
                              "%u C file%s below '%s' %s not in '%s': left "
                              "out",
                              count, count == 1 ? "" : "s", target->typed,
                              count == 1 ? "is" : "are", builder->compdb.file));
}

static void found_expand(struct builder *builder, const struct walk *walk)
{
    for (uint32_t i = 0; i < walk->files.items.count; i++) {
        const char *path = walk->files.items.items[i];

        if (!is_excluded(builder, path))
            unit_guess(builder, path);
    }
}

/* What is there is said, too: the one file may be too large. */
static bool nothing_found(struct builder *builder, const struct walk *walk,
                          const struct target *target)
{
    uint32_t count = walk->notes.items.count;

    if (!count)
        return err_set(builder->err, "no C files in '%s'", target->typed);
    return err_set(
        builder->err, "no C files in '%s' to check: %s%s", target->typed,
        walk->notes.items.items[0],
        count == 1 ? ""
                   : arena_printf(builder->arena, ", and %u more", count - 1));
}

static bool directory_expand(struct builder *builder,
                             const struct target *target)
{
    struct walk walk = {0};

    if (!walk_tree(&walk, builder->arena, target->path, builder->base, ".c",
                   builder->err))
        return false;
    notes_add(builder, &walk.notes);
    builder->guesses.top = target->path;
    if (listed_expand(builder, target)) {
        unlisted_count(builder, &walk, target);
        return true;
    }
    if (!walk.files.items.count)
        return nothing_found(builder, &walk, target);
    if (builder->compdb.file)
        note_add(builder,
                 arena_printf(builder->arena,
                              "no file below '%s' is in '%s': using guessed "
                              "flags",
                              target->typed, builder->compdb.file));
    found_expand(builder, &walk);
    return true;
}

static bool target_expand(struct builder *builder, const struct target *target)
{
    if (target->is_directory)
        return directory_expand(builder, target);
    file_expand(builder, target);
    return true;
}

static int source_compare(const void *one, const void *two)
{
    const struct source *left = one;
    const struct source *right = two;

    return strcmp(left->file, right->file);
}

static void list_sort(struct source_list *list)
{
    if (list->units.count > 1)
        qsort(list->units.items, list->units.count, sizeof(*list->units.items),
              source_compare);
}
