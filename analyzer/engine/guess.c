/*
 * Locks by their names, see guess.h. A family is a stem with all names that
 * take or give it back. In functions that only try to take it, or look at what
 * came of it, it is left alone: what the answer means nobody says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/guess.h"

#include <string.h>

#include "engine/lockname.h"
#include "ir/ir_print.h"
#include "ir/ir_same.h"

enum {
    MOST_ARGS = 4,  /* among which the lock is looked for */
    LEAST_SHARE = 2 /* of functions that balance it, for each that does not */
};

/* One call of a member of a family. */
struct guess_use {
    uint32_t fn;
    uint32_t family;
    enum lockname_role role;
    bool is_result_used;
    uint32_t arg_count;
    const char *args[MOST_ARGS]; /* as written; NULL: a constant */
    bool is_number[MOST_ARGS];
};

struct guess_family {
    const char *stem;
    bool says_mutex;
    bool is_recursive; /* perhaps: only a mutex is known not to be */
    uint32_t balanced; /* functions that take it and give it back */
    uint32_t open;     /* … that do one of the two */
    uint32_t takers;   /* wrappers: `my_lock()` that does nothing else */
    uint32_t givers;
    int arg; /* which argument the lock is; -1: there is none */
    bool is_lock;
    struct meaning meanings[LOCKNAME_GIVES + 1];
    struct effect effects[LOCKNAME_GIVES + 1];
};

struct guess_name {
    const char *name;
    uint32_t family;
    enum lockname_role role;
};

struct guesses {
    struct map by_name; /* → index into names, +1; 0: no name of a lock */
    struct map by_stem; /* → index into families */
    struct map vetoes;  /* (function, family) */
    VEC(struct guess_name) names;
    VEC(struct guess_family) families;
    VEC(struct guess_use) uses; /* in the order of functions */
};

struct veto {
    uint32_t fn;
    uint32_t family;
};

static const struct pack by_its_name = {
    .name = "names",
    .about = "locks that their names tell",
};

static uint32_t family_of(struct program *program, struct lockname read)
{
    struct guesses *guesses = program->guesses;
    struct guess_family family = {.stem = read.stem};
    bool is_new;
    uint32_t *at = map_add_str(&guesses->by_stem, read.stem,
                               guesses->families.count, &is_new);

    if (is_new)
        vec_add(program->arena, &guesses->families, family);
    guesses->families.items[*at].says_mutex |= read.says_mutex;
    guesses->families.items[*at].is_recursive |=
        read.says_recursive || !read.says_mutex;
    return *at;
}

/* What the name says, looked at once; NULL: nothing. */
static const struct guess_name *name_of(struct program *program,
                                        const char *name)
{
    struct guesses *guesses = program->guesses;
    struct guess_name found = {.name = name};
    struct lockname read;
    bool is_new;
    uint32_t *at = map_add_str(&guesses->by_name, name, 0, &is_new);

    if (!is_new)
        return *at ? &guesses->names.items[*at - 1] : NULL;
    read = lockname_read(name + (*name == '.'), program->arena);
    if (read.role == LOCKNAME_NONE)
        return NULL;
    if (*name == '.')
        read.stem = arena_printf(program->arena, ".%s", read.stem);
    found.family = family_of(program, read);
    found.role = read.role;
    vec_add(program->arena, &guesses->names, found);
    *at = guesses->names.count;
    return vec_last(&guesses->names);
}

static bool is_pointer(const struct ir_unit *unit, const struct ir_expr *expr)
{
    const struct ir_type *type = &unit->types.items[expr->type];

    if (expr->kind == IR_EXPR_ADDR)
        return true;
    if (expr->kind == IR_EXPR_CONST || expr->kind == IR_EXPR_STRING ||
        expr->kind == IR_EXPR_FN)
        return false;
    while (type->kind == IR_TYPE_TYPEDEF && type->of)
        type = &unit->types.items[type->of];
    return type->kind == IR_TYPE_POINTER || type->kind == IR_TYPE_ARRAY;
}

static void use_add(struct program *program, const struct fn *fn,
                    const struct ir_op *op, const struct guess_name *name)
{
    const struct ir_unit *unit = fn->unit;
    struct guess_use use = {
        .fn = fn->number,
        .family = name->family,
        .role = name->role,
        .is_result_used = !(op->flags & IR_OP_UNUSED),
        .arg_count = op->args.count,
    };

    for (uint32_t i = 0; i < op->args.count && i < MOST_ARGS; i++) {
        ir_id arg = ir_list_at(unit, op->args, i);

        if (unit->exprs.items[arg].kind == IR_EXPR_CONST)
            continue;
        /* One lock of many: which, is in a number. */
        if (!is_pointer(unit, &unit->exprs.items[arg])) {
            program->guesses->families.items[name->family].is_recursive = true;
            use.is_number[i] = true;
        }
        use.args[i] = ir_expr_text(unit, fn->ir, arg, program->arena);
    }
    vec_add(program->arena, &program->guesses->uses, use);
}

