/*
 * The pipeline: input → front → ir → model + engine → findings → output, one
 * call a stage; read `pipeline_run` first. Data flows one way, and each stage
 * can be printed (`--dump`). The first half, up to the IR, is in units.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline.h"

#include <errno.h>
#include <string.h>

#include "answer.h"
#include "base/libclang_load.h"
#include "cache.h"
#include "engine/access.h"
#include "engine/atomic.h"
#include "engine/callee.h"
#include "engine/callgraph.h"
#include "engine/cfg.h"
#include "engine/context.h"
#include "engine/ends.h"
#include "engine/given.h"
#include "engine/guess.h"
#include "engine/kept.h"
#include "engine/last.h"
#include "engine/lockset.h"
#include "engine/offload.h"
#include "engine/permit.h"
#include "engine/pointer.h"
#include "engine/program.h"
#include "engine/recursive.h"
#include "engine/stop.h"
#include "engine/summary.h"
#include "engine/sure.h"
#include "findings/check.h"
#include "graph.h"
#include "input/path.h"
#include "input/source.h"
#include "ir/ir_print.h"
#include "locks.h"
#include "output/escape.h"
#include "output/gcc.h"
#include "output/text.h"
#include "units.h"
#include "unknown.h"
#include "why.h"

_Static_assert((int)LEVEL_ERROR == (int)SEVERITY_ERROR,
               "levels are severities");

const char *const pipeline_stages[] = {"ir", "cfg", "state", NULL};

/* Everything a run knows; its arena lives to the end. */
struct run {
    const struct args *args;
    struct arena arena;
    struct source_list sources;
    struct model *model;
    struct units units;
    struct program *program;
    struct check_options options;
    struct question question;
    struct answer answer;
    bool is_asked; /* the question may have an answer in the cache */
    struct err err;
};

static bool sources_find(struct run *run);
static bool answer_recall(struct run *run);
static bool packs_read(struct run *run);
static bool units_make(struct run *run);
static bool answer_recall_again(struct run *run);
static void answer_keep(struct run *run);
static void program_solve(struct run *run);
static void rules_ask(struct run *run);
static bool answer_print(struct run *run);
static enum exit_status status_of(const struct run *run);

/* A user's own packs may be wrong, which is told before anything is parsed. */
static bool answer_work_out(struct run *run)
{
    if (run->args->packs.count && !packs_read(run))
        return false;
    if (!units_make(run) || !packs_read(run))
        return false;
    if (!answer_recall_again(run)) {
        program_solve(run);
        rules_ask(run);
    }
    answer_keep(run);
    return true;
}

enum exit_status pipeline_run(const struct args *args)
{
    struct run run = {.args = args};
    enum exit_status status = STATUS_UNUSABLE;

    if (args->command != ARGS_LINK)
        libclang_want();
    if (sources_find(&run) && (answer_recall(&run) || answer_work_out(&run)) &&
        answer_print(&run))
        status = status_of(&run);
    if (run.err.is_set)
        pipeline_tell("", run.err.text);
    cache_close(run.units.cache);
    units_finish(&run.units);
    libclang_settle();
    arena_finish(&run.arena);
    return status;
}

void pipeline_tell(const char *kind, const char *text)
{
    fprintf(stderr, "asynclint: %s", kind);
    escape_print(stderr, text);
    fputc('\n', stderr);
}

/* What is linked was found by those who indexed it. */
static bool sources_find(struct run *run)
{
    run->units.args = run->args;
    run->units.arena = &run->arena;
    run->units.root = path_real(&run->arena, ".");
    if (!run->units.root)
        return err_set(&run->err, "can't tell the current directory: %s",
                       strerror(errno));
    if (run->args->command == ARGS_LINK)
        return true;
    if (!source_list_build(&run->sources, &run->arena, run->args, &run->err))
        return false;
    for (uint32_t i = 0; i < run->sources.notes.count; i++)
        units_note(&run->units, run->sources.notes.items[i]);
    return true;
}

