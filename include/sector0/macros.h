/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_MACROS_H
#define SECTOR0_MACROS_H

/** @file Compiler glue for the public headers; nothing here is API. */

#ifdef __cplusplus
#define S0_BEGIN_DECLS extern "C" {
#define S0_END_DECLS   }
#else
#define S0_BEGIN_DECLS
#define S0_END_DECLS
#endif

#if defined(_WIN32)
#define S0_API
#elif defined(__GNUC__)
#define S0_API __attribute__((visibility("default")))
#else
#define S0_API
#endif

#if defined(__GNUC__)
#define S0_MUST_CHECK	     __attribute__((warn_unused_result))
#define S0_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define S0_MUST_CHECK
#define S0_PRINTF(fmt, args)
#endif

#endif
