/*
 * See run.h. What the program prints goes into files, for a pipe that nobody
 * reads would stop it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum { POLL_MS = 2, READ_STEP = 4096 };

static char *stream_text(struct arena *arena, FILE *file)
{
    struct strbuf text = {.arena = arena};
    char bytes[READ_STEP];
    size_t count;

    rewind(file);
    while ((count = fread(bytes, 1, sizeof(bytes), file)) > 0)
        strbuf_add_bytes(&text, bytes, count);
    fclose(file);
    return arena_strdup(arena, strbuf_text(&text));
}

/* In the child. Its own process group, so that what it starts dies with it. */
static void program_start(const char *directory, const char *const *argv,
                          FILE *out, FILE *err)
{
    static const char *const unwanted[] = {"GITHUB_ACTIONS", "NO_COLOR",
                                           "CLICOLOR_FORCE", "COLUMNS"};
    int nothing = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
        unsetenv(unwanted[i]);
    setenv("ASYNCLINT", ASYNCLINT_PROGRAM, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    signal(SIGPIPE, SIG_DFL);
    if (directory && chdir(directory) != 0)
        _exit(126);
    dup2(nothing, 0);
    dup2(fileno(out), 1);
    dup2(fileno(err), 2);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* The wait status, or -1 when it took too long. */
static int program_await(pid_t pid)
{
    const struct timespec pause = {0, POLL_MS * 1000000};
    int status;

    for (int waited_ms = 0; waited_ms < RUN_PATIENCE_MS; waited_ms += POLL_MS) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
        nanosleep(&pause, NULL);
    }
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

struct ran run(struct arena *arena, const char *directory,
               const char *const *argv)
{
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    struct ran ran;
    int status;
    pid_t pid;

    assert_non_null(out);
    assert_non_null(err);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        program_start(directory, argv, out, err);
    status = program_await(pid);
    ran.out = stream_text(arena, out);
    ran.err = stream_text(arena, err);
    if (status < 0)
        fail_msg("'%s %s' is still running after %d s; it said:\n%s%s", argv[0],
                 argv[1] ? argv[1] : "", RUN_PATIENCE_MS / 1000, ran.out,
                 ran.err);
    ran.status =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ran;
}

struct ran run_script(struct arena *arena, const char *directory,
                      const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};

    return run(arena, directory, argv);
}

bool ran_incompletely(const struct ran *ran)
{
    return strstr(ran->err, " analysed") != NULL;
}

char *run_file_text(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "r");

    if (!file)
        fail_msg("cannot read '%s'", path);
    return stream_text(arena, file);
}
