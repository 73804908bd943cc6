/*
 * Writes a prelude. Each unknown struct has all fields that the unit asks
 * any unknown struct for; a field is a pointer, a record or a number by what
 * is done with it. All that counts is that `s->lock` of one `s` is one lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/prelude_write.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "front/type_name.h"

enum {
    MOST_FIELDS = 60000,    /* of all records together */
    FIRST_CONSTANT = 10000, /* far from what is written as a number */
    CONSTANTS = 1 << 22,
    /* libclang works tables out, number by number */
    FIRST_INDEX = 200,
    MOST_DEEP = 20000, /* numbers in a guessed record with others in it */
};

bool prelude_is_known(const struct prelude *prelude, const char *name,
                      uint32_t kinds)
{
    const uint32_t *known = map_find_str(&prelude->known, name);

    return known && *known & kinds;
}

bool prelude_is_defined(const struct prelude *prelude, const char *name)
{
    const uint32_t *is_missed = map_find_str(&prelude->wanted, name);

    return map_find_str(&prelude->standing, name) ||
           (map_find_str(&prelude->defined, name) &&
            !(is_missed && *is_missed));
}

static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "auto",          "break",       "case",          "char",
        "const",         "continue",    "default",       "do",
        "double",        "else",        "enum",          "extern",
        "float",         "for",         "goto",          "if",
        "inline",        "int",         "long",          "register",
        "restrict",      "return",      "short",         "signed",
        "sizeof",        "static",      "struct",        "switch",
        "typedef",       "union",       "unsigned",      "void",
        "volatile",      "while",       "asm",           "typeof",
        "__label__",     "__int128",    "__inline",      "__inline__",
        "__asm__",       "__typeof",    "__extension__", "__const",
        "__volatile__",  "__signed__",  "__real__",      "__imag__",
        "__thread",      "__alignof__", "__typeof__",    "__asm",
        "__attribute__", "__restrict",  "__attribute",   "__auto_type",
        "__alignof",     "__volatile",  "__signed",      "__restrict__",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!strcmp(words[i], name))
            return true;
    return str_starts_with(name, "__builtin_") ||
           str_starts_with(name, "__sync_") ||
           str_starts_with(name, "__atomic_") ||
           (*name == '_' && isupper((unsigned char)name[1]));
}

void prelude_line_begin(struct prelude *prelude, const char *name)
{
    const char *text = strbuf_text(&prelude->text);
    struct prelude_line line = {name, 0};

    for (; prelude->counted < prelude->text.length; prelude->counted++)
        prelude->line += text[prelude->counted] == '\n';
    line.line = prelude->line + 1;
    vec_add(prelude->arena, &prelude->lines, line);
}

void prelude_line_wrong(struct prelude *prelude, unsigned line)
{
    for (uint32_t i = 0; i < prelude->lines.count; i++)
        if (prelude->lines.items[i].line == line)
            map_add_str(&prelude->wrong, prelude->lines.items[i].name, 1, NULL);
}

/* Whether the name is to be defined: the main file uses it, or libclang has
 * missed it, nobody defines it, and to guess was no mistake. */
static bool may_define(struct prelude *prelude, const struct name *name,
                       uint32_t kinds)
{
    if (!name->is_main && !map_find_str(&prelude->wanted, name->text))
        return false;
    if (prelude_is_known(prelude, name->text, kinds) ||
        prelude_is_defined(prelude, name->text) || is_reserved(name->text) ||
        map_find_str(&prelude->wrong, name->text))
        return false;
    prelude_line_begin(prelude, name->text);
    return true;
}

/* The declaration of a variable or field, by what is done with it. */
static const char *declarator(const struct touch *touch, bool is_designated)
{
    if (touch->arrow && touch->arrow >= touch->dot)
        return touch->index ? "struct asynclint_any **%s"
                            : "struct asynclint_any *%s";
    if (touch->dot)
        return touch->index ? "struct asynclint_any *%s" : "RECORD %s";
    if (touch->call)
        return touch->index ? "long (**%s)()" : "long (*%s)()";
    if (is_designated && !touch->number)
        return "void *%s";
    return touch->index ? "long *%s" : "long %s";
}

static void declare(struct prelude *prelude, const char *format,
                    const char *record, const char *name)
{
    const char *mark = strstr(format, "%s");

    if (str_starts_with(format, "RECORD"))
        strbuf_add(&prelude->text, record);
    else
        strbuf_add_bytes(&prelude->text, format, (size_t)(mark - format));
    strbuf_printf(&prelude->text, "%s%s%s",
                  str_starts_with(format, "RECORD") ? " " : "", name,
                  mark + strlen("%s"));
}

