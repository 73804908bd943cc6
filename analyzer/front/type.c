/*
 * Types, records and fields, each interned once. libclang's types are cheap
 * to compare and expensive to spell, so the cache goes by clang's own
 * identity and a type is spelled at most once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/lower.h"

static uint32_t kind_of(CXType type)
{
    switch (type.kind) {
    case CXType_Void:
        return IR_TYPE_VOID;
    case CXType_Bool:
        return IR_TYPE_BOOL;
    case CXType_Pointer:
    case CXType_BlockPointer:
        return IR_TYPE_POINTER;
    case CXType_ConstantArray:
    case CXType_IncompleteArray:
    case CXType_VariableArray:
    case CXType_DependentSizedArray:
        return IR_TYPE_ARRAY;
    case CXType_Record:
        return IR_TYPE_RECORD;
    case CXType_Enum:
        return IR_TYPE_ENUM;
    case CXType_FunctionProto:
    case CXType_FunctionNoProto:
        return IR_TYPE_FUNCTION;
    case CXType_Typedef:
        return IR_TYPE_TYPEDEF;
    default:
        if (type.kind >= CXType_FirstBuiltin && type.kind <= CXType_Int128)
            return IR_TYPE_INT;
        if (type.kind >= CXType_Float && type.kind <= CXType_LongDouble)
            return IR_TYPE_FLOAT;
        return IR_TYPE_OTHER;
    }
}

static ir_id inner_of(struct lower *lower, CXType type, uint32_t kind)
{
    switch ((enum ir_type_kind)kind) {
    case IR_TYPE_POINTER:
        return lower_type(lower, clang_getPointeeType(type));
    case IR_TYPE_ARRAY:
        return lower_type(lower, clang_getArrayElementType(type));
    case IR_TYPE_FUNCTION:
        return lower_type(lower, clang_getResultType(type));
    case IR_TYPE_RECORD:
        return lower_record(lower, type);
    case IR_TYPE_TYPEDEF:
        return lower_type(lower, clang_getTypedefDeclUnderlyingType(
                                     clang_getTypeDeclaration(type)));
    default:
        return 0;
    }
}

static bool is_sugar(CXType type)
{
    return type.kind == CXType_Elaborated || type.kind == CXType_Attributed ||
           type.kind == CXType_Auto || type.kind == CXType_Unexposed;
}

/* Atomics are what they hold, for us. */
static CXType desugared(CXType type)
{
    for (int i = 0; i < 8 && (is_sugar(type) || type.kind == CXType_Atomic);
         i++) {
        CXType inner =
            type.kind == CXType_Atomic       ? clang_Type_getValueType(type)
            : type.kind == CXType_Elaborated ? clang_Type_getNamedType(type)
            : type.kind == CXType_Attributed ? clang_Type_getModifiedType(type)
                                             : clang_getCanonicalType(type);

        if (inner.kind == CXType_Invalid || inner.data[0] == type.data[0])
            break;
        type = inner;
    }
    return type;
}

/* What has no name has a place; libclang's word for the file depends on how
 * it was found. */
static const char *place_of(struct lower *lower, CXCursor decl)
{
    struct ir_loc loc = lower_loc(lower, decl);
    ir_str path = lower->unit->files.items[loc.file].path;

    return arena_printf(lower->arena, "%s:%u:%u", ir_text(lower->unit, path),
                        loc.line, loc.column);
}

static ir_str enum_name(struct lower *lower, CXType type)
{
    CXCursor decl = clang_getTypeDeclaration(type);

    if (!clang_Cursor_isAnonymous(decl))
        return lower_cxstr(lower, clang_getTypeSpelling(type));
    return lower_str(lower, arena_printf(lower->arena, "enum (unnamed at %s)",
                                         place_of(lower, decl)));
}

/* The attribute is part of the type, and libclang says so in its spelling. */
bool lower_type_never_returns(CXType type)
{
    CXString text = clang_getTypeSpelling(clang_getCanonicalType(type));
    bool is_said = strstr(clang_getCString(text), "__((noreturn))");

    clang_disposeString(text);
    return is_said;
}

ir_id lower_type(struct lower *lower, CXType type)
{
    struct ir_type made = {0};
    uint32_t *known;
    const void *identity;

    type = desugared(type);
    if (type.kind == CXType_Invalid)
        return 0;
    identity = type.data[0];
    known = map_find(&lower->types, &identity, sizeof(identity));
    if (known)
        return *known;
    made.kind = kind_of(type);
    made.of = inner_of(lower, type, made.kind);
    if (made.kind == IR_TYPE_TYPEDEF) {
        made.name = lower_cxstr(lower, clang_getTypedefName(type));
        made.symbol = lower_symbol(lower, clang_getTypeDeclaration(type));
    } else if (made.kind == IR_TYPE_ENUM) {
        made.name = enum_name(lower, type);
    } else if (made.kind <= IR_TYPE_FLOAT) {
        made.name = lower_cxstr(lower, clang_getTypeSpelling(type));
    }
    vec_add(lower->arena, &lower->unit->types, made);
    return *map_add(&lower->types, &identity, sizeof(identity),
                    lower->unit->types.count - 1, NULL);
}

