/*
 * The context switch: one stack pointer out, another in.
 *
 * Everything else that makes up a context (the registers a callee must keep,
 * the return address) lies on the stack itself, put there by rt_switch or, for
 * a stack that has never run, by rt_switch_prepare. One assembly file for each
 * processor; sanitizers and valgrind are told in fiber.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

/* Saves the running context, its stack pointer in *saved, and goes on where
 * `wanted` was saved, with `passed` as what that call returns. Returns when
 * somebody switches back. */
void *rt_switch(void **saved, void *wanted, void *passed);

/* Lays out a first context below `top`: switching to it calls entry(arg,
 * passed) on that stack. entry must never return. */
typedef void switch_entry_fn(void *arg, void *passed);
void *rt_switch_prepare(void *top, switch_entry_fn *entry, void *arg);

/* What was switched to begins anew with another function: the control words
 * are as rt_switch_prepare sets them. */
void rt_switch_reset(void);

/* Where a prepared context begins. Not called from C. */
void rt_switch_start(void);

#endif
