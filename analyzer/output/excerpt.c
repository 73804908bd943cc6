/*
 * Marks are sorted by place and drawn file by file: the finding's own file
 * first, the others in the order in which the marks mention them. Each mark
 * has a row of its own below its line, so that no two of them can collide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/excerpt.h"

#include <stdlib.h>
#include <string.h>

#include "output/escape.h"
#include "output/slice.h"
#include "output/style.h"

enum {
    MARKS_MAX = 24,    /* a finding that crosses more is as clear */
    GAP_SHOWN_MAX = 2, /* lines: "..." would not be shorter */
};

struct drawing {
    struct strbuf *text;
    const struct output *output;
    const struct diag *diag;
    const struct lines *lines; /* of the current file, or NULL */
    uint32_t width;            /* of line numbers */
    bool has_bar;              /* the held region is in the current file */
    const struct mark *marks[MARKS_MAX];
    uint32_t mark_count;
    uint32_t left_out;
};

static void marks_collect(struct drawing *drawing);
static void file_draw(struct drawing *drawing, struct lines_cache *cache,
                      const struct span *place);

static uint32_t digits(uint32_t number)
{
    uint32_t count = 1;

    for (; number >= 10; number /= 10)
        count++;
    return count;
}

/* The finding's own file was drawn before all others. */
static bool is_new_file(const struct drawing *drawing, uint32_t at)
{
    const char *file = drawing->marks[at]->span.file;

    if (!strcmp(drawing->diag->marks.items[0].span.file, file))
        return false;
    for (uint32_t i = 0; i < at; i++)
        if (!strcmp(drawing->marks[i]->span.file, file))
            return false;
    return true;
}

uint32_t excerpt_draw(struct strbuf *text, struct lines_cache *cache,
                      const struct output *output, const struct diag *diag)
{
    struct drawing drawing = {
        .text = text, .output = output, .diag = diag, .width = 1};

    lines_cache_trim(cache);
    marks_collect(&drawing);
    for (uint32_t i = 0; i < drawing.mark_count; i++) {
        uint32_t width = digits(drawing.marks[i]->span.line);

        if (width > drawing.width)
            drawing.width = width;
    }
    file_draw(&drawing, cache, &diag->marks.items[0].span);
    for (uint32_t i = 0; i < drawing.mark_count; i++)
        if (is_new_file(&drawing, i))
            file_draw(&drawing, cache, &drawing.marks[i]->span);
    if (drawing.left_out)
        strbuf_printf(text, "%*s = note: %u more places are not shown\n",
                      (int)drawing.width, "", drawing.left_out);
    return drawing.width;
}

static bool is_same_place(const struct mark *one, const struct mark *two)
{
    return one->span.line == two->span.line &&
           one->span.column == two->span.column && one->span.file &&
           two->span.file && !strcmp(one->span.file, two->span.file);
}

/* A mark without words adds nothing to another one at its place; two with
 * the same words are one. */
static bool is_covered(const struct drawing *drawing, const struct mark *mark)
{
    const struct diag *diag = drawing->diag;

    for (uint32_t i = 0; i < diag->marks.count; i++) {
        const struct mark *other = &diag->marks.items[i];

        if (other == mark || !is_same_place(other, mark))
            continue;
        if (!mark->text || !*mark->text)
            return other < mark || (other->text && *other->text);
        if (other < mark && other->text && !strcmp(other->text, mark->text))
            return true;
    }
    return false;
}

static void marks_collect(struct drawing *drawing)
{
    const struct diag *diag = drawing->diag;

    for (uint32_t i = 0; i < diag->marks.count; i++) {
        const struct mark *mark = &diag->marks.items[i];

        if (!mark->span.file || is_covered(drawing, mark))
            continue;
        if (drawing->mark_count == MARKS_MAX)
            drawing->left_out++;
        else
            drawing->marks[drawing->mark_count++] = mark;
    }
}

static int mark_compare(const void *one, const void *two)
{
    const struct span *left = &(*(const struct mark *const *)one)->span;
    const struct span *right = &(*(const struct mark *const *)two)->span;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    if (left->column != right->column)
        return left->column < right->column ? -1 : 1;
    /* Both are in one array: the order in which the rule made them. */
    return left < right ? -1 : left > right;
}

static bool is_held_at(const struct drawing *drawing, uint32_t line)
{
    const struct span *held = &drawing->diag->held;

    return drawing->has_bar && line > held->line && line <= held->end_line;
}

/* What stands before the text of a row: a number or blanks, the frame, and
 * the bar or its room. */
static void margin_add(struct drawing *drawing, uint32_t number, bool is_held)
{
    struct strbuf *text = drawing->text;
    enum style bar = style_of(drawing->diag->severity);

    style_begin(text, drawing->output, STYLE_FRAME);
    if (number)
        strbuf_printf(text, "%*u |", (int)drawing->width, number);
    else
        strbuf_printf(text, "%*s |", (int)drawing->width, "");
    style_end(text, drawing->output);
    if (is_held) {
        strbuf_add(text, " ");
        style_add(text, drawing->output, bar, "|");
    } else if (drawing->has_bar) {
        strbuf_add(text, "  ");
    }
}

/* Ends the row and takes back the blanks at its end. */
static void row_end(struct drawing *drawing)
{
    struct strbuf *text = drawing->text;

    while (text->length && text->text[text->length - 1] == ' ')
        text->length--;
    strbuf_add(text, "\n");
}

static void source_row_add(struct drawing *drawing, uint32_t number,
                           struct slice *slice)
{
    margin_add(drawing, number, is_held_at(drawing, number));
    strbuf_add(drawing->text, " ");
    slice_print(slice, drawing->text, drawing->output->is_github);
    row_end(drawing);
}

