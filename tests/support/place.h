/*
 * A new directory for a test that needs files: the test works in it, and it
 * is gone afterwards. It looks like the root of a repository, so that nothing
 * is searched for above it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_PLACE_H
#define TESTS_SUPPORT_PLACE_H

#include "base/arena.h"
#include "support/run.h"

struct place {
    struct arena arena;
    char folder[64];   /* absolute; the current directory */
    char before[4096]; /* the one to go back to */
};

/* For cmocka_unit_test_setup_teardown; the state is a struct place. */
int place_setup(void **state);
int place_teardown(void **state);

/* Makes the file and the directories that it is in. */
void place_file_write(const char *path, const char *text);

/* Runs a shell's script there; asynclint with these arguments. */
struct ran place_sh(struct place *place, const char *script);
struct ran place_lint(struct place *place, const char *arguments);

#endif
