/*
 * C's own headers, when they are missing too (-nostdinc, a kernel); and flags
 * that say whether a call waits, by the numbers that packs have for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define NULL ((void *)0)

#define true 1
#define false 0

#define assert(condition) ((condition) ? (void)0 : abort())
#define g_assert(condition) ((condition) ? (void)0 : abort())
#define g_assert_not_reached() abort()

#define likely(x) (x)
#define unlikely(x) (x)

#define LIKELY(x) (x)
#define UNLIKELY(x) (x)

#define G_LIKELY(x) (x)
#define G_UNLIKELY(x) (x)

#define WNOHANG 1

#define O_NONBLOCK 0x800

#define MSG_DONTWAIT 0x40

#define SOCK_NONBLOCK 0x800

#define EFD_NONBLOCK 0x800

#define TFD_NONBLOCK 0x800

#define SFD_NONBLOCK 0x800

#define IN_NONBLOCK 0x800

#define IPC_NOWAIT 0x800

#define LOCK_NB 4

#define LOCK_UN 8

#define F_GETFL 3

#define F_SETFL 4

#define F_SETLK 6

#define F_SETLKW 7

#define K_NO_WAIT 0

#define osOK 0

#define RTEMS_SUCCESSFUL 0

#define TX_SUCCESS 0

#define UV_RUN_NOWAIT 2

#define EVLOOP_NONBLOCK 2

#define EVRUN_NOWAIT 1

/* Names that are pasted: as what they are, and not all one. */
#define xglue(x, y) x##y
#define glue(x, y) xglue(x, y)

#define ASYNCLINT_CONCAT(x, y) x##y
#define CONCAT(x, y) ASYNCLINT_CONCAT(x, y)
