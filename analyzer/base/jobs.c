/*
 * The parent of the workers: tells idle ones the next job, collects frames,
 * keeps the clock, and hands results on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/jobs.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/worker.h"

/* What a worker is doing. */
struct lane {
    struct arena arena; /* of the job; emptied behind it */
    bool is_busy;
    uint32_t index;
    uint64_t deadline_ms;
    struct worker_header header;
    size_t got; /* of header and bytes together */
    char *bytes;
    struct strbuf noise;
};

struct pool {
    const struct jobs *jobs;
    struct arena arena;
    struct worker *workers;
    struct lane *lanes;
    struct pollfd *polled; /* two a lane: its link and its noise */
    uint32_t worker_max;   /* no more than there are jobs */
    uint32_t next_start;
    uint32_t settled;   /* so many */
    struct arena spare; /* empty: the next one of a lane */
    struct jobs_leaving leaving;
    bool is_stopped;
    bool has_other_work; /* `meanwhile` has something left */
};

static bool jobs_start(struct pool *pool, struct err *err);
static void answers_wait(struct pool *pool);
static void pool_finish(struct pool *pool);

bool jobs_run(const struct jobs *jobs, struct err *err)
{
    struct pool pool = {
        .jobs = jobs,
        .worker_max = jobs->worker_max,
        .has_other_work = jobs->meanwhile != NULL,
    };
    bool is_fine = true;

    pool.leaving.arena = &pool.arena;
    assert(jobs->worker_max > 0);
    if (pool.worker_max > jobs->count)
        pool.worker_max = jobs->count;
    pool.lanes = arena_array(&pool.arena, pool.worker_max, sizeof(*pool.lanes));
    pool.workers =
        arena_array(&pool.arena, pool.worker_max, sizeof(*pool.workers));
    pool.polled =
        arena_array(&pool.arena, pool.worker_max * 2, sizeof(*pool.polled));
    while (is_fine && !pool.is_stopped && pool.settled < jobs->count) {
        is_fine = jobs_start(&pool, err);
        if (is_fine)
            answers_wait(&pool);
    }
    pool_finish(&pool);
    return is_fine;
}

void jobs_leaving_wait(struct jobs_leaving *leaving)
{
    for (uint32_t i = 0; i < leaving->items.count; i++)
        worker_wait(leaving->items.items[i]);
    leaving->items.count = 0;
}

