/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DFU_H
#define PROTO_DFU_H

/* What DfuSe and plain DFU have in common: class requests and states of the
 * standard (DFU 1.1, table 3.2 and 6.1.2). */

enum {
	DFU_DETACH = 0,
	DFU_DNLOAD = 1,
	DFU_UPLOAD = 2,
	DFU_GETSTATUS = 3,
	DFU_CLRSTATUS = 4,
	DFU_ABORT = 6
};

enum {
	STATE_APP_IDLE = 0,
	STATE_APP_DETACH = 1,
	STATE_IDLE = 2,
	STATE_DNLOAD_SYNC = 3,
	STATE_DNBUSY = 4,
	STATE_DNLOAD_IDLE = 5,
	STATE_MANIFEST_SYNC = 6,
	STATE_MANIFEST = 7,
	STATE_WAIT_RESET = 8,
	STATE_UPLOAD_IDLE = 9,
	STATE_ERROR = 10
};

#endif
