#!/bin/sh
# Writes C files with many small functions and no headers, for what comes
# after parsing: functions.sh FOLDER COUNT
#
# A file has 500 functions: chains of ten that take, keep and give back locks
# of an object through each other, the last of which calls through a table or
# into the next file.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
mkdir -p "$1"
awk -v folder="$1" -v count="$2" '
function head(file) {
    printf "typedef union { char size[40]; long align; } pthread_mutex_t;\n" \
           "int pthread_mutex_lock(pthread_mutex_t *mutex);\n" \
           "int pthread_mutex_unlock(pthread_mutex_t *mutex);\n" \
           "int usleep(unsigned long us);\n" \
           "struct object { pthread_mutex_t lock; int n;\n" \
           "    int (*run)(struct object *object, int n); };\n" > file
}
function chain(file, at,    k) {
    for (k = 9; k >= 0; k--) {
        printf "%sint f%d(struct object *object, int n)\n{\n", \
               k ? "static " : "", at + k > file
        if (k % 3 == 0)
            printf "    pthread_mutex_lock(&object->lock);\n" \
                   "    if (n > %d)\n        object->n += n;\n" \
                   "    pthread_mutex_unlock(&object->lock);\n", k > file
        if (k % 5 == 4)
            printf "    usleep(10);\n" > file
        if (k < 9)
            printf "    return f%d(object, n + 1);\n}\n", at + k + 1 > file
        else if (at + 10 < count && at % 20 == 0)
            printf "    return f%d(object, n);\n}\n", at + 10 > file
        else
            printf "    return object->run(object, n);\n}\n" > file
    }
}
BEGIN {
    for (at = 0; at < count; at += 10) {
        if (at % 500 == 0) {
            file = folder "/f" at / 500 ".c"
            head(file)
        }
        if (at + 10 < count && at % 20 == 0)
            printf "int f%d(struct object *object, int n);\n", at + 10 > file
        chain(file, at)
        if (at % 500 == 490 || at + 10 >= count) {
            printf "void set%d(struct object *object)\n{\n" \
                   "    object->run = f%d;\n}\n", at, at > file
            close(file)
        }
    }
}'
