/* SPDX-License-Identifier: MIT */

/*
 * Blinky with a mailbox for another core or a DMA engine, which has to live in
 * AXI SRAM: the linker script decides whether its initial bytes become a part
 * of the firmware file. See README.md beside it.
 */

#include "../blinky/stm32h743.h"

struct mailbox {
	char greeting[16];
	uint32_t words[124];
};

/* Initialised, and that is half of the mistake: nothing can put these bytes
 * into RAM when the chip starts. */
#define IN_SHARED __attribute__((section(".shared"), used))

volatile struct mailbox mailbox IN_SHARED = { "sector0 mailbox", { 1, 2, 3 } };

static volatile uint32_t blinks;

static void pause(void)
{
	for (volatile uint32_t i = 0; i < CORE_HZ / 40; i++)
		;
}

int main(void)
{
	RCC_AHB4ENR |= RCC_AHB4ENR_GPIOBEN;
	(void)RCC_AHB4ENR;
	GPIOB_MODER = (GPIOB_MODER & ~GPIO_MODER_MASK(LED_PIN)) |
		      GPIO_MODER_OUT(LED_PIN);

	for (;;) {
		GPIOB_BSRR = GPIO_BSRR_SET(LED_PIN);
		pause();
		GPIOB_BSRR = GPIO_BSRR_RESET(LED_PIN);
		pause();
		mailbox.words[0] = ++blinks;
	}
}
