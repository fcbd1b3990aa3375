/* SPDX-License-Identifier: MIT */
/* The host's records of all chips. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "device/context.h"
#include "device/open.h"
#include "session/journal.h"

struct finding {
	const char *folder;
	s0_record_fn found;
	void *payload;
	bool failed;
};

/* One that cannot be opened or is in use says nothing now. */
static void look(void *payload, const char *name)
{
	struct finding *finding = payload;
	size_t length = strlen(name), end = strlen(RECORDS_SUFFIX);
	struct journal *journal;
	struct text path = { 0 }, key = { 0 };
	struct store *store;
	size_t saved = 0;

	if (length <= end || strcmp(name + length - end, RECORDS_SUFFIX) != 0)
		return;
	text_add(&path, "%s/%s", finding->folder, name);
	text_add(&key, "%.*s", (int)(length - end), name);
	finding->failed |= path.failed || key.failed;
	if (!finding->failed &&
	    file_store_open(path.chars, &store, NULL) == S0_OK &&
	    journal_open(store, &journal, NULL) == S0_OK) {
		saved = journal_count_saved(journal);
		journal_close(journal);
	}
	if (saved)
		finding->found(finding->payload, key.chars, saved);
	text_free(&path);
	text_free(&key);
}

s0_code s0_context_find_records(struct s0_context *context, s0_record_fn found,
				void *payload, struct s0_error *err)
{
	struct finding finding = { .found = found, .payload = payload };
	struct text folder = { 0 };
	s0_code code = S0_OK;

	if (!context->state_dir || context->replay)
		return S0_OK;
	text_add(&folder, "%s/" RECORDS_FOLDER, context->state_dir);
	if (folder.failed)
		return error_memory(err);
	finding.folder = folder.chars;
	code = file_store_list(folder.chars, look, &finding, err);
	text_free(&folder);
	return code == S0_OK && finding.failed ? error_memory(err) : code;
}
