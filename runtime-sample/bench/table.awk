# Lines "program measure number", any number of each, sorted: a table of the
# medians, one row for each measure, with our number divided by each peer's.
# A measure "peer:name" is a peer's that another program has measured.
#
# SPDX-License-Identifier: Apache-2.0

function column_of(program) {
    if (program == "bench_rt")
        return "rt"
    if (program == "tokio_bench")
        return "Tokio"
    return program == "go" ? "Go" : program
}

# The numbers of one cell come one after the other, but not sorted.
function median(key,    values, count, i, j, value) {
    count = split(numbers[key], values, " ")
    for (i = 2; i <= count; i++) {
        value = values[i] + 0
        for (j = i - 1; j > 0 && values[j] + 0 > value; j--)
            values[j + 1] = values[j]
        values[j + 1] = value
    }
    return values[int((count + 1) / 2)] + 0
}

function show(number) {
    if (number >= 100)
        return sprintf("%.0f", number)
    return sprintf(number >= 1 ? "%.1f" : "%.2g", number)
}

{
    column = column_of($1)
    measure = $2
    if (split($2, parts, ":") == 2) {
        column = parts[1]
        measure = parts[2]
    }
    numbers[column, measure] = numbers[column, measure] " " $3
    if (!(measure in seen)) {
        seen[measure] = 1
        order[++measures] = measure
    }
}

END {
    peers = split("pthread parking_lot Go Tokio", peer, " ")
    print "| measure | rt | pthread | parking_lot | Go | Tokio | rt / peers |"
    print "|---|---|---|---|---|---|---|"
    for (i = 1; i <= measures; i++) {
        measure = order[i]
        if (!(("rt", measure) in numbers))
            continue
        ours = median("rt" SUBSEP measure)
        row = "| " measure " | " show(ours)
        ratios = ""
        for (j = 1; j <= peers; j++) {
            if (!((peer[j], measure) in numbers)) {
                row = row " | "
                continue
            }
            theirs = median(peer[j] SUBSEP measure)
            row = row " | " show(theirs)
            ratios = ratios (ratios ? ", " : "") \
                     (theirs > 0 ? sprintf("%.2f", ours / theirs) : "-") \
                     " " peer[j]
        }
        print row " | " ratios " |"
    }
}
