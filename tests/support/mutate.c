/*
 * See mutate.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/mutate.h"

#include <string.h>

#include "base/str.h"

enum {
    MOST_FAULTS = 8,
    MOST_DELETED = 200,
    MOST_COPIED = 400,
    MOST_REPEATED = 300,
};

/* What lexers, parsers and printers stumble over. */
static const char *const odd[] = {
    "\xff",
    "\xc3",
    "\xe2\x80\xae", /* what follows is shown from right to left */
    "\x1b[31m",
    "\r",
    "\\\n",
    "?\?/\n", /* a backslash, as a trigraph */
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "#",
    "#if 0\n",
    "#endif\n",
    "#define x x x\n",
    "#include __FILE__\n",
    "((((((((",
    "{",
    "}",
    "[",
    ";",
    "0x",
    "99999999999999999999",
    "-1",
    "goto out;",
    "case 1:",
    "default:",
    "break;",
    "continue;",
    "return;",
    "__attribute__((cleanup(x)))",
    "({",
    "})",
    "&&label",
    "_Generic(",
    "asm(\"\");",
    "struct a { struct a a; } a;",
    "typedef int int;",
    "void f(void) { f(); }",
    "#pragma clang __debug crash\n",
    "&a\n",
    "*a\n",
    "- \n",
    "? ",
    "!!x ",
    "<<: *a\n",
    "%s%n",
};

/* A run that begins anywhere, of at most that many bytes. */
static struct text piece(struct chance *chance, struct text text, uint32_t most)
{
    size_t at;
    size_t length;

    if (!text.length)
        return text;
    at = chance_below(chance, (uint32_t)text.length);
    length = chance_below(chance, most) + 1;
    if (length > text.length - at)
        length = text.length - at;
    return (struct text){text.bytes + at, length};
}

static void add(struct strbuf *out, struct text text)
{
    strbuf_add_bytes(out, text.bytes, text.length);
}

static struct text spoil(struct arena *arena, struct chance *chance,
                         struct text text, struct text other)
{
    struct strbuf out = {.arena = arena};
    size_t at = chance_below(chance, (uint32_t)text.length + 1);
    struct text before = {text.bytes, at};
    struct text after = {text.bytes + at, text.length - at};
    struct text cut;
    char byte;

    add(&out, before);
    switch (chance_below(chance, 8)) {
    case 0: /* another byte, perhaps a NUL */
        byte = (char)chance_below(chance, 256);
        strbuf_add_bytes(&out, &byte, 1);
        after.bytes += after.length > 0;
        after.length -= after.length > 0;
        break;
    case 1:
        cut = piece(chance, after, MOST_DELETED);
        after.bytes += cut.length;
        after.length -= cut.length;
        break;
    case 2: /* once more */
        add(&out, piece(chance, text, MOST_COPIED));
        break;
    case 3:
        add(&out, piece(chance, other, MOST_COPIED));
        break;
    case 4: /* very often */
        cut = piece(chance, text, 6);
        for (uint32_t i = chance_below(chance, MOST_REPEATED); i > 0; i--)
            add(&out, cut);
        break;
    case 5:
        if (!chance_below(chance, 4))
            after.length = 0;
        break;
    default:
        strbuf_add(&out,
                   odd[chance_below(chance, sizeof(odd) / sizeof(odd[0]))]);
        break;
    }
    add(&out, after);
    return (struct text){strbuf_text(&out), out.length};
}

struct text mutate(struct arena *arena, struct chance *chance, struct text text,
                   struct text other)
{
    for (uint32_t i = chance_below(chance, MOST_FAULTS) + 1; i > 0; i--)
        text = spoil(arena, chance, text, other);
    return text;
}
