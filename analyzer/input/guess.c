/*
 * Where would a person look for `#include <thing.h>`? In the `include` folder
 * next to the code or above it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/guess.h"

enum { LEVELS_MAX = 6 }; /* outside a repository: nobody nests it deeper */

static void flag_add(struct guesses *guesses, struct path_list *flags,
                     const char *directory)
{
    vec_add(guesses->arena, &flags->items, "-I");
    vec_add(guesses->arena, &flags->items,
            path_shown(directory, guesses->base));
}

const struct path_list *guess_flags(struct guesses *guesses, const char *file)
{
    const char *home = path_parent(guesses->arena, file);
    struct path_list upward = {0};
    struct path_list flags = {0};
    uint32_t index;
    bool is_new;

    guesses->known.arena = guesses->arena;
    index = *map_add_str(&guesses->known, home, guesses->flags.count, &is_new);
    if (!is_new)
        return &guesses->flags.items[index];
    flag_add(guesses, &flags, home);
    path_list_upward(&upward, guesses->arena, home, LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++) {
        const char *include =
            path_join(guesses->arena, upward.items.items[i], "include");

        if (path_is_directory(include))
            flag_add(guesses, &flags, include);
    }
    vec_add(guesses->arena, &guesses->flags, flags);
    return vec_last(&guesses->flags);
}
