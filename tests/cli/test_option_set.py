# SPDX-License-Identifier: MIT
"""Changing option bytes: set, load, unprotect."""

import os
import re

from harness import Case, main, SIM

F405 = "sim:stm32f405"
ALL = "--allow=pcrop,secure,boot,low-voltage,part"

# Every field that may be set, to a value that it does not have.
H743_FIELDS = [
    ("RDP", "1"), ("BOR_LEV", "3"), ("IWDG1_SW", "hardware"),
    ("NRST_STOP_D1", "reset"), ("NRST_STBY_D1", "reset"),
    ("FZ_IWDG_STOP", "frozen"), ("FZ_IWDG_SDBY", "frozen"), ("IO_HSLV", "on"),
    ("SWAP_BANK_OPT", "on"), ("WRPSn1", "0-3,5"), ("WRPSn2", "all"),
    ("PROT_AREA_START1", "0x000"), ("PROT_AREA_END1", "0x1ff"),
    ("DMEP1", "erase"), ("PROT_AREA_START2", "0x000"),
    ("PROT_AREA_END2", "0x200"), ("DMEP2", "erase"), ("ST_RAM_SIZE", "3"),
    ("SEC_AREA_START1", "0x000"), ("SEC_AREA_END1", "0x1ff"),
    ("DMES1", "erase"), ("SEC_AREA_START2", "0x010"),
    ("SEC_AREA_END2", "0x1ff"), ("DMES2", "erase"), ("BOOT_ADD0", "0x1ff0"),
    ("BOOT_ADD1", "0x0810")]
F405_FIELDS = [
    ("BOR_LEV", "1"), ("WDG_SW", "hardware"), ("nRST_STOP", "reset"),
    ("nRST_STDBY", "reset"), ("nWRP", "0,11")]

# What is refused whatever is allowed: chip, changes, reason.
REFUSED = [
    (SIM + ",pcrop=0x08020000+0x1000", ["PROT_AREA_END1=0x208"],
     "a PCROP area only grows"),
    (SIM + ",pcrop=0x08020000+0x1000", ["PROT_AREA_START1=0xfff"],
     "a PCROP area only grows"),
    (SIM + ",pcrop=0x08020000+0x1000:erase", ["DMEP1=keep"],
     "by a regression alone"),
    (SIM + ",security=on", ["SECURITY=off"], "not switched off"),
    (SIM + ",security=on", ["SEC_AREA_START1=0", "SEC_AREA_END1=5"],
     "in secure access mode"),
]

# What needs leave: changes, the option that gives it, part of the reason.
GUARDED = [
    (["RDP=2"], "--permanent", "level 2 is for ever"),
    (["RDP=0xCC"], "--permanent", "level 2 is for ever"),
    (["PROT_AREA_START1=0", "PROT_AREA_END1=5"], "--allow=pcrop",
     "neither read nor changed"),
    (["SECURITY=on"], "--allow=secure", "secure areas can be made"),
    (["SEC_AREA_START2=0", "SEC_AREA_END2=5"], "--allow=secure",
     "closed to everything"),
    (["BOOT_ADD0=0x4000"], "--allow=boot", "nothing is known at 0x40000000"),
    (["BOOT_ADD1=0x0810"], "--allow=boot", "no level of the BOOT pin"),
    (["IWDG1_SW=0"], "--allow=boot", "the watchdog runs from reset on"),
    (["IO_HSLV=on"], "--allow=low-voltage", "damages pins above"),
    (["IWDG2_SW=hardware"], "--allow=part", "dual-core parts"),
]


