/*
 * Flags that are left out, see machine.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/machine.h"

#include <string.h>

#include "base/str.h"

static bool is_of_machine(const char *flag)
{
    return str_starts_with(flag, "--target=") || !strcmp(flag, "-target") ||
           str_starts_with(flag, "-m");
}

static bool is_of_dialect(const char *flag)
{
    return str_starts_with(flag, "-std=") || str_starts_with(flag, "--std=");
}

/* Whether the next word is the flag's value: it may look like any flag. */
static bool takes_value(const char *flag)
{
    static const char *const flags[] = {
        "-I",        "-isystem", "-iquote",  "-idirafter", "-isysroot",
        "--sysroot", "-D",       "-U",       "-include",   "-target",
        "-x",        "-imacros", "-iprefix", "-Xclang",
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (!strcmp(flags[i], flag))
            return true;
    return false;
}

static bool leave_out(struct arena *arena, struct front_request *request,
                      bool (*is_meant)(const char *flag))
{
    const char **kept =
        arena_array(arena, (size_t)request->flag_count + 1, sizeof(*kept));
    int count = 0;
    int i = 0;
    bool has_any;

    while (i < request->flag_count) {
        const char *flag = request->flags[i];
        int end = i + 1 + takes_value(flag);

        for (; i < end && i < request->flag_count; i++)
            if (!is_meant(flag))
                kept[count++] = request->flags[i];
    }
    has_any = count < request->flag_count;
    request->flags = kept;
    request->flag_count = count;
    return has_any;
}

bool machine_leave_out(struct arena *arena, struct front_request *request)
{
    return leave_out(arena, request, is_of_machine);
}

bool machine_leave_dialect_out(struct arena *arena,
                               struct front_request *request)
{
    return leave_out(arena, request, is_of_dialect);
}

bool machine_lacks_headers(CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);
    bool lacks = false;

    for (unsigned i = 0; i < count && !lacks; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);

        lacks = clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error &&
                clang_Location_isInSystemHeader(
                    clang_getDiagnosticLocation(diagnostic));
        clang_disposeDiagnostic(diagnostic);
    }
    return lacks;
}
