/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_SIM_SERVER_H
#define SECTOR0_SIM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * Virtual chips as USB devices for other programs: a USB/IP server.
 *
 * Any Linux machine can attach what it serves ("usbip attach -r HOST -b 1-1")
 * and then has a USB device that nothing tells from a board on a cable. The
 * protocol is version 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst).
 *
 *     s0_sim_server_new(NULL, &server, &err);
 *     s0_sim_server_add(server, "stm32h743", &err);
 *     s0_sim_server_listen(server, "127.0.0.1", 3240, &err);
 *     s0_sim_server_run(server, &err);          // until s0_sim_server_stop()
 *
 * The chips keep to the wall clock: an answer is given when the chip would
 * have given it. One thread serves all of them and blocks on none. A server
 * may be used by one thread at a time; s0_sim_server_stop() by any.
 */

S0_BEGIN_DECLS

/** A server and its virtual chips. Opaque. */
struct s0_sim_server;

/** Most chips that one server has. */
#define S0_SIM_SERVER_DEVICES 16

/** What happened to a chip, or to somebody who wanted one. */
typedef enum s0_sim_server_event {
	S0_SIM_SERVER_IMPORTED = 0, /**< A client uses the chip. */
	S0_SIM_SERVER_RELEASED = 1, /**< It does not any more. */
	S0_SIM_SERVER_LEFT = 2,	    /**< The chip left the bus. */
	S0_SIM_SERVER_BACK = 3,	    /**< The chip is on the bus again. */
	S0_SIM_SERVER_REFUSED = 4,  /**< A client broke the protocol, or asked
					 for what it cannot have. */
	S0_SIM_SERVER_NOT_ATTACHED = 5 /**< A chip that came back could not be
					    attached; it is tried again. */
} s0_sim_server_event;

/** How a server tells, and what time it is. All may be NULL. */
struct s0_sim_server_options {
	/** Microseconds from a clock that never goes back. NULL: the system's
	    monotonic clock. */
	uint64_t (*now_us)(void *payload);
	/** Something happened. bus_id is "" where no chip is concerned; text
	    is for people. Both are valid during the call. */
	void (*status)(void *payload, s0_sim_server_event event,
		       const char *bus_id, const char *text);
	/** A request was served; line as of s0_sim_record_print(). */
	void (*log)(void *payload, const char *bus_id, const char *line);
	/** Handed to all of them. */
	void *payload;
};

/**
 * Make a server without chips.
 * @param options  Copied. NULL: none.
 */
S0_API S0_MUST_CHECK s0_code
s0_sim_server_new(const struct s0_sim_server_options *options,
		  struct s0_sim_server **ret_server, struct s0_error *err);

/** Close all connections and free all chips (see s0_sim_free()). NULL is
    allowed. */
S0_API void s0_sim_server_free(struct s0_sim_server *server);

/**
 * Add a chip. The first one has bus id "1-1", the next "1-2", and so on.
 * @param description  As for s0_sim_new(), without clock=real: the server
 *                     keeps the time. turnaround_us= is charged to each
 *                     transfer only where it is given.
 * @retval S0_E_USAGE        Refused description, see s0_sim_new().
 * @retval S0_E_UNSUPPORTED  There are S0_SIM_SERVER_DEVICES already.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_add(struct s0_sim_server *server,
					       const char *description,
					       struct s0_error *err);

/**
 * Listen for USB/IP clients over TCP.
 * @param address  Numeric, of this machine: "127.0.0.1", "::1", "0.0.0.0".
 *                 Whoever reaches it can use the chips.
 * @param port     0: any that is free, see s0_sim_server_port().
 * @retval S0_E_USAGE   No such address.
 * @retval S0_E_BUSY    Another program has the port.
 * @retval S0_E_ACCESS  No right to use the port.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_listen(struct s0_sim_server *server,
						  const char *address,
						  uint16_t port,
						  struct s0_error *err);

/** The TCP port that it listens on; 0 if none. */
S0_API uint16_t s0_sim_server_port(const struct s0_sim_server *server);

/**
 * Hand the chips to this machine's own kernel (Linux, vhci-hcd), now and
 * whenever one comes back to the bus: they appear as USB devices.
 * @retval S0_E_NO_USB       The module vhci-hcd is not loaded.
 * @retval S0_E_ACCESS       No right to do that; root has it.
 * @retval S0_E_BUSY         All its ports are in use.
 * @retval S0_E_UNSUPPORTED  This is not Linux.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_attach(struct s0_sim_server *server,
						  struct s0_error *err);

/**
 * Take commands from a local socket (mode 0600): lines, answered by lines, of
 * which the last is "ok" or "error: …". "help" lists them.
 * @param path  A socket left over there is replaced; it is removed in the end.
 * @retval S0_E_BUSY  Another server listens there.
 * @retval S0_E_FILE  It cannot be made.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_control(struct s0_sim_server *server,
						   const char *path,
						   struct s0_error *err);

/** Called with each line of the answer to a command, without line end. */
typedef void (*s0_sim_server_answer_fn)(void *payload, const char *line);

/**
 * Take the same commands from an open file (standard input) too, until it
 * ends. It is read when it has something, and stays open.
 * @param fd  A file descriptor.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_set_input(
	struct s0_sim_server *server, int fd, s0_sim_server_answer_fn answer,
	void *payload, struct s0_error *err);

/**
 * Serve, until s0_sim_server_stop() or the command "quit".
 * @retval S0_OK  It was stopped.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_server_run(struct s0_sim_server *server,
					       struct s0_error *err);

/** End s0_sim_server_run(), soon, or at once when it has not begun. May be
    called from another thread and from a signal handler. */
S0_API void s0_sim_server_stop(struct s0_sim_server *server);

/** A chip of a server. */
struct s0_sim_server_device {
	char bus_id[16];
	char profile[32];
	char serial[64]; /**< Of its descriptors; "" if none. */
	uint8_t uid[12]; /**< Unique ID, as in memory. */
	bool attached;	 /**< On the bus. */
	bool imported;	 /**< A client uses it. */
};

/** Number of chips. */
S0_API size_t s0_sim_server_device_count(const struct s0_sim_server *server);

/** Look at a chip; false if there is none with that index. */
S0_API bool s0_sim_server_device(const struct s0_sim_server *server,
				 size_t index,
				 struct s0_sim_server_device *ret_device);

S0_END_DECLS

#endif