/* What findings depend on, besides the program. */
static void options_make(struct run *run)
{
    const struct args *args = run->args;
    enum severity *severities =
        arena_array(&run->arena, (size_t)rule_count, sizeof(*severities));

    for (int i = 0; i < rule_count; i++) {
        severities[i] = rule_default(rules[i]);
        for (uint32_t k = 0; k < args->rule_levels.count; k++)
            if (!strcmp(args->rule_levels.items[k].rule, rules[i]->id))
                severities[i] = (enum severity)args->rule_levels.items[k].level;
    }
    run->options = (struct check_options){
        .severities = severities,
        .short_sections = (enum short_sections)args->short_sections,
        .reports_all = args->profile == ARGS_PROFILE_STRICT,
        .least = args->profile == ARGS_PROFILE_MIGRATION ? SEVERITY_ERROR
                                                         : SEVERITY_OFF,
    };
}

/* The other commands, and dumps, print what the engine knows. */
static bool asks_rules(const struct args *args)
{
    return !args->dumps.count &&
           (args->command == ARGS_CHECK || args->command == ARGS_LINK);
}

/* Facts that are linked have their cache, if any, with who indexed them. */
static bool answer_recall(struct run *run)
{
    struct units *units = &run->units;

    run->answer.findings.arena = &run->arena;
    options_make(run);
    if (run->args->command != ARGS_LINK)
        units->cache = cache_open(units);
    run->is_asked =
        units->cache && asks_rules(run->args) &&
        answer_ask(&run->question, units, &run->sources, &run->options);
    return run->is_asked &&
           answer_find(&run->question, units, &run->sources, &run->answer);
}

static void meanwhile_start(void *context)
{
    packs_read(context);
}

/* Which packs count in a unit depends on nothing else. */
static void meanwhile_look(void *context, const struct ir_unit *unit)
{
    struct run *run = context;

    if (!run->err.is_set)
        model_view_of(run->model, unit);
}

static bool units_make(struct run *run)
{
    const struct meanwhile meanwhile = {meanwhile_start, meanwhile_look, run};

    if (run->args->command == ARGS_LINK)
        return units_load(&run->units, &run->err);
    return units_parse(&run->units, &run->sources, &meanwhile, &run->err);
}

/* Once; by then whoever asks again knows how it went. */
static bool packs_read(struct run *run)
{
    if (run->model)
        return !run->err.is_set;
    run->model = model_new(&run->arena);
    if (!model_shipped_add(run->model, &run->err))
        return false;
    for (uint32_t i = 0; i < run->args->packs.count; i++)
        if (!model_pack_open(run->model, run->args->packs.items[i], &run->arena,
                             &run->err))
            return false;
    return true;
}

static void trouble_tell(struct run *run, const struct fn *fn)
{
    if (fn->is_bounded)
        units_note(&run->units,
                   arena_printf(&run->arena,
                                "function '%s' in '%s' has more lock states "
                                "than are kept apart; what it holds there is "
                                "not told",
                                fn->name, fn->file));
    if (!fn->trouble)
        return;
    run->units.not_analysed++;
    units_note(&run->units,
               arena_printf(&run->arena,
                            "function '%s' in '%s' is not analysed: %s",
                            fn->name, fn->file, fn->trouble));
}

static struct kept *kept_open(struct run *run, struct program *program)
{
    struct file_bytes known = {0};

    if (!run->is_asked)
        return NULL;
    answer_kept_find(&run->question, &run->units, &known);
    return kept_new(program, known.bytes, known.length);
}

static void kept_close(struct run *run, struct kept *kept)
{
    struct strbuf bytes = {.arena = &run->arena};

    if (kept && kept_write(kept, &bytes))
        answer_kept_store(&run->question, &run->units, &bytes);
}

/* Callees first, so that what they do to locks is known to their callers. */
static void fns_solve(struct program *program, struct kept *kept)
{
    struct fn *const *order = program->callees_first;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        if (kept && kept_find(kept, order[i]))
            continue;
        lockset_solve(program, order[i], NULL);
        if (kept)
            kept_add(kept, order[i]);
    }
}

