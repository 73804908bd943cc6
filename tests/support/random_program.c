/*
 * Growing and printing, see random_program.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/random_program.h"

#include <stdarg.h>
#include <string.h>

#include "support/chance.h"

enum {
    MOST_STATEMENTS = 6, /* of a block; more makes most paths faulty */
    MOST_DEPTH = 3,
};

struct grower {
    struct arena *arena;
    struct chance chance;
};

static const char prologue[] = "#include <rt.h>\n"
                               "static struct blocking_mutex a, b;\n"
                               "static int counter;\n"
                               "extern int any(void);\n"
#define HELPERS(lock)                                                          \
    "static void take_" lock "(void) { blocking_mutex_lock(&" lock "); }\n"    \
    "static void drop_" lock "(void) { blocking_mutex_unlock(&" lock "); }\n"  \
    "static void use_" lock "(void)\n"                                         \
    "{ take_" lock "(); counter++; drop_" lock "(); }\n"                       \
    "ASYNC static void nap_" lock "(void)\n"                                   \
    "{ drop_" lock "(); await rt_sleep_ms(1); take_" lock "(); }\n"
    HELPERS("a")
        HELPERS("b") "static void take_both(void) { take_a(); take_b(); }\n";

/* Locking and unlocking come most often, jumps seldom. */
static enum statement_kind kind_choose(struct grower *grower, int depth,
                                       bool in_loop)
{
    static const uint8_t weights[STATEMENT_KINDS] = {
        [STATEMENT_WORK] = 4,    [STATEMENT_LOCK] = 11,
        [STATEMENT_UNLOCK] = 12, [STATEMENT_GUARD] = 4,
        [STATEMENT_AWAIT] = 9,   [STATEMENT_TAKE] = 5,
        [STATEMENT_DROP] = 5,    [STATEMENT_USE] = 3,
        [STATEMENT_NAP] = 3,     [STATEMENT_BOTH] = 3,
        [STATEMENT_IF] = 14,     [STATEMENT_LOOP] = 4,
        [STATEMENT_BREAK] = 2,   [STATEMENT_CONTINUE] = 2,
        [STATEMENT_RETURN] = 3,  [STATEMENT_GOTO] = 2,
    };
    uint32_t at =
        chance_below(&grower->chance, 86); /* the sum of the weights */
    int kind = 0;

    while (at >= weights[kind])
        at -= weights[kind++];
    if (depth == MOST_DEPTH && (kind == STATEMENT_GUARD ||
                                kind == STATEMENT_IF || kind == STATEMENT_LOOP))
        return STATEMENT_AWAIT;
    if (!in_loop && (kind == STATEMENT_BREAK || kind == STATEMENT_CONTINUE))
        return STATEMENT_WORK;
    return (enum statement_kind)kind;
}

static struct statement *block_grow(struct grower *grower, int depth,
                                    bool in_loop)
{
    uint32_t count =
        1 + chance_below(&grower->chance, MOST_STATEMENTS - (uint32_t)depth);
    struct statement *first = NULL;
    struct statement **end = &first;

    for (uint32_t i = 0; i < count; i++) {
        struct statement *new = arena_alloc(grower->arena, sizeof(*new));

        new->kind = kind_choose(grower, depth, in_loop);
        new->lock = (int)chance_below(&grower->chance, LOCKS);
        new->condition = (int)chance_below(&grower->chance, CONDITIONS + 1);
        if (new->kind == STATEMENT_GUARD || new->kind == STATEMENT_IF ||
            new->kind == STATEMENT_LOOP)
            new->body = block_grow(grower, depth + 1,
                                   new->kind == STATEMENT_LOOP || in_loop);
        if (new->kind == STATEMENT_IF && chance_below(&grower->chance, 2))
            new->other = block_grow(grower, depth + 1, in_loop);
        *end = new;
        end = &new->next;
    }
    return first;
}

struct printer {
    struct strbuf text;
    int line; /* the next one's number */
};

