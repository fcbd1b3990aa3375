/* SPDX-License-Identifier: MIT */
/* The commands that there are, and those that there cannot be. */
#include "compat/cube.h"

#include <ctype.h>

static bool version(struct cube *cube)
{
	if (!cube->checking)
		cube_say(cube,
			 "STM32CubeProgrammer version: " CUBE_VERSION "\n");
	return true;
}

static bool help(struct cube *cube)
{
	if (cube->checking)
		return true;
	cube_say(cube,
		 "Usage :\nSTM32_Programmer_CLI.exe [command_1] [Arguments_1]"
		 "[[command_2] [Arguments_2]...]\n\n"
		 "sector0 %s in its place, over USB DFU. Commands, from left "
		 "to right:\n"
		 "  -c port=usbN [sn= PID= VID=]   connect\n"
		 "  -l [usb]                       list devices\n"
		 "  -w, -d FILE [ADDRESS]          program\n"
		 "  -v                             tell of its verification\n"
		 "  -e all | N... | [N M] | ed1    erase\n"
		 "  -r, -u ADDRESS SIZE FILE       read into a file\n"
		 "  -r8 -r16 -r32 ADDRESS SIZE     show memory\n"
		 "  -w8 -w16 -w32 -w64 ADDRESS VALUE...\n"
		 "                                 write, verified (not with "
		 "-nv behind it)\n"
		 "  -fillmemory [ADDRESS] size= pattern= [dataWidth=]\n"
		 "  -blankcheck  -checksum [ADDRESS SIZE]  -fchecksum FILE\n"
		 "  -ob displ | NAME=VALUE...      option bytes\n"
		 "  -rdu                           take read protection off\n"
		 "  -s, -g [ADDRESS]               start\n"
		 "  -script FILE  --skipErase  -q  -vb 1|2|3  -log [FILE]  -y\n"
		 "  -version  -h\n",
		 s0_version());
	return true;
}

/* A setting: taken before anything is done. */
static bool setting(struct cube *cube)
{
	(void)cube;
	return true;
}

static bool setting_with(struct cube *cube)
{
	(void)cube_argument(cube);
	return true;
}

static bool no_verify(struct cube *cube)
{
	if (!cube->written)
		return cube_refuse(cube, "-nv belongs behind -w8, -w16, -w32, "
					 "-w64");
	cube->written = false;
	return true;
}

static const struct cube_command commands[] = {
	{ { "c", "connect" }, cube_connect, false, CUBE_OTHER },
	{ { "l", "list" }, cube_list, false, CUBE_OTHER },
	{ { "w", "write", "d", "download" }, cube_write, true, CUBE_OTHER },
	{ { "v", "verify" }, cube_verify, true, CUBE_VERIFY },
	{ { "e", "erase" }, cube_erase, true, CUBE_OTHER },
	{ { "r", "read", "u", "upload" }, cube_read, true, CUBE_READ },
	{ { "r8" }, cube_read8, true, CUBE_OTHER },
	{ { "r16" }, cube_read16, true, CUBE_OTHER },
	{ { "r32" }, cube_read32, true, CUBE_OTHER },
	{ { "w8" }, cube_write8, true, CUBE_OTHER },
	{ { "w16" }, cube_write16, true, CUBE_OTHER },
	{ { "w32" }, cube_write32, true, CUBE_OTHER },
	{ { "w64" }, cube_write64, true, CUBE_OTHER },
	{ { "nv", "noverify" }, no_verify, true, CUBE_NO_VERIFY },
	{ { "s", "start", "g", "go" }, cube_start, true, CUBE_START },
	{ { "rst" }, cube_reset, false, CUBE_RESET },
	{ { "hardrst" }, cube_reset, false, CUBE_RESET },
	{ { "rdu", "readunprotect" }, cube_unprotect, true, CUBE_UNPROTECT },
	{ { "ob", "optionbytes" }, cube_option, true, CUBE_OPTION },
	{ { "fillmemory" }, cube_fill, true, CUBE_OTHER },
	{ { "blankcheck" }, cube_blank, true, CUBE_OTHER },
	{ { "checksum" }, cube_checksum, true, CUBE_OTHER },
	{ { "fchecksum", "file-checksum" },
	  cube_file_checksum,
	  false,
	  CUBE_OTHER },
	{ { "script" }, setting_with, false, CUBE_SCRIPT },
	{ { "skiperase" }, setting, false, CUBE_SKIP_ERASE },
	{ { "q", "quietmode" }, setting, false, CUBE_QUIET },
	{ { "y", "yes" }, setting, false, CUBE_YES },
	{ { "vb", "verbosity" }, setting_with, false, CUBE_VERBOSITY },
	{ { "log" }, setting_with, false, CUBE_LOG },
	/* Of -ob: it always comes back to look what it did; debug
	 * authentication is no matter of USB. */
	{ { "noreconnect" }, setting, false, CUBE_OTHER },
	{ { "force_no_da" }, setting, false, CUBE_OTHER },
	{ { "version" }, version, false, CUBE_OTHER },
	{ { "h", "help", "?" }, help, false, CUBE_OTHER },
};

