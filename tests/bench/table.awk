# The medians of `measure`'s lines (sorted by name) as a table, the ratios that
# are goals, and how time grows with the number of functions.
#
# SPDX-License-Identifier: Apache-2.0
function median(list, count,    i, j, kept) {
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
            kept = list[j]
            list[j] = list[j - 1]
            list[j - 1] = kept
        }
    return count % 2 ? list[(count + 1) / 2] \
                     : (list[count / 2] + list[count / 2 + 1]) / 2
}
function finish(    i) {
    if (!count)
        return
    wall[name] = median(walls, count)
    cpu[name] = median(cpus, count)
    memory[name] = median(memories, count)
    names[++name_count] = name
    count = 0
}
function ratio(text, one, two, goal, is_most) {
    if (!two)
        return
    printf "| %s | %.3f | %s %s | %s |\n", text, one / two, \
           is_most ? "<=" : ">=", goal, \
           (is_most ? one / two <= goal : one / two >= goal) ? "yes" : "no"
}
$1 != name { finish(); name = $1 }
{ count++; walls[count] = $2 + 0; cpus[count] = $3 + 0; memories[count] = $4 + 0 }
END {
    finish()
    print "| what | wall ms | processor ms | most MiB |\n|---|---|---|---|"
    for (i = 1; i <= name_count; i++)
        if (names[i] !~ /^link-/)
            printf "| %s | %.0f | %.0f | %.0f |\n", names[i], \
                   wall[names[i]], cpu[names[i]], memory[names[i]]
    if ("check-j1" in cpu) {
        print "\n| ratio | is | goal | reached |\n|---|---|---|---|"
        ratio("check -j1 / parse, processor", cpu["check-j1"], cpu["parse"], \
              1.15, 1)
        ratio("check -j1 / parse, wall", wall["check-j1"], wall["parse"], \
              1.15, 1)
        ratio("check -j1 / clang -fsyntax-only, processor", cpu["check-j1"], \
              cpu["syntax-only"], 0.7, 1)
        ratio("check -j1 / clang -fsyntax-only, wall", wall["check-j1"], \
              wall["syntax-only"], 0.7, 1)
        ratio("check -j1 / check -j2, wall", wall["check-j1"], \
              wall["check-j2"], 1.8, 0)
        ratio("warm / cold, wall", wall["warm-j1"], wall["check-j1"], 0.03, 1)
        ratio("(one changed - its parse) / cold, wall", \
              wall["one-changed-j1"] - wall["one-parse"], wall["check-j1"], \
              0.05, 1)
        ratio("(one changed - its parse) / cold, processor", \
              cpu["one-changed-j1"] - cpu["one-parse"], cpu["check-j1"], \
              0.05, 1)
    }
    if ("link-1000" in cpu) {
        print "\n| functions | wall ms | ms per 1000 | most MiB |  |"
        print "|---|---|---|---|---|"
        for (functions = 1000; functions <= 100000; functions *= 10) {
            row(functions)
            row(functions * 3)
        }
    }
}
function row(functions,    at, bar, i) {
    at = "link-" functions
    if (!(at in wall))
        return
    for (i = 0; i < wall[at] * 1000 / functions; i++)
        bar = bar "#"
    printf "| %d | %.0f | %.1f | %.0f | %s |\n", functions, wall[at], \
           wall[at] * 1000 / functions, memory[at], bar
}
