/*
 * What parsing costs by itself: the files are parsed with libclang in this one
 * process, one after the other, as the front end does it, and nothing is done
 * with them. parse FLAG... -- FILE...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <clang-c/Index.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int flag_count = 0;
    int failed = 0;

    while (1 + flag_count < argc && strcmp(argv[1 + flag_count], "--") != 0)
        flag_count++;
    for (int i = flag_count + 2; i < argc; i++) {
        CXIndex index = clang_createIndex(0, 0);
        CXTranslationUnit unit = NULL;

        if (clang_parseTranslationUnit2(
                index, argv[i], (const char *const *)argv + 1, flag_count, NULL,
                0, CXTranslationUnit_KeepGoing, &unit) != CXError_Success) {
            fprintf(stderr, "can't parse '%s'\n", argv[i]);
            failed = 1;
        }
        clang_disposeTranslationUnit(unit);
        clang_disposeIndex(index);
    }
    return failed;
}
