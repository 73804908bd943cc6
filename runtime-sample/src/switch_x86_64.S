/*
 * The context switch for x86-64 (System V ABI).
 *
 * Kept: rbx, rbp, r12 to r15, and the control words of SSE and x87, which are
 * only loaded if they differ, as loading is slow and they hardly ever do. All
 * other registers are the caller's, who has saved what it needs.
 *
 * It returns by ret: tasks that suspend in the same place go on in the same
 * place, and the processor then predicts where.
 *
 * No .note.gnu.property is claimed: a switch of stacks is not a matched
 * call/return pair, so the linker must leave shadow stacks off.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
    .text

    .globl rt_switch
    .hidden rt_switch
    .type rt_switch, @function
    .p2align 4
rt_switch:      /* rdi: void **saved, rsi: void *wanted, rdx: void *passed */
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    pushq %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    pushq %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movl (%rsp), %eax
    movzwl 4(%rsp), %ecx

    /* The two frames are laid out alike, so the CFI above stays true. */
    movq %rsp, (%rdi)
    movq %rsi, %rsp

    cmpl (%rsp), %eax
    je .Lmxcsr_same
    ldmxcsr (%rsp)
.Lmxcsr_same:
    cmpw 4(%rsp), %cx
    je .Lx87_same
    fldcw 4(%rsp)
.Lx87_same:
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    popq %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    popq %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    popq %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    popq %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    popq %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    popq %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbp
    movq %rdx, %rax
    ret
    .cfi_endproc
    .size rt_switch, . - rt_switch

    .globl rt_switch_start
    .hidden rt_switch_start
    .type rt_switch_start, @function
    .p2align 4
rt_switch_start:                /* rbx: entry, r12: arg, rax: passed */
    .cfi_startproc
    .cfi_undefined %rip         /* the outermost frame: unwinders stop here */
    endbr64
    movq %r12, %rdi
    movq %rax, %rsi
    call *%rbx
    ud2
    .cfi_endproc
    .size rt_switch_start, . - rt_switch_start

    .section .note.GNU-stack, "", @progbits
