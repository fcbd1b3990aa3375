# SPDX-License-Identifier: MIT
"""The option bytes by name: show and save."""

import json
import os

from harness import Case, main, SIM

F405 = "sim:stm32f405"

# A new STM32H743: name, value in the register, text, bank (fact sheet of the
# window, RM0399 table 20).
H743 = [
    ("read protection", [
        ("RDP", 0xaa, "0", 0)]),
    ("brown-out reset", [
        ("BOR_LEV", 0, "0", 0)]),
    ("user configuration", [
        ("IWDG1_SW", 1, "software", 0), ("NRST_STOP_D1", 1, "no-reset", 0),
        ("NRST_STBY_D1", 1, "no-reset", 0), ("FZ_IWDG_STOP", 1, "running", 0),
        ("FZ_IWDG_SDBY", 1, "running", 0), ("IO_HSLV", 0, "off", 0),
        ("SWAP_BANK_OPT", 0, "off", 0)]),
    ("write protection", [
        ("WRPSn1", 0xff, "none", 1), ("WRPSn2", 0xff, "none", 2)]),
    ("PCROP", [
        ("PROT_AREA_START1", 0xff, "0x0ff", 1),
        ("PROT_AREA_END1", 0, "0x000", 1), ("DMEP1", 0, "keep", 1),
        ("PROT_AREA_START2", 0xff, "0x0ff", 2),
        ("PROT_AREA_END2", 0, "0x000", 2), ("DMEP2", 0, "keep", 2)]),
    ("secure area", [
        ("SECURITY", 0, "off", 0), ("ST_RAM_SIZE", 0, "0", 0),
        ("SEC_AREA_START1", 0xff, "0x0ff", 1),
        ("SEC_AREA_END1", 0, "0x000", 1), ("DMES1", 0, "keep", 1),
        ("SEC_AREA_START2", 0xff, "0x0ff", 2),
        ("SEC_AREA_END2", 0, "0x000", 2), ("DMES2", 0, "keep", 2)]),
    ("boot", [
        ("BOOT_ADD0", 0x0800, "0x0800", 0),
        ("BOOT_ADD1", 0x1ff0, "0x1ff0", 0)]),
]
DUAL = ["IWDG2_SW", "NRST_STOP_D2", "NRST_STBY_D2", "BOOT_CM4", "BOOT_CM7",
        "BOOT_CM4_ADD0", "BOOT_CM4_ADD1"]


def listing(out):
    """{heading: [(mark, name, text, meaning)]} of what `option show` prints"""
    groups, current = {}, None
    for block in out.split("\n\n")[1:]:
        lines = block.splitlines()
        current = groups.setdefault(lines[0], [])
        for line in lines[1:]:
            current.append((line[0], line[2:19].rstrip(),
                            *line[20:].split(None, 1)))
    return groups


