/*
 * Names of locks, see lockname.h. A name is cut into words: at underlines, and
 * where capitals begin.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/lockname.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

enum {
    MOST_WORDS = 16,
    MOST_LETTERS = 24, /* of a word that says anything of locks */
};

struct word {
    const char *at;
    size_t length;
    char lower[MOST_LETTERS + 1]; /* "" where it is too long */
};

struct words {
    struct word items[MOST_WORDS];
    int count;
};

/* What stands before `lock` in one word with it, or as a word of its own. */
static const char *const readers[] = {"rd",     "r",  "read", "reader",
                                      "shared", "sh", NULL};
static const char *const writers[] = {"wr",        "w",  "write", "writer",
                                      "exclusive", "ex", NULL};
static const char *const tries[] = {"try",     "tryrd",   "trywr", "timed",
                                    "timedrd", "timedwr", NULL};
static const char *const nouns[] = {"mutex", "mtx",   "spin", "rw",
                                    "crit",  "futex", NULL};
static const char *const recursives[] = {"rec", "recursive", "reentrant",
                                         "nested", NULL};
static const char *const takers[] = {"acquire", "enter", "obtain", NULL};
static const char *const givers[] = {"release", "leave", "exit", "drop", NULL};
/* Locked and unlocked, and no locks: what is counted, and files. */
static const char *const others[] = {"ref",  "refs", "node", "file",
                                     "path", "fd",   "page", NULL};

static size_t word_length(const char *at)
{
    size_t length = 1;

    if (isupper((unsigned char)at[0]) && isupper((unsigned char)at[1])) {
        while (isupper((unsigned char)at[length]) ||
               isdigit((unsigned char)at[length]))
            length++;
        /* The last capital begins the next word: NBDLock. */
        if (islower((unsigned char)at[length]))
            length--;
        return length;
    }
    while (islower((unsigned char)at[length]) ||
           isdigit((unsigned char)at[length]))
        length++;
    return length;
}

static struct words words_of(const char *name)
{
    struct words words = {0};

    while (*name && words.count < MOST_WORDS) {
        struct word *word = &words.items[words.count];

        if (*name == '_') {
            name++;
            continue;
        }
        word->at = name;
        word->length = word_length(name);
        for (size_t i = 0; i < word->length && word->length <= MOST_LETTERS;
             i++)
            word->lower[i] = (char)tolower((unsigned char)name[i]);
        name += word->length;
        words.count++;
    }
    return words;
}

/* `lock`, `unlock`, `wrlock`, `spinlock`: what is left of it, in `rest`. */
static bool is_lock_word(const char *word, char *rest, bool *gives)
{
    size_t length = strlen(word);

    if (!str_ends_with(word, "lock"))
        return false;
    memcpy(rest, word, length - 4);
    rest[length - 4] = '\0';
    *gives = str_ends_with(rest, "un");
    if (*gives)
        rest[strlen(rest) - 2] = '\0';
    return !*rest || str_is_one_of(rest, readers) ||
           str_is_one_of(rest, writers) || str_is_one_of(rest, tries) ||
           str_is_one_of(rest, nouns);
}

/* Whether the word is one of those that say what is done, not to what. */
static bool role_word(struct lockname *found, const char *word)
{
    if (str_is_one_of(word, tries))
        found->role = LOCKNAME_TRIES;
    else if (str_is_one_of(word, givers))
        found->role = LOCKNAME_GIVES;
    else if (str_is_one_of(word, readers) && found->role == LOCKNAME_TAKES)
        found->role = LOCKNAME_READS;
    else
        return str_is_one_of(word, readers) || str_is_one_of(word, writers) ||
               str_is_one_of(word, takers);
    return true;
}

static void stem_add(struct strbuf *stem, const char *text, size_t length)
{
    strbuf_add(stem, stem->length ? "_" : "");
    strbuf_add_bytes(stem, text, length);
}

/* The word with `lock` in it, the last one, becomes a mark in the stem. */
static void lock_word_add(struct lockname *found, struct strbuf *stem,
                          const struct word *word)
{
    char rest[MOST_LETTERS + 1];
    bool gives;

    is_lock_word(word->lower, rest, &gives);
    found->role = gives ? LOCKNAME_GIVES : found->role;
    found->says_mutex |= str_is_one_of(rest, nouns);
    if (*rest && !role_word(found, rest))
        stem_add(stem, rest, strlen(rest));
    stem_add(stem,
             islower((unsigned char)word->at[0])   ? "lock"
             : islower((unsigned char)word->at[1]) ? "Lock"
                                                   : "LOCK",
             4);
}

/* `mutex_enter`, `lock_acquire`: a noun, and a verb of its own. */
static bool has_verb(const struct words *words, int noun)
{
    for (int i = 0; i < words->count; i++)
        if (i != noun && (str_is_one_of(words->items[i].lower, takers) ||
                          str_is_one_of(words->items[i].lower, givers)))
            return true;
    return false;
}

static int lock_word_find(const struct words *words)
{
    char rest[MOST_LETTERS + 1];
    bool gives;

    for (int i = words->count - 1; i >= 0; i--)
        if (is_lock_word(words->items[i].lower, rest, &gives))
            return i;
    for (int i = words->count - 1; i >= 0; i--)
        if (str_is_one_of(words->items[i].lower, nouns) && has_verb(words, i))
            return i;
    return -1;
}

struct lockname lockname_read(const char *name, struct arena *arena)
{
    struct words words = words_of(name);
    struct lockname found = {.role = LOCKNAME_TAKES};
    struct strbuf stem = {.arena = arena};
    int at = lock_word_find(&words);

    if (at < 0)
        return (struct lockname){0};
    for (int i = 0; i < words.count; i++) {
        const struct word *word = &words.items[i];

        if (str_is_one_of(word->lower, others))
            return (struct lockname){0};
        found.says_mutex |= str_is_one_of(word->lower, nouns);
        found.says_recursive |= str_is_one_of(word->lower, recursives);
        if (i == at && str_ends_with(word->lower, "lock"))
            lock_word_add(&found, &stem, word);
        else if (!role_word(&found, word->lower))
            stem_add(&stem, word->at, word->length);
    }
    found.stem = strbuf_text(&stem);
    return found;
}
