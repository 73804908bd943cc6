/*
 * See place.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void place_file_write(const char *path, const char *text)
{
    char folder[512];
    FILE *file;

    for (const char *slash = strchr(path, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        if (*folder && mkdir(folder, 0700) && errno != EEXIST)
            fail_msg("cannot make '%s'", folder);
    }
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

int place_setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    strcpy(place->folder, "/tmp/asynclint-source-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_non_null(getcwd(place->before, sizeof(place->before)));
    assert_int_equal(chdir(place->folder), 0);
    assert_int_equal(mkdir(".git", 0700), 0);
    *state = place;
    return 0;
}

static int entry_remove(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

int place_teardown(void **state)
{
    struct place *place = *state;

    assert_int_equal(chdir(place->before), 0);
    nftw(place->folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
    arena_finish(&place->arena);
    free(place);
    return 0;
}

struct ran place_sh(struct place *place, const char *script)
{
    return run_script(&place->arena, place->folder, script);
}

struct ran place_lint(struct place *place, const char *arguments)
{
    return place_sh(
        place, arena_printf(&place->arena, "\"$ASYNCLINT\" %s", arguments));
}
