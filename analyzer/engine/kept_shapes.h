/*
 * Private to kept.c: the fields of all that solving a function finds out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_KEPT_SHAPES_H
#define ASYNCLINT_ENGINE_KEPT_SHAPES_H

#include "engine/shape.h"

/* Of the struct that SHAPED is defined as. */
#define SHAPE(name, fields_of, check, shared)                                  \
    const struct shape name = {                                                \
        .size = sizeof(struct SHAPED),                                         \
        .fields = (fields_of),                                                 \
        .field_count = sizeof(fields_of) / sizeof(*(fields_of)),               \
        .is_sound = (check),                                                   \
        .is_shared = (shared),                                                 \
    }

/* Of a struct fn: what is written down in it, its summary without the locks
 * that it takes, and these one by one, since functions share them. */
extern const struct shape shape_solved;
extern const struct shape shape_summary;
extern const struct shape shape_lock_effect;

/* Parts of these. */
extern const struct shape shape_lock_info;
extern const struct shape shape_event;
extern const struct shape shape_nesting;
extern const struct shape shape_section;

#endif
