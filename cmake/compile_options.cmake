# How our own C is compiled. Everything of ours links the target `ours`;
# third-party sources don't, nor do they see the sanitizers: their faults are
# not ours to mend.
#
# SPDX-License-Identifier: Apache-2.0

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "build type" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON) # asynclint is run on itself

add_library(ours INTERFACE)
target_compile_definitions(ours INTERFACE _GNU_SOURCE)
target_compile_options(ours INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wconversion
    $<$<BOOL:${ASYNCLINT_WERROR}>:-Werror>)

# Called after the third-party sources are defined: instruments what follows,
# the runtime included, which builds without us too and doesn't know `ours`.
macro(sanitize_what_follows)
    if(ASYNCLINT_SANITIZE)
        set(sanitize -fsanitize=${ASYNCLINT_SANITIZE}
            -fno-sanitize-recover=all -fno-omit-frame-pointer)
        add_compile_options(${sanitize})
        add_link_options(${sanitize})
    endif()
endmacro()
