/*
 * Private to front/: what is put in front of a unit whose headers are
 * missing, so that it parses all the same. A lone file of a kernel or of an
 * emulator is worth reading: its locks and its ways out are all there.
 *
 * The prelude declares what the unit uses and nobody declares: types with
 * the fields that are asked for, constants, variables, macros with a body
 * behind them, markers. For names that are known far and wide it takes the
 * definition from `standins`. It depends on the unit's text, and on nothing
 * else. Places never lie in it, and no complaint of the parse that was made
 * with it is shown: those of the parse without are what the user can mend.
 *
 * A guess that libclang complains of is not made again in the next round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_PRELUDE_H
#define ASYNCLINT_FRONT_PRELUDE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/libclang.h"

/* The name under which libclang gets it. */
#define PRELUDE_NAME "/asynclint-prelude.h"

struct prelude;

/* Reads the texts of a unit that was parsed with errors, which has to live as
 * long as the prelude. */
struct prelude *prelude_open(struct arena *arena, CXTranslationUnit tu,
                             const char *const *flags, int flag_count);

/* Whether most of the main file, which has no errors, is skipped for an option
 * that nobody set: neither a header nor a flag says anything of options. */
bool prelude_is_hidden(struct arena *arena, CXTranslationUnit tu,
                       const char *const *flags, int flag_count);

/* What to put in front of the unit, after the complaints of the last parse. */
const char *prelude_make(struct prelude *prelude, CXTranslationUnit tu);

/* Whether the last text lets most of the main file be seen, or its locks, which
 * were skipped before: that there were fewer errors then says nothing. */
bool prelude_reveals(const struct prelude *prelude);

#endif