__attribute__((format(printf, 3, 4))) static int
line_print(struct printer *printer, int depth, const char *format, ...)
{
    va_list args;

    strbuf_printf(&printer->text, "%*s", 4 * depth, "");
    va_start(args, format);
    strbuf_add(&printer->text,
               arena_vprintf(printer->text.arena, format, args));
    va_end(args);
    strbuf_add(&printer->text, "\n");
    return printer->line++;
}

static void block_print(struct printer *printer, struct statement *block,
                        int depth);

static void nested_print(struct printer *printer, struct statement *statement,
                         int depth)
{
    static const char *const conditions[] = {"one", "two", "any()"};

    if (statement->kind == STATEMENT_GUARD) {
        line_print(printer, depth, "{");
        statement->line =
            line_print(printer, depth + 1, "guard(blocking_mutex)(&%c);",
                       'a' + statement->lock);
    } else if (statement->kind == STATEMENT_IF) {
        line_print(printer, depth, "if (%s) {",
                   conditions[statement->condition]);
    } else {
        line_print(printer, depth, "while (any()) {");
    }
    block_print(printer, statement->body, depth + 1);
    if (statement->other) {
        line_print(printer, depth, "} else {");
        block_print(printer, statement->other, depth + 1);
    }
    line_print(printer, depth, "}");
}

static void block_print(struct printer *printer, struct statement *block,
                        int depth)
{
    static const char *const texts[STATEMENT_KINDS] = {
        [STATEMENT_WORK] = "counter++;",
        [STATEMENT_LOCK] = "blocking_mutex_lock(&%c);",
        [STATEMENT_UNLOCK] = "blocking_mutex_unlock(&%c);",
        [STATEMENT_AWAIT] = "await rt_sleep_ms(1);",
        [STATEMENT_TAKE] = "take_%c();",
        [STATEMENT_DROP] = "drop_%c();",
        [STATEMENT_USE] = "use_%c();",
        [STATEMENT_NAP] = "await nap_%c();",
        [STATEMENT_BOTH] = "take_both();",
        [STATEMENT_BREAK] = "break;",
        [STATEMENT_CONTINUE] = "continue;",
        [STATEMENT_RETURN] = "return;",
        [STATEMENT_GOTO] = "goto out;",
    };

    for (; block; block = block->next) {
        const char *text = texts[block->kind];
        const char *lock = text ? strchr(text, '%') : NULL;

        if (!text)
            nested_print(printer, block, depth);
        else if (!lock)
            block->line = line_print(printer, depth, "%s", text);
        else
            block->line =
                line_print(printer, depth, "%.*s%c%s", (int)(lock - text), text,
                           'a' + block->lock, lock + 2);
    }
}

/* Prints the function's lines only when it is kept. */
static bool function_make(struct grower *grower, struct printer *printer,
                          int number, struct known_function *out)
{
    struct printer before = *printer;
    struct statement *body = block_grow(grower, 0, false);

    *out = (struct known_function){.first_line = printer->line};
    printer->text = (struct strbuf){.arena = grower->arena};
    line_print(printer, 0, "ASYNC void function_%d(int one, int two)", number);
    line_print(printer, 0, "{");
    block_print(printer, body, 1);
    line_print(printer, 0, "out:");
    line_print(printer, 1, "counter++;");
    out->last_line = line_print(printer, 0, "}");
    truth_find(grower->arena, body, &out->truth);
    if (out->truth.is_unbalanced) {
        *printer = before;
        return false;
    }
    strbuf_add(&before.text, strbuf_text(&printer->text));
    printer->text = before.text;
    return true;
}

void random_program_make(struct arena *arena, uint64_t seed, int functions,
                         struct random_program *out)
{
    struct grower grower = {arena, chance_start(seed)};
    struct printer printer = {{.arena = arena}, 1};

    *out = (struct random_program){0};
    strbuf_add(&printer.text, prologue);
    for (const char *at = prologue; *at; at++)
        printer.line += *at == '\n';
    while ((int)out->functions.count < functions) {
        struct known_function function;

        if (function_make(&grower, &printer, (int)out->functions.count,
                          &function))
            vec_add(arena, &out->functions, function);
    }
    out->text = strbuf_text(&printer.text);
}
