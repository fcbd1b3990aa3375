/* SPDX-License-Identifier: MIT */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

/* The firmware files of a command line: FILE[@ADDRESS]…, --address, --format. */

#include "app.h"
#include "os.h"

struct input {
	char *name;	   /* without @ADDRESS */
	const char *shown; /* name for people: "standard input" for "-" */
	struct blob blob;
	s0_format format; /* never AUTO */
	bool placed;	  /* has it an address of its own, or --address? */
	uint32_t address;
};

struct inputs {
	struct input *list;
	size_t count;
	s0_format asked; /* for all of them; AUTO: recognise each */
};

/* The format that --format names; AUTO without it. */
s0_code format_asked_for(const struct app *app, s0_format *ret_format,
			 struct s0_error *err);

/* Open the files that @words name and recognise their formats. */
s0_code inputs_open(struct app *app, const char *const *words, size_t count,
		    struct inputs *inputs, struct s0_error *err);

/* The first raw binary that has no address yet; NULL if there is none. */
const struct input *inputs_unplaced(const struct inputs *inputs);

/* Can they be understood only when the chip is known? Raw binary without an
   address, and UF2, which names a family. */
bool inputs_need_chip(const struct inputs *inputs);

/* Give raw binaries without an address the start of the map's flash, and say
   so. */
s0_code inputs_place(struct app *app, struct inputs *inputs,
		     const struct s0_map *map, struct s0_error *err);

/* Read all of them into a new image. */
s0_code inputs_read(struct app *app, const struct inputs *inputs,
		    struct s0_image **ret_image, struct s0_error *err);

void inputs_close(struct inputs *inputs);

/* A chip by its name; refused where it is not known. */
s0_code chip_called(struct app *app, const char *name,
		    const struct s0_chip **ret_chip, struct s0_error *err);

/* The chip that --chip names; @fallback (may be NULL) without the option. */
s0_code chip_asked_for(struct app *app, const char *fallback,
		       const struct s0_chip **ret_chip, struct s0_error *err);

/* The format of a file to be written: --format, else by its name, else raw
   binary. ELF is refused. */
s0_code output_format(struct app *app, const char *path, s0_format *ret_format,
		      struct s0_error *err);

/* Write an image to a file that appears whole or not at all; in a replay, to
   nowhere. */
s0_code output_image(struct app *app, const struct s0_image *image,
		     s0_format format, const char *path, struct s0_error *err);
/* The same; and it survives a power cut from now on. */
s0_code output_safe_image(struct app *app, const struct s0_image *image,
			  s0_format format, const char *path,
			  struct s0_error *err);

#endif
