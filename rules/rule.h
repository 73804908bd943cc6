/*
 * What every rule file includes: how a rule describes itself, what it may
 * ask, and how it tells. A rule sees only the query (read-only) and emits
 * diagnostics; it does not know other rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_RULES_RULE_H
#define ASYNCLINT_RULES_RULE_H

#include <string.h>

#include "findings/check.h"
#include "findings/query.h"
#include "findings/query_marker.h"

#endif
