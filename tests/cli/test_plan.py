# SPDX-License-Identifier: MIT
"""plan and flash --plan: what would be done, and what is refused."""

import os
import struct

from harness import (Case, main, elf, firmware, ihex, noise, EXAMPLES, FLASH, RAM,
                     SECTOR, SIM)

NOTE = ("note: planning for stm32h743 with 2048 KiB of flash; --chip names "
        "another chip, -d a device\n")


def founding():
    return elf((FLASH, noise(296), None), (0x20000000, b"", 1024),
               (RAM, noise(512), None),
               sections=((".vectors", FLASH, 0), (".bss", 0x20000000, 1),
                         (".shared", RAM, 2)))


class Plan(Case):
    def test_a_plan_in_text(self):
        self.file("app.hex", ihex((FLASH + 2 * SECTOR, noise(100))))
        run = self.run_ok("plan", "app.hex")
        self.assertEqual(run.err, NOTE)
        lines = run.out.splitlines()
        self.assertEqual(lines[0], "segment 0  0x08040000  100 bytes  "
                         "Internal Flash  app.hex: write")
        self.assertEqual(lines[1],
                         "sector  0x08040000  128 KiB  erase, write 100 bytes")
        self.assertTrue(lines[2].startswith(
            "total   erase 1 sector, write 100 bytes, about "), run)
        self.assertEqual(self.run_ok("plan", "app.hex", "-q").err, "")

    def test_a_plan_in_json(self):
        self.file("app.elf", elf((FLASH, noise(300), None),
                                 (0x20000000, b"", 64),
                                 sections=((".text", FLASH, 0),
                                           (".bss", 0x20000000, 1))))
        plan = self.plan_of("plan", "app.elf")
        self.assertEqual(plan["segments"], [
            {"file": "app.elf", "section": ".text", "address": FLASH,
             "length": 300, "memory": "Internal Flash", "action": "write"},
            {"file": "app.elf", "section": ".bss", "address": 0x20000000,
             "length": 0, "memory": "DTCM RAM", "action": "skip-empty"}])
        self.assertEqual(plan["erase"],
                         [{"address": FLASH, "length": SECTOR}])
        self.assertIsNone(plan["lost_bytes"])
        self.assertEqual(plan["write_bytes"], 300)
        self.assertGreater(plan["estimate_ms"], 900)

    def test_erase_all_lists_every_sector(self):
        self.file("app.hex", ihex((FLASH, noise(16))))
        plan = self.plan_of("plan", "app.hex", "--erase", "all")
        self.assertEqual(plan["erase"],
                         [{"address": FLASH + i * SECTOR, "length": SECTOR}
                          for i in range(16)])
        plan = self.plan_of("plan", "app.hex", "--erase", "none")
        self.assertEqual(plan["erase"], [])

    def test_a_chip_can_be_named(self):
        self.file("app.hex", ihex((FLASH, firmware(16))))
        for name in ("stm32h743", "STM32H743", "h743"):
            self.assertEqual(self.run_ok("plan", "app.hex", "--chip",
                                         name).err, "")

    def test_several_files_each_with_its_address(self):
        self.file("a.bin", noise(32))
        self.file("b.bin", noise(32, 2))
        plan = self.plan_of("plan", "a.bin@0x08000000", "b.bin@134348800")
        self.assertEqual([s["address"] for s in plan["segments"]],
                         [FLASH, FLASH + SECTOR])
        plan = self.plan_of("plan", "a.bin", "b.bin@0x08020000", "--address",
                            "0x08040000")
        self.assertEqual([s["address"] for s in plan["segments"]],
                         [FLASH + 2 * SECTOR, FLASH + SECTOR])

    def test_raw_binary_without_an_address_is_said_out_loud(self):
        self.file("a.bin", noise(32))
        run = self.run_ok("plan", "a.bin")
        self.assertIn("note: 'a.bin' is raw binary without an address: taking "
                      "the start of flash, 0x08000000\n", run.err)

    def test_standard_input(self):
        run = self.run_ok("plan", "-", stdin=ihex((FLASH, noise(16))))
        self.assertIn("standard input: write", run.out)
        self.run_bad(2, "plan", "-", "-", stdin=ihex((FLASH, noise(16))))

    def test_a_device_can_be_looked_at(self):
        self.file("app.hex", ihex((FLASH, noise(64))))
        chip = self.chip()
        self.run_ok("flash", "app.hex", "-d", chip)
        before = self.last("checksum", "-d", chip)["sha256"]
        plan = self.plan_of("plan", "app.hex", "-d", chip)
        self.assertEqual(plan["erase"], [])
        self.assertEqual(plan["write_bytes"], 0)
        again = self.plan_of("flash", "--plan", "app.hex", "-d", chip,
                             kind="plan")
        self.assertEqual(plan, again)
        after = self.last("checksum", "-d", chip)["sha256"]
        self.assertEqual(after, before)
        text = self.run_ok("flash", "--plan", "app.hex", "-d", chip).out
        self.assertEqual(self.run_ok("plan", "app.hex", "-d", chip).out, text)

    def test_the_estimate_is_close_to_the_virtual_clock(self):
        self.file("app.bin", noise(3 * SECTOR - 1000))
        events = self.events("flash", "app.bin", "-d", SIM + ",rom=0x92")
        plan = [e for e in events if e["event"] == "plan"][0]
        spent = events[-1]["time_ms"]
        self.assertLess(abs(plan["estimate_ms"] - spent), spent * 0.05)


