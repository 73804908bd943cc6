/*
 * An edited tree and a cache: whatever was changed, in whatever order, a run
 * with the cache prints what one without prints. Files are edited one behind
 * the other, by chance but always the same, and each edit may be undone by a
 * later one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/chance.h"
#include "support/place.h"
#include "support/run.h"

enum { STEPS = 40 };

static const char locks[] = "#include <pthread.h>\n"
                            "struct room { pthread_mutex_t lock; int n;\n"
                            "              void (*tell)(struct room *); };\n"
                            "void keep(struct room *room);\n"
                            "void leave(struct room *room);\n"
                            "void slow(struct room *room);\n"
                            "#define SPARE 1\n";

/* A file's texts: as it is at first, and as edits make it. */
struct edited {
    const char *name;
    const char *texts[5];
};

static const struct edited files[] = {
    {"keep.c",
     {"#include \"locks.h\"\n"
      "void keep(struct room *room) { pthread_mutex_lock(&room->lock); }\n",
      /* a comment behind the code */
      "#include \"locks.h\"\n"
      "void keep(struct room *room) { pthread_mutex_lock(&room->lock); }\n"
      "/* held until leave */\n",
      /* a comment before it: lines move */
      "#include \"locks.h\"\n"
      "/* held until leave */\n"
      "void keep(struct room *room) { pthread_mutex_lock(&room->lock); }\n",
      /* nothing is taken any more */
      "#include \"locks.h\"\n"
      "void keep(struct room *room) { room->n++; }\n",
      /* what is missing */
      "#include \"locks.h\"\n#include \"late.h\"\n"
      "void keep(struct room *room)\n"
      "{\n"
      "    pthread_mutex_trylock(&room->lock);\n"
      "}\n"}},
    {"leave.c",
     {"#include \"locks.h\"\n"
      "void leave(struct room *room)\n"
      "{\n"
      "    pthread_mutex_unlock(&room->lock);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "void leave(struct room *room) { room->n--; }\n",
      "#include \"locks.h\"\n"
      "void leave(struct room *room)\n"
      "{\n"
      "    if (room->n)\n"
      "        pthread_mutex_unlock(&room->lock);\n"
      "}\n"}},
    {"slow.c",
     {"#include \"locks.h\"\n#include <unistd.h>\n"
      "void slow(struct room *room) { room->n = 0; sleep(1); }\n",
      "#include \"locks.h\"\n"
      "void slow(struct room *room) { room->n = 0; }\n",
      "#include \"locks.h\"\n"
      "void slow(struct room *room) { keep(room); leave(room); }\n",
      "#include \"locks.h\"\n"
      "void slow(struct room *room) { room->n = 0;\n"}},
    {"use.c",
     {"#include \"locks.h\"\n"
      "void use(struct room *room)\n"
      "{\n"
      "    keep(room);\n"
      "    slow(room);\n"
      "    room->tell(room);\n"
      "    leave(room);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "void use(struct room *room)\n"
      "{\n"
      "    keep(room);\n"
      "    if (room->n > SPARE)\n"
      "        return;\n"
      "    leave(room);\n"
      "}\n"}},
    {"set.c",
     {"#include \"locks.h\"\n"
      "void set(struct room *room) { room->tell = slow; }\n",
      "#include \"locks.h\"\n"
      "void set(struct room *room) { room->tell = leave; }\n"}},
    /* Nothing changes here, but for whom it calls, and how deep. */
    {"far.c",
     {"#include \"locks.h\"\n"
      "void use(struct room *room);\n"
      "static void near(struct room *room) { use(room); }\n"
      "static void far(struct room *room) { near(room); room->n++; }\n"
      "void farther(struct room *room) { keep(room); far(room); }\n"
      "void farthest(struct room *room) { far(room); leave(room); }\n",
      "#include \"locks.h\"\n"
      "void use(struct room *room);\n"
      "void farther(struct room *room) { keep(room); use(room); }\n"}},
    /* A circle, in which one of two is solved first. */
    {"even.c",
     {"#include \"locks.h\"\n"
      "int odd(struct room *room, int n);\n"
      "int even(struct room *room, int n)\n"
      "{\n"
      "    if (!n)\n"
      "        return 1;\n"
      "    keep(room);\n"
      "    return odd(room, n - 1);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "int odd(struct room *room, int n);\n"
      "int even(struct room *room, int n) { return !n || odd(room, n - 1); "
      "}\n"}},
    {"odd.c",
     {"#include \"locks.h\"\n"
      "int even(struct room *room, int n);\n"
      "int odd(struct room *room, int n)\n"
      "{\n"
      "    leave(room);\n"
      "    return n && even(room, n - 1);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "int even(struct room *room, int n);\n"
      "int odd(struct room *room, int n) { slow(room); return even(room, n); "
      "}\n"}},
    /* Locks that may be taken again, two of a kind, a flag, a thread. */
    {"make.c",
     {"#include \"locks.h\"\n"
      "int is_open(struct room *room) { return room->n > 2; }\n"
      "void make(struct room *room)\n"
      "{\n"
      "    pthread_mutexattr_t again;\n"
      "    pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);\n"
      "    pthread_mutex_init(&room->lock, &again);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "int is_open(struct room *room) { return room->n++ > 2; }\n"
      "void make(struct room *room) { pthread_mutex_init(&room->lock, 0); }\n",
      "#include \"locks.h\"\n"
      "static int asked;\n"
      "int is_open(struct room *room) { return asked + room->n; }\n"}},
    {"two.c",
     {"#include \"locks.h\"\n"
      "int is_open(struct room *room);\n"
      "static void *run(void *room) { keep(room); slow(room); return 0; }\n"
      "void two(struct room *one, struct room *other)\n"
      "{\n"
      "    pthread_t thread;\n"
      "    if (is_open(one))\n"
      "        keep(one);\n"
      "    keep(other);\n"
      "    pthread_create(&thread, 0, run, one);\n"
      "    leave(other);\n"
      "    if (is_open(one))\n"
      "        leave(one);\n"
      "}\n",
      "#include \"locks.h\"\n"
      "void two(struct room *one, struct room *other)\n"
      "{\n"
      "    keep(one); keep(other); leave(other); leave(one);\n"
      "}\n"
      "void back(struct room *one, struct room *other)\n"
      "{\n"
      "    two(other, one);\n"
      "}\n"}},
    {"locks.h", {locks, NULL}},
    {".asynclint.yaml", {"short-sections: allow\n", "profile: strict\n"}},
};

