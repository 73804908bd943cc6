/*
 * The small things that a pack is made of: keys, words, numbers, places. Each
 * reader takes a node and writes where `field` points to, or says what is
 * wrong with the node and returns false.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_PACK_VALUE_H
#define ASYNCLINT_MODEL_PACK_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/yaml.h"
#include "model/pack_read.h"

struct pack_reader {
    struct arena *arena;
    struct err *err;
    struct pack_content *content;
    const struct yaml_node *flags; /* the pack's own, or NULL */
};

typedef bool pack_reads(struct pack_reader *reader,
                        const struct yaml_node *node, void *field);

/* One key of a mapping: `read` gets the address `offset` bytes into what the
 * mapping is read into. A table of keys ends with a row of NULLs. */
struct pack_key {
    const char *name;
    pack_reads *read;
    size_t offset;
};

/* Reads a mapping in the order of the table, after a look at whether it has
 * other keys. `what` is for the error: "a function", "a guard". */
bool pack_keys_read(struct pack_reader *reader, const struct yaml_node *node,
                    const char *what, const struct pack_key *keys, void *into);

/* Calls `read` for each item of a list, or for the node if it is none. */
bool pack_each_read(struct pack_reader *reader, const struct yaml_node *node,
                    pack_reads *read, void *into);

struct pack_word {
    const char *text;
    int value;
};

/* The value of one of the words, of which a row of NULL is the last. `what`
 * is for the error: "a kind of lock". */
bool pack_word_read(struct pack_reader *reader, const struct yaml_node *node,
                    const char *what, const struct pack_word *words,
                    int *value);

/* The same for two words, of which one means `true`. */
bool pack_either_read(struct pack_reader *reader, const struct yaml_node *node,
                      const char *what, const struct pack_word *words,
                      bool *value);

pack_reads pack_text_read;    /* const char *: not empty */
pack_reads pack_bool_read;    /* bool */
pack_reads pack_number_read;  /* int64_t, not negative */
pack_reads pack_arg_read;     /* int: the number of an argument */
pack_reads pack_place_read;   /* struct place */
pack_reads pack_outcome_read; /* enum outcome */
pack_reads pack_mode_read;    /* enum lock_mode */

/* Adds a name to one of the tables. */
void pack_entry_add(struct pack_reader *reader, int table, const char *name,
                    const void *what);

/* The name without the word that C wants before a tag (`struct conn`). */
const char *pack_tag_skip(const char *name);

pack_reads pack_markers_read; /* the section `markers`, into the content */
pack_reads pack_unders_read;  /* … `called-under` */
pack_reads pack_spared_read;  /* … `not-atomic` */

/* The number N of "argN", or -1; `*rest` is what follows it. */
int pack_arg_parse(const char *text, const char **rest);

/* Whether the node is a C name, in which `*` may stand for anything. */
bool pack_name_check(struct pack_reader *reader, const struct yaml_node *node);

/* A growing list of conditions, and the reader for its items. */
struct pack_conditions {
    VEC(struct exemption) list;
};
pack_reads pack_conditions_read;

/* A function's or a macro's entry: a meaning, in the arena. */
struct meaning *pack_meaning_read(struct pack_reader *reader,
                                  const struct yaml_node *name,
                                  const struct yaml_node *node, bool is_macro);

/* A growing list of effects, and the readers for one key of a meaning. */
struct pack_effects {
    VEC(struct effect) list;
    bool has_wait;
    bool wait_in_loop;
};
pack_reads pack_acquire_read;
pack_reads pack_within_read;
pack_reads pack_release_read;
pack_reads pack_guard_read;
pack_reads pack_wait_read;
pack_reads pack_signal_read;
pack_reads pack_exclude_read;
pack_reads pack_noreturn_read;
pack_reads pack_runs_as_read;
pack_reads pack_queue_read;
pack_reads pack_init_read;
pack_reads pack_destroy_read;
pack_reads pack_allocate_read;
pack_reads pack_free_read;
pack_reads pack_attribute_read;
pack_reads pack_nonblocking_read;
pack_reads pack_in_memory_read;
pack_reads pack_zero_read;
pack_reads pack_ref_take_read;
pack_reads pack_ref_drop_read;
pack_reads pack_permits_read;
pack_reads pack_permit_take_read;
pack_reads pack_permit_give_read;
pack_reads pack_cancel_shield_read;
pack_reads pack_cancel_anywhere_read;

#endif