/* `mutex->lock(mutex)`: what is called is a field of what it is handed. Its
 * name, with a dot before it, or NULL. */
static const char *method_name(const struct program *program,
                               const struct fn *fn, const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *field = &unit->exprs.items[op->a];
    const struct ir_expr *object = &unit->exprs.items[field->a];

    if (field->kind != IR_EXPR_FIELD || object->kind != IR_EXPR_DEREF ||
        !op->args.count ||
        !ir_expr_is_same(unit, object->a, ir_list_at(unit, op->args, 0)))
        return NULL;
    return arena_printf(program->arena, ".%s",
                        ir_text(unit, unit->fields.items[field->field].name));
}

static void calls_look(struct program *program, const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;
        const struct guess_name *name;
        const char *text;

        if (op->kind != IR_CALL)
            continue;
        text = symbol ? ir_text(unit, unit->symbols.items[symbol].name)
                      : method_name(program, fn, op);
        name = text ? name_of(program, text) : NULL;
        if (name && (!symbol || (!model_function_find(fn->view, text) &&
                                 !program_fn_find(program, unit, symbol))))
            use_add(program, fn, op, name);
    }
}

static bool is_same(const struct guess_use *one, const struct guess_use *two,
                    int arg)
{
    return arg < 0 || (one->args[arg] && two->args[arg] &&
                       !strcmp(one->args[arg], two->args[arg]));
}

/* Whether the argument is a pointer (or else a number) wherever the family is
 * used, and how many different ones there are. */
static uint32_t arg_variety(const struct program *program, uint32_t family,
                            int arg, bool is_number)
{
    const struct guesses *guesses = program->guesses;
    struct map seen = {.arena = program->arena};

    for (uint32_t i = 0; i < guesses->uses.count; i++) {
        const struct guess_use *use = &guesses->uses.items[i];

        if (use->family != family)
            continue;
        if (!use->args[arg] || (use->is_number[arg] && !is_number))
            return 0;
        map_add_str(&seen, use->args[arg], 1, NULL);
    }
    return seen.entries.count;
}

/* The lock is the argument that tells the calls apart: `lock(thread, &mutex)`.
 * Where none is a pointer, a number may say which lock it is. -1: none does. */
static int arg_most_varied(const struct program *program, uint32_t family,
                           bool is_number)
{
    uint32_t most = 0;
    int found = -1;

    for (int arg = 0; arg < MOST_ARGS; arg++) {
        uint32_t variety = arg_variety(program, family, arg, is_number);

        if (variety > most) {
            most = variety;
            found = arg;
        }
    }
    return found;
}

/* False: there are arguments, and the lock is none of them. */
static bool arg_find(const struct program *program, uint32_t number)
{
    struct guess_family *family = &program->guesses->families.items[number];
    bool has_args = false;

    family->arg = -1;
    for (uint32_t i = 0; i < program->guesses->uses.count; i++)
        if (program->guesses->uses.items[i].family == number)
            has_args |= program->guesses->uses.items[i].arg_count != 0;
    if (!has_args)
        return true;
    family->arg = arg_most_varied(program, number, false);
    if (family->arg < 0)
        family->arg = arg_most_varied(program, number, true);
    return family->arg >= 0;
}

static void veto(struct program *program, const struct guess_use *use)
{
    struct veto key = {use->fn, use->family};

    map_add(&program->guesses->vetoes, &key, sizeof(key), 1, NULL);
}

/* A wrapper: it takes or gives back for its callers. */
static bool is_of_family(struct program *program, const struct guess_use *use)
{
    return name_of(program, program->fns.items[use->fn]->name) != NULL;
}

/* What one function does with the lock of its first use of the family; uses of
 * one function stand together, from `first` on. */
static void balance(struct program *program, uint32_t first,
                    struct guess_family *family)
{
    struct guesses *guesses = program->guesses;
    const struct guess_use *use = &guesses->uses.items[first];
    bool takes = false;
    bool gives = false;

