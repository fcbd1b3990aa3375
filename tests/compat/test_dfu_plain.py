# SPDX-License-Identifier: MIT
"""Plain DFU: dfu-util's command line beside dfu-util itself, on devices that
are no STM32 in their bootloader.

usage: test_dfu_plain.py SECTOR0 MOCK_RUN [TEST...]; COMPAT_TABLE=FILE has the
table of invocations added to it.
"""
import os
import re
import shutil
import signal
import subprocess

import bench
from bench import Boards, noise

FIRMWARE = noise(1000)
DOWN = ["-a", "0", "-D", "app.bin"]
UP = ["-a", "0", "-U", "up.bin"]
SOON = ["-E", "1"]
DETACHED = "becomes=stm32h743,time_scale=0.01"

# What is called how, on which device. Where ours has another status on
# purpose, it stands behind; --strict-compat has theirs.
CALLS = [
    ("list", "dfu", ["-l"]),
    ("list, run time", "dfu-runtime", ["-l"]),
    ("list a camera", "camera", ["-l"]),
    ("list Maple", "maple", ["-l"]),
    ("list without names", "dfu,names=+B+", ["-l"]),
    ("list, DFU 1.0", "dfu,serial=,length=7", ["-l"]),
    ("list by IDs", "dfu", ["-l", "-d", ",1209:0002"]),
    ("list by other IDs", "dfu", ["-l", "-d", ",1209:0009"]),
    ("list by run-time IDs", "dfu", ["-l", "-d", "1209:0009"]),
    ("list by name", "dfu", ["-l", "-a", "Flash"]),
    ("list by number", "dfu", ["-l", "-a1"]),
    ("list by serial", "dfu", ["-l", "-S", "0001"]),
    ("list by other serial", "dfu", ["-l", "-S", "0002"]),
    ("list by path", "dfu", ["-l", "-p", "1-1"]),
    ("list by other path", "dfu", ["-l", "-p", "1-2"]),
    ("list by interface", "dfu-runtime", ["-l", "-i", "0"]),
    ("list by configuration", "dfu", ["-l", "-c", "2"]),
    ("list run time not for DFU", "dfu-runtime", ["-l", "-d", ",1209:0001"]),
    ("list run time by IDs", "dfu-runtime", ["-l", "-d", "1209:0001"]),
    ("list no DFU", "dfu", ["-l", "-d", "1209:0002,-"]),
    ("download", "dfu", DOWN),
    ("download by name", "dfu", ["-a", "Configuration", "-D", "app.bin"]),
    ("download, long", "dfu", ["--alt=1", "--download", "app.bin"]),
    ("download from a pipe", "dfu", ["-a", "0", "-D", "-"]),
    ("download, one memory", "dfu,names=Only", ["-D", "app.bin"]),
    ("download, DFU 1.0", "dfu,length=7", DOWN),
    ("download, plain with a layout",
     "dfu,names=@Internal Flash /0x08000000/16*1Kg", ["-D", "app.bin"]),
    ("download, slow", "dfu,poll_ms=20,busy=3,manifest_ms=100", DOWN),
    ("download, not tolerant", "dfu,tolerant=0", DOWN),
    ("download and reset", "dfu", DOWN + ["-R"]),
    ("download, not tolerant, reset", "dfu,tolerant=0", DOWN + ["-R"]),
    ("smaller blocks", "dfu", DOWN + ["-t", "100"]),
    ("blocks below a packet", "dfu", DOWN + ["-t", "16"]),
    ("blocks too large", "dfu", DOWN + ["-t", "512"]),
    ("blocks beyond all", "dfu,xfer=8192", DOWN + ["-t", "10000"]),
    ("no block size", "dfu,xfer=0", DOWN),
    ("Maple, 5 tries while 74", "maple", ["-d", "1EAF:0003", "-a", "2", "-R",
                                          "-D", "app.bin"], 0),
    ("Maple without -R", "maple", ["-d", "1EAF:0003", "-a", "2", "-D",
                                   "app.bin"], 0),
    ("starts its firmware", "dfu,app=1", DOWN + ["-R"], 0),
    ("leaves by itself", "dfu,tolerant=0,fault=unplug@15", DOWN, 0),
    ("upload", "dfu", UP),
    ("upload, full blocks", "dfu,xfer=250", UP),
    ("upload with its size", "dfu", UP + ["-Z", "1000"]),
    ("upload with another size", "dfu", UP + ["-Z", "700"]),
    ("upload over a file", "dfu", ["-a", "0", "-U", "app.bin"]),
    ("upload, small blocks", "dfu", UP + ["-t", "64"]),
    ("upload to a file '-'", "dfu", ["-a", "0", "-U", "-"]),
    ("upload of nothing", "dfu", ["-a", "1", "-U", "up.bin"], 74),
    ("upload of nothing, its size", "dfu",
     ["-a", "1", "-Z", "9", "-R", "-U", "up.bin"], 74),
    ("no upload", "dfu,upload=0", UP),
    ("no download", "dfu,download=0", DOWN),
    ("detach alone", "dfu", ["-a", "0", "-e"]),
    ("detach and download", "dfu", ["-e"] + DOWN),
    ("detach run time", "dfu-runtime", ["-e"]),
    ("detach run time by itself", "dfu-runtime,will_detach=1", ["-e"]),
    ("run time, download", "dfu-runtime", DOWN + SOON),
    ("run time, detaches itself", "dfu-runtime,will_detach=1", DOWN + SOON),
    ("run time, upload", "dfu-runtime", UP + SOON),
    ("run time, both IDs", "dfu-runtime",
     DOWN + SOON + ["-d", "1209:0001,1209:0002"]),
    ("run time, both serials", "dfu-runtime",
     DOWN + SOON + ["-S", "0001,0001"]),
    ("run time, another comes", "dfu-runtime",
     DOWN + SOON + ["-d", "1209:0001,1209:0009"]),
    ("run time, DFU IDs alone", "dfu-runtime",
     DOWN + ["-d", ",1209:0002"]),
    ("run time, no get_status", "dfu-runtime,fault=stall@1", DOWN + SOON),
    ("run time, refuses", "dfu-runtime,fault=stall@2", DOWN + SOON),
    ("run time, which memory", "dfu-runtime", ["-D", "app.bin"] + SOON),
    ("run time, an STM32", "dfu-runtime",
     ["-d", "1209:0001,0483:df11", "-a", "0", "-s", "0x08000000", "-D",
      "app.bin"] + SOON),
    ("suffix", "dfu", ["-a", "0", "-D", "own.bin"]),
    ("suffix, any IDs", "dfu", ["-a", "0", "-D", "any.bin"]),
    ("suffix, DFU IDs at run time", "dfu-runtime",
     ["-a", "0", "-D", "own.bin"]),
    ("suffix, run-time IDs", "dfu-runtime",
     ["-a", "0", "-D", "app-ids.bin"] + SOON),
    ("suffix, run-time IDs by -d", "dfu",
     ["-d", "1209:0001,1209:0002", "-a", "0", "-D", "app-ids.bin"]),
    ("suffix, DfuSe", "dfu", ["-a", "0", "-D", "dfuse.bin"]),
    ("suffix, another device", "dfu", ["-a", "0", "-D", "st.bin"], 64),
    ("suffix, another device by -d", "dfu",
     ["-d", ",1209:0002", "-a", "0", "-D", "st.bin"]),
    ("suffix, damaged", "dfu", ["-a", "0", "-D", "damaged.bin"], 65),
    # What goes wrong.
    ("which memory", "dfu", ["-D", "app.bin"]),
    ("no such memory", "dfu", ["-a", "7", "-D", "app.bin"]),
    ("no such name", "dfu", ["-a", "Nope", "-D", "app.bin"]),
    ("no such IDs", "dfu", DOWN + ["-d", ",1209:0009"]),
    ("no such serial", "dfu", DOWN + ["-S", "0002"]),
    ("no such file", "dfu", ["-a", "0", "-D", "none.bin"]),
    ("no such device", "none", DOWN),
    ("no bus", "no-usb", DOWN),
    ("list without a bus", "no-usb", ["-l"]),
    ("list a serial port", "vcp", ["-l"]),
    ("list, no rights", "no-rights", ["-l"]),
    ("no rights", "no-rights", DOWN + ["-s", "0x08000000"]),
    ("list, no node", "no-node", ["-l"]),
    ("no node", "no-node", DOWN + ["-s", "0x08000000"]),
    ("list, in use", "busy", ["-l"]),
    ("list by part of a serial", "dfu", ["-l", "-S", "000"]),
    ("list by more than a serial", "dfu", ["-l", "-S", "00011"]),
    ("list run time, none by -d", "dfu-runtime", ["-l", "-d",
                                                  "-,1209:0002"]),
    ("an address", "dfu", DOWN + ["-s", "0x08000000"]),
    ("an empty file", "dfu", ["-a", "0", "-D", "empty.bin"], 64),
    ("refused by its status", "dfu,error=3@2", DOWN),
    ("larger than its memory", "dfu,size=512", DOWN),
    ("stalls", "dfu,fault=stall@4", DOWN),
    ("stalls a block", "dfu,fault=stall@5", DOWN),
    ("leaves in between", "dfu,fault=unplug@6", DOWN),
    ("leaves at once", "dfu,fault=unplug@1", DOWN),
    ("upload, leaves", "dfu,fault=unplug@4", UP),
]
# Lines that are said by both, or by none.
PARSED = [r"^Found (DFU|Runtime): .*$", r"^(Download|Upload) done\.$",
          r"^Device ID .*$", r"^Copying data .*$", r"^Done!$",
          r"^Device returned transfer size .*$", r"^DFU state\(.*$",
          r"^(Device|Run-Time device) DFU version .*$",
          r"^Setting Alternate Interface .*$", r"^Received a total .*$",
          r"^Resetting USB.*$", r"^Device (really|will) .*$",
          r"^(Limited|Adjusted) transfer size .*$", r"^Warning: .*$",
          r"^Opening DFU USB Device\.\.\.$", r"^Aborting .*$",
          r"^dfu-util: (No|More than one) DFU capable USB device",
          r"^dfu-util: Cannot open DFU device .*$", r"^Failed\.$",
          r"^dfu-util: Cannot claim interface - .*$",
          r"^dfu-util: Lost device after RESET\?$",
          r"^dfu-util: can't detach$",
          r"^dfu-util: Unexpected number of bytes",
          r"^dfu-util: error detaching$",
          r"^dfu-util: Error during download"]
