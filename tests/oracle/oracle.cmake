# oracle_programs(OPTIONS FOLDER): a program oracle_RULE in FOLDER for each
# RULE.c here (with _ for -), and the target `oracles`, all of them. OPTIONS is
# the target that says how our code is compiled. Used by the tests of the whole
# project, and by those of the runtime alone.
#
# SPDX-License-Identifier: Apache-2.0
set(ORACLE_SOURCE ${CMAKE_CURRENT_LIST_DIR})
cmake_path(GET ORACLE_SOURCE PARENT_PATH ORACLE_TESTS)
cmake_path(GET ORACLE_TESTS PARENT_PATH ORACLE_ROOT)

function(oracle_programs options folder)
    file(GLOB sources CONFIGURE_DEPENDS ${ORACLE_SOURCE}/*.c)
    list(REMOVE_ITEM sources ${ORACLE_SOURCE}/main.c)
    list(SORT sources)
    add_library(oracle_main OBJECT ${ORACLE_SOURCE}/main.c)
    target_include_directories(oracle_main PRIVATE ${ORACLE_TESTS})
    target_link_libraries(oracle_main PRIVATE rt ${options})
    # An example has no header; and each frame is to be there when the watchdog
    # asks where it is. DWARF 4, because the addr2line of binutils 2.40 takes
    # the first file of a DWARF 5 table for the unit's own, which here the rule
    # may be. Properties of sources come behind what targets say.
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS
        "-Wno-missing-prototypes;-fno-optimize-sibling-calls;-gdwarf-4")
    add_custom_target(oracles)
    foreach(source IN LISTS sources)
        get_filename_component(rule ${source} NAME_WE)
        string(REPLACE "_" "-" rule ${rule})
        add_executable(oracle_${rule} ${source})
        set_target_properties(oracle_${rule} PROPERTIES
            RUNTIME_OUTPUT_DIRECTORY ${folder})
        target_include_directories(oracle_${rule}
            PRIVATE ${ORACLE_TESTS} ${ORACLE_ROOT})
        target_link_libraries(oracle_${rule}
            PRIVATE ${options} oracle_main rt_watch_calls)
        add_dependencies(oracles oracle_${rule})
    endforeach()
endfunction()

# What tests/runtime_oracle.c needs to know, as the target `test`.
function(oracle_test test folder)
    target_compile_definitions(${test} PRIVATE
        ORACLE_DIR="${folder}" ORACLE_ROOT="${ORACLE_ROOT}")
    add_dependencies(${test} oracles)
endfunction()
