/* SPDX-License-Identifier: MIT */
/* The link to a virtual chip: the contract of every link, and its own clock. */
#include <string.h>

#include "link/clock.h"
#include "link_contract.h"
#include "sim/sim.h"
#include "test.h"

struct sim_fixture {
	struct link_fixture fixture;
	struct s0_sim *sim;
};

static struct usb_link *fixture_open(struct link_fixture *fixture)
{
	struct sim_fixture *me = (struct sim_fixture *)fixture;
	struct usb_link *link;

	if (s0_sim_new("stm32h743", &me->sim, NULL) != S0_OK)
		return NULL;
	if (sim_link_new(me->sim, false, "sim:stm32h743", &link, NULL) != S0_OK)
		return NULL;
	return link;
}

static void fixture_trouble(struct link_fixture *fixture, unsigned nth,
			    enum link_trouble trouble)
{
	static const s0_sim_fault faults[] = {
		[LINK_STALL] = S0_SIM_FAULT_STALL,
		[LINK_SILENT] = S0_SIM_FAULT_SILENT,
		[LINK_UNPLUG] = S0_SIM_FAULT_UNPLUG,
	};
	struct s0_sim *sim = ((struct sim_fixture *)fixture)->sim;

	s0_sim_fail_at(sim, s0_sim_transfers(sim) + nth, faults[trouble]);
}

static void fixture_replug(struct link_fixture *fixture)
{
	s0_sim_replug(((struct sim_fixture *)fixture)->sim);
}

static void fixture_close(struct link_fixture *fixture)
{
	s0_sim_free(((struct sim_fixture *)fixture)->sim);
}

static const struct link_fixture_ops fixture_ops = {
	.open = fixture_open,
	.trouble = fixture_trouble,
	.replug = fixture_replug,
	.close = fixture_close,
};

/* --- what only this link promises --- */

static struct usb_link *make(const char *description, struct s0_sim **ret_sim)
{
	struct usb_link *link;

	assert_int_equal(s0_sim_new(description, ret_sim, NULL), S0_OK);
	assert_int_equal(sim_link_new(*ret_sim, true, "sim:x", &link, NULL),
			 S0_OK);
	return link;
}

static struct usb_transfer getstate(uint8_t *data)
{
	return (struct usb_transfer){ .request_type = 0xa1,
				      .request = 5,
				      .length = 1,
				      .data = data,
				      .timeout_ms = 1000 };
}

/* 250 us between the end of one transfer and the start of the next; none
 * inside a batch. */
/* rows: N-03 */
static void a_batch_pays_one_turn_around(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743", &sim);
	uint8_t data[10];
	struct usb_transfer batch[10];
	uint64_t before = link->ops->now_us(link);

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		batch[i] = getstate(&data[i]);
	link->ops->run(link, batch, 10);
	assert_in_range(link->ops->now_us(link) - before, 250 + 352, 250 + 353);
	for (unsigned i = 1; i < 10; i++)
		assert_int_equal(batch[i].start_us, batch[i - 1].end_us);
	before = link->ops->now_us(link);
	for (unsigned i = 0; i < 10; i++)
		link->ops->run(link, &batch[i], 1);
	assert_in_range(link->ops->now_us(link) - before, 2500 + 352,
			2500 + 353);
	assert_int_equal(batch[5].start_us - batch[4].end_us, 250);
	link->ops->close(link);
}

/* rows: N-03 */
static void the_turn_around_can_be_set(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743,turnaround_us=1000", &sim);
	uint8_t data;
	struct usb_transfer transfer = getstate(&data);
	uint64_t before = link->ops->now_us(link);

	(void)state;
	assert_int_equal(link->facts.turnaround_us, 1000);
	link->ops->run(link, &transfer, 1);
	assert_int_equal(transfer.start_us - before, 1000);
	link->ops->close(link);
}

static void silence_costs_exactly_its_timeout(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743,fault=silent@1", &sim);
	uint8_t data[2];
	struct usb_transfer batch[2] = { getstate(&data[0]),
					 getstate(&data[1]) };

	(void)state;
	link->ops->run(link, batch, 2);
	assert_int_equal(batch[0].code, S0_E_TIMEOUT);
	assert_in_range(batch[0].end_us - batch[0].start_us, 1000000, 1000001);
	assert_int_equal(batch[1].code, S0_E_TIMEOUT);
	assert_int_equal(batch[1].end_us, batch[0].end_us);
	assert_int_equal(s0_sim_transfers(sim), 1);
	link->ops->close(link);
}

