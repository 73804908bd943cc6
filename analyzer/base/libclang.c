/*
 * The library's file is known from the build; where the program was moved to
 * another machine, the system's own search finds what has the same name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/libclang.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/libclang_load.h"

struct libclang libclang;
const char libclang_remedy[] = "apt-get install libclang1-" LIBCLANG_MAJOR;

static struct {
    bool is_loaded;
    struct err err; /* why it can't be */
    bool has_begun;
    pthread_t thread; /* … which is to be joined */
} loading;

static void *library_open(struct err *err)
{
    void *library = dlopen(LIBCLANG_FILE, RTLD_LAZY | RTLD_LOCAL);

    if (!library)
        library = dlopen(LIBCLANG_NAME, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        err_set(err, "libclang can't be loaded: %s", dlerror());
    return library;
}

static bool function_find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);

    /* POSIX says that this works. */
    *(void **)function = found;
    return found || err_set(&loading.err, "%s has no function '%s'",
                            LIBCLANG_NAME, name);
}

static void *load(void *unused)
{
    void *library = library_open(&loading.err);

    loading.is_loaded = library != NULL;
#define FUNCTION(name)                                                         \
    loading.is_loaded =                                                        \
        loading.is_loaded &&                                                   \
        function_find(library, "clang_" #name, &libclang.name);
#include "base/libclang.def"
#undef FUNCTION
    return unused;
}

bool libclang_is_loading(void)
{
    if (loading.has_begun && !pthread_tryjoin_np(loading.thread, NULL))
        loading.has_begun = false;
    return loading.has_begun;
}

void libclang_settle(void)
{
    if (loading.has_begun)
        pthread_join(loading.thread, NULL);
    loading.has_begun = false;
}

void libclang_want(void)
{
    static bool is_told;

    if (loading.is_loaded || loading.has_begun)
        return;
    if (!is_told) /* a process is not copied while another thread loads */
        is_told = !pthread_atfork(libclang_settle, NULL, NULL);
    loading.has_begun =
        is_told && !pthread_create(&loading.thread, NULL, load, NULL);
}

bool libclang_load(struct err *err)
{
    libclang_settle();
    if (!loading.is_loaded && !loading.err.is_set)
        load(NULL);
    return loading.is_loaded || err_set(err, "%s", loading.err.text);
}

const char *libclang_version(struct arena *arena, struct err *err)
{
    const char *version;
    CXString text;

    if (!libclang_load(err))
        return NULL;
    text = clang_getClangVersion();
    version = arena_strdup(arena, clang_getCString(text));
    clang_disposeString(text);
    return version;
}

const char *libclang_stamp(struct arena *arena)
{
    struct stat info;
    struct err err = {0};
    const char *version;

    if (!stat(LIBCLANG_FILE, &info))
        return arena_printf(
            arena, "%s %lld %lld.%09ld", LIBCLANG_FILE, (long long)info.st_size,
            (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    version = libclang_version(arena, &err);
    return version ? version : "";
}
