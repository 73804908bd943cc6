/*
 * Facts are written last: where they are, all that belongs to them is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "cache.h"
#include "input/path.h"
#include "input/source.h"
#include "ir/facts_file.h"
#include "units.h"

struct indexing {
    struct arena arena;
    const struct args *args;
    struct units units;
    struct err err;
};

static bool source_lower(struct indexing *indexing);
static bool targets_check(struct indexing *indexing);
static bool depfile_write(struct indexing *indexing);
static bool facts_write_all(struct indexing *indexing);
static enum exit_status status_tell(struct indexing *indexing, bool is_done);

enum exit_status index_run(const struct args *args)
{
    struct indexing indexing = {
        .args = args,
        .units = {.args = args, .arena = &indexing.arena},
    };
    bool is_done;

    is_done = source_lower(&indexing) && targets_check(&indexing) &&
              depfile_write(&indexing) && facts_write_all(&indexing);
    return status_tell(&indexing, is_done);
}

enum exit_status merge_run(const struct args *args)
{
    struct indexing indexing = {
        .args = args,
        .units = {.args = args, .arena = &indexing.arena},
    };
    bool is_done;

    is_done = units_load(&indexing.units, &indexing.err) &&
              facts_write_all(&indexing);
    return status_tell(&indexing, is_done);
}

static enum exit_status status_tell(struct indexing *indexing, bool is_done)
{
    enum exit_status status = is_done ? STATUS_CLEAN : STATUS_UNUSABLE;

    if (is_done && indexing->args->is_strict && indexing->units.not_analysed)
        status = STATUS_PARTIAL;
    if (indexing->err.is_set)
        pipeline_tell("", indexing->err.text);
    arena_finish(&indexing->arena);
    return status;
}

static bool source_lower(struct indexing *indexing)
{
    const char *file = indexing->args->paths.items[0];
    struct source_list sources = {0};
    struct units *units = &indexing->units;
    bool is_parsed;

    if (path_is_directory(file))
        return err_set(&indexing->err,
                       "'index' takes one C file, and '%s' is a directory",
                       file);
    units->root = path_real(&indexing->arena, ".");
    if (!units->root)
        return err_set(&indexing->err, "can't tell the current directory: %s",
                       strerror(errno));
    if (!source_list_build(&sources, &indexing->arena, indexing->args,
                           &indexing->err))
        return false;
    for (uint32_t i = 0; i < sources.notes.count; i++)
        units_note(units, sources.notes.items[i]);
    units->cache = cache_open(units);
    is_parsed = units_parse(units, &sources, NULL, &indexing->err);
    cache_close(units->cache);
    units_finish(units);
    return is_parsed;
}

static bool is_same_file(const char *one, const char *two)
{
    struct stat left;
    struct stat right;

    return !stat(one, &left) && !stat(two, &right) &&
           left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* `-o x.c` is a slip of the hand, and would cost the source. */
static bool targets_check(struct indexing *indexing)
{
    const struct ir_unit *unit = indexing->units.items.items[0];
    const struct args *args = indexing->args;

    for (uint32_t i = 1; i < unit->files.count; i++) {
        const char *path = ir_text(unit, unit->files.items[i].path);

        if (is_same_file(args->output, path))
            return err_set(&indexing->err,
                           "'%s' is read as a source: not overwriting it",
                           args->output);
        if (args->depfile && is_same_file(args->depfile, path))
            return err_set(&indexing->err,
                           "'%s' is read as a source: not overwriting it",
                           args->depfile);
    }
    return true;
}

/* As make and ninja read it; both have no way to write a line feed. */
static bool name_add(struct strbuf *rule, const char *name)
{
    for (const char *at = name; *at; at++) {
        if (*at == '\n')
            return false;
        if (*at == '$')
            strbuf_add(rule, "$");
        if (*at == ' ' || *at == '\t' || *at == '#') {
            for (const char *slash = at; slash > name && slash[-1] == '\\';
                 slash--)
                strbuf_add(rule, "\\");
            strbuf_add(rule, "\\");
        }
        strbuf_add_bytes(rule, at, 1);
    }
    return true;
}

static bool depfile_write(struct indexing *indexing)
{
    const struct ir_unit *unit = indexing->units.items.items[0];
    struct strbuf rule = {.arena = &indexing->arena};
    bool is_fine = name_add(&rule, indexing->args->output);

    if (!indexing->args->depfile)
        return true;
    strbuf_add(&rule, ":");
    for (uint32_t i = 1; is_fine && i < unit->files.count; i++) {
        strbuf_add(&rule, " \\\n  ");
        is_fine = name_add(&rule, ir_text(unit, unit->files.items[i].path));
    }
    strbuf_add(&rule, "\n");
    if (!is_fine)
        return err_set(&indexing->err,
                       "can't write '%s': the name of a file has a line feed, "
                       "which a depfile can't say",
                       indexing->args->depfile);
    return file_replace(AT_FDCWD, indexing->args->depfile, strbuf_text(&rule),
                        rule.length, &indexing->err);
}

static bool facts_write_all(struct indexing *indexing)
{
    struct strbuf bytes = {.arena = &indexing->arena};

    facts_file_write(indexing->units.items.items, indexing->units.items.count,
                     &bytes);
    return file_replace(AT_FDCWD, indexing->args->output, bytes.text,
                        bytes.length, &indexing->err);
}