/* All fields, once; records in records end at the third. Where that makes them
 * large, those of which tables are made end at the second. */
static uint32_t fields_write(struct prelude *prelude, bool *is_large)
{
    static const char records[] =
        "struct asynclint_any;\n"
        "struct asynclint_flat { ASYNCLINT_FIELDS(long) };\n"
        "struct asynclint_deep { ASYNCLINT_FIELDS(struct asynclint_flat) };\n"
        "struct asynclint_any { ASYNCLINT_FIELDS(struct asynclint_deep) };\n";
    const struct usage *usage = &prelude->usage;
    uint32_t count = 0;
    uint32_t record_count = 0;

    strbuf_add(&prelude->text, "#define ASYNCLINT_FIELDS(record)");
    for (uint32_t i = 0; i < usage->names.count; i++) {
        const struct name *name = &usage->names.items[i];

        if (!name->is_member || is_reserved(name->text) ||
            count > MOST_FIELDS / 4)
            continue;
        strbuf_add(&prelude->text, " ");
        declare(prelude, declarator(&name->member, name->is_designated),
                "record", name->text);
        strbuf_add(&prelude->text, ";");
        count++;
        record_count += str_starts_with(
            declarator(&name->member, name->is_designated), "RECORD");
    }
    *is_large = (uint64_t)count * record_count * record_count > MOST_DEEP;
    strbuf_printf(&prelude->text, "\n%s", records);
    return count;
}

static void tags_write(struct prelude *prelude, uint32_t field_count,
                       bool is_large)
{
    const struct usage *usage = &prelude->usage;
    uint32_t total = 4 * field_count;

    for (uint32_t i = 0; i < usage->names.count; i++) {
        const struct name *name = &usage->names.items[i];

        if (!(name->uses & (USE_STRUCT | USE_UNION | USE_ENUM)) ||
            !may_define(prelude, name, KNOWN_TAG) ||
            (total += field_count) > MOST_FIELDS)
            continue;
        if (name->uses & USE_ENUM)
            strbuf_printf(&prelude->text, "enum %s { asynclint_%s };\n",
                          name->text, name->text);
        else
            strbuf_printf(&prelude->text,
                          "%s %s { ASYNCLINT_FIELDS(struct asynclint_%s) };\n",
                          name->uses & USE_UNION ? "union" : "struct",
                          name->text,
                          is_large && name->uses & USE_TABLE ? "flat" : "deep");
    }
}

/* What the variables of a type are used for. */
struct shape {
    uint32_t arrows; /* through a pointer to it */
    uint32_t dots;
    uint32_t own_arrows; /* through itself: it is a pointer */
    uint32_t calls;
    uint32_t own_calls;
    bool has_designators;
};

static void shape_add(struct shape *shape, const struct name *name,
                      const struct typed *typed)
{
    uint32_t arrows = name->value.arrow + name->member.arrow;
    uint32_t calls = name->value.call + name->member.call;

    if (typed->is_result) {
        *(typed->is_pointer ? &shape->arrows : &shape->own_arrows) +=
            name->value.result;
        return;
    }
    *(typed->is_pointer ? &shape->arrows : &shape->own_arrows) += arrows;
    *(typed->is_pointer ? &shape->calls : &shape->own_calls) += calls;
    shape->dots += name->value.dot + name->member.dot;
    shape->has_designators |= (name->uses & USE_DESIGNATED) != 0;
}

static struct shape *shapes_of(struct prelude *prelude)
{
    const struct usage *usage = &prelude->usage;
    struct shape *shapes =
        arena_array(prelude->arena, usage->names.count + 1, sizeof(*shapes));

    memset(shapes, 0, usage->names.count * sizeof(*shapes));
    for (uint32_t i = 0; i < usage->typed.count; i++) {
        const struct typed *typed = &usage->typed.items[i];

        shape_add(&shapes[typed->type], &usage->names.items[typed->name],
                  typed);
    }
    return shapes;
}

