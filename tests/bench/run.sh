#!/bin/sh
# Measures the analyzer, and prints the tables:
# run.sh ASYNCLINT WORK_FOLDER RUNTIME_INCLUDE
#
# BENCH_RUNS=N      runs of each, of which the median counts (default: 5)
# BENCH_UNITS=N     units of the generated tree (default: 300)
# BENCH_PARTS=…     of "tree functions" (default: both)
# BENCH_TREE=DIR    another tree than the generated one, with …
# BENCH_FILES=…     … these files, a pattern from there (default: src/*.c)
# BENCH_FLAGS=…     … and these flags
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
parts=${BENCH_PARTS:-tree functions}
measure=$work/bench_measure
results=$work/results
resources=$(ls -d /usr/lib/llvm-*/lib/clang/* | sort -V | tail -1)
counts="1000 3000 10000 30000 100000"

say() {
    echo "$*" >&2
}

tree_prepare() {
    tree=${BENCH_TREE:-$work/tree}
    flags=${BENCH_FLAGS:-}
    if [ -z "${BENCH_TREE:-}" ]; then
        rm -rf "$tree"
        sh "$here/tree.sh" "$tree" "${BENCH_UNITS:-300}" "$include"
        rm "$tree/compile_commands.json" # the flags are told
        mkdir "$tree/.git" # … and not by the database of who builds this
        # Short critical sections are not what is measured.
        echo "short-sections: allow" >"$tree/.asynclint.yaml"
        flags="-std=gnu11 -Iinclude -I$include"
    fi
    cd "$tree"
    files=$(ls ${BENCH_FILES:-src/*.c})
    one=$(echo "$files" | head -n 1)
    cp "$one" "$work/one.c"
    for file in $files; do
        echo "clang -fsyntax-only -w $flags $file"
    done >"$work/syntax.sh"
    parse="$work/bench_parse -w -resource-dir $resources $flags --"
}

tree_run() {
    cd "$tree"
    $measure parse $parse $files
    $measure syntax-only sh "$work/syntax.sh"
    $measure check-j1 "$asynclint" -q -j1 $files -- $flags
    $measure check-j2 "$asynclint" -q -j2 $files -- $flags
    rm -rf .asynclint_cache
    $measure cold-cache-j1 "$asynclint" -q -j1 --cache $files -- $flags
    $measure warm-j1 "$asynclint" -q -j1 --cache $files -- $flags
    echo "/* $run */" >>"$one"
    $measure one-comment-j1 "$asynclint" -q -j1 --cache $files -- $flags
    # All of its places move, and it says more.
    sed -i "1i int bench_run_$run;" "$one"
    $measure one-changed-j1 "$asynclint" -q -j1 --cache $files -- $flags
    $measure one-parse $parse "$one"
    cp "$work/one.c" "$one"
}

# Facts of an older asynclint would be refused.
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
