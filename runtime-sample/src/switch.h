/*
 * The context switch: one stack pointer out, another in.
 *
 * Everything else that makes up a context lies on the stack that is left, put
 * there by the switch or, for a stack that has never run, by rt_switch_prepare.
 * Sanitizers and valgrind are told in fiber.h.
 *
 * On x86-64 the switch is inlined, and a jump: neither call nor return, so the
 * processor's stack of return addresses stays in step, and the compiler saves
 * no register that holds nothing. A function of its own, left by ret, costs a
 * misprediction whenever two tasks suspend in different places (6 ns on Zen 4,
 * three times the rest). On AArch64 it is a function; see switch_aarch64.S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

#include <stdint.h>

/* Lays out a first context below `top`: switching to it calls entry(arg,
 * passed) on that stack. entry must never return. */
typedef void switch_entry_fn(void *arg, void *passed);
void *rt_switch_prepare(void *top, switch_entry_fn *entry, void *arg);

/* What was switched to begins anew with another function: the control words
 * are as rt_switch_prepare sets them. */
void rt_switch_reset(void);

/* Where a prepared context begins. Not called from C. */
void rt_switch_start(void);

#if defined(__x86_64__)

/* Lies on the stack that was left. The assembly below counts on the order. */
struct switch_frame {
    void *next_instruction;
    void *stack_pointer;
    void *frame_pointer;
    uint32_t mxcsr;
    uint16_t x87_control;
};

/* What a compiler may use beyond the registers of every x86-64. */
#if defined(__AVX512F__)
#define SWITCH_CLOBBERS_MORE                                                   \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",  \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",         \
        "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define SWITCH_CLOBBERS_MORE
#endif

/*
 * Saves the running context, its place in *saved, and goes on where `wanted`
 * was saved, with `passed` as what that call returns. Returns when somebody
 * switches back.
 *
 * The control words of SSE and x87 belong to the task, but are loaded only if
 * they differ, as that is slow and they hardly ever do; the six lowest bits of
 * mxcsr only say what has happened so far. Nothing is pushed, so that unwinders
 * find their way at every instruction. Always inlined, for the sake of the
 * returns of its callers.
 */
__attribute__((always_inline)) static inline void *
rt_switch(void **saved, void *wanted, void *passed)
{
    struct switch_frame here;
    struct switch_frame *from = &here;

    __asm__ volatile(
        "movq %[from], (%[saved])\n\t"
        "leaq 1f(%%rip), %%rcx\n\t"
        "movq %%rcx, (%[from])\n\t"
        "movq %%rsp, 8(%[from])\n\t"
        "movq %%rbp, 16(%[from])\n\t"
        "stmxcsr 24(%[from])\n\t"
        "fnstcw 28(%[from])\n\t"
        "movl 24(%[from]), %%eax\n\t"
        "movzwl 28(%[from]), %%ecx\n\t"
        "xorl 24(%[to]), %%eax\n\t"
        "testl $0xffc0, %%eax\n\t"
        "jne 4f\n"
        "2:\tcmpw 28(%[to]), %%cx\n\t"
        "jne 5f\n"
        "3:\tmovq 8(%[to]), %%rsp\n\t"
        "movq 16(%[to]), %%rbp\n\t"
        "jmpq *(%[to])\n"
        "4:\tldmxcsr 24(%[to])\n\t"
        "jmp 2b\n"
        "5:\tfldcw 28(%[to])\n\t"
        "jmp 3b\n"
        "1:\tendbr64"
        : [from] "+D"(from), [to] "+S"(wanted), [saved] "+a"(saved),
          "+d"(passed)
        :
        : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
          "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
          "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",
          "cc", "memory" SWITCH_CLOBBERS_MORE);
    return passed;
}

#else

void *rt_switch(void **saved, void *wanted, void *passed);

#endif

/*
 * For a function that suspends in tail position, and is not inlined: it returns
 * by a jump. A task that resumes where others suspended returns elsewhere than
 * those, and there the processor's stack of return addresses is always wrong,
 * while it can learn where a jump goes from what led to it: 9 ns of a channel's
 * round trip for each of the two switches. It then has to be close to what led
 * to it, so this needs straight code. The price is a wrong prediction later, in
 * who called that function's caller; so not where all tasks suspend in the same
 * place, and callers are many.
 */
#if defined(__x86_64__) && defined(__has_attribute)
#if __has_attribute(function_return)
#define RETURNS_BY_JUMP __attribute__((function_return("thunk-extern")))
#endif
#endif
#ifndef RETURNS_BY_JUMP
#define RETURNS_BY_JUMP
#endif

#endif
