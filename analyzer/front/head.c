/*
 * A head is built and used, see head.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/head.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    struct front_head *head;
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
    struct front_head *head = gathering->head;
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
    seen.text = arena_copy(&head->arena, text, length + 1);
    seen.length = length;
    map_add_str(&head->file_names, absolute_name(gathering, file),
                head->files.count, NULL);
    vec_add(&head->arena, &head->files, seen);
}

/* All that units ask of a head while libclang has it in full. */
static bool head_gather(struct front_head *head, CXTranslationUnit tu,
                        const struct front_request *request)
{
    struct gathering gathering = {
        .head = head,
        .directory = request->directory ? request->directory : request->root,
        .is_shareable = true,
    };
    struct lower *lower = &gathering.lower;

    ir_unit_init(&head->unit, &head->arena);
    *lower = (struct lower){
        .arena = &head->arena,
        .unit = &head->unit,
        .root = request->root,
        .tu = tu,
    };
    lower_maps_init(lower);
    gathering.seen.arena = &head->arena;
    head->file_names.arena = &head->arena;
    clang_getInclusions(tu, inclusion_gather, &gathering);
    head_names_gather(head, lower);
    return gathering.is_shareable;
}

/* Into a file without a name, which is gone when the worker is. libclang
 * renames what it has written, so there is a folder for a moment. */
static bool head_save(struct front_head *head, CXTranslationUnit tu)
{
    const char *place = getenv("TMPDIR");
    char *folder = arena_printf(&head->arena, "%s/asynclint-XXXXXX",
                                place && *place ? place : "/tmp");
    const char *path;
    int file = -1;

    if (!mkdtemp(folder))
        return false;
    path = arena_printf(&head->arena, "%s/head", folder);
    if (!clang_saveTranslationUnit(tu, path, clang_defaultSaveOptions(tu)))
        file = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    rmdir(folder);
    if (file < 0)
        return false;
    snprintf(head->path, sizeof(head->path), "/proc/self/fd/%d", file);
    if (!access(head->path, R_OK))
        return true;
    close(file);
    return false;
}

bool head_make(struct front_head *head, const struct front_request *request)
{
    CXTranslationUnit tu;
    CXIndex index;

    if (head->state != HEAD_NEW || *head->is_tried)
        return head->state == HEAD_READY;
    *head->is_tried = true;
    head->state = HEAD_UNUSABLE;
    index = clang_createIndex(0, 0);
    tu = clang_head_parse(request, head, &head->arena, index);
    if (tu && !clang_has_errors(tu) && head_gather(head, tu, request) &&
        head_save(head, tu))
        head->state = HEAD_READY;
    clang_disposeTranslationUnit(tu);
    clang_disposeIndex(index);
    return head->state == HEAD_READY;
}

/* A header without a guard, or errors behind the headers in most units: then
 * it costs more than it saves. */
void head_judge(struct front_head *head, bool is_used)
{
    if (is_used)
        *head->is_tried = false;
    head->uses += is_used;
    head->failures += !is_used;
    if (head->failures > 1 + head->uses / 4)
        head->state = HEAD_UNUSABLE;
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
    found = map_find_str(&head->file_names, clang_getCString(name));
    clang_disposeString(name);
    return found ? &head->files.items[*found] : NULL;
}

void head_files_add(struct lower *lower)
{
    for (uint32_t i = 0; lower->head && i < lower->head->files.count; i++) {
        const struct file_seen *seen = &lower->head->files.items[i];

        odd_note(lower, file_keep(lower, seen), seen->odd);
    }
}
