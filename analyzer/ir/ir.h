/*
 * The IR: what one translation unit's C says, small, flat and printable.
 *
 * A unit is a set of tables; everything refers to everything else by index,
 * and index 0 of each table is a reserved "none" entry. So a unit can be
 * written to a file and read back as it is (facts.h), and nothing in it
 * outlives or points into libclang. It knows C and does not know locks: no
 * pack, rule or configuration has any say in it.
 *
 * A function is a range of blocks, a block is a range of ops and a range of
 * edges; the last op of a block is its only terminator. Calls are ops, so
 * expressions are pure: a call's result is TEMP(op). `?:`, `&&` and `||` whose
 * operands have effects have become blocks.
 *
 * Places and values: VAR, GLOBAL, FIELD, DEREF and INDEX name a place in
 * memory; where a value is wanted they mean "what is stored there", and ADDR
 * of a place is its address, as in C. An access path is such a place: a root
 * and a chain of fields, dereferences and indices.
 *
 * Here are the tables; small questions about them are in ir_ask.h, which comes
 * with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_IR_H
#define ASYNCLINT_IR_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/vec.h"

typedef uint32_t ir_str; /* offset into the unit's text; 0 is "" */
typedef uint32_t ir_id;  /* index into one of the tables; 0 is none */

/* A half-open range of `unit->lists`. */
struct ir_list {
    uint32_t first;
    uint32_t count;
};

/* Where something stands after macro expansion: lines and columns count from
 * 1 (columns in bytes), the end is just behind the last character. */
struct ir_loc {
    ir_id file;
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
};

struct ir_file {
    ir_str path; /* as in the facts: relative to the root if inside it */
    uint32_t is_system;
    struct digest content; /* of what was parsed */
};

enum ir_type_kind {
    IR_TYPE_OTHER,
    IR_TYPE_VOID,
    IR_TYPE_BOOL,
    IR_TYPE_INT,
    IR_TYPE_FLOAT,
    IR_TYPE_POINTER, /* to `of` */
    IR_TYPE_ARRAY,   /* of `of` */
    IR_TYPE_RECORD,  /* `of` is a record id */
    IR_TYPE_ENUM,
    IR_TYPE_FUNCTION, /* returns `of` */
    IR_TYPE_TYPEDEF,  /* a name (`symbol`) for `of` */
};

struct ir_type {
    uint32_t kind;
    ir_str name; /* as clang spells it, without qualifiers on top */
    ir_id of;
    ir_id symbol; /* of a typedef */
};

struct ir_record {
    ir_str name; /* `struct conn`, or the place of an anonymous one */
    ir_id first_field;
    uint32_t field_count;
    uint32_t is_union;
    uint32_t size; /* in bytes; 0: not known */
    struct ir_loc loc;
};

struct ir_field {
    ir_str name;
    ir_id record;
    ir_id type;
    struct ir_list annotations; /* strings of annotate("…") attributes */
    struct ir_list words;       /* other words in its declaration, see symbol */
};

enum ir_symbol_kind {
    IR_SYMBOL_FUNCTION,
    IR_SYMBOL_GLOBAL, /* static locals too */
    IR_SYMBOL_TYPEDEF,
};

enum {
    IR_SYMBOL_STATIC = 1, /* not visible to other units */
    IR_SYMBOL_INLINE = 2,
    IR_SYMBOL_VARIADIC = 4,
    IR_SYMBOL_NORETURN = 8,
    IR_SYMBOL_SYSTEM = 16,  /* declared in a system header */
    IR_SYMBOL_DEFINED = 32, /* has a body or an initialiser in this unit */
    IR_SYMBOL_THREAD_LOCAL = 64,
    IR_SYMBOL_BUILTIN = 128, /* the compiler's own */
    IR_SYMBOL_WEAK = 256,
};

struct ir_symbol {
    uint32_t kind;
    uint32_t flags;
    ir_str usr; /* clang's name for the same thing in every unit */
    ir_str name;
    ir_id type;
    /* Strings of annotate("…"), the union over all redeclarations. */
    struct ir_list annotations;
    /* Identifiers in the declaration that are neither C keywords nor part of
     * the type, name or parameters: markers that expand to nothing, in the
     * union over all redeclarations. A parameter that an attribute of a
     * function names is `#` and its number; `0` stands behind an attribute
     * whose first argument it is. */
    struct ir_list words;
    struct ir_loc loc;
};

