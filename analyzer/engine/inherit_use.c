/*
 * Locks that a callee takes inside, as we know them: taken again though they
 * are held, nested in others, not there; and told to our callers. Most of what
 * there is to do for a call is done here, since a function tells of all that
 * its callees take, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/inherit_use.h"

#include <string.h>

#include "engine/flag.h"
#include "engine/inherit.h"
#include "engine/last.h"
#include "engine/life.h"
#include "engine/nest.h"
#include "engine/pass_on.h"
#include "engine/path.h"
#include "engine/summarise.h"
#include "engine/when.h"

static void retake_record(struct step *step, const struct lock_effect *effect,
                          node_id lock, enum tristate answer)
{
    struct flow *flow = step->flow;
    struct event *event;
    int at = held_find(flow, step->state, lock, "");
    const struct held_lock *held;

    if (at < 0 || step->state->is_doubtful)
        return;
    held = &step->state->held.items[at];
    if (held->may || held->is_many || held->is_recursive ||
        effect->lock.is_recursive || effect->lock.is_try)
        return;
    event = record_event(flow, step->state, EVENT_RETAKE, step->op, step->site);
    event->lock = inherit_info(step, effect, lock);
    event->is_try = effect->lock.is_try;
    event->held_before++;
    event->answer = answer;
}

static void argument_ask(const struct step *step, int param,
                         struct asked *asked)
{
    if (param < 0 || asked->param == param + 1)
        return;
    asked->param = param + 1;
    asked->value = eval_arg(step->flow, step->state, step->site, param);
    asked->is_plain =
        pass_on_is_plain(step->flow, step->state, param, asked->value);
}

static void condition_ask(const struct step *step,
                          const struct lock_effect *effect, struct asked *asked)
{
    if (asked->effect && when_is_same(asked->effect, effect))
        return;
    asked->effect = effect;
    asked->there = when_used_by(step, effect);
}

static node_id used_place(const struct step *step, const struct path *path,
                          const struct asked *asked)
{
    if (path->param < 0)
        return path_place(step->flow, step->state, step->site, path);
    return path_place_from(step->flow, step->state, step->site, asked->value,
                           path);
}

/* Our callers are told of what the callee uses. */
static void use_tell(const struct step *step, const struct state *there,
                     struct lock_effect *effect, struct lock_use use)
{
    use.op = step->op;
    use.theirs = effect;
    use.flag = flag_handed(step, &effect->flag);
    summarise_use(step->flow, there, &use);
}

/* Nothing is known of any lock, so all that is left to say is that we use it
 * as the callee does. */
static bool use_passed_on(struct step *step, struct lock_effect *effect,
                          const struct asked *asked)
{
    struct lock_info info;

    if (effect->path->param < 0 || !asked->is_plain ||
        effect->lock.is_parameter || effect->lock.instance ||
        !pass_on_is_same(step->flow, step->site->callee.body, effect->path))
        return false;
    info = inherit_info_there(step, effect);
    use_tell(step, asked->there, effect,
             (struct lock_use){.path = effect->path, .info = &info});
    return true;
}

/* Whether the callee makes it itself. */
static bool makes(const struct fn *callee, const struct lock_effect *effect)
{
    for (uint32_t i = 0; i < callee->events.items.count; i++) {
        const struct event *event = &callee->events.items.items[i];

        if (event->kind == EVENT_MAKE &&
            !strcmp(event->lock.class, effect->lock.class))
            return true;
    }
    return false;
}

void inherit_use(struct step *step, struct lock_effect *effect,
                 struct asked *asked)
{
    struct flow *flow = step->flow;
    bool is_at_last = effect->at_last || last_has(flow->fn, step->op);
    struct lock_info info;
    node_id lock;

    if (!flow->is_recording)
        return;
    argument_ask(step, effect->path->param, asked);
    condition_ask(step, effect, asked);
    if (!asked->there || use_passed_on(step, effect, asked))
        return;
    lock = used_place(step, effect->path, asked);
    if (!lock)
        return;
    info = inherit_info(step, effect, lock);
    if (!is_at_last)
        retake_record(step, effect, lock, ANSWER_MUST);
    if (!makes(step->site->callee.body, effect))
        life_misuse(step, lock, &info);
    if (!effect->after_drop && !is_at_last)
        nest_used(step, lock, &info, effect->lock.is_parameter);
    use_tell(step, asked->there, effect,
             (struct lock_use){.lock = lock, .info = &info});
}

void inherit_retake(struct step *step, const struct lock_effect *effect,
                    enum tristate answer)
{
    struct asked asked = {0};
    node_id lock;

    if (effect->at_last || last_has(step->flow->fn, step->op))
        return;
    argument_ask(step, effect->path->param, &asked);
    condition_ask(step, effect, &asked);
    lock = asked.there ? used_place(step, effect->path, &asked) : 0;
    if (lock)
        retake_record(step, effect, lock, answer);
}
