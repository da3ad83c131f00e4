#!/usr/bin/env python3
"""Plants a violation of each rule of check-layout and sees it found, and sees its twin that keeps the law pass."""

import importlib.util
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

LOADER = SourceFileLoader("check_layout", str(Path(__file__).resolve().parent / "check-layout"))
SPEC = importlib.util.spec_from_loader("check_layout", LOADER)
layout = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(layout)


def rules(*files):
    return [rule for _, _, rule in layout.check_files(files)]


class Planted(unittest.TestCase):
    def found(self, part, *files):
        self.assertTrue(any(part in rule for rule in rules(*files)), f"{part!r} not found: {rules(*files)}")

    def clean(self, *files):
        self.assertEqual(rules(*files), [])

    def test_arrow_to_the_right(self):
        self.found("arrow points right: bits -> deflate", ("src/bits/x.rs", "use crate::deflate::chunk;\n"))
        self.found("arrow points right: lz77 -> gzip", ("src/lz77/x.rs", "use crate::{bits::fragment, gzip::{A, B}};\n"))
        self.found("arrow points right: cli -> main", ("src/cli/x.rs", "fn f() { rigz::main::go() }\n"))
        self.clean(("src/deflate/x.rs", "use crate::bits::fragment;\nuse crate::error::Error;\n"))

    def test_arrow_in_a_test_module_a_comment_or_a_string_is_none(self):
        self.clean(("src/bits/x.rs", '// crate::cli\n/* crate::cli */ const A: &str = "crate::cli";\n'))
        self.clean(("src/bits/x.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::inflate::x;\n}\n"))
        self.found("arrow", ("src/bits/x.rs", "#[cfg(test)]\nmod tests {\n}\nuse crate::inflate::x;\n"))

    def test_cycle_between_rooms_of_one_stage(self):
        one, two = ("src/huffman/x.rs", "use crate::lz77::a;\n"), ("src/lz77/x.rs", "use crate::huffman::a;\n")
        self.found("cycle: huffman <-> lz77", one, two)
        self.clean(one)

    def test_room_without_a_place(self):
        self.found("has no place", ("src/misc/mod.rs", "\n"))

    def test_core_that_knows_the_world(self):
        self.found("std in the core", ("src/inflate/x.rs", "use std::fs;\n"))
        self.found("threads outside parallel", ("src/gzip/x.rs", "fn f() { std::thread::spawn(g) }\n"))
        self.found("threads outside parallel", ("src/io/x.rs", "use rayon::prelude;\n"))
        self.found("processor named", ("src/inflate/x.rs", '#[cfg(target_arch = "x86_64")]\nfn f() {}\n'))
        self.clean(("src/parallel/x.rs", "use std::thread;\n"), ("src/arch/x.rs", "use core::arch::x86_64;\n"))

    def test_long_file(self):
        long = "// a line\nfn f() {}\n" * 301
        self.found("lines outside tests", ("src/bits/x.rs", long))
        self.clean(("src/bits/x.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n" + long + "}\n"))

    def test_long_functions(self):
        long = "fn f() {\n" + "    g();\n" * 100 + "}\n"
        self.found("fn f has 102 lines", *((f"src/bits/{name}.rs", long) for name in "abc"))
        self.clean(*((f"src/bits/{name}.rs", long) for name in "ab"))
        self.clean(*((f"src/bits/{name}.rs", "fn f() {\n" + "    // prose\n\n" * 100 + "}\n") for name in "abc"))

    def test_unsafe_in_the_wrong_place(self):
        block = "fn f() {\n    // SAFETY: checked above.\n    unsafe { g() }\n}\n"
        self.found("unsafe outside", ("src/inflate/x.rs", block))
        self.found("unsafe outside", ("tests/x.rs", block))
        self.clean(("src/raw/x.rs", block), ("src/arch/x.rs", block))

    def test_unsafe_without_its_reason(self):
        self.found("unsafe without `SAFETY:`", ("src/raw/x.rs", "fn f() {\n    unsafe { g() }\n}\n"))
        self.found("unsafe without `SAFETY:`", ("src/raw/x.rs", "// SAFETY: far.\nfn f() {\n    unsafe { g() }\n}\n"))
        self.found("unsafe without `# Safety`", ("src/raw/x.rs", "/// Reads.\nunsafe fn f() {}\n"))
        self.found("unsafe without `SAFETY:`", ("src/raw/x.rs", "struct A;\nunsafe impl Send for A {}\n"))
        self.clean(("src/raw/x.rs", "fn f() {\n    // SAFETY: in bounds.\n    let a =\n        unsafe { g() };\n}\n"))
        self.clean(("src/raw/x.rs", "// SAFETY: plain data.\nunsafe impl A for B {\n    unsafe fn f() {}\n}\n"))
        self.clean(("src/raw/x.rs", "/// # Safety\n/// In bounds.\n#[inline]\nunsafe fn f() {}\n"))
        self.clean(("src/bits/x.rs", '#![expect(unsafe_code, reason = "unsafe")]\n// unsafe\n'))

    def test_words(self):
        self.found("unfinished work", ("src/bits/x.rs", "// TO" "DO: later\n"))
        self.found("history", ("src/bits/x.rs", "// It used to copy.\n"))
        self.found("history", ("src/bits/x.rs", "// The table was moved to another file.\n"))
        self.found("date", ("src/bits/x.rs", "// measured 20" "25-01-31\n"))
        self.clean(("README.md", "measured 20" "25-01-31\n"))
        self.found("task number", ("README.md", "see issue 12\n"))
        self.found("absolute path", ("README.md", "see /ho" "me/me/file\n"))
        self.found("absolute path", ("src/cli/x.rs", 'const A: &str = "/ro' 'ot/file";\n'))
        self.clean(("src/bits/x.rs", "// The table used to decode is not longer than 2 KiB.\n"))
        self.clean(("CHANGELOG.md", "## 0.1.0 - 2025-01-31\n"), ("README.md", "https://a.b/home/x\n"))


