/*
 * The handler of SIGSEGV. It is installed once in a process and stays; what is
 * not a task's guard page goes to the handler that was there before (ASan's,
 * or the default, which ends the process as if we were not there).
 *
 * The worker finds out from the fault's address, not from the stack pointer:
 * big frames touch the page from far above or below.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "overflow.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "rt/executor.h"
#include "runtime.h"
#include "sanitizer.h"

/* The handler formats one line; TSan and ASan call deeper. */
#define HANDLER_STACK_SIZE ((size_t)32 * 1024 * SANITIZER_STACK_FACTOR)

static struct sigaction previous_action;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

/* Where the running task's guard lies; NULL when this is not a fault of one. */
static const struct rt_task *task_overflowed(const char *address)
{
    const struct worker *worker = rt_worker_current();
    const struct rt_task *task = worker ? worker->running : NULL;
    const char *bottom;

    if (!task || !task->stack.bottom)
        return NULL;
    bottom = task->stack.bottom;
    return address < bottom && address >= bottom - task->stack.guard_size
               ? task
               : NULL;
}

/* The entry by its name if the program exports it (-rdynamic), else as file
 * and offset, which addr2line turns into a name. */
static void entry_print(char *text, size_t size, rt_task_fn *entry)
{
    uintptr_t address = (uintptr_t)entry;
    Dl_info info;
    const char *file;

    if (dladdr((void *)address, &info) == 0 || !info.dli_fname) {
        snprintf(text, size, "%#lx", (unsigned long)address);
        return;
    }
    if (info.dli_sname && (uintptr_t)info.dli_saddr == address) {
        snprintf(text, size, "%s", info.dli_sname);
        return;
    }
    file = strrchr(info.dli_fname, '/');
    snprintf(text, size, "%s+%#lx", file ? file + 1 : info.dli_fname,
             (unsigned long)(address - (uintptr_t)info.dli_fbase));
}

/* Neither snprintf nor dladdr is promised to be safe here. The task was in the
 * middle of anything, but what could hang is a lock of the loader's, and the
 * alternative is to die without a word. */
_Noreturn void rt_overflow_report(const struct rt_task *task)
{
    char entry[128];
    char line[320];
    int length;

    entry_print(entry, sizeof entry, task->entry);
    length = snprintf(line, sizeof line,
                      "rt: stack overflow: the task that runs '%s' has used "
                      "all %zu bytes of its stack; rt_config.stack_size "
                      "gives more\n",
                      entry, task->stack.size);
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        _exit(RT_OVERFLOW_EXIT);
    _exit(RT_OVERFLOW_EXIT);
}

/* As if this handler did not exist: the default comes back into force and the
 * instruction faults again. */
static void fault_pass_on(int signal, siginfo_t *info, void *context)
{
    if (previous_action.sa_flags & SA_SIGINFO)
        previous_action.sa_sigaction(signal, info, context);
    else if (previous_action.sa_handler == SIG_DFL ||
             previous_action.sa_handler == SIG_IGN)
        sigaction(signal, &previous_action, NULL);
    else
        previous_action.sa_handler(signal);
}

static void fault_handle(int signal, siginfo_t *info, void *context)
{
    const struct rt_task *task = task_overflowed(info->si_addr);

    if (task)
        rt_overflow_report(task);
    fault_pass_on(signal, info, context);
}

static void handler_install(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};

    action.sa_sigaction = fault_handle;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &previous_action);
}

void rt_overflow_watch(struct overflow_stack *stack)
{
    stack_t wanted = {.ss_size = HANDLER_STACK_SIZE};

    pthread_once(&install_once, handler_install);
    stack->memory = malloc(HANDLER_STACK_SIZE);
    if (!stack->memory)
        return;
    wanted.ss_sp = stack->memory;
    if (sigaltstack(&wanted, &stack->previous) == 0)
        return;
    free(stack->memory);
    stack->memory = NULL;
}

void rt_overflow_unwatch(struct overflow_stack *stack)
{
    if (!stack->memory)
        return;
    sigaltstack(&stack->previous, NULL);
    free(stack->memory);
    stack->memory = NULL;
}
