/*
 * The bundled runtime, measured: all measures in turn, or those whose groups
 * are named as arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"mutex", bench_mutex},       {"tasks", bench_tasks},
    {"blocking", bench_blocking}, {"echo", bench_echo},
    {"memory", bench_memory},
};

uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void bench_print(const char *measure, double number)
{
    printf("%s %.6g\n", measure, number);
    fflush(stdout);
}

double bench_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    uint64_t total = 0;
    uint64_t resident = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%" SCNu64 " %" SCNu64, &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        int is_wanted = argc == 1;

        for (int j = 1; j < argc; j++)
            is_wanted |= strcmp(argv[j], groups[i].name) == 0;
        if (is_wanted)
            groups[i].run();
    }
    return EXIT_SUCCESS;
}
