# SPDX-License-Identifier: MIT
"""Would the benchmarks notice? python3 -B bench/test_bench.py"""

import os
import tempfile
import unittest
import xml.etree.ElementTree

import guard
import plot


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
    def test_it_is_well_formed_and_tells_the_exponent(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "a.svg")
            plot.write(path, "a < b", "bytes", "seconds",
                       {"a": [(1, 1e-6), (10, 1e-4), (100, 1e-2)]})
            root = xml.etree.ElementTree.parse(path).getroot()
        words = [e.text for e in root.iter() if e.tag.endswith("text")]
        self.assertIn("a < b, exponent 2.00", words)
        circles = [e for e in root.iter() if e.tag.endswith("circle")]
        self.assertEqual(len(circles), 3)
        self.assertLess(float(circles[2].get("cy")),
                        float(circles[0].get("cy")))


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
        runs = {"a": {"job": "program", "rests": 3},
                "b": {"job": "program", "rests": 271},
                "c": {"job": "one-byte-known", "rests": 40}}
        self.assertEqual(guard.restless(runs), 1)

    def test_what_is_not_measured_any_more_is_worse(self):
        self.assertEqual(self.verdicts({"a": 1}, {"b": 1}), ["new", "WORSE"])


if __name__ == "__main__":
    unittest.main()
