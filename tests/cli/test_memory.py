# SPDX-License-Identifier: MIT
"""read, write, fill, blank, checksum, erase, verify, start."""

import hashlib
import os
import zlib

from harness import Case, main, elf, ihex, noise, FLASH, SECTOR, SIM

ALL = 16 * SECTOR


class Memory(Case):
    def setUp(self):
        super().setUp()
        self.device = self.chip()

    def on(self, *args, **more):
        return self.run_ok(*args, "-d", self.device, **more)

    def put(self, address, data):
        self.file("put.hex", ihex((address, data)))
        self.on("flash", "put.hex")


class Read(Memory):
    def test_a_dump_of_sixteen_bytes_a_line(self):
        self.put(FLASH, b"Hello, sector 0!\x00\x01\x7f")
        run = self.on("read", "0x08000000", "20")
        self.assertEqual(
            run.out,
            "08000000  48 65 6c 6c 6f 2c 20 73  65 63 74 6f 72 20 30 21  "
            "|Hello, sector 0!|\n"
            "08000010  00 01 7f ff " + " " * 37 + " |....|\n")

    def test_a_dump_in_json_is_hexadecimal(self):
        self.put(FLASH, b"\x01\x02\xab")
        event = self.last("read", "0x08000000", "4", "-d", self.device)
        self.assertEqual(event["bytes"], "0102abff")

    def test_every_format_by_the_name_of_the_file(self):
        data = noise(3000)
        self.put(FLASH, data)
        for name in ("x.bin", "x.hex", "x.s19", "x.dfu", "x.uf2", "x"):
            run = self.on("read", "0x08000000", "3000", name)
            self.assertIn("read 3000 bytes to '%s' in " % name, run.out)
            self.on("verify", name)
        self.on("read", "0x08000000", "3000", "y", "--format", "hex")
        self.assertTrue(self.bytes_of("y").startswith(b":"))

    def test_everything(self):
        self.put(FLASH + 5 * SECTOR, noise(100))
        self.on("read", "all", "all.bin")
        content = self.bytes_of("all.bin")
        self.assertEqual(len(content), ALL)
        self.assertEqual(content[5 * SECTOR:5 * SECTOR + 100], noise(100))
        event = self.last("read", "all", "all.bin", "-d", self.device)
        self.assertEqual(event["bytes"], ALL)

    def test_standard_output(self):
        self.put(FLASH, noise(100))
        run = self.on("read", "0x08000000", "100", "-", "-q")
        self.assertEqual(run.raw, noise(100))
        self.assertEqual(run.err, "")
        run = self.on("read", "0x08000000", "0x64", "-", "--format", "s19")
        self.assertTrue(run.raw.startswith(b"S0"))
        self.last("read", "all", "-", "-d", self.device, status=2)

    def test_lengths_have_suffixes(self):
        for word in ("1K", "1k", "1024", "0x400"):
            self.on("read", "0x08000000", word, "x.bin")
            self.assertEqual(len(self.bytes_of("x.bin")), 1024)

    def test_what_cannot_be_read(self):
        for args in (("0x60000000", "16"), ("0x081ffff0", "32"),
                     ("0x08000000", "3M"), ("0x24000000", "16"),
                     ("0", "0xffffffff")):
            run = self.run_bad(1, "read", *args, "x.bin", "-d", self.device)
            self.assertEqual(self.last("read", *args, "-d", self.device,
                                       status=1)["code"], "E_OUTSIDE")
            self.assertNotIn("device:", run.err)
        self.assertFalse(os.path.exists(self.path("x.bin")))

    def test_output_that_cannot_be_written(self):
        self.run_bad(1, "read", "0x08000000", "64", "no/x.bin", "-d",
                     self.device)
        self.run_bad(2, "read", "all", "x.elf", "-d", self.device)
        self.run_bad(2, "read", "0", "16", "--format", "hex", "-d",
                     self.device)

    def test_system_memory_and_ram_can_be_read(self):
        self.on("read", "0x1ff1e800", "12")
        self.on("read", "0x24010000", "64")


