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

static const struct {
    enum marker_kind marker;
    struct effect effect;
} sayings[] = {
    {MARKER_LOCKS, {.kind = EFFECT_ACQUIRE, .lock = LOCK_BLOCKING}},
    {MARKER_LOCKS_SHARED,
     {.kind = EFFECT_ACQUIRE, .lock = LOCK_BLOCKING, .mode = LOCK_SHARED}},
    {MARKER_TRIES_LOCK,
     {.kind = EFFECT_ACQUIRE,
      .lock = LOCK_BLOCKING,
      .is_try = true,
      .outcome = OUTCOME_NONZERO}},
    {MARKER_UNLOCKS, {.kind = EFFECT_RELEASE, .mode = LOCK_EITHER}},
};

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

/* The words behind that of the marker. */
static struct ir_list words_behind(const struct fn *caller,
                                   struct ir_list words,
                                   enum marker_kind marker)
{
    const struct ir_unit *unit = caller->unit;
    struct ir_list rest = words;

    do {
        struct ir_list one = {rest.first, 1};
        bool is_marker = model_marker_find(caller->view, marker, unit,
                                           (struct ir_list){0}, one, NULL);

        rest.first++;
        rest.count--;
        if (is_marker)
            break;
    } while (rest.count);
    return rest;
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

/* What these words name; base NONE: nothing known. */
static struct place place_said(const struct program *program,
                               const struct fn *caller,
                               const struct ir_op *call, struct ir_list rest)
{
    const struct ir_unit *unit = caller->unit;
    struct place place = {.base = PLACE_NONE};
    const char *word;
    ir_id arg;

    if (!rest.count)
        return place;
    word = ir_text(unit, ir_list_at(unit, rest, 0));
    place.arg = *word == '#' ? atoi(word + 1) : -1;
    if (place.arg >= 0 && (uint32_t)place.arg < call->args.count) {
        place.base = PLACE_ARG;
        arg = ir_list_at(unit, call->args, (uint32_t)place.arg);
        if (unit->exprs.items[arg].kind == IR_EXPR_ADDR)
            arg = unit->exprs.items[arg].a;
        fields_read(program, unit,
                    (struct ir_list){rest.first + 1, rest.count - 1},
                    unit->exprs.items[arg].type, &place);
    } else if (global_is(unit, word)) {
        place.base = PLACE_GLOBAL;
        place.global = word;
    }
    return place;
}

static const struct meaning *
meaning_make(const struct program *program, const struct pack *pack,
             const char *name, const struct effect *effect, struct place on)
{
    struct meaning *meaning = arena_alloc(program->arena, sizeof(*meaning));
    struct effect *made = arena_alloc(program->arena, sizeof(*made));

    *made = *effect;
    made->on = on;
    made->is_said = true;
    *meaning = (struct meaning){
        .name = name,
        .pack = pack,
        .effects = made,
        .effect_count = 1,
        .context_test = ANSWER_UNKNOWN,
    };
    return meaning;
}

const struct meaning *said_find(const struct program *program,
                                const struct fn *caller,
                                const struct ir_op *call,
                                const struct ir_symbol *symbol)
{
    const struct ir_unit *unit = caller->unit;
    const char *name = ir_text(unit, symbol->name);

    for (size_t i = 0;
         symbol->words.count && i < sizeof(sayings) / sizeof(*sayings); i++) {
        const struct pack *pack =
            model_marker_find(caller->view, sayings[i].marker, unit,
                              (struct ir_list){0}, symbol->words, name);
        struct effect effect = sayings[i].effect;
        struct ir_list rest;
        struct place on;

        if (!pack)
            continue;
        rest = words_behind(caller, symbol->words, sayings[i].marker);
        if (is_zero_said(unit, &rest) && effect.is_try)
            effect.outcome = OUTCOME_ZERO;
        on = place_said(program, caller, call, rest);
        if (!on.base)
            on = (struct place){.base = PLACE_ARG,
                                .arg = lock_argument(unit, call)};
        if (on.base == PLACE_ARG && on.arg < 0)
            continue;
        return meaning_make(program, pack, name, &effect, on);
    }
    return NULL;
}

bool said_by(const struct fn *fn)
{
    static const char *const silent[] = {"no_thread_safety_analysis",
                                         "NO_THREAD_SAFETY_ANALYSIS"};

    for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
        if (ir_list_has_str(fn->unit, fn->symbol->words, silent[i]))
            return true;
    for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++)
        if (model_marker_find(fn->view, sayings[i].marker, fn->unit,
                              (struct ir_list){0}, fn->symbol->words, NULL))
            return true;
    return false;
}
