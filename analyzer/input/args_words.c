/*
 * The words of a command line that are no options, see args_words.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/args_words.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "input/args_value.h"
#include "input/path.h"

/* In the order of enum args_command; --help and --version are options. */
static const char *const command_words[] = {
    "check",  "explain", "rules", "index", "link",    "merge",
    "doctor", "why",     "graph", "locks", "unknown", NULL};

struct words {
    struct args *args;
    struct arena *arena;
    const struct args_known *known;
    struct err *err;
};

bool args_is_there(const char *path)
{
    return !access(path, F_OK);
}

static bool explain_settle(struct words *words)
{
    struct args *args = words->args;
    uint32_t index;

    if (args->paths.count != 1)
        return err_set(words->err,
                       "'explain' needs the id of one rule; 'asynclint "
                       "rules' lists them");
    args->rule = args->paths.items[0];
    args->paths.count = 0;
    for (index = 0; words->known->rules[index]; index++)
        if (!strcmp(words->known->rules[index], args->rule))
            return true;
    return err_set(
        words->err, "unknown rule '%s'%s ('asynclint rules' lists them)",
        args->rule,
        args_near_word(words->arena, args->rule, words->known->rules));
}

/* The first word may be a command; a path of that name is written ./check. */
static bool command_take(struct words *words)
{
    struct args *args = words->args;
    const char *first = args->paths.count ? args->paths.items[0] : ".";
    const char *near;

    for (uint32_t i = 0; command_words[i]; i++) {
        if (strcmp(command_words[i], first) != 0)
            continue;
        args->command = (enum args_command)i;
        vec_remove(&args->paths, 0);
        return true;
    }
    near = str_did_you_mean(first, command_words);
    if (near && !args_is_there(first))
        return err_set(words->err,
                       "'%s' is neither a command nor a path; did you mean "
                       "'%s'?",
                       first, near);
    return true;
}

/* `cc -c src/x.c` writes x.o, and we x.facts. */
static const char *facts_name(struct arena *arena, const char *file)
{
    const char *name = path_name(file);
    size_t length = strlen(name);

    if (str_ends_with(name, ".c"))
        length -= 2;
    return arena_printf(arena, "%.*s.facts", (int)length, name);
}

/* What the commands that read or write facts want. */
static bool facts_settle(struct words *words)
{
    struct args *args = words->args;
    const char *command = command_words[args->command];
    bool writes = args->command == ARGS_INDEX || args->command == ARGS_MERGE;

    if (args->output && (!writes || !*args->output))
        return err_set(words->err,
                       "option '-o' is for 'index' and 'merge' and needs the "
                       "name of a file");
    if (args->depfile && (args->command != ARGS_INDEX || !*args->depfile))
        return err_set(words->err, "option '--depfile' is for 'index' and "
                                   "needs the name of a file");
    if (args->command == ARGS_INDEX && args->paths.count != 1)
        return err_set(words->err, "'index' needs one C file");
    if ((args->command == ARGS_LINK || args->command == ARGS_MERGE) &&
        !args->paths.count)
        return err_set(words->err,
                       "'%s' needs files with facts, as "
                       "'asynclint index' writes them",
                       command);
    if (args->command == ARGS_MERGE && !args->output)
        return err_set(words->err, "'merge' needs '-o FILE'");
    if (args->command == ARGS_INDEX && !args->output)
        args->output = facts_name(words->arena, args->paths.items[0]);
    return true;
}

/* The function that `why` and `graph` are asked about stands before paths;
 * `graph` can do without, so there a path may stand in its place. */
static bool function_settle(struct words *words)
{
    struct args *args = words->args;

    if ((args->command == ARGS_LOCKS || args->command == ARGS_UNKNOWN) &&
        args->format != ARGS_FORMAT_TEXT)
        return err_set(words->err, "'%s' has no such format",
                       command_words[args->command]);
    if (args->command != ARGS_WHY && args->command != ARGS_GRAPH)
        return args->format != ARGS_FORMAT_DOT ||
               err_set(words->err, "format 'dot' is for 'graph'");
    if (args->format == ARGS_FORMAT_GCC ||
        (args->format == ARGS_FORMAT_DOT && args->command == ARGS_WHY))
        return err_set(words->err, "'%s' has no such format",
                       command_words[args->command]);
    if (args->command == ARGS_WHY && !args->paths.count)
        return err_set(words->err, "'why' needs the name of a function");
    if (!args->paths.count ||
        (args->command == ARGS_GRAPH && args_is_there(args->paths.items[0])))
        return true;
    args->function = args->paths.items[0];
    vec_remove(&args->paths, 0);
    return true;
}

bool args_reads_tree(enum args_command command)
{
    return command == ARGS_CHECK || command == ARGS_DOCTOR ||
           command == ARGS_WHY || command == ARGS_GRAPH ||
           command == ARGS_LOCKS || command == ARGS_UNKNOWN;
}

bool args_words_settle(struct args *args, struct arena *arena,
                       const struct args_known *known, struct err *err)
{
    struct words *words = &(struct words){args, arena, known, err};

    if (args->command == ARGS_HELP || args->command == ARGS_VERSION)
        return true;
    if (!command_take(words) || !function_settle(words))
        return false;
    if (args->command == ARGS_EXPLAIN)
        return explain_settle(words);
    if (args->command == ARGS_RULES && args->paths.count)
        return err_set(words->err, "'rules' takes no '%s'",
                       args->paths.items[0]);
    for (uint32_t i = 0; i < args->paths.count; i++)
        if (!*args->paths.items[i])
            return err_set(words->err, "a path must not be empty");
    if (args->command == ARGS_DOCTOR && args->paths.count > 1)
        return err_set(words->err, "'doctor' takes one directory");
    if (args_reads_tree(args->command) && !args->paths.count)
        vec_add(words->arena, &args->paths, ".");
    return facts_settle(words);
}
