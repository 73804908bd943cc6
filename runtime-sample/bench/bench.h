/*
 * What the measuring programs share: a clock, and one line for each result.
 *
 * Every program, in whatever language, prints lines "measure number", and
 * measures the same work under the same name; table.awk puts them together.
 * Numbers are nanoseconds per operation, or what the name says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BENCH_H
#define RT_BENCH_H

#include <stdint.h>

/* How long a measurement that goes by time lasts. */
#define BENCH_MS 300

uint64_t bench_now_ns(void);
void bench_print(const char *measure, double number);

/* Resident memory of this process, page tables and all, in bytes. */
double bench_resident_bytes(void);

void bench_mutex(void);
void bench_tasks(void);
void bench_memory(void);
void bench_million(void);
void bench_blocking(void);
void bench_echo(void);

#endif