enum {
    IR_VAR_PARAM = 1,
    IR_VAR_MACRO_SCOPE = 2, /* stands for the body that a macro wraps */
};

/* A parameter or local variable. Parameters come first, in order. */
struct ir_var {
    ir_str name; /* of a MACRO_SCOPE: the macro's */
    ir_id type;
    ir_id cleanup; /* symbol of the function in its cleanup attribute */
    uint32_t flags;
    struct ir_list annotations;
    struct ir_list words;
    struct ir_loc loc;
};

enum ir_expr_kind {
    IR_EXPR_NONE,
    IR_EXPR_UNKNOWN, /* can't be said; `text` why */
    IR_EXPR_CONST,   /* `value` */
    IR_EXPR_STRING,  /* `text` */
    IR_EXPR_FN,      /* the function `symbol` */
    IR_EXPR_VAR,     /* place: `var` */
    IR_EXPR_GLOBAL,  /* place: `symbol` */
    IR_EXPR_TEMP,    /* the result of `op` */
    IR_EXPR_FIELD,   /* place: field `field` of the place `a` */
    IR_EXPR_DEREF,   /* place: where the value `a` points */
    IR_EXPR_INDEX,   /* place: element `b` of the place `a` (an array) */
    IR_EXPR_ADDR,    /* address of the place `a` */
    IR_EXPR_UNARY,   /* `operator` a */
    IR_EXPR_BINARY,  /* a `operator` b */
    IR_EXPR_ZERO,    /* an all-zero object, as `= {0}` or NULL */
};

enum ir_operator {
    IR_NOT,    /* ! */
    IR_INVERT, /* ~ */
    IR_MINUS,  /* unary - */
    IR_ADD,
    IR_SUB,
    IR_MUL,
    IR_DIV,
    IR_REM,
    IR_SHL,
    IR_SHR,
    IR_AND,
    IR_OR,
    IR_XOR,
    IR_EQ,
    IR_NE,
    IR_LT,
    IR_LE,
    IR_GT,
    IR_GE,
    IR_OPERATOR_COUNT,
};

struct ir_expr {
    uint8_t kind;
    uint8_t operator;
    uint16_t unused;
    ir_id type;
    union {
        ir_id a;
        ir_id var;
        ir_id symbol;
        ir_id op;
        ir_str text;
    };
    union {
        ir_id b;
        ir_id field;
    };
    int64_t value;
};

enum ir_op_kind {
#define OP(name, printed, terminator) IR_##name,
#include "ir/ir_ops.def"
#undef OP
};

enum {
    IR_OP_CLEANUP = 1,    /* a cleanup attribute's call, not written by hand */
    IR_OP_UNUSED = 2,     /* a call whose result nobody looks at */
    IR_OP_VOIDED = 4,     /* … and which was cast to void */
    IR_OP_INIT = 8,       /* an ASSIGN that initialises a variable */
    IR_OP_COPY = 16,      /* an ASSIGN of a whole record */
    IR_OP_BREAK = 32,     /* a JUMP written as break */
    IR_OP_CONTINUE = 64,  /* … as continue */
    IR_OP_GOTO = 128,     /* … as goto */
    IR_OP_FALL = 256,     /* a RETURN by reaching the closing brace */
    IR_OP_COMPOUND = 512, /* an ASSIGN written as +=, ++ and the like */
    IR_OP_HIDDEN = 1024,  /* a BREAK or CONTINUE, written by hand, of a loop
                             that a macro hides, in a loop or switch around
                             where it would lead elsewhere */
};

struct ir_op {
    uint16_t kind;
    uint16_t flags;
    ir_id a;
    ir_id b;
    struct ir_list args;
    ir_id macro;   /* the innermost expansion it is part of */
    ir_str prefix; /* of a CALL: the word written just before it (`await`) */
    struct ir_loc loc;
};

/* One expansion of a function-like macro, or of an object-like one in place
 * of a statement or call. Arguments are what their text names in the scope of
 * the expansion (UNKNOWN when it is more than an access path). */
