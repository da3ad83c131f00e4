#!/usr/bin/env python3
"""Plants falsehoods in the README, the record and the tree, and sees each found; the truth passes."""

import contextlib
import copy
import importlib.util
import io
import tempfile
import unittest
from argparse import Namespace
from importlib.machinery import SourceFileLoader
from pathlib import Path

import benchmark_ci
import figures
import plot

LOADER = SourceFileLoader("check_costs", str(Path(__file__).resolve().parent / "check-costs"))
SPEC = importlib.util.spec_from_loader("check_costs", LOADER)
costs = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(costs)

SAMPLE = "alice29.txt"


def a_record(nine: float = 1.0, unpacking: float = 1.0, mib: float = 8.0) -> dict:
    """A small record in which rigz is ahead; `nine` and `unpacking` are its seconds."""
    packs = [("rigz", 1, 90, 0.1), ("rigz", 6, 80, 0.2), ("rigz", 9, 70, nine), ("igzip", 1, 95, 0.2)]
    packs += [("libdeflate", 6, 80, 0.4), ("pigz", 9, 75, 4.0)]
    compress = [{"file": "a", "tool": t, "level": l, "threads": 1, "bytes": b, "seconds": s} for t, l, b, s in packs]
    readers = [("rigz", unpacking), ("gzip", 4.0), ("pigz", 3.0), ("igzip", 2.0)]
    common = {"file": "a", "writer": "gzip -6"}
    return {
        "date": "1970-01-01", "commit": "0123456789abcdef", "first": "a",
        "machine": {"processor": "one", "vectors": "two", "cores": 2, "system": "three"},
        "versions": {"rigz": "1", "pigz": "2", "rustc": "3"},
        "files": {"a": {"bytes": 100, "source": "here"}, SAMPLE: {"bytes": 100, "source": "here"}},
        "compress": compress,
        "threads": [row | {"threads": 2} for row in compress],
        "densest": [row for row in compress if row["level"] == 9],
        "decompress": [common | {"tool": t, "threads": n, "seconds": s} for t, s in readers for n in (1, 2)],
        "memory": [
            {"tool": "rigz", "what": what, "threads": n, "peak_mib": mib} for what in ("compress", "decompress") for n in (1, 2)
        ],
        "start": [{"tool": "rigz", "median_seconds": 0.001}],
        "sample": [{"file": SAMPLE, "tool": "rigz", "level": 9, "bytes": 10_000}],
        "library": [
            {"file": "a", "piece": 1024, "operation": "inflate", "library": "rigz", "level": None, "bytes": 1, "mb_per_s": 1},
        ],
    }


def a_readme(it: figures.Figures) -> str:
    blocks = "".join(f"<!-- figures: {name} -->\n<!-- end -->\n" for name in figures.BLOCKS)
    return figures.filled(blocks + "\n".join(figures.CLAIMS), it)


GOLDEN = f" 9   10000 00000000 {SAMPLE}\n"


class Figures(unittest.TestCase):
    def problems(self, record=None, readme=None, golden=GOLDEN, pictures=None):
        it = figures.Figures(record or a_record(), "record.json")
        drawn = {name: picture.svg() for name, picture in plot.drawings(it.record).items()}
        return figures.problems(it, readme or a_readme(it), golden, drawn if pictures is None else pictures)

    def found(self, part, **planted):
        found = self.problems(**planted)
        self.assertTrue(any(part in problem for problem in found), f"{part!r} not in {found}")

    def test_the_truth_passes(self):
        self.assertEqual(self.problems(), [])

    def test_a_figure_that_somebody_wrote(self):
        readme = a_readme(figures.Figures(a_record(), "record.json"))
        self.assertIn("4.0×", readme)
        self.found("is not what the record says", readme=readme.replace("4.0×", "9.0×"))
        self.found("lacks", readme=readme.replace("4.0×", "9.0×"))

    def test_a_record_that_changed_under_the_readme(self):
        readme = a_readme(figures.Figures(a_record(), "record.json"))
        self.found("is not what the record says", record=a_record(nine=1.3), readme=readme)

    def test_figures_left_out(self):
        readme = a_readme(figures.Figures(a_record(), "record.json"))
        self.found("does not show the figures costs", readme=readme.replace("<!-- figures: costs -->", ""))

    def test_a_picture_of_another_record(self):
        other = {name: picture.svg() for name, picture in plot.drawings(a_record(nine=1.5)).items()}
        self.found("size-speed.svg is not the picture", pictures=other)
        self.found("decompress.svg is not the picture", pictures={})

    def test_each_claim_that_does_not_hold(self):
        self.found("does not hold: On every file", record=a_record(nine=3.0))
        self.found("does not hold: no other tool", record=a_record(unpacking=2.5))
        self.found("does not hold: at most 16 MiB", record=a_record(mib=17.0))
        swollen = a_record()
        swollen["compress"][2]["bytes"] = 81
        self.found("does not hold: a higher level", record=swollen)

    def test_a_claim_that_the_readme_lost(self):
        readme = a_readme(figures.Figures(a_record(), "record.json"))
        self.found("does not say: no other tool", readme=readme.replace("no other tool", "no tool"))

    def test_output_that_outgrew_the_record(self):
        self.assertEqual(self.problems(golden=GOLDEN.replace("10000", "10009")), [])
        self.assertEqual(self.problems(golden=GOLDEN.replace("10000", "9000")), [])
        self.found("record again", golden=GOLDEN.replace("10000", "10011"))

    def test_points_that_are_not_beaten_are_named(self):
        record = a_record()
        record["compress"].append({"file": "a", "tool": "fast", "level": 1, "threads": 1, "bytes": 90, "seconds": 0.05})
        self.assertEqual(figures.Figures(record).beaten(), (4, ["fast -1"]))


