# SPDX-License-Identifier: MIT
"""flash: the main job, on a virtual chip that outlives the process."""

import os
import pty
import subprocess

import harness
from harness import (Case, main, elf, firmware, ihex, noise, FLASH, SECTOR,
                     SIM)

END = FLASH + 16 * SECTOR


class Flash(Case):
    def content(self, chip, address, length):
        self.run_ok("read", hex(address), str(length), "content.bin", "-d",
                    chip)
        return self.bytes_of("content.bin")

    def test_the_result_in_text(self):
        self.file("app.bin", firmware(1000))
        run = self.run_ok("flash", "app.bin", "-d", SIM)
        self.assertEqual(
            run.err, "note: 'app.bin' is raw binary without an address: "
            "taking the start of flash, 0x08000000\nsurvey: 128 KiB\n"
            "erase: 1 sector, 128 KiB\nwrite: 1 KiB\nverify: 1 KiB\n")
        lines = run.out.splitlines()
        self.assertEqual(lines[:4], ["written   1000 bytes",
                                     "verified  1000 bytes",
                                     "erased    1 sector",
                                     "          0x08000000  128 KiB"])
        self.assertRegex(lines[4], r"^time      \d+ ms, \d+\.\d KiB/s$")
        self.assertEqual(len(lines), 5)

    def test_the_result_in_json(self):
        self.file("app.bin", firmware(SECTOR + 10))
        events = self.events("flash", "app.bin", "-d", SIM)
        result = events[-1]
        self.assertEqual(result["ok"], True)
        self.assertEqual(result["written_bytes"], SECTOR + 10)
        self.assertEqual(result["verified_bytes"], SECTOR + 10)
        self.assertEqual(result["skipped_bytes"], 0)
        self.assertEqual(
            sorted(e["address"] for e in result["erased"]),
            [FLASH, FLASH + SECTOR])
        self.assertEqual({e["length"] for e in result["erased"]}, {SECTOR})
        self.assertGreater(result["transfers"], 100)
        self.assertGreater(result["time_ms"], 1800)
        order = [e["event"] for e in events if e["event"] != "progress"]
        self.assertEqual(order, ["plan", "result"])

    def test_progress_events_show_each_stage_from_start_to_end(self):
        self.file("app.bin", firmware(2 * SECTOR))
        events = self.events("flash", "app.bin", "-d", SIM)
        stages = []  # (name, events) in a row; a stage can come again
        for event in events:
            if event["event"] != "progress":
                continue
            if not stages or stages[-1][0] != event["stage"]:
                stages.append((event["stage"], []))
            stages[-1][1].append(event)
        self.assertEqual({name for name, _ in stages},
                         {"survey", "erase", "write", "verify"})
        for name, row in stages:
            self.assertEqual(row[0]["done"], 0, name)
            self.assertEqual(row[-1]["done"], row[-1]["total"], name)
            done = [event["done"] for event in row]
            self.assertEqual(done, sorted(done), name)

    def test_quiet_leaves_only_the_result(self):
        self.file("app.bin", firmware(1000))
        self.assertEqual(self.run_ok("flash", "app.bin", "-q", "-d", SIM).err,
                         "")
        events = self.events("flash", "app.bin", "-q", "-d", SIM)
        self.assertEqual([e["event"] for e in events], ["plan", "result"])

    def test_two_mebibytes_on_both_roms(self):
        data = noise(16 * SECTOR)
        self.file("app.bin", data)
        for rom in ("rom=0x91", "rom=0x92"):
            chip = self.chip(rom + ".sim", rom)
            first = self.last("flash", "app.bin", "-d", chip)
            self.assertEqual(first["verified_bytes"], len(data))
            self.assertEqual(len(first["erased"]), 16)
            self.run_ok("read", "all", "back.bin", "-d", chip)
            self.assertEqual(self.bytes_of("back.bin"), data)
            again = self.last("flash", "app.bin", "-d", chip)
            self.assertEqual(again["erased"], [])
            self.assertEqual(again["written_bytes"], 0)
            self.assertEqual(again["skipped_bytes"], len(data))
            self.assertEqual(again["verified_bytes"], len(data))
            changed = bytearray(data)
            changed[3 * SECTOR + 77] ^= 0xff
            self.file("changed.bin", bytes(changed))
            third = self.last("flash", "changed.bin", "-d", chip)
            self.assertEqual(third["erased"],
                             [{"address": FLASH + 3 * SECTOR,
                               "length": SECTOR}])

    def test_what_the_last_run_verified_is_taken_on_trust_if_asked(self):
        data = noise(2 * SECTOR)
        self.file("app.bin", data)
        chip = self.chip()
        self.run_ok("flash", "app.bin", "-d", chip)
        words = ("flash", "app.bin", "--trust-last-run", "-d", chip)
        run = self.run_ok(*words)
        self.assertIn("nothing to write: by record and samples, the device "
                      "holds the image already\n", run.out)
        self.assertIn("trusted   253952 bytes of these, as an earlier run "
                      "verified them: not read\nverified  8192 bytes\n",
                      run.out)
        self.assertIn("already right 256 KiB, of that not read 248 KiB",
                      self.run_ok(*words, "--plan").out)
        again = self.last(*words)
        self.assertEqual(again["trusted_bytes"], 2 * SECTOR - 8192)
        self.assertEqual(again["verified_bytes"], 8192)
        self.assertEqual(again["skipped_bytes"], len(data))
        # Another programmer has been there; its records are elsewhere.
        self.file("other.bin", noise(2 * SECTOR, 5))
        self.run_ok("flash", "other.bin", "-d", chip,
                    env={"XDG_STATE_HOME": self.path("elsewhere")})
        run = self.run_ok(*words)
        self.assertIn("warning: the block at 0x08000000 is not what the last "
                      "run left there: something else has changed the chip, "
                      "so all of it is read\n", run.err)
        self.assertNotIn("trusted", run.out)
        self.assertEqual(self.content(chip, FLASH, 2 * SECTOR), data)

    def test_without_the_option_all_is_read(self):
        self.file("app.bin", noise(2 * SECTOR))
        chip = self.chip()
        for _ in range(3):
            result = self.last("flash", "app.bin", "-d", chip)
            self.assertEqual(result["verified_bytes"], 2 * SECTOR)
            self.assertNotIn("trusted_bytes", result)

    def test_the_same_again_says_so(self):
        self.file("app.hex", ihex((FLASH, firmware(100))))
        chip = self.chip()
        self.run_ok("flash", "app.hex", "-d", chip)
        run = self.run_ok("flash", "app.hex", "-d", chip)
        self.assertIn("nothing to write: the device holds the image already\n",
                      run.out)
        self.assertIn("erased    0 sectors\n", run.out)
        full = self.last("flash", "app.hex", "--full", "-d", chip)
        self.assertEqual(len(full["erased"]), 1)

    def test_segments_that_share_a_flash_word(self):
        one, two = noise(20, 3), noise(28, 4)
        self.file("app.elf", elf((FLASH, one, None), (FLASH + 20, two, None)))
        chip = self.chip()
        self.run_ok("flash", "app.elf", "-d", chip)
        self.assertEqual(self.content(chip, FLASH, 48), one + two)

    def test_keep_and_what_is_lost_without_it(self):
        self.file("all.hex", ihex((FLASH, noise(4000))))
        self.file("part.hex", ihex((FLASH + 1000, noise(100, 9))))
        wanted = bytearray(noise(4000))
        wanted[1000:1100] = noise(100, 9)
        chip = self.chip()
        self.run_ok("flash", "all.hex", "-d", chip)
        kept = self.last("flash", "part.hex", "--keep", "-d", chip)
        self.assertEqual(kept["kept_bytes"], 4096 - 100)  # whole blocks
        self.assertEqual(self.content(chip, FLASH, 4000), bytes(wanted))
        self.run_ok("flash", "all.hex", "-d", chip)
        events = self.events("flash", "part.hex", "-d", chip)
        plan = [e for e in events if e["event"] == "plan"][0]
        lost = 4000 - 100 - sum(
            byte == 0xff for i, byte in enumerate(noise(4000))
            if not 1000 <= i < 1100)
        self.assertEqual(plan["lost_bytes"], lost)
        self.assertTrue([e for e in events if e["event"] == "warning"])
        self.assertEqual(set(self.content(chip, FLASH, 1000)), {0xff})
        # For people a sample will do, and is not called more than that.
        self.run_ok("flash", "all.hex", "-d", chip)
        run = self.run_ok("flash", "part.hex", "-d", chip)
        self.assertRegex(run.err, "warning: the erase takes at least "
                         r"\d+ bytes that the image does not cover, in "
                         "1 sector from 0x08000000 ")
        self.run_ok("flash", "all.hex", "-d", chip)
        run = self.run_ok("flash", "part.hex", "--plan", "-d", chip)
        self.assertIn("the erase takes %d bytes that" % lost, run.err)

    def test_a_blank_sector_is_erased_with_the_others(self):
        places = [FLASH + bank * 0x100000 + sector * SECTOR
                  for bank in range(2) for sector in range(4)]
        self.file("app.hex", ihex(*((place, noise(100))
                                    for place in places if place != places[2])))
        chip = SIM + ",rom=0x92,flash_kb=1024"
        run = self.run_ok("flash", "app.hex", "--plan", "-d", chip)
        self.assertIn("sector  0x%08x  128 KiB  blank, erased with the others"
                      "\n" % places[2], run.out)
        self.assertIn("total   erase 8 sectors, write 700 bytes, lose 0 bytes",
                      run.out)
        events = self.events("flash", "app.hex", "--stats", "-d", chip)
        plan = [e for e in events if e["event"] == "plan"][0]
        self.assertEqual([e["address"] for e in plan["erase"]], places)
        self.assertEqual([e["address"] for e in events[-1]["erased"]], places)
        run = self.run_ok("flash", "app.hex", "--stats", "-d", chip)
        self.assertIn("the floor is that of a mass erase\n", run.out)

    def test_erase_all_and_none(self):
        self.file("app.hex", ihex((FLASH, noise(100))))
        self.file("far.hex", ihex((END - 64, noise(64))))
        chip = self.chip()
        self.run_ok("flash", "far.hex", "-d", chip)
        result = self.last("flash", "app.hex", "--erase", "all", "-d", chip)
        self.assertEqual(len(result["erased"]), 16)
        self.assertEqual(set(self.content(chip, END - 64, 64)), {0xff})
        self.file("new.hex", ihex((FLASH, noise(100, 5))))
        run = self.run_bad(1, "flash", "new.hex", "--erase", "none", "-d",
                           chip)
        self.assertIn("device: untouched", run.err)
        result = self.last("flash", "far.hex", "--erase", "none", "-d", chip)
        self.assertEqual(result["erased"], [])

    def test_without_verify_nothing_counts_as_verified(self):
        self.file("app.hex", ihex((FLASH, noise(100))))
        self.assertEqual(self.last("flash", "app.hex", "--no-verify", "-d",
                                   SIM)["verified_bytes"], 0)
        self.assertIn("verified  no\n", self.run_ok(
            "flash", "app.hex", "--no-verify", "-d", SIM).out)

    def test_start(self):
        self.file("app.hex", ihex((FLASH, vectors() + noise(100))))
        for more in ((), (",leave=vanish",)):
            run = self.run_ok("flash", "app.hex", "--start", "-d",
                              SIM + "".join(more))
            self.assertTrue(run.out.endswith(
                "started the firmware at 0x08000000\n"), run)
        self.last("flash", "app.hex", "--start", "-d", SIM)
        self.file("high.hex", ihex((FLASH + SECTOR, vectors())))
        run = self.run_ok("flash", "high.hex", "--start", "-d", SIM)
        self.assertIn("started the firmware at 0x08020000\n", run.out)

    def test_stats(self):
        self.file("app.bin", noise(60 * 1024))
        chip = SIM + ",rom=0x92"
        result = self.last("flash", "app.bin", "--stats", "-d", chip)
        self.assertAlmostEqual(result["ratio"],
                               result["time_ms"] / result["floor_ms"],
                               delta=0.01)
        times = result["times"]
        self.assertEqual(set(times), {"erase_ms", "program_ms", "wire_ms",
                                      "wait_ms", "proof_ms", "host_ms"})
        self.assertLess(abs(sum(times.values()) - result["time_ms"]), 6)
        run = self.run_ok("flash", "app.bin", "--stats", "-d", chip)
        for word in ("erase", "program", "wire", "wait", "proof", "host", "total",
                     "floor"):
            self.assertRegex(run.out, r"(?m)^%s +\d+\.\d ms$" % word)
        self.assertRegex(run.out, r"(?m)^ratio +\d\.\d{3}$")
        self.assertNotIn("floor_ms", self.last("flash", "app.bin", "-d", chip))

    def test_the_ratios_that_were_promised(self):
        for length, ratio in ((60 * 1024, 1.08), (2 << 20, 1.12)):
            self.file("app.bin", noise(length))
            result = self.last("flash", "app.bin", "--stats", "-d",
                               SIM + ",rom=0x92")
            self.assertLessEqual(result["ratio"], ratio, length)

    def test_several_files_at_once(self):
        self.file("boot.bin", noise(500))
        self.file("app.hex", ihex((FLASH + SECTOR, noise(500, 2))))
        result = self.last("flash", "boot.bin@0x08000000", "app.hex", "-d",
                           SIM)
        self.assertEqual(result["written_bytes"], 1000)

    def test_standard_input(self):
        text = ihex((FLASH, noise(100)))
        result = self.last("flash", "-", "-d", SIM, stdin=text)
        self.assertEqual(result["written_bytes"], 100)
        result = self.last("flash", "-", "-d", SIM, "--format", "bin",
                           stdin=text)
        self.assertEqual(result["written_bytes"], len(text))


