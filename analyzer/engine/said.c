/*
 * What declarations say of locks, see said.h. Which lock is meant the words
 * behind the marker say, parameters by their numbers: `ACQUIRE #0 lock` is
 * ACQUIRE(self->lock). Where they say nothing, it is the first argument that
 * points to a record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/said.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "engine/lockname.h"

#define TAKES(...)                                                             \
    {                                                                          \
        .kind = EFFECT_ACQUIRE, .lock = LOCK_BLOCKING, __VA_ARGS__             \
    }
#define TRIES(...)                                                             \
    TAKES(.is_try = true, .outcome = OUTCOME_NONZERO, __VA_ARGS__)
#define GIVES(how)                                                             \
    {                                                                          \
        .kind = EFFECT_RELEASE, .mode = (how)                                  \
    }

enum { MOST_SAID = 8 }; /* locks of one declaration */

static const struct {
    enum marker_kind marker;
    struct effect effect;
} sayings[] = {
    {MARKER_LOCKS, TAKES(.mode = LOCK_EXCLUSIVE)},
    {MARKER_LOCKS_SHARED, TAKES(.mode = LOCK_SHARED)},
    {MARKER_TRIES_LOCK, TRIES(.mode = LOCK_EXCLUSIVE)},
    {MARKER_TRIES_SHARED, TRIES(.mode = LOCK_SHARED)},
    {MARKER_UNLOCKS, GIVES(LOCK_EITHER)},
    {MARKER_UNLOCKS_SHARED, GIVES(LOCK_SHARED)},
    {MARKER_UNLOCKS_EXCLUSIVE, GIVES(LOCK_EXCLUSIVE)},
    {MARKER_LOCKS_WITHIN, TAKES(.mode = LOCK_EXCLUSIVE)},
};

enum { SAYINGS = sizeof(sayings) / sizeof(*sayings) };

static int lock_argument(const struct ir_unit *unit, const struct ir_op *call)
{
    for (uint32_t i = 0; i < call->args.count; i++) {
        ir_id arg = ir_list_at(unit, call->args, i);
        const struct ir_expr *expr = &unit->exprs.items[arg];
        bool is_address = expr->kind == IR_EXPR_ADDR;
        const struct ir_type *type = ir_type_strip(
            unit, is_address ? unit->exprs.items[expr->a].type : expr->type);

        if (!is_address && type->kind == IR_TYPE_POINTER)
            type = ir_type_strip(unit, type->of);
        else if (!is_address)
            continue;
        if (type->kind == IR_TYPE_RECORD)
            return (int)i;
    }
    return -1;
}

static bool global_is(const struct ir_unit *unit, const char *name)
{
    for (uint32_t i = 1; i < unit->symbols.count; i++)
        if (unit->symbols.items[i].kind == IR_SYMBOL_GLOBAL &&
            !strcmp(ir_text(unit, unit->symbols.items[i].name), name))
            return true;
    return false;
}

/* As many of the words as are fields, each of what the one before it is. */
static void fields_read(const struct program *program,
                        const struct ir_unit *unit, struct ir_list words,
                        ir_id type, struct place *place)
{
    ir_id record = ir_type_record(unit, type);
    const char **fields =
        arena_array(program->arena, words.count, sizeof(*fields));

    place->fields = fields;
    for (uint32_t i = 0; i < words.count && record; i++) {
        const char *name = ir_text(unit, ir_list_at(unit, words, i));
        ir_id field = ir_field_find(unit, record, name);

        if (!field)
            return;
        fields[place->field_count++] = name;
        record = ir_type_record(unit, unit->fields.items[field].type);
    }
}

/* `TRY_ACQUIRE(0, lock)`: it is held where the call returns 0. */
static bool is_zero_said(const struct ir_unit *unit, struct ir_list *rest)
{
    const char *word =
        rest->count ? ir_text(unit, ir_list_at(unit, *rest, 0)) : "";

    if (strcmp(word, "0") != 0 && strcmp(word, "false") != 0)
        return false;
    rest->first++;
    rest->count--;
    return true;
}