static void type_write(struct prelude *prelude, const struct name *name,
                       const struct shape *shape)
{
    struct strbuf *text = &prelude->text;
    bool is_record = !type_name_is_integer(name->text) &&
                     (shape->arrows || shape->dots || shape->has_designators ||
                      name->uses & USE_DESIGNATED);

    if (name->uses & USE_STRUCT ||
        prelude_is_known(prelude, name->text, KNOWN_TAG))
        strbuf_printf(text, "typedef struct %s %s;\n", name->text, name->text);
    else if (type_name_is_guard(name->text))
        strbuf_printf(text,
                      "void asynclint_drop(void *variable);\n#define %s "
                      "__attribute__((cleanup(asynclint_drop))) long\n",
                      name->text);
    else if (is_record && !(type_name_is_number(name->text) && !shape->arrows))
        strbuf_printf(text,
                      "typedef struct %s { ASYNCLINT_FIELDS(struct "
                      "asynclint_deep) } %s;\n",
                      name->text, name->text);
    else if (shape->own_arrows && !type_name_is_number(name->text))
        strbuf_printf(text, "typedef struct asynclint_any *%s;\n", name->text);
    else if ((shape->calls || shape->own_calls) &&
             !type_name_is_number(name->text))
        strbuf_printf(text, "typedef long %s%s%s();\n",
                      shape->own_calls ? "(*" : "", name->text,
                      shape->own_calls ? ")" : "");
    else
        strbuf_printf(text, "typedef %slong %s;\n",
                      type_name_is_unsigned(name->text) ? "unsigned " : "",
                      name->text);
}

static void types_write(struct prelude *prelude)
{
    const struct usage *usage = &prelude->usage;
    struct shape *shapes = shapes_of(prelude);

    for (uint32_t i = 0; i < usage->names.count; i++) {
        const struct name *name = &usage->names.items[i];

        if (name->uses & USE_TYPE && !(name->uses & USE_CALL) &&
            may_define(prelude, name, KNOWN_TYPE))
            type_write(prelude, name, &shapes[i]);
    }
}

/* `MY_FALSE`, `_gf_false` */
static bool is_called(const struct name *name, const char *word)
{
    const char *last = strrchr(name->text, '_');

    return str_ends_with(name->text, word) ||
           !strcasecmp(last ? last + 1 : name->text, word);
}

static bool is_constant(const struct name *name)
{
    if (name->uses & USE_CONSTANT || is_called(name, "TRUE") ||
        is_called(name, "FALSE"))
        return true;
    for (const char *at = name->text; *at; at++)
        if (islower((unsigned char)*at))
            return false;
    return !name->value.arrow && !name->value.dot && !name->value.index &&
           !name->value.address;
}

/* What a lock may answer is compared with these: packs mean Linux's. */
static const struct {
    const char *name;
    uint32_t number;
} errors[] = {
    {"EPERM", 1},        {"EINTR", 4},       {"EAGAIN", 11},
    {"EWOULDBLOCK", 11}, {"EBUSY", 16},      {"EINVAL", 22},
    {"EDEADLK", 35},     {"ETIMEDOUT", 110}, {"EOWNERDEAD", 130},
    {"thrd_busy", 1},    {"thrd_error", 2},
};

/* The same in each unit, since one may call another with it; two names of one
 * unit that have the same are told apart by their places. */
static uint32_t number_by_name(struct prelude *prelude, const struct name *name)
{
    uint32_t number = 2166136261u; /* FNV-1a */
    bool is_new;

    for (const char *at = name->text; *at; at++)
        number = (number ^ (unsigned char)*at) * 16777619u;
    number = FIRST_CONSTANT + number % CONSTANTS;
    for (prelude->numbers.arena = prelude->arena;; number++) {
        uint32_t owner = (uint32_t)(name - prelude->usage.names.items);

        if (*map_add(&prelude->numbers, &number, sizeof(number), owner,
                     &is_new) == owner)
            return number;
    }
}

/* What says that all went well is nought in most of C, and truth is one; for
 * the others any number does that nobody writes. */
static uint32_t number_of(struct prelude *prelude, const struct name *name)
{
    const struct usage *usage = &prelude->usage;
    uint32_t at = (uint32_t)(name - usage->names.items);
    uint32_t index = FIRST_INDEX;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!strcmp(name->text, errors[i].name))
            return errors[i].number;
    if (str_ends_with(name->text, "_OK") || str_ends_with(name->text, "_ok") ||
        str_ends_with(name->text, "SUCCESS") || is_called(name, "FALSE"))
        return 0;
    if (is_called(name, "TRUE"))
        return 1;
    if (!(name->uses & USE_INDEX))
        return number_by_name(prelude, name);
    for (uint32_t i = 0; i < at; i++)
        index += (usage->names.items[i].uses & USE_INDEX) != 0;
    return index < FIRST_CONSTANT ? index : number_by_name(prelude, name);
}