class OtherChips(Case):
    def setUp(self):
        super().setUp()
        self.file("app.hex", ihex((FLASH, noise(100))))

    def test_a_read_protected_chip_is_left_alone(self):
        for command in (("flash", "app.hex"), ("read", "0x08000000", "16"),
                        ("verify", "app.hex"), ("blank",), ("checksum",)):
            error = self.last(*command, "-d", SIM + ",rdp=1", status=1)
            self.assertEqual(error["code"], "E_PROTECTED", command)
            self.assertEqual(error["aftermath"], "untouched")
        # An F405 does not tell its option bytes then: it is known all the same.
        for chip in (SIM + ",rdp=1", "sim:stm32f405,rdp=1"):
            for command in (("flash", "app.hex"), ("erase", "all"),
                            ("erase", "0x08000000", "16")):
                error = self.last(*command, "-d", chip, status=1)
                self.assertEqual((error["code"], error["aftermath"]),
                                 ("E_PROTECTED", "untouched"), command)
                self.assertIn("read-out protection level 1 is on",
                              error["message"])
        run = self.run_bad(1, "flash", "app.hex", "-d", SIM + ",rdp=1")
        self.assertIn("device: untouched\nhint: ", run.err)

    def test_a_write_protected_sector_is_never_a_success(self):
        for more in ("", ",wrp_reports=error"):
            run = self.run_bad(1, "flash", "app.hex", "-d",
                               SIM + ",wrp=1" + more)
            self.assertIn("sector 0 of bank 1 (0x08000000); segment 0 of "
                          "app.hex lies there\ndevice: untouched\n", run.err)

    def test_addresses_by_hand_are_not_linked(self):
        run = self.run_bad(1, "fill", "0x081ffff0", "32", "0", "-d", SIM)
        self.assertIn("this chip has 2048 KiB from 0x08000000\n", run.err)
        self.file("x.bin", noise(64))
        error = self.last("flash", "x.bin@0xfffffff0", "-d", SIM, status=1)
        self.assertEqual(error["code"], "E_OUTSIDE")
        self.assertIn("'sector0 info' lists the memory", error["hint"])

    def test_flash_with_a_hole(self):
        chip = self.chip("c.sim", "flash_kb=1024")
        self.file("two.hex", ihex((FLASH + SECTOR, noise(100)),
                                  (FLASH + 8 * SECTOR, noise(100, 2))))
        self.run_ok("flash", "two.hex", "-d", chip)
        self.assertEqual(self.last("read", "all", "x.hex", "-d",
                                   chip)["bytes"], 8 * SECTOR)
        self.run_ok("verify", "x.hex", "-d", chip)
        self.assertEqual(self.last("checksum", "-d", chip)["length"],
                         8 * SECTOR)
        self.assertEqual(len(self.last("erase", "all", "-d", chip)["erased"]),
                         8)
        self.file("hole.hex", ihex((FLASH + 5 * SECTOR, noise(100))))
        run = self.run_bad(1, "flash", "hole.hex", "-d", chip)
        self.assertIn("512 KiB from 0x08000000 and 512 KiB from 0x08100000", run.err)

    def test_a_layout_that_matches_no_chip(self):
        run = self.run_bad(1, "flash", "app.hex", "-d",
                           SIM + ",layout=@Internal Flash /0x08000000/"
                           "3*017Kg")
        self.assertIn("device: untouched", run.err)


