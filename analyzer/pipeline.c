/*
 * The pipeline: input → front → ir → model + engine → findings → output, one
 * call a stage; read `pipeline_run` first. Data flows one way, and each stage
 * can be printed (`--dump`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jobs.h"
#include "engine/callgraph.h"
#include "engine/cfg.h"
#include "engine/context.h"
#include "engine/lockset.h"
#include "engine/pointer.h"
#include "engine/program.h"
#include "engine/summary.h"
#include "findings/check.h"
#include "front/front.h"
#include "input/source.h"
#include "ir/facts.h"
#include "ir/ir_print.h"
#include "output/escape.h"
#include "output/gcc.h"
#include "output/text.h"

_Static_assert((int)LEVEL_ERROR == (int)SEVERITY_ERROR,
               "levels are severities");

enum {
    PACK_READ_STEP = 4096,
    LARGEST_PACK = 1 << 20, /* as base/yaml.h has it: more is refused */
};

const char *const pipeline_stages[] = {"ir", "cfg", "state", NULL};

/* Everything a run knows; its arena lives to the end. */
struct run {
    const struct args *args;
    struct arena arena;
    const char *root;
    struct source_list sources;
    struct model *model;
    VEC(const struct ir_unit *) units;
    struct program *program;
    struct diag_list findings;
    uint32_t not_analysed;
    struct err err;
};

static bool sources_find(struct run *run);
static bool packs_read(struct run *run);
static bool units_lower(struct run *run);
static void program_solve(struct run *run);
static void rules_ask(struct run *run);
static bool findings_print(struct run *run);
static bool stages_dump(struct run *run);
static enum exit_status status_of(const struct run *run);

enum exit_status pipeline_run(const struct args *args)
{
    struct run run = {.args = args};
    enum exit_status status = STATUS_UNUSABLE;

    if (sources_find(&run) && packs_read(&run) && units_lower(&run)) {
        program_solve(&run);
        rules_ask(&run);
        if (args->dumps.count ? stages_dump(&run) : findings_print(&run))
            status = status_of(&run);
    }
    if (run.err.is_set)
        pipeline_tell("", run.err.text);
    arena_finish(&run.arena);
    return status;
}

void pipeline_tell(const char *kind, const char *text)
{
    fprintf(stderr, "asynclint: %s", kind);
    escape_print(stderr, text);
    fputc('\n', stderr);
}

static void note(struct run *run, const char *text)
{
    if (!run->args->is_quiet)
        pipeline_tell("note: ", text);
}

static bool sources_find(struct run *run)
{
    char *root = realpath(".", NULL);

    if (!root)
        return err_set(&run->err, "can't tell the current directory: %s",
                       strerror(errno));
    run->root = arena_strdup(&run->arena, root);
    free(root);
    if (!source_list_build(&run->sources, &run->arena, run->args, &run->err))
        return false;
    for (uint32_t i = 0; i < run->sources.notes.count; i++)
        note(run, run->sources.notes.items[i]);
    return true;
}

static bool pack_read(struct run *run, const char *file)
{
    struct strbuf text = {.arena = &run->arena};
    char bytes[PACK_READ_STEP];
    FILE *pack = fopen(file, "rb");
    size_t count;

    if (!pack)
        return err_set(&run->err, "can't open pack '%s': %s", file,
                       strerror(errno));
    while ((count = fread(bytes, 1, sizeof(bytes), pack)) > 0 &&
           text.length <= LARGEST_PACK)
        strbuf_add_bytes(&text, bytes, count);
    fclose(pack);
    return model_pack_add(run->model, file, strbuf_text(&text), text.length,
                          &run->err);
}

static bool packs_read(struct run *run)
{
    run->model = model_new(&run->arena);
    if (!model_shipped_add(run->model, &run->err))
        return false;
    for (uint32_t i = 0; i < run->args->packs.count; i++)
        if (!pack_read(run, run->args->packs.items[i]))
            return false;
    return true;
}

/* In a worker process: one unit becomes facts, or one sentence. The first
 * byte says which. */
static void unit_lower(void *context, uint32_t index, struct strbuf *answer)
{
    const struct run *run = context;
    const struct source *source = &run->sources.units.items[index];
    const struct front_request request = {
        .file = source->path,
        .directory = source->directory,
        .flags = source->flags,
        .flag_count = source->flag_count,
        .root = run->root,
    };
    struct ir_unit unit;
    struct err err = {0};

    if (front_lower(&request, answer->arena, &unit, &err)) {
        strbuf_add(answer, "F");
        facts_write(&unit, answer);
    } else {
        strbuf_printf(answer, "E%s", err.text);
    }
}

static void unit_failed(struct run *run, const char *file, const char *reason)
{
    run->not_analysed++;
    note(run,
         arena_printf(&run->arena, "'%s' is not analysed: %s", file, reason));
}

static void problems_tell(struct run *run, const struct ir_unit *unit,
                          const char *file)
{
    const struct ir_problem *first;

    for (uint32_t i = 1; i < unit->notes.count; i++)
        note(run, arena_printf(&run->arena, "'%s', line %u: not analysed: %s",
                               file, unit->notes.items[i].loc.line,
                               ir_text(unit, unit->notes.items[i].reason)));
    run->not_analysed += unit->notes.count > 1;
    if (unit->problems.count <= 1)
        return;
    first = &unit->problems.items[1];
    run->not_analysed++;
    note(run, arena_printf(
                  &run->arena,
                  "'%s' does not compile here (%s:%u: %s); what parsed is "
                  "analysed",
                  file, ir_text(unit, unit->files.items[first->loc.file].path),
                  first->loc.line, ir_text(unit, first->text)));
}

