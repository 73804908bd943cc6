/*
 * Memory that is going to be written as a whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_PAGES_H
#define ASYNCLINT_BASE_PAGES_H

#include <stddef.h>

/* Asks the system for all pages that lie in it, which else come one by one,
 * each with an interrupt when it is first written: a tenth of the time behind
 * the last parsed unit. Where the system can't, or has none left, nothing
 * happens. */
void pages_want(void *start, size_t size);

#endif
