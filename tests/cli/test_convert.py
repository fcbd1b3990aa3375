# SPDX-License-Identifier: MIT
"""convert: every format in and out, files that appear whole or not at all."""

import os
import stat

from harness import Case, main, elf, ihex, noise, FLASH, RAM

FORMATS = {"x.hex": "Intel HEX", "x.s19": "S-record", "x.dfu": "DfuSe",
           "x.uf2": "UF2", "x.bin": "raw binary"}


class Formats(Case):
    def test_every_format_goes_round(self):
        data = noise(5000)
        self.file("in.bin", data)
        for name in FORMATS:
            run = self.run_ok("convert", "in.bin@0x08000100", name)
            self.assertTrue(run.out.startswith("wrote 5000 bytes as "), run)
            extra = [] if name != "x.bin" else ["--address", "0x08000100"]
            self.run_ok("convert", name, "back.bin", *extra)
            back = self.bytes_of("back.bin")
            # a UF2 block is always 256 bytes
            self.assertEqual(back[:5000], data, name)
            self.assertEqual(set(back[5000:]) - {0xff}, set(), name)

    def test_elf_is_read(self):
        self.file("in.elf", elf((FLASH, noise(100), None), (RAM, b"", 64)))
        self.run_ok("convert", "in.elf", "out.bin")
        self.assertEqual(self.bytes_of("out.bin"), noise(100))

    def test_elf_is_not_written(self):
        self.file("in.hex", ihex((FLASH, noise(16))))
        run = self.run_bad(2, "convert", "in.hex", "out.elf")
        self.assertIn("can only be read", run.err)
        run = self.run_bad(2, "convert", "in.hex", "out", "--format", "elf")
        self.assertFalse(os.path.exists(self.path("out.elf")))

    def test_the_format_option_is_that_of_the_output(self):
        self.file("in.hex", ihex((FLASH, noise(16))))
        self.run_ok("convert", "in.hex", "out.bin", "--format", "s19")
        self.assertTrue(self.bytes_of("out.bin").startswith(b"S0"))

    def test_content_decides_what_the_input_is(self):
        self.file("wrong.bin", ihex((FLASH, noise(16))))
        run = self.run_ok("convert", "wrong.bin", "out.s19")
        self.assertIn("warning: ", run.err)
        events = self.events("convert", "wrong.bin", "out.s19")
        self.assertEqual([e["event"] for e in events], ["warning", "result"])

    def test_standard_input_and_output(self):
        text = ihex((FLASH, noise(40)))
        run = self.run_ok("convert", "-", "-", stdin=text)
        self.assertEqual(run.raw, noise(40))
        run = self.run_ok("convert", "-", "-", "--format", "hex", stdin=text)
        self.assertEqual(run.raw.replace(b"\r", b""), text)

    def test_standard_output_and_json_exclude_each_other(self):
        self.file("in.hex", ihex((FLASH, noise(16))))
        self.last("convert", "in.hex", "-", status=2)

    def test_json_names_the_segments(self):
        self.file("in.hex", ihex((FLASH, noise(16)), (FLASH + 64, noise(8))))
        event = self.last("convert", "in.hex", "out.bin")
        self.assertEqual(event["bytes"], 24)
        self.assertEqual([(s["address"], s["length"])
                          for s in event["segments"]],
                         [(FLASH, 16), (FLASH + 64, 8)])
        self.assertEqual(len(self.bytes_of("out.bin")), 72)

    def test_uf2_takes_any_family_unless_a_chip_is_named(self):
        self.file("in.bin", noise(256))
        self.run_ok("convert", "in.bin@0x08000000", "h7.uf2", "--chip",
                    "stm32h743")
        block = bytearray(self.bytes_of("h7.uf2"))
        block[28:32] = (0x57755a57).to_bytes(4, "little")  # STM32F4
        self.file("f4.uf2", bytes(block))
        self.run_ok("convert", "f4.uf2", "out.bin")
        self.run_bad(1, "convert", "f4.uf2", "out.bin", "--chip", "stm32h743")
        # A device that is known to be of one family takes no other's file.
        run = self.run_bad(1, "flash", "f4.uf2", "-d", "sim:stm32h743")
        self.assertIn("device: untouched", run.err)
        self.run_ok("flash", "h7.uf2", "-d", "sim:stm32h743")

    def test_uf2_is_of_the_chips_family(self):
        self.file("in.bin", bytes(512))
        for chip, family in (("stm32f405", 0x57755a57),
                             ("stm32h743", 0x6db66082)):
            self.run_ok("convert", "in.bin@0x08000000", "out.uf2", "--chip",
                        chip)
            block = self.bytes_of("out.uf2")
            self.assertEqual(int.from_bytes(block[28:32], "little"), family)
        # The families of single parts are the chip's too.
        block = bytearray(self.bytes_of("out.uf2"))
        for at in range(0, len(block), 512):
            block[at + 28:at + 32] = (0x6d0922fa).to_bytes(4, "little")
        self.file("f407.uf2", bytes(block))
        self.run_ok("convert", "f407.uf2", "back.bin", "--chip", "f407")
        self.run_bad(1, "convert", "f407.uf2", "out.bin", "--chip", "h743")