class Write(Memory):
    def test_bytes_are_written_and_their_neighbours_kept(self):
        self.put(FLASH, noise(2000))
        run = self.on("write", "0x08000010", "DEADbeef", "0x12", "text:hi", "00")
        self.assertIn("written   8 bytes\n", run.out)
        self.on("read", "0x08000000", "2000", "x.bin")
        wanted = bytearray(noise(2000))
        wanted[16:24] = b"\xde\xad\xbe\xef\x12hi\x00"
        self.assertEqual(self.bytes_of("x.bin"), bytes(wanted))
        result = self.last("write", "0x08000010", "55", "-d", self.device)
        self.assertEqual(result["written_bytes"], 1)

    def test_fill(self):
        self.put(FLASH, noise(2000))
        self.on("fill", "0x08000100", "256", "0xA5")
        self.on("read", "0x08000000", "2000", "x.bin")
        wanted = bytearray(noise(2000))
        wanted[256:512] = b"\xa5" * 256
        self.assertEqual(self.bytes_of("x.bin"), bytes(wanted))
        self.on("fill", "0x08000100", "1K", "0")

    def test_words_are_filled_lowest_byte_first(self):
        for value, word in (("0x1234", b"\x34\x12"),
                            ("DEADbeef", b"\xef\xbe\xad\xde"),
                            ("0x0102030405060708", bytes(range(8, 0, -1)))):
            self.on("fill", "0x08000101", "19", value)
            self.on("read", "0x08000101", "19", "x.bin")
            self.assertEqual(self.bytes_of("x.bin"), (word * 10)[:19])
        for bad in ("123", "0x", "", "123456", "xy", "0x112233445566778899"):
            run = self.run_bad(2, "fill", "0x08000101", "19", bad, "-d",
                               self.device)
            self.assertIn("is not a byte or a word", run.err)

    def test_ram_that_the_bootloader_gives_can_be_written(self):
        run = self.on("write", "0x24010000", "01020304")
        self.assertIn("erased    0 sectors\n", run.out)
        run = self.run_bad(1, "write", "0x24000000", "01", "-d", self.device)
        self.assertIn("device: untouched", run.err)

    def test_outside_is_refused(self):
        run = self.run_bad(1, "fill", "0x081fff00", "512", "00", "-d",
                           self.device)
        self.assertIn("device: untouched", run.err)


class Blank(Memory):
    def test_an_erased_chip_is_blank(self):
        self.assertEqual(self.on("blank").out, "blank\n")
        self.assertTrue(self.last("blank", "-d", self.device)["blank"])

    def test_the_first_byte_is_named(self):
        self.put(FLASH + SECTOR + 5, b"\x00\x01")
        run = self.run_bad(1, "blank", "-d", self.device)
        self.assertIn("0x08020005", run.err)
        error = self.last("blank", "-d", self.device, status=1)
        self.assertEqual(error["code"], "E_NOT_BLANK")
        self.assertEqual(error["address"], FLASH + SECTOR + 5)
        self.on("blank", "0x08000000", "128K")
        self.run_bad(1, "blank", "0x08020000", "6", "-d", self.device)
        self.on("blank", "0x08020000", "5")


class Checksum(Memory):
    def test_sums_of_a_range(self):
        data = noise(5000)
        self.put(FLASH, data)
        event = self.last("checksum", "0x08000000", "5000", "-d", self.device)
        self.assertEqual(event["crc32"], zlib.crc32(data))
        self.assertEqual(event["sha256"], hashlib.sha256(data).hexdigest())
        self.assertEqual((event["address"], event["length"]), (FLASH, 5000))
        run = self.on("checksum", "0x08000000", "5000")
        self.assertEqual(run.out, "5000 bytes from 0x08000000\n"
                         "CRC-32   %08x\nSHA-256  %s\nsum      %08x\n" %
                         (event["crc32"], event["sha256"], sum(data)))
        self.assertEqual(event["sum"], sum(data))

    def test_the_whole_flash(self):
        event = self.last("checksum", "-d", self.device)
        self.assertEqual(event["length"], ALL)
        self.assertEqual(event["crc32"], zlib.crc32(b"\xff" * ALL))
        self.assertEqual(event["sum"], 0xff * ALL)


