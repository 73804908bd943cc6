/*
 * Shared ownership: arc, counted atomically, for values that several tasks or
 * threads use; and rc, counted plainly, for values of one task.
 *
 *     struct room *room = arc_new(struct room, room_finish);
 *
 *     rt_detach(rt_spawn(serve, arc_clone(room)));      the task's reference
 *     ...
 *     arc_drop(room);                                   our own
 *
 *     static void *serve(void *arg)
 *     {
 *         arc_auto(struct room, room) = arg;        dropped on every way out
 *
 * What is passed on is a reference of its own, made by arc_clone *before* the
 * other task can run: who passes its own pointer on and drops it as well has
 * taken the value away from under the task. asynclint (arc-not-cloned) and the
 * watchdog report it.
 *
 * The value is zeroed, aligned for every type, and its last reference calls
 * `finish` (or nothing, if NULL) before the memory is freed. That runs where
 * the last reference is dropped, so it should not suspend. An arc protects the
 * life of the value, not what is in it: that needs a lock, or atomics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ARC_H
#define RT_ARC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the last reference does with the value; it does not free it. */
typedef void rt_finish_fn(void *value);

/* A new value with one reference, or NULL without memory. Any thread. */
#define arc_new(TYPE, finish) ((TYPE *)arc_make(sizeof(TYPE), finish))
void *arc_make(size_t size, rt_finish_fn *finish);

/* One reference more: returns `value`. The caller has one itself. Accepts
 * NULL. Any thread, never blocks. */
void *arc_clone(void *value);

/* One reference less, the caller's. All that others wrote before they dropped
 * theirs is visible to `finish`. Accepts NULL. Any thread. */
void arc_drop(void *value);

/* How many references there are at this moment, which may be over on return.
 * 1: nobody else has one. */
uint32_t arc_count(void *value);

/* A variable that drops its reference at the end of its scope. Give it a value
 * at once; NULL is one. */
#define arc_auto(TYPE, variable)                                               \
    TYPE *variable __attribute__((cleanup(arc_auto_exit), unused))
void arc_auto_exit(void *variable);

/* The reference of an arc_auto, to keep or to hand on; leaves it NULL. */
#define arc_take(variable)                                                     \
    ((__typeof__(variable))arc_auto_take((void *)&(variable)))
void *arc_auto_take(void *variable);

/*
 * The same without atomics: for references that never leave the task (or the
 * thread outside of tasks) that made the value. On an executor with one worker
 * all of its tasks may share one. rc_clone and rc_drop elsewhere is a race;
 * asynclint (not-send-across-spawn) reports what is passed to a spawn, and the
 * watchdog who uses it.
 */
#define rc_new(TYPE, finish) ((TYPE *)rc_make(sizeof(TYPE), finish))
void *rc_make(size_t size, rt_finish_fn *finish);
void *rc_clone(void *value);
void rc_drop(void *value);
uint32_t rc_count(void *value);

#define rc_auto(TYPE, variable)                                                \
    TYPE *variable __attribute__((cleanup(rc_auto_exit), unused))
void rc_auto_exit(void *variable);

#endif
