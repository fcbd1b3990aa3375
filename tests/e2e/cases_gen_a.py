# SPDX-License-Identifier: MIT
"""A board of the older generation: STM32F405, with blocks of 2048 bytes,
sectors of three sizes, and an error to begin with."""

import os
import sys

import usbsys
from bench import FLASH, Skipped, case, noise
from firmware import vector_table

BOARD = "stm32f405"
PYDFU = os.path.join(os.path.dirname(__file__), "pydfu_steps.py")
LENGTH = 100000  # sectors of 16 and 64 KiB


def clears_the_first_error(bench, requests):
    """Its first answer is dfuERROR and errFIRMWARE; all clear that."""
    first = [r for r in requests if r.of_class and r.name != "ABORT"][:3]
    bench.same([r.name for r in first],
               ["GETSTATUS", "CLRSTATUS", "GETSTATUS"], first[0])
    bench.same((first[0].data[:2], first[0].data[8:10]), ("0a", "0a"))
    bench.same(first[2].data[8:10], "02")


@case("dfu-util lists the four memories of an STM32F405")
def lists(bench):
    with bench.serve(BOARD):
        with bench.measured("dfu-util 0.11", "-l, STM32F405") as row:
            run = bench.run("dfu-util", "-l")
            row.result = "four memories"
        bench.same(run.status, 0, run)
        for alt, name in enumerate((
                r"@Internal Flash  /0x08000000/04\*016Kg,01\*064Kg,07\*128Kg",
                r"@Option Bytes  /0x1FFFC000/01\*016 e",
                r"@OTP Memory /0x1FFF7800/01\*512 e,01\*016 e",
                r"@Device Feature/0xFFFF0000/01\*004 e")):
            bench.has(run.out, 'ver=2200, .* alt=%d, name="%s"' % (alt, name))


@case("dfu-util writes an STM32F405 and reads the same back")
def dfu_util(bench):
    content = noise(LENGTH, 8)
    bench.file("app.bin", content)
    with bench.serve(BOARD) as server:
        before = len(server.log())
        with bench.measured("dfu-util 0.11", "-D 98 KiB, STM32F405") as row:
            run = bench.run("dfu-util", "-a", "0", "-s", "0x08000000", "-D",
                            "app.bin")
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        clears_the_first_error(bench, server.log()[before:])
        lengths = {r.length for r in server.log() if r.what == "DATA"}
        bench.same(lengths, {2048, LENGTH % 2048})
        with bench.measured("dfu-util 0.11", "-U 98 KiB, STM32F405") as row:
            run = bench.run("dfu-util", "-a", "0", "-s",
                            "0x08000000:%d" % LENGTH, "-U", "back.bin")
            row.result = "exit 0, identical"
        bench.same(run.status, 0, run)
        bench.same(bench.bytes_of("back.bin") == content, True)


@case("the steps of MicroPython's pydfu write an STM32F405 and start it")
def pydfu(bench):
    content = vector_table(LENGTH)
    bench.file("app.bin", content)
    with bench.serve(BOARD) as server:
        before = len(server.log())
        with bench.measured("pydfu's steps", "write 98 KiB, STM32F405") as row:
            run = bench.run(sys.executable, PYDFU, "write", "0x08000000",
                            "app.bin")
            if "No module named 'usb'" in run.err:
                raise Skipped("python3-usb is not here")
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        clears_the_first_error(bench, server.log()[before:])
        run = bench.run(sys.executable, PYDFU, "exit")
        bench.same(run.status, 0, run)
        bench.wait("the board is gone", lambda: not usbsys.boards())
        bench.wait("the firmware runs", lambda: server.started(FLASH))


@case("ours programs, reads, erases and starts an STM32F405")
def ours(bench):
    content = vector_table(LENGTH)
    bench.file("app.bin", content)
    with bench.serve(BOARD) as server:
        before = len(server.log())
        with bench.measured("sector0", "flash 98 KiB, STM32F405") as row:
            bench.sector0_ok("flash", "app.bin", "--address", "0x08000000")
            row.result = "right"
        bench.holds(FLASH, content)
        clears_the_first_error(bench, server.log()[before:])
        bench.sector0_ok("read", "0x08000000", str(LENGTH), "back.bin")
        bench.same(bench.bytes_of("back.bin") == content, True)
        bench.sector0_ok("erase", "0x0800c000", "0x4000")
        bench.holds(FLASH, content[:0xc000])
        bench.holds(FLASH + 0xc000, b"\xff" * 0x4000)
        bench.holds(FLASH + 0x10000, content[0x10000:])
        bench.sector0_ok("flash", "app.bin", "--address", "0x08000000",
                         "--start")
        bench.wait("the board is gone", lambda: not usbsys.boards())
        bench.wait("the firmware runs", lambda: server.started(FLASH))