/* What says that something failed is less than 0 in most of C, unless it is one
 * bit of many. */
static bool is_failure(const struct name *name)
{
    return !(name->uses & USE_INDEX) && !name->value.number &&
           (is_called(name, "ERROR") || is_called(name, "FAILURE") ||
            is_called(name, "FAIL")) &&
           !str_ends_with(name->text, "NOERROR");
}

static void value_write(struct prelude *prelude, const struct name *name)
{
    if (name->uses & (USE_CALL | USE_RECORD)) {
        if (!prelude_macro_write(prelude, name) && name->value.result)
            strbuf_printf(&prelude->text, "struct asynclint_any *%s();\n",
                          name->text);
    } else if (name->uses & USE_TEXT) {
        strbuf_printf(&prelude->text, "#define %s \"\"\n", name->text);
    } else if (prelude_is_initialiser(name)) {
        strbuf_printf(&prelude->text, "#define %s {0}\n", name->text);
    } else if (is_constant(name)) {
        strbuf_printf(&prelude->text, "enum { %s = %s%u };\n", name->text,
                      is_failure(name) ? "-" : "", number_of(prelude, name));
    } else {
        strbuf_add(&prelude->text, "extern ");
        declare(prelude, declarator(&name->value, false),
                "struct asynclint_any", name->text);
        strbuf_add(&prelude->text, ";\n");
    }
}

/* `LIST_INSERT(&list, item, next)`: a field's name, elsewhere a variable's; or
 * a local's, which a macro declares here. */
static bool is_lost(const struct prelude *prelude, const struct name *name)
{
    const uint32_t *is_missed = map_find_str(&prelude->wanted, name->text);

    if (name->uses & USE_CALL)
        return false;
    return (name->uses & USE_FIELD && is_missed && *is_missed) ||
           map_find_str(&prelude->lost, name->text);
}

static void values_write(struct prelude *prelude)
{
    const struct usage *usage = &prelude->usage;

    for (uint32_t i = 0; i < usage->names.count; i++) {
        const struct name *name = &usage->names.items[i];

        if (name->uses & (USE_VALUE | USE_RECORD | USE_NOTHING | USE_TEXT |
                          USE_WRAPS | USE_FUNCTION | USE_NAMES) &&
            !(name->uses & USE_TYPE) &&
            (!(name->uses & USE_DECLARED) || is_lost(prelude, name)) &&
            may_define(prelude, name, KNOWN_VALUE | KNOWN_TYPE))
            value_write(prelude, name);
    }
}

/* Markers become nothing; the words stay where lowering looks for them. That
 * libclang took one for the name of a type is no reason to believe it. */
static void markers_write(struct prelude *prelude)
{
    const struct usage *usage = &prelude->usage;

    for (uint32_t i = 0; i < usage->names.count; i++) {
        const struct name *name = &usage->names.items[i];

        if (name->uses & USE_MARKER && !name->is_member &&
            !(name->uses & ~(uint32_t)(USE_MARKER | USE_CALL)) &&
            may_define(prelude, name, 0))
            strbuf_printf(&prelude->text, "#define %s%s\n", name->text,
                          name->uses & USE_CALL ? "(...)" : "");
    }
}

/* Those that usage takes for keywords. */
static void own_types_write(struct prelude *prelude)
{
    if (!prelude_is_defined(prelude, "bool") &&
        !prelude_is_known(prelude, "bool", KNOWN_TYPE))
        strbuf_add(&prelude->text, "#define bool _Bool\n");
    if (!prelude_is_known(prelude, "size_t", KNOWN_TYPE))
        strbuf_add(&prelude->text, "typedef unsigned long size_t;\n");
    if (!prelude_is_defined(prelude, "offsetof"))
        strbuf_add(&prelude->text, "#define offsetof(type, field) "
                                   "__builtin_offsetof(type, field)\n");
}

void prelude_write(struct prelude *prelude)
{
    uint32_t field_count;
    bool is_large;

    prelude->text = (struct strbuf){.arena = prelude->arena};
    prelude->counted = 0;
    prelude->line = 0;
    prelude->lines.count = 0;
    field_count = fields_write(prelude, &is_large);
    own_types_write(prelude);
    prelude_options_write(prelude);
    prelude_standins_write(prelude);
    tags_write(prelude, field_count, is_large);
    types_write(prelude);
    values_write(prelude);
    markers_write(prelude);
}
