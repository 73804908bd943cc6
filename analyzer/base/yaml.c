/*
 * Builds the tree from libyaml's events rather than from its documents: an
 * alias is then seen as one and refused before anything is expanded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "base/map.h"

enum {
    FILE_BYTES_MAX = 1 << 20, /* a thousand times what people write */
    DEPTH_MAX = 32,           /* ours nest five deep; recursion follows it */
    NODES_MAX = 1 << 16,      /* what 1 MiB of sensible text can hold */
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    const char *file;
    const char *text;
    uint32_t node_count;
    struct yaml_node *root;
    struct err *err;
};

static bool fail_at(const struct reader *reader, yaml_mark_t mark,
                    const char *what)
{
    return err_set(reader->err, "%s:%zu:%zu: %s", reader->file, mark.line + 1,
                   mark.column + 1, what);
}

/* A byte that is no UTF-8 is known by its offset only. */
static bool fail_at_byte(const struct reader *reader)
{
    size_t offset = reader->parser.problem_offset;
    yaml_mark_t mark = {0};

    for (size_t i = 0; i < offset; i++) {
        mark.column++;
        if (reader->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return fail_at(reader, mark, reader->parser.problem);
}

static bool event_next(struct reader *reader, yaml_event_t *event)
{
    const yaml_parser_t *parser = &reader->parser;

    if (yaml_parser_parse(&reader->parser, event))
        return true;
    if (parser->error == YAML_READER_ERROR)
        return fail_at_byte(reader);
    if (parser->error == YAML_MEMORY_ERROR)
        die("out of memory: reading '%s'", reader->file);
    /* The likeliest reason for one: a pattern such as `*_lock`. */
    if (parser->context && strstr(parser->context, "an alias"))
        return fail_at(reader, parser->context_mark,
                       "a word that begins with '*' has to be in quotes");
    return fail_at(reader, parser->problem_mark, parser->problem);
}

static struct yaml_node *node_new(struct reader *reader, enum yaml_kind kind,
                                  yaml_mark_t mark)
{
    struct yaml_node *node = arena_alloc(reader->arena, sizeof(*node));

    node->kind = kind;
    node->file = reader->file;
    node->line = (uint32_t)mark.line + 1;
    node->column = (uint32_t)mark.column + 1;
    node->text = "";
    return node;
}

static struct yaml_node *text_read(struct reader *reader,
                                   const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct yaml_node *node = node_new(reader, YAML_TEXT, event->start_mark);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            fail_at(reader, event->start_mark,
                    "a line break or another control character in a text");
            return NULL;
        }
    }
    node->text = arena_strndup(reader->arena, text, length);
    return node;
}

static bool has_tag(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.tag != NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.tag != NULL;
    return event->type == YAML_MAPPING_START_EVENT &&
           event->data.mapping_start.tag != NULL;
}

static struct yaml_node *node_read(struct reader *reader,
                                   const yaml_event_t *event, int depth);

/* The node that follows, or NULL with `*is_end` at the end of the list. */
static struct yaml_node *child_read(struct reader *reader, int depth,
                                    bool *is_end)
{
    struct yaml_node *child = NULL;
    yaml_event_t event;

    *is_end = false;
    if (!event_next(reader, &event))
        return NULL;
    *is_end = event.type == YAML_SEQUENCE_END_EVENT ||
              event.type == YAML_MAPPING_END_EVENT;
    if (!*is_end)
        child = node_read(reader, &event, depth);
    yaml_event_delete(&event);
    return child;
}

static bool list_fill(struct reader *reader, struct yaml_node *list, int depth)
{
    struct yaml_node *item;
    bool is_end;

    while ((item = child_read(reader, depth + 1, &is_end)))
        vec_add(reader->arena, &list->items, item);
    return is_end;
}

static bool map_fill(struct reader *reader, struct yaml_node *map, int depth)
{
    struct map seen = {.arena = reader->arena};
    struct yaml_node *key;
    bool is_end;

    while ((key = child_read(reader, depth + 1, &is_end))) {
        struct yaml_node *value;
        bool is_new;

        if (key->kind != YAML_TEXT)
            return yaml_fail(key, reader->err, "a key must be a plain word");
        map_add_str(&seen, key->text, 0, &is_new);
        if (!is_new)
            return yaml_fail(key, reader->err, "the key '%s' stands here twice",
                             key->text);
        value = child_read(reader, depth + 1, &is_end);
        if (!value)
            return false;
        vec_add(reader->arena, &map->keys, key);
        vec_add(reader->arena, &map->items, value);
    }
    return is_end;
}

