/*
 * The context switch for AArch64 (AAPCS64).
 *
 * Kept: x19 to x28, the frame pointer, the return address, the low halves of
 * v8 to v15, and FPCR, which is only written if it differs. The return address
 * is not signed (PAC) and the entry points accept indirect calls (BTI).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
    .text

    .globl rt_switch
    .hidden rt_switch
    .type rt_switch, %function
    .p2align 4
rt_switch:          /* x0: void **saved, x1: void *wanted, x2: void *passed */
    .cfi_startproc
    hint #34                    /* bti c */
    sub sp, sp, #176
    .cfi_adjust_cfa_offset 176
    stp d8, d9, [sp, #0]
    stp d10, d11, [sp, #16]
    stp d12, d13, [sp, #32]
    stp d14, d15, [sp, #48]
    stp x19, x20, [sp, #64]
    stp x21, x22, [sp, #80]
    stp x23, x24, [sp, #96]
    stp x25, x26, [sp, #112]
    stp x27, x28, [sp, #128]
    stp x29, x30, [sp, #144]
    .cfi_rel_offset d8, 0
    .cfi_rel_offset d9, 8
    .cfi_rel_offset d10, 16
    .cfi_rel_offset d11, 24
    .cfi_rel_offset d12, 32
    .cfi_rel_offset d13, 40
    .cfi_rel_offset d14, 48
    .cfi_rel_offset d15, 56
    .cfi_rel_offset x19, 64
    .cfi_rel_offset x20, 72
    .cfi_rel_offset x21, 80
    .cfi_rel_offset x22, 88
    .cfi_rel_offset x23, 96
    .cfi_rel_offset x24, 104
    .cfi_rel_offset x25, 112
    .cfi_rel_offset x26, 120
    .cfi_rel_offset x27, 128
    .cfi_rel_offset x28, 136
    .cfi_rel_offset x29, 144
    .cfi_rel_offset x30, 152
    mrs x9, fpcr
    str x9, [sp, #160]

    /* The two frames are laid out alike, so the CFI above stays true. */
    mov x10, sp
    str x10, [x0]
    mov sp, x1

    ldr x10, [sp, #160]
    cmp x9, x10
    b.eq .Lfpcr_same
    msr fpcr, x10
.Lfpcr_same:
    ldp d8, d9, [sp, #0]
    ldp d10, d11, [sp, #16]
    ldp d12, d13, [sp, #32]
    ldp d14, d15, [sp, #48]
    ldp x19, x20, [sp, #64]
    ldp x21, x22, [sp, #80]
    ldp x23, x24, [sp, #96]
    ldp x25, x26, [sp, #112]
    ldp x27, x28, [sp, #128]
    ldp x29, x30, [sp, #144]
    add sp, sp, #176
    .cfi_adjust_cfa_offset -176
    .cfi_restore x29
    .cfi_restore x30
    mov x0, x2
    ret
    .cfi_endproc
    .size rt_switch, . - rt_switch

    .globl rt_switch_start
    .hidden rt_switch_start
    .type rt_switch_start, %function
    .p2align 4
rt_switch_start:                /* x19: entry, x20: arg, x0: passed */
    .cfi_startproc
    .cfi_undefined x30          /* the outermost frame: unwinders stop here */
    hint #36                    /* bti j: reached by ret, or by a jump */
    mov x1, x0
    mov x0, x20
    mov x29, xzr
    blr x19
    brk #1
    .cfi_endproc
    .size rt_switch_start, . - rt_switch_start

    .section .note.GNU-stack, "", %progbits
