/*
 * A report: a rule, a sentence, and the places in the source that belong to it.
 *
 * Only the watchdog's thread prints. To name a place takes a program
 * (addr2line) and more stack than a task has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WATCH_REPORT_H
#define RT_WATCH_REPORT_H

#include <stdatomic.h>
#include <stdint.h>

#define PLACE_FRAMES 12

/* Return addresses, the innermost first. */
struct place {
    void *frames[PLACE_FRAMES];
    int count;
};

/* `at` is where it happens, `taken` where the lock was taken; both may be
 * empty. */
struct watch_report {
    struct watch_report *next;
    const char *rule;
    char text[160];
    struct place at;
    struct place taken;
    _Atomic uint32_t is_printed; /* a futex */
};

/* Where the caller is. Never inlined, so that the first frame is its caller. */
void rt_place_here(struct place *place);

/* Has the C library load what it takes to look at a stack. */
void rt_place_prepare(void);

/* Where that function of the C library is in the place; NULL if it is not. */
const char *rt_place_find(const struct place *place, const char *const *names);

/* One line on stderr. */
void rt_report_print(const struct watch_report *report);

#endif
