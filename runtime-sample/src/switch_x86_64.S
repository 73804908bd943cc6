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
 * knows it by this name.
 *
 * Processors find out where a jump goes from the branches before it, and may
 * take little of where those lie: two tasks that did the same in loops that are
 * alike look alike (9 ns for each wrong guess, on Zen 4, or none, by where the
 * linker puts the loops). So there are four jumps, and branches that go by bits
 * of the address: those are learnt from what they did long before. */
    .globl __x86_return_thunk
    .hidden __x86_return_thunk
    .type __x86_return_thunk, @function
    .p2align 4
__x86_return_thunk:
    .cfi_startproc
    popq %rcx
    .cfi_adjust_cfa_offset -8
    .cfi_register %rip, %rcx
    testb $0xb5, %cl            /* the parity of these bits */
    jp 1f
    testb $0x2d, %ch
    jp 2f
    jmpq *%rcx
2:  jmpq *%rcx
1:  testb $0x2d, %ch
    jp 3f
    jmpq *%rcx
3:  jmpq *%rcx
    .cfi_endproc
    .size __x86_return_thunk, . - __x86_return_thunk

    .section .note.GNU-stack, "", @progbits
