/*
 * The options. getopt_long splits the line, and all sentences are ours: it is
 * told to be silent, and to hand over paths in their order, so that
 * POSIXLY_CORRECT changes nothing. What stands behind `--` is taken away before
 * it looks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/args.h"

#include <assert.h>
#include <getopt.h>
#include <sched.h>
#include <string.h>

#include "base/str.h"
#include "input/args_value.h"
#include "input/args_words.h"

enum {
    JOBS_MAX = 1024,           /* more processes than that are a typo */
    TIMEOUT_DEFAULT_S = 60,    /* ten times the slowest honest unit we saw */
    TIMEOUT_MAX_S = 86400,     /* a day */
    MEMORY_DEFAULT_MIB = 4096, /* clang on a large unit stays below 1 GiB */
    MEMORY_MIN_MIB = 256,      /* libclang alone maps nearly 200 */
    MEMORY_MAX_MIB = 1 << 20,
};

enum option_id {
    OPTION_PATH = 1, /* what getopt says for "not an option" */
    OPTION_BUILD_DIR = 'p',
    OPTION_HELP = 'h',
    OPTION_JOBS = 'j',
    OPTION_OUTPUT = 'o',
    OPTION_QUIET = 'q',
    OPTION_CACHE = 256,
    OPTION_COLOR,
    OPTION_DEPFILE,
    OPTION_DUMP,
    OPTION_FAIL_LEVEL,
    OPTION_FORMAT,
    OPTION_MEMORY,
    OPTION_NO_CACHE,
    OPTION_PACK,
    OPTION_PROFILE,
    OPTION_RULE,
    OPTION_STRICT,
    OPTION_TIMEOUT,
    OPTION_TRUST_FLAGS,
    OPTION_VERSION,
};

static const struct option options[] = {
    {"build-dir", required_argument, NULL, OPTION_BUILD_DIR},
    {"cache", no_argument, NULL, OPTION_CACHE},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"depfile", required_argument, NULL, OPTION_DEPFILE},
    {"dump", required_argument, NULL, OPTION_DUMP},
    {"fail-level", required_argument, NULL, OPTION_FAIL_LEVEL},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"help", no_argument, NULL, OPTION_HELP},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"pack", required_argument, NULL, OPTION_PACK},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"rule", required_argument, NULL, OPTION_RULE},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"trust-flags", no_argument, NULL, OPTION_TRUST_FLAGS},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(*options) - 1 };

const char *const level_words[] = {"off",   "note",  "warning",
                                   "error", "never", NULL};

const char *const profile_words[] = {"default", "strict", "migration", NULL};

struct parser {
    struct args *args;
    struct arena *arena;
    const struct args_known *known;
    int argc;
    char **argv;
    struct err *err;
};

static bool parser_run(struct parser *parser);
static bool option_take(struct parser *parser, int id, const char *value);

/* The default of -j: what this process may use, not what the machine has. */
static uint32_t core_count(void)
{
    cpu_set_t cores;
    int count;

    if (sched_getaffinity(0, sizeof(cores), &cores))
        return 1;
    count = CPU_COUNT(&cores);
    if (count > JOBS_MAX)
        return JOBS_MAX;
    return count > 0 ? (uint32_t)count : 1;
}

bool args_parse(struct args *args, struct arena *arena, int argc, char **argv,
                const struct args_known *known, struct err *err)
{
    struct parser parser = {
        .args = args, .arena = arena, .known = known, .err = err};

    args->fail_level = LEVEL_WARNING;
    args->jobs = core_count();
    args->timeout_s = TIMEOUT_DEFAULT_S;
    args->memory_mib = MEMORY_DEFAULT_MIB;
    parser.argc = argc;
    parser.argv = argv;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        parser.argc = i;
        for (int k = i + 1; k < argc; k++)
            vec_add(arena, &args->flags, argv[k]);
        break;
    }
    return parser_run(&parser) && args_words_settle(args, arena, known, err);
}

/* The options that begin with what was typed, and how many they are. */
static int candidates_list(const char *typed, size_t length,
                           struct strbuf *list)
{
    int count = 0;

    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strncmp(options[i].name, typed, length) != 0)
            continue;
        strbuf_printf(list, "%s--%s", count ? ", " : "", options[i].name);
        count++;
    }
    return count;
}

static bool long_option_fail(struct parser *parser, const char *argument)
{
    struct strbuf list = {.arena = parser->arena};
    const char *names[OPTION_COUNT + 1] = {NULL};
    size_t length = strcspn(argument, "=");
    const char *typed = arena_strndup(parser->arena, argument, length);
    int count = candidates_list(typed + 2, length - 2, &list);

    if (count > 1)
        return err_set(parser->err, "option '%s' could be one of %s", typed,
                       strbuf_text(&list));
    if (count == 1) /* known, so it is the '=VALUE' that is wrong */
        return err_set(parser->err, "option '%s' takes no value",
                       strbuf_text(&list));
    for (int i = 0; i < OPTION_COUNT; i++)
        names[i] = arena_printf(parser->arena, "--%s", options[i].name);
    return err_set(parser->err, "unknown option '%s'%s", typed,
                   args_near_word(parser->arena, typed, names));
}

