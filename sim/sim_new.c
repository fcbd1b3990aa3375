/* SPDX-License-Identifier: MIT */
/* From a description to a chip: the one place that opens its file. */
#include "sim/sim.h"

#include "link/clock.h"

/* Each new file is another chip, also when two are made at the same time. */
static uint64_t salt_of(const char *path)
{
	uint64_t hash = 14695981039346656037u;

	for (; *path; path++)
		hash = (hash ^ (uint8_t)*path) * 1099511628211u;
	return hash ^ clock_now_us() * 0x9e3779b97f4a7c15u;
}

static s0_code open_file(const char *path, struct store **ret_store,
			 struct s0_error *err)
{
	struct store *store;
	s0_code code = file_store_open(path, &store, err);

	if (code)
		return code;
	code = store->ops->lock(store, err);
	if (code) {
		store->ops->close(store);
		return code;
	}
	*ret_store = store;
	return S0_OK;
}

s0_code s0_sim_new(const char *description, struct s0_sim **ret_sim,
		   struct s0_error *err)
{
	return sim_new_of(NULL, description, ret_sim, err);
}

s0_code sim_new_of(const struct s0_chip *chip, const char *description,
		   struct s0_sim **ret_sim, struct s0_error *err)
{
	struct sim_config config;
	struct store *store = NULL;
	s0_code code = sim_config_parse_chip(chip, description, &config, err);

	if (code)
		return code;
	if (config.file[0]) {
		config.uid_salt = salt_of(config.file);
		code = open_file(config.file, &store, err);
	}
	if (code)
		return code;
	return sim_create(&config, store, ret_sim, err);
}
