/*
 * Two tables: flags that pass, and flags that are dropped together with the
 * argument behind them. A flag in neither table is dropped alone, and so is
 * every word that is no flag: what was the value of an unknown flag, or the
 * name of an input file. The dropped ones are asked first, since `-include-pch`
 * would else read as `-include` with the value `-pch`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/flags.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

enum value {
    VALUE_NONE,     /* -ansi */
    VALUE_JOINED,   /* -std=c11, -march=native; a value is needed */
    VALUE_SEPARATE, /* -target X */
    VALUE_EITHER,   /* -Ix, -I x */
};

struct known_flag {
    const char *name;
    enum value value;
};

static const struct known_flag allowed[] = {
    /* where headers are */
    {"-I", VALUE_EITHER},
    {"-isystem", VALUE_EITHER},
    {"-iquote", VALUE_EITHER},
    {"-idirafter", VALUE_EITHER},
    {"-isysroot", VALUE_EITHER},
    {"--sysroot=", VALUE_JOINED},
    {"--sysroot", VALUE_SEPARATE},
    {"-nostdinc", VALUE_NONE},
    {"-nostdlibinc", VALUE_NONE},
    /* macros and files read first */
    {"-D", VALUE_EITHER},
    {"-U", VALUE_EITHER},
    {"-undef", VALUE_NONE},
    {"-include", VALUE_EITHER},
    /* the dialect */
    {"-std=", VALUE_JOINED},
    {"--std=", VALUE_JOINED},
    {"-ansi", VALUE_NONE},
    {"-trigraphs", VALUE_NONE},
    {"-fgnu89-inline", VALUE_NONE},
    {"-fno-gnu89-inline", VALUE_NONE},
    {"-fgnu-keywords", VALUE_NONE},
    {"-fno-gnu-keywords", VALUE_NONE},
    {"-fasm", VALUE_NONE},
    {"-fno-asm", VALUE_NONE},
    {"-fasm-blocks", VALUE_NONE},
    {"-fblocks", VALUE_NONE},
    {"-fno-blocks", VALUE_NONE},
    {"-fms-extensions", VALUE_NONE},
    {"-fno-ms-extensions", VALUE_NONE},
    {"-fms-compatibility", VALUE_NONE},
    {"-fdollars-in-identifiers", VALUE_NONE},
    {"-fno-dollars-in-identifiers", VALUE_NONE},
    {"-ffreestanding", VALUE_NONE},
    {"-fhosted", VALUE_NONE},
    {"-fno-builtin", VALUE_NONE},
    {"-fno-builtin-", VALUE_JOINED},
    {"-fexceptions", VALUE_NONE},
    {"-fno-exceptions", VALUE_NONE},
    {"-pthread", VALUE_NONE},
    {"-fopenmp", VALUE_NONE},
    {"-fopenmp=", VALUE_JOINED},
    {"-fopenmp-simd", VALUE_NONE},
    {"-fno-openmp", VALUE_NONE},
    /* what types are like */
    {"-fsigned-char", VALUE_NONE},
    {"-fno-signed-char", VALUE_NONE},
    {"-funsigned-char", VALUE_NONE},
    {"-fno-unsigned-char", VALUE_NONE},
    {"-fshort-enums", VALUE_NONE},
    {"-fno-short-enums", VALUE_NONE},
    {"-fshort-wchar", VALUE_NONE},
    {"-fno-short-wchar", VALUE_NONE},
    /* the target, whose macros headers ask about */
    {"--target=", VALUE_JOINED},
    {"-target", VALUE_SEPARATE},
    {"-m16", VALUE_NONE},
    {"-m32", VALUE_NONE},
    {"-m64", VALUE_NONE},
    {"-mx32", VALUE_NONE},
    {"-mthumb", VALUE_NONE},
    {"-marm", VALUE_NONE},
    {"-march=", VALUE_JOINED},
    {"-mcpu=", VALUE_JOINED},
    {"-mtune=", VALUE_JOINED},
    {"-mabi=", VALUE_JOINED},
    {"-mfpu=", VALUE_JOINED},
    {"-mfloat-abi=", VALUE_JOINED},
    {"-mlong-double-", VALUE_JOINED},
    {"-msse", VALUE_NONE},
    {"-msse2", VALUE_NONE},
    {"-msse3", VALUE_NONE},
    {"-mssse3", VALUE_NONE},
    {"-msse4", VALUE_NONE},
    {"-msse4.", VALUE_JOINED},
    {"-mavx", VALUE_NONE},
    {"-mavx2", VALUE_NONE},
    {"-mavx512", VALUE_JOINED},
    {"-maes", VALUE_NONE},
    {"-mpclmul", VALUE_NONE},
    {"-mpopcnt", VALUE_NONE},
    {"-mcx16", VALUE_NONE},
    {"-mcrc32", VALUE_NONE},
    {"-mbmi", VALUE_NONE},
    {"-mbmi2", VALUE_NONE},
    {"-mfma", VALUE_NONE},
    {"-mrdrnd", VALUE_NONE},
    {"-fPIC", VALUE_NONE},
    {"-fpic", VALUE_NONE},
    {"-fPIE", VALUE_NONE},
    {"-fpie", VALUE_NONE},
};