class Show(Case):
    def test_a_new_h743_is_listed_field_by_field(self):
        run = self.run_ok("option", "-d", SIM)
        self.assertEqual(run.out, self.run_ok("option", "show", "-d", SIM).out)
        self.assertTrue(run.out.startswith(
            "option bytes of stm32h743, 308 bytes at 0x5200201c\n\n"), run)
        groups = listing(run.out)
        self.assertEqual(list(groups), [name for name, _ in H743] + [
            "only on dual-core parts (STM32H745/747/755/757)"])
        for name, fields in H743:
            self.assertEqual(
                [row[:3] for row in groups[name]],
                [(" ", field, text) for field, _, text, _ in fields])
            self.assertTrue(all(len(row) == 4 for row in groups[name]))
        self.assertEqual([row[1] for row in list(groups.values())[-1]], DUAL)
        self.assertEqual(run.out.count("only on"), 1)

    def test_and_for_programs(self):
        events = self.events("option", "-d", SIM)
        fields = {e["name"]: e for e in events if e["event"] == "option"}
        self.assertEqual(events[-1], {"event": "result", "ok": True,
                                      "chip": "stm32h743"})
        for group, rows in H743:
            for name, value, text, bank in rows:
                field = fields.pop(name)
                self.assertEqual(
                    [field[key] for key in ("value", "default", "current",
                                            "programmed", "text", "group",
                                            "bank", "only")],
                    [value, value, value, value, text, group, bank, None])
        self.assertEqual(list(fields), DUAL)
        for field in fields.values():
            self.assertEqual(field["only"],
                             "dual-core parts (STM32H745/747/755/757)")
        self.assertIn("SWAP_BANK", [e for e in events if e.get("name") ==
                                    "SWAP_BANK_OPT"][0]["aliases"])

    def test_a_new_f405(self):
        groups = listing(self.run_ok("option", "-d", F405).out)
        self.assertEqual(
            [(group, *row) for group, rows in groups.items() for row in rows],
            [("read protection", " ", "RDP", "0",
              "level 0: memory is not protected"),
             ("brown-out reset", " ", "BOR_LEV", "3",
              "off: only the power-down reset"),
             ("user configuration", " ", "WDG_SW", "software",
              "the watchdog runs when firmware starts it"),
             ("user configuration", " ", "nRST_STOP", "no-reset",
              "entering Stop mode does not reset"),
             ("user configuration", " ", "nRST_STDBY", "no-reset",
              "entering Standby mode does not reset"),
             ("write protection", " ", "nWRP", "none",
              "no sector is write-protected")])

    def test_what_is_not_as_in_a_new_chip_is_marked(self):
        run = self.run_ok("option", "-d", SIM + ",wrp=0x8013")
        self.assertIn("* WRPSn1            0-1,4     3 of 8 sectors cannot be "
                      "erased or written (default: none)\n"
                      "* WRPSn2            7         1 of 8 sectors cannot be "
                      "erased or written (default: none)\n", run.out)
        self.assertEqual(run.out.count("\n* "), 3)
        fields = {e["name"]: e for e in self.events(
            "option", "-d", SIM + ",wrp=0x8013") if e["event"] == "option"}
        self.assertEqual(fields["WRPSn1"]["current"], 0xec)
        self.assertEqual(fields["WRPSn1"]["default"], 0xff)
        run = self.run_ok("option", "-d", F405 + ",wrp=0x800")
        self.assertIn("* nWRP              11  ", run.out)

    def test_they_can_be_read_at_level_1(self):
        run = self.run_ok("option", "-d", SIM + ",rdp=1")
        self.assertIn("* RDP               1         level 1: the bootloader "
                      "cannot read or change memory (default: 0)\n", run.out)

    def test_a_device_that_does_not_tell(self):
        for command in (("option",), ("option", "save", "x.options")):
            run = self.run_bad(1, *command, "-d", F405 + ",rdp=1",
                               "--chip", "f405")
            self.assertIn("error: read-out protection level 1 is on: this "
                          "device does not tell its option bytes\n"
                          "device: untouched\nhint: 'sector0 unprotect' ",
                          run.err)
        self.assertFalse(os.path.exists(self.path("x.options")))
        self.last("option", "-d", F405 + ",rdp=1", status=1)

    def test_info_has_what_matters_for_programming(self):
        run = self.run_ok("info", "-d", SIM + ",wrp=0x8013")
        self.assertIn("write protection   bank 1: sectors 0-1,4\n"
                      "                   bank 2: sector 7\n"
                      "PCROP area         none\n"
                      "secure area        none\n"
                      "bank swap          off: bank 1 comes first\n"
                      "BOOT pin low       0x08000000, flash\n"
                      "BOOT pin high      0x1ff00000, System memory\n"
                      "watchdog           software: the watchdog runs when "
                      "firmware starts it\n"
                      "brown-out reset    off: only the power-down reset, "
                      "1.67 V\n", run.out)
        run = self.run_ok("info", "-d", F405 + ",wrp=1")
        self.assertIn("write protection   sector 0\n"
                      "watchdog           software: ", run.out)
        events = self.events("info", "-d", F405)
        self.assertEqual([e["name"] for e in events
                          if e["event"] == "option"],
                         ["RDP", "BOR_LEV", "WDG_SW", "nRST_STOP",
                          "nRST_STDBY", "nWRP"])
        run = self.run_ok("info", "-d", F405 + ",rdp=1")
        self.assertIn("read protection    on (RDP level 1), by what it "
                      "refuses\n"
                      "write protection   not told\n", run.out)
        self.assertNotIn("watchdog", run.out)


