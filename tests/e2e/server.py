# SPDX-License-Identifier: MIT
"""The server of virtual boards (`sector0 sim serve --attach`) in a machine."""

import os
import re
import signal
import socket
import subprocess

import usbsys

# TIME #NUMBER REQUEST value=V index=I length=L [data=D] -> RESULT status=S
# state=S … DURATION us; the server puts the board before it.
LINE = re.compile(
    r"(?P<time>\d+\.\d+) #(?P<number>\d+) (?P<request>.+?) "
    r"value=0x(?P<value>[0-9a-f]+) index=(?P<index>\d+) "
    r"length=(?P<length>\d+)(?: data=(?P<data>[0-9a-f]+)(?:\.\.\.)?(?: (?P<more>\d+) bytes "
    r"crc32=(?P<crc>[0-9a-f]+))?)? -> (?P<result>\w+) "
    r"status=(?P<status>\d+) state=(?P<state>\d+)")


class Request:
    """One control transfer, as the board saw it."""

    def __init__(self, line):
        found = LINE.search(line)
        if not found:
            raise ValueError("not a line of a request log: " + line)
        self.line = line
        self.board = line[:found.start()].strip()
        self.microseconds = int(found["time"].replace(".", ""))
        self.rest = line[found.start("request"):]
        self.name = found["request"]
        self.value = int(found["value"], 16)
        self.length = int(found["length"])
        self.data = found["data"] or ""
        self.moved = int(found["more"]) if found["more"] else (
            len(self.data) // 2)
        self.result = found["result"]
        self.status, self.state = int(found["status"]), int(found["state"])

    def __str__(self):
        return self.line

    @property
    def what(self):
        """In one word, what a host asks for."""
        if self.name != "DNLOAD":
            return self.name
        if self.length == 0:
            return "LEAVE"
        if self.value >= 2:
            return "DATA"
        return {"21": "SET-ADDRESS", "41": "ERASE" if self.length == 5
                else "MASS-ERASE", "92": "UNPROTECT"}.get(self.data[:2], "?")

    @property
    def of_class(self):
        """Is it of DFU, and not one that any USB device gets?"""
        return self.name.isupper() and "_" not in self.name


class Server:
    """Boards on this machine's bus, from begin() to end()."""

    def __init__(self, bench, profiles, scale):
        self.bench = bench
        self.profiles = profiles
        self.scale = scale
        self.process = None
        self.control_path = bench.path("control")
        self.log_path = bench.path("log")
        self.talk = None

    def begin(self):
        with open(self.bench.path("server"), "wb") as said:
            self.process = subprocess.Popen(
                [self.bench.sector0_path, "sim", "serve", "--attach",
                 "--control", self.control_path, "--log", self.log_path,
                 "--time-scale", self.scale, *self.profiles],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=self.bench.environment())
        self.bench.wait("the boards are there", self.ready)

    def ready(self):
        if self.process.poll() is not None:
            self.bench.check(False, "the server ended: " + self.said())
        return len(usbsys.boards()) == len(self.profiles)

    def said(self):
        return self.bench.bytes_of("server").decode(errors="replace")

    def end(self):
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.bench.check(False, "the server did not end")
        self.bench.wait("the bus is empty", lambda: not usbsys.boards() and
                        not usbsys.ports_in_use())
        self.bench.same(self.process.returncode, 0,
                        "end of the server\n" + self.said())

    def control(self, *words):
        """A command to the server; the lines of its answer."""
        if not self.talk:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(30)
            connection.connect(self.control_path)
            self.talk = connection.makefile("rw", encoding="utf-8")
        self.talk.write(" ".join(map(str, words)) + "\n")
        self.talk.flush()
        lines = []
        while True:
            line = self.talk.readline()
            if line == "ok\n":
                return lines
            self.bench.check(line and not line.startswith("error: "),
                             "%s: %s" % (" ".join(map(str, words)), line))
            lines.append(line.rstrip("\n"))

    def peek(self, address, length, device=0):
        """What the cells hold; each line of the answer is an address, two
        blanks and bytes."""
        board = ["1-%d" % (device + 1)] if len(self.profiles) > 1 else []
        found = b""
        while len(found) < length:
            lines = self.control("peek", "0x%08x" % (address + len(found)),
                                 min(4096, length - len(found)), *board)
            found += bytes.fromhex("".join(
                line.partition("  ")[2] for line in lines))
        return found

    def started(self, address):
        """Was the firmware at this address started?"""
        return "0x%08x" % address in "\n".join(self.control("started"))

    def log_size(self):
        """Grows with each request."""
        return os.path.getsize(self.log_path)

    def log(self, board=None):
        """The requests so far; of one board, if named ("1-1")."""
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path, encoding="utf-8") as file:
            text = file.read()
        lines = text.split("\n")[:-1]
        found = [Request(line) for line in lines if line]
        return [r for r in found if board in (None, r.board)]

    def dfu_log(self, board=None):
        return [r for r in self.log(board) if r.of_class]

    def path_of(self, device):
        """Where the kernel put board number `device`: "usb:1-2"."""
        for number, path in usbsys.ports_in_use():
            if number & 0xffff == device + 1:
                return "usb:" + path
        self.bench.check(False, "board %d is not attached" % device)
