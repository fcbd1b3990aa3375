/* SPDX-License-Identifier: MIT */
/* Names of devices as sessions with them have been published (the versions in
 * which they were seen beside them), and the cores of the families by their
 * reference manuals. */
#include <string.h>

#include "compat/cube.h"

const char *cube_device_name(const struct s0_chip *chip)
{
	static const struct {
		uint16_t id;
		const char *name;
	} names[] = {
		{ 0x413, "STM32F405xx/F407xx/F415xx/F417xx" }, /* 2.22 */
		{ 0x418, "STM32F105/F107 Connectivity Line" }, /* 2.9 */
		{ 0x447, "STM32L07x/L08x/L010" },	       /* 2.13 */
		{ 0x449, "STM32F74x/STM32F75x" },	       /* 2.15 */
		{ 0x450, "STM32H7xx" },			       /* 2.6 */
		{ 0x451, "STM32F76x/STM32F77x" },	       /* 2.17 */
		{ 0x468, "STM32G43x/G44x" },		       /* 2.2x */
		{ 0x470, "STM32L4Rxxx/STM32L4Sxxx" },	       /* 2.9 */
		{ 0x472, "STM32L5xx" },			       /* 2.18 */
		{ 0x482, "STM32U575/STM32U585" },	       /* 2.21 */
		{ 0x495, "STM32WB5x/35xx" },		       /* 2.13 */
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].id == chip->device_id)
			return names[i].name;
	return chip->title;
}

const char *cube_cpu_name(const struct s0_chip *chip)
{
	static const char *const cores[][2] = {
		{ "stm32c0", "Cortex-M0+" },  { "stm32c5", "Cortex-M33" },
		{ "stm32f0", "Cortex-M0" },   { "stm32f1", "Cortex-M3" },
		{ "stm32f2", "Cortex-M3" },   { "stm32f3", "Cortex-M4" },
		{ "stm32f4", "Cortex-M4" },   { "stm32f7", "Cortex-M7" },
		{ "stm32g0", "Cortex-M0+" },  { "stm32g4", "Cortex-M4" },
		{ "stm32h5", "Cortex-M33" },  { "stm32h7", "Cortex-M7" },
		{ "stm32l0", "Cortex-M0+" },  { "stm32l1", "Cortex-M3" },
		{ "stm32l4", "Cortex-M4" },   { "stm32l5", "Cortex-M33" },
		{ "stm32u0", "Cortex-M0+" },  { "stm32u3", "Cortex-M33" },
		{ "stm32u5", "Cortex-M33" },  { "stm32wb", "Cortex-M4" },
		{ "stm32wba", "Cortex-M33" },
	};

	for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
		if (strcmp(cores[i][0], chip->family) == 0)
			return cores[i][1];
	return "--";
}
