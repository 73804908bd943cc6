/*
 * A libclang session: one unit is parsed, lowered and forgotten. The flags
 * have been sifted already (input/flags.c); what is added here is only what
 * libclang needs to find its own headers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/libclang_load.h"
#include "base/str.h"
#include "front/clang.h"
#include "front/front.h"
#include "front/harvest.h"
#include "front/head.h"
#include "front/lower.h"
#include "front/machine.h"
#include "front/prelude.h"

enum {
    MOST_PROBLEMS = 20, /* after the first few, syntax errors are echoes */
    OWN_FLAGS = 24,
    WORTH_A_ROUND = 8, /* what part of the complaints has to go */
    MOST_ROUNDS = 4,   /* what one brings to light, the next one mends */
};

/* Where the libclang that we were built with keeps its headers; the newest one
 * under the usual roots else. */
static const char *const resource_patterns[] = {
    LIBCLANG_ROOT "/lib/clang/*",
    "/usr/lib/llvm-*/lib/clang/*",
    "/usr/lib/clang/*",
    "/usr/lib64/clang/*",
};

static bool holds_stddef(const char *dir, char *path, size_t size)
{
    snprintf(path, size, "%s/include/stddef.h", dir);
    if (access(path, R_OK))
        return false;
    snprintf(path, size, "%s", dir);
    return true;
}

const char *front_resource_dir(void)
{
    static char found[512]; /* the answer, computed once per process */
    size_t count = sizeof(resource_patterns) / sizeof(*resource_patterns);

    for (size_t i = 0; i < count && !*found; i++) {
        glob_t matches = {0};

        if (!glob(resource_patterns[i], 0, NULL, &matches))
            for (size_t k = matches.gl_pathc; k > 0 && !*found; k--)
                if (!holds_stddef(matches.gl_pathv[k - 1], found,
                                  sizeof(found)))
                    *found = '\0';
        globfree(&matches);
    }
    return *found ? found : NULL;
}

/* What is guessed need not be right in all its types. */
static const char *const lenient_flags[] = {
    "-include",
    PRELUDE_NAME,
    "-fno-spell-checking",
    "-Wno-implicit-int",
    "-Wno-int-conversion",
    "-Wno-incompatible-pointer-types",
    "-Wno-incompatible-function-pointer-types",
    "-Wno-return-type",
    NULL,
};

bool clang_has_errors(CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);
    bool has_errors = false;

    for (unsigned i = 0; i < count && !has_errors; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);

        has_errors =
            clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error;
        clang_disposeDiagnostic(diagnostic);
    }
    return has_errors;
}

/* What is special about one parse. */
struct parse_as {
    const char *file;
    const char *unsaved_name; /* of a text that is no file, or NULL */
    const char *unsaved;
    const char *const *flags; /* behind the unit's own, NULL at the end */
    unsigned options;
};

static CXTranslationUnit parse_as(const struct front_request *request,
                                  struct arena *arena, CXIndex index,
                                  const struct parse_as *as,
                                  enum CXErrorCode *code)
{
    const char *resources = front_resource_dir();
    const char **flags = arena_array(
        arena, (size_t)request->flag_count + OWN_FLAGS, sizeof(*flags));
    struct CXUnsavedFile unsaved = {as->unsaved_name, as->unsaved, 0};
    CXTranslationUnit unit = NULL;
    int count = 0;

