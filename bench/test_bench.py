# SPDX-License-Identifier: MIT
"""Would the benchmarks notice? python3 -B bench/test_bench.py"""

import argparse
import os
import tempfile
import unittest
import xml.etree.ElementTree
from unittest import mock

import bench
import guard
import pictures
import plot
import results


class Fit(unittest.TestCase):
    def test_an_exponent_is_found(self):
        points = [(x, 3e-6 * x ** 1.5) for x in (10, 100, 1000, 10000)]
        exponent, factor = plot.fit(points)
        self.assertAlmostEqual(exponent, 1.5)
        self.assertAlmostEqual(factor, 3e-6)

    def test_a_cost_that_is_always_there_does_not_hide_a_square(self):
        points = [(10 ** n, 1e6 + 10.0 ** (2 * n)) for n in range(0, 9)]
        self.assertGreater(plot.fit(points)[0], 1.9)

    def test_n_log_n_is_a_little_more_than_linear(self):
        points = [(2 ** n, n * 2.0 ** n) for n in range(1, 18)]
        self.assertLess(plot.fit(points)[0], 1.2)


class Picture(unittest.TestCase):
    def dashed(self, found):
        return sum(1 for e in found["line"] if e.get("stroke-dasharray"))

    def drawn(self, points):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "a.svg")
            plot.write(path, "a < b", "bytes", "seconds",
                       {"a": points})
            root = xml.etree.ElementTree.parse(path).getroot()
        return {name: [e for e in root.iter() if e.tag.endswith(name)]
                for name in ("text", "circle", "line")}

    def test_it_is_well_formed_and_tells_the_exponent(self):
        found = self.drawn([(4 ** n << 10, 1e-6 * 16 ** n) for n in range(7)])
        self.assertIn("a < b: exponent 2.00 from 64 KiB on",
                      [e.text for e in found["text"]])
        circles = found["circle"]
        self.assertEqual(len(circles), 7)
        self.assertLess(float(circles[6].get("cy")),
                        float(circles[0].get("cy")))
        self.assertEqual(self.dashed(found), 1)

    def test_few_points_have_no_line(self):
        found = self.drawn([(1, 1e-6), (10, 1e-4), (100, 1e-2)])
        self.assertEqual(len(found["circle"]), 3)
        self.assertIn("a < b", [e.text for e in found["text"]])
        self.assertEqual(self.dashed(found), 0)

    def test_another_way_to_erase_is_another_curve(self):
        runs = [{"job": "program", "selector": "sim:stm32h743,rom=0x92",
                 "bytes": n, "time_us": n, "floor_us": n,
                 "mass_erased": n > 4} for n in range(1, 9)]
        curves = pictures.sessions(runs)
        self.assertEqual(len(curves), 4)
        self.assertEqual({len(points) for points in curves.values()}, {4})


class Guard(unittest.TestCase):
    def verdicts(self, kept, found, tolerance=0.03):
        return [row[3] for row in guard.compare(kept, found, tolerance)]

    def test_a_little_more_is_the_same_and_more_is_worse(self):
        self.assertEqual(self.verdicts({"a": 1000, "b": 1000, "c": 1000},
                                       {"a": 1029, "b": 1031, "c": 960}),
                         ["same", "WORSE", "better"])

    def test_one_transfer_more_is_worse(self):
        self.assertEqual(self.verdicts({"a": 8403}, {"a": 8404}, 0),
                         ["WORSE"])

    def test_who_sleeps_is_worse(self):
        runs = {"a": {"job": "program", "rests": 0},
                "b": {"job": "program", "rests": 1},
                "c": {"job": "one-byte-known", "rests": 40}}
        self.assertEqual(guard.restless(runs, False), 1)
        self.assertEqual(guard.restless(runs, True), 2)

    def test_a_rest_that_does_not_come_again_is_none(self):
        run = {"rests": 3}
        guard.settle(run, iter((2, 0)).__next__)
        self.assertEqual(run["rests"], 0)

    def test_a_rest_that_always_comes_stays(self):
        run = {"rests": 3}
        guard.settle(run, lambda: 1)
        self.assertEqual(run["rests"], 1)

    def test_what_is_not_measured_any_more_is_worse(self):
        self.assertEqual(self.verdicts({"a": 1}, {"b": 1}), ["new", "WORSE"])


class Results(unittest.TestCase):
    def test_one_part_leaves_the_others_with_their_day_and_machine(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "results", "r.json")
            results.keep("a", [1], [], {"commit": "one"}, path)
            results.keep("b", [2], [], {"commit": "one"}, path)
            results.keep("a", [3], [], {"commit": "two"}, path)
            kept = results.load(path)
        self.assertEqual(kept["a"]["figures"], [3])
        self.assertEqual(kept["a"]["machine"], {"commit": "two"})
        self.assertEqual(kept["b"]["figures"], [2])
        self.assertEqual(kept["b"]["machine"], {"commit": "one"})
        self.assertEqual(len(results.ages(kept)), 2)

    def test_a_damaged_file_is_as_none(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "r.json")
            with open(path, "w", encoding="utf-8") as out:
                out.write("{")
            self.assertEqual(results.load(path), {})


class LeftOut(unittest.TestCase):
    def parts(self, only, asked, why):
        options = argparse.Namespace(only=only, real=asked)
        with mock.patch.object(bench.real, "why_not", return_value=why):
            return bench.parts_of(options)

    def test_what_cannot_be_measured_is_named_with_the_reason(self):
        names, left_out = self.parts(None, False, "no kernel")
        self.assertNotIn("real", names)
        self.assertEqual(left_out, {"real": "no kernel"})

    def test_it_is_measured_where_it_can_be_or_is_asked_for(self):
        self.assertIn("real", self.parts(None, False, None)[0])
        self.assertIn("real", self.parts(None, True, "no kernel")[0])
        self.assertEqual(self.parts("host", False, "no kernel"),
                         (["host"], {}))


if __name__ == "__main__":
    unittest.main()
