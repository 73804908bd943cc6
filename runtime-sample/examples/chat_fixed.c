/*
 * The chat room of chat_frozen.c, repaired: the member list is copied under
 * the lock, the lock is free before anything is written.
 *
 * The lock is an async one, too, as a task that waits for it must not stop the
 * worker. A room of two gives each stream one writer, the other member; with
 * more, each stream would want its writers in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>
#include <stdlib.h>

#define MEMBERS 2

/* A pasted log: more than the kernel's buffers take, so that a write has to
 * wait for its reader. */
#define TEXT_SIZE (512 * 1024)
#define SEND_BUFFER 8192

/* How long a client looks elsewhere before it reads. */
#define READER_PAUSE_MS 100

struct member {
    struct room *room;
    struct rt_tcp_stream stream;
    char text[TEXT_SIZE];
};

/* `lock` guards the list, which members leave in any order. */
struct room {
    struct async_mutex lock;
    struct member *present[MEMBERS];
    struct member seats[MEMBERS];
};

struct client {
    uint16_t port;
    bool is_served;
    char text[TEXT_SIZE];
};

/* Both sides of the talk in one program, on one worker. */
struct chat {
    struct room room;
    struct client clients[MEMBERS];
};

/* Says the member's text to everybody else in the room. The lock is held to
 * copy the list, and free again before the first write: who has to wait for a
 * slow reader then waits alone. A stream whose member has left meanwhile is
 * no longer anybody's, and writing to it just fails. */
ASYNC static int room_tell(struct room *room, const struct member *from)
{
    struct rt_tcp_stream others[MEMBERS];
    int count = 0;
    int status = 0;

    await scoped_guard(async_mutex, &room->lock)
    {
        for (int i = 0; i < MEMBERS; i++)
            if (room->present[i] && room->present[i] != from)
                others[count++] = room->present[i]->stream;
    }
    for (int i = 0; i < count && status == 0; i++)
        status = await rt_tcp_write_all(others[i], from->text, TEXT_SIZE);
    return status;
}

ASYNC static void room_leave(struct room *room, const struct member *member)
{
    await guard(async_mutex)(&room->lock);
    for (int i = 0; i < MEMBERS; i++)
        if (room->present[i] == member)
            room->present[i] = NULL;
}

/* One task per member: hears one text, tells it, stays until the client hangs
 * up. */
ASYNC static void *member_serve(void *arg)
{
    struct member *member = arg;
    char rest;

    if (await rt_tcp_read_all(member->stream, member->text, TEXT_SIZE) == 0 &&
        await room_tell(member->room, member) == 0)
        await rt_tcp_read(member->stream, &rest, sizeof rest);
    await room_leave(member->room, member);
    rt_tcp_close(member->stream);
    return NULL;
}

/* Says its text, looks elsewhere for a while, then hears the other's. */
ASYNC static void *client_run(void *arg)
{
    struct client *client = arg;
    struct rt_tcp_stream stream;

    if (await rt_tcp_connect("127.0.0.1", client->port, &stream) != 0)
        return NULL;
    if (await rt_tcp_write_all(stream, client->text, TEXT_SIZE) == 0) {
        await rt_sleep_ms(READER_PAUSE_MS);
        client->is_served =
            await rt_tcp_read_all(stream, client->text, TEXT_SIZE) == 0;
    }
    rt_tcp_close(stream);
    return NULL;
}

/* The room opens when all have come. */
ASYNC static int room_open(struct room *room, struct rt_tcp_listener listener)
{
    for (int i = 0; i < MEMBERS; i++) {
        struct member *member = &room->seats[i];
        int status = await rt_tcp_accept(listener, &member->stream);

        if (status != 0)
            return status;
        rt_tcp_set_send_buffer(member->stream, SEND_BUFFER);
        member->room = room;
        room->present[i] = member;
    }
    for (int i = 0; i < MEMBERS; i++)
        rt_detach(rt_spawn(member_serve, &room->seats[i]));
    return 0;
}

ASYNC static void *chat_run(void *arg)
{
    struct chat *chat = arg;
    struct rt_tcp_listener listener;

    if (rt_tcp_listen("127.0.0.1", 0, &listener) != 0)
        return NULL;
    for (int i = 0; i < MEMBERS; i++) {
        chat->clients[i].port = (uint16_t)rt_tcp_port(listener);
        rt_detach(rt_spawn(client_run, &chat->clients[i]));
    }
    (void)await room_open(&chat->room, listener);
    rt_tcp_listener_close(listener);
    return NULL;
}

int main(void)
{
    struct rt_config config = {.drain = true}; /* the members are detached */
    struct chat *chat = calloc(1, sizeof *chat);
    int served = 0;

    if (!chat || rt_block_on(&config, chat_run, chat) != 0)
        return 1;
    for (int i = 0; i < MEMBERS; i++)
        served += chat->clients[i].is_served;
    printf("%d of %d clients served\n", served, MEMBERS);
    free(chat);
    return served == MEMBERS ? 0 : 1;
}