static s0_code erase_bank_1(struct usb_link *link, uint32_t timeout_ms)
{
	uint8_t erase[5] = { 0x41, 0, 0, 0, 8 }, status[6];
	struct usb_transfer batch[2] = {
		{ .request_type = 0x21,
		  .request = 1,
		  .length = 5,
		  .data = erase,
		  .timeout_ms = timeout_ms },
		{ .request_type = 0xa1,
		  .request = 3,
		  .length = 6,
		  .data = status,
		  .timeout_ms = timeout_ms },
	};

	link->ops->run(link, batch, 2);
	assert_int_equal(batch[0].code, S0_OK);
	return batch[1].code;
}

/* rows: L-06 */
static void an_operation_longer_than_the_timeout_is_a_timeout(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743", &sim);

	(void)state;
	s0_sim_poke(sim, 0x08000000, "1", 1);
	assert_int_equal(erase_bank_1(link, 500), S0_E_TIMEOUT);
	/* the device has done it all the same */
	assert_int_equal(s0_sim_word_state(sim, 0x08000000),
			 S0_SIM_WORD_ERASED);
	link->ops->close(link);
}

static void a_brown_out_can_be_reopened_without_help(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743,fault=brown-out@2", &sim);
	uint64_t before;
	uint8_t data = 0;
	struct usb_transfer transfer = getstate(&data);

	(void)state;
	assert_int_equal(erase_bank_1(link, 5000), S0_E_GONE);
	before = link->ops->now_us(link);
	assert_int_equal(link->ops->reopen(link, 50, NULL), S0_E_GONE);
	assert_int_equal(link->ops->reopen(link, 5000, NULL), S0_OK);
	assert_in_range(link->ops->now_us(link) - before, 99000, 120000);
	link->ops->run(link, &transfer, 1);
	assert_int_equal(transfer.code, S0_OK);
	assert_int_equal(data, 2);
	link->ops->close(link);
}

/* A reset that nobody saw is a new enumeration all the same. */
static void a_power_cycle_behind_its_back_is_gone(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743", &sim);
	uint8_t data;
	struct usb_transfer transfer = getstate(&data);

	(void)state;
	s0_sim_power_cycle(sim);
	link->ops->run(link, &transfer, 1);
	assert_int_equal(transfer.code, S0_E_GONE);
	assert_int_equal(link->ops->reopen(link, 0, NULL), S0_OK);
	link->ops->close(link);
}

static void the_chips_own_times_are_facts(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743", &sim);

	(void)state;
	assert_int_equal(link->facts.erase[0].us, 905000);
	assert_int_equal(link->facts.word_us, 100);
	assert_int_equal(link->facts.mass_erase_us, 5000000);
	assert_int_equal(link->facts.turnaround_us, 250);
	assert_string_equal(link->facts.path, "sim:x");
	link->ops->close(link);
}

static void a_chip_off_the_bus_has_no_link(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link;

	(void)state;
	assert_int_equal(s0_sim_new("stm32h743", &sim, NULL), S0_OK);
	s0_sim_unplug(sim);
	assert_int_equal(sim_link_new(sim, true, "sim:x", &link, NULL),
			 S0_E_NO_DEVICE);
	s0_sim_free(sim);
}

static void a_hung_chip_times_out_on_everything(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743,fault=hang@1", &sim);
	uint8_t data, raw[255];
	uint16_t length;
	struct usb_transfer transfer = getstate(&data);

	(void)state;
	link->ops->run(link, &transfer, 1);
	assert_int_equal(transfer.code, S0_E_TIMEOUT);
	assert_int_equal(link->ops->string(link, 2, raw, &length, NULL),
			 S0_E_TIMEOUT);
	assert_int_equal(link->ops->set_alt(link, 0, NULL), S0_E_TIMEOUT);
	link->ops->close(link);
}

static void a_real_clock_really_waits(void **state)
{
	struct s0_sim *sim;
	struct usb_link *link = make("stm32h743,clock=real*0.01", &sim);
	uint64_t real = clock_now_us(), before = link->ops->now_us(link);

	(void)state;
	assert_int_equal(link->facts.turnaround_us, 0);
	assert_int_equal(erase_bank_1(link, 10000), S0_OK);
	assert_true(clock_now_us() - real >= 9000);
	assert_true(link->ops->now_us(link) - before >= 905000);
	/* the host's own time counts */
	before = link->ops->now_us(link);
	clock_sleep_us(5000);
	assert_true(link->ops->now_us(link) - before >= 500000);
	link->ops->close(link);
}

/* A device that sends what it likes as a string. */
struct odd_link {
	struct usb_link link;
	const uint8_t *raw;
	s0_code code;
	uint16_t length;
};