    if (resources) {
        flags[count++] = "-resource-dir";
        flags[count++] = resources;
    }
    /* Warnings are the compiler's business, and cost time. */
    flags[count++] = "-w";
    flags[count++] = "-ferror-limit=0";
    /* What is parsed is the same whenever and wherever it is parsed. */
    flags[count++] =
        arena_printf(arena, "-fmacro-prefix-map=%s/=", request->root);
    flags[count++] = "-D__DATE__=\"Jan  1 1970\"";
    flags[count++] = "-D__TIME__=\"00:00:00\"";
    flags[count++] = "-D__TIMESTAMP__=\"Thu Jan  1 00:00:00 1970\"";
    for (int i = 0; i < request->flag_count; i++)
        flags[count++] = request->flags[i];
    for (size_t i = 0; as->flags && as->flags[i]; i++)
        flags[count++] = as->flags[i];
    unsaved.Length = as->unsaved ? strlen(as->unsaved) : 0;
    *code = clang_parseTranslationUnit2(
        index, as->file, flags, count, &unsaved, as->unsaved != NULL,
        as->options | CXTranslationUnit_KeepGoing, &unit);
    return unit;
}

/* With a prelude (see prelude.h) or without. */
static CXTranslationUnit parse(const struct front_request *request,
                               struct arena *arena, CXIndex index,
                               const char *prelude, enum CXErrorCode *code)
{
    const struct parse_as as = {
        .file = request->file,
        .unsaved_name = PRELUDE_NAME,
        .unsaved = prelude,
        .flags = prelude ? lenient_flags : NULL,
    };

    return parse_as(request, arena, index, &as, code);
}

CXTranslationUnit clang_head_parse(const struct front_request *request,
                                   const struct front_head *head,
                                   struct arena *arena, CXIndex index)
{
    static const char *const flags[] = {"-x", "c-header", NULL};
    const struct parse_as as = {
        .file = head->name,
        .unsaved_name = head->name,
        .unsaved = head->includes,
        .flags = flags,
        .options =
            CXTranslationUnit_Incomplete | CXTranslationUnit_ForSerialization,
    };
    enum CXErrorCode code;

    return parse_as(request, arena, index, &as, &code);
}

/* NULL: it must be parsed without. */
static CXTranslationUnit parse_behind_head(const struct front_request *request,
                                           struct arena *arena, CXIndex index)
{
    const struct front_head *head = request->head;
    const char *flags[] = {"-include-pch", head->path, NULL};
    const struct parse_as as = {
        .file = request->file,
        .unsaved_name = head->name,
        .unsaved = head->includes,
        .flags = flags,
    };
    enum CXErrorCode code;
    CXTranslationUnit tu = parse_as(request, arena, index, &as, &code);

    if (tu && !clang_has_errors(tu) && head_is_passed(head, tu))
        return tu;
    clang_disposeTranslationUnit(tu);
    return NULL;
}

static void problem_add(struct lower *lower, CXDiagnostic diagnostic)
{
    struct ir_problem problem = {0};
    CXFile file;

    problem.text = lower_cxstr(lower, clang_getDiagnosticSpelling(diagnostic));
    clang_getFileLocation(clang_getDiagnosticLocation(diagnostic), &file,
                          &problem.loc.line, &problem.loc.column, NULL);
    problem.loc.file = lower_file(lower, file);
    problem.loc.end_line = problem.loc.line;
    problem.loc.end_column = problem.loc.column + 1;
    vec_add(lower->arena, &lower->unit->problems, problem);
}

/* "'x/y.h' file not found" */
static void missing_add(struct lower *lower, CXDiagnostic diagnostic)
{
    static const char complaint[] = "' file not found";
    CXString spelling = clang_getDiagnosticSpelling(diagnostic);
    const char *text = clang_getCString(spelling);
    struct ir_missing missing = {0};

    if (text && *text == '\'' && str_ends_with(text, complaint)) {
        missing.name = lower_str(
            lower, arena_strndup(lower->arena, text + 1,
                                 strlen(text) - strlen(complaint) - 1));
        vec_add(lower->arena, &lower->unit->missing, missing);
    }
    clang_disposeString(spelling);
}

static void problems_keep(struct lower *lower)
{
    unsigned count = clang_getNumDiagnostics(lower->tu);

    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(lower->tu, i);

        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error &&
            lower->unit->problems.count <= MOST_PROBLEMS)
            problem_add(lower, diagnostic);
        missing_add(lower, diagnostic);
        clang_disposeDiagnostic(diagnostic);
    }
}

