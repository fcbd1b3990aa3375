# SPDX-License-Identifier: MIT
"""Broken situations, one row each: what is done, which finding must come
first, and the words that must be there. None may get a generic answer."""

import json
import os
import struct

from harness import (Case, main, elf, firmware, ihex, noise, EXAMPLES, FLASH,
                     RAM, SECTOR, SIM)

F405 = "sim:stm32f405"
FOUNDING = os.path.join(os.path.abspath(EXAMPLES), "founding", "founding.elf")
TABLE = struct.pack("<II", 0x20020000, FLASH + 9) + bytes(24)
GENERIC = ("D_REFUSED", "D_DROPPED_OFF", "D_HANGS", None)


def sections(name, address, data=noise(64)):
    return elf((FLASH, firmware(296), None), (address, data, None),
               sections=((".text", FLASH, 0), (name, address, 1)))


def uf2(family):
    return (struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, FLASH, 256, 0,
                        1, family) + noise(256) + bytes(220) +
            struct.pack("<I", 0x0AB16F30))


FILES = {
    "good.hex": ihex((FLASH, firmware(3000))),
    "far.hex": ihex((FLASH + 8 * SECTOR, firmware(3000))),
    "shared.elf": sections(".shared", RAM),
    "noinit.elf": sections(".noinit", 0x20000000),
    "data.elf": sections(".data", 0x20000000),
    "option.elf": sections(".optionbytes", 0x5200201c),
    "zero.elf": elf((0, noise(400), None), sections=((".text", 0, 0),)),
    "big.hex": ihex((FLASH + 20 * SECTOR, noise(64))),
    "qspi.hex": ihex((0x90000000, noise(64))),
    "empty.elf": elf((RAM, b"", 512)),
    "x86.elf": elf((FLASH, noise(64), None), machine=3),
    "f4.uf2": uf2(0x57755a57),
    "cut.hex": ihex((FLASH, noise(64)))[:-30],
    "overlap.bin": noise(64, 7),
    "stack.hex": ihex((FLASH, struct.pack("<II", 0x60000000, FLASH + 9) +
                       bytes(24))),
    "odd.hex": ihex((FLASH, struct.pack("<II", 0x20020002, FLASH + 9) +
                     bytes(24))),
    "off.hex": ihex((FLASH + 64, struct.pack("<II", 0x20020000, FLASH + 73) +
                     bytes(24))),
    "arm.hex": ihex((FLASH, struct.pack("<II", 0x20020000, FLASH + 8) +
                     bytes(24))),
    "reset.hex": ihex((FLASH, struct.pack("<II", 0x20020000, 0x08010001) +
                       bytes(24))),
}

