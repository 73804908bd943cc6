/*
 * What --help says: the whole command line on one screen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/args.h"

static const char help[] =
    "asynclint finds blocking locks in async C code.\n"
    "\n"
    "usage: asynclint [check] [OPTION]... [PATH]... [-- FLAG...]\n"
    "       asynclint why FUNCTION [OPTION]... [PATH]...\n"
    "       asynclint graph [FUNCTION] [OPTION]... [PATH]...\n"
    "       asynclint locks [OPTION]... [PATH]...\n"
    "       asynclint unknown [OPTION]... [PATH]...\n"
    "       asynclint explain RULE\n"
    "       asynclint rules\n"
    "       asynclint index FILE [-o F.facts] [--depfile D] [-- FLAG...]\n"
    "       asynclint merge -o ALL.facts F.facts...\n"
    "       asynclint link [OPTION]... F.facts...\n"
    "       asynclint doctor [-p DIR] [DIR]\n"
    "\n"
    "A PATH is a C file, or a directory: then all its C files, or those that\n"
    "its compile_commands.json lists. FLAGs go to the compiler's front end.\n"
    "\n"
    "`why` says why a function runs in a task, may suspend or may block, each\n"
    "by the shortest chain of calls, and `graph` prints who calls whom, both\n"
    "with what `check` would look at. FUNCTION may be FILE:FUNCTION.\n"
    "`locks` prints what the program does with each class of locks, and\n"
    "`unknown` which calls in async code lead where nothing is known.\n"
    "\n"
    "what to check\n"
    "  -p, --build-dir DIR   where compile_commands.json is (else searched)\n"
    "      --pack FILE       what a library's calls mean; repeatable\n"
    "      --trust-flags     pass on all compiler flags, not only safe ones\n"
    "\n"
    "what to say\n"
    "      --profile P       default; strict: all policies report, and notes\n"
    "                        fail; or migration: errors only\n"
    "      --rule ID=LEVEL   off, note, warning or error; repeatable\n"
    "      --fail-level L    exit with 1 at note, warning, error or never\n"
    "                        (default: warning)\n"
    "      --strict          exit with 3 when something was not analysed\n"
    "      --format F        text or gcc; dot, of `graph` (default: text)\n"
    "      --color WHEN      auto, always or never (default: auto)\n"
    "      --dump STAGE      print a stage instead of findings; repeatable\n"
    "  -q, --quiet           findings only, no notes and no summary\n"
    "\n"
    "`index` does the first half for one file, and `link` the second, with\n"
    "the options and the output of `check`; `merge` joins facts.\n"
    "  -o, --output FILE     where `index` and `merge` write (default: the C\n"
    "                        file's name with .facts, here)\n"
    "      --depfile FILE    what `index` read, for make and ninja\n"
    "\n"
    "how to run\n"
    "  -j, --jobs N          processes at a time (default: one per core)\n"
    "      --cache           remember what was parsed (--no-cache: don't)\n"
    "      --timeout SECONDS for one file (default: 60)\n"
    "      --memory MIB      for one file (default: 4096)\n"
    "\n"
    "  -h, --help            this text\n"
    "      --version         the version\n"
    "\n"
    "exit status: 0 clean, 1 findings, 2 could not run, 3 see --strict\n";

void args_help_print(FILE *file, const struct args_known *known)
{
    fputs(help, file);
    fputs("stages for --dump:", file);
    for (const char *const *stage = known->stages; *stage; stage++)
        fprintf(file, " %s", *stage);
    fputc('\n', file);
}