/* `release_capability(*(struct mutex **)guard)`: the type is a word, too. */
static void cast_skip(const struct ir_unit *unit, struct ir_list *rest)
{
    const char *word =
        rest->count > 1 ? ir_text(unit, ir_list_at(unit, *rest, 0)) : "";

    for (uint32_t i = 1; *word && i < unit->records.count; i++) {
        const char *name = ir_text(unit, unit->records.items[i].name);

        if (!str_starts_with(name, "struct ") || strcmp(name + 7, word) != 0)
            continue;
        rest->first++;
        rest->count--;
        return;
    }
}

/* A cleanup is handed its variable's address, and that leads to the lock. */
static bool leads_twice(const struct ir_unit *unit, ir_id arg)
{
    const struct ir_type *type =
        ir_type_strip(unit, unit->exprs.items[arg].type);

    return type->kind == IR_TYPE_POINTER && ir_type_is_pointer(unit, type->of);
}

/* What the next words name, which are taken away; base NONE: nothing. */
static struct place place_said(const struct program *program,
                               const struct fn *caller,
                               const struct ir_op *call, struct ir_list *rest)
{
    const struct ir_unit *unit = caller->unit;
    struct place place = {.base = PLACE_NONE};
    const char *word;
    bool is_handed_twice;
    ir_id arg;

    cast_skip(unit, rest);
    if (!rest->count)
        return place;
    word = ir_text(unit, ir_list_at(unit, *rest, 0));
    place.arg = *word == '#' ? atoi(word + 1) : -1;
    if (place.arg >= 0 && (uint32_t)place.arg < call->args.count) {
        place.base = PLACE_ARG;
        arg = ir_list_at(unit, call->args, (uint32_t)place.arg);
        is_handed_twice = leads_twice(unit, arg);
        if (unit->exprs.items[arg].kind == IR_EXPR_ADDR)
            arg = unit->exprs.items[arg].a;
        fields_read(program, unit,
                    (struct ir_list){rest->first + 1, rest->count - 1},
                    unit->exprs.items[arg].type, &place);
        place.is_written = is_handed_twice && !place.field_count;
    } else if (global_is(unit, word)) {
        place.base = PLACE_GLOBAL;
        place.global = word;
    } else {
        return place;
    }
    rest->first += 1 + (uint32_t)place.field_count;
    rest->count -= 1 + (uint32_t)place.field_count;
    return place;
}

/* What is said of one call. */
struct said {
    const struct program *program;
    const struct fn *caller;
    const struct ir_op *call;
    const struct pack *pack; /* that knows the first of its markers */
    struct effect effects[MOST_SAID];
    int count;
    bool is_again; /* by its name, what it takes may be taken again */
    bool is_checked;
};

/* Where a pack has the words as its own, they tell its readers something, but
 * few of the functions that they are true of carry them: Linux has sparse's. */
static bool is_custom(const struct fn *fn, const struct ir_symbol *symbol)
{
    return model_symbol_marker(fn->view, MARKER_ACQUIRES, fn->unit, symbol) ||
           model_symbol_marker(fn->view, MARKER_RELEASES, fn->unit, symbol);
}

/* Which saying the word is the marker of; SAYINGS: of none. */
static int saying_of(const struct said *said, struct ir_list words,
                     const struct pack **pack)
{
    struct ir_list one = {words.first, words.count ? 1 : 0};

    for (int i = 0; i < SAYINGS; i++) {
        *pack = model_marker_find(said->caller->view, sayings[i].marker,
                                  said->caller->unit, (struct ir_list){0}, one,
                                  NULL);
        if (*pack)
            return i;
    }
    return SAYINGS;
}

static void effect_add(struct said *said, enum marker_kind marker,
                       struct effect effect, struct place on)
{
    effect.on = on;
    effect.is_said = said->is_checked;
    if (said->count < MOST_SAID)
        said->effects[said->count++] = effect;
    if (marker == MARKER_LOCKS_WITHIN)
        effect_add(said, MARKER_UNLOCKS, (struct effect)GIVES(LOCK_EXCLUSIVE),
                   on);
}