ir_id lower_type_of(struct lower *lower, CXCursor expr)
{
    return lower_type(lower, clang_getCursorType(expr));
}

struct field_list {
    struct lower *lower;
    VEC(CXCursor) fields;
};

static enum CXVisitorResult field_visit(CXCursor field, CXClientData data)
{
    struct field_list *list = data;

    vec_add(list->lower->arena, &list->fields, field);
    return CXVisit_Continue;
}

static const char *record_name(struct lower *lower, CXCursor decl, CXType type)
{
    if (!clang_Cursor_isAnonymous(decl))
        return ir_text(lower->unit,
                       lower_cxstr(lower, clang_getTypeSpelling(type)));
    return arena_printf(lower->arena, "anonymous %s", place_of(lower, decl));
}

/* `union { … };` among fields: libclang spells it by its place. */
static ir_str field_name(struct lower *lower, CXCursor field)
{
    CXCursor type = clang_getTypeDeclaration(clang_getCursorType(field));

    if (clang_Cursor_isAnonymous(field) ||
        clang_Cursor_isAnonymousRecordDecl(type))
        return 0;
    return lower_cxstr(lower, clang_getCursorSpelling(field));
}

static void fields_add(struct lower *lower, ir_id record, CXType type)
{
    struct field_list list = {.lower = lower};
    struct ir_unit *unit = lower->unit;
    uint32_t first = unit->fields.count;

    clang_Type_visitFields(type, field_visit, &list);
    unit->records.items[record].first_field = first;
    unit->records.items[record].field_count = list.fields.count;
    /* All places first: a field's type may lead to other records. */
    for (uint32_t i = 0; i < list.fields.count; i++)
        vec_add(lower->arena, &unit->fields, (struct ir_field){0});
    for (uint32_t i = 0; i < list.fields.count; i++) {
        CXCursor cursor = list.fields.items[i];
        struct ir_field field = {.record = record,
                                 .name = field_name(lower, cursor)};

        field.type = lower_type(lower, clang_getCursorType(cursor));
        decl_marks(lower, cursor, &field.annotations, &field.words);
        unit->fields.items[first + i] = field;
        map_add(&lower->field_ids, &cursor.data[0], sizeof(cursor.data[0]),
                first + i, NULL);
    }
}

static uint32_t size_of(CXType type)
{
    long long size = clang_Type_getSizeOf(type);

    return size > 0 && size <= UINT32_MAX ? (uint32_t)size : 0;
}

ir_id lower_record(struct lower *lower, CXType type)
{
    CXCursor decl = clang_getTypeDeclaration(type);
    struct ir_record record = {0};
    const void *identity = clang_getCanonicalCursor(decl).data[0];
    uint32_t *known = map_find(&lower->records, &identity, sizeof(identity));

    if (known)
        return *known;
    record.name = lower_str(lower, record_name(lower, decl, type));
    record.is_union = clang_getCursorKind(decl) == CXCursor_UnionDecl;
    record.size = size_of(type);
    record.loc = lower_loc(lower, decl);
    vec_add(lower->arena, &lower->unit->records, record);
    map_add(&lower->records, &identity, sizeof(identity),
            lower->unit->records.count - 1, NULL);
    known = map_find(&lower->records, &identity, sizeof(identity));
    fields_add(lower, *known, type);
    return *map_find(&lower->records, &identity, sizeof(identity));
}

/* A field that libclang doesn't list, because its record did not compile in
 * all parts: it belongs to the record without being in its range. */
static ir_id field_add(struct lower *lower, CXCursor cursor, ir_id record)
{
    struct ir_field field = {.record = record,
                             .name = field_name(lower, cursor)};

    field.type = lower_type(lower, clang_getCursorType(cursor));
    vec_add(lower->arena, &lower->unit->fields, field);
    return *map_add(&lower->field_ids, &cursor.data[0], sizeof(cursor.data[0]),
                    lower->unit->fields.count - 1, NULL);
}

ir_id lower_field(struct lower *lower, CXCursor field)
{
    CXCursor parent = clang_getCursorSemanticParent(field);
    ir_id record = lower_record(
        lower, clang_getCanonicalType(clang_getCursorType(parent)));
    uint32_t *known =
        map_find(&lower->field_ids, &field.data[0], sizeof(field.data[0]));

    return known ? *known : field_add(lower, field, record);
}