/* Each takes the next argument with it, which may look like anything. */
static const char *const dropped_with_value[] = {
    /* files that are written */
    "-o", "-MF", "-MJ", "-MT", "-MQ", "-dependency-file",
    "-header-include-file", "-serialize-diagnostics", "--serialize-diagnostics",
    "-dumpbase", "-dumpbase-ext", "-dumpdir", "-aux-info", "-index-store-path",
    "-opt-record-file",
    /* a way past this list, or code that is loaded */
    "-Xclang", "-Xpreprocessor", "-Xassembler", "-Xlinker", "-Xanalyzer",
    "-Xarch_host", "-Xarch_device", "-Xopenmp-target", "-Xcuda-fatbinary",
    "-Xcuda-ptxas", "-Xflang", "-mllvm", "-mmlir", "-load", "-plugin",
    "-fplugin", "--config", "-specs", "--specs", "-wrapper", "-B",
    "-gcc-toolchain", "-resource-dir", "-working-directory", "-ccc-gcc-name",
    "-ccc-install-dir",
    /* files that are read */
    "-include-pch", "-include-pth", "-imacros", "-ivfsoverlay", "-vfsoverlay",
    "-fmodule-map-file", "-imultilib", "-iprefix", "-iwithprefix",
    "-iwithprefixbefore", "-iwithsysroot", "-isystem-after", "-cxx-isystem",
    "-iframework", "-iframeworkwithsysroot", "-F",
    /* the linker's and other languages' */
    "-L", "-l", "-T", "-u", "-z", "-e", "-framework", "-rpath", "-install_name",
    "-arch", "-x", "--param", "-A", "-G", NULL};

/* Only C is read here; the value says whether that is what is meant. */
static bool language_passes(const char *value)
{
    return !strcmp(value, "c") || !strcmp(value, "c-header") ||
           !strcmp(value, "none");
}

static bool takes_next_away(const char *argument)
{
    for (const char *const *name = dropped_with_value; *name; name++)
        if (!strcmp(*name, argument))
            return true;
    return false;
}

/* Joined to its value, a flag of that list may begin like an allowed one. */
static bool hides_behind_allowed(const char *argument)
{
    static const char *const longer[] = {"-include-p", "-isystem-after", "-I-",
                                         NULL};

    for (const char *const *name = longer; *name; name++)
        if (str_starts_with(argument, *name))
            return true;
    return false;
}

/* How many arguments the flag takes when it is allowed, else 0. `next` is the
 * one behind it, or NULL. */
static uint32_t allowed_length(const char *argument, const char *next)
{
    if (hides_behind_allowed(argument))
        return 0;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
        const struct known_flag *flag = &allowed[i];
        bool is_whole = !strcmp(argument, flag->name);

        if (!str_starts_with(argument, flag->name))
            continue;
        if (is_whole && flag->value == VALUE_NONE)
            return 1;
        if (is_whole && next && flag->value >= VALUE_SEPARATE)
            return 2;
        if (!is_whole &&
            (flag->value == VALUE_JOINED || flag->value == VALUE_EITHER))
            return 1;
    }
    return 0;
}

static bool is_launcher(const char *argument)
{
    static const char *const launchers[] = {"ccache", "sccache", "distcc",
                                            "icecc",  "gomacc",  NULL};
    const char *name = path_name(argument);

    for (const char *const *launcher = launchers; *launcher; launcher++)
        if (!strcmp(*launcher, name))
            return true;
    return false;
}

/* The compiler, or a launcher and the compiler. */
static uint32_t compiler_length(const char *const *arguments, uint32_t count)
{
    if (count < 2 || !is_launcher(arguments[0]) || arguments[1][0] == '-')
        return count ? 1 : 0;
    return 2;
}

static void flag_keep(struct flags *flags, struct arena *arena,
                      const char *const *arguments, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        vec_add(arena, &flags->items, arguments[i]);
}

/* -c and -o say nothing about the code: nobody misses them. */
static bool is_missed(const char *argument)
{
    return argument[0] == '-' && strcmp(argument, "-c") != 0 &&
           strcmp(argument, "-o") != 0;
}