# It goes on after what it could not do, or opens the device first.
OTHERWISE = ["suffix, another device", "suffix, damaged",
             "leaves by itself", "run time, refuses", "upload, leaves",
             "upload over a file", "upload of nothing, its size"]


def parsed(run):
    text = (run.out + run.err).replace("\r", "\n")
    # A bar that is broken off has no end of line.
    text = re.sub(r"bytes failed!", "bytes\nfailed!", text)
    return [line for line in text.splitlines()
            if any(re.search(p, line) for p in PARSED)]


class Beside(Boards):
    def run_on(self, who, kind, program, stdin=b""):
        """A program on a fresh device in a fresh folder."""
        folder = self.path(who)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        for name in os.listdir(self.folder):
            if name.endswith(".bin"):
                shutil.copy(self.path(name), folder)
        if "-U" in program:
            with open(os.path.join(folder, "mem.0"), "wb") as out:
                out.write(FIRMWARE)
        kind, *keys = kind.split(",")
        if kind in ("dfu", "dfu-runtime", "maple"):
            keys.insert(0, f"file={folder}/mem")
        if "0483:df11" in str(program):
            keys += [DETACHED + f",uid={bench.UID},file={folder}/mem.0"]
        for _ in range(5):
            run = subprocess.run(
                [bench.MOCK_RUN, "--device", ",".join([kind, *keys]), "--",
                 *program], input=stdin, cwd=folder, env=self.environment,
                capture_output=True, timeout=100)
            if run.returncode >= 0 or b"uevent_sender" not in run.stderr:
                break
        return bench.Run(run.returncode, run.stdout.decode(errors="replace"),
                         run.stderr.decode(errors="replace"))

    def files_of(self, who):
        """What the device and the program left."""
        files = {}
        for name in sorted(os.listdir(self.path(who))):
            if os.path.isfile(os.path.join(self.path(who), name)):
                with open(os.path.join(self.path(who), name), "rb") as file:
                    files[name] = file.read()
        return files

    def ours(self, kind, args, **more):
        return self.run_on("ours", kind,
                           [bench.SECTOR0, "as", "dfu-util", *args], **more)

    def theirs(self, kind, args, **more):
        return self.run_on("theirs", kind, ["dfu-util", *args], **more)

    def setUp(self):
        super().setUp()
        self.file("app.bin", FIRMWARE)
        self.file("empty.bin", b"")
        for name, *ids in (("own", "-v", "1209", "-p", "0002"), ("any",),
                           ("app-ids", "-v", "1209", "-p", "0001"),
                           ("dfuse", "-S", "0x011a"),
                           ("st", "-v", "0483", "-p", "df11"),
                           ("damaged", "-v", "1209")):
            self.file(name + ".bin", FIRMWARE)
            subprocess.run(["dfu-suffix", *ids, "-a",
                            self.path(name + ".bin")], check=True,
                           stdout=subprocess.DEVNULL)
        self.file("damaged.bin", b"X" + self.bytes_of("damaged.bin")[1:])

    def test_every_invocation_does_what_dfu_util_does(self):
        rows = []
        for name, kind, args, *expected in CALLS:
            with self.subTest(name):
                theirs = self.theirs(kind, args, stdin=FIRMWARE)
                ours = self.ours(kind, args, stdin=FIRMWARE)
                rows.append(f"{name:29} {theirs.status:6} {ours.status:4}  "
                            f"dfu-util {' '.join(args)}")
                self.assertEqual(ours.status, expected[0] if expected
                                 else theirs.status, ours)
                want, got = self.files_of("theirs"), self.files_of("ours")
                if theirs.status:  # it leaves what it has begun
                    want.pop("up.bin", None)
                if ours.status and not theirs.status:  # refused
                    self.assertEqual(got.get("mem.0"), want.get("mem.0")
                                     if "-U" in args else None)
                    self.assertNotIn("up.bin", got)
                else:
                    self.assertEqual(got, want)
                if theirs.status != 64 and name not in OTHERWISE:
                    self.assertEqual(parsed(ours), parsed(theirs))
                if ours.status != theirs.status:
                    strict = self.ours(kind, ["--strict-compat", *args])
                    self.assertEqual(strict.status, 64 if args[-1] ==
                                     "empty.bin" else theirs.status, strict)
                    self.assertEqual(self.files_of("ours"), want)
                if ours.status:
                    self.assertRegex(ours.err, "dfu-util: |error: ")
        if os.environ.get("COMPAT_TABLE"):
            with open(os.environ["COMPAT_TABLE"], "a") as out:
                out.write(f"{'plain DFU':29} theirs ours  command\n" +
                          "\n".join(rows) + "\n")

    def test_several_devices(self):
        """A camera beside a device that is meant; two that may be."""
        devices = ["--device", "camera", "--device", "dfu,names=Flash",
                   "--device", "dfu-runtime", "--device", "vcp"]

        def run(*args, also=()):
            done = subprocess.run(
                [bench.MOCK_RUN, *devices, *also, "--", *args],
                cwd=self.folder, env=self.environment, capture_output=True,
                timeout=100)
            return bench.Run(done.returncode, done.stdout.decode(),
                             done.stderr.decode())
        ours = [bench.SECTOR0, "as", "dfu-util"]
        found = [re.findall(r"Found .*", run(*program, "-l").out)
                 for program in (["dfu-util"], ours)]
        self.assertEqual(len(found[0]), 3)
        self.assertEqual(*found)
        # It says "more than one", a camera being one.
        self.assertEqual(run("dfu-util", "-D", "app.bin").status, 74)
        self.assertEqual(run(*ours, "-D", "app.bin").status, 0)
        more = run(*ours, "-D", "app.bin", also=["--device", "dfu"])
        self.assertEqual(more.status, 74)
        self.assertIn("More than one DFU capable", more.err)
        self.assertEqual(run(*ours, "-p", "1-5", *DOWN,
                             also=["--device", "dfu"]).status, 0)

    def test_a_camera_is_not_taken_for_an_stm32(self):
        """-s means an STM32; run time of another maker has to be named."""
        args = ["-a", "0", "-s", "0x08000000", "-D", "app.bin"]
        run = self.ours("dfu-runtime", args)
        self.assertEqual(run.status, 74)
        self.assertIn("No DFU capable USB device available", run.err)
        self.assertIn("1209:0001 at 1-1 runs its firmware; -d 1209:0001 has",
                      run.err)
        self.assertNotIn("Opening", run.out)

    def test_a_failure_says_how_the_device_is_left(self):
        for kind, left in (("dfu,download=0", "untouched"),
                           ("dfu,error=3@2", "partly written"),
                           ("dfu,fault=unplug@8", "unknown")):
            run = self.ours(kind, DOWN)
            self.assertEqual(run.status, 74)
            self.assertRegex(run.err, f"error: .*\ndevice: .*{left}")

    def test_what_cannot_be_opened_is_said_in_both_words(self):
        for kind, error in (("no-node", "has no device node"),
                            ("no-rights", "permission denied"),
                            ("busy", "another program holds it")):
            run = self.ours(kind, DOWN + ["-s", "0x08000000"])
            self.assertEqual(run.status, 74)
            self.assertRegex(run.err, "dfu-util: .*LIBUSB_ERROR_[A-Z_]+\\)?\n"
                             "(dfu-util: .*\n)?error: .*0483:df11.*" + error +
                             "\ndevice: untouched\nhint: ")

    def test_hints_speak_of_stm32s_where_it_is_one(self):
        """BOOT0, read-out protection and commands that need an STM32 help
        nobody else."""
        for kind, args, hint in (
                ("camera", ["-D", "app.bin", *SOON], "as its maker says"),
                ("dfu-runtime,fault=stall@2", DOWN + SOON, "its maker's"),
                ("dfu,error=8@2", DOWN, "its maker's"),
                ("dfu,upload=0", UP, "its maker's"),
                ("dfu,fault=silent@3", DOWN, "plug it in again"),
                ("dfu,fault=unplug@8", DOWN, "plug it in again"),
                ("dfu", ["-a", "1", "-U", "new.bin"], "what memories")):
            with self.subTest(kind):
                run = self.ours(kind, args)
                self.assertEqual(run.status, 74)
                self.assertRegex(run.err, "error: (.*\n)+hint: .*" + hint)
                self.assertNotRegex(run.err, "BOOT0|sector0 |protection")

    def cut(self, first, how, then, kind):
        """Stop a program when its bar is there; then run another."""
        script = (f"{first} > log 2>&1 & p=$!; "
                  "until grep -q 'Download.\\[' log; do sleep .05; done; "
                  f"kill -{how} $p; wait $p; echo status $?; exec {then}")
        return self.run_on("ours", kind, ["bash", "-c", script])

    def test_what_an_earlier_program_left_is_cleared(self):
        """Killed while the device was busy with a block."""
        run = self.cut("dfu-util -a 0 -D app.bin", "KILL",
                       f"{bench.SECTOR0} as dfu-util -a 0 -D app.bin",
                       "dfu,xfer=512,poll_ms=1500")
        self.assertEqual(run.status, 0, run)
        self.assertRegex(run.out, "Clearing status|Aborting previous")
        self.assertIn("Done!", run.out)
        self.assertEqual(self.files_of("ours")["mem.0"], FIRMWARE)

    def test_a_stop_leaves_the_device_idle(self):
        for how, status in (("INT", 130), ("TERM", 143), ("HUP", 129)):
            run = self.cut(f"{bench.SECTOR0} as dfu-util -a 0 -D app.bin",
                           how,
                           f"{bench.SECTOR0} as dfu-util -a 1 -D app.bin",
                           "dfu,xfer=512,poll_ms=1500")
            self.assertEqual(run.status, 0, run)
            self.assertIn(f"status {status}", run.out)
            self.assertNotRegex(run.out, "Clearing status|Aborting previous")
            files = self.files_of("ours")
            self.assertIn(b"error: stopped as asked\n", files["log"])
            self.assertEqual(files["mem.1"], FIRMWARE)
            self.assertLess(len(files["mem.0"]), 1000)

    def test_a_device_is_waited_for(self):
        run = self.ours("dfu", ["-w", *DOWN])
        self.assertIn("Waiting for device, exit with ctrl-C", run.out)
        self.assertEqual(run.status, 0)
        process = subprocess.Popen(
            [bench.MOCK_RUN, "--device", "none", "--", bench.SECTOR0, "as",
             "dfu-util", "-w", *DOWN], cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in process.stdout:
            if line.startswith(b"Waiting"):
                break
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=60)[0].decode()
        self.assertEqual(process.returncode, 130)
        self.assertIn("stopped as asked", out)


if __name__ == "__main__":
    bench.main("__main__")
