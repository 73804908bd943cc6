/*
 * See units.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

struct args units_args(struct place *place, const char *paths)
{
    struct args args = {.timeout_s = 20, .config_file = ".asynclint.yaml"};
    char *rest = arena_strdup(&place->arena, paths);

    for (char *path = strtok(rest, " "); path; path = strtok(NULL, " "))
        vec_add(&place->arena, &args.paths, path);
    return args;
}

const char *units_text(struct place *place, const struct source_list *list)
{
    struct strbuf text = {.arena = &place->arena};

    strbuf_add(&text, "");
    for (uint32_t i = 0; i < list->units.count; i++) {
        const struct source *unit = &list->units.items[i];

        strbuf_printf(&text, "%s|", unit->file);
        for (int k = 0; k < unit->flag_count; k++)
            strbuf_printf(&text, "%s%s", k ? " " : "", unit->flags[k]);
        strbuf_add(&text, "\n");
        assert_int_equal(unit->path[0], '/');
        assert_int_equal(access(unit->path, F_OK), 0);
        assert_int_equal(unit->directory[0], '/');
    }
    return strbuf_text(&text);
}

static const char *notes_text(struct place *place,
                              const struct source_list *list)
{
    struct strbuf text = {.arena = &place->arena};

    for (uint32_t i = 0; i < list->notes.count; i++)
        strbuf_printf(&text, "%s\n", list->notes.items[i]);
    return strbuf_text(&text);
}

struct source_list units_build(struct place *place, const struct args *args)
{
    struct source_list list = {0};
    struct err err = {0};

    if (!source_list_build(&list, &place->arena, args, &err))
        fail_msg("%s", err.text);
    return list;
}

void units_expect(struct place *place, const char *paths, const char *units,
                  const char *notes)
{
    struct args args = units_args(place, paths);
    struct source_list list = units_build(place, &args);

    assert_string_equal(units_text(place, &list), units);
    assert_string_equal(notes_text(place, &list), notes);
}

void units_refuse(struct place *place, const char *paths, const char *sentence)
{
    struct args args = units_args(place, paths);
    struct source_list list = {0};
    struct err err = {0};

    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(err.text, sentence);
}
