/*
 * A lock that guards one number should be that number, made atomic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>

struct hits {
    pthread_mutex_t lock;
    int count;
};

void bad_add(struct hits *hits)
{
    pthread_mutex_lock(&hits->lock); /* expect: lock-could-be-atomic */
    hits->count++;
    pthread_mutex_unlock(&hits->lock);
}

int bad_read(struct hits *hits)
{
    int count;

    pthread_mutex_lock(&hits->lock);
    count = hits->count;
    pthread_mutex_unlock(&hits->lock);
    return count;
}

struct mean {
    pthread_mutex_t lock;
    long sum;
    int count;
};

void good_add(struct mean *mean, int value)
{
    pthread_mutex_lock(&mean->lock);
    mean->sum += value;
    mean->count++;
    pthread_mutex_unlock(&mean->lock);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_lock_could_be_atomic = {
    .id = "lock-could-be-atomic",
    .severity = SEVERITY_NOTE,
    .summary = "a lock guards nothing but one number",
    .why = "each use of the number costs two operations on the lock, and makes "
           "others wait",
    .instead = "make the number '_Atomic' and drop the lock",
    .check = check_function,
};

static void uses_tell(struct check *check, struct diag *diag,
                      const struct class_info *info)
{
    for (uint32_t i = 0; i < info->taken.count; i++) {
        const struct evidence *taken = &info->taken.items[i];
        const struct section *section =
            section_find(taken->fn, taken->event->op);

        diag_mark_in(check, diag, MARK_STEP, taken->fn, section->touch.op,
                     "could be '%s'", query_atomic_words(check, taken));
    }
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);
    struct diag *diag;

    if (!info || event->lock.is_parameter ||
        info->taken.items[0].event != event || !query_could_be_atomic(info))
        return;
    diag = diag_at(check, event->op, SEVERITY_NOTE,
                   "'%s' guards nothing but '%s', in all places that take it",
                   event->lock.name, class_words(info->datum));
    uses_tell(check, diag, info);
    diag_help(check, diag,
              "declare '%s' as '_Atomic' and drop the lock: '%s' says the same",
              class_words(info->datum),
              query_atomic_words(check, &info->taken.items[0]));
}

/* Told where the first of the program is taken. */
static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, event)
        check_acquisition(check, query, event);
}
#endif
