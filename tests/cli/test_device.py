# SPDX-License-Identifier: MIT
"""list, info, and choosing a device. What needs a bus is tested through
libusb on mocked devices (tests/usb); here is the rest."""

import os

from harness import Case, main, ihex, noise, FLASH, SECTOR, SIM

HAS_USB = os.path.isdir("/sys/bus/usb/devices") and \
    os.path.isdir("/dev/bus/usb")


class Identification(Case):
    """An STM32L452 and an L476 of 512 KiB say the same of themselves."""
    BOTH = "sim:stm32l452"
    MODE = "sim:stm32f767,nDBANK=0"

    def setUp(self):
        super().setUp()
        self.file("a.hex", ihex((FLASH, noise(64))))

    def test_how_sure_it_is_and_by_what(self):
        run = self.run_ok("info", "-d", SIM)
        self.assertIn("\nidentified         stm32h743 by memory layout, "
                      "bootloader version and flash size: certain\n", run.out)
        device = self.events("info", "-d", SIM)[0]
        self.assertEqual(device["sureness"], "certain")
        self.assertEqual(device["candidates"], [])
        self.assertEqual(device["remarks"], [])

    def test_of_several_chips_nothing_is_changed(self):
        run = self.run_ok("info", "-d", self.BOTH)
        self.assertIn("\ndevice ID          not known\n"
                      "identified         stm32l452 or stm32l476 by ", run.out)
        device = self.events("info", "-d", self.BOTH)[0]
        self.assertEqual(device["sureness"], "several")
        self.assertIsNone(device["chip"])
        self.assertEqual(device["candidates"], ["stm32l452", "stm32l476"])
        for command in (("flash", "a.hex"), ("erase", "all"),
                        ("write", "0x08000000", "00"),
                        ("option", "set", "BOR_LEV=1", "--yes")):
            run = self.run_bad(1, *command, "-d", self.BOTH)
            self.assertIn("stm32l452", run.err)
            self.assertIn("hint: read what is printed on the chip and name "
                          "it: --chip NAME\n", run.err)
        self.run_ok("read", "0x08000000", "16", "-d", self.BOTH)

    def test_chip_chooses(self):
        run = self.run_ok("info", "-d", self.BOTH, "--chip", "L452")
        self.assertIn("\nidentified         stm32l452, by --chip\n", run.out)
        self.run_ok("flash", "a.hex", "-d", self.BOTH, "--chip=stm32l452")

    def test_chip_that_it_cannot_be_is_refused(self):
        run = self.run_bad(1, "info", "-d", self.BOTH, "--chip", "h743")
        self.assertIn("cannot be stm32h743: its memory is that of "
                      "stm32l452, stm32l476 or stm32l496", run.err)

    def test_option_bytes_say_how_flash_is_cut(self):
        run = self.run_ok("info", "-d", self.MODE)
        self.assertEqual(run.err, "")
        self.assertIn("\nwarning            the bootloader names 4 x 32, 1 x "
                      "128, 7 x 256 KiB; nDBANK = 0 and 2048 KiB of flash "
                      "mean 2 x (4 x 16, 1 x 64, 7 x 128 KiB)", run.out)
        run = self.run_ok("flash", "a.hex", "-d", self.MODE)
        self.assertIn("warning: the bootloader names 4 x 32", run.err)
        self.assertIn("          0x08000000  16 KiB\n", run.out)
        remark, = self.events("info", "-d", self.MODE)[0]["remarks"]
        self.assertEqual(remark["kind"], "warning")

    def test_what_is_read_protected_is_not_told_by_its_spelling(self):
        for name in ("stm32f412", "stm32f405", "stm32l452", "stm32f469"):
            device = self.events("info", "-d", "sim:%s,rdp=1" % name)[0]
            self.assertEqual(device["sureness"], "several", name)
            self.assertIn(name, device["candidates"])
            # all of them are opened in the same way
            run = self.run_ok("unprotect", "--yes", "-d",
                              "sim:%s,rdp=1,file=%s.sim" % (name, name))
            self.assertIn("hides which chip it is", run.err)
            self.run_ok("blank", "--chip", name, "-d",
                        "sim:%s,file=%s.sim" % (name, name))
        self.run_ok("unprotect", "--yes", "--chip", "f412", "-d",
                    "sim:stm32f412,rdp=1")

    def test_the_size_register_cuts_what_an_h750_names(self):
        run = self.run_ok("info", "-d", SIM + ",flash_kb=128,layout=@Internal "
                          "Flash   /0x08000000/16*128Kg")
        self.assertIn("\nnote               the bootloader names 16 x 128 KiB, "
                      "the size register says 128 KiB; the flash is 1 x 128 "
                      "KiB\n", run.out)
        self.assertIn("\n  0x08000000  128 KiB       rew  Internal Flash, 1 "
                      "sector of 128 KiB\n", run.out)

    def test_of_what_nothing_explains_nothing_is_changed(self):
        device = (SIM + ",flash_kb=1024,layout=@Internal Flash   /0x08000000/"
                  "8*128Kg")
        words = ("the bootloader names 8 x 128 KiB; the chip's data say 4 x "
                 "128, 4 x 128 at 0x08100000 KiB for 1024 KiB of flash")
        run = self.run_ok("info", "-d", device)
        self.assertIn("\nconflict           " + words, run.out)
        for command in (("flash", "a.hex"), ("erase", "all"),
                        ("write", "0x08000000", "00")):
            for more in ((), ("--chip", "stm32h743")):
                run = self.run_bad(1, *command, "-d", device, *more)
                self.assertIn(words + "; so its flash is not changed", run.err)
                self.assertIn("device: untouched", run.err)
        self.run_ok("read", "0x08000000", "16", "-d", device)