    for (uint32_t i = first;
         i < guesses->uses.count && guesses->uses.items[i].fn == use->fn; i++) {
        const struct guess_use *other = &guesses->uses.items[i];

        if (other->family != use->family)
            continue;
        if (other->is_result_used || other->role == LOCKNAME_TRIES)
            veto(program, other);
        if (!is_same(use, other, family->arg))
            continue;
        takes |= other->role != LOCKNAME_GIVES;
        gives |= other->role == LOCKNAME_GIVES;
    }
    family->balanced += takes && gives;
    family->open += takes != gives && !is_of_family(program, use);
    if (is_of_family(program, use)) {
        family->takers += takes && !gives;
        family->givers += gives && !takes;
    }
}

static bool is_first_in_fn(const struct guesses *guesses, uint32_t number)
{
    const struct guess_use *use = &guesses->uses.items[number];

    for (uint32_t i = number; i-- > 0;) {
        if (guesses->uses.items[i].fn != use->fn)
            return true;
        if (guesses->uses.items[i].family == use->family)
            return false;
    }
    return true;
}

static void meaning_make(struct guess_family *family, enum lockname_role role)
{
    struct effect *effect = &family->effects[role];
    struct meaning *meaning = &family->meanings[role];

    effect->kind = role == LOCKNAME_GIVES ? EFFECT_RELEASE : EFFECT_ACQUIRE;
    effect->lock = LOCK_UNKNOWN;
    effect->mode = role == LOCKNAME_GIVES   ? LOCK_EITHER
                   : role == LOCKNAME_READS ? LOCK_SHARED
                                            : LOCK_EXCLUSIVE;
    effect->is_recursive = family->is_recursive;
    effect->on = (struct place){.base = PLACE_ARG, .arg = family->arg};
    if (family->arg < 0)
        effect->on = (struct place){
            .base = PLACE_GLOBAL,
            .global = family->stem,
        };
    meaning->name = family->stem;
    meaning->pack = &by_its_name;
    meaning->suspends = ANSWER_UNKNOWN;
    meaning->blocks = ANSWER_UNKNOWN;
    meaning->context_test = ANSWER_UNKNOWN;
    meaning->is_assumed = true;
    meaning->effects = effect;
    meaning->effect_count = 1;
}

static bool is_borne_out(const struct guess_family *family)
{
    /* All others go through two wrappers. */
    if (!family->balanced && !family->open && family->says_mutex)
        return family->takers && family->givers;
    return family->balanced && (family->says_mutex ||
                                family->balanced >= LEAST_SHARE * family->open);
}

void guess_solve(struct program *program)
{
    struct guesses *guesses = arena_alloc(program->arena, sizeof(*guesses));

    guesses->by_name.arena = program->arena;
    guesses->by_stem.arena = program->arena;
    guesses->vetoes.arena = program->arena;
    program->guesses = guesses;
    for (uint32_t i = 0; i < program->fns.count; i++)
        calls_look(program, program->fns.items[i]);
    for (uint32_t i = 0; i < guesses->families.count; i++)
        guesses->families.items[i].is_lock = arg_find(program, i);
    for (uint32_t i = 0; i < guesses->uses.count; i++)
        if (is_first_in_fn(guesses, i))
            balance(program, i,
                    &guesses->families.items[guesses->uses.items[i].family]);
    for (uint32_t i = 0; i < guesses->families.count; i++) {
        struct guess_family *family = &guesses->families.items[i];

        family->is_lock &= is_borne_out(family);
        for (int role = LOCKNAME_TAKES; role <= LOCKNAME_GIVES; role++)
            meaning_make(family, (enum lockname_role)role);
    }
}

const struct meaning *guess_find(const struct program *program,
                                 const struct fn *fn, const char *name)
{
    const struct guesses *guesses = program->guesses;
    const uint32_t *at = map_find_str(&guesses->by_name, name);
    const struct guess_name *found;
    struct veto key = {.fn = fn->number};

    if (!at || !*at)
        return NULL;
    found = &guesses->names.items[*at - 1];
    key.family = found->family;
    if (!guesses->families.items[found->family].is_lock ||
        found->role == LOCKNAME_TRIES ||
        map_find(&guesses->vetoes, &key, sizeof(key)))
        return NULL;
    return &guesses->families.items[found->family].meanings[found->role];
}

const struct meaning *guess_method_find(const struct program *program,
                                        const struct fn *fn,
                                        const struct ir_op *op)
{
    const char *name = method_name(program, fn, op);

    return name ? guess_find(program, fn, name) : NULL;
}

bool guess_gives(const struct program *program, const char *name)
{
    const struct guesses *guesses = program->guesses;
    const uint32_t *at = map_find_str(&guesses->by_name, name);

    return at && *at && guesses->names.items[*at - 1].role == LOCKNAME_GIVES;
}
