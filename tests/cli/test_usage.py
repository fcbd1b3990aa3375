# SPDX-License-Identifier: MIT
"""The command line: help, options, and everything that is exit status 2."""

import subprocess

from harness import Case, main, SIM, ihex, FLASH, noise

COMMANDS = ("list info flash plan read write fill blank checksum erase verify "
            "start option unprotect convert chips sim trace").split()


class Help(Case):
    def test_the_version_is_one_line(self):
        self.assertEqual(self.run_ok("--version").out, "sector0 0.1.0\n")

    def test_help_fits_a_screen_and_begins_with_three_examples(self):
        run = self.run_ok("--help")
        lines = run.out.splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)
        for line in lines[:3]:
            self.assertTrue(line.startswith("  sector0 "), run)
        for command in COMMANDS:
            self.assertIn("  %-9s " % command, run.out)

    def test_every_command_has_help_that_fits_a_screen(self):
        for command in COMMANDS:
            for args in ((command, "--help"), ("--help", command),
                         ("-h", command)):
                run = self.run_ok(*args)
                self.assertTrue(
                    run.out.startswith("usage: sector0 " + command), run)
                self.assertEqual(run.err, "")
            if command != "sim":
                self.assertLessEqual(len(run.out.splitlines()), 24, run)
                self.assertLessEqual(max(map(len, run.out.splitlines())), 80)

    def test_help_needs_no_valid_arguments(self):
        self.run_ok("flash", "--help")
        self.run_ok("read", "1", "2", "3", "4", "5", "--help")

    def test_help_and_version_are_results_in_json(self):
        self.assertEqual(self.last("--version", kind="sim")["text"],
                         "sector0 0.1.0\n")
        self.assertIn("flash", self.last("--help", kind="sim")["text"])

    def test_sim_help_lists_profiles_and_keys(self):
        for args in (("sim", "help"), ("sim", "--help")):
            run = self.run_ok(*args)
            self.assertIn("stm32h743", run.out)
            self.assertIn("rom=", run.out)
        result = self.last("sim", "help", kind="sim help")
        self.assertIn("rom=", result["text"])
        profiles = {p["name"]: p["dumped"] for p in result["profiles"]}
        self.assertIs(profiles["stm32f405"], True)
        self.assertIs(profiles["stm32f767"], False)
        self.assertRegex(run.out, r"\n  stm32f767    \* STM32F76")


