# SPDX-License-Identifier: MIT
"""Programs that know USB, or DFU, but not our virtual board."""

import os
import sys

import usbsys
from bench import FLASH, SECTOR, Skipped, case, noise
from firmware import vector_table

BOARD = "stm32h743,rom=0x92"
LAYOUT = "@Internal Flash   /0x08000000/16*128Kg"
PYDFU = os.path.join(os.path.dirname(__file__), "pydfu_steps.py")


def libusb_example(bench, name):
    path = os.path.join(bench.build, "libusb-examples", name)
    if not os.path.exists(path):
        raise Skipped("libusb's examples could not be fetched")
    return path


@case("lsusb -v shows every descriptor of a real board")
def lsusb_v(bench):
    with bench.serve(BOARD):
        with bench.measured("lsusb", "-v") as row:
            run = bench.run("lsusb", "-v", "-d", "0483:df11")
            row.result = "all descriptors"
        bench.same(run.status, 0, run)
        for line in (r"^  bcdDevice +2\.00$", r"^  iSerial +3 200364500000$",
                     r"^  iProduct +2 DFU in FS Mode$",
                     r"^  bMaxPacketSize0 +64$", r"^ +MaxPower +100mA$",
                     r"^ +bInterfaceProtocol +2", r"^ +wTransferSize +1024 ",
                     r"^ +wDetachTimeout +255 ", r"^ +bcdDFUVersion +1\.1a$",
                     r"^ +bmAttributes +11$",
                     r"^ +iInterface +6 @Internal Flash   /0x08000000/16\*128"):
            bench.has(run.out, line)


@case("lsusb -t shows a full-speed device without a driver")
def lsusb_t(bench):
    with bench.serve(BOARD):
        with bench.measured("lsusb", "-t") as row:
            run = bench.run("lsusb", "-t")
            row.result = "12M, no driver"
        bench.has(run.out, r"Dev \d+, If 0, Class=Application Specific "
                  r"Interface, Driver=(\[none\])?, 12M$")


@case("libusb's listdevs finds the board")
def listdevs(bench):
    program = libusb_example(bench, "listdevs")
    with bench.serve(BOARD):
        with bench.measured("libusb listdevs", "") as row:
            run = bench.run(program)
            row.result = "0483:df11"
        bench.same(run.status, 0, run)
        bench.has(run.out, r"^0483:df11 \(bus 1, device \d+\) path: 1$")


@case("libusb's testlibusb reads its descriptors")
def testlibusb(bench):
    program = libusb_example(bench, "testlibusb")
    with bench.serve(BOARD):
        with bench.measured("libusb testlibusb", "-v") as row:
            run = bench.run(program, "-v")
            row.result = "descriptors"
        bench.same(run.status, 0, run)
        bench.has(run.out, "0483 - DF11|STMicroelectronics - DFU in FS Mode")


@case("libusb's xusb tests it as a generic device")
def xusb(bench):
    program = libusb_example(bench, "xusb")
    with bench.serve(BOARD):
        with bench.measured("libusb xusb", "0483:df11") as row:
            run = bench.run(program, "0483:df11")
            row.result = "claimed and released, strings read"
        bench.same(run.status, 0, run)
        bench.has(run.out, "DFU in FS Mode")
        bench.has(run.out, "Claiming interface 0")
        bench.check("error" not in run.err.lower(), run)


@case("libusb's hotplugtest sees the board come and go")
def hotplug(bench):
    program = libusb_example(bench, "hotplugtest")

    def said(text):
        return text in bench.bytes_of("said").decode()

    with open(bench.path("said"), "wb") as out:
        process = bench.start(
            "stdbuf", "-oL", program, "0x0483", "0xdf11", stdout=out,
            stderr=out, env=dict(bench.environment(), LIBUSB_DEBUG="4"))
    # It is told of what changes from then on, and ends after two changes.
    bench.wait("it listens", lambda: said("doing our own event handling"))
    with bench.serve(BOARD) as server:
        with bench.measured("libusb hotplugtest", "plug and unplug") as row:
            bench.wait("it sees the board",
                       lambda: said("Device attached: 0483:df11"))
            server.control("unplug")
            run = bench.finish(process, 20)
            row.result = "attached and detached seen"
        bench.same(run.status, 0, run)
        bench.check(said("Device detached"), "not seen to go")


@case("the steps of MicroPython's pydfu write and start a program")
def pydfu(bench):
    content = vector_table(SECTOR + 5000)
    bench.file("app.bin", content)
    with bench.serve(BOARD) as server:
        run = bench.run(sys.executable, PYDFU, "list")
        if "No module named 'usb'" in run.err:
            raise Skipped("python3-usb is not here")
        bench.same(run.out, "0483:df11\n", run)
        with bench.measured("pydfu's steps", "write 133 KB") as row:
            run = bench.run(sys.executable, PYDFU, "write", "0x08000000",
                            "app.bin")
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        bench.sector0_ok("verify", "app.bin", "--address", "0x08000000")
        with bench.measured("pydfu's steps", "exit") as row:
            run = bench.run(sys.executable, PYDFU, "exit")
            row.result = "the board left"
        bench.same(run.status, 0, run)
        bench.wait("the board is gone", lambda: not usbsys.boards())
        bench.wait("the firmware runs", lambda: server.started(FLASH))


@case("the steps of MicroPython's pydfu erase the whole chip")
def pydfu_mass_erase(bench):
    with bench.serve(BOARD):
        bench.sector0_ok("flash", bench.file("app.bin", noise(3000)),
                         "--address", "0x08000000")
        with bench.measured("pydfu's steps", "mass-erase") as row:
            run = bench.run(sys.executable, PYDFU, "mass-erase")
            if "No module named 'usb'" in run.err:
                raise Skipped("python3-usb is not here")
            row.result = "exit 0, blank"
        bench.same(run.status, 0, run)
        bench.sector0_ok("blank")
