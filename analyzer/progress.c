/*
 * See progress.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "output/escape.h"

enum {
    PATIENCE_MS = 700, /* what is done sooner needs no line */
    PAUSE_MS = 100,    /* between two lines; faster is a flicker */
    WIDTH_UNKNOWN = 80,
    WIDTH_MIN = 20,
    BAR_WIDTH = 20,
};

static uint32_t terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < WIDTH_MIN)
        return WIDTH_UNKNOWN;
    return size.ws_col;
}

void progress_start(struct progress *progress, uint32_t total, bool is_quiet)
{
    const char *terminal = getenv("TERM");

    *progress = (struct progress){
        .is_on = !is_quiet && total > 1 && terminal && *terminal &&
                 strcmp(terminal, "dumb") != 0 && isatty(STDERR_FILENO),
        .total = total,
        .next_ms = clock_now_ms() + PATIENCE_MS,
    };
}

/* Cut where the line would wrap: a second line could not be erased. */
static void line_print(const struct progress *progress, const char *name)
{
    struct arena arena = {0};
    struct strbuf harmless = {.arena = &arena};
    struct strbuf line = {.arena = &arena};
    uint64_t filled = (uint64_t)BAR_WIDTH * progress->done / progress->total;
    uint32_t *cells = arena_array(&arena, strlen(name) + 1, sizeof(*cells));
    struct escape escape = {.text = &harmless, .is_github = true};
    size_t length = strlen(name);

    strbuf_add(&line, "[");
    for (uint64_t i = 0; i < BAR_WIDTH; i++)
        strbuf_add(&line, i < filled ? "#" : ".");
    strbuf_printf(&line, "] %u/%u ", progress->done, progress->total);
    escape_line(&escape, name, length, cells);
    while (length && line.length + cells[length] >= terminal_width())
        length--;
    escape_text(&line, true, arena_strndup(&arena, name, length));
    fprintf(stderr, "\r\033[K%s", strbuf_text(&line));
    fflush(stderr);
    arena_finish(&arena);
}

void progress_step(struct progress *progress, const char *name)
{
    uint64_t now;

    progress->done++;
    if (!progress->is_on)
        return;
    now = clock_now_ms();
    if (now < progress->next_ms)
        return;
    line_print(progress, name);
    progress->is_shown = true;
    progress->next_ms = now + PAUSE_MS;
}

void progress_finish(struct progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_on = false;
    progress->is_shown = false;
}
