# SPDX-License-Identifier: MIT
"""Option bytes as they are: shown, asked for by address, in files."""

from harness import Case, main, SIM

F405 = "sim:stm32f405"
# A word that no field names, and the one with RDP and BOR_LEV.
NOBODYS, USER = "0x1fffc004", "0x1fffc000"


class Raw(Case):
    def user(self, device):
        """The word of the fields, as it is."""
        events = self.events("option", "-d", device)
        window = [e for e in events if e["event"] == "option-bytes"]
        self.assertEqual([(e["address"], e["length"]) for e in window],
                         [(0x1fffc000, 16)])
        return int.from_bytes(bytes.fromhex(window[0]["bytes"])[:4], "little")

    def test_the_bytes_are_shown_where_they_are_asked_for(self):
        shown = "0x1fffc000  ef aa ff ff"
        self.assertNotIn(shown, self.run_ok("option", "-d", F405).out)
        lines = self.run_ok("-v", "option", "-d", F405).out.splitlines()
        line = [k for k in lines if k.startswith("0x1fffc000  ")][0]
        self.assertEqual(len(line.split()), 17)
        self.assertEqual(self.user(F405),
                         int("".join(reversed(line.split()[1:5])), 16))

    def test_a_word_is_taken_for_the_fields_that_are_in_it(self):
        device = F405 + ",file=a.sim"
        word = self.user(device) ^ 0x4          # BOR_LEV 3 -> 2
        run = self.run_ok("option", "set", "%s=0x%08x" % (USER, word),
                          "--yes", "-d", device)
        self.assertIn("BOR_LEV            3 -> 2  # level 1, 2.1 V\n", run.out)
        self.assertIn("changed 1 field, read back and right\n", run.out)
        self.assertEqual(self.user(device), word)
        run = self.run_ok("option", "set", "%s=%d" % (USER, word), "-d",
                          device)
        self.assertEqual(run.out, "nothing to change: all is as asked for\n")

    def test_level_2_is_not_reached_by_a_word_either(self):
        word = self.user(F405) & ~0xff00 | 0xcc00
        change = "%s=0x%08x" % (USER, word)
        run = self.run_bad(1, "option", "set", change, "--yes",
                           "--allow=raw,complement", "-d", F405)
        self.assertIn("level 2 is for ever", run.err)
        self.assertIn("device: untouched\nhint: --permanent allows it", run.err)

    def test_what_nobody_names_needs_leave_and_is_proven(self):
        change = NOBODYS + "=0x01020304"
        run = self.run_bad(1, "option", "set", change, "--yes", "-d", F405)
        self.assertIn("the bytes become 04 03 02 01; what they mean is not "
                      "known", run.err)
        self.assertIn("hint: --allow raw allows it", run.err)
        run = self.run_ok("option", "set", change, "--plan", "-d", F405)
        self.assertIn("\nneeds              --allow raw\n", run.out)
        # This chip has nothing there.
        run = self.run_bad(1, "option", "set", change, "--yes", "--allow=raw",
                           "-d", F405)
        self.assertIn("the device took the option bytes 3 times", run.err)
        self.assertIn("device: untouched", run.err)

    def test_a_code_that_means_nothing_is_refused_in_a_word_too(self):
        run = self.run_bad(1, "option", "set", "0x40022054=0x2d3056d8",
                           "--yes", "--allow=raw", "--permanent", "-d",
                           "sim:stm32h563")
        self.assertIn("0x56 is no value of PRODUCT_STATE", run.err)
        self.assertIn("device: untouched", run.err)

    def test_programs_are_told_of_words(self):
        planned = self.events("option", "set", NOBODYS + "=5", "--plan", "-d",
                              F405, kind="option plan")[-1]["planned"]
        self.assertEqual([(c["name"], c["new"], c["new_text"], c["allow"])
                          for c in planned],
                         [(NOBODYS, 5, "0x00000005", ["raw"])])

    def test_words_that_are_none(self):
        for word, what in (("0x1fffc002=1", "no address of a 32-bit word"),
                           ("0x1fffc010=1", "no address of a 32-bit word"),
                           ("0x1fffc004=0x100000000", "no 32-bit word"),
                           ("0x1fffc004=on", "no 32-bit word")):
            run = self.run_bad(1, "option", "set", word, "--yes", "-d", F405)
            self.assertIn(what, run.err)
        run = self.run_bad(1, "option", "set", "0x5200201c=1", "--yes", "-d",
                           SIM)
        self.assertIn("what is programmed is at 0x52002020", run.err)
        self.run_bad(2, "option", "set", NOBODYS + "=1", NOBODYS + "=2", "-d",
                     F405)

    def test_in_a_file_fields_say_what_they_name(self):
        device = F405 + ",file=a.sim"
        self.file("some.options", b"chip = stm32f405\n" + USER.encode() +
                  b" = 0xff000000\nBOR_LEV = 1\n")
        run = self.run_bad(1, "option", "load", "some.options", "--yes", "-d",
                           device)
        self.assertIn("the bytes become", run.err)
        keep = self.user(device)
        self.file("same.options", b"chip = stm32f405\n%s = 0x%08x\n"
                  b"BOR_LEV = 1\n" % (USER.encode(), keep ^ 0x8004))
        run = self.run_ok("option", "load", "same.options", "--yes", "-d",
                          device)
        self.assertIn("changed 1 field, ", run.out)
        self.assertEqual(self.user(device), keep & ~0xc | 0x4)
        self.file("bad.options", b"chip = stm32f405\n0x1fffc001 = 1\n")
        run = self.run_bad(1, "option", "load", "bad.options", "-d", device)
        self.assertIn("bad.options:2:1: '0x1fffc001' is no address", run.err)
        self.file("twice.options", b"chip = stm32f405\n0x1fffc004 = 1\n"
                  b"0x1fffc004 = 2\n")
        run = self.run_bad(1, "option", "load", "twice.options", "-d", device)
        self.assertIn("another value stands above for this word", run.err)


if __name__ == "__main__":
    main()
