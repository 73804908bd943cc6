/*
 * An index of a tree's headers, see headers.h. What a header includes is found
 * out once, whoever asks, so only files of the tree count in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/headers.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/str.h"
#include "input/walk.h"

enum {
    FOLDERS_MAX = 64,
    STANDIN_COST = 1 << 16, /* more than any path has folders */
};

/* A file, and what it includes. */
struct header {
    const char *path;
    bool is_read;
    const char *reached; /* by the files of this folder */
    VEC(struct header *) includes;
    VEC(const char *) folders; /* … found in; NULL: beside the file */
};

/* Code for other systems: nobody outside means what lies there. */
static const char *const systems[] = {
    "win32",   "win64",   "windows", "win",    "msvc",    "vc",
    "wince",   "mingw",   "cygwin",  "os2",    "vms",     "openvms",
    "amiga",   "mac",     "macos",   "macosx", "darwin",  "osx",
    "apple",   "ios",     "android", "beos",   "haiku",   "dos",
    "netware", "freebsd", "openbsd", "netbsd", "solaris", "sunos",
    "aix",     "hpux",    "irix",    "qnx",    "symbian", NULL,
};

/* Code that stands in for what is tested: only where there is no other. */
static const char *const standins[] = {
    "test",   "tests",   "testing", "unittest", "mock",    "mocks",
    "stub",   "stubs",   "fuzz",    "fuzzing",  "example", "examples",
    "sample", "samples", "demo",    "demos",    NULL,
};

static bool is_one_of(const char *const *names, const char *folder,
                      size_t length)
{
    for (; *names; names++)
        if (strlen(*names) == length && !strncasecmp(*names, folder, length))
            return true;
    return false;
}

/* How near the header lies to the file: by the folders down from the root that
 * both are in. Negative in a folder of stand-ins that the file is not in, and
 * INT_MIN in one for another system. */
