#!/bin/sh
# Writes a C program to measure on: tree.sh FOLDER UNITS RUNTIME_INCLUDE
#
# Each unit reads a stack of headers twenty deep and some of the system's,
# has functions that lock, wait and call the next ones, down through all
# units, and tables of function pointers through which others are called. The
# same arguments give the same bytes.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
folder=$1
units=$2
runtime=$3
depth=20     # of headers
functions=40 # in a unit

mkdir -p "$folder/include" "$folder/src"
awk -v folder="$folder" -v units="$units" -v runtime="$runtime" \
    -v depth="$depth" -v functions="$functions" '
function header(level,    file, i) {
    file = folder "/include/layer" level ".h"
    printf "#ifndef LAYER%d_H\n#define LAYER%d_H\n", level, level > file
    if (level == 0)
        printf "#include <errno.h>\n#include <pthread.h>\n" \
               "#include <rt.h>\n#include <stdint.h>\n#include <stdio.h>\n" \
               "#include <stdlib.h>\n#include <string.h>\n" \
               "#include <sys/socket.h>\n#include <unistd.h>\n" > file
    else
        printf "#include \"layer%d.h\"\n", level - 1 > file
    for (i = 0; i < 12; i++) {
        printf "/* Part %d of layer %d. */\n", i, level > file
        printf "struct part%d_%d {\n    pthread_mutex_t lock;\n" \
               "    struct blocking_mutex guard;\n    uint64_t count;\n" \
               "    char name[%d];\n};\n", level, i, 16 + i > file
        printf "#define PART%d_%d_MOST (%d + (1 << %d))\n", level, i, i, \
               i > file
        printf "static inline uint64_t part%d_%d_add(struct part%d_%d *part," \
               " uint64_t n)\n{\n    pthread_mutex_lock(&part->lock);\n" \
               "    part->count += n %% PART%d_%d_MOST;\n" \
               "    n = part->count;\n    pthread_mutex_unlock(&part->lock);\n" \
               "    return n;\n}\n", level, i, level, i, level, i > file
    }
    print "#endif" > file
    close(file)
}
function program_header(    file, i) {
    file = folder "/include/program.h"
    printf "#ifndef PROGRAM_H\n#define PROGRAM_H\n#include \"layer%d.h\"\n", \
           depth - 1 > file
    printf "struct object;\nstruct object_ops {\n" \
           "    int (*open)(struct object *object);\n" \
           "    int (*read)(struct object *object, int n);\n" \
           "    int (*close)(struct object *object);\n};\n" > file
    printf "struct object {\n    pthread_mutex_t lock;\n" \
           "    struct async_mutex gate;\n    struct part0_0 part;\n" \
           "    const struct object_ops *ops;\n    int fd;\n};\n" > file
    for (i = 0; i < units; i++)
        printf "extern const struct object_ops ops%d;\n" \
               "int step%d_0(struct object *object, int n);\n" \
               "ASYNC int serve%d(struct object *object);\n", i, i, i > file
    print "#endif" > file
    close(file)
}
function unit(at,    file, i, next_call) {
    file = folder "/src/unit" at ".c"
    printf "#include \"program.h\"\n\n" > file
    for (i = functions - 1; i >= 0; i--) {
        if (i < functions - 1)
            next_call = "step" at "_" i + 1 "(object, n - 1)"
        else if (at < units - 1)
            next_call = "step" at + 1 "_0(object, n - 1)"
        else
            next_call = "object->ops->read(object, n)"
        printf "%sint step%d_%d(struct object *object, int n)\n{\n" \
               "    int status = 0;\n\n", i ? "static " : "", at, i > file
        if (i % 4 == 0)
            printf "    pthread_mutex_lock(&object->lock);\n" \
                   "    if (n < %d) {\n        object->fd += n;\n" \
                   "        pthread_mutex_unlock(&object->lock);\n" \
                   "        return -EAGAIN;\n    }\n" \
                   "    object->part.count++;\n" \
                   "    pthread_mutex_unlock(&object->lock);\n", i > file
        if (i % 4 == 1)
            printf "    for (int k = 0; k < n; k++) {\n" \
                   "        if (k %% 3 == 1)\n            continue;\n" \
                   "        status += (int)part%d_%d_add((struct part%d_%d *)" \
                   "&object->part, (uint64_t)k);\n    }\n", \
                   i % depth, i % 12, i % depth, i % 12 > file
        if (i % 4 == 2)
            printf "    switch (n & 7) {\n    case 0:\n" \
                   "        status = object->ops->open(object);\n" \
                   "        break;\n    case 1:\n    case 2:\n" \
                   "        status = object->ops->read(object, n);\n" \
                   "        break;\n    default:\n        status = n;\n" \
                   "    }\n    if (status < 0)\n        return status;\n" > file
        printf "    status += %s;\n    return status;\n}\n\n", next_call > file
    }
    printf "static int open%d(struct object *object)\n{\n" \
           "    return object->fd >= 0 ? 0 : -EBADF;\n}\n\n", at > file
    printf "static int read%d(struct object *object, int n)\n{\n" \
           "    char bytes[64];\n\n" \
           "    return (int)recv(object->fd, bytes, (size_t)n %% 64, " \
           "MSG_DONTWAIT);\n}\n\n", at > file
    printf "static int close%d(struct object *object)\n{\n" \
           "    return close(object->fd);\n}\n\n", at > file
    printf "const struct object_ops ops%d = {open%d, read%d, close%d};\n\n", \
           at, at, at, at > file
    printf "ASYNC int serve%d(struct object *object)\n{\n" \
           "    await async_mutex_lock(&object->gate);\n" \
           "    object->fd++;\n    async_mutex_unlock(&object->gate);\n" \
           "    await rt_sleep_ms(%d);\n    object->ops = &ops%d;\n" \
           "    return step%d_%s(object, %d);\n}\n", at, at, at, at, \
           0, at > file
    close(file)
}
BEGIN {
    for (i = 0; i < depth; i++)
        header(i)
    program_header()
    commands = folder "/compile_commands.json"
    print "[" > commands
    for (i = 0; i < units; i++) {
        unit(i)
        printf "{\"directory\": \"%s\", \"file\": \"src/unit%d.c\", " \
               "\"arguments\": [\"cc\", \"-std=gnu11\", \"-Iinclude\", " \
               "\"-I%s\", \"-c\", \"src/unit%d.c\"]}%s\n", folder, i, \
               runtime, i, i < units - 1 ? "," : "" > commands
    }
    print "]" > commands
}'
