/*
 * The first frame of a new stack, for each processor. The layout must be the
 * one that rt_switch restores: keep it in step with the assembly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "switch.h"

#include <stdint.h>

#if defined(__x86_64__)

/* rt_switch_start pops what is behind the frame. */
struct first_frame {
    struct switch_frame frame;
    uint64_t entry;
    uint64_t arg;
};

/* As the kernel starts a program: round to nearest, exceptions masked. */
#define MXCSR_FIRST 0x1f80U
#define X87_CONTROL_FIRST 0x037fU

/* The low six bits only say what has happened so far. */
#define MXCSR_FLAGS 0x3fU

void rt_switch_reset(void)
{
    const uint16_t x87_first = X87_CONTROL_FIRST;
    uint16_t x87_control;

    if ((__builtin_ia32_stmxcsr() & ~MXCSR_FLAGS) != MXCSR_FIRST)
        __builtin_ia32_ldmxcsr(MXCSR_FIRST);
    __asm__ volatile("fnstcw %0" : "=m"(x87_control));
    if (x87_control != x87_first)
        __asm__ volatile("fldcw %0" : : "m"(x87_first));
}

void *rt_switch_prepare(void *top, switch_entry_fn *entry, void *arg)
{
    struct first_frame *first = (struct first_frame *)top - 1;

    *first = (struct first_frame){
        .frame =
            {
                .next_instruction = (void *)(uintptr_t)rt_switch_start,
                .stack_pointer = &first->entry,
                .mxcsr = MXCSR_FIRST,
                .x87_control = X87_CONTROL_FIRST,
            },
        .entry = (uint64_t)(uintptr_t)entry,
        .arg = (uint64_t)(uintptr_t)arg,
    };
    return first;
}

#elif defined(__aarch64__)

struct first_frame {
    uint64_t d8_to_d15[8];
    uint64_t x19_entry;
    uint64_t x20_arg;
    uint64_t x21_to_x28[8];
    uint64_t x29;
    uint64_t x30_return_address;
    uint64_t fpcr;
    uint64_t unused; /* the stack pointer keeps to multiples of 16 */
};

void rt_switch_reset(void)
{
    uint64_t fpcr;

    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    if (fpcr != 0)
        __asm__ volatile("msr fpcr, xzr");
}

void *rt_switch_prepare(void *top, switch_entry_fn *entry, void *arg)
{
    struct first_frame *frame = (struct first_frame *)top - 1;

    *frame = (struct first_frame){
        .x19_entry = (uint64_t)(uintptr_t)entry,
        .x20_arg = (uint64_t)(uintptr_t)arg,
        .x30_return_address = (uint64_t)(uintptr_t)rt_switch_start,
    };
    return frame;
}

#else
#error "the context switch is written for x86-64 and AArch64"
#endif