class Set(Case):
    def fields(self, device):
        return {e["name"]: e for e in self.events("option", "-d", device)
                if e["event"] == "option"}

    def changed(self, *args, kind="option set"):
        return self.events("option", "set", *args, kind=kind)[-1]

    def round_trip(self, chip, fields, *extra):
        """Each alone, on a new chip, as another process sees it after a power
        cycle."""
        for i, (name, text) in enumerate(fields):
            device = "%s,file=%s%d.sim" % (chip, name, i)
            before = self.fields(device)
            run = self.run_ok("option", "set", "%s=%s" % (name, text), "--yes",
                              "-d", device, *extra)
            self.assertIn("changed 1 field, read back and right\n", run.out)
            after = self.fields(device)
            self.assertEqual(after[name]["text"], text, name)
            self.assertEqual(after[name]["current"],
                             after[name]["programmed"])
            self.assertNotEqual(after[name]["value"], before[name]["value"])
            for other in before:
                if other != name:
                    self.assertEqual(after[other]["value"],
                                     before[other]["value"], other)

    def test_every_field_of_an_h743_comes_back_after_a_power_cycle(self):
        self.round_trip(SIM, [f for f in H743_FIELDS if f[0] != "BOOT_ADD1"],
                        ALL)

    def test_every_field_of_an_f405_comes_back_after_a_power_cycle(self):
        self.round_trip(F405, F405_FIELDS, ALL)

    def test_a_chip_that_was_locked_out_does_not_come_back(self):
        device = SIM + ",file=a.sim"
        self.run_ok("option", "set", "BOOT_ADD1=0x0810", "--yes",
                    "--allow=boot", "-d", device)
        self.run_bad(4, "option", "-d", device)
        run = self.run_bad(3, "option", "set", "BOOT_ADD1=0x0810", "--yes",
                           "--allow=boot", "-d", SIM + ",ob_write_reset=yes")
        self.assertIn("device: unknown\n", run.err)
        self.assertIn("hint: power the board off and on with BOOT0 high; "
                      "'sector0 option' shows", run.err)

    def test_level_2_is_not_expected_to_come_back(self):
        for device in (SIM + ",ob_write_reset=yes", F405):
            run = self.run_bad(3, "option", "set", "RDP=2", "--permanent",
                               "--yes", "-d", device)
            self.assertIn("warning: at read-out protection level 2, which was "
                          "asked for, the bootloader does not come back",
                          run.err)
            self.assertIn("did not come back within 10 s\n", run.err)

    def test_a_change_whose_end_nobody_saw_is_told_of_by_the_next_run(self):
        for fault in "torn@%d", "unplug@%d":
            said = False
            for at in range(30, 60, 3):
                device = SIM + ",file=%s%d.sim" % (fault[:4], at)
                run = self.call("option", "set", "BOR_LEV=3", "WRP1=5",
                                "--yes", "--reconnect", "0", "-d",
                                device + ",fault=" + fault % at)
                if run.status != 3:
                    continue
                self.assertIn("device: unknown", run.err)
                told = self.run_ok("option", "-d", device).err
                self.assertIn("warning: an earlier change of the option bytes "
                              "was cut; it has ", told, run)
                now = self.fields(device)
                made = now["BOR_LEV"]["value"] == 3
                self.assertEqual(now["WRPSn1"]["text"],
                                 "5" if made else "none")
                self.assertIn("has been made" if made else "has not been made",
                              told)
                said = True
                self.assertEqual(self.run_ok("option", "-d", device).err, "")
            self.assertTrue(said, fault)

    def test_banks_that_were_swapped_behind_a_cut_are_understood(self):
        told = set()
        for k in range(56, 80, 2):
            device = SIM + ",file=s%d.sim" % k
            self.call("option", "set", "SWAP_BANK=on", "WRP1=2", "BOR_LEV=1",
                      "--yes", "--reconnect", "0", "-d",
                      device + ",fault=unplug@%d" % k)
            run = self.run_ok("option", "-d", device)
            told.update(re.findall("was cut[^\n]*", run.err))
        self.assertEqual(told, {"was cut; it has not been made",
                                "was cut; it has been made all the same"})

    def test_every_writable_field_is_in_the_table(self):
        listed = {f[0] for f in H743_FIELDS} | {"SECURITY"}
        out = self.run_ok("option", "save", "-", "-d", SIM).out
        names = set(re.findall(r"^(\w+) = ", out.split("only on")[0], re.M))
        self.assertEqual(names - {"chip"}, listed)
        out = self.run_ok("option", "save", "-", "-d", F405).out
        names = set(re.findall(r"^(\w+) = ", out, re.M))
        self.assertEqual(names - {"chip", "RDP"}, {f[0] for f in F405_FIELDS})

    def test_several_are_changed_at_once_and_shown_before(self):
        device = SIM + ",file=a.sim"
        run = self.run_ok("option", "set", "bor_lev=3", "WRP1=0-1",
                          "BOOT_ADD0=0x08010000", "--yes", "-d", device)
        self.assertEqual(run.out,
                         "BOR_LEV            0 -> 3  # level 3, 2.7 V\n"
                         "WRPSn1             none -> 0-1  # 2 of 8 sectors "
                         "cannot be erased or written\n"
                         "                   these sectors are neither erased "
                         "nor written any more\n"
                         "BOOT_ADD0          0x0800 -> 0x0801  # 0x08010000, "
                         "flash\n"
                         "changed 3 fields, read back and right\n")
        run = self.run_ok("option", "set", "BOR_LEV=3", "WRP1=1,0", "-d",
                          device)
        self.assertEqual(run.out, "nothing to change: all is as asked for\n")

    def test_nothing_is_sent_without_a_yes_or_with_plan(self):
        device = SIM + ",file=a.sim"
        run = self.run_bad(1, "option", "set", "BOR_LEV=3", "-d", device)
        self.assertIn("device: untouched\nhint: add --yes", run.err)
        run = self.run_ok("option", "set", "BOR_LEV=3", "RDP=2", "--plan",
                          "-d", device)
        self.assertIn("level 2 is for ever", run.out)
        self.assertIn("\nneeds              --permanent\n", run.out)
        run = self.run_ok("option", "set", "PROT_AREA_END1=0xff", "--plan",
                          "-d", device)
        self.assertIn("0x000 -> 0x0ff  # the whole bank", run.out)
        self.assertIn("\nneeds              --allow pcrop\n", run.out)
        result = self.changed("BOR_LEV=3", "--plan", "-d", device,
                              kind="option plan")
        self.assertEqual(result["planned"][0]["new"], 3)
        error = self.events("option", "set", "BOR_LEV=3", "-d", device,
                            status=1)[-1]
        self.assertEqual(error["aftermath"], "untouched")
        self.assertEqual(self.fields(device)["BOR_LEV"]["value"], 0)

    def test_programs_are_told_what_changed(self):
        result = self.changed("BOR_LEV=2", "SWAP_BANK=on", "--yes", "-d", SIM)
        self.assertTrue(result["at_reset"])
        self.assertEqual(
            [(c["name"], c["old"], c["new"], c["at_reset"])
             for c in result["changed"]],
            [("BOR_LEV", 0, 2, False), ("SWAP_BANK_OPT", 0, 1, True)])
        self.assertEqual(self.changed("BOR_LEV=0", "-d", SIM)["changed"], [])

    def test_a_reset_that_follows_is_survived(self):
        for device in (SIM + ",ob_write_reset=yes", SIM + ",ob_write_reset=no",
                       F405 + ",ob_write_reset=no", F405):
            result = self.changed("BOR_LEV=2", "--yes", "-d", device)
            self.assertEqual(result["reconnects"], 0)

    def test_banks_that_a_reset_swaps_at_once_are_understood(self):
        result = self.changed("SWAP_BANK=on", "WRP1=2", "--yes", "-d",
                              SIM + ",ob_write_reset=yes")
        self.assertFalse(result["at_reset"])
        self.assertNotIn(True, [c["at_reset"] for c in result["changed"]])
        for reset, waits in ("yes", False), ("no", True):
            run = self.run_ok("option", "set", "SWAP_BANK=on", "--yes", "-d",
                              SIM + ",ob_write_reset=" + reset)
            self.assertEqual("power the board off and on" in run.out, waits)

    def test_what_a_smaller_part_lacks_is_told_and_needs_leave(self):
        for kb, change, leave in (
                (128, "BOOT_ADD0=0x0810", "boot"),
                (1024, "BOOT_ADD0=0x0808", "boot"),
                (1024, "BOOT_ADD0=0x0818", "boot"),
                (128, "BOOT_ADD0=0x0804", "boot"),
                (128, "WRP1=0-1", "part"), (128, "WRP2=0", "part"),
                (128, "WRP2=all", "part"), (1024, "WRP2=4", "part"),
                (128, "PROT_AREA_END2=0xff", "part"),
                (1024, "SEC_AREA_END1=0x8ff", "part"),
                (1024, "BOOT_ADD0=0x0810", None),
                (1024, "WRP2=3", None), (128, "WRP1=0", None),
                (128, "WRP1=all", None), (2048, "BOOT_ADD0=0x0818", None),
                (2048, "WRP2=7", None)):
            device = SIM + ",security=off,flash_kb=%d" % kb
            result = self.changed(change, "--plan", "-d", device,
                                  kind="option plan")
            step = result["planned"][0]
            if leave:
                self.assertIn(leave, step["allow"], change)
                self.assertIn("this part", step["consequence"], change)
            else:
                self.assertNotIn("this part", step["consequence"] or "",
                                 change)
                self.assertEqual(step["allow"], [], change)

    def test_what_the_chip_would_reject_is_refused_with_the_reason(self):
        for device, changes, reason in REFUSED:
            run = self.run_bad(1, "option", "set", *changes, "--yes", ALL,
                               "--permanent", "-d", device)
            self.assertIn(reason, run.err, changes)
            self.assertIn("device: untouched\n", run.err)

    def test_what_is_hard_to_take_back_needs_its_own_leave(self):
        for changes, leave, reason in GUARDED:
            device = SIM + ",security=off"
            run = self.run_bad(1, "option", "set", *changes, "--yes", "-d",
                               device)
            self.assertIn(reason, run.err, changes)
            self.assertIn("device: untouched\n", run.err)
            self.assertIn("hint: " + leave.replace("=", " "), run.err)
            others = {"--permanent", "--allow=pcrop", "--allow=secure",
                      "--allow=boot", "--allow=low-voltage", "--allow=part"}
            for other in others - {leave}:
                self.run_bad(1, "option", "set", *changes, "--yes", "-d",
                             device, other)
            if leave != "--allow=part":
                self.run_ok("option", "set", *changes, "--yes", "-d", device,
                            leave)

    def test_what_a_chip_without_a_second_core_ignores_is_not_called_done(self):
        run = self.run_bad(1, "option", "set", "IWDG2_SW=hardware", "--yes",
                           "--allow=part", "-d", SIM)
        self.assertIn("the device took the option bytes 3 times", run.err)

    def test_what_is_taken_in_part_is_named(self):
        run = self.run_bad(3, "option", "set", "IWDG2_SW=hardware", "BOR_LEV=1",
                           "--yes", "--allow=part", "-d", SIM)
        self.assertIn("error: the option bytes are not as asked for, nor as "
                      "before: IWDG2_SW is software instead of hardware\n",
                      run.err)

    def test_what_the_chip_rejects_all_the_same_is_told(self):
        run = self.run_bad(1, "option", "set", "SECURITY=on", "BOR_LEV=1",
                           "--yes", ALL, "-d", SIM)
        self.assertIn("rejected the change", run.err)
        self.assertIn("device: untouched\n", run.err)

    def test_words_that_are_not_understood(self):
        for word, status in (("BOR_LEV", 2), ("=3", 2), ("BOR_LEV=", 2),
                             ("BOR_LEV=4", 1), ("NONE=1", 1), ("RDP=3", 1),
                             ("RDP=0x55", 1), ("WRP1=8", 1), ("WRP1=3-1", 1),
                             ("BOOT_ADD0=0x08000001", 1)):
            run = self.run_bad(status, "option", "set", word, "--yes", "-d",
                               SIM)
            self.assertIn("device: untouched\n", run.err)
        self.run_bad(2, "option", "set", "-d", SIM)
        self.run_bad(2, "option", "set", "BOR_LEV=1", "BOR_LEV=2", "-d", SIM)
        self.run_bad(2, "option", "set", "BOR_LEV=1", "--allow=all", "-d", SIM)


