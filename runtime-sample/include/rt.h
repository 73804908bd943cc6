/*
 * The bundled async runtime: everything a program needs, in one include.
 *
 * Tasks are functions with a stack of their own. They run on a few worker
 * threads and give the thread back whenever they wait. A function that may
 * wait in this way says ASYNC, a call that may wait says await: neither makes
 * code, both are checked by asynclint.
 *
 * Reading order: async.h, executor.h, task.h, then what you need.
 * Errors are negative errno values, as in the kernel; 0 is success.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_H
#define RT_H

#include "rt/arc.h"
#include "rt/async.h"
#include "rt/async_condvar.h"
#include "rt/async_mutex.h"
#include "rt/async_rwlock.h"
#include "rt/blocking_condvar.h"
#include "rt/blocking_mutex.h"
#include "rt/broadcast.h"
#include "rt/cancel.h"
#include "rt/executor.h"
#include "rt/file.h"
#include "rt/future.h"
#include "rt/guard.h"
#include "rt/local.h"
#include "rt/mpsc.h"
#include "rt/notify.h"
#include "rt/oneshot.h"
#include "rt/semaphore.h"
#include "rt/task.h"
#include "rt/tcp.h"
#include "rt/time.h"
#include "rt/watch.h"

#endif
