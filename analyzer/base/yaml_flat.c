/*
 * Nodes in the order in which they stand in the file, then their texts. A list
 * is followed by its items, a map by keys and items in turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/yaml_flat.h"

#include <string.h>

struct flat_node {
    uint32_t kind;
    uint32_t count; /* of a TEXT: where it begins among the texts */
    uint32_t line;
    uint32_t column;
};

struct writer {
    struct strbuf nodes;
    struct strbuf texts;
};

static void node_write(struct writer *writer, const struct yaml_node *node)
{
    struct flat_node flat = {node->kind, node->items.count, node->line,
                             node->column};

    if (node->kind == YAML_TEXT) {
        flat.count = (uint32_t)writer->texts.length;
        strbuf_add_bytes(&writer->texts, node->text, strlen(node->text) + 1);
    }
    strbuf_add_bytes(&writer->nodes, (const char *)&flat, sizeof(flat));
    for (uint32_t i = 0; i < node->items.count; i++) {
        if (node->kind == YAML_MAP)
            node_write(writer, node->keys.items[i]);
        node_write(writer, node->items.items[i]);
    }
}

void yaml_flat_write(const struct yaml_node *root, struct strbuf *out)
{
    struct writer writer = {{.arena = out->arena}, {.arena = out->arena}};
    uint32_t count;

    node_write(&writer, root);
    count = (uint32_t)(writer.nodes.length / sizeof(struct flat_node));
    strbuf_add_bytes(out, (const char *)&count, sizeof(count));
    strbuf_add_bytes(out, writer.nodes.text, writer.nodes.length);
    strbuf_add_bytes(out, writer.texts.text, writer.texts.length);
}

struct reader {
    struct arena *arena;
    const char *file;
    const char *at; /* the next flat node */
    const char *texts;
    struct yaml_node *next;
};

static struct yaml_node *node_read(struct reader *reader)
{
    struct yaml_node *node = reader->next++;
    struct flat_node flat;

    memcpy(&flat, reader->at, sizeof(flat));
    reader->at += sizeof(flat);
    node->kind = (enum yaml_kind)flat.kind;
    node->text = "";
    node->file = reader->file;
    node->line = flat.line;
    node->column = flat.column;
    if (node->kind == YAML_TEXT) {
        node->text = reader->texts + flat.count;
        return node;
    }
    node->items.items =
        arena_array(reader->arena, flat.count, sizeof(*node->items.items));
    node->items.count = node->items.capacity = flat.count;
    if (node->kind == YAML_MAP) {
        node->keys.items =
            arena_array(reader->arena, flat.count, sizeof(*node->keys.items));
        node->keys.count = node->keys.capacity = flat.count;
    }
    for (uint32_t i = 0; i < flat.count; i++) {
        if (node->kind == YAML_MAP)
            node->keys.items[i] = node_read(reader);
        node->items.items[i] = node_read(reader);
    }
    return node;
}

struct yaml_node *yaml_flat_read(struct arena *arena, const char *file,
                                 const void *bytes)
{
    struct reader reader = {.arena = arena, .file = file};
    uint32_t count;

    memcpy(&count, bytes, sizeof(count));
    reader.at = (const char *)bytes + sizeof(count);
    reader.texts = reader.at + count * sizeof(struct flat_node);
    reader.next = arena_array(arena, count, sizeof(*reader.next));
    return node_read(&reader);
}
