/*
 * asynclint: arguments in, exit status out. The work is in pipeline.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/libclang_load.h"
#include "doctor.h"
#include "explain.h"
#include "index.h"
#include "input/config.h"
#include "pipeline.h"

static void version_print(void)
{
    struct arena arena = {0};
    struct err err = {0};
    const char *version = libclang_version(&arena, &err);

    printf("asynclint %s (%s)\n", ASYNCLINT_VERSION,
           version ? version : err.text);
    arena_finish(&arena);
}

static enum exit_status command_run(const struct args *args,
                                    const struct args_known *known)
{
    switch (args->command) {
    case ARGS_CHECK:
    case ARGS_LINK:
    case ARGS_WHY:
    case ARGS_GRAPH:
    case ARGS_LOCKS:
    case ARGS_UNKNOWN:
        return pipeline_run(args);
    case ARGS_INDEX:
        return index_run(args);
    case ARGS_MERGE:
        return merge_run(args);
    case ARGS_DOCTOR:
        return doctor_run(args);
    case ARGS_EXPLAIN:
        explain_print(stdout, rule_find(args->rule));
        break;
    case ARGS_RULES:
        explain_list_print(stdout);
        break;
    case ARGS_HELP:
        args_help_print(stdout, known);
        break;
    case ARGS_VERSION:
        version_print();
        break;
    }
    return STATUS_CLEAN;
}

static const char *const *rule_ids(struct arena *arena)
{
    const char **ids = arena_array(arena, (size_t)rule_count + 1, sizeof(*ids));

    for (int i = 0; i < rule_count; i++)
        ids[i] = rules[i]->id;
    return ids;
}

/* Facts don't depend on the configuration, what is said of them does. */
static bool is_configured(enum args_command command)
{
    return command == ARGS_LINK || args_reads_tree(command);
}

/* A stream that we were started without must not be the number of the next
 * file that is opened: what is printed would go there. Writing to it fails, as
 * it should. A file that may not grow is an error like a full disk. */
static void surroundings_settle(void)
{
    for (int stream = 0; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            open("/dev/null", O_RDONLY);
    signal(SIGXFSZ, SIG_IGN);
}

/* Arenas come and go with each function and each unit; giving their memory
 * back to the system each time would cost more than zeroing it. */
static void memory_settle(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that it takes */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 1 << 20);
#endif
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct args args = {0};
    struct err err = {0};
    const struct args_known known = {
        .stages = pipeline_stages,
        .rules = rule_ids(&arena),
    };
    enum exit_status status = STATUS_UNUSABLE;

    surroundings_settle();
    memory_settle();
    if (args_parse(&args, &arena, argc, argv, &known, &err) &&
        (!is_configured(args.command) ||
         config_load(&args, &arena, &known, &err)))
        status = command_run(&args, &known);
    if (err.is_set)
        pipeline_tell("", err.text);
    if (fflush(stdout) && status == STATUS_CLEAN) {
        fprintf(stderr, "asynclint: can't write: %s\n", strerror(errno));
        status = STATUS_UNUSABLE;
    }
    arena_finish(&arena);
    return status;
}
