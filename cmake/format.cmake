# A script: cmake -DCLANG_FORMAT=PROGRAM [-DFIX=1] -P cmake/format.cmake
# Run at the top of the tree: names the C files that clang-format would
# change, or with FIX changes them. Fixtures keep the layout that they test.
#
# SPDX-License-Identifier: Apache-2.0

file(GLOB_RECURSE files RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
     analyzer/*.[ch] rules/*.[ch] runtime-sample/*.[ch] tests/*.[ch])
if(FIX)
    execute_process(COMMAND ${CLANG_FORMAT} -i ${files})
    return()
endif()
execute_process(COMMAND ${CLANG_FORMAT} --dry-run --Werror ${files}
                RESULT_VARIABLE differs ERROR_VARIABLE complaints)
if(differs)
    string(REGEX MATCHALL "[^\n]*: error: [^\n]*" complaints "${complaints}")
    list(JOIN complaints "\n" complaints)
    message("${complaints}")
    message(FATAL_ERROR
        "run: cmake --build build/dev --target format (or clang-format -i)")
endif()
