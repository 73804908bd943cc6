/*
 * A text is its length, or NO_TEXT, and its bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/bytes.h"

#include <string.h>

#define NO_TEXT UINT32_MAX

void bytes_add_number(struct strbuf *out, uint32_t number)
{
    strbuf_add_bytes(out, (const char *)&number, sizeof(number));
}

void bytes_add_text(struct strbuf *out, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    if (!text || length >= NO_TEXT) {
        bytes_add_number(out, NO_TEXT);
        return;
    }
    bytes_add_number(out, (uint32_t)length);
    strbuf_add_bytes(out, text, length);
}

void bytes_add_digest(struct strbuf *out, struct digest digest)
{
    strbuf_add_bytes(out, (const char *)&digest, sizeof(digest));
}

const char *bytes_take(struct bytes_reader *reader, size_t size)
{
    const char *start = reader->at;

    if (reader->is_bad || reader->left < size) {
        reader->is_bad = true;
        return NULL;
    }
    reader->at += size;
    reader->left -= size;
    return start;
}

uint32_t bytes_number(struct bytes_reader *reader)
{
    uint32_t number = 0;
    const char *start = bytes_take(reader, sizeof(number));

    if (start)
        memcpy(&number, start, sizeof(number));
    return number;
}

uint32_t bytes_count(struct bytes_reader *reader)
{
    uint32_t count = bytes_number(reader);

    if (count <= reader->left / sizeof(count))
        return count;
    reader->is_bad = true;
    return 0;
}

const char *bytes_text(struct bytes_reader *reader)
{
    uint32_t length = bytes_number(reader);
    const char *start;

    if (length == NO_TEXT)
        return NULL;
    start = bytes_take(reader, length);
    if (!start || memchr(start, '\0', length)) {
        reader->is_bad = true;
        return NULL;
    }
    return arena_strndup(reader->arena, start, length);
}

const char *bytes_words(struct bytes_reader *reader)
{
    const char *text = bytes_text(reader);

    reader->is_bad = reader->is_bad || !text;
    return text ? text : "";
}
