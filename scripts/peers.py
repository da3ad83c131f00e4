"""The other gzips on this machine, and how a command is timed: shared by benchmark_ci.py and record.py.

Method: the commands to compare take turns, each round in another order, and the fastest run of each counts, because
what slows a run down is never the command. Time is wall time of the whole process: start, reading and writing count.
Compressed output goes to a file in memory where the system has one, decompressed output to the null device.
"""

import os
import platform
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Tool:
    """How to call a tool; `{level}` and `{threads}` are filled in. None where it does not do it."""

    compress: str | None
    decompress: str | None
    levels: tuple[int, ...] = ()
    version: str = "--version"
    # Whether `{threads}` makes it use that many; the others use one core whatever is asked for.
    threads: bool = False
    # Too slow to sit in every comparison.
    slow: bool = False

    @property
    def executable(self) -> str:
        return (self.compress or self.decompress or "").split()[0]

    def installed(self) -> bool:
        return shutil.which(self.executable) is not None


def own_levels() -> tuple[int, ...]:
    """The levels of this tree, from the record of its output."""
    lines = (ROOT / "tests/golden.txt").read_text(encoding="utf-8").splitlines()
    return tuple(sorted({int(line.split()[0]) for line in lines}))


def tools(rigz: Path) -> dict[str, Tool]:
    """rigz, and every other tool that is installed."""
    own = Tool(f"{rigz} -p{{threads}} -{{level}} -c", f"{rigz} -p{{threads}} -dc", own_levels(), threads=True)
    return {"rigz": own, **{name: tool for name, tool in PEERS.items() if tool.installed()}}


PEERS = {
    "gzip": Tool("gzip -{level} -c", "gzip -dc", tuple(range(1, 10))),
    "pigz": Tool("pigz -p{threads} -{level} -c", "pigz -p{threads} -dc", tuple(range(0, 10)), threads=True),
    "libdeflate": Tool("libdeflate-gzip -{level} -c", "libdeflate-gzip -dc", tuple(range(1, 13)), version="-V"),
    "igzip": Tool("igzip -T{threads} -{level} -c", "igzip -d -c", tuple(range(0, 4)), threads=True),
    "gzippy": Tool(
        "gzippy -p{threads} --level {level} -c", "gzippy -p{threads} -dc", (*range(1, 11), 12), threads=True,
    ),
    "bgzip": Tool("bgzip -@{threads} -l{level} -c", "bgzip -@{threads} -dc", tuple(range(0, 10)), threads=True),
    "rapidgzip": Tool(None, "rapidgzip -P{threads} -d -c", threads=True),
    # Its levels are the depths 7z names x1 to x9; it writes to a named file only.
    "7z": Tool("7z a -tgzip -mx{level} -mmt1 {target}", None, (1, 5, 9), version="i", slow=True),
    "zopfli": Tool("zopfli --i5 -c", None, (9,), version="", slow=True),
}


# ------------------------------------------------------------------------------------------------------------ timing


@dataclass
class Run:
    """What a command took, at best."""

    seconds: float
    bytes: int
    runs: int = 1


def once(command: list[str], source: Path, target: str) -> Run:
    """Runs `command source >target`, or with the target's name in the command where it has a place for it."""
    named = "{target}" in command
    if named:
        Path(target).unlink(missing_ok=True)
        command = [target if word == "{target}" else word for word in command]
    with open(os.devnull if named else target, "wb") as sink:
        start = time.perf_counter()
        done = subprocess.run([*command, str(source)], stdout=sink, stderr=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace').strip()}")
    return Run(seconds, os.path.getsize(target) if target != os.devnull else 0)


def peak_mib(command: list[str], source: Path) -> float | None:
    """The most memory that `command source` holds. Linux only: asked for every millisecond while it runs.

    What `wait` reports will not do: it counts the memory of the process that started it.
    """
    if not Path("/proc/self/status").exists():
        return None
    peak = 0
    child = subprocess.Popen([*command, str(source)], stdout=subprocess.DEVNULL)
    while child.poll() is None:
        held = re.search(r"VmHWM:\s*(\d+)", read_all(f"/proc/{child.pid}/status"))
        peak = max(peak, int(held[1]) if held else 0)
        time.sleep(0.001)
    return peak / 1024


def fastest(commands: dict, source: Path, targets: dict, rounds: int, enough: float = float("inf")) -> dict:
    """The best of each command's runs. One that has run for `enough` seconds in all sits out the further rounds."""
    best: dict = {}
    spent = dict.fromkeys(commands, 0.0)
    names = list(commands)
    for turn in range(rounds if names else 0):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            if spent[name] >= enough:
                continue
            run = once(commands[name], source, targets[name])
            spent[name] += run.seconds
            if name in best:
                old = best[name]
                run = Run(min(run.seconds, old.seconds), run.bytes, old.runs + 1)
            best[name] = run
    return best


# ----------------------------------------------------------------------------------------------------------- machine


def scratch() -> str | None:
    """A folder in memory, if there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def build() -> Path:
    """Builds the command of this tree."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)
    return ROOT / "target/release/rigz"


def read_all(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def machine() -> dict:
    names = [line.split(":", 1)[1].strip() for line in read_all("/proc/cpuinfo").splitlines() if "model name" in line]
    flags = next((line for line in read_all("/proc/cpuinfo").splitlines() if line.startswith("flags")), "").split()
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "vectors": next((name for flag, name in VECTORS.items() if flag in flags), platform.machine()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "sse2": "SSE2"}


def version(tool: Tool) -> str:
    """The version number that a tool prints, or that its Debian package has."""
    command = [tool.executable, tool.version] if tool.version else ["dpkg-query", "-W", tool.executable]
    if not shutil.which(command[0]):
        return "unknown"
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    number = re.search(r"\d+\.\d+(?:\.\d+)*", said.stdout + said.stderr)
    return number[0] if number else "unknown"
