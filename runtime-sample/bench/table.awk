# Lines "program measure number", any number of each, sorted: a table of the
# medians, one row for each measure, with our number divided by each peer's.
# A measure "peer:name" is a peer's that another program has measured. The last
# column says which goals of goals.txt, the first file, were reached. With
# -v plot=FILE the same is drawn as a picture, too.
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

FNR == NR {
    if ($0 !~ /^#/)
        goals[$1] = goals[$1] " " $2 ":" $3
    next
}

# Shares are to be large, all else is to be small.
function is_reached(measure, who, factor,    ours, limit) {
    ours = median("rt" SUBSEP measure)
    limit = factor + 0
    if (who != "-") {
        if (!((who, measure) in numbers))
            return "?"
        limit = limit * median(who SUBSEP measure)
    }
    if (measure ~ /^share_/)
        return ours >= limit ? "yes" : "no"
    return ours <= limit ? "yes" : "no"
}

function goals_told(measure,    parts, words, count, i, text) {
    count = split(goals[measure], parts, " ")
    for (i = 1; i <= count; i++) {
        split(parts[i], words, ":")
        text = text (text ? ", " : "") words[2] \
               (words[1] == "-" ? "" : " " words[1]) ": " \
               is_reached(measure, words[1], words[2])
    }
    return text
}

function bar_draw(who, measure, most,    value, width) {
    value = median(who SUBSEP measure)
    width = most > 0 ? 300 * value / most : 0
    y += 14
    printf "<text x=\"290\" y=\"%d\" text-anchor=\"end\">%s</text>" \
        "<rect x=\"296\" y=\"%d\" width=\"%.1f\" height=\"11\" " \
        "fill=\"%s\"/><text x=\"%.1f\" y=\"%d\">%s</text>\n", y, who, \
        y - 10, width, who == "rt" ? "#c33" : "#89a", 302 + width, y, \
        show(value) >plot
}

# One group of bars for each measure, as long as its number is large beside
# the others of the group.
function bars_draw(measure,    i, most, value) {
    most = median("rt" SUBSEP measure)
    for (i = 1; i <= peers; i++) {
        if (!((peer[i], measure) in numbers))
            continue
        value = median(peer[i] SUBSEP measure)
        most = value > most ? value : most
    }
    y += 24
    printf "<text x=\"4\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y, \
        measure >plot
    y -= 14
    bar_draw("rt", measure, most)
    for (i = 1; i <= peers; i++)
        if ((peer[i], measure) in numbers)
            bar_draw(peer[i], measure, most)
}

function height(    i, j, sum) {
    for (i = 1; i <= measures; i++) {
        if (!(("rt", order[i]) in numbers))
            continue
        sum += 24
        for (j = 1; j <= peers; j++)
            sum += ((peer[j], order[i]) in numbers) ? 14 : 0
    }
    return sum + 10
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
    peers = split("CAS pthread parking_lot Go Tokio", peer, " ")
    print "| measure | rt | CAS | pthread | parking_lot | Go | Tokio " \
          "| rt / peers | goal: reached |"
    print "|---|---|---|---|---|---|---|---|---|"
    if (plot)
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" " \
            "height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n" \
            "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n", \
            height() >plot
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
        print row " | " ratios " | " goals_told(measure) " |"
        if (plot)
            bars_draw(measure)
    }
    if (plot)
        print "</svg>" >plot
}
