/*
 * Which units begin alike, see head.h. The includes of all files make a tree
 * for each set of flags: a step down for each include, of which those that are
 * found next to the file are another's in another folder. A head grows down
 * the tree as long as nearly all that share it stay together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front/front.h"
#include "front/head.h"

enum {
    /* Includes stand at the top, behind a licence at most. */
    LOOKED_AT = 1 << 15,
    /* Precompiling costs as much as two units with their headers, and with
     * other workers, some are parsed in full meanwhile. */
    LEAST_UNITS = 4,
    /* Of all heads, for their texts and names: 2 MiB for a large one. */
    CONTENT_BYTES = 64 << 20,
    FILES_PART = 8, /* of the files that a process may have open */
};

/* So many of those that share a head must share a longer one. */
static bool is_worth_a_step(uint32_t before, uint32_t after)
{
    return after * 4 >= before * 3;
}

struct node {
    uint32_t parent; /* index; a root is its own */
    const char *include;
    uint32_t units; /* that come this way */
    uint32_t ends;  /* those whose head it is */
    struct front_head *head;
};

struct plan {
    struct arena arena;
    struct map roots; /* flags → node */
    struct map steps; /* a node, an include and its folder → node */
    VEC(struct node) nodes;
    struct front_heads *heads;
    uint32_t most_heads;
};

static bool has_flag(const struct front_request *request, const char *begin)
{
    for (int i = 0; i < request->flag_count; i++)
        if (str_starts_with(request->flags[i], begin))
            return true;
    return false;
}

static size_t text_begin(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = -1;
    struct stat status;

    if (file < 0)
        return 0;
    if (!fstat(file, &status) && S_ISREG(status.st_mode))
        got = read(file, text, size);
    close(file);
    return got > 0 ? (size_t)got : 0;
}

static uint32_t node_get(struct plan *plan, struct map *map,
                         const struct strbuf *key, const struct node *node)
{
    bool is_new;
    uint32_t at = *map_add(map, strbuf_text(key), key->length,
                           plan->nodes.count, &is_new);

    if (is_new)
        vec_add(&plan->arena, &plan->nodes, *node);
    plan->nodes.items[at].units++;
    return at;
}

static const char *folder_of(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash ? arena_strndup(arena, file, (size_t)(slash - file)) : ".";
}

static uint32_t root_of(struct plan *plan, const struct front_request *request)
{
    struct strbuf key = {.arena = &plan->arena};
    struct node root = {.parent = plan->nodes.count};

    strbuf_add(&key, request->directory ? request->directory : "");
    for (int i = 0; i < request->flag_count; i++)
        strbuf_printf(&key, "\n%s", request->flags[i]);
    /* Microsoft's compiler, and libclang where it is asked to do as that does,
     * looks for what headers include where the unit is. */
    if (has_flag(request, "-fms-"))
        strbuf_printf(&key, "\n%s", folder_of(&plan->arena, request->file));
    return node_get(plan, &plan->roots, &key, &root);
}

static bool is_next_to(struct arena *arena, const char *folder,
                       const char *include)
{
    size_t length = strlen(include) - 2;

    return *include == '"' && !access(arena_printf(arena, "%s/%.*s", folder,
                                                   (int)length, include + 1),
                                      F_OK);
}

static uint32_t step_add(struct plan *plan, uint32_t from, const char *include,
                         const char *folder)
{
    struct strbuf key = {.arena = &plan->arena};
    struct node node = {.parent = from, .include = include};

    strbuf_printf(&key, "%u%s", from, include);
    if (is_next_to(&plan->arena, folder, include))
        strbuf_printf(&key, "\n%s", folder);
    return node_get(plan, &plan->steps, &key, &node);
}

/* The way of one unit through the tree: nodes, from the root on. */
struct way {
    VEC(uint32_t) nodes;
    uint32_t end; /* the node that is its head, or 0 */
};

static void way_add(struct plan *plan, const struct front_request *request,
                    struct way *way)
{
    char text[LOOKED_AT];
    size_t length = text_begin(request->file, text, sizeof(text));
    const char *folder = folder_of(&plan->arena, request->file);
    head_includes includes = {0};

