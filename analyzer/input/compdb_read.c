/*
 * The parent's half: finds the database, starts the child that reads it, and
 * takes its records apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/compdb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jobs.h"
#include "input/compdb_load.h"

enum {
    LEVELS_MAX = 6
}; /* outside a repository: not up to the machine's root */

static const char name[] = "compile_commands.json";

/* `directory`/build/X for every X, in order: presets build in there. */
static const char *below_build_find(struct arena *arena, const char *build)
{
    struct path_list names = {0};

    if (!path_list_names(&names, arena, build))
        return NULL;
    for (uint32_t i = 0; i < names.items.count; i++) {
        const char *found = path_join(
            arena, path_join(arena, build, names.items.items[i]), name);

        if (path_is_file(found))
            return found;
    }
    return NULL;
}

const char *compdb_find(struct arena *arena, const char *start)
{
    struct path_list upward = {0};

    path_list_upward(&upward, arena, start, LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++) {
        const char *directory = upward.items.items[i];
        const char *build = path_join(arena, directory, "build");
        const char *found = path_join(arena, directory, name);

        if (path_is_file(found))
            return found;
        found = path_join(arena, build, name);
        if (path_is_file(found))
            return found;
        found = below_build_find(arena, build);
        if (found)
            return found;
    }
    return NULL;
}

/* What is left of the child's records. */
struct records {
    const char *next;
    const char *end;
};

/* Never past the end: a text that should be there and isn't is "". */
static const char *text_next(struct records *records)
{
    const char *text = records->next;
    size_t left = (size_t)(records->end - records->next);
    size_t length = strnlen(text, left);

    if (length == left) {
        records->next = records->end;
        return "";
    }
    records->next += length + 1;
    return text;
}

struct reading {
    struct compdb *compdb;
    struct arena *arena;
    struct compdb_request request;
    struct err *err;
};

static void entry_take(struct reading *reading, struct records *records,
                       bool is_inferred)
{
    struct arena *arena = reading->arena;
    struct compdb_entry entry = {.is_inferred = is_inferred};

    entry.path = arena_strdup(arena, text_next(records));
    entry.directory = arena_strdup(arena, text_next(records));
    entry.flag_count = (uint32_t)strtoul(text_next(records), NULL, 10);
    entry.flags = arena_array(arena, entry.flag_count, sizeof(*entry.flags));
    for (uint32_t i = 0; i < entry.flag_count; i++)
        entry.flags[i] = arena_strdup(arena, text_next(records));
    vec_add(arena, &reading->compdb->entries, entry);
}

static void records_take(struct reading *reading, struct records *records)
{
    while (records->next < records->end) {
        const char *kind = text_next(records);

        if (!strcmp(kind, COMPDB_ERROR))
            err_set(reading->err, "%s", text_next(records));
        else if (!strcmp(kind, COMPDB_NOTE))
            vec_add(reading->arena, &reading->compdb->notes.items,
                    arena_strdup(reading->arena, text_next(records)));
        else
            entry_take(reading, records, !strcmp(kind, COMPDB_INFERRED));
    }
}

static void load_run(void *context, uint32_t index, struct strbuf *answer)
{
    const struct reading *reading = context;

    (void)index;
    compdb_load(&reading->request, answer);
}

static bool load_take(void *context, const struct job_result *result)
{
    struct reading *reading = context;
    struct records records = {result->bytes, result->bytes + result->length};
    struct arena scratch = {0};

    if (result->outcome == JOB_DONE)
        records_take(reading, &records);
    else
        err_set(reading->err, "cannot read '%s': its reader %s",
                reading->compdb->file, job_outcome_text(&scratch, result));
    arena_finish(&scratch);
    return true;
}

bool compdb_read(struct compdb *compdb, struct arena *arena, const char *file,
                 const struct path_list *wanted, const struct args *args,
                 struct err *err)
{
    struct reading reading = {
        .compdb = compdb,
        .arena = arena,
        .request = {.file = file,
                    .shown = compdb->file,
                    .wanted = wanted,
                    .trusts_flags = args->trusts_flags},
        .err = err,
    };
    struct jobs jobs = {
        .count = 1,
        .worker_max = 1,
        .timeout_ms = args->timeout_s * 1000,
        .memory_mib = args->memory_mib,
        .context = &reading,
        .run = load_run,
        .deliver = load_take,
    };

    return jobs_run(&jobs, err) && !err->is_set;
}
