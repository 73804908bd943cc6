/*
 * libyaml's events become nodes. The bounds below are far above any real pack
 * (POSIX has some 300 entries, four levels deep, in 40 KiB): they are there so
 * that a hostile file ends in a sentence.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/pack_yaml.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"

enum {
    MAX_FILE_SIZE = 1 << 20, /* bytes: 20 times the largest shipped pack */
    MAX_DEPTH = 16,          /* levels: twice what the schema has */
};

struct source {
    yaml_parser_t parser;
    struct arena *arena;
    const char *file;
    const char *text;
    size_t length;
    struct err *err;
};

static bool document_read(struct source *source, struct pack_node **root);
static bool node_read(struct source *source, yaml_event_t *event, int depth,
                      struct pack_node **node);

bool pack_yaml_read(struct arena *arena, const char *file, const char *text,
                    size_t length, struct pack_node **root, struct err *err)
{
    struct source source = {.arena = arena,
                            .file = file,
                            .text = text,
                            .length = length,
                            .err = err};
    bool read;

    if (length > MAX_FILE_SIZE)
        return err_set(err, "%s:1:1: a pack of more than 1 MiB", file);
    if (!yaml_parser_initialize(&source.parser))
        die("out of memory");
    yaml_parser_set_input_string(&source.parser, (const unsigned char *)text,
                                 length);
    read = document_read(&source, root);
    yaml_parser_delete(&source.parser);
    return read;
}

/* libyaml's reader knows only the offset of a bad byte. */
static bool encoding_err(const struct source *source)
{
    unsigned line = 1;
    unsigned column = 1;

    for (size_t i = 0; i < source->length; i++) {
        if (i == source->parser.problem_offset)
            break;
        column++;
        if (source->text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return err_set(source->err, "%s:%u:%u: not text: %s", source->file, line,
                   column, source->parser.problem);
}

static bool syntax_err(const struct source *source)
{
    const yaml_parser_t *parser = &source->parser;
    const char *hint = "";

    if (parser->error == YAML_MEMORY_ERROR)
        die("out of memory");
    if (parser->error == YAML_READER_ERROR)
        return encoding_err(source);
    if (parser->context && strstr(parser->context, "an alias"))
        hint = " (a name that begins with '*' has to be in quotes)";
    return err_set(source->err, "%s:%zu:%zu: not YAML: %s%s", source->file,
                   parser->problem_mark.line + 1,
                   parser->problem_mark.column + 1, parser->problem, hint);
}

static bool event_err(const struct source *source, const yaml_event_t *event,
                      const char *sentence)
{
    return err_set(source->err, "%s:%zu:%zu: %s", source->file,
                   event->start_mark.line + 1, event->start_mark.column + 1,
                   sentence);
}

static bool event_next(struct source *source, yaml_event_t *event)
{
    return yaml_parser_parse(&source->parser, event) || syntax_err(source);
}

/* Reads the next event, of which only the kind is of interest. */
static bool event_skip(struct source *source, yaml_event_type_t *type)
{
    yaml_event_t event;

    if (!event_next(source, &event))
        return false;
    *type = event.type;
    yaml_event_delete(&event);
    return true;
}

static bool document_read(struct source *source, struct pack_node **root)
{
    yaml_event_type_t type;
    yaml_event_t event;
    bool read;

    if (!event_skip(source, &type) || !event_skip(source, &type))
        return false;
    if (type == YAML_STREAM_END_EVENT)
        return err_set(source->err, "%s:1:1: the pack is empty", source->file);
    if (!event_next(source, &event))
        return false;
    read = node_read(source, &event, 0, root);
    yaml_event_delete(&event);
    if (!read || !event_skip(source, &type))
        return false;
    if (!event_next(source, &event))
        return false;
    if (event.type != YAML_STREAM_END_EVENT)
        read = event_err(source, &event, "a second document in one pack");
    yaml_event_delete(&event);
    return read;
}

static bool text_read(struct source *source, const yaml_event_t *event,
                      struct pack_node *node)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return event_err(source, event,
                             "a line break or another control character");
    }
    node->kind = PACK_TEXT;
    node->text = arena_strndup(source->arena, text, length);
    return true;
}

/* The items of a list, or the keys and values of a map in turn. */
static bool items_read(struct source *source, yaml_event_type_t end, int depth,
                       struct pack_node *node)
{
    struct pack_node *item;
    bool is_done = false;
    bool read = true;
    yaml_event_t event;

    for (uint32_t i = 0; read && !is_done; i++) {
        if (!event_next(source, &event))
            return false;
        is_done = event.type == end;
        if (!is_done)
            read = node_read(source, &event, depth + 1, &item);
        if (!is_done && read && node->kind == PACK_MAP && i % 2 == 0)
            vec_add(source->arena, &node->keys, item);
        else if (!is_done && read)
            vec_add(source->arena, &node->items, item);
        yaml_event_delete(&event);
    }
    return read;
}

static bool keys_check(const struct source *source,
                       const struct pack_node *node)
{
    struct map seen = {.arena = source->arena};

    assert(node->keys.count == node->items.count);
    for (uint32_t i = 0; i < node->keys.count; i++) {
        const struct pack_node *key = node->keys.items[i];
        bool is_new;
        uint32_t *first;

        if (key->kind != PACK_TEXT)
            return pack_node_err(key, source->err, "a key has to be a word");
        first = map_add_str(&seen, key->text, i, &is_new);
        if (!is_new)
            return pack_node_err(key, source->err,
                                 "'%s' stands here twice, first in line %u",
                                 key->text, node->keys.items[*first]->line);
    }
    return true;
}

static bool has_tag(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.tag;
    return event->type == YAML_MAPPING_START_EVENT &&
           event->data.mapping_start.tag;
}

static bool node_read(struct source *source, yaml_event_t *event, int depth,
                      struct pack_node **node)
{
    struct pack_node *made = arena_alloc(source->arena, sizeof(*made));

    made->file = source->file;
    made->line = (uint32_t)event->start_mark.line + 1;
    made->column = (uint32_t)event->start_mark.column + 1;
    *node = made;
    if (depth > MAX_DEPTH)
        return event_err(source, event, "nested too deeply");
    if (event->type == YAML_ALIAS_EVENT)
        return event_err(source, event,
                         "a pack has no aliases (a name that begins with '*' "
                         "has to be in quotes)");
    if (has_tag(event))
        return event_err(source, event, "a pack has no tags ('!…')");
    if (event->type == YAML_SCALAR_EVENT)
        return text_read(source, event, made);
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        made->kind = PACK_LIST;
        return items_read(source, YAML_SEQUENCE_END_EVENT, depth, made);
    }
    assert(event->type == YAML_MAPPING_START_EVENT);
    made->kind = PACK_MAP;
    return items_read(source, YAML_MAPPING_END_EVENT, depth, made) &&
           keys_check(source, made);
}

const struct pack_node *pack_node_find(const struct pack_node *map,
                                       const char *key)
{
    assert(map->kind == PACK_MAP);
    for (uint32_t i = 0; i < map->keys.count; i++) {
        if (!strcmp(map->keys.items[i]->text, key))
            return map->items.items[i];
    }
    return NULL;
}

bool pack_node_err(const struct pack_node *node, struct err *err,
                   const char *format, ...)
{
    char sentence[sizeof(err->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return err_set(err, "%s:%u:%u: %s", node->file, node->line, node->column,
                   sentence);
}
