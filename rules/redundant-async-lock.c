/*
 * A lock under which no task ever suspends need not be an async one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#define coroutine_fn

/* As in QEMU, whose convention is a blocking lock for a moment. */
struct CoMutex {
    int locked;
};

void coroutine_fn qemu_co_mutex_lock(struct CoMutex *mutex);
void coroutine_fn qemu_co_mutex_unlock(struct CoMutex *mutex);

struct CoQueue {
    int waiters;
};

void coroutine_fn qemu_co_queue_wait(struct CoQueue *queue,
                                     struct CoMutex *mutex);

struct table {
    struct CoMutex lock;
    int entries;
    int deleted;
};

void coroutine_fn bad_delete(struct table *table)
{
    qemu_co_mutex_lock(&table->lock); /* expect: redundant-async-lock */
    table->entries--;
    table->deleted++;
    qemu_co_mutex_unlock(&table->lock);
}

struct disk {
    struct CoMutex lock;
    struct CoQueue idle;
    int busy;
    int writes;
};

void coroutine_fn good_write(struct disk *disk)
{
    qemu_co_mutex_lock(&disk->lock);
    while (disk->busy)
        qemu_co_queue_wait(&disk->idle, &disk->lock);
    disk->writes++;
    qemu_co_mutex_unlock(&disk->lock);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_redundant_async_lock = {
    .id = "redundant-async-lock",
    .severity = SEVERITY_NOTE,
    .summary = "an async lock is never held across an await",
    .why = "an async lock is there to be held while its task is suspended, and "
           "costs more than a blocking one",
    .instead = "take a blocking lock, which no holder keeps for long here",
    .check = check_function,
};

/* No holder of the class suspends, as far as all that it calls is known. */
static bool is_never_crossed(const struct class_info *info)
{
    return !info->suspends.fn && !info->unsure.fn && !info->doubted.fn &&
           !info->calls_unknown.fn && !info->blocks.fn && !info->kept.fn &&
           !info->waits.fn && !info->released_alone.fn;
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);
    struct diag *diag;

    if (event->lock.kind != LOCK_ASYNC || event->lock.is_parameter || !info ||
        info->taken.items[0].event != event ||
        !(info->contexts & CONTEXT_ASYNC) || !is_never_crossed(info) ||
        query_could_be_atomic(info) || query_reports_short(query, event))
        return;
    diag = diag_at(check, event->op, SEVERITY_NOTE,
                   "async lock '%s' is never held across an await",
                   event->lock.name);
    for (uint32_t i = 1; i < info->taken.count; i++)
        diag_mark_in(check, diag, MARK_STEP, info->taken.items[i].fn,
                     info->taken.items[i].event->op,
                     "nor is it where '%s' takes it",
                     info->taken.items[i].fn->name);
}

/* Told where the first of the program is taken. */
static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, event)
        check_acquisition(check, query, event);
}
#endif
