/*
 * What declarations say of locks, see said.h. Which argument is meant is not
 * looked up: it is the first that points to a record. One that names a global
 * instead has no argument, and says nothing here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/said.h"

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
        ir_id arg = unit->lists.items[call->args.first + i];
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

static const struct meaning *meaning_make(const struct program *program,
                                          const struct pack *pack,
                                          const char *name,
                                          const struct effect *effect, int arg)
{
    struct meaning *meaning = arena_alloc(program->arena, sizeof(*meaning));
    struct effect *made = arena_alloc(program->arena, sizeof(*made));

    *made = *effect;
    made->on = (struct place){.base = PLACE_ARG, .arg = arg};
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
    int arg = symbol->words.count ? lock_argument(unit, call) : -1;

    for (size_t i = 0; arg >= 0 && i < sizeof(sayings) / sizeof(*sayings);
         i++) {
        const struct pack *pack =
            model_marker_find(caller->view, sayings[i].marker, unit,
                              (struct ir_list){0}, symbol->words, name);

        if (pack)
            return meaning_make(program, pack, name, &sayings[i].effect, arg);
    }
    return NULL;
}
