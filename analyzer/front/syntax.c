/*
 * Access paths from text, see syntax.h. Only what a path can be made of is
 * understood: names, `.`, `->`, `*`, `&`, constant or named indices, casts
 * and parentheses; anything else is UNKNOWN, and the finding names less.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/syntax.h"

#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "front/flow.h"

const TSLanguage *tree_sitter_c(void);

enum {
    LONGEST_PATH = 4096, /* an argument longer than this names no lock */
    DEEPEST_PATH = 32,
};

struct path_text {
    struct lower *lower;
    const char *text;
    int depth;
};

static ir_id path_of(struct path_text *path, TSNode node);

static char *node_text(const struct path_text *path, TSNode node)
{
    uint32_t start = ts_node_start_byte(node);

    return arena_strndup(&path->lower->build->arena, path->text + start,
                         ts_node_end_byte(node) - start);
}

static TSNode child(TSNode node, const char *field)
{
    return ts_node_child_by_field_name(node, field, (uint32_t)strlen(field));
}

static ir_id unknown(const struct path_text *path)
{
    return node_unknown(path->lower, path->text, 0);
}

static ir_id name_of(const struct path_text *path, TSNode node)
{
    const struct ir_unit *unit = path->lower->unit;
    const char *name = node_text(path, node);
    ir_id symbol;

    for (ir_id i = unit->vars.count; i > path->lower->build->fn.first_var; i--)
        if (!strcmp(ir_text(unit, unit->vars.items[i - 1].name), name))
            return node_var(path->lower, i - 1);
    symbol = lower_symbol_named(path->lower, name);
    return symbol ? node_symbol(path->lower, symbol) : unknown(path);
}

static ir_id field_of(struct path_text *path, TSNode node)
{
    struct lower *lower = path->lower;
    ir_id base = path_of(path, child(node, "argument"));
    bool is_arrow = !strcmp(node_text(path, child(node, "operator")), "->");
    ir_id type;
    ir_id field;

    if (is_arrow)
        base = node_deref(lower, base);
    type = lower->unit->exprs.items[base].type;
    field = ir_field_find(lower->unit, ir_type_record(lower->unit, type),
                          node_text(path, child(node, "field")));
    return field ? node_field(lower, base, field) : unknown(path);
}

static ir_id index_of(struct path_text *path, TSNode node)
{
    struct lower *lower = path->lower;
    ir_id base = path_of(path, child(node, "argument"));
    ir_id index = path_of(path, child(node, "index"));

    if (ir_type_is_pointer(lower->unit, lower->unit->exprs.items[base].type))
        base = node_deref(lower, base);
    return node_index(lower, base, index);
}

static ir_id pointer_of(struct path_text *path, TSNode node)
{
    ir_id operand = path_of(path, child(node, "argument"));

    if (*node_text(path, child(node, "operator")) == '&')
        return node_addr(path->lower, operand);
    return node_deref(path->lower, operand);
}

static ir_id path_of(struct path_text *path, TSNode node)
{
    const char *type = ts_node_is_null(node) ? "" : ts_node_type(node);
    ir_id found;

    if (path->depth++ > DEEPEST_PATH)
        return unknown(path);
    if (!strcmp(type, "identifier"))
        found = name_of(path, node);
    else if (!strcmp(type, "field_expression"))
        found = field_of(path, node);
    else if (!strcmp(type, "subscript_expression"))
        found = index_of(path, node);
    else if (!strcmp(type, "pointer_expression"))
        found = pointer_of(path, node);
    else if (!strcmp(type, "parenthesized_expression"))
        found = path_of(path, ts_node_named_child(node, 0));
    else if (!strcmp(type, "cast_expression"))
        found = path_of(path, child(node, "value"));
    else if (!strcmp(type, "number_literal"))
        found =
            node_const(path->lower, strtoll(node_text(path, node), NULL, 0));
    else
        found = unknown(path);
    path->depth--;
    return found;
}

ir_id syntax_path(struct lower *lower, const char *text, size_t length)
{
    struct path_text path = {.lower = lower};
    TSParser *parser;
    TSTree *tree;
    TSNode root;
    ir_id found;

    path.text = arena_printf(&lower->build->arena, "%.*s;",
                             (int)(length < LONGEST_PATH ? length : 0), text);
    parser = ts_parser_new();
    if (!parser || !ts_parser_set_language(parser, tree_sitter_c()))
        return unknown(&path);
    tree = ts_parser_parse_string(parser, NULL, path.text,
                                  (uint32_t)strlen(path.text));
    root = ts_tree_root_node(tree);
    if (ts_node_named_child_count(root))
        root = ts_node_named_child(root, 0);
    found = ts_node_named_child_count(root)
                ? path_of(&path, ts_node_named_child(root, 0))
                : unknown(&path);
    ts_tree_delete(tree);
    ts_parser_delete(parser);
    return found;
}