static bool parse_failed(enum CXErrorCode code, struct err *err)
{
    return err_set(err, code == CXError_Crashed ? "libclang crashed on it"
                                                : "libclang can't parse it");
}

static unsigned errors_count(CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);
    unsigned errors = 0;

    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);

        errors += lower_is_error(diagnostic);
        clang_disposeDiagnostic(diagnostic);
    }
    return errors;
}

/* What stands there twice, nobody can add. */
static bool is_about_excess(CXDiagnostic diagnostic)
{
    CXString spelling = clang_getDiagnosticSpelling(diagnostic);
    const char *text = clang_getCString(spelling);
    bool is_about = text && str_starts_with(text, "redefinition of '");

    clang_disposeString(spelling);
    return is_about;
}

static bool lacks_anything(CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);
    bool lacks = false;

    for (unsigned i = 0; i < count && !lacks; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);

        lacks = lower_is_error(diagnostic) && !is_about_excess(diagnostic);
        clang_disposeDiagnostic(diagnostic);
    }
    return lacks;
}

static void include_count(CXFile file, CXSourceLocation *stack, unsigned depth,
                          CXClientData data)
{
    unsigned *count = data;

    (void)file;
    (void)stack;
    (void)depth;
    ++*count;
}

static unsigned includes_count(CXTranslationUnit tu)
{
    unsigned count = 0;

    clang_getInclusions(tu, include_count, &count);
    return count;
}

/* Includes stood behind the option, too: what they bring asks for more. */
static bool brings_headers(const struct prelude *prelude, CXTranslationUnit now,
                           CXTranslationUnit before)
{
    return prelude_reveals(prelude) &&
           includes_count(now) > includes_count(before) + 1;
}

/* A unit that has errors, or shows nothing, gets what it lacks, as far as that
 * can be guessed, as long as it gets better; the best is what has read most of
 * its functions. NULL: it lacks nothing, or it never gets better. */
static CXTranslationUnit parse_again(const struct lower *lower,
                                     const struct front_request *request,
                                     CXIndex index)
{
    unsigned fewest = errors_count(lower->tu);
    unsigned before = fewest;
    unsigned most;
    unsigned errors;
    unsigned harvest;
    CXTranslationUnit parsed[MOST_ROUNDS] = {0};
    CXTranslationUnit last = lower->tu;
    CXTranslationUnit best = NULL;
    struct prelude *prelude;
    bool is_new = true;
    enum CXErrorCode code;

    if (!lacks_anything(lower->tu) &&
        !prelude_is_hidden(lower->arena, lower->tu, request->flags,
                           request->flag_count))
        return NULL;
    prelude = prelude_open(lower->arena, lower->tu, request->flags,
                           request->flag_count);
    most = harvest_of(lower->tu);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        const char *text = prelude_make(prelude, last);

        last = parse(request, lower->arena, index, text, &code);
        if (!last)
            break;
        parsed[round] = last;
        errors = errors_count(last);
        harvest = harvest_of(last);
        if (is_new && prelude_reveals(prelude))
            fewest = before = UINT_MAX;
        if (harvest > most || (harvest == most && errors < fewest)) {
            fewest = errors;
            most = harvest;
            best = last;
        }
        is_new = !round && brings_headers(prelude, last, lower->tu);
        if (is_new) {
            prelude = prelude_open(lower->arena, last, request->flags,
                                   request->flag_count);
            continue;
        }
        /* Not much is gained any more, and each round costs a parse. */
        if (!errors ||
            (errors <= before && before - errors <= before / WORTH_A_ROUND))
            break;
        before = errors;
    }
    for (int round = 0; round < MOST_ROUNDS; round++)
        if (parsed[round] && parsed[round] != best)
            clang_disposeTranslationUnit(parsed[round]);
    return best;
}