class Pictures(unittest.TestCase):
    def test_the_same_record_makes_the_same_bytes(self):
        one, two = plot.drawings(a_record()), plot.drawings(copy.deepcopy(a_record()))
        self.assertEqual([p.svg() for p in one.values()], [p.svg() for p in two.values()])

    def test_nothing_is_loaded_from_elsewhere(self):
        for picture in plot.drawings(a_record()).values():
            self.assertNotRegex(picture.svg().replace("http://www.w3.org/2000/svg", ""), r"http|href|<script|url\(")


class Thresholds(unittest.TestCase):
    ROW = {"compress_mb_per_s": 10.0, "decompress_mb_per_s": 10.0, "bytes": 1000}

    def failures(self, rigz, **given):
        options = {"threads": 1, "criteria": False, "min_speed": None, "max_size": None, "min_decompress": None} | given
        result = {"tools": {"rigz": self.ROW | rigz, "pigz": self.ROW}}
        return benchmark_ci.failures(result, benchmark_ci.thresholds(Namespace(**options)))

    def test_each_threshold_and_its_edge(self):
        self.assertEqual(self.failures({}), [])
        self.assertEqual(self.failures({}, min_speed=1.0, max_size=1.0, min_decompress=1.0), [])
        self.assertRegex(self.failures({"compress_mb_per_s": 9.9}, min_speed=1.0)[0], "^min-speed")
        self.assertRegex(self.failures({"bytes": 1001}, max_size=1.0)[0], "^max-size")
        self.assertRegex(self.failures({"decompress_mb_per_s": 9.9}, min_decompress=1.0)[0], "^min-decompress")

    def test_the_criteria(self):
        self.assertEqual(self.failures({"compress_mb_per_s": 15.0, "bytes": 1005}, criteria=True), [])
        self.assertEqual(len(self.failures({"compress_mb_per_s": 14.9, "bytes": 1006}, criteria=True)), 2)
        self.assertEqual(self.failures({"compress_mb_per_s": 13.0}, criteria=True, threads=4), [])
        self.assertEqual(len(self.failures({"compress_mb_per_s": 12.9}, criteria=True, threads=4)), 1)

    def test_nothing_to_compare_with_is_a_failure(self):
        self.assertEqual(len(benchmark_ci.failures({"tools": {"rigz": self.ROW}}, {"min-speed": 1.0})), 1)


class Costs(unittest.TestCase):
    def setUp(self):
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def test_dearer_is_worse_and_cheaper_is_not(self):
        before = {("avx2", "a"): 1000, ("avx2", "b"): 1000, ("avx2", "c"): 1000}
        after = {("avx2", "a"): 1021, ("avx2", "b"): 1020, ("avx2", "c"): 900}
        self.assertRegex("".join(costs.compare("instructions", before, after, 0.02)), r"^instructions avx2 a: 1000 -> 1021")

    def test_one_byte_is_too_many(self):
        self.assertEqual(len(costs.compare("bytes at level", {"9": 1000}, {"9": 1001}, 0)), 1)

    def test_what_is_not_on_record_or_gone(self):
        self.assertEqual(len(costs.compare("instructions", {("avx2", "a"): 1}, {("avx2", "b"): 1}, 0.02)), 2)

    def test_the_record_is_read_as_it_was_written(self):
        counts = {("portable", "a b"): 1, ("avx2", "a b"): 2}
        kept, costs.RECORD = costs.RECORD, Path(self.enterContext(tempfile.TemporaryDirectory()), "r")
        self.addCleanup(setattr, costs, "RECORD", kept)
        costs.write_record("1.2.3", counts)
        self.assertEqual(costs.read_record(), ("1.2.3", counts))


if __name__ == "__main__":
    unittest.main()