static int nearness(const char *path, const char *from)
{
    const char *folder = path;
    const char *end;
    bool is_standin = false;
    int shared = 0;

    for (const char *at = path; *at && *at == *from; at++, from++)
        if (*at == '/') {
            folder = at + 1;
            shared++;
        }
    for (; (end = strchr(folder, '/')); folder = end + 1) {
        if (is_one_of(systems, folder, (size_t)(end - folder)))
            return INT_MIN;
        is_standin |= is_one_of(standins, folder, (size_t)(end - folder));
    }
    return is_standin ? shared - STANDIN_COST : shared;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static struct header *header_at(const struct headers *headers, const char *path)
{
    const uint32_t *index = path ? map_find_str(&headers->by_path, path) : NULL;

    return index ? headers->items.items[*index] : NULL;
}

/* The nearest whose path ends in `/NAME`; NULL: none, or one of several. */
static struct header *nearest_find(struct headers *headers, const char *from,
                                   const char *name)
{
    const char *ending = arena_printf(headers->arena, "/%s", name);
    const uint32_t *index = map_find_str(&headers->by_name, last_part(name));
    const struct path_list *named;
    const char *nearest = NULL;
    int least = INT_MIN;
    bool is_sure = false;

    if (!index)
        return NULL;
    named = &headers->named.items[*index];
    for (uint32_t i = 0; i < named->items.count; i++) {
        const char *path = named->items.items[i];
        int near = str_ends_with(path, ending) ? nearness(path, from) : INT_MIN;

        is_sure = near > least || (is_sure && near < least);
        if (near > least) {
            nearest = path;
            least = near;
        }
    }
    return is_sure ? header_at(headers, nearest) : NULL;
}

static const char *folder_intern(struct headers *headers, const char *path,
                                 size_t length)
{
    uint32_t next = headers->folders.items.count;
    bool is_new;
    uint32_t index = *map_add(&headers->by_folder, path, length, next, &is_new);

    if (is_new)
        vec_add(headers->arena, &headers->folders.items,
                arena_strndup(headers->arena, path, length));
    return headers->folders.items.items[index];
}

static void include_add(struct headers *headers, struct header *file,
                        const char *name, bool is_quoted)
{
    const char *folder = path_parent(headers->arena, file->path);
    const char *beside = path_join(headers->arena, folder, name);
    struct header *found = NULL;

    if (is_quoted)
        found = header_at(headers, strstr(name, "..")
                                       ? path_real(headers->arena, beside)
                                       : beside);
    folder = NULL;
    /* What configuring makes: another's is the wrong one. */
    if (!found && *name != '/' && strcmp(last_part(name), "config.h") != 0) {
        found = nearest_find(headers, file->path, name);
        if (found)
            folder = folder_intern(headers, found->path,
                                   strlen(found->path) - strlen(name) - 1);
    }
    if (!found)
        return;
    vec_add(headers->arena, &file->includes, found);
    vec_add(headers->arena, &file->folders, folder);
}

/* `# include "name"` or `<name>`, at the start of a line. */
static void line_read(struct headers *headers, struct header *file,
                      const char *line)
{
    const char *end;
    const char *name;

    line += strspn(line, " \t");
    if (*line++ != '#')
        return;
    line += strspn(line, " \t");
    if (!str_starts_with(line, "include"))
        return;
    line += strlen("include");
    line += strspn(line, " \t");
    if (*line != '"' && *line != '<')
        return;
    end = line + 1 + strcspn(line + 1, *line == '"' ? "\"\n" : ">\n");
    if (*end != '"' && *end != '>')
        return;
    name = arena_strndup(headers->arena, line + 1, (size_t)(end - line) - 1);
    include_add(headers, file, name, *line == '"');
}

static void header_read(struct headers *headers, struct header *file)
{
    struct arena scratch = {0};
    struct file_bytes text;

    file->is_read = true;
    if (!walk_file_problem(file->path) &&
        file_read(AT_FDCWD, file->path, O_NOFOLLOW, &scratch, &text))
        for (const char *line = text.bytes; line; line = strchr(line, '\n')) {
            line += *line == '\n';
            line_read(headers, file, line);
        }
    arena_finish(&scratch);
}

static void header_list(struct headers *headers, const char *path)
{
    struct header *header = arena_alloc(headers->arena, sizeof(*header));
    bool is_new;
    uint32_t index = *map_add_str(&headers->by_name, last_part(path),
                                  headers->named.count, &is_new);

    header->path = path;
    if (is_new)
        vec_add(headers->arena, &headers->named, (struct path_list){0});
    vec_add(headers->arena, &headers->named.items[index].items, path);
    map_add_str(&headers->by_path, path, headers->items.count, NULL);
    vec_add(headers->arena, &headers->items, header);
}

static void tree_list(struct headers *headers)
{
    struct walk walk = {0};
    struct err err = {0};

    headers->is_listed = true;
    headers->by_name.arena = headers->arena;
    headers->by_path.arena = headers->arena;
    headers->by_folder.arena = headers->arena;
    walk_tree(&walk, headers->arena, headers->root, headers->root, ".h", &err);
    for (uint32_t i = 0; i < walk.files.items.count; i++)
        header_list(headers, walk.files.items.items[i]);
}

/* Files in the order in which they are met. */
struct queue {
    VEC(struct header *) files;
};

static void file_follow(struct headers *headers, struct queue *queue,
                        struct header *file, const char *home)
{
    if (file->reached == home)
        return;
    file->reached = home;
    if (!file->is_read)
        header_read(headers, file);
    vec_add(headers->arena, &queue->files, file);
}

static void sources_follow(struct headers *headers, struct queue *queue,
                           const char *home)
{
    struct path_list names = {0};

    path_list_names(&names, headers->arena, home);
    for (uint32_t i = 0; i < names.items.count; i++) {
        const char *name = names.items.items[i];
        struct header *file;

        if (!str_ends_with(name, ".c"))
            continue;
        file = arena_alloc(headers->arena, sizeof(*file));
        file->path = path_join(headers->arena, home, name);
        file_follow(headers, queue, file, home);
    }
}

void headers_find(struct headers *headers, const char *home,
                  struct path_list *folders)
{
    struct map known = {.arena = headers->arena};
    struct queue queue = {0};

    if (!headers->is_listed)
        tree_list(headers);
    if (!headers->items.count)
        return;
    sources_follow(headers, &queue, home);
    for (uint32_t i = 0; i < queue.files.count; i++) {
        const struct header *file = queue.files.items[i];

        for (uint32_t k = 0; k < file->includes.count; k++) {
            const char *folder = file->folders.items[k];
            bool is_new = false;

            if (folder && folders->items.count < FOLDERS_MAX)
                map_add_str(&known, folder, 0, &is_new);
            if (is_new && strcmp(folder, home) != 0)
                vec_add(headers->arena, &folders->items, folder);
            file_follow(headers, &queue, file->includes.items[k], home);
        }
    }
}
