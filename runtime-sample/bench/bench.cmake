# The measurements: our program always, the peers' where their toolchains are.
# Nothing of this is part of `all`:
#
#     cmake --build build/release --target bench
#
# SPDX-License-Identifier: Apache-2.0
set(bench_source ${CMAKE_CURRENT_SOURCE_DIR}/bench)
set(bench_binary ${CMAKE_CURRENT_BINARY_DIR}/bench)
file(MAKE_DIRECTORY ${bench_binary})

file(GLOB bench_sources CONFIGURE_DEPENDS bench/*.c)
add_executable(bench_rt EXCLUDE_FROM_ALL ${bench_sources})
set_target_properties(bench_rt PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${bench_binary})
target_link_libraries(bench_rt PRIVATE rt ${rt_options})
set(bench_programs ${bench_binary}/bench_rt)
set(bench_targets bench_rt)

find_program(GO go)
if(GO)
    add_custom_command(OUTPUT ${bench_binary}/go
        COMMAND ${CMAKE_COMMAND} -E env GOCACHE=${bench_binary}/go-cache
                GO111MODULE=off ${GO} build -o ${bench_binary}/go
                ${bench_source}/go/main.go
        DEPENDS ${bench_source}/go/main.go VERBATIM)
    add_custom_target(bench_go DEPENDS ${bench_binary}/go)
    list(APPEND bench_programs ${bench_binary}/go)
    list(APPEND bench_targets bench_go)
endif()

# Crates as Debian installs them; cargo never asks a network for them. Built
# from a copy, as it leaves its lock file beside the sources.
find_program(CARGO cargo)
set(bench_crates /usr/share/cargo/registry)
if(CARGO AND EXISTS ${bench_crates})
    configure_file(bench/tokio/Cargo.toml ${bench_binary}/tokio/Cargo.toml
        COPYONLY)
    configure_file(bench/tokio/src/main.rs ${bench_binary}/tokio/src/main.rs
        COPYONLY)
    add_custom_command(OUTPUT ${bench_binary}/tokio/release/tokio_bench
        COMMAND ${CARGO} build --release --offline
                --config "source.crates-io.replace-with='debian'"
                --config "source.debian.directory='${bench_crates}'"
                --manifest-path ${bench_binary}/tokio/Cargo.toml
                --target-dir ${bench_binary}/tokio
        DEPENDS ${bench_binary}/tokio/src/main.rs
                ${bench_binary}/tokio/Cargo.toml VERBATIM)
    add_custom_target(bench_tokio
        DEPENDS ${bench_binary}/tokio/release/tokio_bench)
    list(APPEND bench_programs ${bench_binary}/tokio/release/tokio_bench)
    list(APPEND bench_targets bench_tokio)
endif()

add_custom_target(bench
    COMMAND sh ${bench_source}/run.sh ${bench_programs}
    DEPENDS ${bench_targets}
    USES_TERMINAL VERBATIM)
