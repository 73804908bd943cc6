/*
 * Runs a command and prints one line: NAME, wall time and processor time in
 * milliseconds, and the most memory that it or one of its children had, in
 * MiB. What the command prints is dropped. measure NAME COMMAND...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double used_ms(struct timeval used)
{
    return (double)used.tv_sec * 1e3 + (double)used.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
    double start = now_ms();
    struct rusage usage;
    int status;
    pid_t child;

    if (argc < 3)
        return EXIT_FAILURE;
    child = fork();
    if (!child) {
        int nothing = open("/dev/null", O_RDWR);

        dup2(nothing, STDOUT_FILENO);
        dup2(nothing, STDERR_FILENO);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0)
        return EXIT_FAILURE;
    printf("%s %.1f %.1f %.1f\n", argv[1], now_ms() - start,
           used_ms(usage.ru_utime) + used_ms(usage.ru_stime),
           (double)usage.ru_maxrss / 1024);
    /* 1: findings. */
    return WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? EXIT_SUCCESS
                                                         : EXIT_FAILURE;
}
