#!/usr/bin/env python3
"""Records a benchmark run as data under benches/record/, for plot.py and figures.py to show.

    scripts/record.py FILE...             everything, in about ten minutes on two cores
    scripts/record.py                     the same on generated data
    scripts/record.py --parts start FILE  this part again, if the others were recorded with the same sources

The first file is the one that every tool compresses at every level; the others are compressed at the levels people use.
`--dense FILE` names a small file for the levels that take their time, and for zopfli. How runs are timed stands in
peers.py. Compression and decompression are on one thread unless the row says otherwise.

Each row holds the command, the bytes it wrote, the seconds of its fastest run and how many there were. The record names
its files and where they come from, the machine, the versions and the commit.
"""

import argparse
import datetime
import hashlib
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmark_ci import KINDS
from peers import ROOT, Tool, build, fastest, machine, once, peak_mib, scratch, tools, version

RECORDS = ROOT / "benches/record"
SAMPLES = [ROOT / "tests/data/alice29.txt", ROOT / "tests/data/object.bin"]

# Where the files of the project's own runs come from; all but the reads are public data as it is.
SOURCES = {
    "silesia.tar": "dickens, mr, nci, ooffice, osdb, reymont and xml of the Silesia corpus, in one tar",
    "web.tar": "JavaScript, CSS and HTML of public npm packages, in one tar",
    "src.tar": "Rust sources, in one tar",
    "elf.bin": "20 MB of an x86-64 shared library",
    "logs.txt": "log lines of sixteen systems, from loghub",
    "reads.fastq": "synthetic sequencing reads, drawn from a piece of the genome of C. elegans",
    "xml": "of the Silesia corpus",
    "alice29.txt": "of the Canterbury corpus; in this repository",
    "object.bin": "object code of this library; in this repository",
}

# Levels compared on every file: the fastest, the default, the flagship.
USUAL = (1, 6, 9)
# What a command may take in all before it sits out the further rounds.
ENOUGH_SECONDS = 2.0


