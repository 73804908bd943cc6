/*
 * Where a tree keeps its headers, for files of which no one says where to look.
 * All header files below the tree's root are listed by name; an include leads
 * to the one whose path ends as it says and which lies nearest to who includes
 * it. Where two lie equally near, nobody knows, and it stays missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_HEADERS_H
#define ASYNCLINT_INPUT_HEADERS_H

#include "base/map.h"
#include "input/path.h"

struct header;

/* The headers below one root. A zeroed one with its arena and root is ready:
 * it walks the tree when it is first asked. */
struct headers {
    struct arena *arena;
    const char *root; /* absolute and real */
    bool is_listed;
    VEC(struct header *) items;
    struct map by_name; /* last part of the path -> index into `named` */
    VEC(struct path_list) named;
    struct map by_path;   /* -> index into items */
    struct map by_folder; /* -> index into folders */
    VEC(struct folder *) folders;
};

/* The flags that a compiler needs to find what the C files in `home` include,
 * and what these headers include, and so on, in the order in which they are
 * needed, each followed by its folder: `-iquote` where only quoted names are
 * looked for, `-I` for others, and `-idirafter` for a folder with copies of
 * system headers in it, which are not to be taken for these. */
void headers_find(struct headers *headers, const char *home,
                  struct path_list *flags);

#endif
