/*
 * A tree of YAML as bytes that lie in the program: what was read when it was
 * built need not be read again each time that it runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_YAML_FLAT_H
#define ASYNCLINT_BASE_YAML_FLAT_H

#include "base/str.h"
#include "base/yaml.h"

void yaml_flat_write(const struct yaml_node *root, struct strbuf *out);

/* The same tree, in the arena; its texts stay in the bytes. They are what
 * yaml_flat_write added, on the same kind of machine: nothing is checked. */
struct yaml_node *yaml_flat_read(struct arena *arena, const char *file,
                                 const void *bytes);

#endif