static void repeat_add(struct strbuf *text, char sign, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        strbuf_add_bytes(text, &sign, 1);
}

/* Of marks at one place only one may be drawn: it stands for all. */
static bool is_main(const struct drawing *drawing, const struct mark *mark)
{
    for (uint32_t i = 0; i < drawing->diag->marks.count; i++) {
        const struct mark *other = &drawing->diag->marks.items[i];

        if ((other->role == MARK_PRIMARY || other->role == MARK_AWAIT) &&
            is_same_place(other, mark))
            return true;
    }
    return false;
}

static void mark_row_add(struct drawing *drawing, const struct mark *mark,
                         const struct slice *slice)
{
    struct strbuf *text = drawing->text;
    bool is_strong = is_main(drawing, mark);
    uint32_t start = slice_cell(slice, mark->span.column);
    uint32_t end = slice_cell(slice, slice_end_column(slice, &mark->span));

    margin_add(drawing, 0, is_held_at(drawing, mark->span.line));
    repeat_add(text, ' ', start + 1);
    style_begin(text, drawing->output,
                is_strong ? style_of(drawing->diag->severity) : STYLE_FRAME);
    repeat_add(text, is_strong ? '^' : '-', end > start ? end - start : 1);
    if (mark->text && *mark->text) {
        strbuf_add(text, " ");
        escape_text(text, drawing->output->is_github, mark->text);
    }
    style_end(text, drawing->output);
    row_end(drawing);
}

static void plain_row_add(struct drawing *drawing, uint32_t number)
{
    const struct line *line = lines_find(drawing->lines, number);
    struct slice slice;

    if (!line)
        return;
    slice_take(&slice, line, 0);
    source_row_add(drawing, number, &slice);
}

/* "...", and the bar goes on below it. */
static void gap_row_add(struct drawing *drawing, uint32_t line)
{
    struct strbuf *text = drawing->text;

    style_add(text, drawing->output, STYLE_FRAME, "...");
    if (is_held_at(drawing, line)) {
        repeat_add(text, ' ', drawing->width); /* "..." is " | " long */
        style_add(text, drawing->output, style_of(drawing->diag->severity),
                  "|");
    }
    row_end(drawing);
}

/* The lines between two marked ones: all, or the first and dots. */
static void between_add(struct drawing *drawing, uint32_t above, uint32_t below)
{
    uint32_t hidden = below - above - 1;

    if (hidden <= GAP_SHOWN_MAX) {
        for (uint32_t line = above + 1; line < below; line++)
            plain_row_add(drawing, line);
        return;
    }
    if (is_held_at(drawing, above + 1))
        plain_row_add(drawing, above + 1);
    gap_row_add(drawing, above + 2);
}

static void place_add(struct drawing *drawing, const struct span *span)
{
    struct strbuf *text = drawing->text;

    escape_text(text, drawing->output->is_github, span->file);
    strbuf_printf(text, ":%u:%u", span->line, span->column);
}

/* A mark whose line can't be shown still has its words. */
static void note_row_add(struct drawing *drawing, const struct mark *mark)
{
    struct strbuf *text = drawing->text;

    if (!mark->text || !*mark->text)
        return;
    strbuf_printf(text, "%*s = note: ", (int)drawing->width, "");
    place_add(drawing, &mark->span);
    strbuf_add(text, ": ");
    escape_text(text, drawing->output->is_github, mark->text);
    strbuf_add(text, "\n");
}

/* `:::` could be read as the start of a command by GitHub's runner. */
static void header_add(struct drawing *drawing, const struct span *span)
{
    bool is_own = span == &drawing->diag->marks.items[0].span;
    const char *arrow = is_own || drawing->output->is_github ? "-->" : ":::";

    repeat_add(drawing->text, ' ', drawing->width);
    style_add(drawing->text, drawing->output, STYLE_FRAME, arrow);
    strbuf_add(drawing->text, " ");
    place_add(drawing, span);
    strbuf_add(drawing->text, "\n");
}

static void marks_draw(struct drawing *drawing, const struct mark **marks,
                       uint32_t count)
{
    uint32_t above = 0;
    struct slice slice;

    margin_add(drawing, 0, false);
    row_end(drawing);
    for (uint32_t i = 0; i < count; i++) {
        const struct span *span = &marks[i]->span;

        if (span->line != above) {
            if (above)
                between_add(drawing, above, span->line);
            slice_take(&slice, lines_find(drawing->lines, span->line),
                       span->column);
            source_row_add(drawing, span->line, &slice);
        }
        mark_row_add(drawing, marks[i], &slice);
        above = span->line;
    }
    margin_add(drawing, 0, false);
    row_end(drawing);
}

/* All marks of the file that `place` is in. */
static void file_draw(struct drawing *drawing, struct lines_cache *cache,
                      const struct span *place)
{
    const struct span *held = &drawing->diag->held;
    const struct mark *shown[MARKS_MAX];
    uint32_t count = 0;

    drawing->lines = lines_get(cache, place->file);
    drawing->has_bar = held->file && !strcmp(held->file, place->file) &&
                       held->end_line > held->line;
    header_add(drawing, place);
    for (uint32_t i = 0; i < drawing->mark_count; i++) {
        const struct mark *mark = drawing->marks[i];

        if (strcmp(mark->span.file, place->file) != 0)
            continue;
        if (drawing->lines && lines_find(drawing->lines, mark->span.line))
            shown[count++] = mark;
        else
            note_row_add(drawing, mark);
    }
    if (!count)
        return;
    qsort(shown, count, sizeof(*shown), mark_compare);
    marks_draw(drawing, shown, count);
}
