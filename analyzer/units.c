/*
 * Each source ends as a unit or as one sentence. What was found in the cache
 * and what was parsed is told together, in the order of the sources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/jobs.h"
#include "base/libclang_load.h"
#include "base/pages.h"
#include "cache.h"
#include "front/front.h"
#include "input/path.h"
#include "ir/facts.h"
#include "ir/facts_file.h"
#include "pipeline.h"
#include "progress.h"

/* What became of a source. */
struct outcome {
    const struct ir_unit *unit;
    const char *reason; /* why there is none */
};

enum {
    AHEAD_MOST = 256 << 20, /* bytes that are asked for before they are used */
    AHEAD_PIECE = 2 << 20,  /* … so many at a time: a worker may be ready */
};

struct parsing {
    struct units *units;
    const struct source_list *sources;
    struct outcome *outcomes;       /* of each source */
    uint32_t read_count;            /* so many, in their order, were asked for
                                       in the cache if they are the same */
    VEC(uint32_t) jobs;             /* the sources that are to be parsed */
    struct front_request *requests; /* of each of them */
    const uint32_t *order;          /* in which they are parsed: job → one of
                                       these */
    struct progress progress;
    const struct meanwhile *meanwhile; /* or NULL */
    bool has_started;                  /* … there is nothing to start */
    bool has_reserved;
    char *ahead; /* what was reserved and not yet asked for */
    size_t ahead_left;
};

static void changed_find(struct parsing *parsing);
static bool jobs_do(struct parsing *parsing, struct err *err);
static bool same_read(void *context);
static bool meanwhile_do(void *context);
static void missed_find(struct parsing *parsing);
static void outcome_settle(struct units *units, const char *file,
                           const struct outcome *outcome);

void units_note(struct units *units, const char *text)
{
    vec_add(units->arena, &units->told, text);
    if (!units->args->is_quiet)
        pipeline_tell("note: ", text);
}

bool units_parse(struct units *units, const struct source_list *sources,
                 const struct meanwhile *meanwhile, struct err *err)
{
    uint32_t count = sources->units.count;
    struct parsing parsing = {
        .units = units,
        .sources = sources,
        .meanwhile = meanwhile,
        .has_started = !meanwhile,
    };

    parsing.outcomes =
        arena_array(units->arena, count, sizeof(*parsing.outcomes));
    changed_find(&parsing);
    if (!jobs_do(&parsing, err))
        return false;
    while (same_read(&parsing))
        ;
    missed_find(&parsing);
    if (!jobs_do(&parsing, err))
        return false;
    for (uint32_t i = 0; i < count; i++)
        outcome_settle(units, sources->units.items[i].file,
                       &parsing.outcomes[i]);
    units->file_count = count;
    return units->items.count || err_set(err, "nothing could be analysed");
}

/* ---- from the cache */

static bool is_same(const struct parsing *parsing, uint32_t source)
{
    const struct units *units = parsing->units;

    return units->before && units->before[source].is_same;
}

static void unit_look(const struct parsing *parsing, const struct ir_unit *unit)
{
    if (parsing->meanwhile && parsing->has_started && unit)
        parsing->meanwhile->look(parsing->meanwhile->context, unit);
}

static void source_recall(struct parsing *parsing, uint32_t source)
{
    const struct units *units = parsing->units;

    parsing->outcomes[source].unit =
        cache_find(units->cache, &parsing->sources->units.items[source],
                   units->before ? &units->before[source] : NULL);
    unit_look(parsing, parsing->outcomes[source].unit);
}

/* What has changed since the last answer goes to the workers first. The cache
 * may know it by now. */
static void changed_find(struct parsing *parsing)
{
    for (uint32_t i = 0; i < parsing->sources->units.count; i++) {
        if (is_same(parsing, i))
            continue;
        if (parsing->units->cache)
            source_recall(parsing, i);
        if (!parsing->outcomes[i].unit)
            vec_add(parsing->units->arena, &parsing->jobs, i);
    }
}

/* The next one that has not changed, while the workers are at those that
 * have. */
static bool same_read(void *context)
{
    struct parsing *parsing = context;
    uint32_t count = parsing->sources->units.count;

    while (parsing->read_count < count &&
           !is_same(parsing, parsing->read_count))
        parsing->read_count++;
    if (parsing->read_count < count)
        source_recall(parsing, parsing->read_count++);
    return parsing->read_count < count;
}

/* Solving needs about as much memory as the units take. The system clears it
 * while the workers are at work: that takes as long as all else it does. */
