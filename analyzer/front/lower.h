/*
 * Private to front/: what the parts of lowering share. The reading order is
 * lower.c (a unit, its functions), flow.h (blocks, edges, scopes), stmt.c,
 * expr.c and call.c (C's statements and expressions), init.c (initialisers),
 * macro.c (expansions), decl.c (symbols, types, fields) and text.c (what was
 * written in the file, which libclang does not tell).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_LOWER_H
#define ASYNCLINT_FRONT_LOWER_H

#include "base/arena.h"
#include "base/libclang.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "front/text.h"
#include "ir/ir.h"

struct fn_build;   /* flow.h */
struct front_head; /* head.h */

struct lower {
    struct arena *arena;
    struct text_seen text_seen; /* the last one: it is asked for again */
    struct map texts;           /* CXFile → index in texts_seen */
    VEC(struct text_seen) texts_seen;
    struct extent_seen extents_seen[EXTENTS_SEEN]; /* a ring */
    unsigned extents_next;
    struct ir_unit *unit;
    CXTranslationUnit tu;
    CXFile main_file;
    const char *root;
    const struct front_head *head; /* that the unit was parsed with, or NULL */
    bool lacks_head;               /* what that declares was not found again */
    struct map strings;
    struct map files;       /* CXFile → file */
    struct map types;       /* clang's type → type */
    struct map records;     /* canonical decl → record */
    struct map field_ids;   /* decl → field */
    struct map symbols;     /* canonical decl → symbol */
    struct map builtins;    /* name → symbol */
    struct map decls;       /* canonical decl → newest index in declared */
    struct map by_name;     /* name → index into declared */
    VEC(CXCursor) declared; /* all file-scope declarations, in order */
    uint32_t *older;        /* the declaration before, or itself */
    VEC(CXCursor) queue;    /* function definitions to lower */
    VEC(CXCursor) statics;  /* variables whose initialisers run once */
    struct map queued;      /* canonical decls in the queue */
    VEC(struct text_point) errors;   /* where libclang complains */
    VEC(struct text_point) unclosed; /* … that a brace is missing */
    struct text_point mended;        /* the end of the last hole */
    struct fn_build *build;
};

/* ---- lower.c */
void lower_unit(struct lower *lower);
void lower_maps_init(struct lower *lower);
/* Whether a body that is not in the main file is as good as if it were: it is
 * part of the program, not of a header full of inline functions. So is a table
 * of functions. */
bool lower_is_root(CXCursor decl);
/* A variable whose initialiser is to be lowered, with all functions that it
 * names: those go first. */
void lower_static_add(struct lower *lower, CXCursor var);
/* Asks for the body of a function that is called or passed on. */
void lower_want(struct lower *lower, CXCursor decl);

/* ---- stmt.c */
void lower_stmt(struct lower *lower, CXCursor stmt);
/* The body of a compound; `*value` (may be NULL) gets its last expression. */
void lower_compound(struct lower *lower, CXCursor stmt, ir_id *value);
/* A statement that is a scope even without braces. */
void lower_body(struct lower *lower, CXCursor stmt);

/* ---- switch.c */
void lower_switch(struct lower *lower, CXCursor stmt);
void lower_case(struct lower *lower, CXCursor stmt);

/* ---- loop.c */
void lower_while(struct lower *lower, CXCursor stmt);
void lower_do(struct lower *lower, CXCursor stmt);
void lower_for(struct lower *lower, CXCursor stmt);

/* ---- expr.c */
ir_id lower_value(struct lower *lower, CXCursor expr);
/* The place of an element, of an array that decayed or is pointed to. */
ir_id lower_element(struct lower *lower, ir_id array, ir_id index);
ir_id lower_place(struct lower *lower, CXCursor expr);
/* For effects alone. */
void lower_effects(struct lower *lower, CXCursor expr, uint32_t flags);
ir_id lower_assign(struct lower *lower, ir_id place, ir_id value,
                   uint32_t flags);
ir_id lower_temp_var(struct lower *lower, ir_id type);
CXCursor expr_strip(CXCursor expr);
enum { DEEPEST_EXPRESSION = 1500 }; /* as for statements */

/* ---- operator.c */
ir_id lower_unary(struct lower *lower, CXCursor expr, bool is_wanted);
ir_id lower_binary(struct lower *lower, CXCursor expr, bool is_wanted);
ir_id lower_compound_assign(struct lower *lower, CXCursor expr);
void lower_condition(struct lower *lower, CXCursor expr, uint32_t if_true,
                     uint32_t if_false);

