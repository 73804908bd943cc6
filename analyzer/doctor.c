/*
 * One line for each thing that a run stands on, in the order of the pipeline;
 * the first remedy that is found is the one that is printed, since what comes
 * later often hangs on what came before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/libclang_load.h"
#include "base/map.h"
#include "base/str.h"
#include "cache.h"
#include "front/front.h"
#include "input/compdb.h"
#include "input/walk.h"
#include "model/model.h"
#include "output/escape.h"

struct doctor {
    struct arena arena;
    const struct args *args;
    const char *root; /* the current directory */
    const char *tree; /* what is to be checked */
    const char *remedy;
    bool is_ill;
};

static void libclang_look(struct doctor *doctor);
static void database_look(struct doctor *doctor);
static void packs_look(struct doctor *doctor);
static void cache_look(struct doctor *doctor);

/* The text may hold names from the tree. */
static void tell(const char *what, const char *text)
{
    printf("%-21s ", what);
    escape_print(stdout, text);
    putchar('\n');
}

static void complain(struct doctor *doctor, const char *what, const char *text,
                     const char *remedy)
{
    tell(what, text);
    doctor->is_ill = true;
    if (!doctor->remedy)
        doctor->remedy = remedy;
}

enum exit_status doctor_run(const struct args *args)
{
    struct doctor doctor = {.args = args};
    bool is_ill;

    doctor.root = path_real(&doctor.arena, ".");
    doctor.tree = path_real(&doctor.arena, args->paths.items[0]);
    if (!doctor.root || !doctor.tree || !path_is_directory(doctor.tree)) {
        complain(
            &doctor, "directory",
            arena_printf(&doctor.arena, "'%s' is none", args->paths.items[0]),
            NULL);
    } else {
        libclang_look(&doctor);
        database_look(&doctor);
        packs_look(&doctor);
        cache_look(&doctor);
    }
    if (doctor.remedy)
        tell("try", doctor.remedy);
    is_ill = doctor.is_ill;
    arena_finish(&doctor.arena);
    return is_ill ? STATUS_UNUSABLE : STATUS_CLEAN;
}

/* "19" in "Debian clang version 19.1.7". */
static const char *major_version(struct arena *arena, const char *version)
{
    const char *at = strstr(version, "version ");
    size_t length = 0;

    if (!at)
        return "";
    at += strlen("version ");
    while (isdigit((unsigned char)at[length]))
        length++;
    return arena_strndup(arena, at, length);
}

static void libclang_look(struct doctor *doctor)
{
    struct err err = {0};
    const char *version = libclang_version(&doctor->arena, &err);
    const char *resources = front_resource_dir();

    if (!version) {
        complain(doctor, "libclang", err.text, libclang_remedy);
        return;
    }
    tell("libclang", version);
    if (resources)
        tell("its own headers", resources);
    else
        complain(doctor, "its own headers",
                 "not found: no stddef.h, most files won't compile",
                 arena_printf(&doctor->arena,
                              "apt-get install libclang-common-%s-dev",
                              major_version(&doctor->arena, version)));
}

/* What makes a database of the kind of build that the tree has. */
static const char *database_remedy(struct doctor *doctor)
{
    static const struct {
        const char *file;
        const char *remedy;
    } builds[] = {
        {"CMakeLists.txt", "cmake -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON"},
        {"meson.build", "meson setup build"},
        {"build.ninja", "ninja -t compdb > compile_commands.json"},
        {"Makefile", "bear -- make -B"},
        {"GNUmakefile", "bear -- make -B"},
        {"makefile", "bear -- make -B"},
        {"configure", "./configure && bear -- make -B"},
        {"configure.ac", "autoreconf -i && ./configure && bear -- make -B"},
    };

    for (size_t i = 0; i < sizeof(builds) / sizeof(*builds); i++)
        if (path_is_there(
                path_join(&doctor->arena, doctor->tree, builds[i].file)))
            return builds[i].remedy;
    return NULL;
}

static const char *database_find(struct doctor *doctor)
{
    const char *build_dir = doctor->args->build_dir;

    if (!build_dir)
        return compdb_find(&doctor->arena, doctor->tree);
    return path_real(&doctor->arena, path_join(&doctor->arena, build_dir,
                                               "compile_commands.json"));
}

/* How many of the files are in the database. */
static uint32_t covered_count(struct doctor *doctor,
                              const struct compdb *compdb,
                              const struct walk *walk)
{
    struct map listed = {.arena = &doctor->arena};
    uint32_t count = 0;

    for (uint32_t i = 0; i < compdb->entries.count; i++)
        map_add_str(&listed, compdb->entries.items[i].path, 0, NULL);
    for (uint32_t i = 0; i < walk->files.items.count; i++)
        count += map_find_str(&listed, walk->files.items.items[i]) != NULL;
    return count;
}

