# SPDX-License-Identifier: MIT
"""What the option bytes protect, before a command changes flash and after."""

import os
import subprocess
import time

import harness
from harness import Case, main, ihex, noise, FLASH, SECTOR, SIM

F405 = "sim:stm32f405"


class Protected(Case):
    def setUp(self):
        super().setUp()
        self.file("app.hex", ihex((FLASH, noise(5000, 1)),
                                  (FLASH + 2 * SECTOR, noise(5000, 2))))

    def protection(self, chip):
        """The fields of write protection, as the text that 'set' takes."""
        return {e["name"]: e["text"] for e in self.events("option", "-d", chip)
                if e["event"] == "option" and
                e["group"] == "write protection"}

    def refused(self, cause, words, *args):
        error = self.last(*args, status=1)
        self.assertEqual(error["code"], "E_PROTECTED", args)
        self.assertEqual(error["aftermath"], "untouched", args)
        self.assertEqual(error["finding"], cause, args)
        for word in words:
            self.assertIn(word, error["message"], args)
        return error


class Write(Protected):
    def test_every_command_refuses_protected_sectors_by_name(self):
        chip = SIM + ",wrp=0x0104"
        two = "sector 2 of bank 1 (0x08040000)"
        last = "sector 0 of bank 2 (0x08100000)"
        for words, args in (
                ((two, "1 sector ", "segment 1 of app.hex lies there"),
                 ("flash", "app.hex")),
                ((two,), ("flash", "app.hex", "--keep")),
                ((two,), ("flash", "app.hex", "--erase", "none")),
                ((two, last), ("flash", "app.hex", "--erase", "all")),
                ((two, last, "2 sectors "), ("erase", "all")),
                ((two,), ("erase", "0x08040000", "1")),
                ((two,), ("write", "0x08050000", "11")),
                ((two, last), ("fill", "0x08000000", "2M", "0xA5"))):
            error = self.refused("D_WRITE_PROTECTED", words, *args, "-d",
                                 chip)
            self.assertIn("--lift-protection", error["hint"])
        self.run_ok("erase", "0x08060000", "1", "-d", chip)
        self.refused("D_WRITE_PROTECTED", ("sector 4 (0x08010000)",), "write",
                     "0x08010000", "11", "-d", F405 + ",wrp=0x10")

    def test_what_is_refused_leaves_no_backup(self):
        for args in (("erase", "0x08040000", "1"), ("erase", "all"),
                     ("write", "0x08050000", "11"), ("flash", "app.hex")):
            self.refused("D_WRITE_PROTECTED", (), *args, "--backup", "b.hex",
                         "-d", SIM + ",wrp=0x0104")
            self.assertFalse(os.path.exists(self.path("b.hex")), args)

    def test_what_is_right_already_may_be_protected(self):
        chip = self.chip()
        self.run_ok("flash", "app.hex", "-d", chip)
        self.run_ok("option", "set", "WRP1=0-7", "--yes", "-d", chip)
        run = self.run_ok("flash", "app.hex", "-d", chip)
        self.assertIn("nothing to write", run.out)

    def test_protection_is_lifted_and_put_back(self):
        for chip in (self.chip("h.sim", "wrp=0x0105"),
                     self.chip("r.sim", "wrp=0x0105", "ob_write_reset=yes")):
            before = self.protection(chip)
            self.assertEqual(before, {"WRPSn1": "0,2", "WRPSn2": "0"})
            run = self.run_ok("flash", "app.hex", "--lift-protection", "-d",
                              chip)
            self.assertIn("opened    2 write-protected sectors, and protected "
                          "them again\n", run.out)
            self.assertEqual(self.protection(chip), before)
            self.run_ok("verify", "app.hex", "-d", chip)
            result = self.last("write", "0x08100000", "22",
                               "--lift-protection", "-d", chip)
            self.assertEqual(result["lifted_sectors"], 1)
            result = self.last("erase", "all", "--lift-protection", "-d",
                               chip)
            self.assertEqual(result["lifted_sectors"], 3)
            self.assertEqual(self.protection(chip), before)
            self.run_ok("blank", "-d", chip)
            plan = self.plan_of("flash", "app.hex", "-d", chip, "--plan",
                                "--lift-protection", kind="plan")
            self.assertEqual([at["address"] for at in plan["lift"]],
                             [0x08000000, 0x08040000])
            run = self.run_ok("flash", "app.hex", "-d", chip, "--plan",
                              "--lift-protection")
            self.assertEqual(run.out.count("write protection off for the run"),
                             2)
            self.assertEqual(self.protection(chip), before)

    def test_a_run_that_fails_puts_it_back(self):
        chip = self.chip("c.sim", "wrp=0x0005")
        run = self.run_bad(3, "flash", "app.hex", "--lift-protection", "-d",
                           chip + ",fault=lie@program3", "--reconnect", "0")
        self.assertNotIn("protection", run.err)
        self.assertIn("'sector0 doctor --stress 0x08040400'", run.err)
        self.assertEqual(self.protection(chip)["WRPSn1"], "0,2")

    def test_a_device_that_is_lost_is_protected_by_the_next_run(self):
        chip = self.chip("c.sim", "wrp=0x0005")
        flash = ("flash", "app.hex", "--keep", "--lift-protection", "-d")
        for again in (("flash", "app.hex", "--keep", "--lift-protection"),
                      ("recover",), ("erase", "0x08100000", "1"),
                      ("option", "set", "WRP1=0,2", "--yes")):
            self.run_ok("erase", "all", "--lift-protection", "-d", chip)
            error = self.last(*flash, chip + ",fault=unplug@program3",
                              "--reconnect", "0", status=3)
            self.assertEqual(error["finding"], "D_PROTECTION_OFF")
            self.assertIn("'sector0 option set WRPSn1=0,2'",
                          error["message"])
            self.assertEqual(self.protection(chip)["WRPSn1"], "none")
            self.refused("D_WRITE_PROTECTED", ("sector 0",), "flash",
                         "app.hex", "-d", chip)
            run = self.run_bad(1, "flash", "app.hex", "-d", chip)
            self.assertIn("warning: an earlier run that was cut", run.err)
            run = self.run_ok("read", "0x080a0000", "16", "-d", chip)
            self.assertIn("warning: an earlier run that was cut has left "
                          "sectors without their write protection", run.err)
            run = self.run_ok(*again, "-d", chip)
            self.assertEqual(self.protection(chip)["WRPSn1"], "0,2", again)
            run = self.run_ok("read", "0x080a0000", "16", "-d", chip)
            self.assertNotIn("write protection", run.err)
            self.run_ok(*flash, chip)
            self.assertEqual(self.protection(chip)["WRPSn1"], "0,2", again)

    def test_recover_tells_of_the_protection_that_it_put_back(self):
        chip = self.chip("c.sim", "wrp=0x0005")
        self.call("flash", "app.hex", "--lift-protection", "-d",
                  chip + ",fault=unplug@program3", "--reconnect", "0")
        run = self.run_ok("recover", "--plan", "-d", chip)
        self.assertIn("waits     the write protection", run.out)
        result = self.last("recover", "-d", chip)
        self.assertTrue(result["protection_was_off"])
        self.assertEqual(self.protection(chip)["WRPSn1"], "0,2")

    def test_a_run_that_is_killed_is_put_right_by_the_next(self):
        for moment in (0.05, 0.1, 0.2, 0.4, 0.7):
            name = "k%s.sim" % moment
            chip = self.chip(name, "wrp=0x0005")
            self.run_ok("info", "-d", chip)
            process = subprocess.Popen(
                [harness.COMMAND, "flash", "app.hex", "--lift-protection",
                 "-d", self.chip(name, "wrp=0x0005", "clock=real*0.2")],
                cwd=self.directory, env=self.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(moment)
            process.kill()
            process.wait()
            self.run_ok("flash", "app.hex", "--lift-protection", "-d", chip)
            self.assertEqual(self.protection(chip)["WRPSn1"], "0,2")
            self.run_ok("verify", "app.hex", "-d", chip)


class Areas(Protected):
    def test_pcrop_is_refused_and_cannot_be_lifted(self):
        chip = SIM + ",pcrop=0x08041000+0x2000"
        words = ("sector 2 of bank 1 (0x08040000)",
                 "8192 bytes from 0x08041000 are a PCROP area",
                 "segment 1 of app.hex lies there")
        self.refused("D_PCROP", words, "flash", "app.hex", "-d", chip)
        self.refused("D_PCROP", words, "flash", "app.hex",
                     "--lift-protection", "-d", chip)
        self.refused("D_PCROP", words[:2], "erase", "all", "-d", chip)
        self.refused("D_PCROP", words[:2], "erase", "0x0805ffff", "1", "-d",
                     chip)

    def test_secure_areas_are_refused(self):
        chip = SIM + ",security=on,secure=0x08041000+0x2000"
        self.refused("D_SECURE_AREA",
                     ("8192 bytes from 0x08041000 are a secure area",),
                     "flash", "app.hex", "-d", chip)

    def test_reading_one_says_that_it_is_not_what_is_there(self):
        for keys, word in (("pcrop=0x08041000+0x2000", "PCROP"),
                           ("security=on,secure=0x08041000+0x2000",
                            "secure")):
            for args in (("read", "0x08042000", "16"),
                         ("read", "all", "all.bin"), ("checksum",)):
                run = self.run_ok(*args, "-d", SIM + "," + keys)
                self.assertIn("warning: 8192 bytes from 0x08041000 are a %s "
                              "area: what is read there is not what is "
                              "there\n" % word, run.err)
            run = self.run_ok("read", "0x08043000", "16", "-d",
                              SIM + "," + keys)
            self.assertNotIn("area", run.err)
            run = self.run_bad(1, "verify", "app.hex", "-d", SIM + "," + keys)
            self.assertIn("warning: 8192 bytes", run.err)

    def test_swapped_banks_are_named_as_the_chip_maps_them(self):
        # wrp= and pcrop= name what they are without a swap.
        chip = SIM + ",swap=1,wrp=0x0004"
        self.refused("D_WRITE_PROTECTED", ("sector 2 of bank 2 (0x08140000)",),
                     "erase", "all", "-d", chip)
        self.run_ok("flash", "app.hex", "-d", chip)
        chip = self.chip("s.sim", "swap=1", "wrp=0x0400")
        self.refused("D_WRITE_PROTECTED", ("sector 2 of bank 1 (0x08040000)",
                                           "segment 1"),
                     "flash", "app.hex", "-d", chip)
        before = self.protection(chip)
        self.run_ok("flash", "app.hex", "--lift-protection", "-d", chip)
        self.assertEqual(self.protection(chip), before)
        self.refused("D_PCROP", ("4096 bytes from 0x08101000",), "erase",
                     "0x08100000", "1", "-d",
                     SIM + ",swap=1,pcrop=0x08001000+0x1000")


class ReadOut(Protected):
    def test_level_1_is_explained(self):
        for args in (("flash", "app.hex"), ("erase", "all"),
                     ("read", "0x08000000", "16"), ("blank",),
                     ("flash", "app.hex", "--lift-protection")):
            error = self.last(*args, "-d", SIM + ",rdp=1", status=1)
            self.assertEqual(error["code"], "E_PROTECTED", args)
            self.assertEqual(error["finding"], "D_READ_PROTECTED", args)
            self.assertIn("'sector0 unprotect'", error["hint"])
            self.assertIn("erases the whole chip", error["hint"])

    def test_level_1_comes_before_what_else_protects(self):
        for more in (",wrp=0x1", ",pcrop=0x08000000+0x1000"):
            error = self.last("flash", "app.hex", "-d", SIM + ",rdp=1" + more,
                              status=1)
            self.assertEqual(error["finding"], "D_READ_PROTECTED", more)


if __name__ == "__main__":
    main()
