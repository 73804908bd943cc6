/*
 * Where would a person look for `#include <thing.h>`? In the `include` folder
 * next to the code or above it; in a kernel, where its makefiles look; and
 * else in the whole tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/guess.h"

#include <string.h>

#include "base/str.h"

enum {
    LEVELS_MAX = 6, /* outside a repository: nobody nests it deeper */
    ROOT_LEVELS_MAX = 12,
};

static void folder_add(struct guesses *guesses, struct path_list *flags,
                       const char *flag, const char *directory)
{
    vec_add(guesses->arena, &flags->items, flag);
    vec_add(guesses->arena, &flags->items,
            path_shown(directory, guesses->base));
}

static void folder_look(struct guesses *guesses, struct path_list *flags,
                        const char *root, const char *name)
{
    const char *folder = path_join(guesses->arena, root, name);

    if (path_is_directory(folder))
        folder_add(guesses, flags, "-I", folder);
}

static bool has_file(struct guesses *guesses, const char *root,
                     const char *name)
{
    return path_is_file(path_join(guesses->arena, root, name));
}

/* Other projects took over Kconfig, without the rest. */
static bool is_kernel(struct guesses *guesses, const char *root)
{
    return has_file(guesses, root, "Kconfig") &&
           (has_file(guesses, root, "Kbuild") ||
            path_is_directory(
                path_join(guesses->arena, root, "include/linux")));
}

/* The topmost, since each folder in it may have a Kconfig; or NULL. */
static const char *kernel_find(struct guesses *guesses, const char *home)
{
    struct path_list upward = {0};
    const char *found = NULL;

    path_list_upward(&upward, guesses->arena, home, ROOT_LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++)
        if (is_kernel(guesses, upward.items.items[i]))
            found = upward.items.items[i];
    return found;
}

/* The folder's path in the kernel, "" for its root. */
static const char *path_within(const char *kernel, const char *home)
{
    const char *rest = home + strlen(kernel);

    return *rest == '/' ? rest + 1 : rest;
}

/* That of the folder, or the one that most are built for. */
static const char *kernel_arch(struct guesses *guesses, const char *kernel,
                               const char *home)
{
    const char *within = path_within(kernel, home);

    if (!str_starts_with(within, "arch/"))
        return "arch/x86";
    within += strlen("arch/");
    return arena_printf(guesses->arena, "arch/%.*s", (int)strcspn(within, "/"),
                        within);
}

/* In the order of the kernel's makefile. */
static void kernel_add(struct guesses *guesses, struct path_list *flags,
                       const char *kernel, const char *home)
{
    static const char *const folders[] = {
        /* with a '/': of the architecture */
        "/include",          "/include/generated",      "include",
        "/include/uapi",     "/include/generated/uapi", "include/uapi",
        "include/generated", "include/generated/uapi",
    };
    const char *arch = kernel_arch(guesses, kernel, home);

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        const char *folder = folders[i];

        if (*folder == '/')
            folder = arena_printf(guesses->arena, "%s%s", arch, folder);
        folder_look(guesses, flags, kernel, folder);
    }
    vec_add(guesses->arena, &flags->items, "-D__KERNEL__");
    if (!has_file(guesses, kernel, "include/generated/autoconf.h"))
        return;
    vec_add(guesses->arena, &flags->items, "-include");
    vec_add(
        guesses->arena, &flags->items,
        path_shown(path_join(guesses->arena, kernel, "include/linux/kconfig.h"),
                   guesses->base));
}

/* Programs that are built on the way, and belong to the system outside. */
static bool is_tool(const char *within)
{
    return str_starts_with(within, "tools/") ||
           str_starts_with(within, "scripts/") ||
           str_starts_with(within, "usr/");
}

/* What lies at the root of a tree, as a rule. */
static bool is_built(struct guesses *guesses, const char *directory)
{
    static const char *const signs[] = {
        "configure.ac", "configure",   "CMakeLists.txt", "meson.build",
        "Makefile",     "Makefile.am", "Makefile.in",    "BUILD.bazel",
        "README",       "README.md",   "LICENSE",        "COPYING",
    };

    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
        if (has_file(guesses, directory, signs[i]))
            return true;
    return false;
}

/* The repository's, else the topmost where something is built, else what is
 * checked as a whole; or NULL. */
static const char *root_find(struct guesses *guesses, const char *home)
{
    struct path_list upward = {0};
    const char *root = guesses->top;
    const char *top;

    path_list_upward(&upward, guesses->arena, home, ROOT_LEVELS_MAX);
    top = *vec_last(&upward.items);
    if (path_is_there(path_join(guesses->arena, top, ".git")))
        return top;
    for (uint32_t i = 0; i < upward.items.count; i++)
        if (is_built(guesses, upward.items.items[i]))
            root = upward.items.items[i];
    return root;
}

static void headers_add(struct guesses *guesses, struct path_list *flags,
                        const char *root, const char *home)
{
    struct path_list found = {0};
    struct headers none = {.arena = guesses->arena, .root = root};
    uint32_t index;
    bool is_new;

    guesses->roots.arena = guesses->arena;
    index = *map_add_str(&guesses->roots, root, guesses->trees.count, &is_new);
    if (is_new)
        vec_add(guesses->arena, &guesses->trees, none);
    headers_find(&guesses->trees.items[index], home, &found);
    for (uint32_t i = 0; i < found.items.count; i += 2)
        folder_add(guesses, flags, found.items.items[i],
                   found.items.items[i + 1]);
}

const struct path_list *guess_flags(struct guesses *guesses, const char *file)
{
    const char *home = path_parent(guesses->arena, file);
    struct path_list upward = {0};
    struct path_list flags = {0};
    const char *kernel;
    const char *root;
    uint32_t index;
    bool is_new;

    guesses->known.arena = guesses->arena;
    index = *map_add_str(&guesses->known, home, guesses->flags.count, &is_new);
    if (!is_new)
        return &guesses->flags.items[index];
    folder_add(guesses, &flags, "-I", home);
    kernel = kernel_find(guesses, home);
    if (kernel && !is_tool(path_within(kernel, file)))
        kernel_add(guesses, &flags, kernel, home);
    path_list_upward(&upward, guesses->arena, home, LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++)
        folder_look(guesses, &flags, upward.items.items[i], "include");
    root = kernel || guesses->is_told ? NULL : root_find(guesses, home);
    if (root)
        headers_add(guesses, &flags, root, home);
    vec_add(guesses->arena, &guesses->flags, flags);
    return vec_last(&guesses->flags);
}
