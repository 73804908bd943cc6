/*
 * A session service: a hash map behind an async mutex.
 *
 * Users log in, come back now and then, and log out; each is a task. The map
 * is only looked at with the lock held, and the lock is only held for that:
 * what takes time happens outside, on copies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <errno.h>
#include <stdio.h>

#define USERS 40
#define VISITS 5
#define SLOTS 64 /* a power of two, and above USERS so that probing is short */

enum slot_state { SLOT_EMPTY, SLOT_USED, SLOT_DELETED };

struct session {
    enum slot_state state;
    unsigned user;
    unsigned visits;
};

/* Open addressing: a user's session is in the first slot from its hash on that
 * is not another's, never behind an empty one. */
struct service {
    struct async_mutex lock;
    struct session slots[SLOTS];
    unsigned logins;
    unsigned visits;
};

/* A user's task gets both. */
struct user {
    struct service *service;
    unsigned number;
    int status;
};

static unsigned hash(unsigned user)
{
    return user * 2654435761U >> 16;
}

/* With the lock held. The user's slot; or NULL. */
static struct session *session_find(struct service *service, unsigned user)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct session *slot = &service->slots[(hash(user) + i) % SLOTS];

        if (slot->state == SLOT_EMPTY)
            return NULL;
        if (slot->state == SLOT_USED && slot->user == user)
            return slot;
    }
    return NULL;
}

/* With the lock held. A slot for a new session; NULL when all are used. */
static struct session *session_slot_find(struct service *service, unsigned user)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct session *slot = &service->slots[(hash(user) + i) % SLOTS];

        if (slot->state != SLOT_USED)
            return slot;
    }
    return NULL;
}

ASYNC static int session_open(struct service *service, unsigned user)
{
    await guard(async_mutex)(&service->lock);
    struct session *slot = session_slot_find(service, user);

    if (!slot)
        return -ENOSPC;
    *slot = (struct session){.state = SLOT_USED, .user = user};
    service->logins++;
    return 0;
}

/* `visits` receives a copy: the session itself may be gone a moment later. */
ASYNC static int session_visit(struct service *service, unsigned user,
                               unsigned *visits)
{
    await guard(async_mutex)(&service->lock);
    struct session *session = session_find(service, user);

    if (!session)
        return -ENOENT;
    service->visits++;
    *visits = ++session->visits;
    return 0;
}

ASYNC static int session_close(struct service *service, unsigned user)
{
    await guard(async_mutex)(&service->lock);
    struct session *session = session_find(service, user);

    if (!session)
        return -ENOENT;
    session->state = SLOT_DELETED;
    return 0;
}

ASYNC static void *user_live(void *arg)
{
    struct user *user = arg;
    unsigned visits = 0;

    user->status = await session_open(user->service, user->number);
    for (int i = 0; i < VISITS && user->status == 0; i++) {
        await rt_sleep_ms(user->number % 3);
        user->status =
            await session_visit(user->service, user->number, &visits);
    }
    if (user->status == 0)
        user->status = await session_close(user->service, user->number);
    return NULL;
}

ASYNC static void *service_run(void *arg)
{
    struct user *users = arg;
    struct rt_join_handle *handles[USERS];

    for (int i = 0; i < USERS; i++)
        handles[i] = rt_spawn(user_live, &users[i]);
    for (int i = 0; i < USERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

int main(void)
{
    const struct rt_config config = {.workers = 2};
    struct service service = {.lock = ASYNC_MUTEX_INIT};
    struct user users[USERS];
    int failures = 0;

    for (unsigned i = 0; i < USERS; i++)
        users[i] = (struct user){.service = &service, .number = i + 1};
    if (rt_block_on(&config, service_run, users) != 0)
        return 1;
    for (int i = 0; i < USERS; i++)
        failures += users[i].status != 0;
    printf("%u logins, %u visits, %d failures\n", service.logins,
           service.visits, failures);
    return failures == 0 && service.visits == USERS * VISITS ? 0 : 1;
}
