/* SPDX-License-Identifier: MIT */
#include "compat/compat.h"

#include <stddef.h>
#include <string.h>

#include "cli/app.h"
#include "cli/os.h"
#include "cli/say.h"

static const struct {
	const char *name;
	compat_main run;
} tools[] = {
	{ "dfu-util", dfu_util_main },
	{ "dfu-suffix", dfu_suffix_main },
	{ "STM32_Programmer_CLI", cube_main },
	{ "STM32_Programmer.sh", cube_main },
};

/* The last part of a path, without what Windows adds. */
static size_t base_name(const char *path, const char **ret_name)
{
	const char *name = path;
	size_t length;

	for (const char *at = path; *at; at++)
		if (*at == '/' || *at == '\\')
			name = at + 1;
	length = strlen(name);
	if (length > 4 && strcmp(name + length - 4, ".exe") == 0)
		length -= 4;
	*ret_name = name;
	return length;
}

compat_main compat_find(const char *path)
{
	static const char own[] = "sector0-";
	const char *name;
	size_t length = base_name(path, &name);

	if (strncmp(name, own, sizeof own - 1) == 0) {
		name += sizeof own - 1;
		length -= sizeof own - 1;
	}
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (strlen(tools[i].name) == length &&
		    strncmp(tools[i].name, name, length) == 0)
			return tools[i].run;
	return NULL;
}

const char *compat_names(void)
{
	return "dfu-util, dfu-suffix, STM32_Programmer_CLI";
}

s0_code compat_open_context(struct app *app, bool debug, struct s0_error *err)
{
	char directory[4096];
	s0_code code = s0_context_new(&app->context, err);

	if (code != S0_OK)
		return code;
	if (debug)
		s0_context_set_log(app->context, say_debug, app);
	s0_context_set_date(app->context, os_date_s());
	if (!os_state_dir(directory, sizeof directory))
		return S0_OK;
	return s0_context_set_state_dir(app->context, directory, err);
}
