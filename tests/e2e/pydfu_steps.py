# SPDX-License-Identifier: MIT
"""The USB requests of MicroPython's tools/pydfu.py, in its order, by pyusb.

pydfu.py (from the OpenMV project) is what MicroPython and others program
their boards with. This is not that program: it is our own code that makes the
same requests one after the other, step by step as its functions do, so that
the virtual board meets them. What it does at each step is named beside it.

usage: pydfu_steps.py list | mass-erase | write [-m] ADDRESS FILE | exit
"""

import re
import struct
import sys

import usb.core
import usb.util

INTERFACE = 0
OUT, IN = 0x21, 0xA1
DNLOAD, GETSTATUS, CLRSTATUS, ABORT = 1, 3, 4, 6
IDLE, BUSY, DNLOAD_IDLE, MANIFEST, UPLOAD_IDLE = 2, 4, 5, 7, 9
TIMEOUT_MS = 4000          # of all requests but GETSTATUS
STATUS_TIMEOUT_MS = 20000


def is_dfu(device):
    """get_dfu_devices(): the first interface decides."""
    interface = next(iter(next(iter(device))))
    return (interface.bInterfaceClass, interface.bInterfaceSubClass) == (254,
                                                                         1)


def boards():
    return list(usb.core.find(find_all=True, custom_match=is_dfu))


class Board:
    def __init__(self):
        """init(): configure, claim, find the functional descriptor, and come
        to dfuIDLE in at most four tries."""
        found = boards()
        if len(found) != 1:
            raise SystemExit("%d boards in DFU mode" % len(found))
        self.device = found[0]
        self.device.set_configuration()
        usb.util.claim_interface(self.device, INTERFACE)
        self.transfer_size = self.find_transfer_size()
        for _ in range(4):
            state = self.state()
            if state == IDLE:
                break
            self.out(ABORT if state in (DNLOAD_IDLE, UPLOAD_IDLE)
                     else CLRSTATUS, 0, None)

    def find_transfer_size(self):
        for configuration in self.device:
            places = [configuration] + list(configuration)
            for place in places:
                extra = bytes(place.extra_descriptors)
                if len(extra) == 9 and extra[1] == 0x21:
                    return struct.unpack("<BBBHHH", extra)[4]
        raise SystemExit("no functional descriptor")

    def out(self, request, value, data):
        self.device.ctrl_transfer(OUT, request, value, INTERFACE, data,
                                  TIMEOUT_MS)

    def state(self):
        """get_status()"""
        status = self.device.ctrl_transfer(IN, GETSTATUS, 0, INTERFACE, 6,
                                           STATUS_TIMEOUT_MS)
        return status[4]

    def expect(self, what, wanted):
        """check_status(): one look, and no other try."""
        state = self.state()
        if state != wanted:
            raise SystemExit("%s: state %d" % (what, state))

    def command(self, what, value, data):
        self.out(DNLOAD, value, data)
        self.expect(what, BUSY)
        self.expect(what, DNLOAD_IDLE)

    def mass_erase(self):
        self.command("mass erase", 0, b"\x41")

    def erase_page(self, address):
        self.command("erase", 0, struct.pack("<BI", 0x41, address))

    def set_address(self, address):
        self.command("set address", 0, struct.pack("<BI", 0x21, address))

    def write_memory(self, address, data):
        """A Set Address before each block, whose number is always 2."""
        for at in range(0, len(data), self.transfer_size):
            self.set_address(address + at)
            self.command("write", 2, data[at:at + self.transfer_size])

    def pages(self):
        """get_memory_layout(): (first address, end, page size)."""
        interface = self.device[0][(0, 0)]
        layout = usb.util.get_string(self.device, interface.iInterface)
        parts, found = layout.split("/"), []
        for i in range(1, len(parts), 2):
            address = int(parts[i], 0)
            for group in parts[i + 1].split(","):
                count, size, unit = re.match(r"(\d+)\*(\d+)(.).",
                                             group).groups()
                size = int(size) * {"K": 1024, "M": 1 << 20}.get(unit, 1)
                end = address + int(count) * size
                found.append((address, end, size))
                address = end
        return found

    def write(self, address, data, mass_erase=False):
        """write_elements(): erase the page of each piece, then write it; with
        -m all is erased before, and written in one piece."""
        pages = self.pages()
        if mass_erase:
            self.mass_erase()
            pages = []
        while data:
            length = len(data)
            for first, end, size in pages:
                if first <= address < end:
                    page = address & ~(size - 1)
                    length = min(length, page + size - address)
                    self.erase_page(page)
                    break
            self.write_memory(address, data[:length])
            address, data = address + length, data[length:]

    def leave(self):
        """exit_dfu(): the answer may fail to come, the board is leaving."""
        self.set_address(0x08000000)
        self.out(DNLOAD, 0, None)
        try:
            if self.state() != MANIFEST:
                print("it does not leave")
            usb.util.dispose_resources(self.device)
        except usb.core.USBError:
            pass


def main():
    words = sys.argv[1:]
    if words == ["list"]:
        for device in boards():
            print("%04x:%04x" % (device.idVendor, device.idProduct))
    elif words == ["mass-erase"]:
        Board().mass_erase()
    elif len(words) >= 3 and words[:-2] in (["write"], ["write", "-m"]):
        with open(words[-1], "rb") as file:
            Board().write(int(words[-2], 0), file.read(), "-m" in words)
    elif words == ["exit"]:
        Board().leave()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
