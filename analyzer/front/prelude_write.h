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

/* Where a name is defined in the text. */
struct prelude_line {
    const char *name;
    unsigned line;
};

struct prelude {
    struct arena *arena;
    struct usage usage;
    struct map known;    /* names of the unit → bits */
    struct map defined;  /* names of its macros */
    struct map tested;   /* … and those that its conditionals ask for */
    bool reveals;        /* most of the main file, or its locks, by an option */
    struct map standing; /* … of the stand-ins that were taken */
    struct map wanted;   /* names that libclang misses */
    struct map lost;     /* … even with a prelude, as values */
    struct map wrong;    /* names that were guessed wrong */
    struct map numbers;  /* that stand for constants → index in names */
    struct strbuf text;
    size_t counted; /* bytes of the text whose lines are counted */
    unsigned line;
    VEC(struct prelude_line) lines;
};

void prelude_write(struct prelude *prelude);
/* The line that comes next in the text defines this name. */
void prelude_line_begin(struct prelude *prelude, const char *name);
/* What is defined in that line of the text is not to be, the next time. */
void prelude_line_wrong(struct prelude *prelude, unsigned line);

/* ---- prelude_option.c */
/* What a configuration would define. */
void prelude_options_write(struct prelude *prelude);
/* Writes the options that most of the main file stands behind. */
void prelude_file_options_write(struct prelude *prelude);

/* ---- prelude_macro.c */
/* Definitions for names that everybody knows; what they define is
 * `standing` from then on. */
void prelude_standins_write(struct prelude *prelude);
/* A call that must be a macro: with a statement behind it, or a type as an
 * argument. False: it may be a function. */
bool prelude_macro_write(struct prelude *prelude, const struct name *name);
/* By its name: what a variable begins its life with. */
bool prelude_is_initialiser(const struct name *name);
bool prelude_is_known(const struct prelude *prelude, const char *name,
                      uint32_t kinds);
bool prelude_is_defined(const struct prelude *prelude, const char *name);

#endif