static struct yaml_node *node_read(struct reader *reader,
                                   const yaml_event_t *event, int depth)
{
    struct yaml_node *node;

    if (depth > DEPTH_MAX) {
        fail_at(reader, event->start_mark, "nested too deeply");
        return NULL;
    }
    if (++reader->node_count > NODES_MAX) {
        fail_at(reader, event->start_mark, "more than 65536 entries");
        return NULL;
    }
    if (has_tag(event)) {
        fail_at(reader, event->start_mark, "tags ('!…') are not allowed");
        return NULL;
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return text_read(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        node = node_new(reader, YAML_LIST, event->start_mark);
        return list_fill(reader, node, depth) ? node : NULL;
    case YAML_MAPPING_START_EVENT:
        node = node_new(reader, YAML_MAP, event->start_mark);
        return map_fill(reader, node, depth) ? node : NULL;
    case YAML_ALIAS_EVENT:
        fail_at(reader, event->start_mark,
                "aliases are not allowed (a word that begins with '*' has to "
                "be in quotes)");
        return NULL;
    default:
        BUG("a YAML event of type %d inside a document", event->type);
    }
}

/* Stream and document starts carry nothing; the first node is the root, and
 * a second one would be a second document. */
static bool document_read(struct reader *reader)
{
    for (;;) {
        yaml_event_t event;
        yaml_event_type_t type;
        bool is_fine = true;

        if (!event_next(reader, &event))
            return false;
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && reader->root) {
            is_fine = fail_at(reader, event.start_mark,
                              "a second document; one is enough");
        } else if (type != YAML_STREAM_START_EVENT &&
                   type != YAML_STREAM_END_EVENT &&
                   type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT) {
            reader->root = node_read(reader, &event, 1);
            is_fine = reader->root != NULL;
        }
        yaml_event_delete(&event);
        if (!is_fine || type == YAML_STREAM_END_EVENT)
            return is_fine;
    }
}

bool yaml_text_read(struct arena *arena, const char *file, const char *text,
                    size_t length, struct yaml_node **root, struct err *err)
{
    struct reader reader = {
        .arena = arena, .file = file, .text = text, .err = err};
    bool is_read;

    if (length > FILE_BYTES_MAX)
        return err_set(err, "'%s' is larger than 1 MiB", file);
    if (!yaml_parser_initialize(&reader.parser))
        die("out of memory: reading '%s'", file);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text,
                                 length);
    is_read = document_read(&reader);
    yaml_parser_delete(&reader.parser);
    if (is_read && !reader.root)
        reader.root = node_new(&reader, YAML_MAP, (yaml_mark_t){0});
    *root = reader.root;
    return is_read;
}

static bool descriptor_read(int fd, struct arena *arena, const char *file,
                            char **text, size_t *length, struct err *err)
{
    struct stat info;
    ssize_t got;

    *length = 0;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return err_set(err, "'%s' is not a regular file", file);
    *text = arena_alloc(arena, FILE_BYTES_MAX + 1);
    do {
        got = read(fd, *text + *length, FILE_BYTES_MAX + 1 - *length);
        if (got > 0)
            *length += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        return err_set(err, "cannot read '%s': %s", file, strerror(errno));
    return true;
}

bool yaml_file_read(struct arena *arena, const char *file,
                    struct yaml_node **root, struct err *err)
{
    struct arena bytes = {0};
    char *text = NULL;
    size_t length;
    bool is_read;
    /* O_NONBLOCK, because opening a FIFO would wait for a writer. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_set(err, "cannot open '%s': %s", file, strerror(errno));
    is_read = descriptor_read(fd, &bytes, file, &text, &length, err) &&
              yaml_text_read(arena, file, text, length, root, err);
    close(fd);
    arena_finish(&bytes);
    return is_read;
}
