/*
 * Paths, see path.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/path.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    REPOSITORY_LEVELS = 64, /* a path can't be much deeper: PATH_MAX */
    NAMES_MAX = 1 << 20,    /* in one directory; beyond it nobody browses */
};

const char *path_join(struct arena *arena, const char *directory,
                      const char *name)
{
    size_t length = strlen(directory);
    size_t rest = strlen(name) + 1;
    char *joined;

    if (name[0] == '/' || !length)
        return arena_strndup(arena, name, rest - 1);
    joined = arena_room(arena, length + 1 + rest);
    memcpy(joined, directory, length);
    if (joined[length - 1] != '/')
        joined[length++] = '/';
    memcpy(joined + length, name, rest);
    return joined;
}

const char *path_real(struct arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = real ? arena_strdup(arena, real) : NULL;

    free(real);
    return copy;
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *path_parent(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    assert(slash);
    if (slash == path)
        return "/";
    return arena_strndup(arena, path, (size_t)(slash - path));
}

bool path_is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    if (!strcmp(directory, "/"))
        return true;
    return !strncmp(path, directory, length) &&
           (path[length] == '/' || !path[length]);
}

const char *path_shown(const char *path, const char *base)
{
    if (!strcmp(path, base))
        return ".";
    if (!path_is_below(path, base))
        return path;
    path += strlen(base);
    return *path == '/' ? path + 1 : path;
}

bool path_is_there(const char *path)
{
    return !access(path, F_OK);
}

bool path_is_directory(const char *path)
{
    struct stat info;

    return !stat(path, &info) && S_ISDIR(info.st_mode);
}

bool path_is_file(const char *path)
{
    struct stat info;

    return !stat(path, &info) && S_ISREG(info.st_mode);
}

void path_list_upward(struct path_list *list, struct arena *arena,
                      const char *start, int levels_max)
{
    const char *directory = start;
    int level = 0;

    for (; level < REPOSITORY_LEVELS; level++) {
        vec_add(arena, &list->items, directory);
        if (!access(path_join(arena, directory, ".git"), F_OK))
            return;
        if (!strcmp(directory, "/"))
            break;
        directory = path_parent(arena, directory);
    }
    if (list->items.count > (uint32_t)levels_max)
        list->items.count = (uint32_t)levels_max;
}

const char *path_repository(struct arena *arena, const char *directory)
{
    struct path_list upward = {0};
    const char *top;

    path_list_upward(&upward, arena, directory, 1);
    top = *vec_last(&upward.items);
    return path_is_there(path_join(arena, top, ".git")) ? top : directory;
}

bool path_is_system(const char *path)
{
    static const char *const systems[] = {"/usr", "/opt", "/nix/store",
                                          "/gnu/store", NULL};

    for (const char *const *system = systems; *system; system++)
        if (path_is_below(path, *system))
            return true;
    return false;
}

static int name_compare(const void *one, const void *two)
{
    return strcmp(*(const char *const *)one, *(const char *const *)two);
}

bool path_list_names(struct path_list *list, struct arena *arena,
                     const char *directory)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;

    if (!stream)
        return false;
    while (list->items.count < NAMES_MAX && (entry = readdir(stream)))
        if (entry->d_name[0] != '.')
            vec_add(arena, &list->items, arena_strdup(arena, entry->d_name));
    closedir(stream);
    if (list->items.count > 1)
        qsort(list->items.items, list->items.count, sizeof(*list->items.items),
              name_compare);
    return true;
}
