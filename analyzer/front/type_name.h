/*
 * Private to front/: what the name of a type tells whose header is missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_TYPE_NAME_H
#define ASYNCLINT_FRONT_TYPE_NAME_H

#include <stdbool.h>

/* Most likely a number, if nothing else tells: `req_t`, `u8`. */
bool type_name_is_number(const char *name);

/* A number for sure: whatever is done with a variable of the same name
 * elsewhere, `uint8_t`, `__le16` and `time_t` have no fields. */
bool type_name_is_integer(const char *name);

/* u8, __u32, uint64_t, size_t. */
bool type_name_is_unsigned(const char *name);

/* A macro, since a cleanup can't be part of a type: `VIR_LOCK_GUARD lock`. */
bool type_name_is_guard(const char *name);

#endif
