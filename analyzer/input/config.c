/*
 * One function for each key of `.asynclint.yaml`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "input/config.h"

#include <sys/stat.h>

#include "base/yaml.h"
#include "input/path.h"

enum { LEVELS_MAX = 64 }; /* outside a repository: up to the root */

struct config {
    struct args *args;
    struct arena *arena;
    const struct args_known *known;
    const char *directory; /* of the file: absolute */
    const char *base;      /* the current directory */
    struct err *err;
};

static bool packs_take(struct config *config, const struct yaml_node *packs);
static bool rules_take(struct config *config, const struct yaml_node *rules);
static bool policy_take(struct config *config, const struct yaml_node *policy);
static bool fail_level_take(struct config *config,
                            const struct yaml_node *level);
static bool exclude_take(struct config *config, const struct yaml_node *list);
static bool cache_take(struct config *config, const struct yaml_node *wanted);
static bool profile_take(struct config *config, const struct yaml_node *word);
static void profile_settle(struct args *args);

static const struct {
    const char *key;
    bool (*take)(struct config *config, const struct yaml_node *value);
} takers[] = {
    {"packs", packs_take},           {"rules", rules_take},
    {"short-sections", policy_take}, {"fail-level", fail_level_take},
    {"exclude", exclude_take},       {"cache", cache_take},
    {"profile", profile_take},
};

static const char *const keys[] = {"packs",      "rules",   "short-sections",
                                   "fail-level", "exclude", "cache",
                                   "profile",    NULL};

/* Facts may lie anywhere: to link them is to work in the tree. */
static const char *first_path(const struct args *args)
{
    bool is_facts = args->command == ARGS_LINK || !args->paths.count;

    return !is_facts ? args->paths.items[0] : ".";
}

/* Absolute, or NULL. */
/* A link that leads nowhere is there, too: who made it wants to hear of it. */
static bool is_named(const char *path)
{
    struct stat info;

    return !lstat(path, &info);
}

static const char *file_find(struct arena *arena, const struct args *args)
{
    struct path_list upward = {0};
    const char *start = path_real(arena, first_path(args));

    if (!start)
        return NULL; /* source.c says that it isn't there */
    if (!path_is_directory(start))
        start = path_parent(arena, start);
    path_list_upward(&upward, arena, start, LEVELS_MAX);
    for (uint32_t i = 0; i < upward.items.count; i++) {
        const char *file =
            path_join(arena, upward.items.items[i], ".asynclint.yaml");

        if (is_named(file))
            return file;
    }
    return NULL;
}

bool config_load(struct args *args, struct arena *arena,
                 const struct args_known *known, struct err *err)
{
    struct config config = {
        .args = args, .arena = arena, .known = known, .err = err};
    const char *file = file_find(arena, args);
    struct yaml_node *root;

    if (!file) {
        profile_settle(args);
        return true;
    }
    config.base = path_real(arena, ".");
    config.directory = path_parent(arena, file);
    args->config_file = config.base ? path_shown(file, config.base) : file;
    if (!yaml_file_read(arena, args->config_file, &root, err) ||
        !yaml_keys_check(root, keys, "the configuration", err))
        return false;
    for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
        const struct yaml_node *value = yaml_find(root, takers[i].key);

        if (value && !takers[i].take(&config, value))
            return false;
    }
    profile_settle(args);
    return true;
}

/* Calls for a list of texts. */
static bool texts_take(struct config *config, const struct yaml_node *list,
                       const char *what, struct path_list *texts)
{
    if (!yaml_kind_check(list, YAML_LIST, what, config->err))
        return false;
    for (uint32_t i = 0; i < list->items.count; i++) {
        const struct yaml_node *item = list->items.items[i];
        const char *each = arena_printf(config->arena, "each of %s", what);

        if (!yaml_kind_check(item, YAML_TEXT, each, config->err))
            return false;
        if (!*item->text)
            return yaml_fail(item, config->err, "%s must not be empty", each);
        vec_add(config->arena, &texts->items, item->text);
    }
    return true;
}

/* A pack that isn't there is told here, where its line is known. */
/* What is wrong with a pack is read out, and a tree's configuration must not
 * have us read out what is none of its business. */
static bool is_ours(const struct config *config, const char *pack)
{
    const char *real = path_real(config->arena, pack);
    const char *home = path_repository(config->arena, config->directory);

    return real && (path_is_below(real, home) || path_is_system(real));
}

