#!/usr/bin/env python3
"""Compares rigz with the other gzips on this machine, both ways, in interleaved runs.

    scripts/benchmark_ci.py --size 100 --level 9 --threads 4 --data-type text

Each tool compresses the same data at the nearest level it has; then each decompresses what rigz wrote. How runs are
timed stands in peers.py. All that is written is read back and compared, by rigz and by the other tools.

Exits 1 when a threshold is not met: those name what rigz must reach against pigz at the same level and threads.
"""

import argparse
import filecmp
import json
import os
import random
import shutil
import struct
import sys
import tempfile
from pathlib import Path

from peers import ROOT, Tool, build, fastest, machine, once, scratch, tools

# ------------------------------------------------------------------------------------------------------------- data


def make_text(size: int, rng: random.Random) -> bytes:
    """Words drawn so that each follows the two before it somewhere in the sample text."""
    words = (ROOT / "tests/data/alice29.txt").read_text(encoding="latin-1").replace("\n", " \n").split(" ")
    follow: dict[tuple[str, str], list[str]] = {}
    for one, two, three in zip(words, words[1:], words[2:]):
        follow.setdefault((one, two), []).append(three)
    out, length, state = [], 0, (words[0], words[1])
    while length < size:
        word = rng.choice(follow.get(state) or words)
        out.append(word)
        length += len(word) + 1
        state = (state[1], word)
    return " ".join(out).encode("latin-1")[:size]


def make_logs(size: int, rng: random.Random) -> bytes:
    """Lines of a web server: rising times, addresses and paths that come back, a few errors."""
    paths = [f"/{rng.choice(('api', 'static', 'img'))}/{rng.randrange(1 << 20):x}" for _ in range(300)]
    hosts = [".".join(str(rng.randrange(256)) for _ in range(4)) for _ in range(500)]
    out, length, clock = [], 0, 1_700_000_000.0
    while length < size:
        clock += rng.expovariate(20)
        status = rng.choices((200, 304, 404, 500), (90, 6, 3, 1))[0]
        line = f'{clock:.3f} {rng.choice(hosts)} "GET {rng.choice(paths)} HTTP/1.1" {status} {rng.randrange(200, 90_000)}\n'
        out.append(line)
        length += len(line)
    return "".join(out).encode()[:size]