/* What a marker says of the locks that the words behind it name. */
static void saying_read(struct said *said, int saying, struct ir_list *rest)
{
    const struct ir_unit *unit = said->caller->unit;
    struct effect effect = sayings[saying].effect;
    const struct pack *pack;
    struct place on;
    int before = said->count;
    int next;

    effect.is_recursive = said->is_again;
    if (is_zero_said(unit, rest) && effect.is_try)
        effect.outcome = OUTCOME_ZERO;
    while (
        (on = place_said(said->program, said->caller, said->call, rest)).base)
        effect_add(said, sayings[saying].marker, effect, on);
    /* A macro and what it stands for say the same once. */
    next = saying_of(said, *rest, &pack);
    if (said->count > before ||
        (next < SAYINGS && sayings[next].effect.kind == effect.kind))
        return;
    on = (struct place){.base = PLACE_ARG,
                        .arg = lock_argument(unit, said->call)};
    if (on.arg >= 0 && sayings[saying].marker != MARKER_LOCKS_WITHIN)
        effect_add(said, sayings[saying].marker, effect, on);
}

static const struct meaning *meaning_make(const struct said *said,
                                          const char *name)
{
    struct arena *arena = said->program->arena;
    struct meaning *meaning = arena_alloc(arena, sizeof(*meaning));
    struct effect *effects =
        arena_array(arena, (size_t)said->count, sizeof(*effects));

    memcpy(effects, said->effects, (size_t)said->count * sizeof(*effects));
    *meaning = (struct meaning){
        .name = name,
        .pack = said->pack,
        .effects = effects,
        .effect_count = said->count,
        .context_test = ANSWER_UNKNOWN,
    };
    return meaning;
}

/* sparse's statement `__context__(lock, 1)`, of as many as the number says; and
 * `__context__(1)`, which counts the one thing that nobody names. */
static void statement_read(struct said *said, const struct ir_symbol *symbol)
{
    const struct ir_unit *unit = said->caller->unit;
    struct ir_list args = said->call->args;
    const struct ir_expr *change =
        args.count ? &unit->exprs.items[ir_list_at(unit, args, args.count - 1)]
                   : NULL;
    struct place on = {.base = PLACE_ARG};
    struct effect takes = TAKES(.mode = LOCK_EXCLUSIVE, .is_recursive = true);
    struct effect gives = GIVES(LOCK_EITHER);

    said->pack =
        model_symbol_marker(said->caller->view, MARKER_LOCKS, unit, symbol);
    if (!said->pack || !change || args.count > 2 ||
        change->kind != IR_EXPR_CONST)
        return;
    if (args.count == 1)
        on = (struct place){.base = PLACE_GLOBAL, .global = "context"};
    for (int64_t i = 0; i < change->value && i < MOST_SAID; i++)
        effect_add(said, MARKER_LOCKS, takes, on);
    for (int64_t i = 0; i > change->value && i > -MOST_SAID; i--)
        effect_add(said, MARKER_UNLOCKS, gives, on);
}

const struct meaning *said_find(const struct program *program,
                                const struct fn *caller,
                                const struct ir_op *call,
                                const struct ir_symbol *symbol)
{
    struct said said = {.program = program, .caller = caller, .call = call};
    const char *name = ir_text(caller->unit, symbol->name);
    struct ir_list rest = symbol->words;

    said.is_checked = !is_custom(caller, symbol);
    if (!strcmp(name, "__context__"))
        statement_read(&said, symbol);
    if (rest.count)
        said.is_again = lockname_read(name, program->arena).says_recursive;
    while (rest.count) {
        const struct pack *pack;
        int saying = saying_of(&said, rest, &pack);

        rest.first++;
        rest.count--;
        if (saying == SAYINGS)
            continue;
        if (!said.pack)
            said.pack = pack;
        saying_read(&said, saying, &rest);
    }
    return said.count ? meaning_make(&said, name) : NULL;
}

bool said_exempt(const struct fn *fn)
{
    return ir_list_has_str(fn->unit, fn->symbol->words,
                           "no_thread_safety_analysis") ||
           ir_list_has_str(fn->unit, fn->symbol->words,
                           "NO_THREAD_SAFETY_ANALYSIS");
}

bool said_needed(const struct fn *fn)
{
    return model_symbol_marker(fn->view, MARKER_HOLDS, fn->unit, fn->symbol);
}

bool said_by(const struct fn *fn)
{
    if (is_custom(fn, fn->symbol))
        return false;
    for (int i = 0; i < SAYINGS; i++)
        if (model_marker_find(fn->view, sayings[i].marker, fn->unit,
                              (struct ir_list){0}, fn->symbol->words, NULL))
            return true;
    return false;
}
