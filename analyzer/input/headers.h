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
    struct path_list folders;
};

/* The folders that a compiler would have to be told of (behind those of the
 * system) so that it finds what the C files in `home` include, and what these
 * headers include, and so on; in the order in which they are needed. */
void headers_find(struct headers *headers, const char *home,
                  struct path_list *folders);

#endif