/* optind - 1 is the argument that getopt stumbled over, unless that is a
 * cluster of short options with more to come: then it is still at optind. */
static bool option_fail(struct parser *parser, int stumbled_at)
{
    const char *argument = parser->argv[stumbled_at];

    if (str_starts_with(argument, "--"))
        return long_option_fail(parser, argument);
    if (args_is_there(argument))
        return err_set(parser->err,
                       "unknown option '%s'; a path that begins with '-' is "
                       "written './%s'",
                       argument, argument);
    return err_set(parser->err,
                   "unknown option '-%c'; compiler flags stand behind '--'",
                   optopt);
}

static bool value_fail(struct parser *parser, int stumbled_at)
{
    return err_set(parser->err, "option '%s' needs a value",
                   parser->argv[stumbled_at]);
}

static bool parser_run(struct parser *parser)
{
    int id;

    opterr = 0;
    optind = 0; /* glibc: start afresh, even after an earlier line */
    for (;;) {
        int at = optind ? optind : 1;

        id = getopt_long(parser->argc, parser->argv, "-:hj:o:p:q", options,
                         NULL);
        if (id == -1)
            return true;
        if (id == '?')
            return option_fail(parser, at);
        if (id == ':')
            return value_fail(parser, at);
        if (!option_take(parser, id, optarg))
            return false;
    }
}

static bool fail_level_take(struct parser *parser, const char *value)
{
    uint32_t index;

    /* "off" is for rules: a level at which nothing is shown. */
    if (!args_word("fail level", value, level_words + 1, &index, parser->err))
        return false;
    parser->args->fail_level = (enum level)(index + 1);
    parser->args->is_fail_level_given = true;
    return true;
}

static bool profile_take(struct parser *parser, const char *value)
{
    uint32_t index;

    if (!args_word("profile", value, profile_words, &index, parser->err))
        return false;
    parser->args->profile = (enum args_profile)(index + 1);
    return true;
}

static bool rule_level_take(struct parser *parser, const char *value)
{
    struct rule_level level;

    if (!args_rule_level(value, parser->known->rules, parser->arena, &level,
                         parser->err))
        return false;
    vec_add(parser->arena, &parser->args->rule_levels, level);
    return true;
}

static bool dump_take(struct parser *parser, const char *value)
{
    uint32_t index;

    if (!args_word("stage", value, parser->known->stages, &index, parser->err))
        return false;
    vec_add(parser->arena, &parser->args->dumps, value);
    return true;
}

static bool choice_take(struct parser *parser, int id, const char *value)
{
    static const char *const formats[] = {"text", "gcc", "dot", NULL};
    static const char *const colors[] = {"auto", "always", "never", NULL};
    struct args *args = parser->args;
    uint32_t index;

    if (id == OPTION_FORMAT) {
        if (!args_word("format", value, formats, &index, parser->err))
            return false;
        args->format = (enum args_format)index;
        return true;
    }
    assert(id == OPTION_COLOR);
    if (!args_word("color choice", value, colors, &index, parser->err))
        return false;
    args->color = (enum args_color)index;
    return true;
}

/* A flat switch over the options. */
static bool option_take(struct parser *parser, int id, const char *value)
{
    struct args *args = parser->args;

    switch (id) {
    case OPTION_PATH:
        vec_add(parser->arena, &args->paths, value);
        return true;
    case OPTION_BUILD_DIR:
        args->build_dir = value;
        return true;
    case OPTION_CACHE:
    case OPTION_NO_CACHE:
        args->uses_cache = id == OPTION_CACHE;
        args->is_cache_given = true;
        return true;
    case OPTION_COLOR:
    case OPTION_FORMAT:
        return choice_take(parser, id, value);
    case OPTION_DEPFILE:
        args->depfile = value;
        return true;
    case OPTION_DUMP:
        return dump_take(parser, value);
    case OPTION_FAIL_LEVEL:
        return fail_level_take(parser, value);
    case OPTION_HELP:
        args->command = ARGS_HELP;
        return true;
    case OPTION_JOBS:
        return args_number("-j", value, 1, JOBS_MAX, &args->jobs, parser->err);
    case OPTION_MEMORY:
        return args_number("--memory", value, MEMORY_MIN_MIB, MEMORY_MAX_MIB,
                           &args->memory_mib, parser->err);
    case OPTION_OUTPUT:
        args->output = value;
        return true;
    case OPTION_PACK:
        vec_add(parser->arena, &args->packs, value);
        return true;
    case OPTION_PROFILE:
        return profile_take(parser, value);
    case OPTION_QUIET:
        args->is_quiet = true;
        return true;
    case OPTION_RULE:
        return rule_level_take(parser, value);
    case OPTION_STRICT:
        args->is_strict = true;
        return true;
    case OPTION_TIMEOUT:
        return args_number("--timeout", value, 1, TIMEOUT_MAX_S,
                           &args->timeout_s, parser->err);
    case OPTION_TRUST_FLAGS:
        args->trusts_flags = true;
        return true;
    case OPTION_VERSION:
        args->command = ARGS_VERSION;
        return true;
    default:
        BUG("option %d is in the table and not here", id);
    }
}