# name, before (commands that must work, None: none), the command, its device,
# the exit status, the first finding, words
ROWS = [
    # The file: as flash tells it, and as the doctor does.
    ("the founding case", (), "flash " + FOUNDING, SIM, 1,
     "D_NOLOAD_MISSING", ("NOLOAD", "0x24000000")),
    ("the founding case, doctor", (), "doctor " + FOUNDING, SIM, 1,
     "D_NOLOAD_MISSING", ("NOLOAD", "0x24000000")),
    ("a shared section", (), "doctor shared.elf", SIM, 1,
     "D_NOLOAD_MISSING", (".shared", "64 bytes at 0x24000000")),
    ("a noinit section", (), "flash noinit.elf", SIM, 1,
     "D_NOLOAD_MISSING", (".noinit", "NOLOAD")),
    ("data that is not moved", (), "flash data.elf", SIM, 1,
     "D_SECTION_NOT_MOVED", (".data", "AT> FLASH")),
    ("data that is not moved, doctor", (), "doctor data.elf", SIM, 1,
     "D_SECTION_NOT_MOVED", ("LMA = VMA", ".data")),
    ("option bytes in the file", (), "flash option.elf", SIM, 1,
     "D_OPTION_BYTES_IN_FILE", ("take the option bytes out",)),
    ("linked for address 0", (), "flash zero.elf", SIM, 1,
     "D_ADDRESS_ZERO", ("0x08000000", "flash origin")),
    ("linked for address 0, doctor", (), "doctor zero.elf", SIM, 1,
     "D_ADDRESS_ZERO", ("flash origin",)),
    ("past the end of flash", (), "flash big.hex", SIM, 1,
     "D_PAST_FLASH", ("2048 KiB from 0x08000000", "flash size")),
    ("a smaller chip", (), "flash far.hex", SIM + ",flash_kb=128", 1,
     "D_PAST_FLASH", ("128 KiB from 0x08000000",)),
    ("external memory", (), "flash qspi.hex", SIM, 1,
     "D_NO_MEMORY_THERE", ("0x90000000",)),
    ("an empty file", (), "flash empty.elf", SIM, 1,
     "D_EMPTY_FILE", ("right file",)),
    ("another processor", (), "flash x86.elf", SIM, 1,
     "D_OTHER_CHIP_FILE", ("x86", "build for this chip")),
    ("another family", (), "doctor f4.uf2", SIM, 1,
     "D_OTHER_CHIP_FILE", ("STM32F4",)),
    ("a file that is cut short", (), "flash cut.hex", SIM, 1,
     "D_BROKEN_FILE", ("build or copy the file again",)),
    ("files that overlap", (), "flash good.hex overlap.bin@0x08000010", SIM,
     1, "D_FILE_OVERLAP", ("load addresses",)),
    ("a stack pointer outside RAM", (), "doctor stack.hex", SIM, 1,
     "D_VECTORS_STACK", ("0x60000000", "no RAM of this chip")),
    ("a stack pointer between words", (), "doctor odd.hex", SIM, 1,
     "D_VECTORS_STACK", ("0x20020002", "no multiple of 4")),
    ("a vector table where none can be", (), "doctor off.hex", SIM, 1,
     "D_VECTORS_PLACE", ("0x08000040", "no multiple of 128")),
    ("a reset vector that is not Thumb", (), "doctor arm.hex", SIM, 1,
     "D_VECTORS_THUMB", ("no Thumb code",)),
    ("a reset vector outside the image", (), "doctor reset.hex", SIM, 1,
     "D_VECTORS_RESET", ("0x08010001",)),
    # Protections.
    ("read protection", (), "flash good.hex", SIM + ",rdp=1", 1,
     "D_READ_PROTECTED", ("erases the whole chip",)),
    ("read protection, doctor", (), "doctor", SIM + ",rdp=1", 1,
     "D_READ_PROTECTED", ("RDP level 1",)),
    ("read protection on an F405, doctor", (), "doctor --chip f405",
     F405 + ",rdp=1", 1,
     "D_READ_PROTECTED", ("likely", "refused", "erases the whole chip")),
    ("write protection", ("write 0x08000010 11",), "flash good.hex",
     "FILE,wrp=1", 1, "D_WRITE_PROTECTED",
     ("sector 0 of bank 1 (0x08000000)", "--lift-protection")),
    ("write protection, erase", (), "erase 0x08120000 1",
     SIM + ",wrp=0x200", 1, "D_WRITE_PROTECTED",
     ("sector 1 of bank 2 (0x08120000)",)),
    ("write protection, erase all", (), "erase all", F405 + ",wrp=0x801", 1,
     "D_WRITE_PROTECTED", ("2 sectors", "sector 0 (0x08000000), sector 11")),
    ("a PCROP area", (), "flash good.hex", SIM + ",pcrop=0x08000000+0x400",
     1, "D_PCROP", ("1024 bytes from 0x08000000",)),
    ("a secure area", (), "flash good.hex",
     SIM + ",security=on,secure=0x08010000+0x400", 1, "D_SECURE_AREA",
     ("1024 bytes from 0x08010000",)),
    ("write protection, doctor", (), "doctor good.hex", SIM + ",wrp=1", 1,
     "D_WRITE_PROTECTED", ("1 sector that the file needs: 0x08000000",)),
    ("write protection on an F405", (), "doctor", F405 + ",wrp=4", 1,
     "D_WRITE_PROTECTED", ("0x08008000",)),
    ("a hardware watchdog, doctor", (), "doctor", SIM + ",watchdog=hardware",
     1, "D_WATCHDOG", ("IWDG1_SW", "debug probe")),
    ("a hardware watchdog bites", (), "erase all",
     SIM + ",watchdog=hardware,watchdog_rom=ignore", 3, "D_WATCHDOG",
     ("watchdog",)),
    ("a hardware watchdog on an F405", (), "doctor",
     F405 + ",watchdog=hardware", 1, "D_WATCHDOG", ("WDG_SW",)),
    # The device and its supply.
    ("a damaged word that resets the chip", ("flash good.hex",),
     "read 0x08000000 64", "FILE,cells=ecc@0x08000000,ecc_read=reset", 1,
     "D_DAMAGED_FLASH", ("0x08000000", "erases the sector first")),
    ("a word that stays damaged", (), "flash good.hex",
     SIM + ",cells=ecc@0x08000100,ecc_read=reset", 3, "D_DAMAGED_FLASH",
     ("sector at 0x08000000 was erased", "doctor --stress")),
    ("a damaged word", ("flash good.hex",), "read 0x08000000 64",
     "FILE,cells=ecc@0x08000000", 1, "D_DAMAGED_FLASH", ("damaged",)),
    ("a cut run", (), "doctor", "CUT", 1, "D_CUT_RUN", ("0x08000000",)),
    ("a brown-out in an erase", (), "flash good.hex --reconnect 0",
     SIM + ",fault=brown-out@erase1", 3, "D_SUPPLY", ("supply",)),
    ("bad capacitors", (), "doctor --stress --yes", SIM + ",supply=weak-vcap",
     3, "D_SUPPLY", ("VCAP", "plain reads 0/")),
    ("a supply that sags", (), "doctor --stress --yes",
     SIM + ",supply=sagging-vdd", 3, "D_SUPPLY", ("VDD", "plain reads")),
    ("worn flash", (), "doctor --stress --yes", SIM + ",worn=3", 1,
     "D_WORN_FLASH", ("maximum of 2000 ms", "0x08060000")),
    ("stuck cells", (), "doctor --stress --yes", F405 +
     ",cells=stuck-1@sector1:4", 1, "D_WORN_FLASH", ("same addresses",)),
    ("cells that cannot be emptied", (), "doctor --stress --yes 0x08000000",
     F405 + ",cells=stuck-0@0x08000100:4", 1, "D_WORN_FLASH",
     ("same addresses",)),
    ("not erased, as asked", ("write 0x08000010 11",),
     "flash good.hex --erase none", "FILE", 1, "D_NOT_ERASED",
     ("leave out --erase none",)),
    # The link.
    ("a request that is stalled", (), "flash good.hex --reconnect 0",
     SIM + ",fault=stall@63", 3, "D_USB_LINK", ("cable",)),
    ("a cable that garbles", (), "doctor --stress --yes 0x08000000",
     SIM + ",fault=bit-error@100:5", 1, "D_USB_LINK", ("plain read",)),
    ("a link that cuts every answer", (), "flash good.hex",
     SIM + ",link=short@1000", 1, "D_DESCRIPTORS", ("another port",)),
    ("a layout that is cut", (), "flash good.hex",
     SIM + ",rom=0x92,link=short@200,seed=2", 1, "D_DESCRIPTORS",
     ("another port",)),
    ("a link that fails all the time", (), "flash good.hex",
     SIM + ",link=proto@1000", 1, "D_USB_LINK", ("cable",)),
    ("a link that fails now and then", (), "doctor --stress --yes",
     SIM + ",link=proto@2", 1, "D_USB_LINK", ("plain reads fail", "cable")),
    ("a link that loses transfers", (), "doctor --stress --yes",
     SIM + ",link=silent@2", 1, "D_USB_LINK", ("cable",)),
    ("a cable that loses now and then, doctor", (), "doctor",
     SIM + ",link=proto@20", 1, "D_USB_LINK",
     ("certain", "of 407 transfers failed", "an error of USB", "cable")),
    ("a cable that cuts answers, doctor", (), "doctor",
     F405 + ",link=short@20", 1, "D_USB_LINK", ("cut short", "cable")),
    ("a cable that loses transfers, doctor", (), "doctor",
     SIM + ",link=silent@20", 1, "D_USB_LINK", (" lost", "cable")),
    ("a pipe that halts now and then, doctor", (), "doctor",
     F405 + ",link=pipe@20", 1, "D_USB_LINK", ("without a reason",)),
    ("a hub that drops the port, doctor", (), "doctor",
     SIM + ",link=reset@20", 1, "D_USB_LINK", ("likely", "left the bus")),
    ("a hub that drops the port", (), "doctor --stress --yes",
     SIM + ",link=reset@2", 1, "D_USB_LINK", ("without any load",)),
    ("a watchdog that nobody feeds", (), "doctor --stress --yes",
     SIM + ",watchdog=hardware,watchdog_rom=ignore", 1, "D_WATCHDOG",
     ("every 6",)),
    ("bad capacitors, flash", (), "flash good.hex", SIM +
     ",vcap_permille=1000,vcap_fault=hang", 3, "D_SUPPLY",
     ("doctor --stress", "BOOT0")),
    ("a supply that is too weak, flash", (), "flash good.hex", SIM +
     ",source_mohm=40000,bor=3", 3, "D_SUPPLY", ("doctor --stress",)),
    ("stuck cells, flash", (), "flash good.hex", F405 +
     ",cells=stuck-1@0x08000100:16", 3, "D_CELLS", ("doctor --stress",)),
    ("a layout that does not come, doctor", (), "doctor",
     SIM + ",link=pipe@300", 1, "D_DESCRIPTORS", ("likely", "another port")),
    ("a layout that does not come on an F405", (), "flash good.hex",
     F405 + ",link=pipe@300", 1, "D_DESCRIPTORS", ("another port",)),
    ("a layout that does not come on an F405, doctor", (), "doctor good.hex",
     F405 + ",link=pipe@300", 1, "D_DESCRIPTORS", ("likely", "another port")),
    ("flash that cannot be read when it is written", (),
     "flash good.hex --reconnect 0", "CUT,cells=stuck-0@0x08000100:3", 3,
     "D_DAMAGED_FLASH", ("although", "was erased",
                            "doctor --stress 0x08000000'")),
    ("a cut run with --keep", ("write 0x08010000 11",),
     "flash good.hex --keep --reconnect 0", "FILE,fault=unplug@program1", 3,
     "D_UNDO_WAITS", ("saved on this host", "same command", "recover")),
    ("another maker's chip", (), "flash good.hex",
     SIM + ",layout=@Internal Flash  /0x08000000/64*02Kg", 1,
     "D_UNKNOWN_CHIP", ("adding-a-chip",)),
    # The host.
    ("no device", (), "flash good.hex", None, 4, "D_NO_USB|D_NO_BOARD",
     ()),
]


