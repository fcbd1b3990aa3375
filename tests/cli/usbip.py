# SPDX-License-Identifier: MIT
"""A USB/IP client, from Documentation/usb/usbip_protocol.rst of Linux."""

import socket
import struct

VERSION = 0x0111
IN, OUT = 1, 0
EPIPE, ECONNRESET = -32, -104


def receive(sock, length):
    data = b""
    while len(data) < length:
        more = sock.recv(length - len(data))
        if not more:
            raise EOFError("closed after %d of %d bytes" % (len(data), length))
        data += more
    return data


class Listed:
    def __init__(self, raw):
        self.path = raw[:256].split(b"\0")[0].decode()
        self.bus_id = raw[256:288].split(b"\0")[0].decode()
        (self.bus, self.number, self.speed, self.vendor, self.product,
         self.release, self.kind, _, _, self.configuration,
         self.configurations, self.interfaces) = struct.unpack(
             ">3I3H6B", raw[288:312])


def device_list(port):
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.sendall(struct.pack(">HHI", VERSION, 0x8005, 0))
        version, code, status, count = struct.unpack(">HHII", receive(sock, 12))
        assert (version, code, status) == (VERSION, 5, 0)
        found = []
        for _ in range(count):
            found.append(Listed(receive(sock, 312)))
            receive(sock, 4 * found[-1].interfaces)
        assert sock.recv(1) == b""
        return found


class Refused(Exception):
    """The server does not give the device; the argument is the status."""


class Device:
    """An imported device, used as an operating system does."""

    def __init__(self, port, bus_id="1-1"):
        self.sock = socket.create_connection(("127.0.0.1", port), 20)
        self.number = 0
        self.sock.sendall(struct.pack(">HHI32s", VERSION, 0x8003, 0,
                                      bus_id.encode()))
        version, code, status = struct.unpack(">HHI", receive(self.sock, 8))
        assert (version, code) == (VERSION, 3)
        if status:
            self.sock.close()
            raise Refused(status)
        self.listed = Listed(receive(self.sock, 312))
        self.id = self.listed.bus << 16 | self.listed.number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def submit(self, kind, request, value=0, index=0, data=b"", length=0,
               endpoint=0):
        """Queue a control transfer; its number."""
        self.number += 1
        direction = IN if kind & 0x80 else OUT
        size = length if direction == IN else len(data)
        self.sock.sendall(struct.pack(
            ">5I5i", 1, self.number, self.id, direction, endpoint, 0, size, 0,
            0, 0) + struct.pack("<BBHHH", kind, request, value, index, size) +
            (data if direction == OUT else b""))
        return self.number

    def answer(self, direction):
        """The next RET_SUBMIT: number, status, data."""
        head = receive(self.sock, 48)
        code, number, device, way, endpoint, status, length = struct.unpack(
            ">5Iii", head[:28])
        assert (code, device, way, endpoint) == (3, 0, 0, 0), head
        return number, status, receive(
            self.sock, length if direction == IN else 0)

    def control(self, kind, request, *args, **more):
        number = self.submit(kind, request, *args, **more)
        back, status, data = self.answer(IN if kind & 0x80 else OUT)
        assert back == number
        return status, data

    def unlink(self, victim):
        """The status of RET_UNLINK."""
        self.number += 1
        self.sock.sendall(struct.pack(">6I24x", 2, self.number, self.id, 0, 0,
                                      victim))
        code, number, status = struct.unpack(
            ">II12xi24x", receive(self.sock, 48))
        assert (code, number) == (4, self.number)
        return status

    def enumerate(self):
        """What Linux asks of a new device; its configuration descriptor."""
        self.control(0x80, 6, 0x0100, length=64)
        self.control(0x80, 6, 0x0100, length=18)
        _, head = self.control(0x80, 6, 0x0200, length=9)
        total, = struct.unpack("<H", head[2:4])
        _, config = self.control(0x80, 6, 0x0200, length=total)
        self.control(0x00, 9, 1)
        return config

    def string(self, index):
        status, raw = self.control(0x80, 6, 0x0300 | index, 0x0409, length=255)
        return raw[2:].decode("utf-16le") if status == 0 else None

    # DfuSe

    def status(self):
        """bStatus and bState of a GETSTATUS."""
        status, raw = self.control(0xa1, 3, length=6)
        assert status == 0 and len(raw) == 6, (status, raw)
        return raw[0], raw[4]

    def download(self, block, data):
        status, _ = self.control(0x21, 1, block, data=data)
        assert status == 0, status
        self.status()
        return self.status()

    def set_address(self, address):
        return self.download(0, struct.pack("<BI", 0x21, address))

    def erase(self, address):
        return self.download(0, struct.pack("<BI", 0x41, address))

    def abort(self):
        status, _ = self.control(0x21, 6)
        assert status == 0

    def write(self, address, data):
        data += b"\xff" * (-len(data) % 32)
        self.set_address(address)
        for i in range(0, len(data), 1024):
            status = self.download(2 + i // 1024, data[i:i + 1024])
            assert status == (0, 5), status
        self.abort()

    def read(self, address, length):
        self.set_address(address)
        self.abort()
        data = b""
        while len(data) < length:
            status, more = self.control(0xa1, 2, 2 + len(data) // 1024,
                                        length=min(1024, length - len(data)))
            assert status == 0, status
            data += more
        self.abort()
        return data
