/*
 * Bidirectional controls, see odd.h. An editor that obeys them shows code as a
 * comment, or a comment as code (Boucher and Anderson, "Trojan Source", 2021;
 * CVE-2021-42574). All of them are E2 80 AA to AE and E2 81 A6 to A9.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/odd.h"

#include <string.h>

/* The character's number, or 0: it is no such control. */
static unsigned control_at(const unsigned char *text, size_t left)
{
    if (left < 3 || text[0] != 0xE2)
        return 0;
    if (text[1] == 0x80 && text[2] >= 0xAA && text[2] <= 0xAE)
        return 0x2000u + text[2] - 0x80u;
    if (text[1] == 0x81 && text[2] >= 0xA6 && text[2] <= 0xA9)
        return 0x2040u + text[2] - 0x80u;
    return 0;
}

static uint32_t line_of(const char *text, const char *at)
{
    uint32_t line = 1;

    while ((text = memchr(text, '\n', (size_t)(at - text)))) {
        text++;
        line++;
    }
    return line;
}

struct odd odd_find(const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = text;

    while (at < end && (at = memchr(at, 0xE2, (size_t)(end - at)))) {
        unsigned control =
            control_at((const unsigned char *)at, (size_t)(end - at));

        if (control)
            return (struct odd){control, line_of(text, at)};
        at++;
    }
    return (struct odd){0};
}

void odd_note(struct lower *lower, ir_id file, struct odd odd)
{
    struct ir_note note = {
        .is_odd = 1,
        .loc = {file, odd.line, 1, odd.line, 1},
    };

    if (!odd.control)
        return;
    note.reason = lower_str(
        lower, arena_printf(lower->arena,
                            "a bidirectional control (U+%04X): the text is not "
                            "read as it is shown",
                            odd.control));
    vec_add(lower->arena, &lower->unit->notes, note);
}