class Terminal(Case):
    """Standard error on a terminal: a bar, and colours."""

    def on_terminal(self, *args, env=None):
        try:
            master, slave = pty.openpty()
        except OSError as why:  # a container without /dev/pts
            self.skipTest("no terminal to be had here: %s" % why)
        process = subprocess.Popen(
            [harness.COMMAND, *args], cwd=self.directory, stderr=slave,
            stdout=subprocess.PIPE,
            env=dict(self.environment, TERM="xterm", **(env or {})))
        os.close(slave)
        shown = b""
        while True:
            try:
                more = os.read(master, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
        out = process.communicate(timeout=200)[0]
        os.close(master)
        return process.returncode, out.decode(), shown.decode()

    def test_a_bar_for_each_stage(self):
        self.file("app.hex", ihex((FLASH, firmware(100 * 1024))))
        status, out, shown = self.on_terminal("flash", "app.hex", "-d", SIM)
        self.assertEqual(status, 0, shown)
        self.assertTrue(out.startswith("written   102400 bytes\n"), out)
        for stage in ("survey", "erase", "write", "verify"):
            self.assertRegex(shown, r"\r%s +\[#{24}\] " % stage)
        for line in shown.replace("\n", "\r").split("\r"):
            self.assertLessEqual(len(line), 79)
        self.assertRegex(shown, r"\d+/\d+ KiB +\d+ KiB/s +\d+ s left")

    def test_quiet_and_json_show_none(self):
        self.file("app.hex", ihex((FLASH, firmware(100))))
        for option in ("--quiet", "--json"):
            shown = self.on_terminal("flash", "app.hex", option, "-d", SIM)[2]
            self.assertEqual(shown, "")

    def test_colours_and_none(self):
        self.assertIn("\033[1;31merror:\033[0m ", self.on_terminal("x")[2])
        self.assertNotIn("\033", self.on_terminal("x", "--no-color")[2])
        self.assertNotIn("\033",
                         self.on_terminal("x", env={"NO_COLOR": "1"})[2])
        self.assertIn("\033", self.on_terminal("x", env={"NO_COLOR": ""})[2])


def vectors():
    """The first words of an application: stack pointer and reset handler."""
    return (0x20020000).to_bytes(4, "little") + \
        (FLASH + 0x101).to_bytes(4, "little")


if __name__ == "__main__":
    main()
