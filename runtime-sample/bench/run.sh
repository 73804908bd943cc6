#!/bin/sh
# Runs the measuring programs in turn, several times, and prints the table of
# their medians: run.sh PROGRAM...
#
# In turn, because a machine that others use too is fast in one minute and
# slow in the next.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
runs=${BENCH_RUNS:-5}
here=$(dirname "$0")
results=$(mktemp)
trap 'rm -f "$results"' EXIT

for run in $(seq "$runs"); do
    for program in "$@"; do
        echo "run $run of $runs: $(basename "$program")" >&2
        "$program" | sed "s|^|$(basename "$program") |" >>"$results"
    done
done
LC_ALL=C sort -s "$results" | awk -f "$here/table.awk"