    /* Headers that flags name are read first, and not by what is made here. */
    if (has_flag(request, "-include"))
        return;
    head_read(&plan->arena, text, length, &includes);
    if (!includes.count)
        return;
    vec_add(&plan->arena, &way->nodes, root_of(plan, request));
    for (uint32_t i = 0; i < includes.count; i++) {
        uint32_t next = step_add(plan, *vec_last(&way->nodes),
                                 includes.items[i].name, folder);

        vec_add(&plan->arena, &way->nodes, next);
    }
}

/* How many of its includes are the head; 0: it has none. */
static uint32_t way_end(const struct plan *plan, const struct way *way,
                        uint32_t least)
{
    const struct node *nodes = plan->nodes.items;
    uint32_t end = 1;

    if (way->nodes.count < 2 || nodes[way->nodes.items[1]].units < least)
        return 0;
    while (end + 1 < way->nodes.count &&
           is_worth_a_step(nodes[way->nodes.items[end]].units,
                           nodes[way->nodes.items[end + 1]].units))
        end++;
    return end;
}

static const char *includes_text(struct arena *arena, const struct plan *plan,
                                 uint32_t at)
{
    const char *text = "";

    for (; plan->nodes.items[at].include; at = plan->nodes.items[at].parent)
        text = arena_printf(arena, HEAD_LINE "%s",
                            plan->nodes.items[at].include, text);
    return text;
}

/* Any of the units that share it will do: it lies where that one does. */
static struct front_head *head_get(struct arena *arena, struct plan *plan,
                                   uint32_t at, const char *file)
{
    struct front_heads *heads = plan->heads;
    struct front_head *head = plan->nodes.items[at].head;

    if (head || heads->count == plan->most_heads)
        return head;
    head = arena_alloc(arena, sizeof(*head));
    if (!head_open(head, &plan->arena))
        return NULL;
    head->status = &heads->statuses[heads->count];
    head->shared = heads->shared;
    head->includes = includes_text(arena, plan, at);
    head->name = arena_printf(arena, "%s/asynclint-head-%u.h",
                              folder_of(&plan->arena, file), heads->count);
    heads->items[heads->count++] = head;
    plan->nodes.items[at].head = head;
    return head;
}

/* NULL: there can be none. */
static struct front_heads *heads_open(struct arena *arena)
{
    struct front_heads *heads = arena_alloc(arena, sizeof(*heads));
    size_t size = MOST_HEADS * sizeof(*heads->statuses);

    heads->status_memory = shared_open(size);
    heads->shared = shared_open(CONTENT_BYTES);
    if (!heads->status_memory || !heads->shared) {
        front_unshare(heads);
        return NULL;
    }
    heads->statuses = shared_take(heads->status_memory, size);
    return heads;
}

void front_unshare(struct front_heads *heads)
{
    for (uint32_t i = 0; heads && i < heads->count; i++)
        close(heads->items[i]->file);
    if (heads) {
        shared_close(heads->status_memory);
        shared_close(heads->shared);
    }
}

static uint32_t most_heads(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) ||
        limit.rlim_cur >= MOST_HEADS * FILES_PART)
        return MOST_HEADS;
    return (uint32_t)limit.rlim_cur / FILES_PART;
}

struct front_heads *front_share(struct arena *arena,
                                struct front_request *requests, uint32_t count)
{
    struct plan plan = {.most_heads = most_heads()};
    const uint32_t least = LEAST_UNITS;
    struct way *ways;

    if (count < least || !(plan.heads = heads_open(arena)))
        return NULL;
    plan.roots.arena = &plan.arena;
    plan.steps.arena = &plan.arena;
    ways = arena_array(&plan.arena, count, sizeof(*ways));
    for (uint32_t i = 0; i < count; i++)
        way_add(&plan, &requests[i], &ways[i]);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = way_end(&plan, &ways[i], least);

        if (!end)
            continue;
        ways[i].end = ways[i].nodes.items[end];
        plan.nodes.items[ways[i].end].ends++;
    }
    for (uint32_t i = 0; i < count; i++)
        if (ways[i].end && plan.nodes.items[ways[i].end].ends >= least)
            requests[i].head =
                head_get(arena, &plan, ways[i].end, requests[i].file);
    arena_finish(&plan.arena);
    return plan.heads;
}
