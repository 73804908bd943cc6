/*
 * The command line as a struct. What it can't say by itself comes from the
 * caller: which stages can be dumped and which rules there are. config.h adds
 * to the same struct what `.asynclint.yaml` says, so that whoever comes later
 * asks one place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_INPUT_ARGS_H
#define ASYNCLINT_INPUT_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum args_command {
    ARGS_CHECK,
    ARGS_EXPLAIN,
    ARGS_RULES,
    ARGS_INDEX,
    ARGS_LINK,
    ARGS_MERGE,
    ARGS_DOCTOR,
    ARGS_WHY,
    ARGS_GRAPH,
    ARGS_LOCKS,
    ARGS_UNKNOWN,
    ARGS_HELP,
    ARGS_VERSION,
};

enum args_format { ARGS_FORMAT_TEXT, ARGS_FORMAT_GCC, ARGS_FORMAT_DOT };

enum args_color { ARGS_COLOR_AUTO, ARGS_COLOR_ALWAYS, ARGS_COLOR_NEVER };

/* What a run is for: the settings that are not given follow from it. */
enum args_profile {
    ARGS_PROFILE_UNSET,
    ARGS_PROFILE_DEFAULT,
    ARGS_PROFILE_STRICT,    /* every policy is `report`, notes count */
    ARGS_PROFILE_MIGRATION, /* errors only */
};

enum args_policy { ARGS_POLICY_UNSET, ARGS_POLICY_REPORT, ARGS_POLICY_ALLOW };

/* OFF to ERROR have the numbers of `enum severity`, which is to the right of
 * this room; pipeline.c asserts it. */
enum level {
    LEVEL_OFF,
    LEVEL_NOTE,
    LEVEL_WARNING,
    LEVEL_ERROR,
    LEVEL_NEVER, /* as a fail level only: above all severities */
};

struct rule_level {
    const char *rule; /* one of the known ids */
    enum level level;
};

/* All texts are the command line's own or in the arena given to args_parse. */
struct args {
    enum args_command command;
    const char *rule;     /* of ARGS_EXPLAIN */
    const char *function; /* of ARGS_WHY; of ARGS_GRAPH, or NULL */
    /* Of ARGS_CHECK and the like: "." if none; of ARGS_INDEX: one; of
     * ARGS_LINK and ARGS_MERGE: files with facts, at least one. */
    VEC(const char *) paths;
    VEC(const char *) flags; /* behind `--`: for the compiler */
    VEC(const char *) packs;
    VEC(const char *) dumps;            /* names of stages */
    VEC(struct rule_level) rule_levels; /* a later one wins */
    VEC(const char *) excludes; /* patterns, from the configuration only */
    const char *exclude_base;   /* the directory they are relative to */
    const char *build_dir;      /* NULL: search */
    const char *output;         /* of ARGS_INDEX and ARGS_MERGE */
    const char *depfile;        /* of ARGS_INDEX, or NULL */
    const char *config_file;    /* the one read, or NULL */
    enum args_format format;
    enum args_color color;
    enum args_profile profile;
    enum args_policy short_sections;
    enum level fail_level;
    bool is_fail_level_given;
    uint32_t jobs;
    uint32_t timeout_s;  /* per unit */
    uint32_t memory_mib; /* per unit */
    bool is_strict;
    bool is_quiet;
    bool trusts_flags;
    bool uses_cache;
    bool is_cache_given;
};

/* NULL-terminated lists of words. */
struct args_known {
    const char *const *stages;
    const char *const *rules;
};

/* Fills in a zeroed `args`; one sentence in `err` when the line is wrong.
 * Uses getopt_long, so it is not for two threads at once. */
bool args_parse(struct args *args, struct arena *arena, int argc, char **argv,
                const struct args_known *known, struct err *err);

/* Whether the command looks at the sources of a tree, "." if none is named. */
bool args_reads_tree(enum args_command command);

void args_help_print(FILE *file, const struct args_known *known);

/* The words of a profile, from DEFAULT on. */
extern const char *const profile_words[];

/* The words of a fail level or of a rule's level, in the enum's order. */
extern const char *const level_words[];

#endif
