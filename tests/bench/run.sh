#!/bin/sh
# Measures the analyzer on a tree that it generates, and prints the tables:
# run.sh ASYNCLINT WORK_FOLDER RUNTIME_INCLUDE
#
# BENCH_RUNS=N      runs of each, of which the median counts (default: 5)
# BENCH_UNITS=N     units of the tree (default: 300)
# BENCH_TREE=DIR    measure on this tree instead, which must have its
#                   compile_commands.json; without the in-process parse
# BENCH_PARTS=…     of "tree functions"
#
# What is compared runs in turn, because a machine that others use too is fast
# in one minute and slow in the next.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
asynclint=$1
work=$2
include=$3
here=$(cd "$(dirname "$0")" && pwd)
runs=${BENCH_RUNS:-5}
units=${BENCH_UNITS:-300}
parts=${BENCH_PARTS:-tree functions}
measure=$work/bench_measure
parse=$work/bench_parse
results=$work/results
resources=$(ls -d /usr/lib/llvm-*/lib/clang/* | sort -V | tail -1)
flags="-std=gnu11 -Iinclude -I$include"

say() {
    echo "$*" >&2
}

tree_prepare() {
    tree=$work/tree
    rm -rf "$tree"
    sh "$here/tree.sh" "$tree" "$units" "$include"
    # Short critical sections are not what is measured.
    echo "short-sections: allow" >"$tree/.asynclint.yaml"
    cat >"$work/syntax.sh" <<END
for file in src/*.c; do clang -fsyntax-only -w $flags "\$file"; done
END
}

tree_run() {
    cd "$tree"
    $measure parse $parse -w -resource-dir "$resources" $flags -- src/*.c
    $measure syntax-only sh "$work/syntax.sh"
    $measure check-j1 "$asynclint" -q -j1 .
    $measure check-j2 "$asynclint" -q -j2 .
    rm -rf .asynclint_cache
    $measure cold-cache-j1 "$asynclint" -q -j1 --cache .
    $measure warm-j1 "$asynclint" -q -j1 --cache .
    echo "/* $run */" >>src/unit7.c
    $measure one-changed-j1 "$asynclint" -q -j1 --cache .
    $measure one-parse $parse -w -resource-dir "$resources" $flags -- \
        src/unit7.c
}

functions_prepare() {
    for count in $counts; do
        folder=$work/functions$count
        [ "$folder/all.facts" -nt "$asynclint" ] && continue
        say "facts of $count functions"
        sh "$here/functions.sh" "$folder" "$count"
        cd "$folder"
        for file in f*.c; do
            "$asynclint" -q index "$file" -o "${file%.c}.facts" -- -std=gnu11
        done
        "$asynclint" merge -o all.facts f*.facts
    done
}

functions_run() {
    for count in $counts; do
        cd "$work/functions$count"
        $measure "link-$count" "$asynclint" -q link all.facts
    done
}

: >"$results"
counts="1000 3000 10000 30000 100000"
for part in $parts; do
    "${part}_prepare"
done
for run in $(seq "$runs"); do
    say "run $run of $runs"
    for part in $parts; do
        "${part}_run" >>"$results"
    done
done
LC_ALL=C sort -s -k1,1 "$results" | awk -f "$here/table.awk"
