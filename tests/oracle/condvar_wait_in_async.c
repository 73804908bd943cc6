/*
 * The task that waits for a letter, and the one that would bring it, live on
 * one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/condvar-wait-in-async.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

static struct inbox inbox = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .filled = PTHREAD_COND_INITIALIZER,
};

ASYNC static void *post_to_threads(void *arg)
{
    pthread_mutex_lock(&inbox.lock);
    inbox.letters++;
    pthread_cond_signal(&inbox.filled);
    pthread_mutex_unlock(&inbox.lock);
    return arg;
}

ASYNC static void *post_to_tasks(void *arg)
{
    await guard(async_mutex)(&inbox.async_lock);
    inbox.letters++;
    async_condvar_notify_one(&inbox.async_filled);
    return arg;
}

ASYNC void *oracle_bad(void *arg)
{
    struct rt_join_handle *post = rt_spawn(post_to_threads, NULL);

    await bad(&inbox);
    await rt_join(post, NULL);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    struct rt_join_handle *post = rt_spawn(post_to_tasks, NULL);

    await good(&inbox);
    await rt_join(post, NULL);
    return arg;
}
