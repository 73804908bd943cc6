/*
 * Where a new stack begins, for x86-64 (System V ABI). The switch itself is in
 * switch.h.
 *
 * No .note.gnu.property is claimed: a switch of stacks is not a matched
 * call/return pair, so the linker must leave shadow stacks off.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
    .text

    .globl rt_switch_start
    .hidden rt_switch_start
    .type rt_switch_start, @function
    .p2align 4
rt_switch_start:                /* on the stack: entry, arg; rdx: passed */
    .cfi_startproc
    .cfi_undefined %rip         /* the outermost frame: unwinders stop here */
    endbr64
    popq %rax
    popq %rdi
    movq %rdx, %rsi
    call *%rax
    ud2
    .cfi_endproc
    .size rt_switch_start, . - rt_switch_start

/* The return of functions that are RETURNS_BY_JUMP, see switch.h. The compiler
 * knows it by this name. */
    .globl __x86_return_thunk
    .hidden __x86_return_thunk
    .type __x86_return_thunk, @function
    .p2align 4
__x86_return_thunk:
    .cfi_startproc
    popq %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %rcx
    jmpq *%rcx
    .cfi_endproc
    .size __x86_return_thunk, . - __x86_return_thunk

    .section .note.GNU-stack, "", @progbits
