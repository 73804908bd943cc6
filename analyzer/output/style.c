/*
 * Escape sequences of the eight colours that every terminal has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/style.h"

#include <assert.h>

enum style style_of(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return STYLE_ERROR;
    case SEVERITY_WARNING:
        return STYLE_WARNING;
    case SEVERITY_NOTE:
    case SEVERITY_OFF:
        break;
    }
    return STYLE_NOTE;
}

void style_begin(struct strbuf *text, const struct output *output,
                 enum style style)
{
    static const char *const sequences[] = {
        [STYLE_STRONG] = "\033[1m",   [STYLE_FRAME] = "\033[1;34m",
        [STYLE_NOTE] = "\033[1;36m",  [STYLE_WARNING] = "\033[1;33m",
        [STYLE_ERROR] = "\033[1;31m",
    };

    assert(style < sizeof(sequences) / sizeof(*sequences));
    if (output->has_color)
        strbuf_add(text, sequences[style]);
}

void style_end(struct strbuf *text, const struct output *output)
{
    if (output->has_color)
        strbuf_add(text, "\033[0m");
}

void style_add(struct strbuf *text, const struct output *output,
               enum style style, const char *word)
{
    style_begin(text, output, style);
    strbuf_add(text, word);
    style_end(text, output);
}
