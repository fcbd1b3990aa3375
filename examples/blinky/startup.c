/* SPDX-License-Identifier: MIT */

/*
 * From reset to main() on an STM32H743 without any library: the vector table,
 * and the handler that makes C's promises true (initialised data copied from
 * flash, the rest zero).
 */

#include "stm32h743.h"

/* Made by the linker script; only their addresses mean something. */
extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;

int main(void);

static void hang(void)
{
	for (;;)
		;
}

void reset_handler(void);
void reset_handler(void)
{
	const uint32_t *from = &data_load;

	for (uint32_t *to = &data_start; to < &data_end; to++)
		*to = *from++;
	for (uint32_t *to = &bss_start; to < &bss_end; to++)
		*to = 0;

	/* The ROM's own table is still in force after its "leave". */
	SCB_VTOR = 0x08000000u;

	main();
	hang();
}

/* DDI 0403, vector table: initial stack pointer, reset, then the system exceptions.
 * No interrupt is enabled, so the table ends there. */
struct vector_table {
	uint32_t *stack;
	void (*reset)(void);
	void (*exceptions[14])(void);
};

#define IN_VECTORS __attribute__((section(".vectors"), used))

static const struct vector_table vectors IN_VECTORS = {
	&stack_top,
	reset_handler,
	{ hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang,
	  hang, hang, hang },
};