class Recorder:
    """Runs the parts and collects their rows."""

    def __init__(self, rigz: Path, files: list[Path], dense: list[Path], folder: Path, rounds: int):
        self.tools = tools(rigz)
        self.rigz = str(rigz)
        self.files, self.dense, self.folder, self.rounds = files, dense, folder, rounds
        self.cores = machine()["cores"]

    def command(self, template: str, level=None, threads=1) -> list[str]:
        values = {"level": level, "threads": threads, "target": "{target}"}
        return [word.format(**values) for word in template.split()]

    def shown(self, command: list[str]) -> str:
        return " ".join(command).replace(self.rigz, "rigz").replace("{target}", "FILE.gz")

    def timed(self, file: Path, commands: dict, rounds: int, to_null: bool = False) -> list[dict]:
        """One row per command; the keys of `commands` are (tool, level, threads)."""
        target = os.devnull if to_null else str(self.folder / "out.gz")
        runs = fastest(commands, file, dict.fromkeys(commands, target), rounds, ENOUGH_SECONDS)
        return [
            {
                "file": file.name, "tool": tool, "level": level, "threads": threads,
                "command": self.shown(commands[tool, level, threads]), "bytes": run.bytes or None,
                "seconds": round(run.seconds, 5), "runs": run.runs,
            }
            for (tool, level, threads), run in runs.items()
        ]

    def compressing(self, levels, names=None, threads=1) -> dict:
        """Commands to compress: of each tool (of `names`) at each level it has (of `levels`)."""
        return {
            (name, level, threads): self.command(tool.compress, level, threads)
            for name, tool in self.tools.items()
            if tool.compress and (names is None or name in names)
            for level in tool.levels
            if levels is None or level in levels
        }

    def probe(self) -> None:
        """Every quick command once on a few bytes: one that is refused is told in the first second."""
        crumb = self.folder / "crumb"
        crumb.write_bytes(SAMPLES[0].read_bytes()[:4096])
        for (name, _, _), command in self.compressing(None).items():
            if not self.tools[name].slow:
                once(command, crumb, str(self.folder / "out.gz"))

    # ------------------------------------------------------------------------------------------------------- parts

    def compress(self) -> list[dict]:
        """Every tool at every level on the first file, the quick ones at the usual levels on the others."""
        first, *others = self.files
        quick = [name for name, tool in self.tools.items() if not tool.slow]
        rows = self.timed(first, self.compressing(None, quick), self.rounds)
        rows += self.timed(first, self.compressing(None, ["7z"]), 1)
        for file in others:
            commands = self.compressing(USUAL, ["rigz", "pigz", "libdeflate"]) | self.compressing(None, ["igzip"])
            rows += self.timed(file, commands, self.rounds)
        return rows

    def threads(self) -> list[dict]:
        """The first file with all cores."""
        names = [name for name, tool in self.tools.items() if tool.threads]
        return self.timed(self.files[0], self.compressing(USUAL, names, self.cores), self.rounds)

    def densest(self) -> list[dict]:
        """The small files for the levels that take their time."""
        rows = []
        for file in self.dense:
            commands = self.compressing(range(9, 13), ["rigz", "libdeflate", "gzippy"]) | self.compressing(None, ["7z"])
            if "zopfli" in self.tools:
                commands["zopfli", 15, 1] = ["zopfli", "--i15", "-c"]
            rows += self.timed(file, commands, 2)
        return rows

    def decompress(self) -> list[dict]:
        """What gzip -6 wrote, on one thread and on all; what rigz -9 wrote; blocked gzip, on all."""
        rows = []
        for writer, one_file, threads in self.written():
            for file in self.files[:1] if one_file else self.files:
                packed = self.folder / f"{file.name}.{writer.replace(' ', '')}.gz"
                with open(packed, "wb") as sink:
                    command = [self.rigz if word == "rigz" else word for word in writer.split()]
                    subprocess.run([*command, "-c", str(file)], stdout=sink, check=True)
                for count in threads:
                    commands = {
                        (name, None, count): self.command(tool.decompress, threads=count)
                        for name, tool in self.tools.items()
                        if tool.decompress and (count == 1 or tool.threads)
                    }
                    done = self.timed(packed, commands, self.rounds + 2, to_null=True)
                    rows += [row | {"file": file.name, "writer": writer, "bytes": None} for row in done]
                packed.unlink()
        return rows

    def written(self) -> list[tuple[str, bool, list[int]]]:
        """Writer, whether only the first file, threads to decompress with."""
        all_cores = [self.cores] if self.cores > 1 else []
        kinds = [("gzip -6", False, [1]), ("gzip -6", True, all_cores), ("rigz -9", True, [1])]
        if "bgzip" in self.tools:
            kinds.append(("bgzip", True, [1, *all_cores]))
        return kinds

    def start(self) -> list[dict]:
        """A file of 4 KiB, the median of 200 runs: what a process costs."""
        file = self.folder / "4KiB.txt"
        file.write_bytes(SAMPLES[0].read_bytes()[:4096])
        rows = []
        commands = self.compressing((6,), ["rigz", "gzip", "pigz"])
        times: dict = {key: [] for key in commands}
        for _ in range(200):
            for key, command in commands.items():
                times[key].append(once(command, file, os.devnull).seconds)
        for (tool, level, threads), command in commands.items():
            median = round(statistics.median(times[tool, level, threads]), 6)
            rows.append({
                "file": file.name, "tool": tool, "level": level, "threads": threads, "command": self.shown(command),
                "median_seconds": median, "runs": 200,
            })
        return rows

    def memory(self) -> list[dict]:
        """The most memory that a command holds, both ways, on the first file."""
        packed = self.folder / "memory.gz"
        once(self.command(self.tools["rigz"].compress, 6), self.files[0], str(packed))
        rows = []
        for name in ("rigz", "gzip", "pigz"):
            tool = self.tools.get(name)
            for count in (1, self.cores) if tool and tool.threads else (1,):
                for file, template in ((self.files[0], tool and tool.compress), (packed, tool and tool.decompress)):
                    if template:
                        command = self.command(template, 9, count)
                        rows.append({
                            "file": self.files[0].name, "tool": name, "threads": count,
                            "what": "compress" if file != packed else "decompress",
                            "command": self.shown(command), "peak_mib": peak_mib(command, file),
                        })
        return rows

    def sample(self) -> list[dict]:
        """Bytes at every level on the files of this repository: what a later build is held against."""
        return [
            {"file": file.name, "tool": name, "level": level, "bytes": once(command, file, str(self.folder / "s")).bytes}
            for file in SAMPLES
            for (name, level, _), command in self.compressing(None, ["rigz", "libdeflate", "pigz"]).items()
        ]

    def library(self) -> list[dict]:
        """The library beside other crates, in one process: benches/compare, a workspace of its own."""
        compare = ROOT / "benches/compare"
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=compare, check=True)
        program = compare / "target/release/compare"
        files = [str(file) for file in (self.dense or self.files[:1])]
        done = subprocess.run([program, "--json", *files], check=True, stdout=subprocess.PIPE, text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


PARTS = ("compress", "threads", "densest", "decompress", "start", "memory", "sample", "library")


def described(file: Path) -> dict:
    with open(file, "rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest, "source": SOURCES.get(file.name, "a file of whoever ran it")}


def commit() -> str:
    """The commit of the sources that were measured."""

    def git(*words: str) -> str:
        command = ["git", *words, "--", "src", "Cargo.toml", "Cargo.lock"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return git("log", "-1", "--format=%H") + (" and changes" if git("status", "--porcelain") else "")


def named_by_default() -> str:
    processor = re.sub(r"[^a-z0-9]+", "-", machine()["processor"].lower()).strip("-")
    return f"{datetime.date.today().isoformat()}-{processor}"


def copied(files: list[Path], folder: Path) -> list[Path]:
    """Copies in memory, or generated data if there are no files."""
    if not files:
        for kind in ("mixed", "text", "logs", "binary"):
            files.append(folder / f"generated-{kind}")
            files[-1].write_bytes(KINDS[kind](20_000_000, random.Random(1)))
        return files
    return [Path(shutil.copyfile(file, folder / file.name)) for file in files]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--dense", type=Path, action="append", metavar="FILE", help="default: the sample text")
    parser.add_argument("--name", help="of the record (default: the date and the processor)")
    parser.add_argument("--parts", type=lambda names: names.split(","), default=list(PARTS), help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command that is over quickly (default 5)")
    parser.add_argument("--rigz", type=Path, help="this command instead of the one of this tree")
    options = parser.parse_intermixed_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(unknown)}, only {', '.join(PARTS)}")
    place = RECORDS / f"{options.name or named_by_default()}.json"
    record = json.loads(place.read_text(encoding="utf-8")) if place.exists() and options.parts != list(PARTS) else {}
    if record and (record["commit"], record["machine"]) != (commit(), machine()):
        parser.error(f"{place.relative_to(ROOT)} is of other sources or another machine: record every part")
    rigz = options.rigz.resolve() if options.rigz else build()
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        files = copied(options.files, Path(folder))
        dense = copied(options.dense or [SAMPLES[0]], Path(folder))
        recorder = Recorder(rigz, files, dense, Path(folder), options.rounds)
        recorder.probe()
        record |= {
            "date": datetime.date.today().isoformat(),
            "commit": commit(),
            "machine": machine(),
            "versions": {name: version(tool) for name, tool in recorder.tools.items()} | rustc(),
            "files": {file.name: described(file) for file in [*files, *dense, *SAMPLES]},
            "first": files[0].name,
        }
        for part in options.parts:
            print(f"{part}: {getattr(Recorder, part).__doc__}", file=sys.stderr)
            record[part] = getattr(recorder, part)()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text_of(record), encoding="utf-8")
    print(f"recorded in {place.relative_to(ROOT)}", file=sys.stderr)
    return 0


def rustc() -> dict[str, str]:
    return {"rustc": version(Tool("rustc", None))}


def text_of(record: dict) -> str:
    """JSON with one row a line, so that a change of the record can be read."""
    fields = []
    for key, value in record.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row) for row in value)
            fields.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            fields.append(f"{json.dumps(key)}: {json.dumps(value, indent=1)}")
    return "{\n" + ",\n".join(fields) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