static bool room_take(struct parsing *parsing)
{
    struct arena *arena = parsing->units->arena;
    size_t piece = AHEAD_PIECE;

    if (!parsing->has_reserved && arena->allocated > AHEAD_PIECE) {
        parsing->ahead_left =
            arena->allocated < AHEAD_MOST ? arena->allocated : AHEAD_MOST;
        parsing->ahead = arena_reserve(arena, parsing->ahead_left);
    }
    parsing->has_reserved = true;
    if (!parsing->ahead || !parsing->ahead_left)
        return false;
    if (piece > parsing->ahead_left)
        piece = parsing->ahead_left;
    pages_want(parsing->ahead, piece);
    parsing->ahead += piece;
    parsing->ahead_left -= piece;
    return true;
}

static void meanwhile_start(struct parsing *parsing)
{
    if (!parsing->has_started)
        parsing->meanwhile->start(parsing->meanwhile->context);
    parsing->has_started = true;
}

/* A piece of what there is to do while the workers parse. */
static bool meanwhile_do(void *context)
{
    struct parsing *parsing = context;

    if (parsing->has_started)
        return same_read(parsing) || room_take(parsing);
    meanwhile_start(parsing);
    return true;
}

/* Who has not changed has lost its entry, or is changing now. */
static void missed_find(struct parsing *parsing)
{
    parsing->jobs.count = 0;
    for (uint32_t i = 0; i < parsing->sources->units.count; i++)
        if (is_same(parsing, i) && !parsing->outcomes[i].unit)
            vec_add(parsing->units->arena, &parsing->jobs, i);
}

/* ---- by parsing */

/* In a worker process: one unit becomes facts, or one sentence. The first
 * byte says which. */
static void unit_lower(void *context, uint32_t index, struct strbuf *answer)
{
    const struct parsing *parsing = context;
    struct ir_unit unit;
    struct err err = {0};

    if (front_lower(&parsing->requests[parsing->order[index]], answer->arena,
                    &unit, &err)) {
        strbuf_add(answer, "F");
        facts_write(&unit, answer);
    } else {
        strbuf_printf(answer, "E%s", err.text);
    }
}

/* libclang catches its own death, and says what it died of on stderr only. */
static const char *refusal(struct arena *arena, const struct job_result *result)
{
    static const char *const signs[] = {"out of memory", "bad_alloc",
                                        "Allocation failed", NULL};

    for (const char *const *sign = signs; *sign; sign++)
        if (result->noise && strstr(result->noise, *sign))
            return "ran out of memory";
    return arena_strdup(arena, result->bytes + 1);
}

static bool unit_deliver(void *context, const struct job_result *result)
{
    struct parsing *parsing = context;
    struct arena *arena = parsing->units->arena;
    uint32_t index = parsing->jobs.items[parsing->order[result->index]];
    struct outcome *outcome = &parsing->outcomes[index];
    struct ir_unit *unit = arena_alloc(arena, sizeof(*unit));
    struct err err = {0};

    progress_step(&parsing->progress,
                  parsing->sources->units.items[index].file);
    if (result->outcome != JOB_DONE)
        outcome->reason = job_outcome_text(arena, result);
    else if (result->length == 0)
        outcome->reason = "no answer";
    else if (result->bytes[0] != 'F')
        outcome->reason = refusal(arena, result);
    else if (!facts_read(
                 arena_copy(arena, result->bytes + 1, result->length - 1),
                 result->length - 1, unit, &err))
        outcome->reason = arena_strdup(arena, err.text);
    else
        outcome->unit = unit;
    unit_look(parsing, outcome->unit);
    if (outcome->unit && parsing->units->cache)
        cache_store(parsing->units->cache,
                    &parsing->sources->units.items[index], unit,
                    result->bytes + 1, result->length - 1);
    return true;
}

static void requests_make(struct parsing *parsing)
{
    struct units *units = parsing->units;
    uint32_t count = parsing->jobs.count;

    parsing->requests =
        arena_array(units->arena, count, sizeof(*parsing->requests));
    for (uint32_t i = 0; i < count; i++) {
        const struct source *source =
            &parsing->sources->units.items[parsing->jobs.items[i]];

        parsing->requests[i] = (struct front_request){
            .file = source->path,
            .directory = source->directory,
            .flags = source->flags,
            .flag_count = source->flag_count,
            .root = units->root,
        };
    }
}

static bool jobs_do(struct parsing *parsing, struct err *err)
{
    const struct args *args = parsing->units->args;
    const struct jobs jobs = {
        .count = parsing->jobs.count,
        .worker_max = args->jobs,
        .timeout_ms = args->timeout_s * 1000,
        .memory_mib = args->memory_mib,
        .context = parsing,
        .run = unit_lower,
        .deliver = unit_deliver,
        .meanwhile = meanwhile_do,
        .leaving = &parsing->units->workers,
    };
    struct arena *arena = parsing->units->arena;
    struct front_heads *heads;
    bool is_done;

    if (jobs.count && libclang_is_loading())
        meanwhile_start(parsing);
    if (jobs.count && !libclang_load(err)) /* once, and not in each worker */
        return false;
    parsing->units->workers.arena = arena;
    requests_make(parsing);
    heads = front_share(arena, parsing->requests, jobs.count);
    parsing->order = front_order(arena, parsing->requests, jobs.count);
    progress_start(&parsing->progress, jobs.count, args->is_quiet);
    is_done = jobs_run(&jobs, err);
    progress_finish(&parsing->progress);
    front_unshare(heads);
    return is_done;
}

