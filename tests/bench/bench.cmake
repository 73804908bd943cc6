# What the analyzer costs, next to what parsing alone costs. Nothing of this is
# part of `all`:
#
#     cmake --build build/release --target bench-analyzer
#
# SPDX-License-Identifier: Apache-2.0
foreach(name parse measure)
    add_executable(bench_${name} EXCLUDE_FROM_ALL bench/${name}.c)
    target_link_libraries(bench_${name} PRIVATE ours dep::clang)
    set_target_properties(bench_${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench-analyzer)
endforeach()

add_custom_target(bench-analyzer
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/bench/run.sh
            $<TARGET_FILE:asynclint> ${CMAKE_BINARY_DIR}/bench-analyzer
            ${CMAKE_SOURCE_DIR}/runtime-sample/include
    DEPENDS asynclint bench_parse bench_measure
    USES_TERMINAL VERBATIM)
