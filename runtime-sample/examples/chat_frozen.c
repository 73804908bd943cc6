/*
 * A chat room that freezes: a handler writes to the other member while it
 * holds a *blocking* mutex.
 *
 * What happens on the one worker: member A pastes a long text, and its handler
 * takes the lock and writes to B, who reads slowly. The kernel's buffers fill,
 * the write suspends, the lock stays taken. Now B's handler wants the lock and
 * blocks the worker, and with it everybody who could make the write go on. It
 * is not slow, it is for ever; RT_WATCHDOG_MS=500 in the environment shows it.
 * chat_fixed.c is the repair.
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
    struct blocking_mutex lock;
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

/* Says the member's text to everybody else in the room. */
ASYNC static int room_tell(struct room *room, const struct member *from)
{
    int status = 0;

    guard(blocking_mutex)(&room->lock);
    for (int i = 0; i < MEMBERS && status == 0; i++) {
        struct member *to = room->present[i];

        if (to && to != from)
            status = await rt_tcp_write_all(to->stream, from->text, TEXT_SIZE);
    }
    return status;
}

static void room_leave(struct room *room, const struct member *member)
{
    guard(blocking_mutex)(&room->lock);
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
    room_leave(member->room, member);
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
