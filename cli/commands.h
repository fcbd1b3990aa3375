/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* The table of commands, and the help that is made of it. */

#include <stdio.h>

#include "app.h"

/* A command by its name; NULL. */
const struct command *command_find(const char *name);

/* Refuse an unknown one, naming the one it resembles. */
s0_code command_unknown(const char *name, struct s0_error *err);

/* `sector0 --help` */
void commands_help(FILE *out);
/* `sector0 COMMAND --help` */
void command_help(FILE *out, const struct command *command);

#endif
