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

/* All but the last, which takes much memory, are run if none is named. */
static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"mutex", bench_mutex},       {"tasks", bench_tasks},
    {"blocking", bench_blocking}, {"echo", bench_echo},
    {"memory", bench_memory},     {"million", bench_million},
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

/* VmRSS and VmPTE of the kernel's report, which are in kB. */
double bench_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    uint64_t sum_kb = 0;
    uint64_t kb;
    char line[128];

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %" SCNu64, &kb) == 1 ||
            sscanf(line, "VmPTE: %" SCNu64, &kb) == 1)
            sum_kb += kb;
    if (file)
        fclose(file);
    return (double)sum_kb * 1024;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        int is_wanted = argc == 1 && groups[i].run != bench_million;

        for (int j = 1; j < argc; j++)
            is_wanted |= strcmp(argv[j], groups[i].name) == 0;
        if (is_wanted)
            groups[i].run();
    }
    return EXIT_SUCCESS;
}
