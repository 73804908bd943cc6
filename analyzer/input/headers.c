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

/* Where headers are found. */
struct folder {
    const char *path;
    bool has_system_names;
    /* In the folder that is asked about: */
    const char *needed_by;
    bool is_angled; /* some of its headers are included by `<name>` */
};

/* One include, and where that leads. */
struct include {
    struct header *header;
    struct folder *folder; /* NULL: beside the file */
    bool is_quoted;
};

/* A file, and what it includes. */
struct header {
    const char *path;
    bool is_read;
    const char *reached; /* by the files of this folder */
    VEC(struct include) includes;
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
    const uint32_t *index = map_find_str(&headers->by_name, path_name(name));
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

static bool has_system_names(const struct headers *headers, const char *folder)
{
    static const char *const names[] = {
        "assert.h",  "ctype.h",  "errno.h",   "fcntl.h",     "inttypes.h",
        "limits.h",  "locale.h", "math.h",    "netdb.h",     "poll.h",
        "pthread.h", "regex.h",  "sched.h",   "search.h",    "semaphore.h",
        "setjmp.h",  "signal.h", "stdarg.h",  "stdatomic.h", "stdbool.h",
        "stddef.h",  "stdint.h", "stdio.h",   "stdlib.h",    "string.h",
        "strings.h", "syslog.h", "threads.h", "time.h",      "unistd.h",
        "utime.h",   "wchar.h",
    };
    struct arena scratch = {0};
    bool has = false;

    for (size_t i = 0; !has && i < sizeof(names) / sizeof(*names); i++)
        has = header_at(headers, path_join(&scratch, folder, names[i]));
    arena_finish(&scratch);
    return has;
}

static struct folder *folder_intern(struct headers *headers, const char *path,
                                    size_t length)
{
    uint32_t next = headers->folders.count;
    struct folder *folder;
    bool is_new;
    uint32_t index = *map_add(&headers->by_folder, path, length, next, &is_new);

    if (!is_new)
        return headers->folders.items[index];
    folder = arena_alloc(headers->arena, sizeof(*folder));
    folder->path = arena_strndup(headers->arena, path, length);
    folder->has_system_names = has_system_names(headers, folder->path);
    vec_add(headers->arena, &headers->folders, folder);
    return folder;
}

static void include_add(struct headers *headers, struct header *file,
                        const char *name, bool is_quoted)
{
    const char *home = path_parent(headers->arena, file->path);
    const char *beside = path_join(headers->arena, home, name);
    struct include include = {.is_quoted = is_quoted};

    if (is_quoted)
        include.header = header_at(
            headers,
            strstr(name, "..") ? path_real(headers->arena, beside) : beside);
    /* What configuring makes: another's is the wrong one. */
    if (!include.header && *name != '/' &&
        strcmp(path_name(name), "config.h") != 0) {
        include.header = nearest_find(headers, file->path, name);
        if (include.header)
            include.folder =
                folder_intern(headers, include.header->path,
                              strlen(include.header->path) - strlen(name) - 1);
    }
    if (include.header)
        vec_add(headers->arena, &file->includes, include);
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
    uint32_t index = *map_add_str(&headers->by_name, path_name(path),
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

static const char *flag_of(const struct folder *folder)
{
    if (!folder->is_angled)
        return "-iquote";
    return folder->has_system_names ? "-idirafter" : "-I";
}

void headers_find(struct headers *headers, const char *home,
                  struct path_list *flags)
{
    VEC(struct folder *) needed = {0};
    struct queue queue = {0};

    if (!headers->is_listed)
        tree_list(headers);
    if (!headers->items.count)
        return;
    sources_follow(headers, &queue, home);
    for (uint32_t i = 0; i < queue.files.count; i++) {
        const struct header *file = queue.files.items[i];

        for (uint32_t k = 0; k < file->includes.count; k++) {
            const struct include *include = &file->includes.items[k];
            struct folder *folder = include->folder;

            if (folder && folder->needed_by != home &&
                strcmp(folder->path, home) != 0) {
                folder->needed_by = home;
                folder->is_angled = false;
                vec_add(headers->arena, &needed, folder);
            }
            if (folder)
                folder->is_angled |= !include->is_quoted;
            file_follow(headers, &queue, include->header, home);
        }
    }
    for (uint32_t i = 0; i < needed.count && i < FOLDERS_MAX; i++) {
        vec_add(headers->arena, &flags->items, flag_of(needed.items[i]));
        vec_add(headers->arena, &flags->items, needed.items[i]->path);
    }
}