struct ir_macro {
    ir_str name;
    struct ir_list args; /* expressions */
    ir_id parent;        /* the expansion around it */
    ir_id scope;         /* var: the MACRO_SCOPE of a body it wraps, or 0 */
    struct ir_loc loc;
};

enum ir_edge_kind {
    IR_EDGE_NEXT,
    IR_EDGE_TRUE,
    IR_EDGE_FALSE,
    IR_EDGE_CASE, /* low <= value <= high */
    IR_EDGE_DEFAULT,
};

struct ir_edge {
    ir_id block; /* where it leads */
    uint32_t kind;
    int64_t low;
    int64_t high;
};

enum {
    IR_BLOCK_LOOP = 1, /* the head of a loop statement */
};

struct ir_block {
    ir_id first_op;
    uint32_t op_count;
    ir_id first_edge;
    uint32_t edge_count;
    uint32_t flags;
};

enum {
    IR_FN_NOT_ANALYSED = 1, /* a bound was hit or a statement is not known */
    IR_FN_INITS = 2, /* the unit's file-scope initialisers, never called */
};

struct ir_fn {
    ir_id symbol;
    uint32_t flags;
    ir_id first_var;
    uint32_t var_count;
    uint32_t param_count;
    ir_id first_block; /* the entry */
    uint32_t block_count;
    ir_id first_op;
    uint32_t op_count;
    struct ir_loc loc;  /* of the whole definition */
    struct digest body; /* see ir_body.h */
};

/* Something that could not be analysed, and why. */
struct ir_note {
    ir_id fn;        /* 0: the unit */
    uint32_t is_odd; /* it was, but its text is not what it seems to be */
    ir_str reason;
    struct ir_loc loc;
};

/* A complaint of the compiler, errors and fatal ones only. */
struct ir_problem {
    ir_str text;
    struct ir_loc loc;
};

/* An include that was not found, as it is written. */
struct ir_missing {
    ir_str name;
};

/* The tables, each with its element type and name; facts.c writes them in
 * this order. */
#define IR_TABLES(TABLE)                                                       \
    TABLE(struct ir_file, files)                                               \
    TABLE(struct ir_type, types)                                               \
    TABLE(struct ir_record, records)                                           \
    TABLE(struct ir_field, fields)                                             \
    TABLE(struct ir_symbol, symbols)                                           \
    TABLE(struct ir_var, vars)                                                 \
    TABLE(struct ir_expr, exprs)                                               \
    TABLE(struct ir_op, ops)                                                   \
    TABLE(struct ir_macro, macros)                                             \
    TABLE(struct ir_edge, edges)                                               \
    TABLE(struct ir_block, blocks)                                             \
    TABLE(struct ir_fn, fns)                                                   \
    TABLE(struct ir_note, notes)                                               \
    TABLE(struct ir_problem, problems)                                         \
    TABLE(struct ir_missing, missing)                                          \
    TABLE(uint32_t, lists)                                                     \
    TABLE(char, text)

/* How the unit is compiled, as far as it changes what runs. */
enum ir_unit_flags {
    IR_UNIT_EXCEPTIONS =
        1, /* -fexceptions: cleanups run when a stack unwinds */
    IR_UNIT_FLAGS = IR_UNIT_EXCEPTIONS,
};

struct ir_unit {
#define TABLE(type, name) VEC(type) name;
    IR_TABLES(TABLE)
#undef TABLE
    ir_id main_file;
    uint32_t flags; /* enum ir_unit_flags */
    /* Of a unit that was read from facts, what it says, whatever else its files
     * hold: those that have the same meaning differ in what is in comments,
     * behind the last line of code, or in headers that they do not use. */
    struct digest meaning;
};

/* Makes the "none" entries. The unit's tables live in the arena. */
void ir_unit_init(struct ir_unit *unit, struct arena *arena);

/* True when every index is inside its table and every block ends in its one
 * terminator; else `*reason` says what is wrong. Checked after lowering in
 * debug builds and after reading facts always: facts come from a file. */
bool ir_unit_is_valid(const struct ir_unit *unit, const char **reason);

#include "ir/ir_ask.h"

#endif
