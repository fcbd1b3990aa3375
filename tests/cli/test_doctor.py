# SPDX-License-Identifier: MIT
"""doctor: what is wrong with host, device and file."""

import json
import struct
import os

from harness import (Case, main, elf, firmware, ihex, noise, EXAMPLES, FLASH,
                     RAM, SECTOR, SIM)


class Doctor(Case):
    def found(self, status, *args):
        """The findings of a run, faults first; text and JSON agree."""
        run = self.call("doctor", "--json", *args)
        self.assertEqual(run.status, status, run)
        events = [json.loads(line) for line in run.out.splitlines()]
        for event in events:
            self.check_event(event, "doctor", run)
        findings = [e for e in events if e["event"] == "finding"]
        faults = [f for f in findings if not f["note"]]
        self.assertEqual(findings[:len(faults)], faults)
        self.assertEqual(events[-1]["event"], "result")
        self.assertEqual(events[-1]["findings"], len(faults))
        self.assertEqual(events[-1]["ok"], not faults)
        ranks = [("certain", "likely", "possible").index(f["confidence"])
                 for f in faults]
        self.assertEqual(ranks, sorted(ranks))
        text = self.call("doctor", *args)
        self.assertEqual(text.status, status, text)
        told = " ".join(text.out.split())
        for finding in findings:
            self.assertIn("%s (%s)" % (
                finding["code"], "note" if finding["note"]
                else finding["confidence"]), told)
            for field in ("evidence", "meaning", "next"):
                self.assertIn(" ".join((finding[field] or "").split()), told)
        self.assertIn("nothing wrong found" if not faults else
                      "%d finding" % len(faults), told)
        return [f["code"] for f in faults], findings, events[-1]

    def test_nothing_wrong(self):
        self.file("app.hex", ihex((FLASH, firmware(400))))
        faults, notes, result = self.found(0, "app.hex", "-d", SIM)
        self.assertEqual(faults, [])
        self.assertEqual([n["code"] for n in notes],
                         ["D_BOOTLOADER_LIMITS", "D_SHARED_SERIAL"])
        self.assertEqual((result["host"], result["device"], result["file"]),
                         (False, True, True))
        self.assertIn("file     1 segment, 400 bytes for flash in 1 sector\n",
                      self.call("doctor", "app.hex", "-d", SIM).out)

    def test_the_device_is_not_changed(self):
        chip = self.chip()
        self.run_ok("write", "0x08000000", "11223344", "-d", chip)
        before = self.last("checksum", "-d", chip)["sha256"]
        path = os.path.join(os.path.abspath(EXAMPLES), "founding",
                            "founding.elf")
        self.found(1, path, "-d", chip)
        self.assertEqual(self.last("checksum", "-d", chip)["sha256"], before)

    def test_without_a_device_the_file_is_looked_at(self):
        self.file("f.elf", elf((FLASH, firmware(296), None),
                               (RAM, noise(512), None),
                               sections=((".vectors", FLASH, 0),
                                         (".data", RAM, 1))))
        faults, _, result = self.found(4, "f.elf")
        self.assertIn("D_SECTION_NOT_MOVED", faults)
        self.assertIn(faults[0], ("D_SECTION_NOT_MOVED", "D_NO_USB"))
        self.assertEqual((result["host"], result["device"], result["file"]),
                         (True, False, True))

    def test_all_sections_outside_flash_are_named(self):
        self.file("f.elf", elf((FLASH, firmware(296), None),
                               (RAM, noise(512), None),
                               (0x20000000, noise(16), None),
                               (0x5200201c, noise(16), None),
                               (0x90000000, noise(16), None),
                               sections=((".text", FLASH, 0),
                                         (".shared", RAM, 1),
                                         (".data", 0x20000000, 2))))
        faults, findings, _ = self.found(1, "f.elf", "-d", SIM)
        self.assertEqual(faults, ["D_SECTION_NOT_MOVED", "D_NOLOAD_MISSING",
                                  "D_OPTION_BYTES_IN_FILE",
                                  "D_NO_MEMORY_THERE"])
        self.assertEqual(findings[1]["evidence"],
                         "segment 1 of f.elf (.shared, 512 bytes at "
                         "0x24000000, AXI SRAM)")

    def test_a_file_that_is_not_there_is_a_failure(self):
        run = self.run_bad(1, "doctor", "no.elf", "-d", SIM)
        self.assertIn("no.elf", run.err)
        self.run_bad(2, "doctor", "-d", "sim:nothing")

    def test_a_cut_run_is_remembered(self):
        chip = self.chip()
        self.file("app.hex", ihex((FLASH + SECTOR, noise(4000))))
        self.call("flash", "app.hex", "-d", chip + ",fault=torn@erase1")
        faults, findings, _ = self.found(1, "-d", chip)
        self.assertEqual(faults, ["D_CUT_RUN"])
        self.assertIn("0x08020000", findings[0]["evidence"])

    def test_records_that_cannot_be_written_are_a_fault(self):
        chip = self.chip()
        self.file("no-folder", b"")
        run = self.call("doctor", "-d", chip,
                        env={"XDG_STATE_HOME": self.path("no-folder")})
        self.assertEqual(run.status, 1, run)
        self.assertIn("D_NO_RECORDS (certain)", run.out)
        self.assertIn("XDG_STATE_HOME=", run.out)
        self.assertEqual(self.found(0, "-d", chip)[0], [])

    def test_a_replay_finds_the_same(self):
        run = self.call("doctor", "-d", SIM + ",wrp=3", "--record", "d.trace")
        self.assertEqual(run.status, 1)
        replay = self.call("trace", "replay", "d.trace")
        self.assertEqual(replay.status, 1, replay)
        self.assertTrue(replay.out.startswith(run.out), replay)