static bool packs_take(struct config *config, const struct yaml_node *packs)
{
    struct args *args = config->args;
    struct path_list files = {0};
    uint32_t named = args->packs.count;

    if (!texts_take(config, packs, "'packs'", &files))
        return false;
    for (uint32_t i = 0; i < files.items.count; i++) {
        const char *path =
            path_join(config->arena, config->directory, files.items.items[i]);

        if (!path_is_there(path))
            return yaml_fail(packs->items.items[i], config->err,
                             "no such pack: '%s'", files.items.items[i]);
        if (!is_ours(config, path))
            return yaml_fail(packs->items.items[i], config->err,
                             "pack '%s' is outside of the repository; name it "
                             "with --pack",
                             files.items.items[i]);
        files.items.items[i] =
            config->base ? path_shown(path, config->base) : path;
    }
    for (uint32_t i = 0; i < named; i++)
        vec_add(config->arena, &files.items, args->packs.items[i]);
    args->packs.count = 0;
    for (uint32_t i = 0; i < files.items.count; i++)
        vec_add(config->arena, &args->packs, files.items.items[i]);
    return true;
}

static bool rules_take(struct config *config, const struct yaml_node *rules)
{
    static const char *const words[] = {"off", "note", "warning", "error",
                                        NULL};
    struct args *args = config->args;
    uint32_t typed = args->rule_levels.count;

    if (!yaml_keys_check(rules, config->known->rules, "'rules'", config->err))
        return false;
    for (uint32_t i = 0; i < rules->keys.count; i++) {
        struct rule_level level = {.rule = rules->keys.items[i]->text};
        uint32_t index;

        if (!yaml_word_get(rules->items.items[i], words, level.rule, &index,
                           config->err))
            return false;
        level.level = (enum level)index;
        vec_add(config->arena, &args->rule_levels, level);
    }
    /* The later one wins: the typed ones once more, behind these. */
    for (uint32_t i = 0; i < typed; i++) {
        struct rule_level level = args->rule_levels.items[i];

        vec_add(config->arena, &args->rule_levels, level);
    }
    return true;
}

static bool policy_take(struct config *config, const struct yaml_node *policy)
{
    static const char *const words[] = {"report", "allow", NULL};
    uint32_t index;

    if (!yaml_word_get(policy, words, "'short-sections'", &index, config->err))
        return false;
    config->args->short_sections =
        index ? ARGS_POLICY_ALLOW : ARGS_POLICY_REPORT;
    return true;
}

static bool fail_level_take(struct config *config,
                            const struct yaml_node *level)
{
    uint32_t index;

    if (!yaml_word_get(level, level_words + 1, "'fail-level'", &index,
                       config->err))
        return false;
    if (!config->args->is_fail_level_given)
        config->args->fail_level = (enum level)(index + 1);
    config->args->is_fail_level_given = true;
    return true;
}

static bool exclude_take(struct config *config, const struct yaml_node *list)
{
    struct path_list patterns = {0};

    if (!texts_take(config, list, "'exclude'", &patterns))
        return false;
    for (uint32_t i = 0; i < patterns.items.count; i++)
        vec_add(config->arena, &config->args->excludes,
                patterns.items.items[i]);
    config->args->exclude_base = config->directory;
    return true;
}

static bool cache_take(struct config *config, const struct yaml_node *wanted)
{
    static const char *const words[] = {"false", "true", NULL};
    uint32_t index;

    if (!yaml_word_get(wanted, words, "'cache'", &index, config->err))
        return false;
    if (!config->args->is_cache_given)
        config->args->uses_cache = index;
    return true;
}

static bool profile_take(struct config *config, const struct yaml_node *word)
{
    uint32_t index;

    if (!yaml_word_get(word, profile_words, "'profile'", &index, config->err))
        return false;
    if (config->args->profile == ARGS_PROFILE_UNSET)
        config->args->profile = (enum args_profile)(index + 1);
    return true;
}

/* Nothing is let pass; from which level on a run fails may be said by name. */
static void profile_settle(struct args *args)
{
    if (args->profile != ARGS_PROFILE_STRICT)
        return;
    args->short_sections = ARGS_POLICY_REPORT;
    if (!args->is_fail_level_given)
        args->fail_level = LEVEL_NOTE;
}
