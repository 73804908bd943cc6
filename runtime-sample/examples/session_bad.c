/*
 * The session service with a mistake: the lock is taken and given back by hand,
 * and the way out for a user who is not logged in keeps it. One such visit and
 * nobody is served any more. session_service.c has guards, which are on every
 * way out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <errno.h>
#include <stdio.h>

#define USERS 8

/* A user's session is in the slot of the user's number. */
struct service {
    struct async_mutex lock;
    bool is_open[USERS];
    unsigned visits;
};

struct user {
    struct service *service;
    unsigned number;
    int status;
};

ASYNC static void session_open(struct service *service, unsigned user)
{
    await async_mutex_lock(&service->lock);
    service->is_open[user] = true;
    async_mutex_unlock(&service->lock);
}

ASYNC static int session_visit(struct service *service, unsigned user)
{
    await async_mutex_lock(&service->lock);
    if (!service->is_open[user])
        return -ENOENT; /* and keeps the lock */
    service->visits++;
    async_mutex_unlock(&service->lock);
    return 0;
}

/* The last one forgets to log in. */
ASYNC static void *user_live(void *arg)
{
    struct user *user = arg;

    if (user->number < USERS - 1)
        await session_open(user->service, user->number);
    await rt_sleep_ms(1);
    user->status = await session_visit(user->service, user->number);
    return NULL;
}

ASYNC static void *service_run(void *arg)
{
    struct user *users = arg;
    struct rt_join_handle *handles[USERS];

    for (int i = USERS; i-- > 0;)
        handles[i] = rt_spawn(user_live, &users[i]);
    for (int i = 0; i < USERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

int main(void)
{
    struct service service = {.lock = ASYNC_MUTEX_INIT};
    struct user users[USERS];

    for (unsigned i = 0; i < USERS; i++)
        users[i] = (struct user){.service = &service, .number = i};
    if (rt_block_on(NULL, service_run, users) != 0)
        return 1;
    printf("%u visits\n", service.visits);
    return 0;
}
