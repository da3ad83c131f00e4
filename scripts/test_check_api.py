#!/usr/bin/env python3
"""Changes of an interface that `check-api` must see, each made to a small crate."""

import json
import os
import subprocess
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

check = SourceFileLoader("check_api", str(Path(__file__).with_name("check-api"))).load_module()

CRATE = """
pub mod inner { #[derive(Clone)] pub struct Of<T>(T); impl<T: Copy> Of<T> { pub fn get(&self) -> T { self.0 } } }
pub use inner::Of as Other;
#[non_exhaustive] pub enum Kind { One, Two { size: u32 } }
pub struct Data { pub length: usize, secret: bool }
pub trait Act { const NAME: &'static str; fn act(&mut self, on: &[u8]) -> Result<usize, Kind>; fn more(&self) {} }
pub const fn make<'a, A: Act + ?Sized>(a: &'a A, f: impl Fn(u8) -> bool) -> &'a A where A: Sync { let _ = f; a }
fn private() {}
"""

BREAKING = [
    ("pub fn get", "fn get"),
    ("T: Copy", "T: Copy + Send"),
    ("#[derive(Clone)]", ""),
    ("pub struct Of<T>(T)", "pub struct Of<T>(T, *const T)"),
    ("Of as Other", "Of as Another"),
    ("Two { size: u32 }", "Two { size: u64 }"),
    ("One, ", ""),
    ("#[non_exhaustive] ", ""),
    ("pub length", "length"),
    ("&[u8]", "&mut [u8]"),
    ("fn more(&self) {}", "fn more(&self);"),
    ("pub const fn", "pub fn"),
    ("where A: Sync", "where A: Sync + Send"),
    ("Fn(u8) -> bool", "Fn(u8) -> u8"),
]
ADDING = [("fn private", "pub fn shown"), ("Two {", "Three, Two {"), ("fn more", "fn fourth() {} fn more")]
NEUTRAL = [("secret: bool", "hidden: bool"), ("fn private", "fn renamed")]


def listed(source: str) -> check.Listing:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.rs"
        file.write_text(source)
        # What is wrong in a body is of no interest.
        command = ["rustdoc", "--edition=2024", "-Z", "unstable-options", "--output-format=json", "-o", folder, file]
        subprocess.run(command, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"}, capture_output=True)
        return check.Listing(json.loads((Path(folder) / "small.json").read_text()))


def lines(source: str) -> list[str]:
    return ["small 0.1.0", *sorted(listed(source).lines)]


class Changes(unittest.TestCase):
    def setUp(self):
        self.before = lines(CRATE)

    def changed(self, change) -> list[str]:
        self.assertIn(change[0], CRATE)
        return lines(CRATE.replace(*change, 1))

    def test_what_breaks_programs_is_gone(self):
        for change in BREAKING:
            with self.subTest(change):
                gone, is_forbidden = check.changes(self.before, self.changed(change), is_released=True)
                self.assertTrue(gone and is_forbidden)

    def test_what_is_added_is_seen_and_allowed(self):
        for change in ADDING:
            with self.subTest(change):
                now = self.changed(change)
                self.assertNotEqual(self.before, now)
                self.assertEqual(check.changes(self.before, now, is_released=True), ([], False))

    def test_what_is_private_is_not_listed(self):
        for change in NEUTRAL:
            with self.subTest(change):
                self.assertEqual(self.before, self.changed(change))

    def test_versions(self):
        for old, new, expected in [
            ("0.1.0", "0.1.1", False), ("0.1.0", "0.2.0", True), ("0.9.1", "1.0.0", True),
            ("1.0.0", "1.1.0", False), ("1.9.9", "2.0.0", True),
        ]:
            self.assertEqual(check.is_incompatible(old, new), expected, (old, new))

    def test_documentation(self):
        self.assertIn("small::Act::act: no section on errors", check.undocumented(listed(CRATE)))
        self.assertIn("small::make: no example", check.undocumented(listed(CRATE)))


if __name__ == "__main__":
    unittest.main()