class Situations(Case):
    def setUp(self):
        super().setUp()
        for name, content in FILES.items():
            self.file(name, content)

    def device(self, name, before):
        """FILE: one that outlives a command; CUT: one that was cut."""
        if not name or name.startswith("sim:"):
            return ["-d", name] if name else []
        plain, _, keys = name.partition(",")
        chip = self.chip("chip.sim", *([keys] if keys else []))
        if plain == "CUT":
            self.call("flash", "good.hex", "-d", chip + ",fault=torn@erase1")
        for command in before:
            self.call(*command.split(), "-d",
                      chip if "wrp" in keys else self.chip())
        return ["-d", chip]

    def look(self, row):
        name, before, command, device, status, finding, words = row
        args = [*command.split(), *self.device(device, before)]
        run = self.call(*args, "--json", "-q")
        self.assertEqual(run.status, status, run)
        events = [json.loads(line) for line in run.out.splitlines()]
        found = [e for e in events if e["event"] == "finding"]
        if args[0] == "doctor":
            first = found[0]["code"]
            self.assertFalse(found[0]["note"], run)
            told = json.dumps([found[0], events[-1]])
        else:
            first = events[-1]["finding"]
            told = events[-1]["message"] + events[-1]["hint"]
            self.assertTrue(events[-1]["hint"], run)
        self.assertIn(first, finding.split("|"), run)
        self.assertNotIn(first, GENERIC)
        for word in words:
            self.assertIn(word, told, run)

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(ROWS), 25)
        self.assertEqual(len({row[0] for row in ROWS}), len(ROWS))

    def test_each_has_its_finding_first(self):
        for row in ROWS:
            if os.path.exists(self.path("chip.sim")):
                os.remove(self.path("chip.sim"))
            with self.subTest(row[0]):
                self.look(row)


if __name__ == "__main__":
    main()