class Info(Case):
    def test_everything_in_text(self):
        run = self.run_ok("info", "-d", SIM)
        for line in ("device             sim:stm32h743 (virtual)",
                     "USB speed          Full Speed (12MBit/s)",
                     "manufacturer       STMicroelectronics",
                     "transfer size      1024 bytes",
                     "bootloader         0x91, V9.1",
                     "flash size         2048 KiB",
                     "read protection    off (RDP level 0)",
                     "write protection   bank 1: none",
                     "bank swap          off: bank 1 comes first",
                     "  0x08000000  2048 KiB      rew  Internal Flash, "
                     "16 sectors of 128 KiB"):
            self.assertIn(line + "\n", run.out)
        self.assertIn("serial             200364500000 (many boards have "
                      "this one", run.out)
        self.assertIn("known limits       cannot see the end of an erase in "
                      "bank 2", run.out)
        self.assertIn("5200201c  f0 aa c6 1b", run.out)
        self.assertRegex(run.out, r"(?m)^unique ID          [0-9a-f]{24}$")

    def test_everything_in_json(self):
        events = self.events("info", "-d", SIM + ",rom=0x92")
        self.assertEqual([e["event"] for e in events if e["event"] !=
                          "option"], ["device", "result"])
        self.assertEqual(len(events), 2 + 34)
        device = events[0]
        self.assertEqual(device["path"][:13], SIM)
        self.assertEqual(device["chip"], "stm32h743")
        self.assertEqual(device["rom"], 0x92)
        self.assertEqual(device["rdp"], 0)
        self.assertEqual(device["flash_kib"], 2048)
        self.assertEqual(device["transfer_size"], 1024)
        self.assertEqual(len(device["uid"]), 24)
        flash = [m for m in device["memories"] if m["kind"] == "flash"]
        self.assertEqual(flash, [{"name": "Internal Flash", "address": FLASH,
                                  "length": 16 * SECTOR,
                                  "sector_size": SECTOR, "kind": "flash",
                                  "access": "rew"}])

    def test_protections_are_shown(self):
        run = self.run_ok("info", "-d", SIM + ",wrp=0x8001")
        self.assertIn("write protection   bank 1: sector 0\n"
                      "                   bank 2: sector 7\n", run.out)
        run = self.run_ok("info", "-d", SIM + ",rdp=1")
        device = self.events("info", "-d", SIM + ",rdp=1")[0]
        self.assertIn(device["rdp"], (1, None))

    def test_info_changes_nothing(self):
        chip = self.chip()
        self.file("a.hex", ihex((FLASH, noise(64))))
        self.run_ok("flash", "a.hex", "-d", chip)
        self.run_ok("info", "-d", chip)
        self.run_ok("verify", "a.hex", "-d", chip)

    def test_each_file_is_a_chip_of_its_own(self):
        uids = {self.events("info", "-d", self.chip(name))[0]["uid"]
                for name in ("a.sim", "b.sim", "a.sim")}
        self.assertEqual(len(uids), 2)


class List(Case):
    def test_a_virtual_device_can_be_listed(self):
        run = self.run_ok("list", "-d", SIM)
        self.assertTrue(run.out.startswith(
            "sim:stm32h743  0483:df11  serial 200364500000 (shared by many "
            "boards)"), run)
        self.assertIn("    0x08000000  2048 KiB    Internal Flash\n", run.out)
        events = self.events("list", "-d", SIM)
        self.assertEqual([e["event"] for e in events],
                         ["device", "warning", "result"])
        self.assertEqual(events[-1]["count"], 1)

    def test_a_host_without_usb_says_so(self):
        if HAS_USB:
            self.skipTest("this host has USB")
        run = self.run_bad(4, "list")
        self.assertNotIn("device:", run.err)
        self.assertEqual(self.last("list", status=4)["code"], "E_NO_USB")


class Selectors(Case):
    def test_no_device(self):
        self.file("a.hex", ihex((FLASH, noise(64))))
        for selector in ((), ("-d", "usb:9-9.9"), ("-d", "usb:dead:beef"),
                         ("-d", "serial:none-such")):
            run = self.run_bad(4, "flash", "a.hex", *selector)
            self.assertIn("device: untouched\n", run.err)
            error = self.last("flash", "a.hex", *selector, status=4)
            self.assertIn(error["code"], ("E_NO_DEVICE", "E_NO_USB"))
            self.run_bad(4, "info", *selector)
            self.run_bad(4, "start", *selector)

    def test_a_chip_file_that_is_none(self):
        self.file("bad.sim", b"this is no chip")
        run = self.run_bad(1, "info", "-d", self.chip("bad.sim"))
        self.assertIn("bad.sim", run.err)
        run = self.run_bad(1, "info", "-d", self.chip("bad.sim/x"))
        self.assertEqual(self.bytes_of("bad.sim"), b"this is no chip")


if __name__ == "__main__":
    main()