class Load(Case):
    def test_one_chip_is_made_like_another(self):
        one, other = SIM + ",file=a.sim", SIM + ",file=b.sim"
        self.run_ok("option", "set", "BOR_LEV=2", "WRP2=0,7", "NRST_STOP_D1=0",
                    "BOOT_ADD0=0x0810", "--yes", "-d", one)
        self.run_ok("option", "save", "a.options", "-d", one)
        run = self.run_ok("option", "load", "a.options", "--yes", "-d", other)
        self.assertIn("changed 4 fields", run.out)
        self.run_ok("option", "save", "b.options", "-d", other)
        self.assertEqual(self.bytes_of("a.options"), self.bytes_of("b.options"))
        run = self.run_ok("option", "load", "-", "-d", other,
                          stdin=self.bytes_of("a.options"))
        self.assertIn("nothing to change", run.out)

    def test_a_chip_with_swapped_banks_is_copied_as_well(self):
        one, other = SIM + ",file=a.sim", SIM + ",file=b.sim"
        self.run_ok("option", "set", "SWAP_BANK=on", "WRP1=0,7", "WRP2=3",
                    "SEC_AREA_START1=0x10", "SEC_AREA_END1=0x1f",
                    "DMEP2=erase", "--allow=secure", "--yes", "-d", one)
        self.run_ok("option", "save", "a.options", "-d", one)
        for extra in ("", ",ob_write_reset=yes"):
            run = self.run_ok("option", "load", "a.options", "--yes", "-d",
                              other + extra, "--allow=secure")
            self.assertIn("note: the file has the banks in the other order",
                          run.err)
            self.run_ok("option", "save", "b.options", "-d", other)
            self.assertEqual(self.bytes_of("a.options"),
                             self.bytes_of("b.options"))
            other = SIM + ",file=c.sim"
        run = self.run_ok("option", "load", "a.options", "-d", one)
        self.assertIn("nothing to change", run.out)
        self.assertNotIn("other order", run.err)

    def test_what_editors_do_to_a_file_does_not_matter(self):
        self.file("x.options", b"\xef\xbb\xbfchip = stm32h743\r\n"
                               b"BOR_LEV = 2\r\nbor_lev=2 # again\r\n")
        run = self.run_ok("option", "load", "x.options", "--plan", "-d", SIM)
        self.assertIn("BOR_LEV            0 -> 2 ", run.out)

    def load(self, text, status=1, device=SIM):
        self.file("x.options", text.encode())
        return self.run_bad(status, "option", "load", "x.options", "--yes",
                            "-d", device).err

    def test_mistakes_are_told_with_their_place(self):
        head = "# a board\nchip = stm32h743\n\n[brown-out reset]\n"
        for line, place, what in (
                ("BOR_LEV = 9", "5:11", "'9' is no value of BOR_LEV"),
                ("  BOR = 1", "5:3", "has no option 'BOR'"),
                ("BOR_LEV", "5:1", "neither NAME = VALUE"),
                ("BOR_LEV = 1\nWRP1 = 1\n BOR_LEV = 2", "7:2",
                 "another value"),
                ("BOR_LEV = # 1", "5:10", "there is no value"),
                ("x" * 600, "5:1", "this is no text")):
            self.assertIn("error: x.options:%s: " % place,
                          self.load(head + line + "\n"))
            self.assertIn(what, self.load(head + line))
        self.assertIn("x.options:2:8: the option bytes are for 'stm32h743'",
                      self.load(head, device=F405))
        self.assertIn("x.options:1:1: the chip must be named first",
                      self.load("BOR_LEV = 1\n"))
        self.assertIn("x.options:1:1: no chip is named", self.load("#\n"))
        self.assertIn("x.options:1:1: no chip is named", self.load(""))
        self.run_bad(1, "option", "load", "missing", "-d", SIM)

    def test_a_file_needs_the_same_leave_as_words(self):
        err = self.load("chip = stm32h743\nRDP = 2\n")
        self.assertIn("hint: --permanent allows it", err)


