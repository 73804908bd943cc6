/*
 * Places become file:line, reports become lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch_report.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The runtime's own frames are of no interest to its user. They are told by
 * the last two folders of this file's name, as they stand in the debug
 * information; the rest of it may differ. */
#define OWN_FOLDER_DEPTH 3

#define NAME_MAX_SHOWN 200
#define PLACE_TEXT_SIZE (2 * NAME_MAX_SHOWN + 32)

void rt_place_prepare(void)
{
    void *frame[1];

    backtrace(frame, 1);
}

__attribute__((noinline)) void rt_place_here(struct place *place)
{
    void *frames[PLACE_FRAMES + 1];
    int count = backtrace(frames, PLACE_FRAMES + 1) - 1;

    place->count = count > 0 ? count : 0;
    for (int i = 0; i < place->count; i++)
        place->frames[i] = frames[i + 1];
}

const char *rt_place_find(const struct place *place, const char *const *names)
{
    for (int i = 0; i < place->count; i++) {
        Dl_info info;

        if (dladdr(place->frames[i], &info) == 0 || !info.dli_sname)
            continue;
        for (int j = 0; names[j]; j++)
            if (strcmp(info.dli_sname, names[j]) == 0)
                return names[j];
    }
    return NULL;
}

static const char *last_parts(const char *path, int count)
{
    const char *part = path + strlen(path);

    while (part > path && (part[-1] != '/' || --count > 0))
        part--;
    return part;
}

/* Is this file (file:line) one of the runtime's? */
static bool is_own(const char *file)
{
    const char *own = last_parts(__FILE__, OWN_FOLDER_DEPTH);
    size_t folder = (size_t)(last_parts(own, 1) - own);

    file = last_parts(file, OWN_FOLDER_DEPTH);
    return folder > 0 && strncmp(file, own, folder) == 0;
}

/* An address in the program as its debug information counts; false if it lies
 * in a library, or if the runtime does. */
static bool address_in_program(void *address, char program[], size_t size,
                               uintptr_t *offset)
{
    static const char anchor;
    struct link_map *own = NULL;
    struct link_map *map = NULL;
    ssize_t length;
    Dl_info info;

    if (dladdr1(&anchor, &info, (void **)&own, RTLD_DL_LINKMAP) == 0 ||
        dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP) == 0 ||
        own != map)
        return false;
    *offset = (uintptr_t)address - map->l_addr;
    length = readlink("/proc/self/exe", program, size - 1);
    program[length > 0 ? length : 0] = '\0';
    return length > 0 && map->l_name[0] == '\0' && !strchr(program, '\'');
}

/* A lock's fast way, in a header of ours, is in its caller. */
static bool is_own_header(const char *file)
{
    return strncmp(last_parts(file, 2), "rt/", 3) == 0 && strstr(file, ".h:");
}

static bool line_read(FILE *pipe, char line[NAME_MAX_SHOWN])
{
    if (!fgets(line, NAME_MAX_SHOWN, pipe))
        return false;
    line[strcspn(line, "\n ")] = '\0';
    return true;
}

/* "function" and "file:line" of one return address, from addr2line, which says
 * where code was inlined from first, then where to. False if there is nothing
 * to say: without a line, the file has no folder, and may be the runtime's. */
static bool address_name(void *address, char *function, char *file)
{
    char program[512];
    char command[640];
    char rest[NAME_MAX_SHOWN];
    uintptr_t offset;
    bool is_known;
    FILE *pipe;

    if (!address_in_program(address, program, sizeof program, &offset))
        return false;
    snprintf(command, sizeof command,
             "addr2line -i -f -e '%s' %#lx 2>/dev/null", program,
             (unsigned long)offset - 1);
    pipe = popen(command, "r");
    if (!pipe)
        return false;
    do {
        is_known = line_read(pipe, function) && line_read(pipe, file) &&
                   file[0] != '?' && !strstr(file, ":?");
    } while (is_known && is_own_header(file));
    while (line_read(pipe, rest))
        continue;
    pclose(pipe);
    return is_known;
}

/* The innermost frame that is not the runtime's: " at file:line (function)". */
static void place_print(char text[PLACE_TEXT_SIZE], const char *word,
                        const struct place *place)
{
    char function[NAME_MAX_SHOWN];
    char file[NAME_MAX_SHOWN];

    text[0] = '\0';
    for (int i = 0; i < place->count; i++) {
        if (!address_name(place->frames[i], function, file) || is_own(file))
            continue;
        snprintf(text, PLACE_TEXT_SIZE, ", %s %s (%s)", word,
                 last_parts(file, 2), function);
        return;
    }
}

void rt_report_print(const struct watch_report *report)
{
    char at[PLACE_TEXT_SIZE];
    char taken[PLACE_TEXT_SIZE];

    place_print(at, "at", &report->at);
    place_print(taken, "taken at", &report->taken);
    fprintf(stderr, "rt: watchdog: %s: %s%s%s\n", report->rule, report->text,
            at, taken);
}