class Refusals(Case):
    def test_raw_binary_must_say_where_it_belongs(self):
        self.file("in.bin", noise(16))
        run = self.run_bad(2, "convert", "in.bin", "out.hex")
        self.assertIn("hint: add --address 0x08000000", run.err)
        self.last("convert", "in.bin", "out.hex", status=2)

    def test_an_address_for_another_format_is_refused(self):
        self.file("in.hex", ihex((FLASH, noise(16))))
        for args in (("in.hex@0x08000000", "out.bin"),
                     ("in.hex", "out.bin", "--address", "0x08000000")):
            run = self.run_bad(2, "convert", *args)
            self.assertIn("Intel HEX", run.err)

    def test_a_file_whose_name_has_an_at_is_found(self):
        self.file("in.bin@8", ihex((FLASH, noise(16))))
        self.run_ok("convert", "in.bin@8", "out.bin")
        self.file("odd@name.hex", ihex((FLASH, noise(16))))
        self.run_ok("convert", "odd@name.hex", "out.bin")

    def test_files_that_cannot_be_read(self):
        os.mkdir(self.path("folder"))
        self.file("empty.hex", b"")
        for name, reason in (("missing.hex", "No such file"),
                             ("folder", "Is a directory"),
                             ("folder/x/y.hex", "No such file")):
            run = self.run_bad(1, "convert", name, "out.bin")
            self.assertIn("cannot read '%s': %s" % (name, reason), run.err)
            self.assertEqual(self.last("convert", name, "out.bin",
                                       status=1)["code"], "E_FILE")
        self.run_bad(1, "convert", "empty.hex", "out.bin")
        self.assertFalse(os.path.exists(self.path("out.bin")))

    def test_broken_files_say_where(self):
        self.file("in.hex", b":10000000ZZ\n")
        run = self.run_bad(1, "convert", "in.hex", "out.bin")
        self.assertIn("error: in.hex:1:", run.err)
        self.assertEqual(self.last("convert", "in.hex", "out.bin",
                                   status=1)["code"], "E_FORMAT")
        self.run_bad(1, "convert", "-", "out.bin", "--address", "0", stdin=b"")
        self.assertFalse(os.path.exists(self.path("out.bin")))

    def test_dfu_checksums_can_be_ignored(self):
        self.file("in.bin", noise(64))
        self.run_ok("convert", "in.bin@0x08000000", "in.dfu")
        content = bytearray(self.bytes_of("in.dfu"))
        content[-1] ^= 1
        self.file("in.dfu", bytes(content))
        self.run_bad(1, "convert", "in.dfu", "out.bin")
        run = self.run_ok("convert", "in.dfu", "out.bin",
                          "--ignore-checksums")
        self.assertIn("warning: ", run.err)


class Output(Case):
    def setUp(self):
        super().setUp()
        self.file("in.hex", ihex((FLASH, noise(3000))))

    def test_a_failure_leaves_the_old_file_and_nothing_else(self):
        self.file("out.bin", b"precious")
        self.file("bad.hex", b":10\n")
        before = sorted(os.listdir(self.directory))
        self.run_bad(1, "convert", "bad.hex", "out.bin")
        self.assertEqual(self.bytes_of("out.bin"), b"precious")
        self.assertEqual(sorted(os.listdir(self.directory)), before)

    def test_places_that_cannot_be_written(self):
        os.mkdir(self.path("folder"))
        for name in ("folder", "missing/out.bin", "in.hex/out.bin"):
            run = self.run_bad(1, "convert", "in.hex", name)
            self.assertIn("cannot write '%s'" % name, run.err)

    def test_a_full_disk_is_an_error(self):
        run = self.run_bad(1, "convert", "in.hex", "/dev/full")
        self.assertIn("cannot write '/dev/full': No space left", run.err)
        with open("/dev/full", "wb") as full:
            self.run_bad(1, "convert", "in.hex", "-", stdout=full)

    def test_a_file_can_be_converted_onto_itself(self):
        self.run_ok("convert", "in.hex", "in.hex", "--format", "bin")
        self.assertEqual(self.bytes_of("in.hex"), noise(3000))

    def test_rights_and_links_stay(self):
        self.file("real.bin", b"")
        os.chmod(self.path("real.bin"), 0o640)
        os.symlink("real.bin", self.path("link.bin"))
        self.run_ok("convert", "in.hex", "link.bin")
        self.assertTrue(os.path.islink(self.path("link.bin")))
        self.assertEqual(self.bytes_of("real.bin"), noise(3000))
        mode = os.stat(self.path("real.bin")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o640)

    def test_new_files_get_the_usual_rights(self):
        self.run_ok("convert", "in.hex", "out.bin",
                    preexec_fn=lambda: os.umask(0o027) and None)
        mode = os.stat(self.path("out.bin")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o640)

    def test_devices_are_written_in_place(self):
        self.run_ok("convert", "in.hex", "/dev/null")
        self.assertTrue(os.path.exists("/dev/null"))
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_a_name_without_an_extension_is_raw_binary(self):
        self.run_ok("convert", "in.hex", "out")
        self.assertEqual(self.bytes_of("out"), noise(3000))


if __name__ == "__main__":
    main()