static bool unit_deliver(void *context, const struct job_result *result)
{
    struct run *run = context;
    const char *file = run->sources.units.items[result->index].file;
    struct ir_unit *unit = arena_alloc(&run->arena, sizeof(*unit));
    struct err err = {0};

    if (result->outcome != JOB_DONE) {
        unit_failed(run, file, job_outcome_text(&run->arena, result));
    } else if (result->length == 0 || result->bytes[0] != 'F') {
        unit_failed(run, file,
                    result->length ? result->bytes + 1 : "no answer");
    } else if (!facts_read(result->bytes + 1, result->length - 1, &run->arena,
                           unit, &err)) {
        unit_failed(run, file, err.text);
    } else {
        problems_tell(run, unit, file);
        vec_add(&run->arena, &run->units, unit);
    }
    return true;
}

static bool units_lower(struct run *run)
{
    const struct jobs jobs = {
        .count = run->sources.units.count,
        .worker_max = run->args->jobs,
        .timeout_ms = run->args->timeout_s * 1000,
        .memory_mib = run->args->memory_mib,
        .context = run,
        .run = unit_lower,
        .deliver = unit_deliver,
    };

    if (!jobs_run(&jobs, &run->err))
        return false;
    if (!run->units.count)
        return err_set(&run->err, "nothing could be analysed");
    return true;
}

static void trouble_tell(struct run *run, const struct fn *fn)
{
    if (fn->is_bounded)
        note(run, arena_printf(&run->arena,
                               "function '%s' in '%s' has more lock states "
                               "than are kept apart; what it holds there is "
                               "not told",
                               fn->name, fn->file));
    if (!fn->trouble)
        return;
    run->not_analysed++;
    note(run,
         arena_printf(&run->arena, "function '%s' in '%s' is not analysed: %s",
                      fn->name, fn->file, fn->trouble));
}

/* Callees first, so that what they do to locks is known to their callers. */
static void program_solve(struct run *run)
{
    struct program *program = program_link(run->units.items, run->units.count,
                                           run->model, &run->arena);
    struct fn **order;

    pointer_solve(program);
    summary_solve(program);
    order = callgraph_order(program, &run->arena);
    for (uint32_t i = 0; i < program->fns.count; i++)
        lockset_prepare(program, order[i]);
    for (uint32_t i = 0; i < program->fns.count; i++)
        lockset_solve(program, order[i], NULL);
    context_solve(program);
    for (uint32_t i = 0; i < program->fns.count; i++)
        trouble_tell(run, program->fns.items[i]);
    run->program = program;
}

static void rules_ask(struct run *run)
{
    enum severity *severities =
        arena_array(&run->arena, (size_t)rule_count, sizeof(*severities));
    const struct check_options options = {
        .severities = severities,
        .short_sections = (enum short_sections)run->args->short_sections,
    };

    for (int i = 0; i < rule_count; i++) {
        severities[i] = rules[i]->severity;
        for (uint32_t k = 0; k < run->args->rule_levels.count; k++)
            if (!strcmp(run->args->rule_levels.items[k].rule, rules[i]->id))
                severities[i] =
                    (enum severity)run->args->rule_levels.items[k].level;
    }
    run->findings.arena = &run->arena;
    check_run(run->program, &options, &run->findings);
}

/* In code that may run in a task; elsewhere nobody asks. */
static uint32_t unknown_calls(const struct program *program)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++)
            count += fn->context & CONTEXT_ASYNC &&
                     fn->events.items.items[k].kind == EVENT_UNKNOWN;
    }
    return count;
}

static bool findings_print(struct run *run)
{
    struct output output = output_for(stdout);

    output.file_count = run->sources.units.count;
    output.not_analysed = run->not_analysed;
    output.unknown_calls = unknown_calls(run->program);
    if (run->args->color != ARGS_COLOR_AUTO)
        output.has_color = run->args->color == ARGS_COLOR_ALWAYS;
    if (run->args->format == ARGS_FORMAT_GCC)
        return gcc_print(&output, &run->findings, &run->err);
    return text_print(&output, &run->findings, &run->err) &&
           (run->args->is_quiet ||
            text_summary_print(&output, &run->findings, &run->err));
}

static void stage_dump(struct run *run, const char *stage, struct strbuf *out)
{
    struct program *program = run->program;

    for (uint32_t i = 0; !strcmp(stage, "ir") && i < run->units.count; i++)
        ir_unit_print(run->units.items[i], out);
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];

        if (!strcmp(stage, "cfg") && fn->cfg)
            cfg_print(fn->unit, fn->ir, fn->cfg, out);
        if (!strcmp(stage, "state"))
            lockset_solve(program, fn, out);
    }
}

static bool stages_dump(struct run *run)
{
    struct strbuf text = {.arena = &run->arena};

    for (uint32_t i = 0; i < run->args->dumps.count; i++)
        stage_dump(run, run->args->dumps.items[i], &text);
    if (fputs(strbuf_text(&text), stdout) < 0 || fflush(stdout))
        return err_set(&run->err, "can't write: %s", strerror(errno));
    return true;
}

static enum exit_status status_of(const struct run *run)
{
    for (uint32_t i = 0; i < run->findings.items.count; i++)
        if ((int)run->findings.items.items[i]->severity >=
            (int)run->args->fail_level)
            return STATUS_FINDINGS;
    if (run->args->is_strict && run->not_analysed)
        return STATUS_PARTIAL;
    return STATUS_CLEAN;
}
