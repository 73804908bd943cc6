/*
 * Where would a person look for `#include <thing.h>`? In the `include` folder
 * next to the code or above it; and in a kernel, where its makefiles look.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/guess.h"

#include <string.h>

#include "base/str.h"

enum {
    LEVELS_MAX = 6, /* outside a repository: nobody nests it deeper */
    KERNEL_LEVELS_MAX = 12,
};

static void folder_add(struct guesses *guesses, struct path_list *flags,
                       const char *directory)
{
    vec_add(guesses->arena, &flags->items, "-I");
    vec_add(guesses->arena, &flags->items,
            path_shown(directory, guesses->base));
}

static void folder_look(struct guesses *guesses, struct path_list *flags,
                        const char *root, const char *name)
{
    const char *folder = path_join(guesses->arena, root, name);

    if (path_is_directory(folder))
        folder_add(guesses, flags, folder);
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

    path_list_upward(&upward, guesses->arena, home, KERNEL_LEVELS_MAX);
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

const struct path_list *guess_flags(struct guesses *guesses, const char *file)
{
    const char *home = path_parent(guesses->arena, file);
    struct path_list upward = {0};
    struct path_list flags = {0};
    const char *kernel;
    uint32_t index;
    bool is_new;

    guesses->known.arena = guesses->arena;
    index = *map_add_str(&guesses->known, home, guesses->flags.count, &is_new);
    if (!is_new)
        return &guesses->flags.items[index];
    folder_add(guesses, &flags, home);
    kernel = kernel_find(guesses, home);
    if (kernel && !is_tool(path_within(kernel, file)))
        kernel_add(guesses, &flags, kernel, home);
    path_list_upward(&upward, guesses->arena, home, LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++)
        folder_look(guesses, &flags, upward.items.items[i], "include");
    vec_add(guesses->arena, &guesses->flags, flags);
    return vec_last(&guesses->flags);
}
