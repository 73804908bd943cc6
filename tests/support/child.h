/*
 * A child process in which a runtime test lets something go wrong, and what
 * it says on stderr before its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_CHILD_H
#define TESTS_SUPPORT_CHILD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct child {
    pid_t process;
    int said; /* its stderr, to be read */
};

/* False in the child, which ends by _exit. */
static inline bool child_start(struct child *child)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child->process = fork();
    if (child->process == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        return false;
    }
    assert_true(child->process > 0);
    close(ends[1]);
    child->said = ends[0];
    return true;
}

/* Waits for it; what does not fit into `said` is lost. Returns what waitpid
 * says. */
static inline int child_end(const struct child *child, char *said, size_t size)
{
    size_t length = 0;
    ssize_t count;
    int status;

    while (length < size - 1 &&
           (count = read(child->said, said + length, size - 1 - length)) > 0)
        length += (size_t)count;
    said[length] = '\0';
    close(child->said);
    assert_int_equal(waitpid(child->process, &status, 0), child->process);
    return status;
}

#endif
