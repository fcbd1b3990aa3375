/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "board.h"

#include <stdlib.h>
#include <string.h>

#include "session/device.h"

/* A store that only borrows another, so that the records stay. */
struct borrowed {
	struct store store;
	struct store *real;
};

static s0_code b_read(struct store *s, uint64_t offset, void *bytes,
		      size_t length, size_t *got, struct s0_error *err)
{
	struct store *real = ((struct borrowed *)s)->real;

	return real->ops->read(real, offset, bytes, length, got, err);
}

static s0_code b_write(struct store *s, uint64_t offset, const void *bytes,
		       size_t length, struct s0_error *err)
{
	struct store *real = ((struct borrowed *)s)->real;

	return real->ops->write(real, offset, bytes, length, err);
}

static s0_code b_resize(struct store *s, uint64_t length, struct s0_error *err)
{
	struct store *real = ((struct borrowed *)s)->real;

	return real->ops->resize(real, length, err);
}

static s0_code b_sync(struct store *s, struct s0_error *err)
{
	struct store *real = ((struct borrowed *)s)->real;

	return real->ops->sync(real, err);
}

static s0_code b_lock(struct store *s, struct s0_error *err)
{
	(void)s;
	(void)err;
	return S0_OK;
}

static void b_close(struct store *s)
{
	free(s);
}

static struct store *borrow(struct store *real)
{
	static const struct store_ops ops = { b_read, b_write, b_resize,
					      b_sync, b_lock,  b_close };
	struct borrowed *borrowed = calloc(1, sizeof *borrowed);

	assert_non_null(borrowed);
	borrowed->store.ops = &ops;
	borrowed->store.date_s = real->date_s;
	borrowed->real = real;
	return &borrowed->store;
}

/* cmocka hands no state to a callback without one, so the records travel in
 * the path of the device, which is otherwise not used here. */
static s0_code open_records(struct s0_device *device, struct store **ret_store,
			    struct s0_error *err)
{
	struct store *real;

	(void)err;
	memcpy(&real, device->records_path, sizeof real);
	*ret_store = borrow(real);
	return S0_OK;
}

void board_make(struct board *board, const char *description)
{
	memset(board, 0, sizeof *board);
	assert_int_equal(s0_context_new(&board->context, NULL), S0_OK);
	assert_int_equal(s0_sim_new(description, &board->sim, NULL), S0_OK);
	assert_int_equal(memory_store_new(&board->records, NULL), S0_OK);
}

void board_free(struct board *board)
{
	board_close(board);
	s0_sim_free(board->sim);
	board->records->ops->close(board->records);
	s0_context_free(board->context);
}

/* WPSN1_PRG and WPSN2_PRG of the window: 0 protects. */
static void protect(struct s0_sim *sim, uint16_t sectors)
{
	uint8_t window[308];

	(void)s0_sim_peek(sim, 0x5200201c, window, sizeof window);
	window[0x20] = (uint8_t)~sectors;
	window[0x120] = (uint8_t)(~sectors >> 8);
	(void)s0_sim_poke(sim, 0x5200201c, window, sizeof window);
}

s0_code board_open(struct board *board, struct s0_error *err)
{
	struct s0_patience patience = { .reconnect_ms = board->reconnect_ms };
	s0_code code;

	s0_context_set_patience(board->context,
				board->patience ? board->patience : &patience);
	code = s0_device_open_sim(board->context, board->sim, &board->device,
				  err);

	if (code != S0_OK) {
		board->device = NULL;
		return code;
	}
	if (board->unseen_wrp)
		protect(board->sim, board->unseen_wrp);
	free(board->device->records_path);
	board->device->records_path = malloc(sizeof board->records);
	assert_non_null(board->device->records_path);
	memcpy(board->device->records_path, &board->records,
	       sizeof board->records);
	board->device->open_records = open_records;
	return s0_session_new(board->device, &board->session, err);
}

void board_close(struct board *board)
{
	s0_session_free(board->session);
	s0_device_close(board->device);
	board->session = NULL;
	board->device = NULL;
}

s0_code board_flash(struct board *board, const struct s0_image *image,
		    const struct s0_policy *policy, struct s0_result *result,
		    struct s0_error *err)
{
	struct s0_plan *plan = NULL;
	s0_code code = board_open(board, err);

	if (code == S0_OK)
		code = s0_session_plan(board->session, image, policy, &plan,
				       err);
	if (code == S0_OK)
		code = s0_session_run(board->session, plan, result, err);
	s0_plan_free(plan);
	board_close(board);
	return code;
}

void board_assert_holds(const struct board *board, const struct s0_image *image)
{
	for (size_t i = 0; i < s0_image_piece_count(image); i++) {
		struct s0_piece piece = s0_image_piece(image, i);
		uint8_t *now = malloc(piece.length);

		assert_non_null(now);
		assert_int_equal(s0_sim_peek(board->sim, piece.address, now,
					     piece.length),
				 piece.length);
		assert_memory_equal(now, piece.bytes, piece.length);
		free(now);
	}
}

unsigned board_damaged(const struct board *board)
{
	unsigned damaged = 0;

	for (uint32_t at = 0; at < 0x200000; at += 32)
		damaged += s0_sim_word_state(board->sim, 0x08000000 + at) ==
			   S0_SIM_WORD_DAMAGED;
	return damaged;
}

void board_random(uint8_t *bytes, size_t length, uint32_t seed)
{
	for (size_t i = 0; i < length; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}

struct s0_image *board_image(uint32_t address, uint32_t length, uint32_t seed)
{
	struct s0_image *image;
	uint8_t *bytes = malloc(length);

	assert_non_null(bytes);
	board_random(bytes, length, seed);
	assert_int_equal(s0_image_new(&image, NULL), S0_OK);
	assert_int_equal(s0_image_add(image, "t", address, bytes, length, NULL),
			 S0_OK);
	free(bytes);
	return image;
}

/* Flash and say what happened when it should not have failed. */
struct s0_result board_flash_ok(struct board *board,
				const struct s0_image *image,
				const struct s0_policy *policy)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;

	if (board_flash(board, image, policy, &result, &err) != S0_OK)
		print_message("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	return result;
}

struct s0_error board_flash_fails(struct board *board,
				  const struct s0_image *image,
				  const struct s0_policy *policy)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;

	assert_int_not_equal(board_flash(board, image, policy, &result, &err),
			     S0_OK);
	assert_int_not_equal(err.code, S0_OK);
	return err;
}

void board_poke(struct board *board, uint32_t address)
{
	uint8_t byte;

	(void)s0_sim_peek(board->sim, address, &byte, 1);
	byte ^= 0x10;
	(void)s0_sim_poke(board->sim, address, &byte, 1);
}

struct s0_image *board_image_changed(const struct s0_image *image,
				     uint32_t address)
{
	struct s0_piece p = s0_image_piece(image, 0);
	uint8_t *bytes = malloc(p.length);
	struct s0_image *other;

	assert_non_null(bytes);
	memcpy(bytes, p.bytes, p.length);
	bytes[address - p.address] ^= 0x10;
	assert_int_equal(s0_image_new(&other, NULL), S0_OK);
	assert_int_equal(
		s0_image_add(other, "t", p.address, bytes, p.length, NULL),
		S0_OK);
	free(bytes);
	return other;
}
