/*
 * Private to front/: the includes that several files begin with. Most of what
 * a unit costs is its headers, and many units of a program have the same ones
 * in the same order. The first worker that is given one of them parses these,
 * has libclang write down what came of it (a precompiled header), and all
 * workers go on from there with each unit; while it is at that, the others
 * parse theirs in full, so that nobody waits.
 *
 * The unit's own text still has its includes; libclang passes over them, for
 * their guards are known. Where that would not hold, a file without a guard,
 * or where anything is in error, the unit is parsed as if there were no head.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_HEAD_H
#define ASYNCLINT_FRONT_HEAD_H

#include <stdatomic.h>

#include "base/map.h"
#include "base/shared.h"
#include "base/vec.h"
#include "front/file.h"
#include "front/front.h"
#include "front/marks.h"

enum head_state {
    HEAD_NEW,
    HEAD_MAKING, /* A worker is at it, and has not yet used it. If that one
                    dies, nobody tries it again. */
    HEAD_READY,
    HEAD_UNUSABLE,
};

/* What a head declares under one name, in the namespace of functions. */
struct head_name {
    bool is_typedef;
    bool is_alone;   /* there is one declaration, the first of all */
    mark_list marks; /* of all of them, if it is not; texts in `unit` */
    const char *file;
    unsigned offset; /* where the first one has its name */
};

/* What units ask of a head. Shared by all workers, and not written to once it
 * is whole. */
struct head_content {
    struct arena arena;
    VEC(struct file_seen) files; /* those that it reads, in that order */
    struct map file_names;       /* libclang's names for them → number */
    VEC(struct head_name) names;
    struct map name_numbers;
    struct ir_unit unit; /* texts of marks, nothing else */
    bool has_roots;      /* what each unit has to lower, see lower_is_root */
};

/* How far a head is, in memory to which all workers write. */
struct head_status {
    _Atomic enum head_state state;
    _Atomic uint32_t uses;
    _Atomic uint32_t failures;    /* units that were parsed again without it */
    struct head_content *content; /* of one that is ready */
};

struct front_head {
    const char *includes; /* as one text, a line for each */
    const char *name;     /* of the file which libclang takes that for */
    int file;      /* where what is precompiled goes; it has no name … */
    char path[32]; /* … but this one */
    struct head_status *status;
    struct shared *shared;              /* where the content goes */
    const struct head_content *content; /* NULL: this worker has not used it */
};

/* All heads of a run. */
enum { MOST_HEADS = 64 }; /* each is an open file and some memory */
struct front_heads {
    struct shared *status_memory;
    struct head_status *statuses;
    struct shared *shared; /* their contents */
    struct front_head *items[MOST_HEADS];
    uint32_t count;
};

/* ---- head_text.c: what a file begins with */
struct head_include {
    const char *name; /* with its quotes or brackets */
    unsigned end;     /* where the directive ends */
};
typedef VEC(struct head_include) head_includes;
/* Those in front of anything else but comments. */
void head_read(struct arena *arena, const char *text, size_t length,
               head_includes *includes);
/* Where these lines of a head end in a text, or 0: it begins otherwise. */
unsigned head_end(const char *lines, const char *text, size_t length);
/* One of these lines. */
#define HEAD_LINE "#include %s\n"

/* ---- head.c: building it, and using it */
/* Opens the file that has no name, so that all workers have it. */
bool head_open(struct front_head *head, struct arena *arena);
/* Makes ready what is to be used; the unit is parsed with `path` then. */
bool head_make(struct front_head *head, const struct front_request *request);
/* Whether it was of use to a unit. The first use makes it everybody's. */
void head_judge(struct front_head *head, bool is_used);
/* Whether the unit, as it was read, begins with the head, and libclang passed
 * over that. */
bool head_is_passed(const struct front_head *head, CXTranslationUnit tu);
/* What is known of a file that the head reads, or NULL. The head may be. */
const struct file_seen *head_file_find(const struct front_head *head,
                                       CXFile file);
/* The files of the unit's head, if it has one, become the unit's. */
void head_files_add(struct lower *lower);

/* ---- head_names.c: what a head declares, which libclang reads back one by
 * one, when somebody asks */
void head_names_gather(struct head_content *content, struct lower *lower);
/* Adds the marks that the head has for what `first` is the first declaration
 * of. False: it declares no such thing. */
bool head_marks_add(struct lower *lower, CXCursor first, mark_list *marks);
/* The first declaration of a function or variable, or a null cursor. */
CXCursor head_cursor_find(struct lower *lower, const char *name);

#endif
