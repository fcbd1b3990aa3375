/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_H
#define SECTOR0_H

/**
 * @file
 * sector0: an open programmer for STM32 microcontrollers. This header brings
 * all of the library's; each can also be included alone.
 */

#include <sector0/checksum.h>
#include <sector0/chip.h>
#include <sector0/chips.h>
#include <sector0/context.h>
#include <sector0/device.h>
#include <sector0/dfu11.h>
#include <sector0/diag.h>
#include <sector0/error.h>
#include <sector0/image.h>
#include <sector0/link_check.h>
#include <sector0/map.h>
#include <sector0/option.h>
#include <sector0/option_plan.h>
#include <sector0/option_session.h>
#include <sector0/plan.h>
#include <sector0/recover.h>
#include <sector0/session.h>
#include <sector0/stress.h>
#include <sector0/sim.h>
#include <sector0/sim_server.h>
#include <sector0/trace.h>

S0_BEGIN_DECLS

/** Version of the library that is running, "0.1.0". Static. */
S0_API const char *s0_version(void);

S0_END_DECLS

#endif
