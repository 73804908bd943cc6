/*
 * Diagnostics as bytes, so that what one run told can be told by another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_DIAG_BYTES_H
#define ASYNCLINT_FINDINGS_DIAG_BYTES_H

#include "base/bytes.h"
#include "findings/diag.h"

/* The diagnostics without the notes. */
void diag_list_write(const struct diag_list *list, struct strbuf *out);

/* Fills in the list, whose arena is set. What no rule of ours can have told
 * makes the reader bad. */
void diag_list_read(struct diag_list *list, struct bytes_reader *reader);

#endif
