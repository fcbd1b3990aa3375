/* SPDX-License-Identifier: MIT */
#ifndef STM32H743_H
#define STM32H743_H

/*
 * The few registers that these examples use, written from the documents:
 * RM0433 (the STM32H742, H743/753 and H750 reference manual) and, for what
 * belongs to the core, the Armv7-M Architecture Reference Manual (DDI 0403).
 */

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* RM0433: memory map; reset and clock control, RCC_AHB4ENR */
#define RCC_AHB4ENR	    REGISTER(0x58024400u + 0x0e0u)
#define RCC_AHB4ENR_GPIOBEN (1u << 1)

/* RM0433: memory map; general-purpose I/Os, GPIO registers */
#define GPIOB_MODER	   REGISTER(0x58020400u + 0x00u)
#define GPIOB_BSRR	   REGISTER(0x58020400u + 0x18u)
#define GPIO_MODER_MASK(n) (3u << ((n)*2))
#define GPIO_MODER_OUT(n)  (1u << ((n)*2))
#define GPIO_BSRR_SET(n)   (1u << (n))
#define GPIO_BSRR_RESET(n) (1u << ((n) + 16))

/* DDI 0403: system control block, VTOR; SysTick */
#define SCB_VTOR	   REGISTER(0xe000ed08u)
#define SYST_CSR	   REGISTER(0xe000e010u)
#define SYST_RVR	   REGISTER(0xe000e014u)
#define SYST_CVR	   REGISTER(0xe000e018u)
#define SYST_CSR_ENABLE	   (1u << 0)
#define SYST_CSR_CLKSOURCE (1u << 2)
#define SYST_CSR_COUNTFLAG (1u << 16)

/* RM0433: the core runs on HSI after reset; AN2606: the bootloader on HSI too. */
#define CORE_HZ 64000000u

/* UM1974, Nucleo-144: LD1, the green one, is on PB0. */
#define LED_PIN 0

#endif