class Erase(Memory):
    def test_everything(self):
        self.put(FLASH + 9 * SECTOR, noise(64))
        run = self.on("erase", "all")
        self.assertIn("erased    16 sectors\n          0x08000000  2048 KiB\n",
                      run.out)
        self.on("blank")
        event = self.last("erase", "all", "-d", self.device)
        self.assertEqual(len(event["erased"]), 16)

    def test_the_sectors_that_hold_a_range(self):
        self.put(FLASH, noise(64))
        self.put(FLASH + 3 * SECTOR, noise(64))
        event = self.last("erase", hex(FLASH + SECTOR - 1), "2", "-d",
                          self.device)
        self.assertEqual([e["address"] for e in event["erased"]],
                         [FLASH, FLASH + SECTOR])
        self.run_bad(1, "blank", "-d", self.device)

    def test_outside_flash_is_refused(self):
        for args in (("0x24000000", "16"), ("0x08200000", "1"),
                     ("0x081ffff0", "32"), ("0", "1")):
            run = self.run_bad(1, "erase", *args, "-d", self.device)
            self.assertIn("device: untouched", run.err)


class Verify(Memory):
    def setUp(self):
        super().setUp()
        self.data = bytes(range(1, 251)) * 8
        self.put(FLASH, self.data)

    def test_identical(self):
        self.file("same.bin", self.data)
        run = self.on("verify", "same.bin")
        self.assertIn("identical: 2000 bytes compared\n", run.out)
        self.assertEqual(self.last("verify", "same.bin", "-d",
                                   self.device)["verified_bytes"], 2000)

    def test_every_difference_is_shown(self):
        data = bytearray(self.data)
        data[5] = 0xf0
        data[100:103] = b"\xf1\xf2\xf3"
        self.file("other.bin", bytes(data))
        run = self.run_bad(1, "verify", "other.bin", "-d", self.device)
        self.assertEqual(run.out,
                         "0x08000005  1 byte: expected 0xf0, found 0x06\n"
                         "0x08000064  3 bytes: expected 0xf1, found 0x65\n")
        self.assertNotIn("device:", run.err)
        error = self.last("verify", "other.bin", "-d", self.device, status=1)
        self.assertEqual(error["code"], "E_DIFFERENT")
        self.assertEqual(error["differences"], [
            {"address": FLASH + 5, "length": 1, "expected": 0xf0, "found": 6},
            {"address": FLASH + 100, "length": 3, "expected": 0xf1,
             "found": 0x65}])

    def test_every_differing_range_is_named(self):
        data = bytearray(self.data)
        for i in range(0, 50, 2):
            data[i] = 0xfe
        self.file("other.bin", bytes(data))
        run = self.run_bad(1, "verify", "other.bin", "-d", self.device)
        lines = run.out.splitlines()
        self.assertEqual(len(lines), 25)
        error = self.last("verify", "other.bin", "-d", self.device, status=1)
        self.assertEqual(len(error["differences"]), 25)

    def test_nothing_is_changed(self):
        before = self.last("checksum", "-d", self.device)["sha256"]
        self.file("other.bin", noise(100))
        self.run_bad(1, "verify", "other.bin", "-d", self.device)
        self.assertEqual(self.last("checksum", "-d", self.device)["sha256"],
                         before)

    def test_what_is_not_flash_can_be_left_out(self):
        self.file("x.elf", elf((FLASH, self.data, None),
                               (0x24000000, noise(16), None)))
        self.run_bad(1, "verify", "x.elf", "-d", self.device)
        self.on("verify", "x.elf", "--skip-non-flash")

    def test_several_files_and_an_address(self):
        self.file("a.bin", self.data[:100])
        self.file("b.bin", self.data[500:600])
        self.on("verify", "a.bin", "b.bin@0x080001f4", "--address",
                "0x08000000")


class Start(Memory):
    def test_start(self):
        self.put(FLASH, bytes.fromhex("0000022001010008"))
        run = self.on("start")
        self.assertEqual(run.out, "started the firmware at 0x08000000\n")
        self.put(FLASH + SECTOR, bytes.fromhex("0000022001010208"))
        event = self.last("start", "0x08020000", "-d", self.device)
        self.assertEqual(event["address"], FLASH + SECTOR)

    def test_start_in_memory_that_cannot_hold_firmware(self):
        run = self.run_bad(1, "start", "0x60000000", "-d", self.device)
        self.assertIn("device: untouched", run.err)


if __name__ == "__main__":
    main()