/* The last one counts. */
static uint32_t unit_flags(const struct front_request *request)
{
    for (int i = request->flag_count; i > 0; i--) {
        if (!strcmp(request->flags[i - 1], "-fexceptions"))
            return IR_UNIT_EXCEPTIONS;
        if (!strcmp(request->flags[i - 1], "-fno-exceptions"))
            return 0;
    }
    return 0;
}

/* The unit has been parsed, with its head or without. */
static bool tu_lower(struct lower *lower, const struct front_request *request,
                     CXIndex index)
{
    CXTranslationUnit first = lower->tu;
    CXTranslationUnit again;

    ir_unit_init(lower->unit, lower->arena);
    lower->unit->flags = unit_flags(request);
    again = parse_again(lower, request, index);
    if (again)
        lower->tu = again;
    lower_unit(lower);
    lower->tu = first;
    problems_keep(lower);
    if (again)
        clang_disposeTranslationUnit(again);
    clang_disposeTranslationUnit(first);
    return !lower->lacks_head;
}

static bool lower_behind_head(const struct front_request *request,
                              struct arena *arena, struct ir_unit *unit)
{
    struct lower lower = {.arena = arena,
                          .unit = unit,
                          .root = request->root,
                          .head = request->head};
    CXIndex index;
    bool is_done;

    if (!request->head || !head_make(request->head, request))
        return false;
    /* What the head declares is read when it is asked for. */
    index = clang_createIndex(!request->head->content->has_roots, 0);
    lower.tu = parse_behind_head(request, arena, index);
    is_done = lower.tu && tu_lower(&lower, request, index);
    clang_disposeIndex(index);
    head_judge(request->head, is_done);
    return is_done;
}

/* As it was asked for; or else as if for this machine, or in libclang's own
 * dialect, and the request says so then. */
static CXTranslationUnit parse_somehow(struct front_request *request,
                                       struct arena *arena, CXIndex index,
                                       enum CXErrorCode *code)
{
    struct front_request here = *request;
    CXTranslationUnit asked = parse(request, arena, index, NULL, code);
    CXTranslationUnit other = NULL;

    if (asked ? !machine_lacks_headers(asked) : *code == CXError_Crashed)
        return asked;
    if (machine_leave_out(arena, &here))
        other = parse(&here, arena, index, NULL, code);
    if (!other && !asked && machine_leave_dialect_out(arena, &here))
        other = parse(&here, arena, index, NULL, code);
    if (!other || (asked && machine_lacks_headers(other))) {
        clang_disposeTranslationUnit(other);
        return asked;
    }
    clang_disposeTranslationUnit(asked);
    *request = here;
    return other;
}

static void machine_told(struct lower *lower)
{
    struct ir_problem problem = {0};

    problem.text = lower_str(lower, "read without the flags that choose a "
                                    "machine or a dialect");
    vec_add(lower->arena, &lower->unit->problems, problem);
}

bool front_lower(const struct front_request *request, struct arena *arena,
                 struct ir_unit *unit, struct err *err)
{
    struct lower lower = {.arena = arena, .unit = unit, .root = request->root};
    struct front_request used = *request;
    enum CXErrorCode code;
    CXIndex index;
    bool is_parsed;

    if (request->directory && chdir(request->directory))
        return err_set(err, "can't enter directory '%s'", request->directory);
    if (access(request->file, R_OK))
        return err_set(err, "can't read '%s'", request->file);
    if (!libclang_load(err))
        return false;
    if (lower_behind_head(request, arena, unit))
        return true;
    index = clang_createIndex(0, 0);
    lower.tu = parse_somehow(&used, arena, index, &code);
    is_parsed = lower.tu != NULL;
    if (is_parsed)
        tu_lower(&lower, &used, index);
    if (is_parsed && used.flag_count != request->flag_count)
        machine_told(&lower);
    clang_disposeIndex(index);
    return is_parsed || parse_failed(code, err);
}
