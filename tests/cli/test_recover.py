# SPDX-License-Identifier: MIT
"""What was there is not lost: --backup, --rollback and recover."""

import json
import os
import shutil
import stat
import time
import unittest

from harness import Case, main, ihex, noise, FLASH, SECTOR, SIM

OLD = [(FLASH, noise(5000, 1)), (FLASH + SECTOR - 100, noise(100, 2)),
       (FLASH + 2 * SECTOR, noise(3000, 3)),
       (FLASH + 3 * SECTOR, noise(300, 4))]
NEW = [(FLASH, noise(2000, 5)), (FLASH + SECTOR, noise(70, 6)),
       (FLASH + 2 * SECTOR, noise(3000, 7))]


class Saved(Case):
    def setUp(self):
        super().setUp()
        self.file("old.hex", ihex(*OLD))
        self.file("new.hex", ihex(*NEW))
        self.run_ok("flash", "old.hex", "-d", self.chip())
        self.before = self.flash()

    def flash(self):
        """All that the chip holds, without a look by the session."""
        self.run_ok("read", "all", "now.bin", "-d", self.chip())
        return self.bytes_of("now.bin")

    def faulty(self, fault):
        return self.chip("chip.sim", fault)

    def last_transfers(self, *args):
        """How many transfers a whole run takes; on a copy of the chip."""
        shutil.copy(self.path("chip.sim"), self.path("copy.sim"))
        self.run_ok(*args, "--record", "t.trace", "-d",
                    self.chip("copy.sim"),
                    env={"XDG_STATE_HOME": self.path("state-of-copy")})
        run = self.run_ok("trace", "show", "t.trace", "--json")
        requests = json.loads(run.out.splitlines()[-1])["requests"]
        return sum(r["transfers"] for r in requests)

    def break_off(self, *args, before_end=30, fault="torn"):
        at = self.last_transfers(*args) - before_end
        return self.run_bad(3, *args, "-d",
                            self.faulty("fault=%s@%d" % (fault, at)))


class Cut(Saved):
    def test_what_reads_as_blank_is_not_proven_blank(self):
        self.run_bad(3, "erase", "0x08100000", "1M", "-d",
                     self.chip("chip.sim", "fault=torn@erase1"))
        run = self.run_ok("blank", "0x08100000", "16", "-d", self.chip())
        self.assertIn("warning: it reads as blank, but a run was cut there: ",
                      run.err)
        self.assertIn("'sector0 erase 0x08100000 131072' makes sure\n",
                      run.err)
        run = self.run_ok("start", "-d", self.chip())
        self.assertIn("warning: an earlier run was cut in 1 sector, ", run.err)
        self.break_off("flash", "new.hex")
        run = self.call("verify", "old.hex", "-d", self.chip())
        self.assertEqual(run.err.count("an earlier run was cut in"), 1)
        self.assertIn("at 0x08000000, and in 1 more sector: reading it",
                      run.err)
        self.run_ok("erase", "all", "-d", self.chip())
        run = self.run_ok("blank", "-d", self.chip())
        self.assertNotIn("warning", run.err)


