/*
 * The files that a unit read, by the names that facts have for them, each with
 * the digest of what libclang had in its hands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/file.h"

#include <string.h>

#include "front/head.h"
#include "front/prelude.h"

/* Facts are the same wherever the tree stands: paths below the root lose it. */
static const char *path_below(const char *path, const char *root)
{
    size_t length = strlen(root);

    while (str_starts_with(path, "./"))
        path += 2;
    if (!strncmp(path, root, length) && path[length] == '/')
        return path + length + 1;
    return path;
}

static const char *path_of(struct lower *lower, CXFile file)
{
    CXString name = clang_getFileName(file);
    CXString real = clang_File_tryGetRealPathName(file);
    const char *path = clang_getCString(real);

    if (!path || !*path ||
        (!str_starts_with(path, lower->root) &&
         clang_getCString(name)[0] == '/'))
        path = clang_getCString(name);
    path = arena_strdup(lower->arena, path_below(path, lower->root));
    clang_disposeString(name);
    clang_disposeString(real);
    return path;
}

struct file_seen file_look(struct lower *lower, CXFile file, bool from_system)
{
    struct file_seen seen = {.path = path_of(lower, file)};
    size_t length;
    const char *text = text_of(lower, file, &length);

    seen.content = digest_of(text, length);
    seen.is_system =
        from_system || clang_Location_isInSystemHeader(
                           clang_getLocationForOffset(lower->tu, file, 0));
    if (!seen.is_system)
        seen.odd = odd_find(text, length);
    return seen;
}

/* A unit that is parsed twice has two names for each file in libclang, and
 * one here; the prelude is no file. */
static ir_id file_add(struct lower *lower, const struct ir_file *made)
{
    const struct ir_unit *unit = lower->unit;

    if (!strcmp(ir_text(unit, made->path), PRELUDE_NAME))
        return 0;
    for (uint32_t i = 1; i < unit->files.count; i++)
        if (unit->files.items[i].path == made->path)
            return i;
    vec_add(lower->arena, &lower->unit->files, *made);
    return unit->files.count - 1;
}

ir_id file_keep(struct lower *lower, const struct file_seen *seen)
{
    struct ir_file made = {
        .path = lower_str(lower, seen->path),
        .is_system = seen->is_system,
        .content = seen->content,
    };

    return file_add(lower, &made);
}

ir_id lower_file(struct lower *lower, CXFile file)
{
    return lower_file_from(lower, file, false);
}

ir_id lower_file_from(struct lower *lower, CXFile file, bool from_system)
{
    const struct file_seen *shared;
    struct file_seen seen;
    uint32_t *known;
    ir_id id;

    if (!file)
        return 0;
    known = map_find(&lower->files, &file, sizeof(file));
    if (known)
        return *known;
    shared = head_file_find(lower->head, file);
    seen = shared ? *shared : file_look(lower, file, from_system);
    id = file_keep(lower, &seen);
    if (!shared)
        odd_note(lower, id, seen.odd);
    return *map_add(&lower->files, &file, sizeof(file), id, NULL);
}
