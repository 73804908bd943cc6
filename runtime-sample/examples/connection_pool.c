/*
 * A pool of connections to a database: a semaphore says whether one is free,
 * a mutex guards the list of them for the moment of taking one out.
 *
 * The permit is held while the query is under way, for that is what it is
 * for; the mutex never is. pool_bad.c is the same pool with one lock for both,
 * and serves one client at a time.
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

/* `lock` guards which connections are busy. There are as many permits as
 * connections that are not. */
struct pool {
    struct semaphore free;
    struct async_mutex lock;
    struct connection connections[CONNECTIONS];
};

ASYNC static struct connection *pool_take(struct pool *pool)
{
    await guard(async_mutex)(&pool->lock);
    for (int i = 0; i < CONNECTIONS; i++) {
        if (pool->connections[i].is_busy)
            continue;
        pool->connections[i].is_busy = true;
        return &pool->connections[i];
    }
    return NULL; /* not with a permit */
}

ASYNC static void pool_give_back(struct pool *pool,
                                 struct connection *connection)
{
    await guard(async_mutex)(&pool->lock);
    connection->is_busy = false;
}

/* Stands for a round trip to a server. */
ASYNC static void connection_query(struct connection *connection)
{
    await rt_sleep_ms(QUERY_MS);
    connection->queries++;
}

ASYNC static void *client_run(void *arg)
{
    struct pool *pool = arg;

    await scoped_guard(semaphore, &pool->free)
    {
        struct connection *connection = await pool_take(pool);

        if (connection) {
            await connection_query(connection);
            await pool_give_back(pool, connection);
        }
    }
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
    int queries = 0;

    semaphore_init(&pool.free, CONNECTIONS);
    if (rt_block_on(&config, clients_run, &pool) != 0)
        return 1;
    for (int i = 0; i < CONNECTIONS; i++)
        queries += pool.connections[i].queries;
    printf("%d queries over %d connections, after %d ms\n", queries,
           CONNECTIONS, (int)(rt_now_ms() - start_ms));
    return queries == CLIENTS ? 0 : 1;
}