class Window(Case):
    """Windows that no new virtual chip has: a recorded one is edited."""

    def replay(self, words, *args):
        """@words: {offset: value} put over a new H743's window"""
        self.run_ok(*args, "-d", SIM, "--record", "t.trace")
        lines = self.bytes_of("t.trace").decode().splitlines(True)
        for i, line in enumerate(lines):
            event = json.loads(line)
            if event.get("length") == 308 and "in" in event:
                window = bytearray()
                for part in event["in"].split():
                    one, _, many = part.partition("*")
                    window += bytes.fromhex(one) * int(many or 1)
                for offset, value in words.items():
                    window[offset:offset + 4] = value.to_bytes(4, "little")
                lines[i] = line.replace(event["in"], window.hex())
        self.file("t.trace", "".join(lines).encode())
        return self.run_ok("trace", "replay", "t.trace")

    def test_what_is_programmed_and_not_current_is_shown(self):
        run = self.replay({4: 0x9bc6aaf0}, "option")
        self.assertIn("  SWAP_BANK_OPT     off       bank 1 comes first\n"
                      "                    on        programmed, not current "
                      "yet: bank 2 comes first\n", run.out)
        self.assertEqual(run.out.count("programmed"), 1)
        run = self.replay({4: 0x9bc6aaf0}, "option", "--json")
        fields = {e["name"]: e for e in map(
            json.loads, run.out.splitlines()[:-1]) if e["event"] == "option"}
        self.assertEqual([fields["SWAP_BANK_OPT"][key] for key in
                          ("value", "current", "programmed", "default")],
                         [0, 0, 1, 0])
        run = self.replay({4: 0x9bc6aaf0}, "info")
        self.assertIn("bank swap          off: bank 1 comes first (another "
                      "value is programmed, for the next reset)\n", run.out)
        run = self.replay({4: 0x9bc6aaf0}, "option", "save", "a.options")
        self.assertIn("warning: SWAP_BANK_OPT is saved as it is now, off; "
                      "another value is programmed\n", run.err)

    def test_a_chip_that_is_not_known(self):
        self.run_ok("option", "-d", SIM, "--record", "t.trace")
        kept, transfers = [], 0
        for line in self.bytes_of("t.trace").decode().splitlines(True):
            event = json.loads(line)
            transfers += event["event"] == "transfer"
            # Who is not known is asked for nothing but its state.
            if event["event"] == "transfer" and transfers > 2:
                continue
            if event["event"] == "outcome":
                event.update(status=1, code="E_UNSUPPORTED",
                             aftermath="untouched")
                line = json.dumps(event) + "\n"
            kept.append(line.replace("31002a0031003200380020",
                                     "31002a0031003200370020"))
        self.file("t.trace", "".join(kept).encode())
        run = self.call("trace", "replay", "t.trace")
        self.assertIn("error: the device's memory layout matches no chip "
                      "known, so its option bytes are not known\n", run.err)

    def test_a_trace_tells_what_was_protected(self):
        for chip, keys in ((SIM, (",rdp=1", ",wrp=0x8001")),
                           (F405, (",wrp=0x0801",))):
            self.run_ok("option", "-d", chip + "".join(keys), "--record",
                        "t.trace")
            lines = [json.loads(line) for line in
                     self.bytes_of("t.trace").splitlines()]
            for event in lines:
                if event["event"] == "open":
                    event.update(selector=None, path="usb:1-1")
            self.file("t.trace", "".join(json.dumps(event) + "\n" for event
                                         in lines).encode())
            run = self.run_ok("trace", "check", "t.trace")
            for key in keys:
                self.assertIn(key, run.out)

    def test_a_refused_change_is_told(self):
        run = self.replay({0: 0x5bc6aaf0}, "option")
        self.assertIn("warning: the chip refused the last change of its "
                      "option bytes\n", run.err)
        self.assertNotIn("refused", self.replay({}, "option").err)

    def test_areas_are_shown_by_their_addresses(self):
        run = self.replay({0x0c: 0x801f0010, 0x114: 0x00050005,
                           0x118: 0x00050005}, "option")
        self.assertIn("* PROT_AREA_START1  0x010     from 0x08001000 "
                      "(default: 0x0ff)\n"
                      "                    0x0ff     programmed, not current "
                      "yet: no area: the start lies behind the end\n"
                      "* PROT_AREA_END1    0x01f     to 0x08001fff "
                      "(default: 0x000)\n", run.out)
        self.assertIn("* SEC_AREA_END2     0x005     the whole bank: start "
                      "and end are the same (default: 0x000)\n", run.out)
        run = self.replay({0x0c: 0x801f0010, 0x114: 0x00050005}, "info")
        self.assertIn("PCROP area         bank 1: 4 KiB at 0x08001000\n"
                      "secure area        bank 2: 1024 KiB at 0x08100000\n",
                      run.out)

    def test_swapped_banks_have_their_registers_swapped_along(self):
        run = self.replay({0: 0x9bc6aaf0, 0x0c: 0x801f0010}, "info")
        self.assertIn("PCROP area         bank 1: 4 KiB at 0x08001000\n"
                      "secure area        none\n"
                      "bank swap          on: bank 2 comes first", run.out)


