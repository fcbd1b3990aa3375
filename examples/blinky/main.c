/* SPDX-License-Identifier: MIT */

/*
 * Blinks the green LED of a Nucleo-H743ZI: two short flashes and a pause.
 * Small, but with everything a real program has that matters to a programmer:
 * code, constants, initialised data (linked for RAM, loaded from flash) and
 * zeroed data (no bytes in the file at all).
 */

#include "stm32h743.h"

/* .rodata: on and off times in turn */
static const uint16_t rhythm_ms[] = { 80, 120, 80, 720 };

/* .data: in RAM when running, in flash until then */
static volatile uint32_t speed_percent = 100;

/* .bss: for a debugger to look at */
static volatile uint32_t blinks;

static void wait_ms(uint32_t ms)
{
	SYST_RVR = CORE_HZ / 1000 - 1;
	SYST_CVR = 0;
	SYST_CSR = SYST_CSR_ENABLE | SYST_CSR_CLKSOURCE;
	while (ms--)
		while (!(SYST_CSR & SYST_CSR_COUNTFLAG))
			;
}

static void led(int on)
{
	GPIOB_BSRR = on ? GPIO_BSRR_SET(LED_PIN) : GPIO_BSRR_RESET(LED_PIN);
}

int main(void)
{
	RCC_AHB4ENR |= RCC_AHB4ENR_GPIOBEN;
	(void)RCC_AHB4ENR; /* RM0433: the clock takes two cycles to start */
	GPIOB_MODER = (GPIOB_MODER & ~GPIO_MODER_MASK(LED_PIN)) |
		      GPIO_MODER_OUT(LED_PIN);

	for (;;) {
		for (int i = 0; i < 4; i++) {
			led(i % 2 == 0);
			wait_ms(rhythm_ms[i] * 100u / speed_percent);
		}
		blinks++;
	}
}
