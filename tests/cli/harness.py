# SPDX-License-Identifier: MIT
"""What the black-box tests of the command share.

Every test runs the built command in an empty directory of its own, with its
state there too, so that nothing is left over and nothing is found.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

COMMAND = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
EXAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "examples")
SIM = "sim:stm32h743"
FLASH = 0x08000000
SECTOR = 128 * 1024
RAM = 0x24000000

NUMBER = (int,)
NUMBER_OR_NULL = (int, type(None))
TEXT = (str,)
TEXT_OR_NULL = (str, type(None))

# event -> field -> types; the page that fixes them is sector0-json(5).
SCHEMA = {
    "device": {
        "path": TEXT, "serial": TEXT_OR_NULL, "uid": TEXT_OR_NULL,
        "chip": TEXT_OR_NULL, "flash_kib": NUMBER_OR_NULL,
        "rom": NUMBER_OR_NULL, "rdp": NUMBER_OR_NULL,
        "transfer_size": NUMBER_OR_NULL, "memories": (list,),
        "sureness": TEXT, "identified_by": TEXT_OR_NULL,
        "candidates": (list,), "remarks": (list,),
    },
    "plan": {
        "segments": (list,), "erase": (list,), "lost_bytes": NUMBER_OR_NULL,
        "write_bytes": NUMBER, "estimate_ms": NUMBER,
    },
    "progress": {
        "stage": TEXT, "done": NUMBER, "total": NUMBER, "address": NUMBER,
        "time_ms": NUMBER, "estimate_ms": NUMBER,
    },
    "warning": {"message": TEXT},
    "finding": {
        "code": TEXT, "confidence": TEXT, "note": (bool,), "evidence": TEXT,
        "meaning": TEXT, "next": TEXT_OR_NULL,
    },
    "waiting": {"message": TEXT},
    "option": {
        "name": TEXT, "value": NUMBER, "text": TEXT, "meaning": TEXT,
        "default": NUMBER, "current": NUMBER, "programmed": NUMBER,
        "group": TEXT, "bank": NUMBER, "about": TEXT, "only": TEXT_OR_NULL,
        "aliases": (list,), "consistent": (bool,),
    },
    "option-bytes": {"address": NUMBER, "length": NUMBER, "bytes": TEXT},
    "chip": {
        "name": TEXT, "family": TEXT, "title": TEXT, "aliases": (list,),
        "device_id": NUMBER_OR_NULL, "vendor": NUMBER, "product": NUMBER,
        "bcd_device": NUMBER_OR_NULL, "product_name": TEXT_OR_NULL,
        "transfer_size": NUMBER_OR_NULL, "flash_kib": (list,), "banks": TEXT,
        "flash_word": NUMBER, "align": NUMBER, "ecc": (bool,),
        "erased": NUMBER, "geometries": (list,), "layouts": (list,),
        "dumped": (bool,), "roms": (list,), "option_windows": (list,),
        "options": NUMBER, "quirks": (list,), "sources": (dict,),
        "lines": (list, type(None)),
    },
    "error": {
        "code": TEXT, "message": TEXT, "hint": TEXT_OR_NULL,
        "aftermath": TEXT, "address": NUMBER_OR_NULL,
        "length": NUMBER_OR_NULL, "dfu_status": NUMBER_OR_NULL,
        "dfu_state": NUMBER_OR_NULL, "usb_code": NUMBER_OR_NULL,
        "request": TEXT_OR_NULL, "block": NUMBER_OR_NULL,
        "segment": TEXT_OR_NULL, "finding": TEXT_OR_NULL, "waited_ms": NUMBER, "retries": NUMBER,
    },
}
RESULTS = {
    "flash": {
        "ok": (bool,), "written_bytes": NUMBER, "verified_bytes": NUMBER,
        "erased": (list,), "skipped_bytes": NUMBER, "kept_bytes": NUMBER,
        "transfers": NUMBER,
        "time_ms": NUMBER,
    },
    "plan": {"ok": (bool,)},
    "read": {"ok": (bool,), "bytes": (int, str), "transfers": NUMBER,
             "time_ms": NUMBER},
    "blank": {"ok": (bool,), "blank": (bool,), "transfers": NUMBER,
              "time_ms": NUMBER},
    "checksum": {"ok": (bool,), "crc32": NUMBER, "sha256": TEXT,
                 "sum": NUMBER, "length": NUMBER, "address": NUMBER, "transfers": NUMBER,
                 "time_ms": NUMBER},
    "erase": {"ok": (bool,), "erased": (list,), "transfers": NUMBER,
              "time_ms": NUMBER},
    "verify": {"ok": (bool,), "verified_bytes": NUMBER, "transfers": NUMBER,
               "time_ms": NUMBER},
    "start": {"ok": (bool,), "address": NUMBER, "transfers": NUMBER,
              "time_ms": NUMBER},
    "list": {"ok": (bool,), "count": NUMBER},
    "info": {"ok": (bool,)},
    "option": {"ok": (bool,), "chip": TEXT},
    "option save": {"ok": (bool,), "fields": NUMBER},
    "convert": {"ok": (bool,), "segments": (list,), "bytes": NUMBER},
    "chips": {"ok": (bool,), "count": NUMBER},
    "chips sources": {"ok": (bool,), "families": (list,), "chips": NUMBER,
                      "values": NUMBER, "sources": (dict,)},
    "sim": {"ok": (bool,), "text": TEXT},
    "sim help": {"ok": (bool,), "text": TEXT, "profiles": (list,)},
    "doctor": {"ok": (bool,), "findings": NUMBER, "host": (bool,),
               "device": (bool,), "file": (bool,)},
}
RESULTS["recover"] = {
    "ok": (bool,), "restored_bytes": NUMBER, "sectors": (list,),
    "waiting": (list,), "transfers": NUMBER, "time_ms": NUMBER,
}
RESULTS["option set"] = {
    "ok": (bool,), "changed": (list,), "at_reset": (bool,),
    "transfers": NUMBER, "time_ms": NUMBER,
}
RESULTS["option plan"] = {
    "ok": (bool,), "planned": (list,), "at_reset": (bool,),
    "transfers": NUMBER, "time_ms": NUMBER,
}
RESULTS["unprotect"] = {
    "ok": (bool,), "was_open": (bool,), "rdp": NUMBER, "blank_bytes": NUMBER,
    "not_blank": (int, type(None)), "transfers": NUMBER, "time_ms": NUMBER,
}
for job in ("option set", "option plan", "unprotect", "recover", "flash",
            "read", "blank", "checksum", "erase", "verify", "start"):
    RESULTS[job].update({"reconnects": NUMBER, "retries": NUMBER})
RESULTS["write"] = RESULTS["fill"] = RESULTS["flash"]
PARTS = {
    "segments": {"file", "section", "address", "length", "memory", "action"},
    "erase": {"address", "length"},
    "sectors": {"address", "length", "state", "saved_bytes", "saved_s"},
    "erased": {"address", "length"},
    "memories": {"name", "address", "length", "sector_size", "kind",
                 "access"},
    "differences": {"address", "length", "expected", "found"},
    "geometries": {"field", "value", "flash_kib", "banks", "layout"},
    "roms": {"version", "name", "limits"},
    "option_windows": {"address", "length"},
    "lines": {"key", "value", "source", "kind"},
    "families": {"family", "chips", "values", "sources"},
}
TRUST = {"trusted_bytes": NUMBER}
STATS = {"floor_ms": NUMBER, "ratio": (int, float), "times": (dict,)}


def elf(*segments, machine=40, klass=1, order=1, sections=()):
    """An ARM ELF file with load segments (address, bytes, memory size or
    None); sections are (name, address, segment number)."""
    header, ph_size, sh_size = 52, 32, 40
    offset = header + ph_size * len(segments)
    headers, body, places = b"", b"", []
    for address, data, memory in segments:
        places.append(offset + len(body))
        headers += struct.pack("<8I", 1, offset + len(body), address, address,
                               len(data),
                               len(data) if memory is None else memory, 7, 1)
        body += data
    names = b"\0"
    table = b"\0" * sh_size
    for name, address, segment in sections:
        data, memory = segments[segment][1], segments[segment][2]
        kind = 1 if data else 8
        table += struct.pack("<10I", len(names), kind, 3, address,
                             places[segment], len(data) or memory or 0,
                             0, 0, 1, 0)
        names += name.encode() + b"\0"
    count = 0
    section_offset = 0
    if sections:
        names_at = len(names)
        names += b".shstrtab\0"
        table += struct.pack("<10I", names_at, 3, 0, 0, offset + len(body),
                             len(names), 0, 0, 1, 0)
        body += names
        section_offset = offset + len(body)
        body += table
        count = len(sections) + 2
    ident = b"\x7fELF" + bytes([klass, order, 1]) + b"\0" * 9
    head = ident + struct.pack("<HHIIIIIHHHHHH", 2, machine, 1,
                               segments[0][0] if segments else 0, header,
                               section_offset, 0x5000400, header, ph_size,
                               len(segments), sh_size, count,
                               count - 1 if count else 0)
    return head + headers + body


def ihex(*chunks):
    """Intel HEX of chunks (address, bytes)."""
    def record(address, kind, data):
        raw = bytes([len(data), address >> 8 & 255, address & 255, kind])
        raw += data
        return ":" + raw.hex().upper() + "%02X\n" % (-sum(raw) & 255)

    text, high = "", None
    for address, data in chunks:
        for i in range(0, len(data), 16):
            at = address + i
            if at >> 16 != high:
                high = at >> 16
                text += record(0, 4, struct.pack(">H", high))
            text += record(at & 0xffff, 0, data[i:i + 16])
    return (text + ":00000001FF\n").encode()


def noise(length, seed=1):
    """Bytes that look random and are the same every time."""
    out = bytearray()
    state = seed * 2654435761 & 0xffffffff or 1
    while len(out) < length:
        state ^= state << 13 & 0xffffffff
        state ^= state >> 17
        state ^= state << 5 & 0xffffffff
        out += struct.pack("<I", state)
    return bytes(out[:length])


def firmware(length, seed=1, at=FLASH):
    """Noise behind a vector table that can be right."""
    return struct.pack("<II", 0x20020000, at + 9) + noise(length - 8, seed)


class Run:
    """One finished run of the command."""

    def __init__(self, args, process):
        self.args = args
        self.status = process.returncode
        self.raw = process.stdout
        self.out = (process.stdout or b"").decode("utf-8", "replace")
        self.err = process.stderr.decode("utf-8", "replace")

    def __str__(self):
        return "sector0 %s\nstatus %d\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(self.args), self.status, self.out[:4000],
            self.err[:4000])


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sector0-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.directory,
            "XDG_STATE_HOME": os.path.join(self.directory, "state"),
            "LC_ALL": "C",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def path(self, name):
        return os.path.join(self.directory, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)
        return name

    def bytes_of(self, name):
        with open(self.path(name), "rb") as source:
            return source.read()

    def call(self, *args, stdin=b"", env=None, **more):
        environment = dict(self.environment, **(env or {}))
        more.setdefault("stdout", subprocess.PIPE)
        process = subprocess.run([COMMAND, *args], input=stdin,
                                 stderr=subprocess.PIPE, env=environment,
                                 cwd=self.directory, timeout=250, **more)
        run = Run(args, process)
        self.assertNotIn("Sanitizer", run.err, run)
        self.assertNotIn("runtime error:", run.err, run)
        return run

    def run_ok(self, *args, **more):
        run = self.call(*args, **more)
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("error:", run.err, run)
        return run

    def run_bad(self, status, *args, **more):
        """A run that fails as it should: one error, said once."""
        run = self.call(*args, **more)
        self.assertEqual(run.status, status, run)
        errors = [line for line in run.err.splitlines()
                  if line.startswith("error: ")]
        self.assertEqual(len(errors), 1, run)
        message = errors[0][len("error: "):]
        self.assertFalse(message.endswith("."), run)
        return run

    def events(self, *args, status=0, kind=None, **more):
        """The events of a run with --json, each checked."""
        run = self.call("--json", *args, **more)
        self.assertEqual(run.status, status, run)
        lines = run.out.splitlines()
        self.assertTrue(run.out.endswith("\n"), run)
        events = [json.loads(line) for line in lines]
        for event in events:
            self.check_event(event, kind or args[0], run)
        ends = [e for e in events if e["event"] in ("result", "error")]
        self.assertEqual(len(ends), 1, run)
        self.assertIs(ends[0], events[-1], run)
        wanted = "result" if status == 0 else "error"
        self.assertEqual(ends[0]["event"], wanted, run)
        if status:
            self.assertIn("error: " + ends[0]["message"], run.err, run)
        self.run_of_events = run
        return events

    def check_event(self, event, kind, run):
        name = event["event"]
        schema = RESULTS[kind] if name == "result" else SCHEMA[name]
        allowed = dict(schema)
        if name == "result" and "floor_ms" in event:
            allowed.update(STATS)
        if name == "result" and "trusted_bytes" in event:
            allowed.update(TRUST)
        if name == "result" and "lifted_sectors" in event:
            allowed["lifted_sectors"] = NUMBER
        if name == "result" and "protection_was_off" in event:
            allowed["protection_was_off"] = (bool,)
        if name == "result" and "backup_bytes" in event:
            allowed["backup_bytes"] = NUMBER
        if name == "plan" and event.get("lift"):
            allowed["lift"] = (list,)
        if name == "error" and "differences" in event:
            allowed["differences"] = (list,)
        self.assertEqual(set(event) - {"event"}, set(allowed), run)
        for field, types in allowed.items():
            self.assertIs(type(event[field]) in types, True,
                          "%s of %s\n%s" % (field, event, run))
        for field, keys in PARTS.items():
            parts = event.get(field)
            for part in parts if isinstance(parts, list) else ():
                if kind == "convert" and field == "segments":
                    keys = keys - {"memory", "action"}
                self.assertEqual(set(part), keys, run)

    def last(self, *args, **more):
        return self.events(*args, **more)[-1]

    def plan_of(self, *args, **more):
        plans = [e for e in self.events(*args, **more)
                 if e["event"] == "plan"]
        self.assertEqual(len(plans), 1)
        return plans[0]

    def chip(self, name="chip.sim", *keys):
        """A selector of a virtual chip that outlives the process."""
        return ",".join([SIM, "file=" + self.path(name), *keys])


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=1)
