# SPDX-License-Identifier: MIT
"""sector0 sim serve, sim control and sim log."""

import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import unittest

import harness
import usbip
from harness import Case, noise, FLASH

TIMEOUT = 60
USBIP = shutil.which("usbip", path=os.environ["PATH"] + ":/usr/sbin")


class Server:
    """A running server; ready when it says so."""

    def __init__(self, case, *args, stdin=subprocess.DEVNULL, port="0"):
        self.case = case
        command = [harness.COMMAND, "sim", "serve", *args]
        if port is not None:
            command += ["--port", port]
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=case.directory, env=case.environment,
            text=True)
        self.err = []
        self.reader = threading.Thread(target=self.read_errors)
        self.reader.start()
        case.addCleanup(self.clean_up)
        self.first = self.line()

    def read_errors(self):
        self.err += self.process.stderr.readlines()

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    @property
    def port(self):
        return int(re.fullmatch(r"listening on \S+:(\d+)", self.first)[1])

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def answer(self):
        lines = []
        while not lines or not re.match("ok$|error: ", lines[-1]):
            lines.append(self.line())
            self.case.assertNotEqual(lines[-1] or self.process.poll(), None)
        return lines

    def end(self):
        """Its exit status."""
        status = self.process.wait(TIMEOUT)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        if self.process.stdin:
            self.process.stdin.close()
        self.case.assertNotIn("Sanitizer", "".join(self.err))
        return status

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.end()

    def clean_up(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.reader.join()
            self.process.stdout.close()
            self.process.stderr.close()


class Serve(Case):
    def setUp(self):
        super().setUp()
        self.runtime = self.path("runtime")
        os.mkdir(self.runtime)
        self.environment["XDG_RUNTIME_DIR"] = self.runtime

    def control(self, server, *words):
        return self.run_ok("sim", "control", "--port", str(server.port),
                           *words).out


class Ready(Serve):
    def test_it_says_when_it_listens_and_what_it_serves(self):
        server = Server(self)
        self.assertRegex(server.first, r"^listening on 127\.0\.0\.1:\d+$")
        self.assertEqual(server.line(),
                         "1-1  stm32h743  serial 200364500000  unique id "
                         "c10002000c39313538323436")
        self.assertEqual([d.bus_id for d in usbip.device_list(server.port)],
                         ["1-1"])
        self.assertEqual(server.stop(), 0)
        self.assertIn("sim control --control", server.err[0])

    def test_eight_boards_share_a_serial_and_have_their_own_unique_ids(self):
        server = Server(self, "--count", "8", "--time-scale", "0")
        lines = [server.line().split() for _ in range(8)]
        self.assertEqual([line[0] for line in lines],
                         ["1-%d" % i for i in range(1, 9)])
        self.assertEqual({line[3] for line in lines}, {"200364500000"})
        self.assertEqual(len({line[6] for line in lines}), 8)
        listed = usbip.device_list(server.port)
        self.assertEqual(len(listed), 8)
        self.assertEqual(len({(d.bus, d.number) for d in listed}), 8)
        devices = [usbip.Device(server.port, d.bus_id) for d in listed]
        for i, device in enumerate(devices):
            self.assertEqual(len(device.enumerate()), 36)
            device.write(FLASH, noise(100, i + 1))
        for i, device in enumerate(devices):
            self.assertEqual(device.read(FLASH, 100), noise(100, i + 1))
            device.close()
        self.assertEqual(server.stop(), 0)

    def test_profiles_and_seeds_may_be_mixed(self):
        server = Server(self, "stm32h743,rev=Y,seed=7", "stm32f405",
                        "--count", "2")
        lines = [server.line().split() for _ in range(4)]
        self.assertEqual([line[1] for line in lines],
                         ["stm32h743"] * 2 + ["stm32f405"] * 2)
        self.assertEqual(lines[0][3], "100364500000")
        self.assertEqual(len({line[6] for line in lines}), 4)
        self.assertEqual(server.stop(), 0)
        alone = Server(self, "stm32h743,seed=8")
        self.assertEqual(alone.line().split()[6], lines[1][6])
        self.assertEqual(alone.stop(), 0)

    @unittest.skipUnless(USBIP, "there is no usbip")
    def test_the_stock_tool_lists_them(self):
        server = Server(self, "--count", "2")
        done = subprocess.run(
            [USBIP, "--tcp-port", str(server.port), "list", "-r", "127.0.0.1"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=TIMEOUT, check=True)
        self.assertIn("        1-1: ", done.stdout)
        self.assertIn("        1-2: ", done.stdout)
        self.assertEqual(done.stdout.count("(0483:df11)"), 2, done.stdout)
        self.assertEqual(done.stdout.count("(fe/01/02)"), 2, done.stdout)
        self.assertEqual(server.stop(), 0)

    def test_json_is_one_object_a_line(self):
        server = Server(self, "--count", "2", "--json", stdin=subprocess.PIPE)
        events = [json.loads(server.first)]
        events += [json.loads(server.line()) for _ in range(2)]
        server.say("started 1-2\nnonsense\nquit\n")
        self.assertEqual(server.process.wait(TIMEOUT), 0)
        events += [json.loads(line)
                   for line in server.process.stdout.readlines()]
        self.assertEqual(server.end(), 0)
        self.assertEqual(events[0]["event"], "listening")
        self.assertEqual(set(events[0]), {"event", "attached", "address",
                                          "port", "control"})
        self.assertEqual(events[2]["event"], "served")
        self.assertEqual(set(events[2]), {"event", "bus_id", "profile",
                                          "serial", "uid"})
        self.assertEqual([e.get("line") for e in events[3:-1]],
                         ["no", "ok", "error: 'nonsense' is no command; 'help' "
                          "lists them", "ok"])
        self.assertEqual(events[-1], {"event": "result", "ok": True})


class Files(Serve):
    def test_copies_have_files_of_their_own(self):
        server = Server(self, "stm32h743,file=sub.d/chip.sim,time_scale=0",
                        "--count", "2")
        with usbip.Device(server.port, "1-2") as device:
            device.enumerate()
            device.write(FLASH, b"second")
        self.assertEqual(server.stop(), 0)
        self.assertIn("note: 1-2 is kept in sub.d/chip-2.sim\n", server.err)
        self.assertEqual(sorted(os.listdir(self.path("sub.d"))),
                         ["chip-1.sim", "chip-2.sim"])
        run = self.run_ok("read", hex(FLASH), "6", "-", "-d",
                          harness.SIM + ",file=sub.d/chip-2.sim")
        self.assertEqual(run.raw, b"second")

    def test_one_chip_has_the_file_that_was_named(self):
        server = Server(self, "stm32h743,file=chip.sim")
        self.assertEqual(server.stop(), 0)
        self.assertIn("chip.sim", os.listdir(self.directory))

    def test_a_chip_in_use_is_not_served_twice(self):
        server = Server(self, "stm32h743,file=chip.sim")
        self.run_bad(1, "sim", "serve", "stm32h743,file=chip.sim", "--port",
                     "0")
        self.assertEqual(server.stop(), 0)

    def test_requests_are_written_as_they_happen(self):
        server = Server(self, "--count", "2", "--log", "requests.log")
        self.assertEqual(self.bytes_of("requests.log"), b"")
        with usbip.Device(server.port, "1-2") as device:
            device.status()
            device.status()
            lines = self.bytes_of("requests.log").decode().splitlines()
            self.assertEqual(len(lines), 2)
            self.assertRegex(lines[1], r"^1-2 \d+\.\d{6} #2 GETSTATUS ")
        self.assertEqual(server.stop(), 0)

    def test_a_log_that_cannot_be_written_is_an_error(self):
        self.run_bad(1, "sim", "serve", "--log", "no/such/folder", "--port",
                     "0")


class Ending(Serve):
    def test_it_ends_in_order_on_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            server = Server(self)
            device = usbip.Device(server.port)
            self.assertEqual(server.stop(number), 0)
            self.assertEqual(device.sock.recv(1), b"")
            device.close()
            self.assertEqual(os.listdir(self.runtime), [])

    def test_it_goes_on_when_its_input_ends(self):
        for stdin in (subprocess.DEVNULL, subprocess.PIPE):
            server = Server(self, stdin=stdin)
            if server.process.stdin:
                server.process.stdin.close()
                server.process.stdin = None
            for _ in range(3):
                self.assertEqual(len(usbip.device_list(server.port)), 1)
            self.assertIsNone(server.process.poll())
            self.assertEqual(server.stop(), 0)

    def test_quit_ends_it(self):
        server = Server(self, stdin=subprocess.PIPE)
        server.line()
        server.say("quit\n")
        self.assertEqual(server.line(), "ok")
        self.assertEqual(server.end(), 0)
        server = Server(self)
        self.assertEqual(self.control(server, "quit"), "")
        self.assertEqual(server.end(), 0)


class Prompt(Serve):
    def test_lines_are_answered(self):
        server = Server(self, stdin=subprocess.PIPE)
        server.line()
        server.say("started\n")
        self.assertEqual(server.answer(), ["no", "ok"])
        server.say("unplug\nlist\n")
        self.assertEqual(server.answer(), ["ok"])
        self.assertRegex(server.answer()[0], "  off the bus$")
        server.say("replug 1-2\n")
        self.assertEqual(server.answer(),
                         ["error: there is no device '1-2'"])
        self.assertEqual(server.stop(), 0)

    def test_a_person_gets_a_prompt(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen(
            [harness.COMMAND, "sim", "serve", "--port", "0"], stdin=slave,
            stdout=slave, stderr=slave, cwd=self.directory,
            env=self.environment, start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(
                0, __import__("termios").TIOCSCTTY, 0))
        os.close(slave)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.until(master, b"> ")
        os.write(master, b"started\n")
        self.assertIn(b"no\r\nok\r\n> ", self.until(master, b"ok\r\n> "))
        os.write(master, b"quit\n")
        self.assertEqual(process.wait(TIMEOUT), 0)

    def until(self, fd, end):
        seen = b""
        while not seen.endswith(end):
            self.assertTrue(select.select([fd], [], [], TIMEOUT)[0], seen)
            seen += os.read(fd, 4096)
        return seen


class Control(Serve):
    def test_hands_on_a_board_from_elsewhere(self):
        server = Server(self, "--count", "2")
        device = usbip.Device(server.port, "1-2")
        self.assertEqual(self.control(server, "unplug", "1-2"), "")
        self.assertEqual(device.sock.recv(1), b"")
        device.close()
        self.assertEqual([d.bus_id for d in usbip.device_list(server.port)],
                         ["1-1"])
        with self.assertRaises(usbip.Refused):
            usbip.Device(server.port, "1-2")
        self.control(server, "power", "cycle", "1-2")
        with usbip.Device(server.port, "1-2") as device:
            self.assertEqual(device.status(), (0, 2))
            self.control(server, "fault", "stall@+1", "1-2")
            status, _ = device.control(0xa1, 3, length=6)
            self.assertEqual(status, usbip.EPIPE)
        self.assertIn("transfers 2\n", self.control(server, "counters", "1-2"))
        self.assertEqual(server.stop(), 0)

    def test_a_silent_device_blocks_nobody_else(self):
        server = Server(self, "stm32h743,fault=silent@1", "stm32h743")
        mute = usbip.Device(server.port, "1-1")
        number = mute.submit(0xa1, 3, length=6)
        with usbip.Device(server.port, "1-2") as other:
            for _ in range(20):
                self.assertEqual(other.status(), (0, 2))
        self.assertEqual(mute.unlink(number), usbip.ECONNRESET)
        self.assertEqual(mute.status(), (0, 2))
        mute.close()
        self.assertEqual(server.stop(), 0)

    def test_errors_are_errors(self):
        server = Server(self, "--count", "2")
        port = str(server.port)
        run = self.run_bad(1, "sim", "control", "--port", port, "reset")
        self.assertIn("there are 2 devices", run.err)
        self.run_bad(1, "sim", "control", "--port", port, "dance")
        events = self.call("--json", "sim", "control", "--port", port,
                           "started", "1-1").out.splitlines()
        self.assertEqual([json.loads(e)["event"] for e in events],
                         ["answer", "result"])
        self.assertEqual(server.stop(), 0)

    def test_without_a_server_it_is_status_4(self):
        for args in (("control", "list"), ("log",)):
            run = self.run_bad(4, "sim", *args, "--port", "1")
            self.assertIn("hint: start one with 'sector0 sim serve'", run.err)
            self.run_bad(4, "sim", *args, "--control", "nowhere.sock")
            self.run_bad(4, "sim", *args, "--control", "x" * 200)

    def test_the_socket_can_be_named(self):
        server = Server(self, "--control", "here.sock")
        self.assertEqual(os.stat(self.path("here.sock")).st_mode & 0o777,
                         0o600)
        self.assertEqual(os.listdir(self.runtime), [])
        run = self.run_ok("sim", "control", "--control", "here.sock",
                          "started")
        self.assertEqual(run.out, "no\n")
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("here.sock", os.listdir(self.directory))

    def test_without_a_runtime_folder_it_lies_with_the_state(self):
        del self.environment["XDG_RUNTIME_DIR"]
        server = Server(self)
        self.assertEqual(os.listdir(self.path("state/sector0")),
                         ["sim-%d.sock" % server.port])
        self.assertEqual(self.control(server, "started"), "no\n")
        self.assertEqual(server.stop(), 0)

    def test_a_socket_left_by_a_killed_server_is_replaced(self):
        server = Server(self, "--control", "here.sock")
        server.process.kill()
        server.end()
        self.assertIn("here.sock", os.listdir(self.directory))
        server = Server(self, "--control", "here.sock")
        self.run_ok("sim", "control", "--control", "here.sock", "list")
        run = self.run_bad(1, "sim", "serve", "--port", "0", "--control",
                           "here.sock")
        self.assertIn("hint: choose another place with --control", run.err)
        self.run_ok("sim", "control", "--control", "here.sock", "list")
        self.assertEqual(server.stop(), 0)


class Output(Serve):
    """Nobody reads what the server writes."""

    def start(self, *args, stdout, stderr):
        process = subprocess.Popen(
            [harness.COMMAND, "sim", "serve", "--port", "0",
             "--control", self.path("socket"), *args],
            stdin=subprocess.PIPE, stdout=stdout, stderr=stderr,
            cwd=self.directory, env=self.environment)
        self.addCleanup(process.kill)
        return process

    def expect_alive(self, process):
        """It answers on the control socket, and ends when it is told to."""
        self.assertIn("serial", self.run_ok(
            "sim", "control", "--control", self.path("socket"), "list").out)
        process.stdin.close()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(TIMEOUT), 0)

    def check_answers(self, *args):
        process = self.start(*args, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        process.stdout.readline()
        for _ in range(300):  # some 300 KiB of answers
            process.stdin.write(b"help\n")
        process.stdin.flush()
        self.expect_alive(process)
        text = process.stdout.read()
        process.stdout.close()
        self.assertLess(len(text), 200000)
        return text

    def test_answers_that_nobody_takes_are_left_out(self):
        self.assertIn(b"the devices\n", self.check_answers())

    def test_the_same_as_json(self):
        for line in self.check_answers("--json").splitlines():
            json.loads(line)

    def test_what_was_left_out_is_told_when_there_is_room(self):
        process = self.start(stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        process.stdout.readline()
        process.stdin.write(b"help\n" * 300)
        process.stdin.flush()
        self.run_ok("sim", "control", "--control", self.path("socket"),
                    "list")
        while select.select([process.stdout], [], [], 0.5)[0]:
            os.read(process.stdout.fileno(), 65536)
        process.stdin.write(b"list\n")
        process.stdin.flush()
        text = b""
        while b"serial" not in text:
            text += os.read(process.stdout.fileno(), 65536)
        self.assertRegex(text, rb"\(\d+ lines lost\)\n1-1 ")
        self.expect_alive(process)
        process.stdout.close()

    def test_notes_that_nobody_takes_are_left_out(self):
        process = self.start(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        port = int(re.search(rb":(\d+)$", process.stdout.readline())[1])
        for _ in range(2000):  # two notes each
            with usbip.Device(port):
                pass
        self.expect_alive(process)
        process.stdout.close()
        process.stderr.close()

    def test_a_log_that_nobody_takes_is_left_out(self):
        os.mkfifo(self.path("log"))
        reader = os.open(self.path("log"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        process = self.start("--log", self.path("log"), "--time-scale", "0",
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        port = int(re.search(rb":(\d+)$", process.stdout.readline())[1])
        with usbip.Device(port) as device:
            for _ in range(1500):  # some 100 bytes each
                device.status()
        self.expect_alive(process)
        process.stdout.close()


class Log(Serve):
    def test_requests_are_shown_with_times_data_and_results(self):
        server = Server(self, "--count", "2")
        with usbip.Device(server.port, "1-2") as device:
            device.enumerate()
        port = str(server.port)
        lines = self.run_ok("sim", "log", "--port", port, "--device",
                            "2").out.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertRegex(lines[4], r"^\d+\.\d+ #5 SET_CONFIGURATION .* -> ok ")
        run = self.run_ok("sim", "log", "1", "-d", "1-2", "--port", port)
        self.assertEqual(run.out.splitlines(), lines[4:])
        self.assertEqual(self.run_ok("sim", "log", "-d", "1", "--port",
                                     port).out, "")
        self.assertEqual(server.stop(), 0)

    def test_it_can_be_followed(self):
        server = Server(self)
        process = subprocess.Popen(
            [harness.COMMAND, "sim", "log", "--follow", "--port",
             str(server.port)], stdout=subprocess.PIPE, text=True,
            cwd=self.directory, env=self.environment)
        with usbip.Device(server.port) as device:
            for i in range(1, 4):
                device.status()
                self.assertIn(" #%d GETSTATUS " % i,
                              process.stdout.readline())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(TIMEOUT), 0)
        process.stdout.close()
        self.assertEqual(server.stop(), 0)

    def test_following_ends_with_the_server(self):
        server = Server(self)
        with usbip.Device(server.port) as device:
            device.status()
        process = subprocess.Popen(
            [harness.COMMAND, "sim", "log", "--follow", "--port",
             str(server.port)], stdout=subprocess.PIPE, text=True,
            cwd=self.directory, env=self.environment)
        self.assertIn(" #1 ", process.stdout.readline())
        self.assertEqual(server.stop(), 0)
        self.assertEqual(process.stdout.read(), "")
        self.assertEqual(process.wait(TIMEOUT), 0)
        process.stdout.close()


class Doors(Serve):
    def test_a_port_in_use_is_named_and_what_to_do(self):
        server = Server(self)
        run = self.run_bad(1, "sim", "serve", "--port", str(server.port))
        self.assertIn("another program listens on port %d" % server.port,
                      run.err)
        self.assertIn("hint: choose another port with --port", run.err)
        self.assertEqual(self.control(server, "started"), "no\n")
        self.assertEqual(server.stop(), 0)

    def test_other_addresses_come_with_a_warning(self):
        server = Server(self, "--listen", "0.0.0.0")
        self.assertRegex(server.first, r"^listening on 0\.0\.0\.0:\d+$")
        self.assertEqual(len(usbip.device_list(server.port)), 1)
        self.assertEqual(server.stop(), 0)
        self.assertIn("warning: anybody who reaches this address over the "
                      "network can use the devices\n", server.err)
        server = Server(self, "--listen", "127.0.0.2")
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("warning", "".join(server.err))

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as reason:
            self.skipTest(str(reason))
        server = Server(self, "--listen", "::1")
        self.assertRegex(server.first, r"^listening on \[::1\]:\d+$")
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("warning", "".join(server.err))

    @unittest.skipIf(os.path.exists("/sys/devices/platform/vhci_hcd.0"),
                     "this kernel has vhci-hcd")
    def test_without_the_kernel_module_there_is_no_attaching(self):
        run = self.run_bad(4, "sim", "serve", "--attach")
        self.assertIn("vhci-hcd is not loaded", run.err)
        self.assertIn("modprobe vhci-hcd", run.err)
        self.assertEqual(os.listdir(self.runtime), [])

    def test_a_client_that_talks_nonsense_is_told_of(self):
        server = Server(self)
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            self.assertEqual(self.rest_of(sock), b"")
        self.assertEqual(len(usbip.device_list(server.port)), 1)
        self.assertEqual(server.stop(), 0)
        self.assertIn("speaks another version of USB/IP",
                      "".join(server.err))

    def rest_of(self, sock):
        try:
            return sock.recv(100)
        except ConnectionResetError:
            return b""


class Mistakes(Serve):
    def test_wrong_arguments_are_usage(self):
        for message, *args in (
                ("is no port", "serve", "--port", "70000"),
                ("is no port", "serve", "--port", "http"),
                ("is no number of devices", "serve", "--count", "0"),
                ("is no number of devices", "serve", "--count", "17"),
                ("is no number of devices", "serve", "--count", "x"),
                ("no virtual chip is called 'z80'", "serve", "z80"),
                ("no virtual chip is called ''", "serve", ""),
                ("has no key 'x'", "serve", "stm32h743,x=1"),
                ("'fast' is no value of 'time_scale'", "serve",
                 "--time-scale", "fast"),
                ("is no value of 'time_scale'", "serve", "--time-scale=-1"),
                ("instead of clock=", "serve", "stm32h743,clock=real"),
                ("would be the same chip", "serve", "--count", "2",
                 "stm32h743,uid=000102030405060708090a0b"),
                ("is no numeric network address", "serve", "--listen", "here"),
                ("exclude each other", "serve", "--attach", "--listen",
                 "127.0.0.1"),
                ("'sim serve' has no option '--follow'", "serve", "--follow"),
                ("'sim serve' has no option '--device'", "serve", "-d", "1"),
                ("'sim control' has no option '--count'", "control", "list",
                 "--count", "2"),
                ("'sim help' has no option '--port'", "help", "--port", "1"),
                ("'sim control' is missing an argument", "control"),
                ("'sim log' does not know what to do with 'y'", "log", "1",
                 "y"),
                ("'x' is no number of lines", "log", "x"),
                ("is no device of a server", "log", "-d", "usb:1-1"),
                ("'control\nlist' is no command", "control",
                 "control\nlist")):
            # control characters are shown as question marks
            run = self.run_bad(2, "sim", *args)
            self.assertIn(message.replace("\n", "?"), run.err, run)

    def test_the_seventeenth_device_is_refused(self):
        run = self.run_bad(1, "sim", "serve", "--port", "0", "--count", "9",
                           "stm32h743", "stm32h743")
        self.assertIn("at most 16 devices", run.err)


if __name__ == "__main__":
    harness.main()