class Vectors(Case):
    """A vector table that cannot be right is warned of, before anything is
    erased, and nothing more."""

    def warned(self, words, data, at=FLASH, *more):
        self.file("v.hex", ihex((at, data)))
        for command in (["flash", "-d", SIM], ["plan"]):
            run = self.run_ok(*command, "v.hex", *more)
            self.assertEqual("warning: the vector table" in run.err,
                             words is not None, run)
            if words:
                self.assertIn(words, run.err)
            if words and command[0] == "flash":
                self.assertLess(run.err.index("warning:"),
                                run.err.index("erase:"), run)

    def test_a_stack_pointer_outside_ram(self):
        self.warned("the vector table at 0x08000000 has the stack pointer "
                    "0x60000000, which is in no RAM of this chip\n",
                    struct.pack("<II", 0x60000000, FLASH + 9) + bytes(8))

    def test_stack_pointers_that_can_be(self):
        for stack in (0x20020000, 0x24080000, 0x20000004, 0x30048000):
            self.warned(None, struct.pack("<II", stack, FLASH + 9) + bytes(8))
        for stack in (0x20020004, 0x20000000, 0x20001002):
            self.warned("has the stack pointer 0x%08x" % stack,
                        struct.pack("<II", stack, FLASH + 9) + bytes(8))

    def test_a_reset_vector_outside_the_image(self):
        self.warned("has the reset vector 0x08000011, where the file has no "
                    "bytes\n",
                    struct.pack("<II", 0x20020000, FLASH + 17) + bytes(8))
        self.warned(None,
                    struct.pack("<II", 0x20020000, FLASH + 15) + bytes(8))

    def test_a_reset_vector_that_is_not_thumb(self):
        self.warned("has the reset vector 0x08000008, which is even: no "
                    "Thumb code\n",
                    struct.pack("<II", 0x20020000, FLASH + 8) + bytes(8))

    def test_bytes_elsewhere_are_no_vector_table(self):
        self.warned(None, noise(64), FLASH + SECTOR)
        self.warned("0x08020000 has the reset vector",
                    struct.pack("<II", 0x20020000, FLASH + 9) + bytes(8),
                    FLASH + SECTOR)

    def test_bytes_by_hand_are_no_firmware(self):
        run = self.run_ok("write", "0x08000000", "00112233445566778899",
                          "-d", SIM)
        self.assertNotIn("warning", run.err)