class Crates(unittest.TestCase):
    def rules(self, *, kind=None, target="lib", **crate):
        crate = {"id": "c", "name": "c", "links": None, "targets": [], **crate}
        root = {"id": "r", "name": "r", "links": None, "targets": [{"kind": [target]}]}
        dep = {"pkg": "c", "dep_kinds": [{"kind": kind}]}
        resolve = {"root": "r", "nodes": [{"id": "r", "deps": [dep]}, {"id": "c", "deps": []}]}
        return [rule for _, _, rule in layout.check_crates({"packages": [root, crate], "resolve": resolve})]

    def test_c_in_the_tree(self):
        self.assertEqual(self.rules(name="cc"), ["crate `cc` builds C"])
        self.assertEqual(self.rules(name="cc", kind="build"), ["crate `cc` builds C"])
        self.assertEqual(self.rules(name="libz-sys"), ["crate `libz-sys` binds C"])
        self.assertEqual(self.rules(name="a", links="z"), ["crate `a` links `z`"])
        self.assertEqual(self.rules(target="custom-build"), ["build script"])

    def test_harmless_crates(self):
        self.assertEqual(self.rules(name="linux-raw-sys"), [])
        self.assertEqual(self.rules(name="rayon-core", links="rayon-core"), [])
        self.assertEqual(self.rules(name="cc", kind="dev"), [])


class Lexer(unittest.TestCase):
    def test_literals_that_look_like_something_else(self):
        text = "let a = ('\"', b'\\'', r#\"\"//\"#, \"\\\"//\", 'x', '{'); // end\nfn f<'a>(b: &'a str) {}\n"
        code, comments = layout.split_comments(text)
        self.assertEqual(comments.strip(), "// end")
        self.assertEqual(len(code), len(text))
        self.assertNotIn("{)", code)
        self.assertIn("fn f<'a>(b: &'a str) {}", code)

    def test_array_in_a_signature(self):
        source = layout.Source("src/bits/x.rs", "fn f(a: [u8; 4]) -> [u8; 2] {\n    g()\n}\nfn h();\n")
        self.assertEqual(list(layout.functions(source)), [("f", 1, 3)])


if __name__ == "__main__":
    unittest.main()
