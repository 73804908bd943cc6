/*
 * A head is built and used, see head.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front/clang.h"
#include "front/front.h"

/* What reads differently in a file of its own, or is forgotten at its end. */
static const char *const unshared_words[] = {
    "__BASE_FILE__",
    "__INCLUDE_LEVEL__",
    "push_macro",
};

static bool is_shareable(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof(unshared_words) / sizeof(*unshared_words);
         i++)
        if (memmem(text, length, unshared_words[i], strlen(unshared_words[i])))
            return false;
    return true;
}

struct gathering {
    struct lower lower;
    struct head_content *content;
    const char *directory;
    bool is_shareable;
    struct map seen; /* CXFile → nothing */
};

/* What is precompiled has no relative names. */
static const char *absolute_name(const struct gathering *gathering, CXFile file)
{
    CXString text = clang_getFileName(file);
    const char *name = clang_getCString(text);
    const char *absolute;

    while (str_starts_with(name, "./"))
        name += 2;
    if (*name == '/')
        absolute = arena_strdup(gathering->lower.arena, name);
    else
        absolute = arena_printf(gathering->lower.arena, "%s/%s",
                                gathering->directory, name);
    clang_disposeString(text);
    return absolute;
}

static void inclusion_gather(CXFile file, CXSourceLocation *stack,
                             unsigned depth, CXClientData data)
{
    struct gathering *gathering = data;
    struct head_content *content = gathering->content;
    struct file_seen seen;
    const char *text;
    size_t length;
    bool is_new;

    map_add(&gathering->seen, &file, sizeof(file), 0, &is_new);
    if (!depth || !is_new)
        return;
    text = text_of(&gathering->lower, file, &length);
    gathering->is_shareable &= is_shareable(text, length);
    seen = file_look(&gathering->lower, file,
                     clang_Location_isInSystemHeader(stack[0]));
    /* libclang would look for it among all places of the head. */
    seen.text = arena_copy(&content->arena, text, length + 1);
    seen.length = length;
    map_add_str(&content->file_names, absolute_name(gathering, file),
                content->files.count, NULL);
    vec_add(&content->arena, &content->files, seen);
}

/* All that units ask of a head while libclang has it in full. */
static bool content_gather(struct head_content *content, CXTranslationUnit tu,
                           const struct front_request *request)
{
    struct gathering gathering = {
        .content = content,
        .directory = request->directory ? request->directory : request->root,
        .is_shareable = true,
    };
    struct lower *lower = &gathering.lower;

    ir_unit_init(&content->unit, &content->arena);
    *lower = (struct lower){
        .arena = &content->arena,
        .unit = &content->unit,
        .root = request->root,
        .tu = tu,
    };
    lower_maps_init(lower);
    gathering.seen.arena = &content->arena;
    content->file_names.arena = &content->arena;
    clang_getInclusions(tu, inclusion_gather, &gathering);
    head_names_gather(content, lower);
    return gathering.is_shareable;
}

/* NULL: it is none, or there is no room for it. */
static struct head_content *content_make(const struct front_head *head,
                                         CXTranslationUnit tu,
                                         const struct front_request *request)
{
    struct head_content *content = NULL;
    bool is_whole = false;

    shared_protect(head->shared, true);
    content = shared_take(head->shared, sizeof(*content));
    if (content) {
        content->arena.shared = head->shared;
        is_whole =
            content_gather(content, tu, request) && content->arena.shared;
    }
    shared_protect(head->shared, false);
    return is_whole ? content : NULL;
}

static char *temporary_name(struct arena *arena)
{
    const char *place = getenv("TMPDIR");

    return arena_printf(arena, "%s/asynclint-XXXXXX",
                        place && *place ? place : "/tmp");
}

bool head_open(struct front_head *head, struct arena *arena)
{
    char *name = temporary_name(arena);

    head->file = mkostemp(name, O_CLOEXEC);
    if (head->file < 0)
        return false;
    unlink(name);
    snprintf(head->path, sizeof(head->path), "/proc/self/fd/%d", head->file);
    if (!access(head->path, R_OK))
        return true;
    close(head->file);
    return false;
}

static bool bytes_copy(int from, int to)
{
    struct stat status;
    off_t done = 0;

    if (fstat(from, &status))
        return false;
    while (done < status.st_size) {
        ssize_t sent =
            sendfile(to, from, &done, (size_t)(status.st_size - done));

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
    }
    return true;
}

