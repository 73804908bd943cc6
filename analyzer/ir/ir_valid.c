/*
 * Is a unit what ir.h promises? Checked after lowering in debug builds, and
 * always after reading facts, because facts come from a file that anyone may
 * have written: behind this check no index needs to be looked at twice.
 *
 * Types and expressions refer to entries made before them only, so that
 * walking them always ends; types may also refer forward (a struct that
 * points to itself), but only through a record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/ir.h"

#define IN(index, table) ((index) < unit->table.count)
#define REQUIRE(fact)                                                          \
    do {                                                                       \
        if (!(fact)) {                                                         \
            *reason = #fact;                                                   \
            return false;                                                      \
        }                                                                      \
    } while (0)

static bool range_fits(uint32_t first, uint32_t count, uint32_t total)
{
    return first <= total && count <= total - first;
}

static bool list_is_valid(const struct ir_unit *unit, struct ir_list list,
                          uint32_t bound)
{
    if (!range_fits(list.first, list.count, unit->lists.count))
        return false;
    for (uint32_t i = 0; i < list.count; i++)
        if (ir_list_at(unit, list, i) >= bound)
            return false;
    return true;
}

static bool words_are_valid(const struct ir_unit *unit, struct ir_list list)
{
    return list_is_valid(unit, list, unit->text.count);
}

static bool loc_is_valid(const struct ir_unit *unit, const struct ir_loc *loc)
{
    return IN(loc->file, files);
}

static bool types_are_valid(const struct ir_unit *unit, const char **reason)
{
    for (uint32_t i = 0; i < unit->types.count; i++) {
        const struct ir_type *type = &unit->types.items[i];

        REQUIRE(type->kind <= IR_TYPE_TYPEDEF);
        REQUIRE(IN(type->name, text));
        REQUIRE(IN(type->symbol, symbols));
        if (type->kind == IR_TYPE_RECORD)
            REQUIRE(IN(type->of, records));
        else
            REQUIRE(!type->of || type->of < i);
    }
    return true;
}

static bool declarations_are_valid(const struct ir_unit *unit,
                                   const char **reason)
{
    for (uint32_t i = 0; i < unit->files.count; i++)
        REQUIRE(IN(unit->files.items[i].path, text));
    for (uint32_t i = 0; i < unit->records.count; i++) {
        const struct ir_record *record = &unit->records.items[i];

        REQUIRE(IN(record->name, text));
        REQUIRE(loc_is_valid(unit, &record->loc));
        REQUIRE(range_fits(record->first_field, record->field_count,
                           unit->fields.count));
    }
    for (uint32_t i = 0; i < unit->fields.count; i++) {
        const struct ir_field *field = &unit->fields.items[i];

        REQUIRE(IN(field->name, text) && IN(field->record, records));
        REQUIRE(IN(field->type, types));
        REQUIRE(words_are_valid(unit, field->annotations));
        REQUIRE(words_are_valid(unit, field->words));
    }
    for (uint32_t i = 0; i < unit->symbols.count; i++) {
        const struct ir_symbol *symbol = &unit->symbols.items[i];

        REQUIRE(symbol->kind <= IR_SYMBOL_TYPEDEF);
        REQUIRE(IN(symbol->usr, text) && IN(symbol->name, text));
        REQUIRE(IN(symbol->type, types));
        REQUIRE(words_are_valid(unit, symbol->annotations));
        REQUIRE(words_are_valid(unit, symbol->words));
        REQUIRE(loc_is_valid(unit, &symbol->loc));
    }
    return true;
}

/* A flat switch over the kinds: which operands each kind has. */
static bool expr_is_valid(const struct ir_unit *unit, uint32_t at,
                          const char **reason)
{
    const struct ir_expr *expr = &unit->exprs.items[at];

    REQUIRE(IN(expr->type, types));
    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_NONE:
    case IR_EXPR_CONST:
    case IR_EXPR_ZERO:
        return true;
    case IR_EXPR_UNKNOWN:
    case IR_EXPR_STRING:
        REQUIRE(IN(expr->text, text));
        return true;
    case IR_EXPR_FN:
    case IR_EXPR_GLOBAL:
        REQUIRE(IN(expr->symbol, symbols));
        return true;
    case IR_EXPR_VAR:
        REQUIRE(IN(expr->var, vars));
        return true;
    case IR_EXPR_TEMP:
        REQUIRE(IN(expr->op, ops));
        return true;
    case IR_EXPR_FIELD:
        REQUIRE(expr->a < at && IN(expr->field, fields));
        return true;
    case IR_EXPR_DEREF:
    case IR_EXPR_ADDR:
        REQUIRE(expr->a < at);
        return true;
    case IR_EXPR_UNARY:
        REQUIRE(expr->a < at && expr->operator<= IR_MINUS);
        return true;
    case IR_EXPR_INDEX:
    case IR_EXPR_BINARY:
        REQUIRE(expr->a < at && expr->b < at);
        REQUIRE(expr->operator<IR_OPERATOR_COUNT);
        return true;
    }
    *reason = "an expression of an unknown kind";
    return false;
}

static bool op_is_terminator(const struct ir_op *op)
{
    static const bool is_terminator[] = {
#define OP(name, printed, terminator) terminator,
#include "ir/ir_ops.def"
#undef OP
    };

    return is_terminator[op->kind];
}

