/*
 * Is it a compilation database? Answered entry by entry, in sentences.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/compdb_load.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MIB_MAX = 256, /* 50 000 entries are 50 MiB */
    NOTES_MAX = 10,     /* the entries of one generator are bad alike */
};

static json_t *json_read(const struct compdb_request *request, struct err *err)
{
    struct stat info;
    json_error_t problem;
    json_t *root;
    FILE *stream;
    int fd = open(request->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        err_set(err, "cannot open '%s': %s", request->shown, strerror(errno));
        return NULL;
    }
    if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
        err_set(err, "'%s' is not a regular file", request->shown);
        close(fd);
        return NULL;
    }
    if (info.st_size > (off_t)FILE_MIB_MAX << 20) {
        err_set(err, "'%s' is larger than %d MiB", request->shown,
                FILE_MIB_MAX);
        close(fd);
        return NULL;
    }
    /* Not by the descriptor: jansson reads that a byte at a time. */
    stream = fdopen(fd, "r");
    if (!stream)
        die("out of memory: reading '%s'", request->shown);
    root = json_loadf(stream, 0, &problem);
    fclose(stream);
    if (!root && json_error_code(&problem) == json_error_out_of_memory)
        die("out of memory: reading '%s'", request->shown);
    if (!root)
        err_set(err, "%s:%d:%d: not JSON: %s", request->shown,
                problem.line > 0 ? problem.line : 1,
                problem.column > 0 ? problem.column : 1, problem.text);
    return root;
}

static const char *text_of(const json_t *entry, const char *key)
{
    return json_string_value(json_object_get(entry, key));
}

/* "has no 'file'", or NULL when there is a text. */
static const char *text_problem(struct arena *arena, const json_t *entry,
                                const char *key)
{
    const char *text = text_of(entry, key);

    if (!json_object_get(entry, key))
        return arena_printf(arena, "has no '%s'", key);
    if (!text)
        return arena_printf(arena, "has a '%s' that is no string", key);
    if (!*text)
        return arena_printf(arena, "has an empty '%s'", key);
    return NULL;
}

/* The reader would wait for ever for what a FIFO says. A response file that
 * isn't there is left alone by it, and by us. */
static bool is_bad_response_file(struct arena *arena,
                                 const struct compdb_request *request,
                                 const json_t *entry, const char *argument)
{
    const char *directory;
    const char *path;

    if (argument[0] != '@' || !argument[1])
        return false;
    directory = path_join(arena, path_parent(arena, request->file),
                          text_of(entry, "directory"));
    path = path_join(arena, directory, argument + 1);
    return !access(path, F_OK) && !path_is_file(path);
}

static const char *arguments_problem(struct arena *arena,
                                     const struct compdb_request *request,
                                     const json_t *entry)
{
    const json_t *arguments = json_object_get(entry, "arguments");
    const json_t *argument;
    size_t i;

    if (!json_is_array(arguments) || !json_array_size(arguments))
        return "has 'arguments' that are no list with a compiler";
    json_array_foreach(arguments, i, argument)
    {
        if (!json_is_string(argument))
            return "has an argument that is no string";
        if (is_bad_response_file(arena, request, entry,
                                 json_string_value(argument)))
            return "has a response file that is no regular file";
    }
    return NULL;
}

static const char *command_problem(struct arena *arena,
                                   const struct compdb_request *request,
                                   const json_t *entry)
{
    const char *problem = text_problem(arena, entry, "command");
    char *rest;

    if (problem)
        return problem;
    rest = arena_strdup(arena, text_of(entry, "command"));
    for (char *word = strtok_r(rest, " \t\n\"'", &rest); word;
         word = strtok_r(NULL, " \t\n\"'", &rest))
        if (is_bad_response_file(arena, request, entry, word))
            return "has a response file that is no regular file";
    return NULL;
}

static const char *entry_problem(struct arena *arena,
                                 const struct compdb_request *request,
                                 const json_t *entry)
{
    const char *problem;

    if (!json_is_object(entry))
        return "is no object";
    problem = text_problem(arena, entry, "directory");
    if (!problem)
        problem = text_problem(arena, entry, "file");
    if (problem)
        return problem;
    if (json_object_get(entry, "arguments"))
        return arguments_problem(arena, request, entry);
    if (json_object_get(entry, "command"))
        return command_problem(arena, request, entry);
    return "has neither 'command' nor 'arguments'";
}

static void note_add(struct strbuf *answer, size_t number, const char *problem,
                     const char *shown)
{
    compdb_text_add(answer, COMPDB_NOTE);
    strbuf_printf(answer, "entry %zu of '%s' %s", number, shown, problem);
    strbuf_add_bytes(answer, "", 1);
}

/* The good entries; how many are bad. */
static size_t entries_clean(const struct compdb_request *request,
                            const json_t *entries, json_t *good,
                            struct strbuf *answer)
{
    const json_t *entry;
    size_t dropped = 0;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        struct arena scratch = {0};
        const char *problem = entry_problem(&scratch, request, entry);

        if (problem && dropped++ < NOTES_MAX)
            note_add(answer, i + 1, problem, request->shown);
        if (!problem)
            json_array_append(good, json_array_get(entries, i));
        arena_finish(&scratch);
    }
    if (dropped > NOTES_MAX) {
        compdb_text_add(answer, COMPDB_NOTE);
        strbuf_printf(answer, "%zu more entries of '%s' are bad",
                      dropped - NOTES_MAX, request->shown);
        strbuf_add_bytes(answer, "", 1);
    }
    return dropped;
}

static bool entries_check(const struct compdb_request *request,
                          struct arena *arena, const json_t *entries,
                          struct strbuf *answer, char **cleaned,
                          struct err *err)
{
    json_t *good;
    char *text = NULL;
    bool is_any_good;

    if (!json_is_array(entries))
        return err_set(err, "'%s' is no compilation database: not an array",
                       request->shown);
    if (!json_array_size(entries))
        return err_set(err, "'%s' is empty: no file to look at",
                       request->shown);
    good = json_array();
    if (entries_clean(request, entries, good, answer)) {
        text = json_dumps(good, JSON_COMPACT);
        *cleaned = arena_strdup(arena, text ? text : "");
        free(text);
    }
    is_any_good = json_array_size(good) > 0;
    json_decref(good);
    return is_any_good ||
           err_set(err, "'%s' has no good entry: the first %s", request->shown,
                   entry_problem(arena, request, json_array_get(entries, 0)));
}

bool compdb_check(const struct compdb_request *request, struct arena *arena,
                  struct strbuf *answer, char **cleaned, struct err *err)
{
    json_t *entries = json_read(request, err);
    bool is_fine;

    *cleaned = NULL;
    if (!entries)
        return false;
    is_fine = entries_check(request, arena, entries, answer, cleaned, err);
    json_decref(entries);
    return is_fine;
}
