/*
 * The child's side of jobs.h, and how it is started and ended. A worker lives
 * through many jobs, because starting libclang costs more than most files;
 * it ends by itself when it has grown to half of its memory, so that a job's
 * limit is about that job and not about those before it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#if defined(__has_feature)
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif

/* Sanitizers reserve terabytes of address space at start. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
static const bool limits_memory = false;
#else
static const bool limits_memory = true;
#endif

/* Beyond the wall time, for work in several threads. It is a second net: the
 * parent's clock comes first. */
enum { CPU_GRACE_S = 2 };

static bool bytes_send(int link, const void *bytes, size_t length)
{
    const char *next = bytes;

    while (length) {
        /* No SIGPIPE: a parent that is gone is an answer, too. */
        ssize_t sent = send(link, next, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        next += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool index_receive(int link, uint32_t *index)
{
    ssize_t got;

    do {
        got = recv(link, index, sizeof(*index), MSG_WAITALL);
    } while (got < 0 && errno == EINTR);
    return got == sizeof(*index);
}

/* Puts stdin and stdout out of reach and stderr into the pipe. */
static bool streams_redirect(int noise)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(nothing, STDOUT_FILENO) < 0 || dup2(noise, STDERR_FILENO) < 0)
        return false;
    if (nothing > STDERR_FILENO)
        close(nothing);
    if (noise > STDERR_FILENO)
        close(noise);
    return true;
}

static void memory_limit(const struct jobs *jobs)
{
    struct rlimit limit = {0};

    setrlimit(RLIMIT_CORE, &limit);
    if (!limits_memory || !jobs->memory_mib)
        return;
    limit.rlim_cur = (rlim_t)jobs->memory_mib << 20;
    limit.rlim_max = limit.rlim_cur;
    setrlimit(RLIMIT_AS, &limit);
}

/* The limit counts the process's whole life: it moves on with each job. */
static void cpu_limit(const struct jobs *jobs)
{
    struct rusage used;
    struct rlimit limit;

    if (!jobs->timeout_ms || getrlimit(RLIMIT_CPU, &limit) ||
        getrusage(RUSAGE_SELF, &used))
        return;
    limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                     jobs->timeout_ms / 1000 + CPU_GRACE_S;
    if (limit.rlim_cur < limit.rlim_max)
        setrlimit(RLIMIT_CPU, &limit);
}

static bool has_grown(const struct jobs *jobs)
{
    unsigned long long pages = 0;
    FILE *file;

    if (!limits_memory || !jobs->memory_mib)
        return false;
    file = fopen("/proc/self/statm", "re");
    if (!file)
        return false;
    if (fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (unsigned long long)sysconf(_SC_PAGESIZE) >=
           (unsigned long long)jobs->memory_mib << 19;
}

static bool answer_send(int link, const struct jobs *jobs, uint32_t index,
                        const struct strbuf *answer)
{
    struct worker_header header = {
        .magic = WORKER_MAGIC,
        .index = index,
        .length = answer->length,
        .checksum = XXH3_64bits(strbuf_text(answer), answer->length),
        .is_last = has_grown(jobs),
    };

    return bytes_send(link, &header, sizeof(header)) &&
           bytes_send(link, answer->text, answer->length) && !header.is_last;
}

/* Leaves by _exit: what the parent had in its stdio buffers is the parent's
 * to write. */
static _Noreturn void child_run(const struct jobs *jobs, int link)
{
    struct arena arena = {0};
    uint32_t index;
    bool goes_on = true;

    memory_limit(jobs);
    while (goes_on && index_receive(link, &index)) {
        struct strbuf answer = {.arena = &arena};

        cpu_limit(jobs);
        jobs->run(jobs->context, index, &answer);
        fflush(stderr);
        goes_on = answer_send(link, jobs, index, &answer);
        arena_reset(&arena);
    }
    _exit(0);
}

static _Noreturn void child_start(const struct jobs *jobs, int link, int noise,
                                  const struct worker *others,
                                  uint32_t other_count, pid_t parent)
{
    for (uint32_t i = 0; i < other_count; i++) {
        if (!others[i].pid)
            continue;
        close(others[i].link);
        close(others[i].noise);
    }
    signal(SIGPIPE, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
        !streams_redirect(noise))
        _exit(1);
    child_run(jobs, link);
}

/* A descriptor of 0..2 would be overwritten by streams_redirect; it has such
 * a number when we were started with one of those closed. */
static bool lift(int *descriptor)
{
    int lifted = *descriptor;

    if (lifted > STDERR_FILENO)
        return true;
    lifted = fcntl(lifted, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (lifted < 0)
        return false;
    close(*descriptor);
    *descriptor = lifted;
    return true;
}

static void both_close(const int *descriptors)
{
    int saved = errno;

    close(descriptors[0]);
    close(descriptors[1]);
    errno = saved;
}

bool worker_start(struct worker *worker, const struct jobs *jobs,
                  const struct worker *others, uint32_t other_count)
{
    pid_t parent = getpid();
    int link[2];
    int noise[2];

    *worker = (struct worker){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link))
        return false;
    if (pipe2(noise, O_CLOEXEC)) {
        both_close(link);
        return false;
    }
    if (!lift(&link[0]) || !lift(&link[1]) || !lift(&noise[0]) ||
        !lift(&noise[1]))
        goto close_all;
    /* Else what is buffered now could be written twice. */
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid < 0)
        goto close_all;
    if (worker->pid == 0) {
        close(link[0]);
        close(noise[0]);
        child_start(jobs, link[1], noise[1], others, other_count, parent);
    }
    close(link[1]);
    close(noise[1]);
    worker->link = link[0];
    worker->noise = noise[0];
    fcntl(worker->link, F_SETFL, O_NONBLOCK);
    fcntl(worker->noise, F_SETFL, O_NONBLOCK);
    return true;

close_all:
    both_close(link);
    both_close(noise);
    worker->pid = 0;
    return false;
}

bool worker_tell(const struct worker *worker, uint32_t index)
{
    return bytes_send(worker->link, &index, sizeof(index));
}

pid_t worker_leave(struct worker *worker)
{
    pid_t pid = worker->pid;

    close(worker->link);
    worker->pid = 0;
    return pid;
}

int worker_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

int worker_end(struct worker *worker, bool kills)
{
    if (kills)
        kill(worker->pid, SIGKILL);
    return worker_wait(worker_leave(worker));
}
