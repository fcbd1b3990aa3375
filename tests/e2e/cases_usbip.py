# SPDX-License-Identifier: MIT
"""The stock usbip tool, over TCP: as on any Linux machine."""

import shutil
import signal
import subprocess

import usbsys
from bench import FLASH, Skipped, case, noise


def tool():
    """Debian has it in /usr/sbin."""
    found = shutil.which("usbip")
    if not found:
        raise Skipped("usbip is not here")
    return found


def loopback(bench):
    bench.run(bench.build + "/busybox/bin/busybox", "ip", "link", "set", "lo",
              "up")


@case("usbip lists, attaches and detaches a board over TCP")
def over_tcp(bench):
    usbip = tool()
    loopback(bench)
    with open(bench.path("server"), "wb") as said:
        server = subprocess.Popen(
            [bench.sector0_path, "sim", "serve", "--time-scale", "0",
             "--control", bench.path("control"), "stm32h743,rom=0x92"],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            env=bench.environment())
    try:
        bench.wait("it listens", lambda: b"listening on 127.0.0.1:3240"
                   in bench.bytes_of("server"))
        with bench.measured("usbip 2.0", "list -r, attach, detach") as row:
            attach_and_use(bench, usbip)
            row.result = "a board as any other"
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(20)
    bench.same(status, 0, bench.bytes_of("server").decode())
    bench.wait("the bus is empty", lambda: not usbsys.boards())


def attach_and_use(bench, usbip):
    run = bench.run(usbip, "list", "-r", "127.0.0.1")
    bench.same(run.status, 0, run)
    bench.has(run.out, r"^ +1-1: .*0483:df11")
    run = bench.run(usbip, "attach", "-r", "127.0.0.1", "-b", "1-1")
    bench.same(run.status, 0, run)
    bench.wait("the board is there", lambda: len(usbsys.boards()) == 1)
    run = bench.run("lsusb", "-d", "0483:df11")
    bench.has(run.out, "ID 0483:df11")
    content = noise(3000)
    bench.sector0_ok("flash", bench.file("app.bin", content), "--address",
                     "0x08000000")
    run = bench.run("dfu-util", "-a", "0", "-s", "0x%08x:3000" % FLASH, "-U",
                    "back.bin")
    bench.same(bench.bytes_of("back.bin") == content, True, run)
    run = bench.run(usbip, "detach", "-p", "0")
    bench.same(run.status, 0, run)
    bench.wait("the board is gone", lambda: not usbsys.boards())