class Founding(Case):
    REFUSAL = ("error: segment 2 of f.elf (section .shared, 512 bytes at "
               "0x24000000) is in RAM that this bootloader cannot write\n")
    HINT = ("hint: mark the section NOLOAD in the linker script, or flash the "
            "rest with --skip-non-flash\n")

    def setUp(self):
        super().setUp()
        self.file("f.elf", founding())

    def test_verbose_adds_the_facts(self):
        run = self.run_bad(1, "flash", "f.elf", "-d", SIM, "-v")
        self.assertIn("facts: segment 2 of f.elf, section .shared\n", run.err)
        self.assertNotIn("facts:", self.run_bad(1, "flash", "f.elf", "-d",
                                                SIM).err)
        error = self.last("flash", "f.elf", "-d", SIM, status=1)
        self.assertEqual(error["segment"],
                         "segment 2 of f.elf, section .shared")

    def test_flash_refuses_and_touches_nothing(self):
        run = self.run_bad(1, "flash", "f.elf", "-d", SIM)
        self.assertEqual(run.err,
                         self.REFUSAL + "device: untouched\n" + self.HINT)
        self.assertEqual(run.out, "")

    def test_plan_refuses_in_the_same_words(self):
        run = self.run_bad(1, "plan", "f.elf")
        self.assertEqual(run.err, NOTE + self.REFUSAL + self.HINT)

    def test_json_has_the_facts(self):
        for args in (("flash", "f.elf", "-d", SIM), ("plan", "f.elf")):
            error = self.last(*args, status=1)
            self.assertEqual(error["code"], "E_OUTSIDE")
            self.assertEqual(error["aftermath"], "untouched")
            self.assertEqual(error["address"], RAM)
            self.assertEqual(error["length"], 512)
            self.assertEqual("hint: %s\n" % error["hint"], self.HINT)

    def test_the_rest_can_be_flashed(self):
        run = self.run_ok("flash", "f.elf", "-d", SIM, "--skip-non-flash")
        self.assertIn("warning: segment 2 of f.elf (section .shared, 512 "
                      "bytes at 0x24000000) is left out", run.err)
        self.assertIn("verified  296 bytes\n", run.out)
        events = self.events("flash", "f.elf", "-d", SIM, "--skip-non-flash")
        plan = [e for e in events if e["event"] == "plan"][0]
        self.assertEqual([s["action"] for s in plan["segments"]],
                         ["write", "skip-empty", "skip-non-flash"])
        self.assertEqual(events[-1]["written_bytes"], 296)
        self.assertEqual(events[-1]["verified_bytes"], 296)

    def test_empty_segments_outside_flash_need_no_flag(self):
        self.file("e.elf", elf((FLASH, firmware(296), None), (RAM, b"", 512),
                               (0x20000000, b"", 1024)))
        run = self.run_ok("flash", "e.elf", "-d", SIM)
        self.assertNotIn("warning:", run.err)

    def test_the_shipped_example_is_the_founding_case(self):
        path = os.path.join(os.path.abspath(EXAMPLES), "founding",
                            "founding.elf")
        run = self.run_bad(1, "flash", path, "-d", SIM)
        self.assertIn("0x24000000", run.err)
        self.run_ok("flash", path, "-d", SIM, "--skip-non-flash")


class Refusals(Case):
    def outside(self, address, *words):
        self.file("x.hex", ihex((address, noise(32))))
        run = self.run_bad(1, "plan", "x.hex")
        for word in words:
            self.assertIn(word, run.err)
        error = self.last("plan", "x.hex", status=1)
        self.assertEqual(error["code"], "E_OUTSIDE")
        self.assertEqual(error["aftermath"], "untouched")
        flash = self.run_bad(1, "flash", "x.hex", "-d", SIM)
        self.assertIn("device: untouched", flash.err)

    def test_addresses_outside_flash_get_their_own_words(self):
        self.outside(0, "0x00000000")
        self.outside(0x08200000, "0x08200000", "2048 KiB")
        self.outside(0x20000000, "RAM")
        self.outside(0x24010000, "RAM")
        self.outside(0x5200201c, "option bytes")
        self.outside(0x60000000, "0x60000000")
        self.outside(0x1ff00000, "0x1ff00000")

    def test_nothing_to_program_is_refused(self):
        self.file("empty.bin", b"")
        self.file("bss.elf", elf((0x20000000, b"", 64)))
        for name in ("empty.bin", "bss.elf"):
            self.assertEqual(self.last("plan", name, status=1)["code"],
                             "E_EMPTY")
            run = self.run_bad(1, "flash", name, "-d", SIM)
            self.assertIn("device: untouched", run.err)

    def test_two_files_that_disagree_are_refused(self):
        self.file("a.hex", ihex((FLASH, noise(32))))
        self.file("b.hex", ihex((FLASH + 16, noise(32, 2))))
        run = self.run_bad(1, "plan", "a.hex", "b.hex")
        self.assertIn("a.hex", run.err)
        self.assertIn("b.hex", run.err)
        self.assertEqual(self.last("plan", "a.hex", "b.hex", status=1)["code"],
                         "E_OVERLAP")
        self.run_ok("plan", "a.hex", "a.hex")

    def test_elf_files_of_other_machines(self):
        for more in ({"machine": 62}, {"order": 2}):
            self.file("x.elf", elf((FLASH, noise(16), None), **more))
            self.run_bad(1, "plan", "x.elf")

    def test_a_broken_file_is_found_before_the_device(self):
        self.file("x.hex", b":00000001FE\n")
        run = self.run_bad(1, "flash", "x.hex", "-d", "usb:9-9")
        self.assertIn("error: x.hex:1:", run.err)


if __name__ == "__main__":
    main()
