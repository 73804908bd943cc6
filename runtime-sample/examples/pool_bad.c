/*
 * The pool of connection_pool.c, with the mistake that it repairs: one mutex
 * for the list of connections, held until the query has come back.
 *
 * There are four connections, and one of them is ever used: the others wait
 * for the lock, not for a connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define CONNECTIONS 4
#define CLIENTS 20
#define QUERY_MS 20

struct connection {
    int queries;
    bool is_busy;
};

struct pool {
    struct async_mutex lock;
    struct connection connections[CONNECTIONS];
};

static struct connection *pool_find_free(struct pool *pool)
{
    for (int i = 0; i < CONNECTIONS; i++)
        if (!pool->connections[i].is_busy)
            return &pool->connections[i];
    return NULL;
}

ASYNC static void *client_run(void *arg)
{
    struct pool *pool = arg;
    struct connection *connection;

    await guard(async_mutex)(&pool->lock);
    connection = pool_find_free(pool);
    connection->is_busy = true;
    await rt_sleep_ms(QUERY_MS); /* everybody else waits for this, too */
    connection->queries++;
    connection->is_busy = false;
    return NULL;
}

ASYNC static void *clients_run(void *arg)
{
    struct rt_join_handle *clients[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        clients[i] = rt_spawn(client_run, arg);
    for (int i = 0; i < CLIENTS; i++)
        await rt_join(clients[i], NULL);
    return NULL;
}

int main(void)
{
    struct rt_config config = {.workers = 2};
    struct pool pool = {.lock = ASYNC_MUTEX_INIT};
    uint64_t start_ms = rt_now_ms();
    int used = 0;

    if (rt_block_on(&config, clients_run, &pool) != 0)
        return 1;
    for (int i = 0; i < CONNECTIONS; i++)
        used += pool.connections[i].queries > 0;
    printf("%d queries over %d connection, after %d ms\n", CLIENTS, used,
           (int)(rt_now_ms() - start_ms));
    return used == 1 ? 0 : 1;
}
