/*
 * A service that stops when it is told to, or when its task is cancelled:
 * select between work and the signal to stop, unwinding by ordinary returns,
 * and a last entry in its journal that no cancellation interrupts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS 100

/* Shared by the service and whoever sends requests; each has a reference. */
struct service {
    struct mpsc inbox;
    struct notify stop;
    const char *journal;
    int served;
    int journal_entries;
};

static void service_finish(void *arg)
{
    struct service *service = arg;

    mpsc_destroy(&service->inbox);
    notify_destroy(&service->stop);
}

ASYNC static int journal_write(struct service *service, const char *text)
{
    struct rt_file file;
    ssize_t count;

    if (await rt_file_open(service->journal, O_WRONLY | O_APPEND, 0, &file) !=
        0)
        return -1;
    count = await rt_file_write(file, text, strlen(text));
    service->journal_entries +=
        count == (ssize_t)strlen(text) && await rt_file_sync(file) == 0;
    return await rt_file_close(file);
}

/* 0 while there is something to do. */
ASYNC static int serve_one(struct service *service)
{
    int request = 0;
    struct rt_future arms[] = {
        mpsc_receive_future(&service->inbox, &request),
        notify_wait_future(&service->stop),
        rt_sleep_future(10 * 1000),
    };
    int arm = await rt_select(arms, 3);

    if (arm != 0 || arms[0].status != 0)
        return -1;
    service->served++;
    return 0;
}

ASYNC static void *serve(void *arg)
{
    arc_auto(struct service, service) = arg;

    while (await serve_one(service) == 0)
        continue;
    rt_shielded() {
        await journal_write(service, "stopped\n");
    }
    return NULL;
}

/* How it went, for main. */
struct sum {
    const char *journal;
    int by_signal;
    int by_force;
    int served;
    int entries;
};

ASYNC static void *run(void *arg)
{
    arc_auto(struct service, service) = arc_new(struct service, service_finish);
    struct rt_join_handle *by_signal;
    struct rt_join_handle *by_force;
    struct sum *sum = arg;

    if (!service || mpsc_init(&service->inbox, sizeof(int), 4) != 0)
        return NULL;
    service->journal = sum->journal;
    by_signal = rt_spawn(serve, arc_clone(service));
    for (int i = 0; i < REQUESTS; i++)
        if (await mpsc_send(&service->inbox, &i) != 0)
            break;
    while (service->served < REQUESTS)
        await rt_yield();
    notify_one(&service->stop);
    sum->by_signal = await rt_join(by_signal, NULL);

    by_force = rt_spawn(serve, arc_clone(service));
    await rt_sleep_ms(5);
    rt_cancel(by_force);
    sum->by_force = await rt_join(by_force, NULL);
    sum->served = service->served;
    sum->entries = service->journal_entries;
    return NULL;
}

int main(void)
{
    char journal[] = "/tmp/rt_journal_XXXXXX";
    struct sum sum = {.journal = journal};
    int fd = mkstemp(journal);

    if (fd < 0 || rt_block_on(NULL, run, &sum) != 0)
        return 1;
    close(fd);
    unlink(journal);
    printf("%d served, %d entries in the journal, the second time by force\n",
           sum.served, sum.entries);
    return sum.by_signal == 0 && sum.by_force != 0 && sum.entries == 2 ? 0 : 1;
}
