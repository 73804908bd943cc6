/*
 * What kind of type a name is likely to stand for, see type_name.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/type_name.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

static bool is_width(const char *digits)
{
    return !strcmp(digits, "8") || !strcmp(digits, "16") ||
           !strcmp(digits, "32") || !strcmp(digits, "64");
}

bool type_name_is_number(const char *name)
{
    const char *digits = name + strcspn(name, "0123456789");

    return str_ends_with(name, "_t") || !strcmp(name, "uint") ||
           !strcmp(name, "uchar") || !strcmp(name, "ulong") || is_width(digits);
}

bool type_name_is_integer(const char *name)
{
    static const char *const ends[] = {
        "int8_t", "int16_t", "int32_t", "int64_t",   "intptr_t",
        "size_t", "off_t",   "time_t",  "pid_t",     "uid_t",
        "gid_t",  "mode_t",  "dev_t",   "socklen_t", "intmax_t",
    };
    static const char *const prefixes[] = {"u", "s", "le", "be"};
    const char *plain = name + strspn(name, "_");

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        size_t length = strlen(plain);
        size_t end = strlen(ends[i]);

        if (str_ends_with(plain, ends[i]) && length <= end + 2)
            return true;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (str_starts_with(plain, prefixes[i]) &&
            is_width(plain + strlen(prefixes[i])))
            return true;
    return false;
}

bool type_name_is_unsigned(const char *name)
{
    const char *plain = name + strspn(name, "_");

    return type_name_is_number(name) && *plain == 'u';
}

bool type_name_is_guard(const char *name)
{
    for (const char *at = name; *at; at++)
        if (islower((unsigned char)*at))
            return false;
    return strstr(name, "GUARD") != NULL;
}
