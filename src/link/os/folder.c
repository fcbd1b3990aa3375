/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/store.h"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

s0_code file_store_list(const char *folder, store_name_fn name, void *payload,
			struct s0_error *err)
{
	struct dirent **list = NULL;
	int count = scandir(folder, &list, NULL, by_name);

	if (count < 0)
		return errno == ENOENT ? S0_OK
				       : error_set(err, S0_E_FILE,
						   "cannot read '%s': %s",
						   folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (list[i]->d_name[0] != '.')
			name(payload, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return S0_OK;
}
