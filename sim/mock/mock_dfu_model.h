/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_DFU_MODEL_H
#define SIM_MOCK_DFU_MODEL_H

/*
 * A device with DFU as the standard has it (USB Device Class Specification for
 * Device Firmware Upgrade, revision 1.1), of no particular maker: an
 * application with a run-time interface, a device in DFU mode, and the ways
 * between the two. It knows no bus: time is told to it, and who holds it moves
 * it off the bus and back.
 */

#include "mock_chip.h"

#define DFU_ALTS   4
#define DFU_FAULTS 4
#define DFU_TEXT   200

enum dfu_fault_kind { DFU_STALL, DFU_SILENT, DFU_UNPLUG, DFU_SHORT };

struct dfu_keys {
	char file[DFU_TEXT]; /* memory of setting N is FILE.N */
	char names[DFU_ALTS][DFU_TEXT / 2];
	char serial[64], maker[64], product[64];
	char becomes[DFU_TEXT]; /* the virtual STM32 that it is in DFU mode */
	unsigned vid, pid, app_pid, bcd, dfu; /* dfu: bcdDFUVersion */
	unsigned xfer, alts, size;	      /* size: bytes of a memory */
	unsigned poll_ms, busy; /* a block: so many polls of so long */
	unsigned manifest_ms, detach_ms;
	unsigned tolerant, will_detach, upload, download; /* bmAttributes */
	unsigned app;	 /* is there an application? */
	unsigned mute;	 /* refuses all in dfuMANIFEST-WAIT-RESET */
	unsigned length; /* of the functional descriptor: 9, 7 in DFU 1.0 */
	struct {
		enum dfu_fault_kind kind;
		unsigned at; /* class request, from 1 */
	} faults[DFU_FAULTS];
	unsigned fault_count;
	unsigned error,
		error_at;     /* bStatus at which block, from 1; 0: the end */
	char wrong[DFU_TEXT]; /* what was not understood */
};

enum dfu_state {
	APP_IDLE,
	APP_DETACH,
	DFU_IDLE,
	DFU_DNLOAD_SYNC,
	DFU_DNBUSY,
	DFU_DNLOAD_IDLE,
	DFU_MANIFEST_SYNC,
	DFU_MANIFEST,
	DFU_MANIFEST_WAIT_RESET,
	DFU_UPLOAD_IDLE,
	DFU_ERROR
};

struct dfu_memory {
	uint8_t *bytes; /* keys.size of them */
	unsigned length;
};

struct dfu_model {
	struct dfu_keys keys;
	struct mock_chip app, boot; /* their descriptors */
	bool in_dfu_mode;
	enum dfu_state state;
	uint8_t status;
	struct dfu_memory memory[DFU_ALTS];
	uint64_t now_us;
	uint64_t until_us; /* dfuDNBUSY, dfuMANIFEST, appDETACH end then */
	unsigned polls;	   /* left of what it is doing */
	uint32_t at;	   /* of a download or upload, in bytes */
	uint16_t block;	   /* expected next */
	bool manifested;
	bool corrupt; /* a download was begun and not ended */
	bool leaves;  /* for its other mode, at leaves_us */
	uint64_t leaves_us;
	unsigned requests, blocks; /* so far */
};

/* mock_dfu_keys.c: "KEY=VALUE,…" over what the kind has ("dfu", "dfu-runtime",
 * "maple"). false: ret_keys->wrong is not understood. */
bool dfu_keys_parse(const char *kind, struct dfu_keys *ret_keys);

/* The application's run-time interface; in DFU mode there is but one. */
#define DFU_RUNTIME_INTERFACE 1

/* mock_dfu_describe.c */
void dfu_model_describe(struct dfu_model *model);
/* A memory from its file; the chosen one to its file. */
void dfu_model_load(struct dfu_model *model, unsigned alt);
void dfu_model_save(const struct dfu_model *model);

/* Begins as the kind does, with what its files hold. */
void dfu_model_make(struct dfu_model *model, const struct dfu_keys *keys,
		    bool runtime);
void dfu_model_free(struct dfu_model *model);
/* As a mock_control, at model->now_us. */
void dfu_model_control(void *user, const struct s0_sim_setup *setup,
		       uint8_t *data, struct s0_sim_reply *reply);
/* Its port is reset. false: it comes back as what it is in its other mode. */
bool dfu_model_reset(struct dfu_model *model);
/* Does it leave the bus by itself, now? Then it is in its other mode. */
bool dfu_model_leaves(struct dfu_model *model);

#endif