class Mistakes(Case):
    def usage(self, message, *args, hint=None, **more):
        run = self.run_bad(2, *args, **more)
        self.assertIn(message, run.err, run)
        if hint:
            self.assertIn("hint: " + hint, run.err, run)
        self.assertEqual(run.out, "")
        event = self.last(*args, status=2, kind="sim", **more)
        self.assertEqual(event["code"], "E_USAGE")
        self.assertEqual(event["aftermath"], "untouched")
        return run

    def test_nothing_at_all_shows_a_short_usage(self):
        run = self.run_bad(2)
        self.assertTrue(run.err.startswith("usage: sector0 "), run)
        self.assertLessEqual(len(run.err.splitlines()), 3)
        self.last(status=2, kind="sim")

    def test_unknown_commands_name_the_nearest(self):
        self.usage("unknown command 'flsh'", "flsh", "x",
                   hint="did you mean 'flash'?")
        self.usage("unknown command 'xyzzy'", "xyzzy")
        self.usage("unknown command ''", "")

    def test_a_tool_that_it_cannot_be_is_told(self):
        for words, message in (((), "'as' is missing a tool"),
                               (("make",), "does not know the tool 'make'")):
            run = self.run_bad(2, "as", *words)
            self.assertIn(message, run.err)
            self.assertIn("hint: sector0 can be dfu-util, dfu-suffix, "
                          "STM32_Programmer_CLI\n", run.err)

    def test_a_tool_has_its_own_options(self):
        for words in (("-v",), ("-d", "sim:stm32h743"), ("--json",)):
            run = self.run_bad(2, *words, "as", "dfu-util", "-l")
            self.assertIn("error: 'as' takes no options before it\nhint: ",
                          run.err)
        for word in ("-h", "--help"):
            run = self.run_ok("as", word)
            self.assertIn("usage: sector0 as TOOL", run.out)
            self.assertIn("dfu-util, dfu-suffix, STM32_Programmer_CLI",
                          run.out)

    def test_unknown_options_name_the_nearest(self):
        self.usage("unknown option '--ers'", "flash", "x", "--ers",
                   hint="did you mean '--erase'?")
        self.usage("unknown option '--skip-nonflash'", "--skip-nonflash",
                   "flash", "x", hint="did you mean '--skip-non-flash'?")
        self.usage("unknown option '-z'", "list", "-z")

    def test_an_option_of_another_command_is_refused(self):
        self.usage("'list' has no option '--keep'", "list", "--keep")
        self.usage("'read' has no option '--stats'", "read", "all", "x",
                   "--stats")

    def test_values_must_be_there_and_only_where_they_belong(self):
        self.usage("'--device' needs a value", "list", "-d")
        self.usage("'--reconnect' takes seconds from 0 to 3600, not '-1'",
                   "info", "--reconnect", "-1")
        self.usage("'--device' needs a value", "list", "--device", "-q")
        self.usage("'--device' needs a value", "list", "--device=")
        self.usage("'--keep' takes no value", "flash", "x", "--keep=yes")

    def test_words_must_be_as_many_as_the_command_takes(self):
        few = [("flash",), ("plan",), ("verify",), ("read",), ("read", "all"),
               ("read", "0x08000000"), ("write",), ("write", "0x08000000"),
               ("fill", "0", "1"), ("erase",), ("convert",),
               ("convert", "x"), ("sim",), ("blank", "0"),
               ("checksum", "0"), ("erase", "0"), ("trace",),
               ("trace", "show")]
        for args in few:
            self.usage("missing", *args)
        many = [("list", "x"), ("info", "x"), ("read", "0", "1", "x", "y"),
                ("read", "all", "x", "y"), ("fill", "0", "1", "2", "3"),
                ("blank", "0", "1", "2"), ("checksum", "0", "1", "2"),
                ("erase", "all", "1"), ("erase", "0", "1", "2"),
                ("start", "0", "1"), ("convert", "x", "y", "z"),
                ("sim", "help", "x"), ("trace", "show", "x", "y")]
        for args in many:
            self.usage("does not know what to do with", *args)
        self.usage("'sim' does not know 'serf'", "sim", "serf",
                   hint="did you mean 'sim serve'?")
        self.usage("'trace' does not know 'draw'", "trace", "draw", "x")

    def test_numbers_must_be_numbers(self):
        for word in ("", "x", "0x", "0xg", "12z", "-1", "4K", "0x100000000",
                     "4294967296", "1e3", " 1", "0x 1"):
            self.usage("is not an address", "read", "--", word, "16")
        for word in ("", "x", "0", "0x0", "4G", "4KK", "K", "4096M",
                     "0x100000000"):
            self.usage("is not a length", "read", "0", word)
        self.usage("run past 0xffffffff", "read", "0xffffffff", "2")
        self.usage("is not an address", "start", "here")

    def test_bytes_must_be_bytes(self):
        for word in ("", "1", "123", "0x", "0xg0", "zz", "0x1"):
            self.usage("is not a row of bytes", "write", "0x08000000", word)
        self.usage("no bytes", "write", "0x08000000", "text:")
        for word in ("", "100", "0x100", "zz", "0x"):
            self.usage("is not a byte", "fill", "0x08000000", "16", word)
        self.usage("more than any chip", "fill", "0x08000000", "65M", "00")
        self.usage("0x00000000", "start", "0")

    def test_choices_must_be_known(self):
        self.file("a.hex", ihex((FLASH, noise(16))))
        self.usage("'--erase' takes needed, all or none", "plan", "a.hex",
                   "--erase", "some")
        self.usage("unknown format 'zip'", "plan", "a.hex", "--format", "zip")
        self.usage("unknown chip 'stm8'", "plan", "a.hex", "--chip", "stm8",
                   hint="'sector0 chips' lists those that are known")
        self.usage("unknown chip 'sm32h743'", "plan", "a.hex", "--chip",
                   "sm32h743", hint="did you mean 'stm32h743'?")
        self.usage("unknown chip 'stm8'", "info", "-d", SIM, "--chip", "stm8")
        self.usage("is not an address", "plan", "a.hex", "--address", "here")

    def test_unknown_profiles_and_keys_are_usage(self):
        for selector in ("sim:stm99", "sim:", SIM + ",colour=red",
                         SIM + ",rom=0x00"):
            self.usage("", "info", "-d", selector)
        self.usage("", "info", "-d", "nonsense:1")

    def test_commands_that_change_say_that_the_device_is_untouched(self):
        for args in (("flash",), ("write", "0", "x"), ("erase",),
                     ("fill", "x"), ("start", "x")):
            self.assertIn("device: untouched\n", self.run_bad(2, *args).err)
        for args in (("plan",), ("read",), ("verify",)):
            self.assertNotIn("device:", self.run_bad(2, *args).err)