class Stress(Case):
    def stress(self, status, *args):
        run = self.call("doctor", "--stress", "--yes", "--json", "-q", *args)
        self.assertEqual(run.status, status, run)
        events = [json.loads(line) for line in run.out.splitlines()]
        faults = [e for e in events if e["event"] == "finding"
                  and not e["note"]]
        result = events[-1]
        self.assertEqual(result["event"], "result", run)
        self.assertEqual(result["findings"], len(faults))
        self.assertEqual(result["aftermath"] == "untouched", status != 3)
        return [f["code"] for f in faults], faults, result

    def test_it_asks_first(self):
        run = self.run_bad(2, "doctor", "--stress", "-d", SIM)
        self.assertIn("hint: add --yes", run.err)
        self.run_bad(2, "doctor", "--stress", "--yes", "--rounds", "0", "-d",
                     SIM)

    def test_a_healthy_board_is_healthy(self):
        for profile in (SIM, "sim:stm32f405"):
            codes, _, result = self.stress(0, "-d", profile, "--rounds", "4")
            self.assertEqual(codes, [])
            sectors = 16 if profile == SIM else 12
            self.assertEqual(len(result["rounds"]), 4 * sectors)
            for r in result["rounds"]:
                self.assertEqual((r["left"], r["high"], r["low"],
                                  r["unstable"], r["unchanged"]),
                                 (0, 0, 0, 0, False))
        self.assertEqual(result["rounds"][0]["erase_ms"], 400)

    def test_a_named_sector_is_put_back(self):
        chip = self.chip()
        self.file("all.bin", noise(2 * SECTOR))
        self.run_ok("flash", "all.bin", "-d", chip)
        codes, _, result = self.stress(0, "0x08020010", "-d", chip)
        self.assertEqual({r["address"] for r in result["rounds"]},
                         {FLASH + SECTOR})
        self.run_ok("verify", "all.bin", "-d", chip)
        self.assertEqual(self.found_noted(chip), [])
        codes, _, result = self.stress(0, "-d", chip, "--rounds", "1")
        self.assertEqual(len(result["rounds"]), 14)
        self.run_ok("verify", "all.bin", "-d", chip)
        self.run_ok("blank", "0x08040000", "0x1c0000", "-d", chip)

    def found_noted(self, chip):
        run = self.call("doctor", "-d", chip)
        return [line for line in run.out.splitlines() if "D_CUT_RUN" in line]

    def test_what_a_cut_test_saved_is_not_forgotten(self):
        chip = self.chip()
        self.run_ok("write", "0x081e0000", "ca", "11", "-d", chip)
        run = self.call("doctor", "--stress", "--yes", "0x081e0000", "-d",
                        chip + ",rom=0x92,fault=unplug@erase2")
        self.assertEqual(run.status, 3, run)
        self.assertIn("'sector0 recover' puts back what it held", run.out)
        run = self.call("doctor", "-d", chip)
        self.assertEqual(run.status, 1, run)
        self.assertIn("D_UNDO_WAITS (certain)", run.out)
        self.assertIn("1 sector, the first at", run.out)
        self.assertIn("'sector0 recover' puts it back", run.out)
        self.assertNotIn("D_CUT_RUN", run.out)
        run = self.run_ok("recover", "-d", chip)
        self.assertIn("all that it held", run.out)
        self.assertNotIn("is not whole", run.err)
        run = self.run_ok("read", "0x081e0000", "2", "-d", chip)
        self.assertIn("ca 11", run.out)

    def test_a_blank_sector_has_nothing_to_put_back(self):
        run = self.call("doctor", "--stress", "--yes", "-d",
                        SIM + ",supply=weak-vcap")
        self.assertEqual(run.status, 3, run)
        self.assertNotIn("recover", run.out)

    def test_a_protected_sector_is_not_exercised(self):
        for options, address, finding, words in (
                ("wrp=0x0104", "0x08050000", "D_WRITE_PROTECTED",
                 "sector 2 of bank 1 (0x08040000)"),
                ("pcrop=0x08020000+0x1000", "0x08020000", "D_PCROP",
                 "are a PCROP area"),
                ("security=on,secure=0x08020000+0x1000", "0x08020000",
                 "D_SECURE_AREA", "are a secure area")):
            error = self.last("doctor", "--stress", "--yes", address, "-d",
                              SIM + "," + options, status=1)
            self.assertEqual(error["code"], "E_PROTECTED", options)
            self.assertIn(error["finding"], (finding, None))
            self.assertEqual(error["aftermath"], "untouched")
            self.assertIn(words, error["message"])
            self.assertNotIn("--lift-protection", error["hint"])
        run = self.call("doctor", "--stress", "--yes", "0x08060000",
                        "--rounds", "1", "-d", SIM + ",wrp=0x0104")
        self.assertIn("0x08060000      1", run.out)
        self.assertNotIn("left out", run.err)

    def test_free_sectors_that_are_protected_are_left_out(self):
        run = self.call("doctor", "--stress", "--yes", "--json", "--rounds",
                        "1", "-d",
                        SIM + ",wrp=0x0104,pcrop=0x08020000+0x1000")
        self.assertIn("3 sectors, the first at 0x08020000, are left out: the "
                      "option bytes protect them", run.out + run.err)
        result = json.loads(run.out.splitlines()[-1])
        self.assertEqual([r["address"] for r in result["rounds"]],
                         [FLASH + n * SECTOR for n in range(16)
                          if n not in (1, 2, 8)])

    def test_no_free_sector_needs_a_name(self):
        chip = self.chip()
        self.run_ok("fill", "0x08000000", "2M", "0x11", "-d", chip)
        run = self.run_bad(1, "doctor", "--stress", "--yes", "-d", chip)
        self.assertIn("hint: name a sector", run.err)
        self.run_bad(1, "doctor", "--stress", "0x20000000", "--yes", "-d",
                     chip)

    def test_bad_capacitors(self):
        codes, faults, result = self.stress(3, "-d", SIM +
                                            ",supply=weak-vcap")
        self.assertEqual(codes[0], "D_SUPPLY")
        self.assertIn("plain reads 0/", faults[0]["evidence"])
        self.assertIn("VCAP", faults[0]["meaning"])
        self.assertEqual(faults[0]["confidence"], "possible")
        self.assertIsNotNone(result["failure"])
        self.assertEqual(sum(load["silent"] for load in result["loads"]), 1)

    def test_a_supply_that_sags(self):
        codes, faults, result = self.stress(3, "-d", SIM +
                                            ",source_mohm=40000,bor=3")
        self.assertEqual(codes[0], "D_SUPPLY")
        self.assertEqual(faults[0]["confidence"], "likely")
        self.assertIn("left the bus", faults[0]["evidence"])
        self.assertIn("measure VDD", faults[0]["next"])
        loads = {load["load"]: load for load in result["loads"]}
        self.assertEqual(list(loads), ["reads", "words", "bursts", "erases",
                                       "cycles"])
        self.assertGreater(loads["reads"]["tries"], 60)
        self.assertEqual(loads["reads"]["failed"], 0)
        self.assertGreater(loads["erases"]["dropped"], 2)

    def test_a_stall_without_a_reason_is_told_as_that(self):
        _, faults, _ = self.stress(1, "-d", SIM + ",link=pipe@20", "--rounds",
                                   "1")
        self.assertIn("gives no reason why", faults[0]["evidence"])
        self.assertNotIn("status OK", faults[0]["evidence"])

    def test_a_vector_table_may_be_at_any_multiple_of_128(self):
        words = struct.pack("<II", 0x20020000, FLASH + 137) + bytes(24)
        self.file("app.hex", ihex((FLASH + 128, words)))
        run = self.run_ok("doctor", "app.hex", "-d", SIM)
        self.assertIn("nothing wrong found", run.out)
        # What is no vector table may be anywhere.
        self.file("data.hex", ihex((FLASH + 4, words[:4] + noise(64))))
        run = self.call("doctor", "data.hex", "-d", SIM)
        self.assertNotIn("D_VECTORS_PLACE", run.out)

    def test_the_loads_are_shown(self):
        run = self.call("doctor", "--stress", "--yes", "0x08000000", "-d", SIM)
        self.assertEqual(run.status, 0, run)
        self.assertIn("plain reads, no load       80       0\n", run.out)
        self.assertIn("erases                      9       0\n", run.out)

    def test_worn_flash_is_slow(self):
        codes, faults, _ = self.stress(1, "-d", SIM + ",erase_ms=worn")
        self.assertEqual(codes, ["D_WORN_FLASH"])
        self.assertIn("datasheet's maximum of 2000 ms", faults[0]["evidence"])

    def test_protection_changes_nothing(self):
        run = self.run_bad(1, "doctor", "--stress", "--yes", "-d",
                           SIM + ",wrp=0xffff")
        self.assertIn("16 sectors, the first at 0x08000000, are left out",
                      run.err)
        self.assertIn("no sector is free to be exercised", run.err)

    def test_a_bad_link_shows_without_load(self):
        codes, faults, result = self.stress(
            1, "0x08000000", "-d", SIM + ",fault=bit-error@100:5")
        self.assertEqual(codes, ["D_USB_LINK"])
        self.assertIn("plain read", faults[0]["evidence"])
        self.assertEqual(faults[0]["confidence"], "possible")
        self.assertEqual(result["rounds"], [])

    def test_the_founding_case_and_bad_capacitors_are_told_apart(self):
        path = os.path.join(os.path.abspath(EXAMPLES), "founding",
                            "founding.elf")
        run = self.call("doctor", path, "-d", SIM)
        self.assertIn("D_NOLOAD_MISSING", run.out)
        self.assertNotIn("D_SUPPLY", run.out)
        self.assertEqual(self.stress(0, "-d", SIM)[0], [])
        codes, _, _ = self.stress(3, "-d", SIM + ",supply=weak-vcap")
        self.assertNotIn("D_NOLOAD_MISSING", codes)

    def test_a_plot(self):
        self.stress(0, "-d", SIM, "--rounds", "1", "--plot", "p.svg")
        picture = self.bytes_of("p.svg").decode()
        self.assertTrue(picture.startswith("<svg ") and
                        picture.endswith("</svg>\n"))
        self.assertEqual(picture.count("<title>"), 32)
        self.assertIn("maximum 2000 ms", picture)
        self.assertIn(">erases 0/32<", picture)

    def test_a_plot_with_no_place_is_refused_before_flash_is_worn(self):
        run = self.run_bad(1, "doctor", "--stress", "--yes", "-d", SIM,
                           "--plot", "no/p.svg")
        self.assertIn("no/p.svg", run.err)
        self.assertIn("device: untouched", run.err)
        self.assertNotIn("survey", run.err)
        self.assertEqual(run.out, "")

    def test_a_test_that_is_refused_leaves_no_plot(self):
        self.run_bad(1, "doctor", "--stress", "--yes", "0x20000000", "-d", SIM,
                     "--plot", "p.svg")
        self.assertFalse(os.path.exists(self.path("p.svg")))

    def test_options_of_the_stress_test_need_it(self):
        self.run_bad(2, "doctor", "-d", SIM, "--plot", "p.svg")
        self.run_bad(2, "doctor", "-d", SIM, "--rounds", "4")


if __name__ == "__main__":
    main()
