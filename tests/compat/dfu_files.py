# SPDX-License-Identifier: MIT
"""DfuSe files as other tools make them, right and wrong."""
import struct
import zlib


def suffix(content, vendor=0x0483, product=0xdf11, device=0, version=0x011a,
           crc=None):
    """The content with a DFU suffix."""
    content += struct.pack("<HHHH3sB", device, product, vendor, version,
                           b"UFD", 16)
    if crc is None:
        crc = ~zlib.crc32(content) & 0xffffffff
    return content + struct.pack("<I", crc)


def container(targets, size=None, tail=b""):
    """Targets are (alternate setting, name, [(address, bytes), ...])."""
    body = b""
    for alternate, name, elements in targets:
        inside = b"".join(struct.pack("<II", address, len(content)) + content
                          for address, content in elements)
        body += b"Target" + struct.pack("<BI255sII", alternate, bool(name),
                                        name, len(inside),
                                        len(elements)) + inside
    size = len(body) + 11 if size is None else size
    return b"DfuSe\x01" + struct.pack("<IB", size, len(targets)) + body + tail


def dfuse(targets, **keys):
    return suffix(container(targets), **keys)
