# SPDX-License-Identifier: MIT
"""Simulated time: what costs how much, the same to the byte each time."""

import os

import usbsys
from bench import FLASH, case, noise
from golden import compact, plain

GOLDEN = os.path.join(os.path.dirname(__file__), "golden")
# The times that dfu-util's figures were first measured with: 903 ms a sector,
# 130 us a word, 60 us a packet, 0.3 ms a transfer, polls 1000/5/5 ms.
BOARD = ("stm32h743,rom=0x92,erase_ms=903,word_us=130,usb_us_per_packet=60,"
         "turnaround_us=300,poll_erase_ms=1000,poll_program_ms=5,"
         "poll_address_ms=5")


def ours(bench, what, length, *more):
    """One flash, from nothing, of a chip of its own; its requests."""
    with bench.serve(BOARD, scale="1") as server:
        bench.file("app.bin", noise(length))
        before = len(server.log())
        with bench.measured("sector0", "%s, real times" % what) as row:
            bench.sector0_ok("flash", "app.bin", "--address", "0x08000000",
                             *more)
            row.result = "right"
        bench.holds(FLASH, noise(length))
        return server.log()[before:]


def against(bench, name, text):
    """The kept file of that name has this text; what was found instead is
    left in the shared directory, and becomes the kept one with --golden."""
    bench.keep(name, text)
    if bench.golden:
        return
    kept = os.path.join(GOLDEN, name)
    bench.check(os.path.exists(kept), "there is no %s" % kept)
    with open(kept, encoding="utf-8") as file:
        wanted = file.read().split("\n")
    for number, (a, b) in enumerate(zip(text.split("\n"), wanted)):
        bench.check(a == b, "%s:%d\nfound  %s\nkept   %s" % (
            name, number + 1, a, b))
    bench.same(len(text.split("\n")), len(wanted), name)


@case("our flash of 128 KiB makes the requests of the golden log",
      ["simulated"], alone=True)
def golden_128k(bench):
    against(bench, "flash-128k.log", plain(ours(bench, "flash 128 KiB",
                                                128 * 1024)))


@case("our flash of 2 MiB makes the requests of the golden log",
      ["simulated"], alone=True)
def golden_2m(bench):
    requests = ours(bench, "flash 2 MiB", 2048 * 1024)
    bench.keep("flash-2m.plain", plain(requests))
    against(bench, "flash-2m.log", compact(requests))


@case("our flash without its verification, in simulated time", ["simulated"])
def without_verify(bench):
    ours(bench, "flash 128 KiB --no-verify", 128 * 1024, "--no-verify")
    ours(bench, "flash 2 MiB --no-verify", 2048 * 1024, "--no-verify")


def dfu_util(bench, what, length):
    content = noise(length)
    bench.file("app.bin", content)
    with bench.serve(BOARD, scale="1"):
        with bench.measured("dfu-util 0.11", "-D %s, real times"
                            % what) as row:
            run = bench.run("dfu-util", "-a", "0", "-s", "0x08000000", "-D",
                            "app.bin", seconds=400)
            row.result = "exit %d, right" % run.status
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        with bench.measured("dfu-util 0.11", "-U %s, real times"
                            % what) as row:
            run = bench.run("dfu-util", "-a", "0", "-s",
                            "0x08000000:%d" % length, "-U",
                            "back-%d.bin" % length, seconds=400)
            row.result = "exit %d, identical" % run.status
        bench.same(run.status, 0, run)
        bench.same(bench.bytes_of("back-%d.bin" % length) == content, True)


@case("dfu-util's time for 128 KiB and 2 MiB, beside ours", ["simulated"])
def dfu_util_beside(bench):
    dfu_util(bench, "128 KiB", 128 * 1024)
    dfu_util(bench, "2 MiB", 2048 * 1024)


@case("a board that falls silent ends in a time-out, and is repaired",
      ["simulated"])
def silent(bench):
    content = noise(9000)
    bench.file("app.bin", content)
    with bench.serve("stm32h743,rom=0x92", scale="1") as server:
        process = bench.start(bench.sector0_path, "flash", "app.bin",
                              "--address", "0x08000000", "--reconnect", "0")
        bench.wait("it writes", lambda: any(
            r.what in ("ERASE", "DATA") for r in server.log()))
        server.control("fault", "hang@+3")
        run = bench.finish(process, 600)
        bench.same(run.status, 3, run)
        bench.has(run.err, "^device: (partly written|unknown)$")
        bench.note("a board that hangs is given up after %.0f s of simulated "
                   "time" % run.seconds)
        server.control("power", "off")
        bench.wait("the board is gone", lambda: not usbsys.boards())
        server.control("power", "on")
        bench.wait("the board is back", server.ready)
        bench.sector0_ok("flash", "app.bin", "--address", "0x08000000")
        bench.holds(FLASH, content)
