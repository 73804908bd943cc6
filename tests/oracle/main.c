/*
 * The same for each program of this folder:
 *
 *     RT_WATCHDOG_MS=200 oracle_RULE bad; echo $?      86, and one line
 *     RT_WATCHDOG_MS=200 oracle_RULE good; echo $?     0, and nothing
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "oracle/oracle.h"

ASYNC void oracle_two_run(rt_task_fn *entry)
{
    struct rt_join_handle *one = rt_spawn(entry, NULL);
    struct rt_join_handle *other = rt_spawn(entry, NULL);

    await rt_join(one, NULL);
    await rt_join(other, NULL);
}

int main(int argc, char **argv)
{
    struct rt_config config = {.workers = oracle_workers, .drain = true};
    bool is_bad = argc == 2 && strcmp(argv[1], "bad") == 0;

    if (!is_bad && (argc != 2 || strcmp(argv[1], "good") != 0)) {
        fprintf(stderr, "usage: %s bad|good\n", argv[0]);
        return 2;
    }
    return rt_block_on(&config, is_bad ? oracle_bad : oracle_good, NULL) ? 1
                                                                         : 0;
}