class Unprotect(Case):
    def protect(self, chip):
        self.file("a.bin", bytes(range(256)) * 16)
        device = chip + ",file=p.sim"
        self.run_ok("flash", "a.bin", "--address", "0x08000000", "-d", device)
        self.run_ok("option", "set", "RDP=1", "--yes", "-d", device)
        return device

    def test_it_erases_all_and_opens_the_chip(self):
        for chip in (SIM, SIM + ",rom=0x92", F405):
            device = self.protect(chip)
            self.run_bad(1, "read", "0x08000000", "64", "-d", device)
            run = self.run_bad(1, "unprotect", "-d", device)
            self.assertIn("device: untouched\nhint: add --yes", run.err)
            run = self.run_ok("unprotect", "--yes", "-d", device)
            self.assertIn("warning: all that the flash holds is erased",
                          run.err)
            self.assertIn("level 0, flash can be read\nflash is blank: ",
                          run.out)
            self.run_ok("blank", "-d", device)
            result = self.events("unprotect", "-d", device)[-1]
            self.assertTrue(result["was_open"])
            self.assertLess(result["transfers"], 20)
            os.remove(self.path("p.sim"))

    def test_programs_are_told_what_was_looked_at(self):
        device = self.protect(SIM)
        result = self.events("unprotect", "--yes", "-d", device)[-1]
        self.assertEqual((result["was_open"], result["rdp"],
                          result["not_blank"], result["blank_bytes"]),
                         (False, 0, None, 16 * 1024))
        self.assertGreater(result["time_ms"], 5000)

    def test_a_kept_area_is_named(self):
        device = SIM + ",file=q.sim"
        self.file("a.bin", bytes(range(256)) * 16)
        self.run_ok("flash", "a.bin", "--address", "0x08020000", "-d", device)
        self.run_ok("option", "set", "RDP=1", "PROT_AREA_START1=0x200",
                    "PROT_AREA_END1=0x203", "--allow=pcrop", "--yes", "-d",
                    device)
        run = self.run_ok("unprotect", "--yes", "-d", device)
        self.assertIn("warning: flash is not blank at 0x08020000", run.err)

    def test_all_leave_that_is_missing_is_named_at_once(self):
        for changes, hint in (
                (["RDP=0"], "'sector0 unprotect' takes read-out protection "
                 "off; --allow erase does it here"),
                (["RDP=0", "IO_HSLV=on"], "--allow erase,low-voltage allows it"),
                (["RDP=2", "IO_HSLV=on"], "--permanent allows it, with "
                 "--allow low-voltage; ")):
            run = self.run_bad(1, "option", "set", *changes, "--yes", "-d",
                               SIM + ",rdp=1")
            self.assertIn("hint: " + hint, run.err)

    def test_leave_for_an_erase_that_is_no_regression_is_named_alone(self):
        run = self.run_bad(1, "option", "set", "nDBANK=dual", "--yes", "-d",
                           "sim:stm32f767")
        self.assertIn("hint: --allow erase allows it\n", run.err)

    def test_one_that_is_cut_each_time_has_erased_all_the_same(self):
        device = SIM + ",rdp=1,fault=" + "+".join(
            "brown-out@option%d" % k for k in range(1, 6))
        for command in (("unprotect",),
                        ("option", "set", "RDP=0", "--allow=erase")):
            run = self.run_bad(3, *command, "--yes", "-d", device)
            self.assertIn("as before\ndevice: partly written\n", run.err)

    def test_set_can_do_it_where_it_is_allowed_by_name(self):
        device = self.protect(SIM)
        run = self.run_bad(1, "option", "set", "RDP=0", "--yes", "-d", device)
        self.assertIn("hint: 'sector0 unprotect'", run.err)
        self.run_ok("option", "set", "RDP=0", "--yes", "--allow=erase", "-d",
                    device)
        self.run_ok("blank", "-d", device)


if __name__ == "__main__":
    main()
