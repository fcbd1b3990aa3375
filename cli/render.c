/* SPDX-License-Identifier: MIT */
#include "render.h"

#include "text.h"

void render_line(void *payload, const char *line)
{
	(void)payload;
	text_print(stdout, line);
	putchar('\n');
}

/* One row of the result: a word and a number of bytes. */
static void row(const char *word, uint64_t bytes, const char *remark)
{
	printf("%-9s %llu bytes%s\n", word, (unsigned long long)bytes, remark);
}

static void print_range(uint32_t address, uint32_t length)
{
	char size[32];

	text_size(size, sizeof size, length);
	printf("          0x%08x  %s\n", (unsigned)address, size);
}

void render_erased(const struct s0_session *session)
{
	size_t count = s0_session_erased_count(session);
	uint32_t start = 0, length = 0, address, more;

	printf("%-9s %zu sector%s\n", "erased", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++) {
		if (!s0_session_erased(session, i, &address, &more))
			continue;
		if (length > 0 && address == start + length) {
			length += more;
			continue;
		}
		if (length > 0)
			print_range(start, length);
		start = address;
		length = more;
	}
	if (length > 0)
		print_range(start, length);
}

void render_time(uint64_t bytes, uint64_t time_us)
{
	printf("%-9s %llu ms", "time",
	       (unsigned long long)((time_us + 500) / 1000));
	if (bytes > 0 && time_us > 0)
		printf(", %.1f KiB/s",
		       (double)bytes * 1e6 / (double)time_us / 1024);
	putchar('\n');
}

static void stats_row(const char *word, uint64_t us)
{
	printf("%-9s %10.1f ms\n", word, (double)us / 1000);
}

static void render_stats(const struct s0_result *result)
{
	const struct s0_times *times = &result->times;

	printf("\nwhere the time went\n");
	stats_row("erase", times->erase_us);
	stats_row("program", times->program_us);
	stats_row("wire", times->wire_us);
	stats_row("wait", times->wait_us);
	stats_row("proof", times->proof_us);
	stats_row("host", times->host_us);
	stats_row("total", result->time_us);
	stats_row("floor", result->floor_us);
	if (result->floor_us > 0)
		printf("%-9s %10.3f\n", "ratio",
		       (double)result->time_us / (double)result->floor_us);
	if (result->mass_erased)
		printf("the floor is that of a mass erase\n");
}

void render_lifted(const struct s0_result *result)
{
	unsigned count = result->lifted_sectors;

	if (count)
		printf("%-9s %u write-protected sector%s, and protected %s "
		       "again\n",
		       "opened", count, count == 1 ? "" : "s",
		       count == 1 ? "it" : "them");
}

void render_flash(const struct s0_session *session,
		  const struct s0_result *result, bool stats)
{
	if (result->written_bytes == 0 && result->skipped_bytes > 0)
		printf("nothing to write: %sthe device holds the image "
		       "already\n",
		       result->trusted_bytes > 0 ? "by record and samples, "
						 : "");
	row("written", result->written_bytes, "");
	if (result->skipped_bytes > 0)
		row("skipped", result->skipped_bytes, ", already right");
	if (result->trusted_bytes > 0)
		row("trusted", result->trusted_bytes,
		    " of these, as an earlier run verified them: not read");
	if (result->kept_bytes > 0)
		row("kept", result->kept_bytes, " of the touched sectors");
	if (result->verified_bytes > 0)
		row("verified", result->verified_bytes, "");
	else
		printf("%-9s no\n", "verified");
	render_erased(session);
	render_lifted(result);
	render_time(result->written_bytes, result->time_us);
	if (stats)
		render_stats(result);
}

void render_dump(uint32_t address, const uint8_t *bytes, size_t length)
{
	for (size_t line = 0; line < length; line += 16) {
		size_t count = length - line < 16 ? length - line : 16;

		printf("%08x  ", (unsigned)(address + (uint32_t)line));
		for (size_t i = 0; i < 16; i++) {
			if (i < count)
				printf("%02x ", bytes[line + i]);
			else
				printf("   ");
			if (i == 7)
				putchar(' ');
		}
		printf(" |");
		for (size_t i = 0; i < count; i++) {
			uint8_t byte = bytes[line + i];

			putchar(byte >= 0x20 && byte < 0x7f ? byte : '.');
		}
		printf("|\n");
	}
}
