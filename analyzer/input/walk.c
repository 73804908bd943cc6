/*
 * A walk over a tree that isn't trusted. Names are collected before going
 * deeper, so only one directory is open at a time however deep the tree. No
 * symlink is followed: what it points to is either found anyway, or outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/walk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

enum {
    DEPTH_MAX = 128,     /* directories; recursion follows it */
    FILES_MAX = 1 << 20, /* ten times the kernel */
};

struct walker {
    struct walk *walk;
    struct arena *arena;
    const char *base;
    const char *ending;
    bool is_full;
};

static void note_add(struct walker *walker, const char *path, const char *why)
{
    vec_add(walker->arena, &walker->walk->notes.items,
            arena_printf(walker->arena, "skipped '%s': it %s",
                         path_shown(path, walker->base), why));
}

static const char *mode_problem(const struct stat *info)
{
    if (S_ISFIFO(info->st_mode))
        return "is a FIFO";
    if (S_ISSOCK(info->st_mode))
        return "is a socket";
    if (!S_ISREG(info->st_mode))
        return "is a device";
    if (info->st_size > SOURCE_BYTES_MAX)
        return "is larger than 8 MiB";
    return NULL;
}

const char *walk_file_problem(const char *path)
{
    struct stat info;

    if (stat(path, &info))
        return "can't be looked at";
    if (access(path, R_OK))
        return "can't be read: permission denied";
    return mode_problem(&info);
}

/* What nobody means by "the C files below here". */
static bool is_skipped_directory(struct walker *walker, const char *name,
                                 const char *path)
{
    const char *cache = path_join(walker->arena, path, "CMakeCache.txt");

    return !strcmp(name, "node_modules") || !access(cache, F_OK);
}

static void file_add(struct walker *walker, const char *path,
                     const struct stat *info)
{
    const char *problem = mode_problem(info);

    if (!str_ends_with(path, walker->ending))
        return;
    if (problem) {
        note_add(walker, path, problem);
        return;
    }
    if (walker->walk->files.items.count == FILES_MAX) {
        if (!walker->is_full)
            note_add(walker, path, "and others are one too many: 1048576");
        walker->is_full = true;
        return;
    }
    vec_add(walker->arena, &walker->walk->files.items, path);
}

static bool directory_walk(struct walker *walker, const char *directory,
                           int depth)
{
    struct path_list names = {0};

    if (!path_list_names(&names, walker->arena, directory))
        return false;
    for (uint32_t i = 0; i < names.items.count; i++) {
        const char *name = names.items.items[i];
        const char *path = path_join(walker->arena, directory, name);
        struct stat info;

        if (lstat(path, &info) || S_ISLNK(info.st_mode))
            continue;
        if (!S_ISDIR(info.st_mode))
            file_add(walker, path, &info);
        else if (is_skipped_directory(walker, name, path))
            continue;
        else if (depth == DEPTH_MAX)
            note_add(walker, path, "lies too deep");
        else if (!directory_walk(walker, path, depth + 1))
            note_add(walker, path,
                     arena_printf(walker->arena, "can't be read: %s",
                                  strerror(errno)));
    }
    return true;
}

bool walk_tree(struct walk *walk, struct arena *arena, const char *top,
               const char *base, const char *ending, struct err *err)
{
    struct walker walker = {
        .walk = walk, .arena = arena, .base = base, .ending = ending};

    if (directory_walk(&walker, top, 0))
        return true;
    return err_set(err, "cannot read the directory '%s': %s",
                   path_shown(top, base), strerror(errno));
}
