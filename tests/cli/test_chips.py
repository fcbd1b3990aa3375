# SPDX-License-Identifier: MIT
"""What is known about chips, and what a file adds to that."""

import os

from harness import SIM, Case, FLASH, firmware, ihex, main

KINDS = ["document", "open", "field", "own", "inferred", "unverified"]
CHIP = b"""# A chip that nobody sells.
source = RM1 document Reference manual, rev 1

chip = stm32x100
aliases = x100
title = STM32X100/101 # RM1
device_id = 0x7ab # RM1
usb = 0x0483 0xdf11 0 0 - # inferred
layout = @Internal Flash  /0x08000000/04*002Kg,01*008Kg # field: a dump
dumped = 1 # field
geometry = - 0 0 1 /0x08000000/4*2Kg,1*8Kg # RM1
banks = one # RM1
sizes = 8 16 # RM1
flash_word = 8 # RM1
align = 8 # RM1
ecc = 0 # RM1
erased = 0xff # RM1
# times: RM1
erase = 0x800 20000 40000
erase = 0x2000 25000 50000
mass_erase_us = 20000
mass_erase_max_us = 40000
word_us = 90
turnaround_us = 250 # own
uid_address = 0 # unverified
flash_size_address = 0 # unverified
version_address = 0 # unverified
rom = 0x91 V9.1 0 two words # RM1
"""


class List(Case):
    def test_there_is_a_line_for_each_chip_and_a_footer(self):
        lines = self.run_ok("chips").out.splitlines()
        count = len(lines) - 2
        self.assertRegex(lines[0], "^name +ID +flash, KiB +banks +boot")
        h743 = [line for line in lines if line.startswith("stm32h743 ")]
        self.assertEqual(len(h743), 1)
        for word in ("0x450", "128 1024 2048", " 2 ", "V13.3", "V9.1",
                     "STM32H742/743/745"):
            self.assertIn(word, h743[0])
        self.assertRegex(lines[-1], "^%d chips of [0-9]+ families" % count)

    def test_programs_get_an_event_for_each(self):
        events = self.events("chips")
        names = [event["name"] for event in events[:-1]]
        self.assertEqual(events[-1]["count"], len(names))
        self.assertEqual(len(names), len(set(names)))
        f405 = events[names.index("stm32f405")]
        self.assertEqual(f405["device_id"], 0x413)
        self.assertEqual(f405["flash_kib"], [512, 1024])
        self.assertEqual(f405["banks"], "one")
        self.assertIn("f407", f405["aliases"])
        self.assertIsNone(f405["lines"])

    def test_one_chip_is_told_with_the_source_of_each_value(self):
        out = self.run_ok("chips", "H743").out
        self.assertTrue(out.startswith("stm32h743  STM32H742/743/"), out)
        for group in ("identity", "bootloader", "flash", "times",
                      "other memory", "option bytes", "sources"):
            self.assertIn("\n\n%s\n" % group, out)
        self.assertIn("  device ID            0x450  [OOCD, DBGMCU", out)
        self.assertIn("two banks: 16 * 128 KiB at 0x08000000  [RM0399", out)
        self.assertIn("128 KiB: 905 ms, at most 2000 ms  [field", out)
        self.assertIn("V9.1 (0x91): cannot see the end", out)
        self.assertIn("1 on: bank 2 comes first  [RM0399 4.9.8]", out)
        self.assertIn("(needs leave: low-voltage)", out)
        self.assertIn("  RM0399               document reference", out)
        self.assertNotIn("AN3156", out)

    def test_its_lines_are_those_of_the_file(self):
        chip = self.events("chips", "stm32h743")[0]
        lines = [line for line in chip["lines"] if line["kind"]]
        self.assertIn({"key": "device_id", "value": "0x450",
                       "source": "OOCD, DBGMCU_IDCODE", "kind": "open"},
                      lines)
        counts = {kind: 0 for kind in KINDS}
        for line in lines:
            counts[line["kind"]] += 1
        self.assertEqual(chip["sources"], counts)

    def test_an_unknown_chip_is_refused(self):
        run = self.run_bad(2, "chips", "stm32h734")
        self.assertIn("unknown chip 'stm32h734'", run.err)
        self.assertRegex(run.err, "hint: did you mean 'stm32[a-z0-9]*'\\? "
                                  "'sector0 chips' lists all")
        self.run_bad(2, "chips", "stm32h743", "stm32f405")
        self.run_bad(2, "chips", "stm32h743", "--sources")
        self.run_bad(2, "list", "--sources")


