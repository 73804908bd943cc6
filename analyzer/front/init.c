/*
 * Initialisers: one ASSIGN per element that is named or listed, after one
 * that makes the whole object zero, as C does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/lower.h"

enum {
    /* Tables of data have thousands of numbers; tables of callbacks, which
     * is what we are after, have fewer entries than this. */
    MOST_ELEMENTS = 4096,
    MOST_RANGE = 64, /* elements of [A ... B] that are told apart */
};

/* Where the next element without a designator goes. */
struct position {
    ir_id place;
    CXType type;
    uint32_t next;
};

static CXType canonical(CXType type)
{
    return clang_getUnqualifiedType(clang_getCanonicalType(type));
}

static bool is_array(CXType type)
{
    return type.kind == CXType_ConstantArray ||
           type.kind == CXType_IncompleteArray ||
           type.kind == CXType_VariableArray;
}

static ir_id element(struct lower *lower, struct position *at, CXType *type)
{
    const struct ir_record *record;
    ir_id field;

    if (is_array(at->type)) {
        *type = canonical(clang_getArrayElementType(at->type));
        return node_index(lower, at->place, node_const(lower, at->next++));
    }
    if (at->type.kind != CXType_Record)
        return 0;
    record = &lower->unit->records.items[lower_record(lower, at->type)];
    if (at->next >= record->field_count)
        return 0;
    field = record->first_field + at->next++;
    *type = (CXType){0};
    return node_field(lower, at->place, field);
}

static bool is_designated(CXCursor init)
{
    return clang_getCursorKind(init) == CXCursor_UnexposedExpr &&
           clang_getCursorType(init).kind == CXType_Void;
}

/* Of two indices in a row, the second is the end of a range, unless the
 * elements are arrays themselves. */
static bool is_array_range(CXType type, CXCursor second)
{
    return clang_getCursorKind(second) != CXCursor_MemberRef &&
           !is_array(canonical(clang_getArrayElementType(type)));
}

static void next_after(struct lower *lower, struct position *at, ir_id field)
{
    const struct ir_field *found = &lower->unit->fields.items[field];

    at->next =
        field - lower->unit->records.items[found->record].first_field + 1;
}

static ir_id constant_of(struct lower *lower, CXCursor expr, int64_t *value)
{
    ir_id made = lower_value(lower, expr);

    if (!node_is_const(lower, made, value))
        *value = 0;
    return made;
}

/* [low ... high] = value, as the first and only designator */
static void range_designated(struct lower *lower, struct position *at,
                             const struct children *parts, uint32_t flags)
{
    int64_t low;
    int64_t high;

    constant_of(lower, parts->items[0], &low);
    constant_of(lower, parts->items[1], &high);
    at->next = (uint32_t)high + 1;
    if (high - low >= MOST_RANGE)
        high = low + MOST_RANGE - 1;
    for (int64_t i = low; i <= high; i++)
        lower_init(lower, node_index(lower, at->place, node_const(lower, i)),
                   canonical(clang_getArrayElementType(at->type)),
                   parts->items[2], flags);
}

/* .in.x = 3, [2] = 5, [0].y = 7: references and indices, then a value */
static void designated(struct lower *lower, struct position *at, CXCursor init,
                       uint32_t flags)
{
    struct children parts = children_of(lower, init);
    ir_id place = at->place;
    CXType type = at->type;
    int64_t value;

    if (parts.count == 3 && is_array(type) &&
        is_array_range(type, parts.items[1])) {
        range_designated(lower, at, &parts, flags);
        return;
    }
    for (uint32_t i = 0; i + 1 < parts.count; i++) {
        CXCursor part = parts.items[i];

        if (clang_getCursorKind(part) == CXCursor_MemberRef) {
            CXCursor decl = clang_getCursorReferenced(part);
            ir_id field = lower_field(lower, decl);

            place = node_field(lower, place, field);
            type = canonical(clang_getCursorType(decl));
            if (!i && field)
                next_after(lower, at, field);
        } else if (is_array(type)) {
            place = node_index(lower, place, constant_of(lower, part, &value));
            type = canonical(clang_getArrayElementType(type));
            if (!i)
                at->next = (uint32_t)value + 1;
        }
    }
    if (parts.count)
        lower_init(lower, place, type, parts.items[parts.count - 1], flags);
}

static CXType type_of_init(CXType element_type, CXCursor init)
{
    if (element_type.kind != CXType_Invalid)
        return element_type;
    return canonical(clang_getCursorType(init));
}

static void list_init(struct lower *lower, ir_id place, CXType type,
                      CXCursor list, uint32_t flags)
{
    struct children parts = expr_children_of(lower, list);
    struct position at = {place, canonical(type), 0};
    ir_id zero = node_add(lower, (struct ir_expr){.kind = IR_EXPR_ZERO});

    lower_assign(lower, place, zero, flags);
    for (uint32_t i = 0; i < parts.count && i < MOST_ELEMENTS; i++) {
        CXType element_type = {0};
        ir_id target;

        if (is_designated(parts.items[i])) {
            designated(lower, &at, parts.items[i], flags);
            continue;
        }
        target = element(lower, &at, &element_type);
        if (target)
            lower_init(lower, target,
                       type_of_init(element_type, parts.items[i]),
                       parts.items[i], flags);
    }
}

void lower_init(struct lower *lower, ir_id place, CXType type, CXCursor init,
                uint32_t flags)
{
    CXCursor inner = expr_strip(init);
    CXType canonical_type = canonical(type);

    /* int x = {1}: braces around a scalar mean nothing. */
    if (clang_getCursorKind(inner) == CXCursor_InitListExpr &&
        !is_array(canonical_type) && canonical_type.kind != CXType_Record) {
        struct children parts = expr_children_of(lower, inner);

        if (parts.count)
            lower_init(lower, place, type, parts.items[0], flags);
        return;
    }
    if (clang_getCursorKind(inner) == CXCursor_InitListExpr) {
        list_init(lower, place, canonical_type, inner, flags);
        return;
    }
    /* char text[] = "…" */
    if (clang_getCursorKind(inner) == CXCursor_StringLiteral &&
        is_array(canonical_type))
        return;
    lower_assign(lower, place, lower_value(lower, init), flags);
}