enum { FILES = sizeof(files) / sizeof(*files) };

static struct ran lint(struct place *place, const char *options)
{
    return place_lint(
        place, arena_printf(&place->arena, "--color never %s .", options));
}

static void edit(struct place *place, const struct edited *file, uint32_t which)
{
    const char *text = file->texts[which];

    /* Headers change in what nobody uses, or in what somebody does. */
    if (!strcmp(file->name, "locks.h"))
        text = arena_printf(&place->arena, "%s#define %s %u\n", locks,
                            which % 2 ? "OTHER" : "MORE", which);
    place_file_write(file->name, text);
}

static uint32_t text_count(const struct edited *file)
{
    uint32_t count = 0;

    while (count < sizeof(file->texts) / sizeof(*file->texts) &&
           file->texts[count])
        count++;
    return count > 1 ? count : 4;
}

static void any_edits_in_any_order(void **state)
{
    struct place *place = *state;
    struct chance random = chance_start(20261126);

    for (uint32_t i = 0; i < FILES; i++)
        place_file_write(files[i].name, files[i].texts[0]);
    for (int step = 0; step < STEPS; step++) {
        uint32_t at = chance_below(&random, FILES);
        uint32_t which = chance_below(&random, text_count(&files[at]));
        struct ran cold;
        struct ran warm;

        edit(place, &files[at], which);
        usleep(20000); /* what is younger than the run is not remembered */
        cold = lint(place, "");
        warm = lint(place, "--cache");
        if (strcmp(cold.out, warm.out) || strcmp(cold.err, warm.err) ||
            cold.status != warm.status)
            fail_msg("step %d: '%s' is text %u now, and with the cache:\n%s%s",
                     step, files[at].name, which, warm.out, warm.err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_edits_in_any_order, place_setup,
                                        place_teardown),
    };

    return cmocka_run_group_tests_name("cli_changes", tests, NULL, NULL);
}