class Sources(Case):
    def test_the_kinds_of_sources_are_counted_by_family(self):
        lines = self.run_ok("chips", "--sources").out.splitlines()
        self.assertEqual(lines[0].split(),
                         ["family", "chips", "values", *KINDS, "public"])
        rows = [line.split() for line in lines[1:]]
        self.assertEqual(rows[-1][0], "all")
        for row in rows:
            self.assertEqual(int(row[2]), sum(map(int, row[3:9])))
            self.assertEqual(
                int(row[9]),
                (int(row[3]) + int(row[4])) * 100 // int(row[2]))
        for column in range(1, 9):
            self.assertEqual(sum(int(row[column]) for row in rows[:-1]),
                             int(rows[-1][column]))

    def test_programs_get_the_same_numbers(self):
        result = self.last("chips", "--sources", kind="chips sources")
        chips = self.events("chips")[:-1]
        self.assertEqual(result["chips"], len(chips))
        for kind in KINDS:
            self.assertEqual(result["sources"][kind],
                             sum(chip["sources"][kind] for chip in chips))
            self.assertEqual(result["sources"][kind],
                             sum(family["sources"][kind]
                                 for family in result["families"]))


class Files(Case):
    def setUp(self):
        super().setUp()
        self.file("my.chip", CHIP)
        self.file("app.hex", ihex((FLASH, firmware(5000))))

    def test_a_chip_of_a_file_comes_first(self):
        events = self.events("chips", "--chip-file", "my.chip")
        self.assertEqual(events[0]["name"], "stm32x100")
        self.assertEqual(events[0]["family"], "my")
        self.assertEqual(events[-1]["count"], self.last("chips")["count"] + 1)
        out = self.run_ok("chips", "x100", "--chip-file=my.chip").out
        self.assertIn("\noption bytes\n  not known\n", out)
        self.assertIn("  USB                  0483:df11, any release", out)

    def test_it_takes_the_place_of_the_built_in_one(self):
        self.file("h743.chip", CHIP.replace(b"stm32x100", b"stm32h743"))
        events = self.events("chips", "--chip-file", "h743.chip")
        self.assertEqual(events[-1]["count"], self.last("chips")["count"])
        self.assertEqual([event["family"] for event in events[:-1]
                          if event["name"] == "stm32h743"], ["h743"])

    def test_there_may_be_several_files(self):
        self.file("other.chip", CHIP.replace(b"x100", b"x200"))
        events = self.events("chips", "--chip-file", "other.chip",
                             "--chip-file", "my.chip")
        self.assertEqual([event["name"] for event in events[:2]],
                         ["stm32x200", "stm32x100"])

    def test_a_plan_is_made_for_it(self):
        plan = self.plan_of("plan", "app.hex", "--chip", "x100",
                            "--chip-file", "my.chip")
        self.assertEqual([part["length"] for part in plan["erase"]],
                         [2048, 2048, 2048])
        self.run_bad(2, "plan", "app.hex", "--chip", "x100")

    def test_there_is_a_virtual_one_of_it(self):
        chip = ("-d", "sim:stm32x100,file=x.sim", "--chip-file", "my.chip",
                "--chip", "x100")
        self.run_ok("flash", "app.hex", *chip)
        self.assertIn("identical", self.run_ok("verify", "app.hex", *chip).out)
        self.run_bad(2, "info", "-d", "sim:stm32x100")

    def test_a_device_is_known_by_it(self):
        with open(os.path.join(os.path.dirname(__file__), "..", "..", "chips",
                               "stm32h7.chip"), "rb") as source:
            text = source.read()
        self.file("h7.chip", text.replace(b"\ntitle = STM32H742/743/",
                                          b"\ntitle = of a file: STM32H742/"))
        for more, told in (((), False), (("--chip-file", "h7.chip"), True)):
            out = self.run_ok("info", "-d", SIM, *more).out
            self.assertEqual("of a file: STM32H742/" in out, told, out)

    def test_it_has_no_uf2_family(self):
        run = self.run_bad(1, "convert", "app.hex", "app.uf2", "--chip",
                           "x100", "--chip-file", "my.chip")
        self.assertIn("there is no UF2 family for 'stm32x100'", run.err)

    def test_a_broken_file_is_refused_with_its_place(self):
        self.file("bad.chip", CHIP.replace(b"align = 8 ", b"align = 7 "))
        run = self.run_bad(1, "chips", "--chip-file", "my.chip",
                           "--chip-file", "bad.chip")
        self.assertIn("error: bad.chip:15:9: aligned at 7 bytes, expected a "
                      "power of two", run.err)
        self.assertEqual(
            self.last("info", "--chip-file", "bad.chip", status=1)["code"],
            "E_FORMAT")

    def test_the_virtual_chip_of_a_part_is_named(self):
        self.assertIn("the virtual chip for the parts of 'stm32f407' is "
                      "called 'stm32f405'",
                      self.run_bad(2, "info", "-d", "sim:stm32f407").err)

    def test_a_virtual_chip_of_another_kind_is_told(self):
        self.run_ok("info", "-d", "sim:stm32f405,file=a.sim")
        self.assertIn("'a.sim' holds a chip of another kind",
                      self.run_bad(1, "info", "-d",
                                   "sim:stm32l072,file=a.sim").err)

    def family(self, name, old, new):
        """A family's file, with a change to the first such text."""
        with open(os.path.join(os.path.dirname(__file__), "..", "..", "chips",
                               name), "rb") as source:
            text = source.read()
        self.assertIn(old, text)
        return self.file(name, text.replace(old, new))

    def test_sectors_that_are_not_aligned_are_refused(self):
        self.family("stm32f4.chip", b"geometry = - 0 0 1 /0x08000000/04*016Kg,"
                    b"01*064Kg,07*128Kg", b"geometry = - 0 0 1 /0x08000100/"
                    b"04*016Kg,01*064Kg,07*128Kg")
        run = self.run_bad(1, "info", "-d", "sim:stm32f405", "--chip-file",
                           "stm32f4.chip")
        self.assertRegex(run.err, r"error: stm32f4.chip:\d+:12: a sector of "
                         "16384 bytes at 0x8000100 is not aligned")

    def test_a_slip_in_a_geometry_does_not_beat_the_device(self):
        self.family("stm32f4.chip", b"geometry = - 0 0 1 /0x08000000/04*016Kg,"
                    b"01*064Kg,07*128Kg", b"geometry = - 0 0 1 /0x08000000/"
                    b"64*016Kg")
        more = ("-d", "sim:stm32f405", "--chip-file", "stm32f4.chip")
        words = ("the bootloader names 4 x 16, 1 x 64, 7 x 128 KiB; the "
                 "chip's data say 64 x 16 KiB for 1024 KiB of flash")
        self.assertIn("\nconflict           " + words,
                      self.run_ok("info", *more).out)
        run = self.run_bad(1, "erase", "all", *more)
        self.assertIn(words + "; so its flash is not changed", run.err)

    def test_a_file_that_is_not_there_is_refused(self):
        run = self.run_bad(1, "chips", "--chip-file", "none.chip")
        self.assertIn("cannot read 'none.chip'", run.err)
        self.run_bad(2, "chips", "--chip-file")

    def test_a_recording_knows_the_file(self):
        self.run_ok("info", "-d", "sim:stm32h743", "--chip-file", "my.chip",
                    "--record", "a.trace")
        self.run_ok("trace", "replay", "a.trace")
        self.file("my.chip", CHIP.replace(b"V9.1", b"V9.2"))
        run = self.call("trace", "replay", "a.trace")
        self.assertNotEqual(run.status, 0, run)
        self.assertIn("my.chip", run.err)


if __name__ == "__main__":
    main()
