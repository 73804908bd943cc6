/*
 * Files, through io_uring and through the pool: the same results, while other
 * tasks of the worker go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#define TASKS 20
#define BLOCK ((size_t)4096)

/* A file of our own, and how it went. */
struct place {
    char path[64];
    atomic_int turns;
    int least_turns; /* on one worker each wait is a turn of the others */
    atomic_bool is_done;
};

ASYNC static void *counts_turns(void *arg)
{
    struct place *place = arg;

    while (!place->is_done) {
        place->turns++;
        await rt_yield();
    }
    return NULL;
}

ASYNC static void *uses_file(void *arg)
{
    struct place *place = arg;
    struct rt_join_handle *counter = rt_spawn(counts_turns, arg);
    struct rt_file file;
    char text[16] = "";

    assert_int_equal(await rt_file_open("/nowhere/at/all", O_RDONLY, 0, &file),
                     -ENOENT);
    assert_int_equal(await rt_file_open(place->path, O_RDWR | O_CREAT | O_TRUNC,
                                        0600, &file),
                     0);
    assert_int_equal(fcntl(file.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(await rt_file_read(file, text, 5), 0);
    assert_int_equal(await rt_file_write(file, "hello ", 6), 6);
    assert_int_equal(await rt_file_write(file, "world", 5), 5);
    assert_int_equal(await rt_file_pwrite(file, "H", 1, 0), 1);
    assert_int_equal(await rt_file_sync(file), 0);
    assert_int_equal(await rt_file_read(file, text, 5), 0);
    assert_int_equal(await rt_file_pread(file, text, 15, 0), 11);
    assert_string_equal(text, "Hello world");
    assert_int_equal(await rt_file_pread(file, text, 1, UINT64_MAX), -EINVAL);
    assert_int_equal(await rt_file_close(file), 0);
    assert_int_equal(await rt_file_read(file, text, 1), -EBADF);
    assert_int_equal(await rt_file_sync(file), -EBADF);
    place->is_done = true;
    await rt_join(counter, NULL);
    assert_true(place->turns >= place->least_turns);
    return NULL;
}

/* Each task has blocks of its own in one file. */
struct writer {
    struct rt_file file;
    int number;
};

ASYNC static void *writes_blocks(void *arg)
{
    struct writer *writer = arg;
    char *block = malloc(BLOCK);

    for (int i = 0; i < 10; i++) {
        uint64_t offset = (uint64_t)(i * TASKS + writer->number) * BLOCK;

        memset(block, 'a' + writer->number, BLOCK);
        assert_int_equal(
            await rt_file_pwrite(writer->file, block, BLOCK, offset), BLOCK);
        memset(block, 0, BLOCK);
        assert_int_equal(
            await rt_file_pread(writer->file, block, BLOCK, offset), BLOCK);
        for (size_t j = 0; j < BLOCK; j++)
            assert_int_equal(block[j], 'a' + writer->number);
    }
    free(block);
    return NULL;
}

ASYNC static void *uses_file_together(void *arg)
{
    struct place *place = arg;
    struct rt_join_handle *handles[TASKS];
    struct writer writers[TASKS];
    struct rt_file file;

    assert_int_equal(
        await rt_file_open(place->path, O_RDWR | O_CREAT, 0600, &file), 0);
    for (int i = 0; i < TASKS; i++) {
        writers[i] = (struct writer){.file = file, .number = i};
        handles[i] = rt_spawn(writes_blocks, &writers[i]);
    }
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(await rt_join(handles[i], NULL), 0);
    assert_int_equal(await rt_file_close(file), 0);
    return NULL;
}

/* Not even begun once it is cancelled; but closed. */
ASYNC static void *is_cancelled_with_file(void *arg)
{
    struct place *place = arg;
    struct rt_file file;
    char byte;

    assert_int_equal(await rt_file_open(place->path, O_RDONLY, 0, &file), 0);
    while (!rt_is_cancelled())
        await rt_yield();
    assert_int_equal(await rt_file_read(file, &byte, 1), -ECANCELED);
    assert_int_equal(await rt_file_close(file), 0);
    assert_int_equal(fcntl(file.fd, F_GETFD), -1);
    return NULL;
}

ASYNC static void *cancels_file(void *arg)
{
    struct rt_join_handle *handle = rt_spawn(is_cancelled_with_file, arg);

    await rt_sleep_ms(5);
    rt_cancel(handle);
    assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
    return NULL;
}

static void files_check(enum rt_io io)
{
    rt_task_fn *const all[] = {uses_file, uses_file_together, cancels_file};

    for (int workers = 1; workers <= 3; workers += 2) {
        struct rt_config config = {.workers = workers, .io = io};
        struct place place = {.path = "/tmp/rt_files_XXXXXX",
                              .least_turns = workers == 1 ? 6 : 0};
        int fd = mkstemp(place.path);

        assert_true(fd >= 0);
        close(fd);
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            assert_int_equal(rt_block_on(&config, all[i], &place), 0);
        unlink(place.path);
    }
}

static void test_files_through_the_pool(void **state)
{
    (void)state;
    files_check(RT_IO_POLL);
}

/* Where the kernel lets us; else it is the same again. */
static void test_files_through_io_uring(void **state)
{
    (void)state;
    files_check(RT_IO_FILES);
    files_check(RT_IO_RING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_through_the_pool),
        cmocka_unit_test(test_files_through_io_uring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