#define SECURE "is secure installation, which sector0 does not do"

/* What is not done here, and why. */
static const struct {
	const char *why;
	const char *names[36]; /* lower case */
} others[] = {
	{ "needs an ST-LINK; not supported over USB DFU",
	  { "rstbl",	 "halt",      "run",	      "step",
	    "score",	 "corereg",   "el",	      "extload",
	    "elbl",	 "regdump",   "hf",	      "pwr",
	    "swv",	 "startswv",  "r32fast",      "gettargetsellist",
	    "w32dbgmcu", "debugauth", "setdefaultob", "dsecurity",
	    "lockrdp1",	 "lockrdp2",  "unlockrdp1",   "unlockrdp2",
	    "sdp",	 "pwd",	      "psrss",	      "obrss",
	    "rssekw",	 "ssigfoxc",  "wsigfoxc" } },
	{ SECURE, { "sfi", "ssfi", "rsse", "mcsv", "ecsv", "a" } },
	{ "is about TrustZone, which sector0 does not take off",
	  { "tzenreg", "tzenregression" } },
	{ "is about the wireless stack of an STM32WB, which sector0 does not "
	  "manage",
	  { "getuid64", "fusgetstate", "fwdelete", "fwupgrade",
	    "startwirelessstack", "authkeyupdate", "authkeylock", "wusrkey",
	    "antirollback", "startfus" } },
	{ "is for STM32MP microprocessors, which sector0 does not program",
	  { "p", "phaseid", "rp", "readpart", "detach", "wb", "pmic", "gc",
	    "ssp", "otp", "tm", "timeout" } },
	{ "works on files alone, which sector0 leaves to other tools",
	  { "sl", "safelib", "ms", "mergesbsfu" } },
};

bool cube_is_command(const char *word)
{
	return word[0] == '-' && word[1] != '\0' &&
	       !isdigit((unsigned char)word[1]);
}

static const char *bare(const char *word)
{
	return word + (word[1] == '-' ? 2 : 1);
}

const struct cube_command *cube_find(const char *word)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		for (size_t k = 0; k < 4 && commands[i].names[k]; k++)
			if (cube_same(bare(word), commands[i].names[k]))
				return &commands[i];
	return NULL;
}

bool cube_no_command(struct cube *cube, const char *word)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		for (size_t k = 0; others[i].names[k]; k++)
			if (cube_same(bare(word), others[i].names[k]))
				return cube_refuse(cube, "%s %s", word,
						   others[i].why);
	if (cube_after(bare(word), "hsm"))
		return cube_refuse(cube, "%s %s", word, SECURE);
	return cube_refuse(cube, "Unknown command %s", word);
}
