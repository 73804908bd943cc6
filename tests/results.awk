# Counts the results in a LastTest.log of ctest: prints "PASSED FAILED".
# A cmocka program counts once for each of its tests. A test that began and
# was neither passed nor skipped has failed, which includes the one during
# which the program crashed or ran out of time. A program that fails without
# such a test (a leak found at its end), and any other ctest, counts as one.
#
# SPDX-License-Identifier: Apache-2.0

/^[0-9]+\/[0-9]+ Testing: / { began = ok = skipped = is_over = 0 }
/\[ RUN      \] /           { began++ }
/\[       OK \] /           { ok++ }
/\[==========\] .* run\./   { is_over = 1 } # cmocka lists skips again below
/\[  SKIPPED \] /           { skipped += !is_over }

/^Test Passed\.$/ {
    passed += began ? ok : 1
    failed += began - ok - skipped
}

/^Test Failed\.$/ {
    passed += ok
    failed += began > ok + skipped ? began - ok - skipped : 1
}

END { print passed + 0, failed + 0 }