static s0_code odd_string(struct usb_link *link, uint8_t index,
			  uint8_t raw[255], uint16_t *ret_length,
			  struct s0_error *err)
{
	const struct odd_link *odd = (const struct odd_link *)link;

	(void)index;
	(void)err;
	if (odd->code != S0_OK)
		return odd->code;
	memcpy(raw, odd->raw, odd->length);
	*ret_length = odd->length;
	return S0_OK;
}

/* A string that was refused is none; a device that is gone is another thing. */
static void a_device_that_is_gone_has_not_an_empty_string(void **state)
{
	static const struct usb_link_ops odd_ops = { .string = odd_string };
	static const struct {
		s0_code said, answer;
	} table[] = {
		{ S0_E_REFUSED, S0_OK },
		{ S0_E_PROTOCOL, S0_OK },
		{ S0_E_GONE, S0_E_GONE },
		{ S0_E_TIMEOUT, S0_E_TIMEOUT },
	};
	(void)state;

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct odd_link odd = { .link.ops = &odd_ops,
					.code = table[i].said };
		char text[8] = "before";

		assert_int_equal(usb_link_ask_string(&odd.link, 1, text,
						     sizeof(text), NULL),
				 table[i].answer);
		assert_string_equal(text, "");
	}
}

static void odd_strings_become_clean_utf8(void **state)
{
	static const struct usb_link_ops odd_ops = { .string = odd_string };
	static const struct {
		uint8_t raw[16];
		uint16_t length;
		size_t size;
		const char *text;
	} table[] = {
		{ { 6, 3, 'a', 0, 'b', 0 }, 6, 32, "ab" },
		{ { 4, 3, 'a', 0, 'b', 0 }, 6, 32, "a" },   /* bLength rules */
		{ { 60, 3, 'a', 0, 'b', 0 }, 6, 32, "ab" }, /* too big */
		{ { 0, 3, 'a', 0, 'b', 0 }, 6, 32, "ab" },
		{ { 6, 3, 'a', 0, 'b' }, 5, 32, "a" },
		{ { 2, 3 }, 2, 32, "" },
		{ { 2 }, 1, 32, "" },
		{ { 4, 3, 0xe9, 0 }, 4, 32, "\xc3\xa9" },
		{ { 4, 3, 0xac, 0x20 }, 4, 32, "\xe2\x82\xac" },
		{ { 6, 3, 0x3d, 0xd8, 0x00, 0xde }, 6, 32, "\xf0\x9f\x98\x80" },
		{ { 6, 3, 0x00, 0xde, 'a', 0 },
		  6,
		  32,
		  "\xef\xbf\xbd"
		  "a" },
		{ { 4, 3, 0x3d, 0xd8 }, 4, 32, "\xef\xbf\xbd" },
		{ { 4, 3, 27, 0 }, 4, 32, "\xef\xbf\xbd" },
		{ { 8, 3, 'a', 0, 0, 0, 'b', 0 }, 8, 32, "a" },
		{ { 6, 3, 0xac, 0x20, 'a', 0 }, 6, 3, "" },
		{ { 6, 3, 'a', 0, 0xac, 0x20 }, 6, 4, "a" },
		{ { 6, 3, 'a', 0, 0xac, 0x20 }, 6, 5, "a\xe2\x82\xac" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct odd_link odd = { .link.ops = &odd_ops,
					.raw = table[i].raw,
					.length = table[i].length };
		char text[32] = "before";

		usb_link_string(&odd.link, 1, text, table[i].size);
		assert_string_equal(text, table[i].text);
	}
}

int main(void)
{
	struct sim_fixture fixture = {
		.fixture = { .ops = &fixture_ops, .patience_ms = 2000 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_pays_one_turn_around),
		cmocka_unit_test(the_turn_around_can_be_set),
		cmocka_unit_test(silence_costs_exactly_its_timeout),
		cmocka_unit_test(
			an_operation_longer_than_the_timeout_is_a_timeout),
		cmocka_unit_test(a_brown_out_can_be_reopened_without_help),
		cmocka_unit_test(a_power_cycle_behind_its_back_is_gone),
		cmocka_unit_test(the_chips_own_times_are_facts),
		cmocka_unit_test(a_chip_off_the_bus_has_no_link),
		cmocka_unit_test(a_hung_chip_times_out_on_everything),
		cmocka_unit_test(a_real_clock_really_waits),
		cmocka_unit_test(odd_strings_become_clean_utf8),
		cmocka_unit_test(a_device_that_is_gone_has_not_an_empty_string),
	};
	int failed = link_contract_run("contract: sim", &fixture.fixture);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
