/*
 * Private to front/: what is known and used, and the text that is made of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_PRELUDE_WRITE_H
#define ASYNCLINT_FRONT_PRELUDE_WRITE_H

#include "base/str.h"
#include "front/usage.h"

enum {
    KNOWN_TYPE = 1,  /* a typedef */
    KNOWN_TAG = 2,   /* a struct, union or enum with its body */
    KNOWN_VALUE = 4, /* a function, variable or enumerator */
};

struct prelude {
    struct arena *arena;
    struct usage usage;
    struct map known;   /* names of the unit → bits */
    struct map defined; /* names of its macros */
    struct strbuf text;
};

void prelude_write(struct prelude *prelude);

/* ---- prelude_macro.c */
/* Definitions for names that everybody knows; what they define is added to
 * `defined`. */
void prelude_standins_write(struct prelude *prelude);
/* A call that must be a macro: with a statement behind it, or a type as an
 * argument. False: it may be a function. */
bool prelude_macro_write(struct prelude *prelude, const struct name *name);
bool prelude_is_known(const struct prelude *prelude, const char *name,
                      uint32_t kinds);
bool prelude_is_defined(const struct prelude *prelude, const char *name);

#endif
