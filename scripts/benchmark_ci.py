#!/usr/bin/env python3
"""Compares rigz with the other gzips on this machine, both ways, in interleaved runs.

    scripts/benchmark_ci.py --size 100 --level 9 --threads 4 --data-type text

Each tool compresses the same data at the nearest level it has; then each decompresses what rigz wrote. The tools take
turns, every round in another order, and the fastest of a tool's runs counts: what slows a run down is never the tool. What
is written is read back and compared. Wall time of whole processes: start, reading and writing count; output goes to a file
in memory where the system has one, decompressed output to the null device.

Exits 1 when a threshold is not met: --min-speed and --max-size compare rigz with pigz at the same level and threads.
"""

import argparse
import filecmp
import json
import os
import platform
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# name: (command to compress at a level with threads, command to decompress, levels); None where it does not do it.
TOOLS = {
    "gzip": ("gzip -{level} -c", "gzip -dc", range(1, 10)),
    "pigz": ("pigz -p{threads} -{level} -c", "pigz -p{threads} -dc", range(0, 10)),
    "libdeflate": ("libdeflate-gzip -{level} -c", "libdeflate-gzip -dc", range(0, 13)),
    "igzip": ("igzip -T{threads} -{level} -c", "igzip -d -c", range(0, 4)),
    "gzippy": ("gzippy -p{threads} -{level} -c", "gzippy -p{threads} -dc", range(1, 10)),
    "bgzip": ("bgzip -@{threads} -l{level} -c", "bgzip -@{threads} -dc", range(0, 10)),
    "rapidgzip": (None, "rapidgzip -P{threads} -d -c", ()),
    "zopfli": ("zopfli --i5 -c", None, (9,)),
}
EXECUTABLE = {"libdeflate": "libdeflate-gzip"}
# Too slow to sit in every comparison.
ONLY_ON_DEMAND = {"zopfli"}


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


def timed(command: list[str], source: Path, target: str) -> float:
    """Seconds that `command source >target` takes."""
    with open(target, "wb") as sink:
        start = time.perf_counter()
        done = subprocess.run([*command, str(source)], stdout=sink, stderr=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace').strip()}")
    return seconds


def fastest(commands: dict[str, list[str]], source: Path, targets: dict[str, str], rounds: int) -> dict[str, float]:
    """The fastest run of each command; the order turns by one each round."""
    best = dict.fromkeys(commands, float("inf"))
    names = list(commands)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            best[name] = min(best[name], timed(commands[name], source, targets[name]))
    return best


def nearest(level: int, levels) -> int:
    return min(levels, key=lambda own: abs(own - level))


def commands_for(options) -> tuple[dict, dict, dict]:
    """Commands to compress, commands to decompress, and the level each compresses at."""
    tools = {name: tool for name, tool in TOOLS.items() if name not in ONLY_ON_DEMAND or name in options.tools}
    if options.tools:
        tools = {name: tool for name, tool in tools.items() if name in options.tools or name == "pigz"}
    tools = {name: tool for name, tool in tools.items() if shutil.which(EXECUTABLE.get(name, name))}
    rigz = str(options.rigz)
    tools = {"rigz": (f"{rigz} -p{{threads}} -{{level}} -c", f"{rigz} -p{{threads}} -dc", range(0, 10)), **tools}
    levels = {name: nearest(options.level, own) for name, (_, _, own) in tools.items() if own}

    def fill(template, name):
        return template.format(level=levels.get(name), threads=options.threads).split()

    compress = {name: fill(tool[0], name) for name, tool in tools.items() if tool[0]}
    decompress = {name: fill(tool[1], name) for name, tool in tools.items() if tool[1]}
    return compress, decompress, levels


def measure(options, folder: Path) -> dict:
    if options.data_type in KINDS:
        source = folder / "data"
        source.write_bytes(KINDS[options.data_type](options.size * 1_000_000, random.Random(1)))
    else:
        source = folder / Path(options.data_type).name
        shutil.copyfile(options.data_type, source)
    size = source.stat().st_size
    compress, decompress, levels = commands_for(options)
    written = {name: str(folder / f"{name}.gz") for name in compress}
    seconds_in = fastest(compress, source, written, options.rounds)
    null = dict.fromkeys(decompress, os.devnull)
    seconds_out = fastest(decompress, Path(written["rigz"]), null, options.rounds)
    for name, file in written.items():
        back = str(folder / "back")
        timed(decompress["rigz"], Path(file), back)
        if not filecmp.cmp(source, back, shallow=False):
            raise SystemExit(f"rigz does not read back what {name} wrote")
    rows = {
        name: {
            "level": levels.get(name),
            "bytes": os.path.getsize(written[name]) if name in written else None,
            "compress_mb_per_s": size / 1e6 / seconds_in[name] if name in seconds_in else None,
            "decompress_mb_per_s": size / 1e6 / seconds_out[name] if name in seconds_out else None,
        }
        for name in {**compress, **decompress}
    }
    machine = {"system": platform.platform(), "processor": processor(), "cores": os.cpu_count()}
    return {"data": options.data_type, "bytes": size, "threads": options.threads, "machine": machine, "tools": rows}


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


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


def failures(result: dict, options) -> list[str]:
    """The thresholds that are not met."""
    if options.min_speed is None and options.max_size is None:
        return []
    rigz, pigz = result["tools"]["rigz"], result["tools"].get("pigz")
    if pigz is None:
        return ["pigz is not installed: nothing to hold the thresholds against"]
    speed = rigz["compress_mb_per_s"] / pigz["compress_mb_per_s"]
    size = rigz["bytes"] / pigz["bytes"]
    missed = []
    if options.min_speed is not None and speed < options.min_speed:
        missed.append(f"speed {speed:.2f} of pigz's, at least {options.min_speed} wanted")
    if options.max_size is not None and size > options.max_size:
        missed.append(f"size {size:.4f} of pigz's, at most {options.max_size} wanted")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100, metavar="MB", help="of generated data (default 100)")
    parser.add_argument("--level", type=int, default=6)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--data-type", default="text", metavar="KIND", help=f"{', '.join(KINDS)}, or a file")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each tool (default 3)")
    parser.add_argument("--tools", type=lambda names: names.split(","), default=[], help="only these, with commas")
    parser.add_argument("--rigz", type=Path, default=ROOT / "target/release/rigz", help="built unless given")
    parser.add_argument("--json", type=Path, help="also write the result here")
    parser.add_argument("--min-speed", type=float, help="compressing, as a ratio to pigz's speed")
    parser.add_argument("--max-size", type=float, help="as a ratio to pigz's size")
    options = parser.parse_args()
    if options.rigz == parser.get_default("rigz"):
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        result = measure(options, Path(folder))
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    missed = failures(result, options)
    for line in missed:
        print(f"not met: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