static bool op_is_valid(const struct ir_unit *unit, const struct ir_op *op,
                        const char **reason)
{
    REQUIRE(op->kind <= IR_UNREACHABLE);
    REQUIRE(loc_is_valid(unit, &op->loc));
    REQUIRE(IN(op->macro, macros) && IN(op->prefix, text));
    REQUIRE(list_is_valid(unit, op->args, unit->exprs.count));
    switch ((enum ir_op_kind)op->kind) {
    case IR_SCOPE_ENTER:
    case IR_SCOPE_EXIT:
        REQUIRE(IN(op->a, vars));
        return true;
    case IR_MACRO_BEGIN:
    case IR_MACRO_END:
        REQUIRE(IN(op->a, macros));
        return true;
    default:
        REQUIRE(IN(op->a, exprs) && IN(op->b, exprs));
        return true;
    }
}

static bool block_is_valid(const struct ir_unit *unit, const struct ir_fn *fn,
                           const struct ir_block *block, const char **reason)
{
    REQUIRE(block->op_count > 0);
    REQUIRE(range_fits(block->first_op, block->op_count, unit->ops.count));
    REQUIRE(block->first_op >= fn->first_op);
    REQUIRE(block->first_op - fn->first_op + block->op_count <= fn->op_count);
    REQUIRE(
        range_fits(block->first_edge, block->edge_count, unit->edges.count));
    for (uint32_t i = 0; i < block->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[block->first_op + i];

        if (!op_is_valid(unit, op, reason))
            return false;
        REQUIRE(op_is_terminator(op) == (i + 1 == block->op_count));
    }
    for (uint32_t i = 0; i < block->edge_count; i++) {
        ir_id target = unit->edges.items[block->first_edge + i].block;

        REQUIRE(target >= fn->first_block);
        REQUIRE(target - fn->first_block < fn->block_count);
    }
    return true;
}

static bool fn_is_valid(const struct ir_unit *unit, const struct ir_fn *fn,
                        const char **reason)
{
    REQUIRE(IN(fn->symbol, symbols));
    REQUIRE(loc_is_valid(unit, &fn->loc));
    REQUIRE(range_fits(fn->first_var, fn->var_count, unit->vars.count));
    REQUIRE(fn->param_count <= fn->var_count);
    REQUIRE(range_fits(fn->first_op, fn->op_count, unit->ops.count));
    REQUIRE(fn->block_count > 0);
    REQUIRE(range_fits(fn->first_block, fn->block_count, unit->blocks.count));
    for (uint32_t i = 0; i < fn->block_count; i++)
        if (!block_is_valid(unit, fn, ir_block(unit, fn, i), reason))
            return false;
    return true;
}

static bool rest_is_valid(const struct ir_unit *unit, const char **reason)
{
    for (uint32_t i = 0; i < unit->vars.count; i++) {
        const struct ir_var *var = &unit->vars.items[i];

        REQUIRE(IN(var->name, text) && IN(var->type, types));
        REQUIRE(IN(var->cleanup, symbols) && loc_is_valid(unit, &var->loc));
        REQUIRE(words_are_valid(unit, var->annotations));
        REQUIRE(words_are_valid(unit, var->words));
    }
    for (uint32_t i = 0; i < unit->macros.count; i++) {
        const struct ir_macro *macro = &unit->macros.items[i];

        REQUIRE(IN(macro->name, text) && IN(macro->scope, vars));
        REQUIRE(!macro->parent || macro->parent < i);
        REQUIRE(loc_is_valid(unit, &macro->loc));
        REQUIRE(list_is_valid(unit, macro->args, unit->exprs.count));
    }
    for (uint32_t i = 0; i < unit->notes.count; i++) {
        REQUIRE(IN(unit->notes.items[i].fn, fns));
        REQUIRE(IN(unit->notes.items[i].reason, text));
        REQUIRE(loc_is_valid(unit, &unit->notes.items[i].loc));
    }
    for (uint32_t i = 0; i < unit->problems.count; i++) {
        REQUIRE(IN(unit->problems.items[i].text, text));
        REQUIRE(loc_is_valid(unit, &unit->problems.items[i].loc));
    }
    for (uint32_t i = 0; i < unit->missing.count; i++)
        REQUIRE(IN(unit->missing.items[i].name, text));
    return true;
}

bool ir_unit_is_valid(const struct ir_unit *unit, const char **reason)
{
#define TABLE(element, name) REQUIRE(unit->name.count > 0);
    IR_TABLES(TABLE)
#undef TABLE
    REQUIRE(unit->text.items[0] == '\0');
    REQUIRE(unit->text.items[unit->text.count - 1] == '\0');
    REQUIRE(IN(unit->main_file, files));
    REQUIRE(!(unit->flags & ~(uint32_t)IR_UNIT_FLAGS));
    if (!types_are_valid(unit, reason) ||
        !declarations_are_valid(unit, reason) || !rest_is_valid(unit, reason))
        return false;
    for (uint32_t i = 0; i < unit->exprs.count; i++)
        if (!expr_is_valid(unit, i, reason))
            return false;
    for (uint32_t i = 1; i < unit->fns.count; i++)
        if (!fn_is_valid(unit, &unit->fns.items[i], reason))
            return false;
    return true;
}