/* libclang renames what it has written, so there is a folder for a moment. */
static bool head_save(const struct front_head *head, CXTranslationUnit tu,
                      struct arena *arena)
{
    char *folder = temporary_name(arena);
    const char *path;
    int file = -1;
    bool is_saved;

    if (!mkdtemp(folder))
        return false;
    path = arena_printf(arena, "%s/head", folder);
    if (!clang_saveTranslationUnit(tu, path, clang_defaultSaveOptions(tu)))
        file = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    rmdir(folder);
    if (file < 0)
        return false;
    is_saved = bytes_copy(file, head->file);
    close(file);
    return is_saved;
}

static bool head_build(struct front_head *head,
                       const struct front_request *request)
{
    struct arena scratch = {0};
    CXIndex index = clang_createIndex(0, 0);
    CXTranslationUnit tu = clang_head_parse(request, head, &scratch, index);
    struct head_content *content = NULL;

    if (tu && !clang_has_errors(tu))
        content = content_make(head, tu, request);
    if (content && head_save(head, tu, &scratch))
        head->content = head->status->content = content;
    clang_disposeTranslationUnit(tu);
    clang_disposeIndex(index);
    arena_finish(&scratch);
    return head->content != NULL;
}

bool head_make(struct front_head *head, const struct front_request *request)
{
    struct head_status *status = head->status;
    enum head_state state = HEAD_NEW;

    if (atomic_compare_exchange_strong(&status->state, &state, HEAD_MAKING)) {
        if (head_build(head, request))
            return true;
        atomic_store(&status->state, HEAD_UNUSABLE);
        return false;
    }
    if (state == HEAD_READY && !head->content) {
        shared_protect(head->shared, false);
        head->content = status->content;
    }
    /* While it is being made, only who makes it has its content. */
    return state != HEAD_UNUSABLE && head->content;
}

/* A header without a guard, or errors behind the headers in most units: then
 * it costs more than it saves. */
void head_judge(struct front_head *head, bool is_used)
{
    struct head_status *status = head->status;
    enum head_state state = HEAD_MAKING;
    uint32_t uses = atomic_fetch_add(&status->uses, is_used) + is_used;
    uint32_t failures =
        atomic_fetch_add(&status->failures, !is_used) + !is_used;

    if (failures > 1 + uses / 4)
        atomic_store(&status->state, HEAD_UNUSABLE);
    else if (is_used)
        atomic_compare_exchange_strong(&status->state, &state, HEAD_READY);
}

struct passing {
    unsigned end;
    bool is_passed;
};

static void inclusion_check(CXFile file, CXSourceLocation *stack,
                            unsigned depth, CXClientData data)
{
    struct passing *passing = data;
    unsigned offset;

    (void)file;
    if (depth != 1)
        return;
    clang_getFileLocation(stack[0], NULL, NULL, NULL, &offset);
    if (offset < passing->end)
        passing->is_passed = false;
}

bool head_is_passed(const struct front_head *head, CXTranslationUnit tu)
{
    CXString name = clang_getTranslationUnitSpelling(tu);
    CXFile file = clang_getFile(tu, clang_getCString(name));
    size_t length = 0;
    const char *text = clang_getFileContents(tu, file, &length);
    struct passing passing = {.is_passed = true};

    clang_disposeString(name);
    /* It may have been saved since the heads were planned. */
    passing.end = text ? head_end(head->includes, text, length) : 0;
    if (!passing.end)
        return false;
    clang_getInclusions(tu, inclusion_check, &passing);
    return passing.is_passed;
}

const struct file_seen *head_file_find(const struct front_head *head,
                                       CXFile file)
{
    CXString name;
    const uint32_t *found;

    if (!head)
        return NULL;
    name = clang_getFileName(file);
    found = map_find_str(&head->content->file_names, clang_getCString(name));
    clang_disposeString(name);
    return found ? &head->content->files.items[*found] : NULL;
}

void head_files_add(struct lower *lower)
{
    const struct head_content *content =
        lower->head ? lower->head->content : NULL;

    for (uint32_t i = 0; content && i < content->files.count; i++) {
        const struct file_seen *seen = &content->files.items[i];

        odd_note(lower, file_keep(lower, seen), seen->odd);
    }
}
