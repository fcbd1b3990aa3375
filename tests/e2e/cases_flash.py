# SPDX-License-Identifier: MIT
"""Our command, for each of its jobs, on one board."""

import json
import os

import usbsys
from bench import BANK2, EXAMPLES, FLASH, SECTOR, case, noise
from firmware import ihex, loaded, vector_table

OURS = "sector0"
BOARD = "stm32h743,rom=0x92"


@case("our list names the board and its memories")
def lists(bench):
    with bench.serve(BOARD):
        run = bench.sector0_ok("list")
        bench.has(run.out, r"^usb:1-1  0483:df11  serial 200364500000 .*"
                  "DFU in FS Mode$")
        bench.has(run.out, r"0x08000000  2048 KiB +Internal Flash")
    run = bench.sector0_ok("list")
    bench.same(run.out, "", run)


@case("our info tells what the board is")
def informs(bench):
    with bench.serve("stm32h743,rom=0x91"):
        run = bench.sector0_ok("info")
        for line in (r"^USB speed +Full Speed \(12MBit/s\)$",
                     r"^manufacturer +STMicroelectronics$",
                     r"^bootloader +0x91, V9\.1$",
                     r"^flash size +2048 KiB$", r"^transfer size +1024 bytes$",
                     r"^read protection +off \(RDP level 0\)$"):
            bench.has(run.out, line)


@case("without a board our command says so, with status 4")
def nothing(bench):
    run = bench.sector0("flash", EXAMPLES + "/blinky/blinky.elf")
    bench.same(run.status, 4, run)
    bench.has(run.err, "^error: no device in DFU mode$")
    bench.has(run.err, "^device: untouched$")


@case("our flash of an ELF file is in the chip, and verify agrees")
def flashes_elf(bench):
    elf = EXAMPLES + "/blinky/blinky.elf"
    with bench.serve(BOARD):
        with bench.measured(OURS, "flash blinky.elf") as row:
            run = bench.sector0_ok("flash", elf)
            row.result = "right"
        bench.has(run.out, "^verified  344 bytes$")
        with open(elf, "rb") as file:
            for address, content in loaded(file.read()):
                bench.holds(address, content)
        bench.sector0_ok("verify", elf)


@case("our flash of a hex file in both banks is in the chip")
def flashes_hex(bench):
    first, second = noise(70000), noise(3001, 2)
    image = bench.file("app.hex", ihex((FLASH, first), (BANK2, second)))
    with bench.serve(BOARD):
        with bench.measured(OURS, "flash 73 KB in two banks") as row:
            bench.sector0_ok("flash", image)
            row.result = "right"
        bench.holds(FLASH, first)
        bench.holds(BANK2, second)
        other = bench.file("other.hex", ihex((FLASH, first[:-1] + b"\0")))
        run = bench.sector0("verify", other)
        bench.same(run.status, 1, run)
        bench.has(run.err, "^error: .*differ")


@case("what our command reads is what the chip holds")
def reads(bench):
    content = noise(SECTOR)
    with bench.serve(BOARD):
        bench.sector0_ok("flash", bench.file("app.bin", content),
                         "--address", "0x08000000")
        with bench.measured(OURS, "read 128 KiB") as row:
            bench.sector0_ok("read", "0x08000000", "0x20000", "back.bin")
            row.result = "identical"
        bench.same(bench.bytes_of("back.bin") == content, True)
        run = bench.sector0_ok("read", "0x08000000", "16")
        bench.has(run.out.replace(" ", ""), content[:8].hex(), run)
        bench.sector0_ok("read", "0x08000000", "0x20000", "back.s19")
        bench.sector0_ok("verify", "back.s19")


@case("our erase leaves a blank sector, and its neighbours alone")
def erases(bench):
    content = noise(3 * SECTOR)
    # A mass erase that takes no time at all would not be believed.
    with bench.serve(BOARD, scale="0.1"):
        bench.sector0_ok("flash", bench.file("app.bin", content),
                         "--address", "0x08000000")
        with bench.measured(OURS, "erase one sector") as row:
            bench.sector0_ok("erase", "0x08020000", "1")
            row.result = "right"
        bench.holds(FLASH, content[:SECTOR])
        bench.holds(FLASH + SECTOR, b"\xff" * SECTOR)
        bench.holds(FLASH + 2 * SECTOR, content[2 * SECTOR:])
        bench.sector0_ok("blank", "0x08020000", "0x20000")
        run = bench.sector0("blank")
        bench.same(run.status, 1, run)
        with bench.measured(OURS, "erase all") as row:
            bench.sector0_ok("erase", "all")
            row.result = "right"
        bench.sector0_ok("blank")


