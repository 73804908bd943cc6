/*
 * One character at a time: what it is, how wide it is, how it is spelled.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/escape.h"

#include <string.h>
#include <utf8proc.h>

enum { TAB_CELLS = 8, INVALID = -1 };

/* The next character and how many bytes it takes; INVALID takes one. */
static int32_t character_read(const char *bytes, size_t length, size_t *size)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t got = utf8proc_iterate(
        (const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length, &character);

    *size = got > 0 ? (size_t)got : 1;
    return got > 0 ? character : INVALID;
}

/* Joiners are Cf, too, and belong to ordinary words and emoji. */
static bool is_joiner(int32_t character)
{
    return character == 0x200c || character == 0x200d;
}

/* Moves, hides or reorders what is seen (Trojan Source, CVE-2021-42574). */
static bool is_dangerous(int32_t character)
{
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    case UTF8PROC_CATEGORY_CF:
        return !is_joiner(character);
    default:
        return false;
    }
}

static void blanks_add(struct escape *escape, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        strbuf_add(escape->text, " ");
    escape->cell += count;
}

/* Only ASCII: as many cells as bytes. */
static void spelling_add(struct escape *escape, const char *spelling)
{
    strbuf_add(escape->text, spelling);
    escape->cell += (uint32_t)strlen(spelling);
}

static void character_add(struct escape *escape, const char *bytes, size_t size,
                          int32_t character)
{
    char spelling[16];

    if (character == '\t') {
        blanks_add(escape, TAB_CELLS - escape->cell % TAB_CELLS);
    } else if (character == INVALID) {
        snprintf(spelling, sizeof(spelling), "<0x%02X>", (unsigned char)*bytes);
        spelling_add(escape, spelling);
    } else if (is_dangerous(character)) {
        snprintf(spelling, sizeof(spelling), "<U+%04X>", (unsigned)character);
        spelling_add(escape, spelling);
    } else {
        strbuf_add_bytes(escape->text, bytes, size);
        escape->cell += (uint32_t)utf8proc_charwidth(character);
    }
    if (escape->is_github && character == '[' && escape->hashes >= 2)
        spelling_add(escape, "\\");
    escape->hashes = character == '#' ? escape->hashes + 1 : 0;
}

void escape_line(struct escape *escape, const char *bytes, size_t length,
                 uint32_t *cells)
{
    size_t size;

    for (size_t at = 0; at < length; at += size) {
        int32_t character = character_read(bytes + at, length - at, &size);

        for (size_t i = 0; cells && i < size; i++)
            cells[at + i] = escape->cell;
        character_add(escape, bytes + at, size, character);
    }
    if (cells)
        cells[length] = escape->cell;
}

void escape_text(struct strbuf *text, bool is_github, const char *raw)
{
    struct escape escape = {.text = text, .is_github = is_github};

    escape_line(&escape, raw, strlen(raw), NULL);
}

void escape_print(FILE *file, const char *raw)
{
    struct arena arena = {0};
    struct strbuf text = {.arena = &arena};

    /* Always as for GitHub: whoever prints a note need not ask where. */
    escape_text(&text, true, raw);
    fputs(strbuf_text(&text), file);
    arena_finish(&arena);
}

void escape_print_lines(FILE *file, char *text)
{
    char *line;

    while ((line = strsep(&text, "\n"))) {
        escape_print(file, line);
        if (text)
            fputc('\n', file);
    }
}