/* Looks at the flag at the front of `count` arguments, keeps or drops it, and
 * says how many of them that took. */
static uint32_t flag_take(struct flags *flags, struct arena *arena,
                          const char *const *arguments, uint32_t count)
{
    const char *argument = arguments[0];
    const char *next = count > 1 ? arguments[1] : NULL;
    uint32_t length;

    if (!strcmp(argument, "-x") && next && language_passes(next)) {
        flag_keep(flags, arena, arguments, 2);
        return 2;
    }
    if (str_starts_with(argument, "-x") && language_passes(argument + 2)) {
        flag_keep(flags, arena, arguments, 1);
        return 1;
    }
    if (takes_next_away(argument)) {
        flags->dropped += is_missed(argument);
        return next ? 2 : 1;
    }
    length = allowed_length(argument, next);
    if (length) {
        flag_keep(flags, arena, arguments, length);
        return length;
    }
    flags->dropped += is_missed(argument);
    return 1;
}

void flags_allow(struct flags *flags, struct arena *arena,
                 const char *const *arguments, uint32_t count,
                 bool has_compiler)
{
    uint32_t i = has_compiler ? compiler_length(arguments, count) : 0;

    /* Behind `--` there are only names of files. */
    while (i < count && strcmp(arguments[i], "--") != 0)
        i += flag_take(flags, arena, arguments + i, count - i);
}

void flags_trust(struct flags *flags, struct arena *arena,
                 const char *const *arguments, uint32_t count,
                 bool has_compiler, const char *file)
{
    uint32_t i = has_compiler ? compiler_length(arguments, count) : 0;

    for (; i < count && strcmp(arguments[i], "--") != 0; i++) {
        if (!strcmp(arguments[i], "-o"))
            i++;
        else if (strcmp(arguments[i], "-c") != 0 &&
                 (!file || strcmp(arguments[i], file) != 0))
            vec_add(arena, &flags->items, arguments[i]);
    }
}

static bool is_home(const char *path, const struct path_list *homes)
{
    if (path_is_system(path))
        return true;
    for (uint32_t i = 0; i < homes->items.count; i++)
        if (path_is_below(path, homes->items.items[i]))
            return true;
    return false;
}

/* The directory that the flag at `at` names for headers, or NULL. */
static const char *include_directory(const char *const *at, uint32_t length)
{
    static const char *const names[] = {"-I", "-isystem", "-iquote",
                                        "-idirafter", NULL};

    for (const char *const *name = names; *name; name++) {
        if (length == 2 && !strcmp(at[0], *name))
            return at[1];
        if (length == 1 && str_starts_with(at[0], *name))
            return at[0] + strlen(*name);
    }
    return NULL;
}

static uint32_t length_at(const struct flags *flags, uint32_t i)
{
    const char *const *at = (const char *const *)flags->items.items + i;
    uint32_t length =
        allowed_length(at[0], i + 1 < flags->items.count ? at[1] : NULL);

    return length ? length : 1;
}

/* Where the compiler finds the file that `-include` names, or NULL. */
static const char *include_find(const struct flags *flags, struct arena *arena,
                                const char *directory, const char *file)
{
    const char *found = path_join(arena, directory, file);

    if (path_is_there(found))
        return found;
    for (uint32_t i = 0; i < flags->items.count; i += length_at(flags, i)) {
        const char *named = include_directory(
            (const char *const *)flags->items.items + i, length_at(flags, i));

        if (!named)
            continue;
        found = path_join(arena, path_join(arena, directory, named), file);
        if (path_is_there(found))
            return found;
    }
    return NULL;
}

static bool may_include(const struct flags *flags, const char *directory,
                        const char *file, const struct path_list *homes)
{
    struct arena scratch = {0};
    const char *found = include_find(flags, &scratch, directory, file);
    const char *real = found ? path_real(&scratch, found) : NULL;
    bool may = !found || (real && path_is_file(real) && is_home(real, homes));

    arena_finish(&scratch);
    return may;
}

void flags_includes_check(struct flags *flags, struct arena *arena,
                          const char *directory, const struct path_list *homes)
{
    struct flags kept = {.dropped = flags->dropped};
    uint32_t length;

    for (uint32_t i = 0; i < flags->items.count; i += length) {
        const char *const *at = (const char *const *)flags->items.items + i;
        const char *file = at[0] + strlen("-include");

        length = length_at(flags, i);
        if (str_starts_with(at[0], "-include") &&
            !may_include(flags, directory, length == 2 ? at[1] : file, homes))
            kept.dropped++;
        else
            flag_keep(&kept, arena, at, length);
    }
    *flags = kept;
}
