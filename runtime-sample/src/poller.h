/*
 * The poller: waits for sockets, a deadline, or a kick. Small on purpose, so
 * that another kernel interface can take epoll's place in one file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_POLLER_H
#define RT_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#define POLLER_FOREVER UINT64_MAX

struct source;

struct poller {
    int epoll_fd;
    int kick_fd;
};

/* 0 or a negative errno. close accepts a poller that was never opened, if its
 * descriptors are -1. */
int rt_poller_open(struct poller *poller);
void rt_poller_close(struct poller *poller);

/* Reports every later change of readiness of source's descriptor, until that
 * is closed. 0 or a negative errno. */
int rt_poller_add(struct poller *poller, struct source *source, int fd);

/* What one look brought; at most POLLER_BATCH, the rest comes next time. */
#define POLLER_BATCH 64
struct poller_event {
    struct source *source;
    bool is_readable;
    bool is_writable;
};

/* Waits until something is ready or the deadline has passed (0: does not
 * wait). Returns how many events there are. Any number of threads. */
int rt_poller_wait(struct poller *poller, uint64_t deadline_ns,
                   struct poller_event events[POLLER_BATCH]);

/* Ends all waits, now and later, until it is consumed. Kicks are counted:
 * each kick is consumed once, by the thread for which it was meant. */
void rt_poller_kick(struct poller *poller);
void rt_poller_kick_consume(struct poller *poller);

#endif
