# tree-sitter and its C grammar as static C libraries. Debian's core is too
# old to load this grammar, so both come as npm packages, whose contents the
# lock file pins by sha512; of these packages only C sources are used, and
# nothing in them is run. They are fetched once per build folder: a later
# configure step works offline. A distribution that has its own sources sets
#   -DTREE_SITTER_SOURCE=DIR     a folder with lib/src/lib.c
#   -DTREE_SITTER_C_SOURCE=DIR   a folder with src/parser.c
#
# SPDX-License-Identifier: Apache-2.0

set(TREE_SITTER_SOURCE "" CACHE PATH "tree-sitter with lib/src/lib.c")
set(TREE_SITTER_C_SOURCE "" CACHE PATH "tree-sitter-c with src/parser.c")

# Leaves the packages in DIR/node_modules. The stamp is the lock file that they
# were fetched for, and is written last.
function(tree_sitter_fetch dir)
    set(lock ${CMAKE_SOURCE_DIR}/package-lock.json)
    set(stamp ${dir}/fetched.json)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lock})
    if(EXISTS ${stamp})
        execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files
                        ${lock} ${stamp} RESULT_VARIABLE differs)
        if(differs EQUAL 0)
            return()
        endif()
    endif()
    find_program(NPM npm)
    if(NOT NPM)
        message(FATAL_ERROR
            "npm is missing: apt-get install npm, or pass "
            "-DTREE_SITTER_SOURCE=DIR -DTREE_SITTER_C_SOURCE=DIR")
    endif()
    message(STATUS "fetching tree-sitter and tree-sitter-c with npm")
    file(REMOVE_RECURSE ${dir})
    file(COPY ${CMAKE_SOURCE_DIR}/package.json ${lock} DESTINATION ${dir})
    # The grammar asks for an older Node binding of the core: of no concern
    # to C, hence --legacy-peer-deps.
    execute_process(
        COMMAND ${NPM} ci --ignore-scripts --legacy-peer-deps --no-audit
                --no-fund --loglevel=error
        WORKING_DIRECTORY ${dir}
        RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE why)
    if(failed)
        message(FATAL_ERROR "npm could not fetch tree-sitter:\n${why}")
    endif()
    file(COPY_FILE ${lock} ${stamp})
endfunction()

set(core ${TREE_SITTER_SOURCE})
set(grammar ${TREE_SITTER_C_SOURCE})
if(NOT core OR NOT grammar)
    set(fetched ${CMAKE_BINARY_DIR}/third-party)
    tree_sitter_fetch(${fetched})
    if(NOT core)
        set(core ${fetched}/node_modules/tree-sitter/vendor/tree-sitter)
    endif()
    if(NOT grammar)
        set(grammar ${fetched}/node_modules/tree-sitter-c)
    endif()
endif()
foreach(source IN ITEMS ${core}/lib/src/lib.c ${grammar}/src/parser.c)
    if(NOT EXISTS ${source})
        message(FATAL_ERROR "there is no '${source}'")
    endif()
endforeach()

add_library(tree_sitter STATIC ${core}/lib/src/lib.c)
target_include_directories(tree_sitter SYSTEM PUBLIC ${core}/lib/include)
target_include_directories(tree_sitter PRIVATE ${core}/lib/src)
add_library(tree_sitter_c STATIC ${grammar}/src/parser.c)
target_include_directories(tree_sitter_c PRIVATE ${grammar}/src)
target_link_libraries(tree_sitter_c PUBLIC tree_sitter)
foreach(library IN ITEMS tree_sitter tree_sitter_c)
    target_compile_definitions(${library} PRIVATE _DEFAULT_SOURCE)
    target_compile_options(${library} PRIVATE -w)
endforeach()
