/* SPDX-License-Identifier: MIT */
/* Option bytes in several windows, and words that are nobody's: what is sent,
 * in which order, and what is known when it is cut. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/option_session.h>

#include "base/bytes.h"
#include "base/error.h"
#include "board.h"
#include "option_chips.h"
#include "session/device.h"
#include "session/session.h"

/* A target whose option bytes are these; the first thing in it is what makes
 * it found. */
struct fake {
	struct target_ops ops;
	const struct target_ops *real_ops;
	const struct s0_chip *chip;
	uint8_t bytes[64];
	unsigned writes;
	uint32_t addresses[16], lengths[16];
	unsigned fail_at; /* this write fails, and all behind; 0: none */
	bool deaf;	  /* it takes what is written, and does nothing */
	unsigned slow;	  /* only each so-manieth write is done */
};

struct world {
	struct board board;
	struct fake fake;
	struct s0_error err;
	char warning[512];
};

static struct fake *fake_of(struct target *target)
{
	return (struct fake *)target->ops;
}

static uint8_t *place(struct fake *fake, uint32_t address, uint32_t length)
{
	size_t offset = 0;

	assert_true(s0_option_offset(fake->chip, address, &offset));
	assert_true(offset + length <= s0_option_length(fake->chip));
	return fake->bytes + offset;
}

static s0_code fake_read(struct target *target, uint32_t address,
			 uint32_t length, target_depth_fn depth,
			 target_bytes_fn bytes, void *payload,
			 struct s0_error *err)
{
	(void)depth;
	(void)err;
	(void)bytes(payload, address, place(fake_of(target), address, length),
		    length);
	return S0_OK;
}

static s0_code fake_write(struct target *target, uint32_t address,
			  const uint8_t *bytes, uint32_t length, bool erases,
			  bool *ret_left, struct s0_error *err)
{
	struct fake *fake = fake_of(target);

	(void)erases;
	*ret_left = false;
	assert_true(fake->writes < 16);
	fake->addresses[fake->writes] = address;
	fake->lengths[fake->writes++] = length;
	if (fake->fail_at && fake->writes >= fake->fail_at)
		return error_set(err, S0_E_REFUSED, "the cable is cut");
	if (!fake->deaf && (!fake->slow || fake->writes % fake->slow == 0))
		memcpy(place(fake, address, length), bytes, length);
	return S0_OK;
}

static void warned(void *payload, const char *line)
{
	struct world *w = payload;

	(void)snprintf(w->warning, sizeof w->warning, "%s", line);
}

static void enter(struct world *w)
{
	assert_int_equal(board_open(&w->board, &w->err), S0_OK);
	w->board.device->info.chip = w->fake.chip;
	w->fake.real_ops = w->board.device->target->ops;
	w->fake.ops = *w->fake.real_ops;
	w->fake.ops.read = fake_read;
	w->fake.ops.write_options = fake_write;
	w->board.device->target->ops = &w->fake.ops;
	s0_session_set_warning(w->board.session, warned, w);
}

static void leave(struct world *w)
{
	w->board.device->target->ops = w->fake.real_ops;
	board_close(&w->board);
}

static void make(struct world *w, const struct s0_chip *chip)
{
	*w = (struct world){ .err = S0_ERROR_INIT };
	board_make(&w->board, "stm32f405");
	w->fake.chip = chip;
}

static void end(struct world *w)
{
	leave(w);
	board_free(&w->board);
}

/* In a process of its own. */
static s0_code change(struct world *w, const char *one, const char *other)
{
	const char *const words[] = { one, other };
	struct s0_option_change changes[2];
	struct s0_option_plan *plan = NULL;
	struct s0_device_info *info;
	size_t count = other ? 2 : 1;
	s0_code code;

	w->err = (struct s0_error)S0_ERROR_INIT;
	w->fake.writes = 0;
	assert_int_equal(s0_session_read_options(w->board.session, &w->err),
			 S0_OK);
	info = &w->board.device->info;
	assert_int_equal(info->option_length, s0_option_length(w->fake.chip));
	assert_memory_equal(info->options, w->fake.bytes, info->option_length);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(s0_option_parse(info->chip, info->options,
						 info->option_length, words[i],
						 &changes[i], &w->err),
				 S0_OK);
	assert_int_equal(s0_option_plan_new(info->chip, NULL, info->options,
					    info->option_length, changes, count,
					    &plan, &w->err),
			 S0_OK);
	code = s0_session_set_options(w->board.session, plan, ~0u, NULL,
				      &w->err);
	s0_option_plan_free(plan);
	return code;
}

static void new_two_windows(struct world *w)
{
	make(w, two_windows());
	memset(w->fake.bytes, 0, sizeof w->fake.bytes);
	put_le32(w->fake.bytes, 0xaa00);
	put_le32(w->fake.bytes + 8, 0x0003);
	enter(w);
}

static void was_written(const struct world *w, unsigned count, ...)
{
	va_list args;

	assert_int_equal(w->fake.writes, count);
	va_start(args, count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(w->fake.addresses[i], va_arg(args, unsigned));
		assert_int_equal(w->fake.lengths[i], 16);
	}
	va_end(args);
}

static void only_the_window_that_changes_is_written(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	assert_int_equal(change(&w, "WRP2=4", NULL), S0_OK);
	was_written(&w, 1, 0x1ffec000);
	assert_int_equal(change(&w, "nWRP=0-1", NULL), S0_OK);
	was_written(&w, 1, 0x1fffc000);
	assert_int_equal(change(&w, "nWRP=0-1", "WRP2=4"), S0_OK);
	was_written(&w, 0);
	assert_int_equal(change(&w, "nWRP=none", "WRP2=none"), S0_OK);
	was_written(&w, 2, 0x1ffec000, 0x1fffc000);
	assert_string_equal(w.warning, "");
	end(&w);
}