def make_binary(size: int, rng: random.Random) -> bytes:
    """Records of a counter, a time, a drifting measurement as a float, and flags."""
    out, clock, value = bytearray(), 1_700_000_000, 20.0
    for row in range(size // 20 + 1):
        clock += rng.randrange(4)
        value += rng.gauss(0, 0.05)
        out += struct.pack("<IIfII", row, clock, round(value, 3), rng.choice((1, 1, 1, 0x8001)), 0)
    return bytes(out[:size])


def make_random(size: int, rng: random.Random) -> bytes:
    return rng.randbytes(size)


def make_mixed(size: int, rng: random.Random) -> bytes:
    """Pieces of 256 KiB of each of the others in turn."""
    piece = 256 << 10
    kinds = [make(size // 4 + piece, rng) for make in (make_text, make_logs, make_binary, make_random)]
    cuts = (kind[at : at + piece] for at in range(0, size // 4 + piece, piece) for kind in kinds)
    return b"".join(cuts)[:size]


KINDS = {
    "text": make_text, "binary": make_binary, "logs": make_logs, "random": make_random, "mixed": make_mixed,
}


# ----------------------------------------------------------------------------------------------------------- running


def nearest(level: int, levels) -> int:
    return min(levels, key=lambda own: abs(own - level))


def chosen(options) -> dict[str, Tool]:
    """rigz and the tools to compare it with: all that are installed and quick, or those asked for and pigz."""
    found = tools(options.rigz)
    if missing := [name for name in options.tools if name not in found]:
        raise SystemExit(f"not installed, or unknown: {', '.join(missing)}")
    if options.tools:
        return {name: tool for name, tool in found.items() if name in ("rigz", "pigz", *options.tools)}
    return {name: tool for name, tool in found.items() if not tool.slow}


def measure(options, folder: Path) -> dict:
    if options.data_type in KINDS:
        source = folder / "data"
        source.write_bytes(KINDS[options.data_type](options.size * 1_000_000, random.Random(1)))
    else:
        source = folder / Path(options.data_type).name
        shutil.copyfile(options.data_type, source)
    size = source.stat().st_size
    compared = chosen(options)
    levels = {name: nearest(options.level, tool.levels) for name, tool in compared.items() if tool.levels}

    def fill(template: str, name: str) -> list[str]:
        values = {"level": levels.get(name), "threads": options.threads, "target": "{target}"}
        return [word.format(**values) for word in template.split()]

    compress = {name: fill(tool.compress, name) for name, tool in compared.items() if tool.compress}
    decompress = {name: fill(tool.decompress, name) for name, tool in compared.items() if tool.decompress}
    written = {name: str(folder / f"{name}.gz") for name in compress}
    runs_in = fastest(compress, source, written, options.rounds)
    read_back(decompress, written, source, str(folder / "back"))
    runs_out = fastest(decompress, Path(written["rigz"]), dict.fromkeys(decompress, os.devnull), options.rounds)
    rows = {
        name: {
            "level": levels.get(name),
            "bytes": runs_in[name].bytes if name in runs_in else None,
            "compress_mb_per_s": size / 1e6 / runs_in[name].seconds if name in runs_in else None,
            "decompress_mb_per_s": size / 1e6 / runs_out[name].seconds if name in runs_out else None,
        }
        for name in compared
    }
    return {"data": options.data_type, "bytes": size, "threads": options.threads, "machine": machine(), "tools": rows}


def read_back(decompress: dict, written: dict, source: Path, back: str) -> None:
    """rigz reads what each tool wrote, and each tool what rigz wrote; all of it is the source."""
    pairs = [("rigz", name) for name in written] + [(name, "rigz") for name in decompress if name != "rigz"]
    for reader, writer in pairs:
        once(decompress[reader], Path(written[writer]), back)
        if not filecmp.cmp(source, back, shallow=False):
            raise SystemExit(f"{reader} does not read back what {writer} wrote")


# ----------------------------------------------------------------------------------------------------------- showing


def show(result: dict) -> None:
    print(f"{result['data']}, {result['bytes'] / 1e6:.1f} MB, {result['threads']} threads, {result['machine']['processor']}")
    print(f"{'':<12}{'level':>6}{'bytes':>12}{'ratio':>8}{'in MB/s':>10}{'out MB/s':>10}")
    for name, row in result["tools"].items():
        size = row["bytes"]
        cells = [
            "" if row["level"] is None else str(row["level"]),
            "" if size is None else str(size),
            "" if size is None else f"{result['bytes'] / max(size, 1):.3f}",
            *("" if row[key] is None else f"{row[key]:.1f}" for key in ("compress_mb_per_s", "decompress_mb_per_s")),
        ]
        print(f"{name:<12}{cells[0]:>6}{cells[1]:>12}{cells[2]:>8}{cells[3]:>10}{cells[4]:>10}")


def thresholds(options) -> dict[str, float]:
    """What rigz must reach against pigz at the same level and threads, by name."""
    wanted = {}
    if options.criteria:
        wanted = {"min-speed": 1.5 if options.threads == 1 else 1.3, "max-size": 1.005, "min-decompress": 1.0}
    given = {"min-speed": options.min_speed, "max-size": options.max_size, "min-decompress": options.min_decompress}
    return wanted | {name: value for name, value in given.items() if value is not None}


def failures(result: dict, wanted: dict[str, float]) -> list[str]:
    """The thresholds that are not met."""
    if not wanted:
        return []
    rigz, pigz = result["tools"]["rigz"], result["tools"].get("pigz")
    if pigz is None:
        return ["pigz is not installed: nothing to hold the thresholds against"]
    ratios = {
        "min-speed": rigz["compress_mb_per_s"] / pigz["compress_mb_per_s"],
        "max-size": rigz["bytes"] / pigz["bytes"],
        "min-decompress": rigz["decompress_mb_per_s"] / pigz["decompress_mb_per_s"],
    }
    return [
        f"{name}: {ratios[name]:.4f} of pigz's, {value} wanted"
        for name, value in wanted.items()
        if (ratios[name] > value if name.startswith("max") else ratios[name] < value)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100, metavar="MB", help="of generated data (default 100)")
    parser.add_argument("--level", type=int, default=6)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--data-type", default="text", metavar="KIND", help=f"{', '.join(KINDS)}, or a file")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each tool (default 3)")
    parser.add_argument("--tools", type=lambda names: names.split(","), default=[], help="only these, with commas")
    parser.add_argument("--rigz", type=Path, help="this command instead of the one of this tree")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--min-speed", type=float, metavar="RATIO", help="compressing: at least this of pigz's speed")
    parser.add_argument("--max-size", type=float, metavar="RATIO", help="at most this of pigz's size")
    parser.add_argument("--min-decompress", type=float, metavar="RATIO", help="at least this of pigz's speed")
    parser.add_argument(
        "--criteria", action="store_true",
        help="the project's own thresholds: speed 1.5 on one thread and 1.3 on more, size 1.005, decompression 1",
    )
    options = parser.parse_args()
    options.rigz = options.rigz or build()
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        result = measure(options, Path(folder))
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    missed = failures(result, thresholds(options))
    for line in missed:
        print(f"not met: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
