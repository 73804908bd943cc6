# The libraries that asynclint stands on, one target each. What is missing
# stops the configure step with the name of the package that has it: nobody
# should have to guess one from the name of a header.
#
# SPDX-License-Identifier: Apache-2.0

find_package(Threads REQUIRED)
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
    message(FATAL_ERROR "pkg-config is missing: apt-get install pkg-config")
endif()

# dependency(NAME MODULE PACKAGE): dep::NAME is pkg-config's MODULE.
function(dependency name module package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR
            "${module} is missing: apt-get install ${package}\n"
            "(./bootstrap installs everything that is missing)")
    endif()
    add_library(dep::${name} ALIAS PkgConfig::${name})
endfunction()

dependency(yaml yaml-0.1 libyaml-dev)
dependency(jansson jansson libjansson-dev)
dependency(xxhash libxxhash libxxhash-dev)
dependency(git2 libgit2 libgit2-dev)
dependency(utf8proc libutf8proc libutf8proc-dev)
if(ASYNCLINT_TESTS)
    dependency(cmocka cmocka libcmocka-dev)
endif()

# find_package(Clang) fails on Debian 12, whose CMake files for clang name
# static libraries that the package leaves out. So we look for a root with the
# header and the library ourselves, newest first. 17 is the oldest version
# whose cursors for attributes the front end knows.
set(LIBCLANG_OLDEST 17)
set(LIBCLANG_ROOT "" CACHE PATH
    "a folder with include/clang-c/Index.h and lib/libclang.so")
if(NOT LIBCLANG_ROOT)
    set(LIBCLANG_ROOT /usr/lib/llvm-N)
    file(GLOB roots LIST_DIRECTORIES true /usr/lib/llvm-* /usr/lib64/llvm*)
    list(SORT roots COMPARE NATURAL ORDER DESCENDING)
    foreach(root IN LISTS roots)
        if(EXISTS ${root}/include/clang-c/Index.h
           AND EXISTS ${root}/lib/libclang.so)
            set(LIBCLANG_ROOT ${root})
            break()
        endif()
    endforeach()
endif()
if(NOT EXISTS "${LIBCLANG_ROOT}/include/clang-c/Index.h"
   OR NOT EXISTS "${LIBCLANG_ROOT}/lib/libclang.so")
    message(FATAL_ERROR
        "libclang is missing (looked in '${LIBCLANG_ROOT}'): "
        "apt-get install libclang-19-dev, or pass -DLIBCLANG_ROOT=DIR, a folder with both "
        "include/clang-c/Index.h and lib/libclang.so")
endif()

# Index.h counts the C interface's version up, not clang's own; the folder of
# compiler headers next to the library carries clang's.
file(GLOB resource_dirs LIST_DIRECTORIES true ${LIBCLANG_ROOT}/lib/clang/*)
list(SORT resource_dirs COMPARE NATURAL ORDER DESCENDING)
list(POP_FRONT resource_dirs LIBCLANG_RESOURCE_DIR)
if(NOT EXISTS "${LIBCLANG_RESOURCE_DIR}/include/stddef.h")
    message(FATAL_ERROR
        "'${LIBCLANG_ROOT}' has no lib/clang/N/include/stddef.h: "
        "apt-get install libclang-common-19-dev")
endif()
get_filename_component(LIBCLANG_VERSION ${LIBCLANG_RESOURCE_DIR} NAME)
if(LIBCLANG_VERSION VERSION_LESS ${LIBCLANG_OLDEST})
    message(FATAL_ERROR
        "libclang ${LIBCLANG_VERSION} in '${LIBCLANG_ROOT}' is too old, "
        "${LIBCLANG_OLDEST} is the oldest that works: "
        "apt-get install libclang-19-dev, or pass -DLIBCLANG_ROOT=DIR")
endif()
message(STATUS "libclang ${LIBCLANG_VERSION}: ${LIBCLANG_ROOT}")

# The program loads it while it runs (analyzer/base/libclang_load.h), from
# where it is here, or else from wherever the system finds that name.
file(REAL_PATH ${LIBCLANG_ROOT}/lib/libclang.so LIBCLANG_FILE)
get_filename_component(LIBCLANG_NAME ${LIBCLANG_FILE} NAME)
execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${LIBCLANG_FILE}
    OUTPUT_VARIABLE sections ERROR_QUIET)
if(sections MATCHES "SONAME +([^ \n]+)")
    set(LIBCLANG_NAME ${CMAKE_MATCH_1})
endif()

add_library(dep::clang SHARED IMPORTED GLOBAL)
set_target_properties(dep::clang PROPERTIES
    IMPORTED_LOCATION ${LIBCLANG_ROOT}/lib/libclang.so
    INTERFACE_INCLUDE_DIRECTORIES ${LIBCLANG_ROOT}/include)
