# What is lifted out of rules/ and front/standins/ into C, all under build/…/generated:
#   rule_list.inc    RULE(stem) for each rules/STEM.c, sorted, `-` made `_`
#   rule_examples.c  the EXAMPLE block of each rule, see rule_examples.h
#   pack_sources.c   each pack, parsed by lift_packs.c, see pack_sources.h
#   standins.c       the text of each of front/standins/, see front/standins.h
# The list depends on file names only and is written by the configure step;
# the three others are built, and built again when a rule or a pack changes.
# Sets GENERATED_DIR, RULE_SOURCES and GENERATED_SOURCES.
#
# SPDX-License-Identifier: Apache-2.0

set(GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)

# inputs_write(OUTPUT INPUTS…): the names of the inputs travel in a file, on
# which OUTPUT depends too, so that a deleted input is noticed.
function(inputs_write output)
    list(JOIN ARGN "\n" names)
    file(CONFIGURE OUTPUT ${output}.inputs CONTENT "${names}" @ONLY)
endfunction()

# lift(KIND OUTPUT INPUTS…): OUTPUT from INPUTS by cmake/lift.cmake.
function(lift kind output)
    inputs_write(${output} ${ARGN})
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DKIND=${kind} -DOUTPUT=${output}
                -DINPUTS=${output}.inputs -DROOT=${CMAKE_SOURCE_DIR}
                -P ${CMAKE_SOURCE_DIR}/cmake/lift.cmake
        DEPENDS ${ARGN} ${output}.inputs
                ${CMAKE_SOURCE_DIR}/cmake/lift.cmake
        COMMENT "lifting ${kind}"
        VERBATIM)
endfunction()

file(GLOB RULE_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rules/*.c)
file(GLOB packs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rules/packs/*.yaml)
file(GLOB standins CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/analyzer/front/standins/*.h)
list(SORT RULE_SOURCES)
list(SORT standins)
list(SORT packs)

set(rule_list "")
foreach(rule IN LISTS RULE_SOURCES)
    file(STRINGS ${rule} example REGEX "^#ifdef EXAMPLE$")
    if(NOT example)
        message(FATAL_ERROR
            "${rule}:1: a rule needs an '#ifdef EXAMPLE … #else' block: "
            "it is the rule's manual and its first test")
    endif()
    get_filename_component(stem ${rule} NAME_WE)
    string(REPLACE "-" "_" symbol ${stem})
    string(APPEND rule_list "RULE(${symbol})\n")
endforeach()
file(CONFIGURE OUTPUT ${GENERATED_DIR}/rule_list.inc
     CONTENT "${rule_list}" @ONLY)

lift(examples ${GENERATED_DIR}/rule_examples.c ${RULE_SOURCES})

inputs_write(${GENERATED_DIR}/pack_sources.c ${packs})
add_custom_command(
    OUTPUT ${GENERATED_DIR}/pack_sources.c
    COMMAND lift_packs ${GENERATED_DIR}/pack_sources.c
            ${GENERATED_DIR}/pack_sources.c.inputs ${CMAKE_SOURCE_DIR}
    DEPENDS lift_packs ${packs} ${GENERATED_DIR}/pack_sources.c.inputs
    COMMENT "lifting packs"
    VERBATIM)
lift(standins ${GENERATED_DIR}/standins.c ${standins})
set(GENERATED_SOURCES
    ${GENERATED_DIR}/rule_examples.c ${GENERATED_DIR}/pack_sources.c
    ${GENERATED_DIR}/standins.c)