static void the_level_is_written_last_and_first_where_it_falls(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	assert_int_equal(change(&w, "RDP=1", "WRP2=all"), S0_OK);
	was_written(&w, 2, 0x1ffec000, 0x1fffc000);
	assert_int_equal(change(&w, "RDP=0", "WRP2=none"), S0_OK);
	was_written(&w, 2, 0x1fffc000, 0x1ffec000);
	end(&w);
}

static void each_window_is_sent_as_often_as_one_alone(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	w.fake.slow = 3;
	assert_int_equal(change(&w, "nWRP=2-3", "WRP2=4"), S0_OK);
	was_written(&w, 6, 0x1ffec000, 0x1ffec000, 0x1ffec000, 0x1fffc000,
		    0x1fffc000, 0x1fffc000);
	end(&w);
}

static void a_cut_between_two_windows_is_told(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	w.fake.fail_at = 2;
	assert_int_equal(change(&w, "nWRP=2-3", "WRP2=4"), S0_E_MISMATCH);
	assert_int_equal(w.err.cause, S0_CAUSE_OPTIONS_MIXED);
	assert_non_null(strstr(w.err.message, "nWRP is none instead of 2-3"));
	assert_null(strstr(w.err.message, "WRP2"));
	assert_int_not_equal(w.err.aftermath, S0_UNTOUCHED);
	leave(&w);
	w.fake.fail_at = 0;
	enter(&w);
	assert_int_equal(s0_session_read_options(w.board.session, &w.err),
			 S0_OK);
	assert_non_null(strstr(w.warning, "neither as before nor as asked"));
	assert_non_null(strstr(w.warning, "nWRP is none instead of 2-3"));
	/* And again, which mends it. */
	assert_int_equal(change(&w, "nWRP=2-3", "WRP2=4"), S0_OK);
	was_written(&w, 1, 0x1fffc000);
	end(&w);
}

static void a_cut_before_the_first_window_changes_nothing(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	w.fake.fail_at = 1;
	assert_int_equal(change(&w, "nWRP=2-3", "WRP2=4"), S0_E_REFUSED);
	assert_int_equal(w.err.aftermath, S0_UNTOUCHED);
	end(&w);
}

static void a_raw_word_is_read_back(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	assert_int_equal(change(&w, "0x1ffec004=0x12345678", NULL), S0_OK);
	was_written(&w, 1, 0x1ffec000);
	assert_int_equal(get_le32(w.fake.bytes + 20), 0x12345678);
	w.fake.deaf = true;
	assert_int_equal(change(&w, "0x1ffec004=1", NULL), S0_E_REFUSED);
	assert_int_equal(w.err.cause, S0_CAUSE_OPTIONS_NO_EFFECT);
	assert_int_equal(w.fake.writes, 3);
	assert_int_equal(w.err.aftermath, S0_UNTOUCHED);
	end(&w);
}

static void a_raw_word_that_was_cut_is_told(void **state)
{
	struct world w;
	(void)state;

	new_two_windows(&w);
	w.fake.fail_at = 2;
	assert_int_equal(change(&w, "0x1fffc004=7", "WRP2=4"), S0_E_MISMATCH);
	assert_non_null(strstr(w.err.message, "0x1fffc004 is 0x00000000 "
					      "instead of 0x00000007"));
	end(&w);
}

static void complements_go_with_their_words(void **state)
{
	struct world w;
	(void)state;

	make(&w, complements());
	complements_window(w.fake.bytes);
	enter(&w);
	assert_int_equal(change(&w, "WRP1A_STRT=1", "WRP1A_END=2"), S0_OK);
	assert_int_equal(get_le32(w.fake.bytes + 8), 0x00027f01);
	assert_int_equal(get_le32(w.fake.bytes + 12), ~0x00027f01u);
	/* One that does not fit is no change that has been made. */
	w.fake.bytes[13] ^= 1;
	assert_int_equal(change(&w, "WRP1A_STRT=1", NULL), S0_OK);
	assert_int_equal(w.fake.writes, 1);
	assert_int_equal(get_le32(w.fake.bytes + 12), ~0x00027f01u);
	end(&w);
}

static void a_chip_without_fields_can_be_read_and_changed(void **state)
{
	struct s0_chip chip = *barely_known();
	struct world w;
	(void)state;

	chip.option_count = chip.option_word_count = 0;
	make(&w, &chip);
	enter(&w);
	assert_int_equal(change(&w, "0x1ffff80c=5", NULL), S0_OK);
	assert_int_equal(w.fake.writes, 1);
	assert_int_equal(w.fake.lengths[0], 24);
	assert_int_equal(get_le32(w.fake.bytes + 12), 5);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_window_that_changes_is_written),
		cmocka_unit_test(
			the_level_is_written_last_and_first_where_it_falls),
		cmocka_unit_test(each_window_is_sent_as_often_as_one_alone),
		cmocka_unit_test(a_cut_between_two_windows_is_told),
		cmocka_unit_test(a_cut_before_the_first_window_changes_nothing),
		cmocka_unit_test(a_raw_word_is_read_back),
		cmocka_unit_test(a_raw_word_that_was_cut_is_told),
		cmocka_unit_test(complements_go_with_their_words),
		cmocka_unit_test(a_chip_without_fields_can_be_read_and_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
