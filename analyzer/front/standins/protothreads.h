/*
 * Functions that protothreads are made of, and Contiki's processes: as if they
 * were called once, and went on behind each wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define PT_THREAD(head) char head
#define PT_BEGIN(pt) {
#define PT_END(pt)                                                             \
    return 3;                                                                  \
    }
#define PT_EXIT(pt) return 2
#define PT_RESTART(pt) return 0

#define PROCESS_THREAD(name, event, data)                                      \
    char process_thread_##name(struct pt *process_pt, int event, void *data)
#define PROCESS_BEGIN() {
#define PROCESS_END()                                                          \
    return 3;                                                                  \
    }
#define PROCESS_EXIT() return 2