/* What the worker has said up to now; without a job it is nobody's. */
static void noise_read(struct pool *pool, uint32_t at)
{
    struct lane *lane = &pool->lanes[at];
    char chunk[4096];
    ssize_t got;

    for (;;) {
        size_t room;

        got = read(pool->workers[at].noise, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        if (!lane->is_busy)
            continue;
        room = WORKER_NOISE_MAX - lane->noise.length;
        if ((size_t)got < room)
            room = (size_t)got;
        strbuf_add_bytes(&lane->noise, chunk, room);
    }
}

/* Ends the worker and hears its last words. */
static int lane_worker_end(struct pool *pool, uint32_t at, bool kills)
{
    int status = worker_end(&pool->workers[at], kills);

    noise_read(pool, at);
    close(pool->workers[at].noise);
    return status;
}

/* It has nothing to do any more. What it still says is nobody's. */
static void lane_worker_leave(struct pool *pool, uint32_t at)
{
    struct jobs_leaving *leaving = pool->jobs->leaving;

    if (!leaving)
        leaving = &pool->leaving;
    vec_add(leaving->arena, &leaving->items, worker_leave(&pool->workers[at]));
    close(pool->workers[at].noise);
}

static bool lane_worker_start(struct pool *pool, uint32_t at)
{
    return worker_start(&pool->workers[at], pool->jobs, pool->workers,
                        pool->worker_max);
}

/* A worker may have died while it was idle; then another gets the job. When
 * that one is gone as well, the job is settled by what it died of. */
static bool lane_job_start(struct pool *pool, uint32_t at)
{
    struct lane *lane = &pool->lanes[at];

    if (!pool->workers[at].pid && !lane_worker_start(pool, at))
        return false;
    if (!worker_tell(&pool->workers[at], pool->next_start)) {
        lane_worker_end(pool, at, true);
        if (!lane_worker_start(pool, at))
            return false;
        worker_tell(&pool->workers[at], pool->next_start);
    }
    *lane = (struct lane){
        .arena = lane->arena,
        .is_busy = true,
        .index = pool->next_start++,
        .noise.arena = &lane->arena,
    };
    if (pool->jobs->timeout_ms)
        lane->deadline_ms = clock_now_ms() + pool->jobs->timeout_ms;
    return true;
}

static bool has_more(const struct pool *pool)
{
    return !pool->is_stopped && pool->next_start < pool->jobs->count;
}

/* The worker goes on with the next job, and then the result is handed on. */
static void lane_settle(struct pool *pool, uint32_t at,
                        enum job_outcome outcome, int signal)
{
    struct lane *lane = &pool->lanes[at];
    struct arena arena;
    struct job_result result = {
        .index = lane->index,
        .outcome = outcome,
        .signal = signal,
        .noise = strbuf_text(&lane->noise),
    };

    assert(lane->is_busy);
    if (outcome == JOB_DONE) {
        result.bytes = lane->bytes;
        result.length = lane->header.length;
    }
    arena = lane->arena;
    *lane = (struct lane){.arena = pool->spare};
    if (has_more(pool))
        lane_job_start(pool, at); /* else it is tried again */
    else if (pool->workers[at].pid)
        lane_worker_leave(pool, at);
    if (!pool->is_stopped)
        pool->is_stopped = !pool->jobs->deliver(pool->jobs->context, &result);
    pool->settled++;
    arena_reset(&arena);
    pool->spare = arena;
}

/* malloc's failure is told by whoever called it: our own `die`, LLVM, or the
 * C++ runtime. */
static bool speaks_of_memory(const char *noise)
{
    return strstr(noise, "out of memory") || strstr(noise, "bad_alloc");
}

static void lane_died(struct pool *pool, uint32_t at)
{
    const struct lane *lane = &pool->lanes[at];
    int status = lane_worker_end(pool, at, false);

    if (!lane->is_busy)
        return;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        lane_settle(pool, at, JOB_TIMED_OUT, 0);
    else if (speaks_of_memory(strbuf_text(&lane->noise)))
        lane_settle(pool, at, JOB_OUT_OF_MEMORY, 0);
    else if (WIFSIGNALED(status))
        lane_settle(pool, at, JOB_CRASHED, WTERMSIG(status));
    else
        lane_settle(pool, at, JOB_BAD_ANSWER, 0);
}

static bool header_is_valid(const struct lane *lane)
{
    return lane->header.magic == WORKER_MAGIC &&
           lane->header.index == lane->index &&
           lane->header.length <= WORKER_ANSWER_MAX;
}

enum reading { READING_MORE, READING_WHOLE, READING_DAMAGED, READING_GONE };

static enum reading frame_check(const struct lane *lane)
{
    if (XXH3_64bits(lane->bytes, lane->header.length) != lane->header.checksum)
        return READING_DAMAGED;
    return READING_WHOLE;
}

/* The header first; it says how much room the rest takes. */
static enum reading frame_read(struct pool *pool, uint32_t at)
{
    struct lane *lane = &pool->lanes[at];

    for (;;) {
        bool in_header = lane->got < sizeof(lane->header);
        size_t end = sizeof(lane->header);
        char *next = (char *)&lane->header + lane->got;
        ssize_t got;

        if (!in_header && !lane->bytes) {
            if (!header_is_valid(lane))
                return READING_DAMAGED;
            lane->bytes = arena_room(&lane->arena, lane->header.length + 1);
            lane->bytes[lane->header.length] = '\0'; /* it may be a text */
        }
        if (!in_header) {
            end += lane->header.length;
            next = lane->bytes + (lane->got - sizeof(lane->header));
        }
        if (lane->got == end)
            return frame_check(lane);
        got = read(pool->workers[at].link, next, end - lane->got);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return READING_MORE;
        if (got <= 0)
            return READING_GONE;
        lane->got += (size_t)got;
    }
}

static void lane_read(struct pool *pool, uint32_t at)
{
    struct lane *lane = &pool->lanes[at];
    bool is_last;

    if (!lane->is_busy) { /* an idle worker says nothing: it has ended */
        lane_worker_end(pool, at, true);
        return;
    }
    switch (frame_read(pool, at)) {
    case READING_MORE:
        return;
    case READING_GONE:
        lane_died(pool, at);
        return;
    case READING_DAMAGED:
        lane_worker_end(pool, at, true);
        lane_settle(pool, at, JOB_BAD_ANSWER, 0);
        return;
    case READING_WHOLE:
        is_last = lane->header.is_last;
        noise_read(pool, at); /* written before the answer, so it is there */
        if (is_last)
            lane_worker_end(pool, at, false);
        lane_settle(pool, at, JOB_DONE, 0);
        return;
    }
}

/* A worker that can't be started is tried again later: those that run are
 * enough, unless there are none. */
static bool jobs_start(struct pool *pool, struct err *err)
{
    bool is_any_busy = false;
    int reason = 0;

    for (uint32_t at = 0; at < pool->worker_max; at++) {
        if (!pool->lanes[at].is_busy && has_more(pool) &&
            !lane_job_start(pool, at))
            reason = errno;
        is_any_busy = is_any_busy || pool->lanes[at].is_busy;
    }
    if (is_any_busy)
        return true;
    return err_set(err, "cannot start a process: %s", strerror(reason));
}

/* Until the next deadline, or for ever; not at all with other work to do. */
static int patience_ms(const struct pool *pool)
{
    uint64_t now = clock_now_ms();
    uint64_t least = INT32_MAX;

    if (pool->has_other_work)
        return 0;
    if (!pool->jobs->timeout_ms)
        return -1;
    for (uint32_t at = 0; at < pool->worker_max; at++) {
        const struct lane *lane = &pool->lanes[at];

        if (!lane->is_busy)
            continue;
        if (lane->deadline_ms <= now)
            return 0;
        if (lane->deadline_ms - now < least)
            least = lane->deadline_ms - now;
    }
    return (int)least;
}

static void deadlines_check(struct pool *pool)
{
    uint64_t now = clock_now_ms();

    if (!pool->jobs->timeout_ms)
        return;
    for (uint32_t at = 0; at < pool->worker_max; at++) {
        if (!pool->lanes[at].is_busy || pool->lanes[at].deadline_ms > now)
            continue;
        lane_worker_end(pool, at, true);
        lane_settle(pool, at, JOB_TIMED_OUT, 0);
    }
}

static void answers_wait(struct pool *pool)
{
    int ready;

    for (uint32_t at = 0; at < pool->worker_max; at++) {
        const struct worker *worker = &pool->workers[at];

        pool->polled[at * 2] = (struct pollfd){
            .fd = worker->pid ? worker->link : -1, .events = POLLIN};
        pool->polled[at * 2 + 1] = (struct pollfd){
            .fd = worker->pid ? worker->noise : -1, .events = POLLIN};
    }
    ready = poll(pool->polled, pool->worker_max * 2, patience_ms(pool));
    if (ready < 0) {
        if (errno != EINTR)
            die("cannot wait for processes: %s", strerror(errno));
        return;
    }
    for (uint32_t at = 0; at < pool->worker_max; at++) {
        if (pool->polled[at * 2 + 1].revents & POLLIN)
            noise_read(pool, at);
        if (pool->polled[at * 2].revents)
            lane_read(pool, at);
    }
    deadlines_check(pool);
    if (!ready && pool->has_other_work)
        pool->has_other_work = pool->jobs->meanwhile(pool->jobs->context);
}

static void pool_finish(struct pool *pool)
{
    for (uint32_t at = 0; at < pool->worker_max; at++)
        if (pool->workers[at].pid)
            lane_worker_end(pool, at, pool->lanes[at].is_busy);
    jobs_leaving_wait(&pool->leaving);
    for (uint32_t at = 0; at < pool->worker_max; at++)
        arena_finish(&pool->lanes[at].arena);
    arena_finish(&pool->spare);
    arena_finish(&pool->arena);
}

const char *job_outcome_text(struct arena *arena,
                             const struct job_result *result)
{
    switch (result->outcome) {
    case JOB_DONE:
        return "done";
    case JOB_TIMED_OUT:
        return "timed out";
    case JOB_OUT_OF_MEMORY:
        return "ran out of memory";
    case JOB_BAD_ANSWER:
        return "ended without an answer";
    case JOB_CRASHED:
        break;
    }
    /* We kill only what is too slow, and that has its own outcome. */
    if (result->signal == SIGKILL)
        return "was killed, most often because the system is out of memory";
    return arena_printf(arena, "crashed (%s)", strsignal(result->signal));
}
