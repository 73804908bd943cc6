/*
 * Printing what rules say of themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "explain.h"

#include <string.h>

#include "findings/rule_examples.h"

enum { LINE_WIDTH = 76, ID_WIDTH = 28 };

/* Words behind a label, wrapped; a manual is read in a terminal. */
static void paragraph_print(FILE *file, const char *label, const char *text)
{
    size_t column = strlen(label);

    fputs(label, file);
    while (*text) {
        size_t word = strcspn(text, " ");

        if (column && column + 1 + word > LINE_WIDTH) {
            fputc('\n', file);
            column = 0;
        }
        if (column) {
            fputc(' ', file);
            column++;
        }
        fprintf(file, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', file);
}

static const struct rule_example *example_find(const char *id)
{
    for (int i = 0; i < rule_example_count; i++)
        if (!strcmp(rule_examples[i].id, id))
            return &rule_examples[i];
    return NULL;
}

void explain_print(FILE *file, const struct rule *rule)
{
    const struct rule_example *example = example_find(rule->id);

    fprintf(file, "%s: %s\n\n", rule->id, rule->summary);
    paragraph_print(file, "At run time:", rule->why);
    fputc('\n', file);
    paragraph_print(file, "Instead:", rule->instead);
    if (rule->is_off)
        fprintf(file, "\nBy default: off. `--rule %s=%s` turns it on.\n",
                rule->id, severity_text(rule->severity));
    else
        fprintf(file,
                "\nBy default: %s at most. `--rule %s=off` turns it off.\n",
                severity_text(rule->severity), rule->id);
    if (example)
        fprintf(file, "\nExample (each `expect:` is a finding):\n\n%s",
                example->text);
}

void explain_list_print(FILE *file)
{
    for (int i = 0; i < rule_count; i++)
        fprintf(file, "%-*s %-8s %s\n", ID_WIDTH, rules[i]->id,
                severity_text(rule_default(rules[i])), rules[i]->summary);
}
