/*
 * Flags that decide whether a call suspends, see only_if.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/only_if.h"

#include "engine/path.h"

enum { DEEPEST_FLAGS = 8 }; /* `gfp | __GFP_ZERO | …` */

static struct only_if asked_by(const struct callee *callee)
{
    struct only_if none = {0};

    for (int i = 0; callee->meaning && i < callee->meaning->exemption_count;
         i++) {
        const struct exemption *exemption = &callee->meaning->exemptions[i];

        if (exemption->kind == UNLESS_ARG_LACKS_FLAG)
            return (struct only_if){exemption->arg + 1, exemption->value};
    }
    if (!callee->meaning && callee->body && !callee->now.items.count)
        return callee->body->summary.only_if;
    return none;
}

/* The parameter (from 1, or 0) whose flag it is in the end: what is added or
 * taken away does not touch that flag. */
static int param_of(const struct flow *flow, node_id value, int64_t flag)
{
    const struct values *values = &flow->values;
    const struct node *node = node_get(values, value);
    int64_t number;

    for (int i = 0; i < DEEPEST_FLAGS && node->kind == VALUE_OPER; i++) {
        if (!value_is_const(values, node->b, &number))
            return 0;
        if (node->operator== IR_OR ? number & flag
                                   : node->operator!= IR_AND || ~number & flag)
            return 0;
        value = node->a;
        node = node_get(values, value);
    }
    return path_param(flow, value) + 1;
}

static void note(struct flow *flow, struct only_if found)
{
    if (!flow->only_if.param)
        flow->only_if = found;
    else if (flow->only_if.param != found.param ||
             flow->only_if.flag != found.flag)
        flow->only_if.param = -1;
}

enum only_if_answer only_if_asked(struct flow *flow, const struct state *state,
                                  const struct site *site)
{
    struct only_if asked = asked_by(&site->callee);
    node_id value;
    struct fact fact;
    int param;

    if (!asked.param)
        return ONLY_IF_GIVEN;
    value = eval_arg(flow, state, site, asked.param - 1);
    fact = state_fact(state, &flow->values, value);
    if (value && fact.low == fact.high)
        return fact.low & asked.flag ? ONLY_IF_GIVEN : ONLY_IF_LACKING;
    param = value ? param_of(flow, value, asked.flag) : 0;
    if (param)
        note(flow, (struct only_if){param, asked.flag});
    return ONLY_IF_UNKNOWN;
}

void only_if_summarise(struct flow *flow)
{
    struct summary *summary = &flow->fn->summary;
    enum tristate seen = record_answer(&flow->fn->events, EVENT_SUSPEND);

    if (seen == ANSWER_MAY || summary->suspends != ANSWER_MAY)
        return;
    if (flow->only_if.param > 0) {
        summary->only_if = flow->only_if;
        summary->suspends_outside = ANSWER_MAY;
    } else {
        summary->suspends = seen;
    }
}
