/* SPDX-License-Identifier: MIT */
#ifndef CLI_OS_H
#define CLI_OS_H

/* Everything the command asks of the operating system beyond ISO C. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <sector0/error.h>

struct s0_session;
struct s0_sim_server;

/* Make sure that descriptors 0 to 2 exist, so that no file opened later
   becomes standard output by accident, and that a closed pipe is an error
   instead of a signal. */
void os_prepare(void);

/* Is a terminal behind it? */
bool os_is_terminal(FILE *file);

/* Does it take a line (of up to 1 KiB, flushed each time) without making
   us wait? */
bool os_takes_line(FILE *file);

/* A clock that only moves forward, in ms. */
uint64_t os_now_ms(void);

/* The host's own directory for sector0's records; false if there is none. */
bool os_state_dir(char *buffer, size_t size);

/* A file in a folder of the user's home, which is made if it must be; false if
   there is no home. */
bool os_home_file(const char *folder, const char *name, char *buffer,
		  size_t size);

/* Does a file with this name exist? */
bool os_exists(const char *path);
/* Do both names lead to one existing file? */
bool os_same_file(const char *path, const char *other);

/* Seconds since 1970, UTC, or what SOURCE_DATE_EPOCH says. */
uint32_t os_date_s(void);

/* The time of day, "2026-11-22T16:38:24Z". */
void os_date(char date[32]);

/* Where standard output and standard error led to, while they are silent. */
struct silence {
	int out, err;
};
/* Let nothing that is written to either be seen, until it is ended. */
void os_silence(struct silence *silence);
void os_end_silence(const struct silence *silence);

/* The bytes of a file. */
struct blob {
	void *bytes;
	size_t length;
	bool mapped;
};

/* Largest file that is read. */
#define BLOB_LIMIT ((size_t)1 << 30)

/* Record that a file cannot be read or written, by errno. */
s0_code os_fail_file(struct s0_error *err, const char *verb, const char *path);

/* Read or map a whole file, "-" is standard input. */
s0_code os_read_file(const char *path, struct blob *ret_blob,
		     struct s0_error *err);
void os_free_blob(struct blob *blob);

/* A file being written: under another name until it is whole. */
struct output {
	int fd;		  /* -1: none */
	const char *path; /* the user's word for it, "-" */
	char *final;	  /* where it will be; NULL: written in place */
	char *temporary;  /* where it is until then */
	char *buffer;	  /* not written yet */
	size_t used;
	bool safe;  /* must survive a power cut when it is in its place */
	int reason; /* why a write failed, an errno; 0: none did */
};

/* Begin a file; "-" is standard output. */
s0_code os_begin_output(const char *path, struct output *ret_output,
			struct s0_error *err);
/* Write to it, as a s0_sink_fn: false when that fails or Ctrl-C was pressed. */
bool os_write(void *output, const void *bytes, size_t length);
/* Record why os_write() failed. */
s0_code os_fail_output(const struct output *output, struct s0_error *err);
/* Write to it at once, as a s0_sink_fn, Ctrl-C or not; false when that fails. */
bool os_append(void *output, const void *bytes, size_t length);
/* Put it in its place already, though more will be appended. */
s0_code os_place_output(struct output *output, struct s0_error *err);
/* End it: true puts it in its place, false removes what was written. */
s0_code os_end_output(struct output *output, bool good, struct s0_error *err);

/* Flush; false, with errno, if anything was lost since the beginning. */
bool os_flush(FILE *file);

/* Where the control socket of the server on a port lies; the folder is made if
   it must be. False if there is no place for it. */
bool os_control_path(unsigned port, char *buffer, size_t size);
/* Connect to a local socket; -1, with errno. */
int os_connect(const char *path);
/* Send a line, end included, and have the answer as a file; NULL, with errno.
   Takes the socket over. */
FILE *os_ask(int fd, const char *line);
/* The next line, without its end, until the next call; NULL: there is none. */
struct lines {
	FILE *file;
	char *line;
	size_t size;
};
const char *os_next_line(struct lines *lines);
void os_end_lines(struct lines *lines);

/* Have SIGINT, SIGTERM and SIGHUP ask for a stop; the second SIGINT or SIGTERM
   kills. */
void os_catch_signals(void);
/* The session to be stopped by them; NULL: none. */
void os_set_session(struct s0_session *session);
/* The server to be stopped by them; NULL: none. */
void os_set_server(struct s0_sim_server *server);
/* Has a stop been asked for? */
bool os_stopped(void);
/* By which signal, the last one; 0: it has not been. */
int os_stopped_by(void);
/* A signal ends the reading of this socket; -1: of none. */
void os_set_asked(int fd);

#endif
