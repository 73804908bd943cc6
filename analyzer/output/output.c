/*
 * Writing, and what can go wrong with it: a full disk, a closed stdout, a
 * reader that has seen enough.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* https://no-color.org, and terminals that have none. */
static bool environment_has_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return !(no_color && *no_color) && terminal &&
           strcmp(terminal, "dumb") != 0;
}

struct output output_for(FILE *file)
{
    const char *actions = getenv("GITHUB_ACTIONS");

    return (struct output){
        .file = file,
        .has_color = isatty(fileno(file)) && environment_has_color(),
        .is_github = actions && !strcmp(actions, "true"),
    };
}

static bool write_fail(struct err *err)
{
    return err_set(err, "cannot write the findings: %s", strerror(errno));
}

bool output_write(const struct output *output, const struct strbuf *text,
                  struct err *err)
{
    if (fwrite(strbuf_text(text), 1, text->length, output->file) ==
        text->length)
        return true;
    return write_fail(err);
}

bool output_flush(const struct output *output, struct err *err)
{
    return !fflush(output->file) || write_fail(err);
}