class Save(Case):
    def test_a_file_has_every_field(self):
        run = self.run_ok("option", "save", "a.options", "-d", SIM)
        self.assertEqual(run.out, "saved 34 fields to 'a.options'\n")
        text = self.bytes_of("a.options").decode()
        self.assertTrue(text.startswith(
            "# sector0 option bytes; 'sector0 option load' reads them\n"
            "chip = stm32h743\n\n[read protection]\n"
            "RDP = 0                        # level 0: memory is not "
            "protected\n\n[brown-out reset]\n"), text)
        rows = [line.split("#")[0].split(" = ") for line in text.splitlines()
                if " = " in line][1:]
        self.assertEqual(
            [(name, value.strip()) for name, value in rows[:-len(DUAL)]],
            [(name, text) for _, fields in H743 for name, _, text, _
             in fields])
        self.assertEqual([name for name, _ in rows[-len(DUAL):]], DUAL)

    def test_standard_output_and_the_same_chip_again(self):
        self.run_ok("option", "save", "a.options", "-d", SIM)
        run = self.run_ok("option", "save", "-", "-d", SIM + ",seed=9")
        self.assertEqual(run.out.encode(), self.bytes_of("a.options"))
        run = self.run_ok("option", "save", "-", "-d", SIM + ",wrp=2")
        self.assertEqual(
            [line for line in run.out.splitlines()
             if line.encode() not in self.bytes_of("a.options")],
            ["WRPSn1 = 1                     # 1 of 8 sectors cannot be "
             "erased or written"])

    def test_for_programs(self):
        self.assertEqual(self.last("option", "save", "a.options", "-d", F405,
                                   kind="option save"),
                         {"event": "result", "ok": True, "fields": 6})
        run = self.run_bad(2, "--json", "option", "save", "-", "-d", F405)
        self.assertIn("exclude each other", run.err)

    def test_a_file_that_cannot_be_written(self):
        run = self.run_bad(1, "option", "save", "no/such/a.options", "-d", SIM)
        self.assertIn("no/such/a.options", run.err)
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                self.run_bad(1, "option", "save", "-", "-d", SIM, stdout=full)


class Words(Case):
    def test_what_is_no_subcommand(self):
        for words in (("shew",), ("show", "RDP"), ("save", "a", "b"), ("-",)):
            run = self.run_bad(2, "option", *words, "-d", SIM)
            self.assertIn("error: 'option' does not know what to do with",
                          run.err)
            self.assertIn("hint: usage: sector0 option [show] |", run.err)

    def test_what_a_subcommand_needs(self):
        for part, needs in (("save", "a file"), ("load", "a file"),
                            ("set", "NAME=VALUE")):
            run = self.run_bad(2, "option", part, "--yes", "-d", SIM)
            self.assertIn("error: 'option %s' needs %s\n" % (part, needs),
                          run.err)


if __name__ == "__main__":
    main()
