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
    DEEPEST_INIT = 64,
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

static void next_after(struct lower *lower, struct position *at, ir_id field)
{
    const struct ir_field *found = &lower->unit->fields.items[field];

    at->next =
        field - lower->unit->records.items[found->record].first_field + 1;
}

/* .in.x = 3, [2] = 5, [0 ... 1].y = 7: references and indices, then a value */
static void designated(struct lower *lower, struct position *at, CXCursor init,
                       uint32_t flags)
{
    struct children parts = children_of(lower, init);
    ir_id place = at->place;
    CXType type = at->type;

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
            ir_id index = lower_value(lower, part);
            int64_t value;

            place = node_index(lower, place, index);
            type = canonical(clang_getArrayElementType(type));
            if (!i && node_is_const(lower, index, &value))
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