@case("our start lets the board leave the bus, and that is success")
def starts(bench):
    image = bench.file("app.bin", vector_table(2000))
    with bench.serve(BOARD) as server:
        bench.sector0_ok("flash", image, "--address", "0x08000000")
        with bench.measured(OURS, "start") as row:
            run = bench.sector0_ok("start")
            row.result = "the board left"
        bench.has(run.out, "^started the firmware at 0x08000000$")
        bench.wait("the board is gone", lambda: not usbsys.boards())
        bench.wait("the firmware runs", lambda: server.started(FLASH))
        run = bench.sector0("info")
        bench.same(run.status, 4, run)
        server.control("boot0", "held")
        server.control("reset")
        bench.wait("the board is back", server.ready)
        bench.sector0_ok("verify", image, "--address", "0x08000000")


@case("flash --start with JSON ends in one result, and leaves")
def flashes_and_starts(bench):
    with bench.serve(BOARD):
        run = bench.sector0_ok("--json", "flash", "--start", "--stats",
                               EXAMPLES + "/blinky/blinky.elf")
        events = [json.loads(line) for line in run.out.splitlines()]
        bench.same(events[-1]["event"], "result", run)
        bench.same(events[-1]["verified_bytes"], 344, run)
        bench.wait("the board is gone", lambda: not usbsys.boards())


@case("ours programs bank 2 on ROM 0x91, whose erase there never ends")
def programs_bank_2(bench):
    content = noise(5000)
    image = bench.file("app.hex", ihex((BANK2, content)))
    with bench.serve("stm32h743,rom=0x91"):
        with bench.measured(OURS, "flash bank 2, ROM 0x91") as row:
            bench.sector0_ok("flash", image)
            row.result = "right"
        bench.holds(BANK2, content)


@case("a board that another program holds is said to be in use")
def busy(bench):
    with bench.serve(BOARD):
        holder = os.open(usbsys.node("1-1"), os.O_RDWR)
        try:
            usbsys.claim(holder, 0)
            run = bench.sector0("info")
            bench.same(run.status, 1, run)
            bench.has(run.err, "it is in use by ")
            bench.has(run.err, r" \(process %d\)" % os.getpid())
        finally:
            os.close(holder)
        bench.sector0_ok("info")


@case("a board that is plugged in again in the middle is gone on with")
def plugged_in_again(bench):
    content = noise(2 * SECTOR)
    image = bench.file("app.hex", ihex((FLASH, content)))
    with bench.serve(BOARD, scale="0.05") as server:
        with bench.measured(OURS, "flash, unplugged in the middle") as row:
            process = bench.start(bench.sector0_path, "flash", image)
            bench.wait("it writes", lambda: sum(
                1 for r in server.log() if r.what == "DATA") > 20)
            server.control("unplug")
            bench.wait("the board is gone", lambda: not usbsys.boards())
            server.control("replug")
            run = bench.finish(process)
            row.result = "right, with a warning"
        bench.same(run.status, 0, run)
        bench.has(run.err, "waiting up to 10 s for it at usb:1-1")
        bench.has(run.err, "^warning: it took 1 reconnect")
        bench.holds(FLASH, content)


@case("a board unplugged in the middle is reported, and the next run repairs")
def unplugged(bench):
    content = noise(2 * SECTOR)
    image = bench.file("app.hex", ihex((FLASH, content)))
    with bench.serve(BOARD, scale="0.05") as server:
        process = bench.start(bench.sector0_path, "flash", image,
                              "--reconnect", "0")
        bench.wait("it writes", lambda: sum(
            1 for r in server.log() if r.what == "DATA") > 20)
        server.control("unplug")
        run = bench.finish(process)
        bench.same(run.status, 3, run)
        bench.has(run.err, "^error: ")
        bench.has(run.err, "^device: (partly written|unknown)$")
        bench.wait("the board is gone", lambda: not usbsys.boards())
        server.control("replug")
        bench.wait("the board is back", server.ready)
        with bench.measured(OURS, "repair after unplugging") as row:
            bench.sector0_ok("flash", image)
            row.result = "right"
        bench.holds(FLASH, content)
