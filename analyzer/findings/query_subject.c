/*
 * Whether two events are about the same: what is waited for, and what is
 * started or woken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "findings/query_wait.h"

/* Whether the second says no more, or says it, too. */
static bool lies_in(const char *one, const char *two)
{
    return !one || !two || str_starts_with(one, two);
}

bool query_is_queued(const struct event *start, const char *queued)
{
    size_t length = strcspn(queued, "\n");
    const char *in = queued + length + 1;

    return strlen(start->subject) == length &&
           !strncmp(start->subject, queued, length) &&
           (!*in || lies_in(start->subject_in, in) ||
            lies_in(in, start->subject_in));
}

/* A handle may be a pointer to the thread: it is known by where it is kept. Of
 * two records of one kind in one object, each has its own. */
bool query_is_about(const struct event *signal, const struct event *wait)
{
    if (!lies_in(signal->subject_in, wait->subject_in) &&
        !lies_in(wait->subject_in, signal->subject_in))
        return false;
    return !strcmp(signal->subject, wait->subject + (signal->by_callback &&
                                                     *wait->subject == '*'));
}
