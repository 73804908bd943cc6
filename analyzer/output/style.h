/*
 * Colours, when they are wanted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_STYLE_H
#define ASYNCLINT_OUTPUT_STYLE_H

#include "base/str.h"
#include "output/output.h"

enum style {
    STYLE_STRONG, /* the message */
    STYLE_FRAME,  /* line numbers, bars, secondary marks */
    STYLE_NOTE,
    STYLE_WARNING,
    STYLE_ERROR,
};

enum style style_of(enum severity severity);

/* Between these two the text has the style; nothing is added when the output
 * has no colours. */
void style_begin(struct strbuf *text, const struct output *output,
                 enum style style);
void style_end(struct strbuf *text, const struct output *output);

/* One word or sign of ours in a style; not for text of the tree. */
void style_add(struct strbuf *text, const struct output *output,
               enum style style, const char *word);

#endif
