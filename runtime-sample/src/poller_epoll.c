/*
 * The poller on epoll: edge-triggered, each descriptor registered once for
 * reading and writing, an eventfd for kicks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "poller.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base.h"

/* Level-triggered, unlike the sockets: a look that is not meant by a kick must
 * leave it for the one that is. */
static int kick_register(struct poller *poller)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    return epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, poller->kick_fd, &event);
}

int rt_poller_open(struct poller *poller)
{
    int err;

    poller->kick_fd = -1;
    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0)
        return -errno;
    poller->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    if (poller->kick_fd < 0 || kick_register(poller) != 0) {
        err = errno;
        rt_poller_close(poller);
        return -err;
    }
    return 0;
}

void rt_poller_close(struct poller *poller)
{
    if (poller->kick_fd >= 0)
        close(poller->kick_fd);
    if (poller->epoll_fd >= 0)
        close(poller->epoll_fd);
    poller->epoll_fd = poller->kick_fd = -1;
}

int rt_poller_add(struct poller *poller, struct source *source, int fd)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.ptr = source,
    };

    assert(source);
    if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return -errno;
    return 0;
}

/* Rounded up: waking before the deadline would only mean to wait again. */
static int timeout_ms(uint64_t deadline_ns)
{
    uint64_t now_ns;
    uint64_t ms;

    if (deadline_ns == 0)
        return 0;
    if (deadline_ns == POLLER_FOREVER)
        return -1;
    now_ns = rt_now_ns();
    if (deadline_ns <= now_ns)
        return 0;
    ms = (deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int rt_poller_wait(struct poller *poller, uint64_t deadline_ns,
                   struct poller_event events[POLLER_BATCH])
{
    struct epoll_event seen[POLLER_BATCH];
    int seen_count = epoll_wait(poller->epoll_fd, seen, POLLER_BATCH,
                                timeout_ms(deadline_ns));
    int count = 0;

    for (int i = 0; i < seen_count; i++) {
        uint32_t bits = seen[i].events;

        if (!seen[i].data.ptr)
            continue;
        /* An error or a hang-up is for both sides to find out. */
        events[count++] = (struct poller_event){
            .source = seen[i].data.ptr,
            .is_readable = bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR),
            .is_writable = bits & (EPOLLOUT | EPOLLHUP | EPOLLERR),
        };
    }
    return count;
}

void rt_poller_kick(struct poller *poller)
{
    if (eventfd_write(poller->kick_fd, 1) != 0)
        rt_die("cannot kick the poller");
}

/* Does not block: the kick was written before its receiver learnt of it. */
void rt_poller_kick_consume(struct poller *poller)
{
    eventfd_t kick;

    if (eventfd_read(poller->kick_fd, &kick) != 0)
        rt_die("cannot consume a kick of the poller");
}
