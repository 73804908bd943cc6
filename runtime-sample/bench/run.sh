#!/bin/sh
# Runs the measuring programs in turn, several times, and prints the table of
# their medians: run.sh PROGRAM...   The first is ours. The picture of the table
# is written to $BENCH_PLOT, or to bench.svg in the working directory.
#
# In turn, because a machine that others use too is fast in one minute and
# slow in the next.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
runs=${BENCH_RUNS:-5}
plot=${BENCH_PLOT:-bench.svg}
here=$(dirname "$0")
results=$(mktemp)
trap 'rm -f "$results"' EXIT

note() {
    sed "s|^|$(basename "$1") |" >>"$results"
}

for run in $(seq "$runs"); do
    for program in "$@"; do
        echo "run $run of $runs: $(basename "$program")" >&2
        "$program" | note "$program"
    done
done
echo "a million tasks" >&2
"$1" million | note "$1"
LC_ALL=C sort -s "$results" |
    awk -v plot="$plot" -f "$here/table.awk" "$here/goals.txt" -
echo "drawn in $plot" >&2
