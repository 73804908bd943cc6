/*
 * worker.c and idle.c: who runs tasks, who searches, who sleeps.
 *
 * Two workers with a queue each and a shared queue, which a foreign thread
 * fills. Tasks are counted, not told apart. Each load or locked instruction of
 * idle.c is one step; taking from a queue and adding to it are one step each
 * (run_queue.pml shows that they seem so). What a thief has taken is in no
 * queue until it puts the rest into its own.
 *
 * Checked: when nothing can move any more, every task has been run, once: no
 * wake-up is lost and no task overlooked. And `searchers` and `sleepers` are
 * what they say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define WORKERS 2
#define FOREIGN 2 /* tasks that come from outside */
#define SPAWNED 2 /* tasks that those spawn, on the worker that runs them */

byte shared = 0;
byte queue[WORKERS];
byte ran = 0;
byte to_spawn = SPAWNED;

bit idle_lock = 0;
byte sleepers = 0;
byte searchers = 0;
bool registered[WORKERS];
bool woken[WORKERS];

inline idle_acquire() { atomic { idle_lock == 0 -> idle_lock = 1 } }
inline idle_release() { idle_lock = 0 }

/* rt_idle_wake_one: looks at the counters without the lock first. */
inline wake_one()
{
    if
    :: searchers > 0 -> skip
    :: else ->
        if
        :: sleepers == 0 -> skip
        :: else ->
            idle_acquire();
            if
            :: searchers > 0 -> skip
            :: else ->
                if
                :: registered[0] -> sleeper_wake(0)
                :: !registered[0] && registered[1] -> sleeper_wake(1)
                :: else -> skip
                fi
            fi;
            idle_release()
        fi
    fi
}

inline sleeper_wake(who)
{
    searchers++;
    registered[who] = false;
    sleepers--;
    woken[who] = true
}

/* Stays on the worker; another one is woken only for the second task. */
inline own_queue_add()
{
    atomic { queue[me]++; count = queue[me] };
    if
    :: count > 1 -> wake_one()
    :: else -> skip
    fi
}

inline task_run()
{
    ran++;
    if
    :: atomic { to_spawn > 0 -> to_spawn-- };
        own_queue_add();
        if
        :: atomic { to_spawn > 0 -> to_spawn-- };
            own_queue_add()
        :: skip
        fi
    :: skip
    fi
}

inline search_begin()
{
    if
    :: searching -> skip
    :: else -> searching = true; searchers++
    fi
}

inline search_end()
{
    if
#ifdef FAULT_SEARCHES_ASLEEP
    :: !found -> skip
    :: found && searching ->
#else
    :: searching ->
#endif
        searching = false;
        atomic { count = searchers; assert(searchers > 0); searchers-- };
        if
        :: found && count == 1 -> wake_one()
        :: else -> skip
        fi
    :: else -> skip
    fi
}

/* Half of the other's queue, one to run and the rest for the own queue. */
inline steal()
{
    atomic {
        loot = (queue[1 - me] + 1) / 2;
        queue[1 - me] = queue[1 - me] - loot
    };
    if
    :: loot > 0 ->
        found = true;
        atomic { queue[me] = queue[me] + loot - 1; loot = 0 }
    :: else -> skip
    fi
}

inline find_task()
{
    found = false;
    if
    :: atomic { queue[me] > 0 -> queue[me]--; found = true }
    :: atomic { queue[me] == 0 ->
            if
            :: shared > 0 -> shared--; found = true
            :: else -> skip
            fi }
    fi;
    if
    :: !found -> search_begin(); steal()
    :: else -> skip
    fi;
    search_end()
}

inline unregister()
{
    idle_acquire();
    searching = !registered[me];
    if
    :: registered[me] -> registered[me] = false; sleepers--
    :: else -> skip
    fi;
    idle_release()
}

inline register()
{
    idle_acquire();
    assert(!registered[me]);
    registered[me] = true;
    woken[me] = false;
    sleepers++;
    idle_release()
}

inline sleep()
{
#ifndef FAULT_LOOK_FIRST
    register();
#endif
    /* may_sleep: each queue is a look of its own */
    may_sleep = false;
    if
    :: shared > 0 -> skip
    :: else ->
        if
        :: queue[0] > 0 -> skip
        :: else ->
            if
            :: queue[1] > 0 -> skip
            :: else -> may_sleep = true
            fi
        fi
    fi;
#ifdef FAULT_LOOK_FIRST
    register();
#endif
    if
    :: may_sleep ->
end_asleep: woken[me]
    :: else -> skip
    fi;
    unregister()
}

proctype worker(byte me)
{
    bool searching = false;
    bool found = false;
    bool may_sleep = false;
    byte loot = 0;
    byte count = 0;

    do
    :: find_task();
        if
        :: found -> task_run()
        :: else -> sleep()
        fi
    od
}

/* The shared queue stays locked until somebody is woken. */
proctype foreign()
{
    byte added = 0;

    do
    :: added < FOREIGN -> added++; shared++; wake_one()
    :: else -> break
    od
}

init
{
    atomic { run worker(0); run worker(1); run foreign() };
    timeout;
    assert(ran == FOREIGN + SPAWNED - to_spawn);
    assert(shared == 0);
    assert(queue[0] == 0);
    assert(queue[1] == 0);
    assert(sleepers == 2);
    assert(searchers == 0)
}