/* ---- call.c */
ir_id lower_call(struct lower *lower, CXCursor call, uint32_t flags);
/* `__builtin_expect(asked, …)`: a hint to the optimiser, not a call. */
bool lower_is_hint(struct lower *lower, CXCursor expr, CXCursor *asked);
/* GNU's and the compiler's own expressions that libclang doesn't name. */
ir_id lower_unexposed(struct lower *lower, CXCursor expr, uint32_t flags);
/* The one operand of parentheses or an implicit conversion. */
bool expr_only_child(CXCursor expr, CXCursor *child);
ir_id lower_generic(struct lower *lower, CXCursor expr);

/* ---- init.c */
void lower_init(struct lower *lower, ir_id place, CXType type, CXCursor init,
                uint32_t flags);

/* ---- node.c: making expressions */
ir_id node_add(struct lower *lower, struct ir_expr expr);
ir_id node_const(struct lower *lower, int64_t value);
ir_id node_unknown(struct lower *lower, const char *why, ir_id type);
ir_id node_unary(struct lower *lower, enum ir_operator operator, ir_id a);
ir_id node_binary(struct lower *lower, enum ir_operator operator, ir_id a,
                  ir_id b);
ir_id node_field(struct lower *lower, ir_id base, ir_id field);
ir_id node_deref(struct lower *lower, ir_id pointer);
ir_id node_index(struct lower *lower, ir_id array, ir_id index);
ir_id node_addr(struct lower *lower, ir_id place);
ir_id node_var(struct lower *lower, ir_id var);
ir_id node_symbol(struct lower *lower, ir_id symbol);
ir_id node_temp(struct lower *lower, ir_id op, ir_id type);
bool node_is_const(const struct lower *lower, ir_id expr, int64_t *value);

/* ---- decl.c and type.c */
ir_str lower_str(struct lower *lower, const char *text);
ir_str lower_cxstr(struct lower *lower, CXString text);
struct ir_list lower_list(struct lower *lower, const uint32_t *items,
                          uint32_t count);
ir_id lower_file(struct lower *lower, CXFile file);
/* The same; what a system header includes is one, and need not be looked up,
 * for which libclang goes through all expansions of the unit. */
ir_id lower_file_from(struct lower *lower, CXFile file, bool from_system);
struct ir_loc lower_loc(struct lower *lower, CXCursor cursor);
struct ir_loc lower_loc_of(struct lower *lower, CXSourceRange range);
ir_id lower_type(struct lower *lower, CXType type);
ir_id lower_type_of(struct lower *lower, CXCursor expr);
/* Whether it is one of functions, or points to one, that never return. */
bool lower_type_never_returns(CXType type);
ir_id lower_record(struct lower *lower, CXType type);
ir_id lower_field(struct lower *lower, CXCursor field);
ir_id lower_symbol(struct lower *lower, CXCursor decl);
/* The symbol of a function that is only known by name, or 0. */
ir_id lower_symbol_named(struct lower *lower, const char *name);
ir_id lower_symbol_builtin(struct lower *lower, const char *name);
ir_id lower_var(struct lower *lower, CXCursor decl);
void decl_collect(struct lower *lower);
void decl_marks(struct lower *lower, CXCursor decl, struct ir_list *annotations,
                struct ir_list *words);

/* ---- hole.c: statements that libclang dropped */
/* An error that costs what it complains of: a function that nobody declares
 * is called all the same. */
bool lower_is_error(CXDiagnostic diagnostic);
void hole_errors_find(struct lower *lower);
/* Whether the function ends where libclang missed a brace. */
bool hole_is_open(const struct lower *lower, CXCursor function);
/* Lowers what can be told of the text between two statements. */
void hole_lower(struct lower *lower, struct text_point from,
                struct text_point to);

/* ---- children: a cursor's children as an array in the build's arena */
struct children {
    CXCursor *items;
    uint32_t count;
};
struct children children_of(struct lower *lower, CXCursor cursor);
/* Only those that are expressions (no TypeRef, MemberRef, attribute). */
struct children expr_children_of(struct lower *lower, CXCursor cursor);
struct children expr_children_among(struct lower *lower,
                                    const struct children *children);

#endif
