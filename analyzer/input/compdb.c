/*
 * Hands the checked database to libclang's reader and writes down what it
 * says. It runs in the child that compdb_read.c starts. This file and front/
 * are the only places that call libclang.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/compdb_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/libclang.h"
#include "base/libclang_load.h"
#include "base/map.h"
#include "input/flags.h"
#include "input/walk.h"

struct loader {
    const struct compdb_request *request;
    struct arena *arena;
    struct strbuf *answer;
    struct map seen; /* paths with an entry */
    uint32_t missing;
    const char *missing_one;
    struct path_list homes; /* from where `-include` may read */
};

void compdb_text_add(struct strbuf *answer, const char *text)
{
    strbuf_add_bytes(answer, text, strlen(text) + 1);
}

static const char *text_take(struct arena *arena, CXString string)
{
    const char *text = clang_getCString(string);
    const char *copy = arena_strdup(arena, text ? text : "");

    clang_disposeString(string);
    return copy;
}

/* A cross compiler says by its name what it compiles for, and clang needs to
 * be told: "aarch64-linux-gnu" of "aarch64-linux-gnu-gcc-12". */
static const char *target_of(struct arena *arena, const char *compiler)
{
    static const char *const machines[] = {
        "x86_64-*", "i386-*",       "i586-*",  "i686-*",     "aarch64*-*",
        "arm*-*",   "riscv*-*",     "mips*-*", "powerpc*-*", "s390*-*",
        "sparc*-*", "loongarch*-*", "m68k-*",  NULL};
    const char *name = path_name(compiler);
    const char *end = strstr(name, "-gcc");

    if (!end)
        end = strstr(name, "-cc");
    if (!end)
        end = strstr(name, "-clang");
    for (const char *const *machine = machines; end && *machine; machine++)
        if (str_matches(*machine, name))
            return arena_printf(arena, "--target=%.*s", (int)(end - name),
                                name);
    return NULL;
}

static void home_add(struct loader *loader, const char *directory)
{
    const char *real = path_real(loader->arena, directory);

    if (real && strcmp(real, "/") != 0)
        vec_add(loader->arena, &loader->homes.items, real);
}

/* Where we are, where the database is, the repository that it is in, and what
 * a build directory is built from. */
static void homes_find(struct loader *loader)
{
    static const char *const builds[] = {"build*", "_build*", "cmake-build*",
                                         "out*",   "obj*",    NULL};
    const char *home = path_parent(loader->arena, loader->request->file);
    const char *name = strrchr(home, '/') + 1;

    home_add(loader, ".");
    home_add(loader, home);
    for (const char *const *build = builds; *build; build++)
        if (str_matches(*build, name))
            home_add(loader, path_parent(loader->arena, home));
    home_add(loader, path_repository(loader->arena, home));
}

static void flags_take(struct loader *loader, CXCompileCommand command,
                       const char *directory, struct flags *flags)
{
    uint32_t count = clang_CompileCommand_getNumArgs(command);
    const char **arguments =
        arena_array(loader->arena, count + 1, sizeof(*arguments));
    const char *file =
        text_take(loader->arena, clang_CompileCommand_getFilename(command));
    const char *target;

    for (uint32_t i = 0; i < count; i++)
        arguments[i] =
            text_take(loader->arena, clang_CompileCommand_getArg(command, i));
    target = count ? target_of(loader->arena, arguments[0]) : NULL;
    if (target) /* first, so that an explicit one wins */
        vec_add(loader->arena, &flags->items, target);
    if (loader->request->trusts_flags) {
        flags_trust(flags, loader->arena, arguments, count, true, file);
        return;
    }
    flags_allow(flags, loader->arena, arguments, count, true);
    flags_includes_check(flags, loader->arena, directory, &loader->homes);
}

static const char *directory_of(struct loader *loader, CXCompileCommand command)
{
    const char *named =
        text_take(loader->arena, clang_CompileCommand_getDirectory(command));
    const char *home = path_parent(loader->arena, loader->request->file);

    return path_join(loader->arena, home, named);
}

static bool is_c(const char *path, const struct flags *flags)
{
    if (str_ends_with(path, ".c"))
        return true;
    for (uint32_t i = 0; i < flags->items.count; i++)
        if (!strcmp(flags->items.items[i], "-xc") ||
            (!strcmp(flags->items.items[i], "-x") &&
             i + 1 < flags->items.count &&
             !strcmp(flags->items.items[i + 1], "c")))
            return true;
    return false;
}

static void note_write(struct loader *loader, const char *sentence)
{
    compdb_text_add(loader->answer, COMPDB_NOTE);
    compdb_text_add(loader->answer, sentence);
}

static void entry_write(struct loader *loader, const char *kind,
                        const char *path, const char *directory,
                        const struct flags *flags)
{
    char count[16];

    snprintf(count, sizeof(count), "%u", flags->items.count);
    compdb_text_add(loader->answer, kind);
    compdb_text_add(loader->answer, path);
    compdb_text_add(loader->answer, directory);
    compdb_text_add(loader->answer, count);
    for (uint32_t i = 0; i < flags->items.count; i++)
        compdb_text_add(loader->answer, flags->items.items[i]);
}