/* Some complaints are about no place: "UTF-16 … is not supported". */
static const char *problem_place(struct arena *arena,
                                 const struct ir_unit *unit,
                                 const struct ir_problem *problem)
{
    if (!problem->loc.file)
        return "";
    return arena_printf(
        arena,
        "%s:%u: ", ir_text(unit, unit->files.items[problem->loc.file].path),
        problem->loc.line);
}

/* A header is told once, not for each file that includes it. */
static void note_tell(struct units *units, const struct ir_unit *unit,
                      const char *file, const struct ir_note *note)
{
    const char *place =
        note->is_odd ? ir_text(unit, unit->files.items[note->loc.file].path)
                     : file;
    const char *text = arena_printf(
        units->arena, "'%s', line %u: %s%s", place, note->loc.line,
        note->is_odd ? "" : "not analysed: ", ir_text(unit, note->reason));

    for (uint32_t i = 0; note->is_odd && i < units->told.count; i++)
        if (!strcmp(units->told.items[i], text))
            return;
    units_note(units, text);
}

/* Whether a relative path leads up and out of the current directory. */
static bool leads_out(const char *path)
{
    int depth = 0;

    while (*path && depth >= 0) {
        size_t length = strcspn(path, "/");

        if (length == 2 && !strncmp(path, "..", 2))
            depth--;
        else if (length && !(length == 1 && *path == '.'))
            depth++;
        path += length;
        path += *path == '/';
    }
    return depth < 0;
}

/* What a source includes from elsewhere may be anything, `/etc/passwd` for one;
 * what the compiler says about it quotes it. */
static bool is_outside(struct arena *arena, const struct ir_unit *unit,
                       ir_id file)
{
    const struct ir_file *found = &unit->files.items[file];
    const char *path = ir_text(unit, found->path);
    const char *main = ir_text(unit, unit->files.items[unit->main_file].path);
    const char *around;

    if (!file || found->is_system)
        return false;
    if (*path != '/')
        return *main != '/' && leads_out(path) && !leads_out(main);
    if (*main != '/')
        return true;
    /* What lies around the folder that the source stands in is its own. */
    around = path_parent(arena, path_parent(arena, main));
    return !path_is_below(path, around) || leads_out(path + strlen(around));
}

static void problems_tell(struct units *units, const struct ir_unit *unit,
                          const char *file)
{
    const struct ir_problem *first;

    for (uint32_t i = 1; i < unit->notes.count; i++)
        note_tell(units, unit, file, &unit->notes.items[i]);
    units->not_analysed += unit->notes.count > 1;
    if (unit->problems.count <= 1)
        return;
    first = &unit->problems.items[1];
    units->not_analysed++;
    units_note(units,
               arena_printf(units->arena,
                            "'%s' does not compile here (%s%s); what "
                            "parsed is analysed",
                            file, problem_place(units->arena, unit, first),
                            is_outside(units->arena, unit, first->loc.file)
                                ? "an error outside of the tree"
                                : ir_text(unit, first->text)));
}

static void outcome_settle(struct units *units, const char *file,
                           const struct outcome *outcome)
{
    if (outcome->unit) {
        problems_tell(units, outcome->unit, file);
        vec_add(units->arena, &units->items, outcome->unit);
        return;
    }
    units->not_analysed++;
    units_note(units, arena_printf(units->arena, "'%s' is not analysed: %s",
                                   file, outcome->reason));
}

void units_finish(struct units *units)
{
    jobs_leaving_wait(&units->workers);
}

static bool facts_load(struct facts_list *list, const char *path,
                       struct err *err)
{
    struct file_bytes file;
    bool is_read = false;

    if (!file_read(AT_FDCWD, path, 0, list->arena, &file))
        err_set(err, "can't read '%s': %s", path, file_reason());
    else if (facts_file_read(list, path, file.bytes, file.length, err))
        is_read = true;
    else
        err_within(err, "can't use '%s'", path);
    return is_read;
}

bool units_load(struct units *units, struct err *err)
{
    struct facts_list list = {.arena = units->arena};

    for (uint32_t i = 0; i < units->args->paths.count; i++)
        if (!facts_load(&list, units->args->paths.items[i], err))
            return false;
    if (!facts_list_settle(&list, err))
        return false;
    units->file_count = list.units.count;
    for (uint32_t i = 0; i < list.units.count; i++) {
        const struct facts_unit *unit = &list.units.items[i];

        outcome_settle(units, unit->path, &(struct outcome){unit->unit, NULL});
    }
    return units->items.count ||
           err_set(err, "there are no units in the facts");
}