class Options(Case):
    def test_options_stand_anywhere(self):
        self.file("a.hex", ihex((FLASH, noise(64))))
        wanted = self.run_ok("plan", "a.hex", "--full", "--erase", "all").out
        for args in (("--full", "--erase", "all", "plan", "a.hex"),
                     ("--erase=all", "plan", "--full", "a.hex"),
                     ("plan", "--erase", "all", "--full", "--", "a.hex")):
            self.assertEqual(self.run_ok(*args).out, wanted)

    def test_short_options_can_be_joined(self):
        self.assertIn("0x", self.run_ok("-qd" + SIM, "info").out)
        self.assertIn("0x", self.run_ok("info", "-q", "-d=" + SIM).out)

    def test_two_dashes_end_the_options(self):
        self.file("--keep", ihex((FLASH, noise(64))))
        run = self.run_ok("plan", "--", "--keep")
        self.assertIn("--keep", run.out)

    def test_the_device_can_come_from_the_environment(self):
        self.run_ok("info", env={"SECTOR0_DEVICE": SIM})
        self.run_bad(2, "info", env={"SECTOR0_DEVICE": "sim:nothing"})
        self.run_ok("info", "-d", SIM, env={"SECTOR0_DEVICE": "sim:nothing"})

    def test_plan_does_not_need_the_device_of_the_environment(self):
        self.file("a.hex", ihex((FLASH, noise(64))))
        self.run_ok("plan", "a.hex", env={"SECTOR0_DEVICE": "sim:nothing"})

    def test_verbose_shows_the_traffic_on_stderr(self):
        quiet = self.run_ok("info", "-d", SIM)
        self.assertNotIn("debug:", quiet.err)

    def test_no_colours_where_there_is_no_terminal(self):
        self.assertNotIn("\033", self.run_bad(2).err)


class StandardOutput(Case):
    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            run = self.run_bad(1, "--version", stdout=full)
            self.assertIn("cannot write standard output", run.err)
            self.run_bad(1, "info", "-d", SIM, stdout=full)
            self.run_bad(1, "info", "-d", SIM, "--json", stdout=full)

    def test_a_closed_pipe_is_an_error_and_no_signal(self):
        reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
        reader.wait()
        run = self.run_bad(1, "sim", "help", stdout=reader.stdin)
        self.assertIn("Broken pipe", run.err)
        reader.stdin.close()

    def test_a_closed_descriptor_never_becomes_a_file(self):
        self.file("a.hex", ihex((FLASH, noise(64))))
        for args in (("info", "-d", self.chip()),
                     ("convert", "a.hex", "a.bin")):
            run = self.run_bad(1, *args, stdout=None, preexec_fn=close_stdout)
            self.assertIn("cannot write standard output", run.err)
        self.assertEqual(self.bytes_of("a.bin"), noise(64))


def close_stdout():
    import os
    os.close(1)


if __name__ == "__main__":
    main()