static void coverage_tell(struct doctor *doctor, const struct compdb *compdb)
{
    struct walk walk = {0};
    struct err err = {0};
    const char *text;
    uint32_t count;

    if (!walk_tree(&walk, &doctor->arena, doctor->tree, doctor->root, ".c",
                   &err)) {
        complain(doctor, "C files", err.text, NULL);
        return;
    }
    count = covered_count(doctor, compdb, &walk);
    text = arena_printf(
        &doctor->arena, "%s: has %u of the %u C files below '%s'", compdb->file,
        count, walk.files.items.count, path_shown(doctor->tree, doctor->root));
    if (count || !walk.files.items.count)
        tell("compilation database", text);
    else
        complain(doctor, "compilation database", text, database_remedy(doctor));
}

/* A tree without a build needs no database: flags are guessed. */
/* Of several presets' databases the first is taken, which may not be meant. */
static void others_tell(struct doctor *doctor, const char *file)
{
    struct arena *arena = &doctor->arena;
    const char *own = path_parent(arena, file);
    const char *builds = path_parent(arena, own);
    struct strbuf others = {.arena = arena};
    struct path_list names = {0};

    if (doctor->args->build_dir || !str_ends_with(builds, "/build") ||
        !path_list_names(&names, arena, builds))
        return;
    for (uint32_t i = 0; i < names.items.count; i++) {
        const char *other = path_join(arena, builds, names.items.items[i]);

        if (strcmp(other, own) != 0 &&
            path_is_file(path_join(arena, other, "compile_commands.json")))
            strbuf_printf(&others, "%s-p %s", others.length ? ", " : "",
                          path_shown(other, doctor->root));
    }
    if (others.length)
        tell("others", strbuf_text(&others));
}

static void database_look(struct doctor *doctor)
{
    const char *file = database_find(doctor);
    const char *remedy = database_remedy(doctor);
    struct compdb compdb = {0};
    struct path_list wanted = {0};
    struct err err = {0};

    if (!file && !doctor->args->build_dir && !remedy) {
        tell("compilation database", "none; flags are guessed");
        return;
    }
    if (!file) {
        complain(doctor, "compilation database", "none; flags are guessed",
                 remedy);
        return;
    }
    compdb.file = path_shown(file, doctor->root);
    if (compdb_read(&compdb, &doctor->arena, file, &wanted, doctor->args, &err))
        coverage_tell(doctor, &compdb);
    else
        complain(doctor, "compilation database", err.text, remedy);
    others_tell(doctor, file);
}

static void packs_look(struct doctor *doctor)
{
    struct model *model = model_new(&doctor->arena);
    struct strbuf names = {.arena = &doctor->arena};
    struct err err = {0};
    bool is_fine = model_shipped_add(model, &err);

    strbuf_add(&names, "those that are shipped");
    for (uint32_t i = 0; is_fine && i < doctor->args->packs.count; i++) {
        const char *path = doctor->args->packs.items[i];

        is_fine = model_pack_open(model, path, &doctor->arena, &err);
        strbuf_printf(&names, ", %s", path);
    }
    if (is_fine)
        tell("packs", strbuf_text(&names));
    else
        complain(doctor, "packs", err.text, NULL);
    tell("configuration",
         doctor->args->config_file ? doctor->args->config_file : "none");
}

static void cache_look(struct doctor *doctor)
{
    const char *path = cache_path(doctor->args, doctor->root, &doctor->arena);
    const char *use = doctor->args->uses_cache ? "in use" : "not in use";
    struct path_list names = {0};
    unsigned long long bytes = 0;
    uint32_t count = 0;

    if (!path_list_names(&names, &doctor->arena, path)) {
        tell("cache", arena_printf(&doctor->arena, "%s, nothing there: %s", use,
                                   path_shown(path, doctor->root)));
        return;
    }
    for (uint32_t i = 0; i < names.items.count; i++) {
        const char *name =
            path_join(&doctor->arena, path, names.items.items[i]);
        struct stat info;

        if (!str_ends_with(name, ".facts") || lstat(name, &info))
            continue;
        count++;
        bytes += (unsigned long long)info.st_size;
    }
    tell("cache",
         arena_printf(&doctor->arena, "%s, %u entries, %llu KiB: %s", use,
                      count, bytes >> 10, path_shown(path, doctor->root)));
    if (doctor->args->uses_cache && access(path, W_OK))
        complain(doctor, "", "nothing can be added to the cache", NULL);
}
