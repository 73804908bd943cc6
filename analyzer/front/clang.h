/*
 * Private to front/: how libclang is asked to parse.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_CLANG_H
#define ASYNCLINT_FRONT_CLANG_H

#include "base/libclang.h"
#include "front/front.h"

/* What the unit begins with, as a file of its own that can be written down;
 * NULL when libclang can't. */
CXTranslationUnit clang_head_parse(const struct front_request *request,
                                   const struct front_head *head,
                                   struct arena *arena, CXIndex index);

bool clang_has_errors(CXTranslationUnit tu);

#endif