/* Some files are compiled several times, as in one static and one shared
 * library. One finding is enough: the first entry is taken. */
static void listed_write(struct loader *loader, CXCompileCommand command)
{
    const char *directory = directory_of(loader, command);
    const char *named = path_join(
        loader->arena, directory,
        text_take(loader->arena, clang_CompileCommand_getFilename(command)));
    const char *path = path_real(loader->arena, named);
    struct flags flags = {0};
    const char *problem;
    bool is_new;

    if (!path) {
        loader->missing++;
        if (!loader->missing_one)
            loader->missing_one = named;
        return;
    }
    flags_take(loader, command, directory, &flags);
    if (!is_c(path, &flags))
        return;
    map_add_str(&loader->seen, path, 0, &is_new);
    if (!is_new)
        return;
    problem = walk_file_problem(path);
    if (problem)
        note_write(loader, arena_printf(loader->arena, "skipped '%s': it %s",
                                        path, problem));
    else
        entry_write(loader, COMPDB_ENTRY, path, directory, &flags);
}

static void all_write(struct loader *loader, CXCompilationDatabase database)
{
    CXCompileCommands commands =
        clang_CompilationDatabase_getAllCompileCommands(database);
    uint32_t count = commands ? clang_CompileCommands_getSize(commands) : 0;

    for (uint32_t i = 0; i < count; i++)
        listed_write(loader, clang_CompileCommands_getCommand(commands, i));
    clang_CompileCommands_dispose(commands);
    if (loader->missing)
        note_write(loader,
                   arena_printf(loader->arena,
                                "%u of the files listed in '%s' %s not there, "
                                "such as '%s'",
                                loader->missing, loader->request->shown,
                                loader->missing == 1 ? "is" : "are",
                                loader->missing_one));
}

/* The reader's guess: the command of the file with the nearest name. */
static void inferred_write(struct loader *loader,
                           CXCompilationDatabase database, const char *path)
{
    CXCompileCommands commands =
        clang_CompilationDatabase_getCompileCommands(database, path);
    struct flags flags = {0};

    if (commands && clang_CompileCommands_getSize(commands)) {
        CXCompileCommand command =
            clang_CompileCommands_getCommand(commands, 0);
        const char *directory = directory_of(loader, command);

        flags_take(loader, command, directory, &flags);
        entry_write(loader, COMPDB_INFERRED, path, directory, &flags);
    }
    clang_CompileCommands_dispose(commands);
}

/* The reader takes a directory: a copy needs one of its own. */
static bool copy_write(struct arena *arena, const char *text, char **directory,
                       struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    const char *path;
    FILE *file;
    bool is_written;

    *directory = arena_printf(arena, "%s/asynclint-XXXXXX",
                              temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(*directory))
        return err_set(err, "cannot make a directory '%s': %s", *directory,
                       strerror(errno));
    path = path_join(arena, *directory, "compile_commands.json");
    file = fopen(path, "wxe");
    is_written = file && fputs(text, file) >= 0;
    if (file && fclose(file))
        is_written = false;
    if (!is_written)
        return err_set(err, "cannot write '%s': %s", path, strerror(errno));
    return true;
}

static void copy_remove(struct arena *arena, const char *directory)
{
    unlink(path_join(arena, directory, "compile_commands.json"));
    rmdir(directory);
}

static CXCompilationDatabase database_open(struct loader *loader,
                                           const char *cleaned, struct err *err)
{
    const char *home = path_parent(loader->arena, loader->request->file);
    CXCompilationDatabase database = NULL;
    CXCompilationDatabase_Error problem;
    char *copy = NULL;

    if (!cleaned || copy_write(loader->arena, cleaned, &copy, err))
        database = clang_CompilationDatabase_fromDirectory(
            cleaned ? copy : home, &problem);
    if (copy)
        copy_remove(loader->arena, copy);
    if (!database)
        err_set(err, "libclang cannot read '%s'", loader->request->shown);
    return database;
}

void compdb_load(const struct compdb_request *request, struct strbuf *answer)
{
    struct arena arena = {0};
    struct loader loader = {.request = request,
                            .arena = &arena,
                            .answer = answer,
                            .seen.arena = &arena};
    CXCompilationDatabase database = NULL;
    struct err err = {0};
    char *cleaned;

    if (compdb_check(request, &arena, answer, &cleaned, &err) &&
        libclang_load(&err))
        database = database_open(&loader, cleaned, &err);
    if (database) {
        homes_find(&loader);
        all_write(&loader, database);
        for (uint32_t i = 0; i < request->wanted->items.count; i++) {
            const char *path = request->wanted->items.items[i];

            if (!map_find_str(&loader.seen, path))
                inferred_write(&loader, database, path);
        }
        clang_CompilationDatabase_dispose(database);
    } else {
        compdb_text_add(answer, COMPDB_ERROR);
        compdb_text_add(answer, err.text);
    }
    arena_finish(&arena);
}