static void program_solve(struct run *run)
{
    struct program *program =
        program_link(run->units.items.items, run->units.items.count, run->model,
                     &run->arena);
    struct kept *kept;

    offload_solve(program);
    guess_solve(program);
    pointer_solve(program);
    given_solve(program);
    callee_solve(program);
    callgraph_solve(program);
    ends_solve(program);
    last_solve(program);
    summary_solve(program);
    permit_find(program);
    recursive_find(program);
    for (uint32_t i = 0; i < program->fns.count; i++)
        lockset_prepare(program, program->callees_first[i]);
    kept = kept_open(run, program);
    fns_solve(program, kept);
    kept_close(run, kept);
    given_settle(program);
    context_solve(program);
    atomic_solve(program);
    sure_solve(program);
    stop_solve(program);
    access_finish(program);
    for (uint32_t i = 0; i < program->fns.count; i++)
        trouble_tell(run, program->fns.items[i]);
    run->program = program;
}

static void rules_ask(struct run *run)
{
    struct diag_list *findings = &run->answer.findings;

    if (!asks_rules(run->args))
        return;
    check_run(run->program, &run->options, findings);
    for (uint32_t i = 0; i < findings->notes.count; i++)
        units_note(&run->units, findings->notes.items[i]);
    run->answer.unknown_calls = unknown_count(run->program);
}

/* Files have changed, but not in what they say. */
static bool answer_recall_again(struct run *run)
{
    return run->is_asked && answer_find_again(&run->question, &run->units,
                                              &run->sources, &run->answer);
}

static void answer_keep(struct run *run)
{
    if (run->is_asked)
        answer_store(&run->question, &run->units, &run->sources, &run->answer);
}

static bool findings_print(struct run *run)
{
    const struct diag_list *findings = &run->answer.findings;
    struct output output = output_for(stdout);

    output.file_count = run->units.file_count;
    output.not_analysed = run->units.not_analysed;
    output.unknown_calls = run->answer.unknown_calls;
    if (run->args->color != ARGS_COLOR_AUTO)
        output.has_color = run->args->color == ARGS_COLOR_ALWAYS;
    if (run->args->format == ARGS_FORMAT_GCC)
        return gcc_print(&output, findings, &run->err);
    return text_print(&output, findings, &run->err) &&
           (run->args->is_quiet ||
            text_summary_print(&output, findings, &run->err));
}

static void stage_dump(struct run *run, const char *stage, struct strbuf *out)
{
    struct program *program = run->program;

    for (uint32_t i = 0; !strcmp(stage, "ir") && i < run->units.items.count;
         i++)
        ir_unit_print(run->units.items.items[i], out);
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

/* What was asked for. */
static bool answer_print(struct run *run)
{
    const struct args *args = run->args;

    if (args->dumps.count)
        return stages_dump(run);
    if (args->command == ARGS_WHY)
        return why_print(stdout, run->program, args->function, &run->err);
    if (args->command == ARGS_GRAPH)
        return graph_print(stdout, run->program, args->function,
                           args->format == ARGS_FORMAT_DOT, &run->err);
    if (args->command == ARGS_LOCKS)
        return locks_print(stdout, run->program,
                           (enum short_sections)args->short_sections,
                           &run->err);
    if (args->command == ARGS_UNKNOWN)
        return unknown_print(stdout, run->program, &run->err);
    return findings_print(run);
}

static enum exit_status status_of(const struct run *run)
{
    const struct diag_list *findings = &run->answer.findings;

    for (uint32_t i = 0; i < findings->items.count; i++)
        if ((int)findings->items.items[i]->severity >=
            (int)run->args->fail_level)
            return STATUS_FINDINGS;
    if (run->args->is_strict && run->units.not_analysed)
        return STATUS_PARTIAL;
    return STATUS_CLEAN;
}
