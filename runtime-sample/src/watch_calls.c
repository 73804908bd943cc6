/*
 * Calls of the C library that block, and locks of pthread, seen at once where a
 * task makes them.
 *
 * A library of its own, rt_watch_calls: who links it has the linker send these
 * calls here (-Wl,--wrap=NAME turns NAME into __wrap_NAME, and __real_NAME into
 * the original), in all of the program. Outside of tasks nothing changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

/* A wrapped function's two names. */
#define WRAP(TYPE, NAME, ...)                                                  \
    TYPE __real_##NAME(__VA_ARGS__);                                           \
    TYPE __wrap_##NAME(__VA_ARGS__);                                           \
    TYPE __wrap_##NAME(__VA_ARGS__)

static void call_tell(const char *text)
{
    rt_watch_tell("blocking-call-in-async", text);
}

static void wait_tell(const char *text)
{
    rt_watch_tell("condvar-wait-in-async", text);
}

/* Only who finds the lock taken can be the one who holds it: a recursive one
 * lets its owner in. */
WRAP(int, pthread_mutex_lock, pthread_mutex_t *mutex)
{
    int err = watch_is_on() ? pthread_mutex_trylock(mutex) : EBUSY;

    if (err == EBUSY) {
        watch_wants(mutex, WATCH_BLOCKING, true);
        err = __real_pthread_mutex_lock(mutex);
        watch_taken(mutex, WATCH_BLOCKING, err);
    }
    return err;
}

WRAP(int, pthread_mutex_trylock, pthread_mutex_t *mutex)
{
    int err = __real_pthread_mutex_trylock(mutex);

    if (err == 0)
        watch_taken(mutex, WATCH_BLOCKING, 0);
    return err;
}

WRAP(int, pthread_mutex_unlock, pthread_mutex_t *mutex)
{
    watch_given(mutex);
    return __real_pthread_mutex_unlock(mutex);
}

WRAP(int, pthread_cond_wait, pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    wait_tell("a task calls pthread_cond_wait");
    return __real_pthread_cond_wait(cond, mutex);
}

WRAP(int, pthread_cond_timedwait, pthread_cond_t *cond, pthread_mutex_t *mutex,
     const struct timespec *until)
{
    wait_tell("a task calls pthread_cond_timedwait");
    return __real_pthread_cond_timedwait(cond, mutex, until);
}

WRAP(int, sem_wait, sem_t *semaphore)
{
    wait_tell("a task calls sem_wait");
    return __real_sem_wait(semaphore);
}

WRAP(int, pthread_barrier_wait, pthread_barrier_t *barrier)
{
    wait_tell("a task calls pthread_barrier_wait");
    return __real_pthread_barrier_wait(barrier);
}

WRAP(int, pthread_join, pthread_t thread, void **result)
{
    wait_tell("a task calls pthread_join");
    return __real_pthread_join(thread, result);
}

WRAP(unsigned, sleep, unsigned seconds)
{
    call_tell("a task calls sleep");
    return __real_sleep(seconds);
}

WRAP(int, usleep, useconds_t us)
{
    call_tell("a task calls usleep");
    return __real_usleep(us);
}

WRAP(int, nanosleep, const struct timespec *pause, struct timespec *rest)
{
    call_tell("a task calls nanosleep");
    return __real_nanosleep(pause, rest);
}

WRAP(int, poll, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    if (timeout_ms != 0)
        call_tell("a task calls poll");
    return __real_poll(fds, count, timeout_ms);
}

WRAP(int, fsync, int fd)
{
    call_tell("a task calls fsync");
    return __real_fsync(fd);
}

WRAP(int, fdatasync, int fd)
{
    call_tell("a task calls fdatasync");
    return __real_fdatasync(fd);
}

WRAP(int, getaddrinfo, const char *host, const char *service,
     const struct addrinfo *hints, struct addrinfo **found)
{
    call_tell("a task calls getaddrinfo");
    return __real_getaddrinfo(host, service, hints, found);
}

static void transfer_tell(int fd, int flags, const char *text)
{
    int status = watch_is_on() ? fcntl(fd, F_GETFL) : -1;

    if (status >= 0 && !(status & O_NONBLOCK) && !(flags & MSG_DONTWAIT))
        call_tell(text);
}

WRAP(ssize_t, read, int fd, void *buffer, size_t size)
{
    transfer_tell(fd, 0, "a task calls read");
    return __real_read(fd, buffer, size);
}

WRAP(ssize_t, write, int fd, const void *bytes, size_t size)
{
    transfer_tell(fd, 0, "a task calls write");
    return __real_write(fd, bytes, size);
}

WRAP(ssize_t, recv, int fd, void *buffer, size_t size, int flags)
{
    transfer_tell(fd, flags, "a task calls recv");
    return __real_recv(fd, buffer, size, flags);
}

WRAP(ssize_t, send, int fd, const void *bytes, size_t size, int flags)
{
    transfer_tell(fd, flags, "a task calls send");
    return __real_send(fd, bytes, size, flags);
}