class Backup(Saved):
    def test_what_will_be_erased_is_in_the_file(self):
        run = self.run_ok("flash", "new.hex", "--backup", "b.hex", "-d",
                          self.chip())
        self.assertIn("saved     %d bytes at 0x08000000 to 'b.hex'\n"
                      % (3 * SECTOR), run.out)
        self.run_ok("verify", "new.hex", "-d", self.chip())
        self.run_ok("flash", "b.hex", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)

    def test_of_every_command_that_erases(self):
        for name, args in (("w.hex", ("write", "0x08000000", "00")),
                           ("f.uf2", ("fill", "0x08000000", "4", "0")),
                           ("e.s19", ("erase", "0x08000000", "1")),
                           ("e.x", ("erase", "0x08000000", "1", "--format",
                                    "hex")),
                           ("a.bin", ("erase", "all")),
                           ("m.bin", ("flash", "new.hex", "--erase", "all"))):
            result = self.last(*args, "--backup", name, "-d", self.chip())
            whole = name in ("a.bin", "m.bin")
            self.assertEqual(result["backup_bytes"],
                             (16 if whole else 1) * SECTOR)
            self.run_ok("erase", "all", "-d", self.chip())
            self.run_ok("flash", name, *(("--address", "0x08000000")
                                         if name.endswith("bin") else ()),
                        "-d", self.chip())
            if whole:
                self.assertEqual(self.flash(), self.before, name)
            else:
                self.assertEqual(self.flash()[:SECTOR],
                                 self.before[:SECTOR], name)
            self.run_ok("flash", "old.hex", "--erase", "all", "-d",
                        self.chip())

    def test_an_older_one_is_not_written_over(self):
        self.file("b.hex", b"old")
        run = self.run_bad(1, "flash", "new.hex", "--backup", "b.hex", "-d",
                           self.chip())
        self.assertIn("'b.hex' exists already", run.err)
        self.assertIn("device: untouched\n", run.err)
        self.assertEqual(self.bytes_of("b.hex"), b"old")
        self.assertEqual(self.flash(), self.before)

    def test_one_that_cannot_be_written_stops_before_the_erase(self):
        for name, word in (("none/b.hex", "No such file"), (".", "exists")):
            run = self.run_bad(1, "flash", "new.hex", "--backup", name, "-d",
                               self.chip())
            self.assertIn(word, run.err)
            self.assertIn("device: untouched\n", run.err)
        self.assertEqual(self.flash(), self.before)

    def test_usage(self):
        for args in (("--backup", "-"), ("--backup", "b.elf")):
            self.run_bad(2, "flash", "new.hex", *args, "-d", self.chip())
        self.run_bad(2, "erase", "all", "--format", "hex", "-d", self.chip())
        self.run_bad(2, "verify", "new.hex", "--backup", "x")

    def test_raw_binary_hides_no_gap(self):
        self.file("far.hex", ihex((FLASH, b"1"), (FLASH + 2 * SECTOR, b"2")))
        run = self.run_bad(1, "flash", "far.hex", "--backup", "b.bin", "-d",
                           self.chip())
        self.assertIn("gap behind 0x08020000", run.err)
        self.assertIn("device: untouched\n", run.err)
        self.assertEqual(self.flash(), self.before)

    def test_where_nothing_is_erased_there_is_none(self):
        run = self.run_ok("flash", "old.hex", "--backup", "b.hex", "-d",
                          self.chip())
        self.assertIn("nothing is erased, so 'b.hex' is not written", run.err)
        self.assertFalse(os.path.exists(self.path("b.hex")))

    def test_a_plan_writes_none(self):
        self.run_ok("flash", "new.hex", "--plan", "--backup", "b.hex", "-d",
                    self.chip())
        self.assertFalse(os.path.exists(self.path("b.hex")))

    def test_what_was_cut_cannot_be_saved(self):
        self.break_off("flash", "new.hex")
        run = self.run_bad(1, "flash", "old.hex", "--backup", "b.hex", "-d",
                           self.chip())
        self.assertIn("an earlier run was cut in the sector at 0x08", run.err)
        self.assertIn("hint: the same command without --backup", run.err)
        self.assertFalse(os.path.exists(self.path("b.hex")))

    def test_what_a_rollback_recorded_can_be_saved(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.run_ok("flash", "new.hex", "--backup", "b.hex", "-d",
                    self.chip())
        self.run_ok("flash", "b.hex", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)


class Rollback(Saved):
    def test_a_failure_ends_with_what_was_there(self):
        run = self.break_off("flash", "new.hex", "--rollback", fault="stall")
        self.assertIn("; what was there before is back, and verified\n",
                      run.err)
        self.assertIn("device: changed, and put back as it was\n", run.err)
        self.assertEqual(self.flash(), self.before)
        run = self.run_ok("recover", "-d", self.chip())
        self.assertEqual(run.out, "nothing to put back: no run was cut in "
                         "this chip\n")

    def test_json_says_so(self):
        at = self.last_transfers("--json", "flash", "new.hex",
                                 "--rollback") - 30
        error = self.last("flash", "new.hex", "--rollback", "-d",
                          self.faulty("fault=stall@%d" % at), status=3)
        self.assertEqual(error["aftermath"], "restored")

    def test_a_success_is_a_success(self):
        self.run_ok("flash", "new.hex", "--rollback", "--keep", "--backup",
                    "b.hex", "--start", "-d", self.chip())
        self.run_ok("verify", "new.hex", "-d", self.chip())
        self.assertEqual(self.flash()[SECTOR - 100:SECTOR], noise(100, 2))
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("nothing to put back", run.out)
        self.run_ok("flash", "b.hex", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)

    def test_no_verify_excludes_it(self):
        run = self.run_bad(2, "flash", "new.hex", "--rollback", "--no-verify",
                           "-d", self.chip())
        self.assertIn("exclude each other", run.err)

    def test_nothing_to_go_back_to_is_refused(self):
        self.break_off("flash", "new.hex")
        run = self.run_bad(1, "flash", "new.hex", "--rollback", "-d",
                           self.chip())
        self.assertIn("device: untouched\n", run.err)
        self.assertIn("without --keep and --rollback", run.err)

    def test_a_plan_reads_and_changes_nothing(self):
        self.run_ok("flash", "new.hex", "--plan", "--rollback", "-d",
                    self.chip())
        self.run_ok("plan", "new.hex", "--rollback")
        self.assertEqual(self.flash(), self.before)


class Recover(Saved):
    def test_all_that_was_there_comes_back(self):
        run = self.break_off("flash", "new.hex", "--rollback")
        self.assertIn("hint: connect the board in DFU mode again; 'sector0 "
                      "recover'", run.err)
        run = self.run_ok("recover", "--plan", "-d", self.chip())
        self.assertIn("          0x08000000  128 KiB  all that it held, saved on 20",
                      run.out)
        result = self.last("recover", "-d", self.chip())
        self.assertEqual({s["state"] for s in result["sectors"]}, {"whole"})
        self.assertEqual(len(result["sectors"]), 3)
        self.assertGreater(result["restored_bytes"], 8000)
        self.assertEqual(self.flash(), self.before)
        self.assertEqual(self.last("recover", "-d", self.chip())["sectors"],
                         [])

    def test_what_was_kept_comes_back_and_the_rest_is_named(self):
        self.break_off("flash", "new.hex", "--keep")
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("put back ", run.out)
        self.assertIn("  what was to be kept of it, saved on 20", run.out)
        self.assertIn("was to write is not whole: run the same command again",
                      run.err)
        self.assertEqual(self.flash()[SECTOR - 100:SECTOR], noise(100, 2))
        self.run_ok("flash", "new.hex", "--keep", "-d", self.chip())
        self.run_ok("verify", "new.hex", "-d", self.chip())
        self.assertEqual(self.flash()[SECTOR - 100:SECTOR], noise(100, 2))

    def test_a_device_that_drops_off_meanwhile_is_waited_for(self):
        for fault in ("brown-out", "replug"):
            self.break_off("flash", "new.hex", "--rollback")
            run = self.run_ok("recover", "-d", self.faulty(
                "fault=%s@program9" % fault))
            self.assertRegex(run.err, r"warning: it took 1 re(connect|try): ",
                             fault)
            self.assertIn("put back ", run.out)
            self.assertEqual(self.flash(), self.before, fault)

    def test_it_can_be_told_not_to_wait(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.run_bad(3, "recover", "--reconnect", "0", "-d",
                     self.faulty("fault=brown-out@program9"))
        self.run_ok("recover", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)

    def test_without_a_unique_id_nobody_knows(self):
        run = self.run_bad(1, "recover", "-d", SIM + ",rdp=1")
        self.assertIn("does not tell its unique ID", run.err)
        self.assertIn("cannot be known", run.err)
        self.assertIn("hint: read-out protection hides it", run.err)
        self.assertIn("device: untouched", run.err)
        self.assertNotIn("nothing to put back", run.out)

    def test_a_write_by_hand_that_was_cut_is_named_as_what_it_is(self):
        self.break_off("write", "0x08000000", "00")
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("run the same command again", run.err)
        self.assertNotIn("firmware", run.err)
        self.run_ok("write", "0x08000000", "00", "-d", self.chip())
        self.assertEqual(self.flash()[1:], self.before[1:])

    def test_what_was_not_saved_is_named(self):
        self.break_off("flash", "new.hex")
        for args in (("--plan",), ()):
            run = self.run_ok("recover", *args, "-d", self.chip())
            self.assertIn("nothing was saved of it\n", run.out)
            self.assertIn("flash the firmware again", run.err)
        run = self.run_ok("flash", "new.hex", "-d", self.chip())
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("nothing to put back", run.out)

    def test_other_chips_that_wait_are_listed(self):
        uid = self.events("info", "-d", self.chip())[0]["uid"]
        self.break_off("flash", "new.hex", "--rollback")
        other = self.chip("other.sim")
        run = self.run_ok("recover", "-d", other)
        self.assertIn("waiting   1 other chip, by unique ID:\n          %s\n"
                      % uid, run.out)
        self.assertEqual(self.last("recover", "-d", other)["waiting"], [uid])
        self.assertEqual(self.last("recover", "-d", self.chip())["waiting"],
                         [])

    def test_a_flash_of_another_sector_says_that_something_waits(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.file("far.hex", ihex((FLASH + 9 * SECTOR, b"far")))
        run = self.run_ok("flash", "far.hex", "-d", self.chip())
        self.assertIn("of 3 sectors still waits: 'sector0 recover'", run.err)
        self.run_ok("recover", "-d", self.chip())
        self.assertEqual(self.flash()[:9 * SECTOR],
                         self.before[:9 * SECTOR])


class Others(Saved):
    """Another tool, with records of its own, has been here since."""
    ELSE = {"XDG_STATE_HOME": "another"}

    def flashed_since(self, *chunks):
        self.file("since.hex", ihex(*chunks))
        self.run_ok("flash", "since.hex", "-d", self.chip(), env=self.ELSE)
        return self.flash()

    def assert_refused(self, *args):
        run = self.run_bad(1, *args, "-d", self.chip())
        self.assertIn("something else has written to this chip since", run.err)
        self.assertRegex(run.err,
                         r"saved( of the sector at 0x\w+)?, on 20\d\d-\d\d-\d\d \d\d:\d\d "
                         "UTC is older")
        self.assertIn("device: untouched\n", run.err)
        self.assertIn("hint: 'sector0 recover --forget' gives up", run.err)

    def test_what_is_newer_is_not_written_over(self):
        for option in ("--keep", "--rollback"):
            self.break_off("flash", "new.hex", option)
            now = self.flashed_since((FLASH, noise(SECTOR, 11)))
            self.assert_refused("recover")
            self.assert_refused("flash", "new.hex", "--keep")
            self.assert_refused("flash", "old.hex", "--rollback")
            self.assertEqual(self.flash(), now)
            self.run_ok("recover", "--forget", "--yes", "-d", self.chip())
            self.setUp()

    def test_a_few_bytes_where_it_was_blank_are_enough(self):
        self.break_off("flash", "new.hex", "--keep")
        self.run_ok("write", hex(FLASH + SECTOR - 5000), "4711", "-d",
                    self.chip(), "--no-verify", env=self.ELSE)
        self.assert_refused("recover")

    def test_it_can_be_overwritten_on_request(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.flashed_since((FLASH, noise(SECTOR, 11)))
        self.run_ok("recover", "--overwrite", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)

    def test_it_can_be_forgotten(self):
        self.break_off("flash", "new.hex", "--keep")
        now = self.flashed_since((FLASH, noise(SECTOR, 11)))
        run = self.run_bad(2, "recover", "--forget", "-d", self.chip())
        self.assertRegex(run.err, r"gives up \d+ bytes that are saved")
        self.run_bad(2, "recover", "--forget", "--plan", "-d", self.chip())
        self.assert_refused("recover")
        run = self.run_ok("recover", "--forget", "--yes", "-d", self.chip())
        self.assertIn("that a run was cut in these sectors stays noted",
                      run.err)
        self.assertIn("forgot    ", run.out)
        self.assertIn("saved on 20", run.out)
        self.assertEqual(self.flash(), now)
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("nothing to put back", run.out)
        run = self.run_ok("recover", "--forget", "-d", self.chip())
        self.assertIn("nothing to forget", run.out)
        self.run_ok("flash", "new.hex", "--keep", "-d", self.chip())
        self.assertEqual(self.flash()[2000:SECTOR], now[2000:SECTOR])

    def test_a_chip_that_was_only_erased_since_is_put_right(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.run_ok("erase", "all", "-d", self.chip(), env=self.ELSE)
        self.run_ok("recover", "-d", self.chip())
        for sector in range(3):
            at = sector * SECTOR
            self.assertEqual(self.flash()[at:at + SECTOR],
                             self.before[at:at + SECTOR])

    def test_json_tells_when_it_was_saved(self):
        self.break_off("flash", "new.hex", "--keep")
        sectors = self.last("recover", "--plan", "-d", self.chip())["sectors"]
        for sector in sectors:
            self.assertLess(abs(time.time() - sector["saved_s"]), 600)
        self.last("recover", "--forget", "--yes", "-d", self.chip())

    def test_a_recorded_recover_is_replayed(self):
        self.break_off("flash", "new.hex", "--rollback")
        self.run_ok("flash", "new.hex", "--rollback", "--record", "t.trace",
                    "-d", self.chip())
        time.sleep(1.1)
        self.run_ok("trace", "replay", "t.trace")
        self.run_ok("flash", "old.hex", "--rollback", "--record", "u.trace",
                    "-d", self.chip())
        time.sleep(1.1)
        self.run_ok("trace", "replay", "u.trace")


class Erased(Saved):
    def test_what_is_given_up_by_an_erase_is_told(self):
        for option in ("--keep", "--rollback"):
            self.break_off("flash", "new.hex", option)
            run = self.run_ok("erase", "0x08000000", "16", "-d", self.chip())
            self.assertEqual(run.err.count("given up now"), 1, run.err)
            self.run_ok("recover", "-d", self.chip())
            run = self.run_ok("erase", "0x08000000", "16", "-d", self.chip())
            self.assertNotIn("given up now", run.err)
            self.run_ok("flash", "old.hex", "-d", self.chip())

    def test_what_an_erase_of_everything_gives_up_is_told(self):
        for option in ("--keep", "--rollback"):
            for command in (("erase", "all"),
                            ("flash", "new.hex", "--erase", "all")):
                self.run_ok("flash", "old.hex", "--erase", "all", "-d",
                            self.chip())
                self.break_off("flash", "new.hex", option)
                run = self.run_ok(*command, "-d", self.chip())
                self.assertRegex(run.err, r"warning: what a run that was cut "
                                 r"had saved of \d+ sectors? is given up now")
                run = self.run_ok(*command, "-d", self.chip())
                self.assertNotIn("given up now", run.err)


class Stress(Saved):
    def test_what_was_saved_is_not_given_up_for_a_test(self):
        for option in ("--keep", "--rollback"):
            self.break_off("flash", "new.hex", option)
            run = self.run_bad(1, "doctor", "--stress", "--yes", "0x08000010",
                               "-d", self.chip())
            self.assertIn("still waits to be put back", run.out + run.err)
            self.assertIn("device: untouched\n", run.err)
            self.assertIn("hint: 'sector0 recover' puts back", run.err)
            self.run_ok("recover", "-d", self.chip())
            self.assertEqual(self.flash()[SECTOR - 100:SECTOR],
                             noise(100, 2))

    def test_its_own_records_tell_when(self):
        self.call("doctor", "--stress", "--yes", "0x08000000", "-d",
                  self.faulty("fault=torn@program2"))
        sector, = self.last("recover", "--plan", "-d",
                            self.chip())["sectors"]
        self.assertLess(abs(time.time() - sector["saved_s"]), 600)
        self.run_ok("recover", "-d", self.chip())
        self.assertEqual(self.flash(), self.before)


class Records(Saved):
    def test_a_disk_that_is_full_refuses_before_the_erase(self):
        for option in ("--keep", "--rollback"):
            run = self.full(option)
            self.assertEqual(run.status, 1, run)
            self.assertIn("device: untouched\n", run.err)
            self.assertIn("have to be recorded there before the first erase",
                          run.err)
            self.assertIn("hint: make room there", run.err)
            self.assertEqual(self.flash(), self.before)

    def full(self, option):
        """A limit of the file size that the records run into."""
        import resource
        limit = 3000

        def set_limit():
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        # the chip's own file must not grow either: it is there already
        return self.call("flash", "new.hex", option, "-d", self.chip(),
                         preexec_fn=set_limit)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_directory_that_cannot_be_written_refuses(self):
        state = self.path("readonly")
        os.mkdir(state)
        os.chmod(state, stat.S_IRUSR | stat.S_IXUSR)
        run = self.call("flash", "new.hex", "-d", self.chip(),
                        env={"XDG_STATE_HOME": state})
        self.assertEqual(run.status, 1, run)
        self.assertIn("device: untouched\n", run.err)

    def test_a_path_that_is_no_directory_refuses(self):
        self.file("file", b"")
        run = self.run_bad(1, "flash", "new.hex", "-d", self.chip(),
                           env={"XDG_STATE_HOME": self.path("file")})
        self.assertIn("device: untouched\n", run.err)
        self.assertIn("XDG_STATE_HOME=", run.err)

    @unittest.skipIf(os.geteuid() != 0, "needs a user without a home")
    def test_without_a_home_nothing_is_saved_and_nothing_claimed(self):
        def nobody():
            os.setgid(54321)
            os.setuid(54321)

        os.chmod(self.directory, 0o777)
        os.chmod(self.path("chip.sim"), 0o666)
        env = {"XDG_STATE_HOME": "", "HOME": "not/absolute"}
        for command in ("flash new.hex --keep", "flash new.hex --rollback",
                        "write 0x08000000 00", "fill 0x08000000 4 0",
                        "recover", "doctor --stress --yes 0x08000000"):
            run = self.call(*command.split(), "-d", self.chip(), env=env,
                            preexec_fn=nobody)
            self.assertEqual(run.status, 1, run)
            self.assertIn("error: there is no home directory", run.err)
            self.assertIn("device: untouched\n", run.err)
            self.assertIn("XDG_STATE_HOME=", run.err)
        run = self.call("flash", "new.hex", "-d", self.chip(), env=env,
                        preexec_fn=nobody)
        self.assertEqual(run.status, 0, run)
        self.assertIn("warning: there is no home directory", run.err)

    def test_damaged_records_are_told_and_left_alone(self):
        self.break_off("flash", "new.hex", "--keep")
        folder = self.path("state/sector0/journal")
        name, = os.listdir(folder)
        with open(os.path.join(folder, name), "rb") as file:
            whole = file.read()
        at = len(whole) // 2
        for damaged in (whole[:at] + b"?" + whole[at + 1:],
                        b"?" + whole[1:], whole[:45] + whole[46:]):
            self.file(os.path.join(folder, name), damaged)
            for command in (["recover"], ["recover", "--plan"],
                            ["recover", "--forget", "--yes"],
                            ["flash", "new.hex"], ["erase", "all"],
                            ["flash", "new.hex", "--keep"]):
                run = self.run_bad(1, *command, "-d", self.chip())
                self.assertIn("records of this chip are damaged at byte",
                              run.err)
                self.assertIn("device: untouched\n", run.err)
                self.assertIn("hint: put the file UID.s0j", run.err)
            with open(os.path.join(folder, name), "rb") as file:
                self.assertEqual(file.read(), damaged)
        self.file(os.path.join(folder, name), whole)
        self.run_ok("recover", "-d", self.chip())
        self.assertEqual(self.flash()[SECTOR - 100:SECTOR], noise(100, 2))

    def test_records_of_another_chip_are_told_and_left_alone(self):
        self.break_off("flash", "new.hex", "--keep")
        folder = self.path("state/sector0/journal")
        name, = os.listdir(folder)
        other = self.chip("other.sim", "uid=0123456789abcdef01234567")
        self.run_ok("flash", "old.hex", "-d", other)
        copy = os.path.join(folder, "0123456789abcdef01234567.s0j")
        shutil.copy(os.path.join(folder, name), copy)
        for command in (["recover"], ["flash", "new.hex", "--keep"],
                        ["recover", "--forget", "--yes"], ["erase", "all"]):
            run = self.run_bad(1, *command, "-d", other)
            self.assertIn("of another chip, with the unique ID " + name[:-4],
                          run.err)
            self.assertIn("device: untouched\n", run.err)
            self.assertIn("give the file the name", run.err)
            self.assertEqual(self.bytes_of(copy),
                             self.bytes_of(os.path.join(folder, name)))
        run = self.run_ok("verify", "old.hex", "-d", other)
        self.assertIn("of another chip", run.err)
        os.remove(copy)
        self.run_ok("flash", "new.hex", "--keep", "-d", other)
        self.run_ok("recover", "-d", self.chip())
        self.assertEqual(self.flash()[SECTOR - 100:SECTOR], noise(100, 2))

    def without_records(self, status, *args):
        uid = self.events("info", "-d", self.chip())[0]["uid"]
        os.makedirs(self.path("elsewhere/sector0/journal/%s.s0j" % uid),
                    exist_ok=True)
        run = self.call(*args, "-d", self.chip(),
                        env={"XDG_STATE_HOME": self.path("elsewhere")})
        self.assertEqual(run.status, status, run)
        return run

    def test_what_changes_nothing_goes_on_without_records(self):
        self.run_ok("flash", "new.hex", "-d", self.chip())
        for command in ("verify new.hex", "read 0x08000000 16",
                        "checksum 0x08000000 64", "flash new.hex",
                        "flash new.hex --full --plan", "blank 0x08100000 16"):
            run = self.without_records(0, *command.split())
            self.assertEqual(run.err.count("warning: cannot open '"), 1, run)
            self.assertIn("nothing can be changed", run.err)
        for command in ("info", "list"):
            run = self.without_records(0, command)
            self.assertNotIn("warning", run.err)
        run = self.without_records(1, "doctor")
        self.assertIn("D_NO_RECORDS (certain)", run.out)
        self.assertIn("\n1 finding\n", run.out)

    def test_what_changes_flash_is_refused_without_records(self):
        for command in ("flash new.hex", "flash new.hex --keep",
                        "flash new.hex --rollback", "erase all",
                        "erase 0x08000000 16", "write 0x08010000 17 42 99",
                        "doctor --stress --yes 0x08000000", "recover",
                        "flash new.hex --erase none"):
            run = self.without_records(1, *command.split())
            self.assertIn("device: untouched\n", run.err)
            if "none" not in command:
                self.assertIn("XDG_STATE_HOME=", run.err)
            self.assertEqual(self.flash(), self.before)


if __name__ == "__main__":
    main()
