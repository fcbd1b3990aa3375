# SPDX-License-Identifier: MIT
"""Firmware files for the cases."""

import struct

from bench import noise


def ihex(*chunks):
    """Intel HEX of chunks (address, bytes)."""
    def record(address, kind, data):
        raw = struct.pack(">BHB", len(data), address, kind) + data
        return ":%s%02X\n" % (raw.hex().upper(), -sum(raw) & 255)

    text, high = [], None
    for address, data in chunks:
        for i in range(0, len(data), 16):
            at = address + i
            if at >> 16 != high:
                high = at >> 16
                text.append(record(0, 4, struct.pack(">H", high)))
            text.append(record(at & 0xffff, 0, data[i:i + 16]))
    return ("".join(text) + ":00000001FF\n").encode()


def loaded(elf):
    """What an ELF file loads: (address, bytes) by its program headers."""
    offset, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    found = []
    for i in range(count):
        kind, at, _, address, length = struct.unpack_from(
            "<5I", elf, offset + i * size)
        if kind == 1 and length:
            found.append((address, elf[at:at + length]))
    return found


def vector_table(length):
    """Noise that begins as firmware does: stack pointer and entry. A stack
    at the very end of the RAM would keep these ROMs from starting it."""
    return struct.pack("<II", 0x2001ff00, 0x08000201) + noise(length - 8)
