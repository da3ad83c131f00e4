#!/usr/bin/env python3
"""Puts the figures of the newest record into the README, and checks that they are still those, and still true.

    scripts/figures.py            writes the README's figures and draws the pictures
    scripts/figures.py --check    exits 1 if the README or a picture is not what the record makes, or a claim does not hold

A block of the README between `<!-- figures: NAME -->` and `<!-- end -->` is made by the function of that name below. The
claims are sentences of the README; each is held against the record, and the sizes on record against the sizes that this
tree makes (tests/golden.txt), so that a change which undoes a claim cannot pass.
"""

import json
import re
import sys
from pathlib import Path

from plot import ROOT, drawings, newest, versions

README = ROOT / "README.md"
GOLDEN = ROOT / "tests/golden.txt"
PGO = ROOT / "benches/record/profile-guided.txt"
BLOCK = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end -->)", re.S)

# How much larger than on record an output may become before the figures have to be recorded again.
SIZE_TOLERANCE = 0.001


class Figures:
    """What a record says, asked for by file, tool, level and threads."""

    def __init__(self, record: dict, place: str = ""):
        self.record, self.place = record, place
        self.first, self.cores = record["first"], record["machine"]["cores"]
        self.files = list(dict.fromkeys(row["file"] for row in record["compress"]))

    def row(self, part: str, **wanted) -> dict:
        rows = [row for row in self.record[part] if all(row.get(key) == value for key, value in wanted.items())]
        if not rows:
            raise SystemExit(f"the record has no {part} with {wanted}")
        return rows[0]

    def packed(self, file: str, tool: str, level: int, threads: int = 1) -> dict:
        return self.row("compress" if threads == 1 else "threads", file=file, tool=tool, level=level, threads=threads)

    def against(self, file: str, level: int, peer: str, peer_level: int, threads: int = 1) -> tuple[float, float]:
        """Speed and size of a level of rigz, as ratios to a level of another tool."""
        own, other = self.packed(file, "rigz", level, threads), self.packed(file, peer, peer_level, threads)
        return other["seconds"] / own["seconds"], own["bytes"] / other["bytes"]

    def unpacked(self, file: str, threads: int = 1, writer: str = "gzip -6") -> dict[str, float]:
        """Seconds of each tool that decompressed the file."""
        rows = self.record["decompress"]
        wanted = (file, threads, writer)
        return {row["tool"]: row["seconds"] for row in rows if (row["file"], row["threads"], row["writer"]) == wanted}

    def beaten(self) -> tuple[int, list[str]]:
        """Points of other tools on the first file, and those that no level of rigz beats in size and speed at once."""
        rows = [row for row in self.record["compress"] if row["file"] == self.first]
        stored = 0.99 * self.record["files"][self.first]["bytes"]
        own = [row for row in rows if row["tool"] == "rigz"]
        others = [row for row in rows if row["tool"] != "rigz" and row["bytes"] < stored]
        ahead = [
            f"{other['tool']} -{other['level']}"
            for other in others
            if not any(row["bytes"] <= other["bytes"] and row["seconds"] <= other["seconds"] for row in own)
        ]
        return len(others), ahead

    def speed(self, file: str, row: dict) -> float:
        return self.record["files"][file]["bytes"] / 1e6 / row["seconds"]


# ------------------------------------------------------------------------------------------------------------- blocks


def times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{ratio:.0f}×"


def signed(ratio: float) -> str:
    """A size ratio as a difference in per cent."""
    return f"{100 * (ratio - 1):+.1f} %".replace("-", "−")


def headline(it: Figures) -> str:
    speed, size = it.against(it.first, 9, "pigz", 9)
    together, _ = it.against(it.first, 9, "pigz", 9, it.cores)
    sizes = [it.against(file, 9, "pigz", 9)[1] for file in it.files]
    out = it.unpacked(it.first)
    rivals = {tool: seconds / out["rigz"] for tool, seconds in out.items() if tool != "rigz"}
    best = min(rivals, key=lambda tool: rivals[tool])
    known = ", ".join(f"{times(rivals[tool])} `{tool}`" for tool in ("gzip", "pigz") if tool in rivals)
    total, ahead = it.beaten()
    lines = [
        f"- **`rigz -9` packs {times(speed)} as fast as `pigz -9`** on one thread and {times(together)} on {it.cores}, "
        f"and its output is {abs(100 * (size - 1)):.1f} % {'smaller' if size < 1 else 'larger'} "
        f"({signed(min(sizes))} to {signed(max(sizes))} on the files below).",
        f"- **Unpacking is {times(rivals[best])} as fast as `{best}`**, the next best, on one thread; {known}.",
        f"- **Of the {total} points of other tools in the first picture, rigz beats {total - len(ahead)}** in size and "
        "speed at once" + (f"; not {listed(ahead)}." if ahead else "."),
    ]
    return "\n".join(wrapped(line) for line in lines)


def listed(names: list[str], most: int = 6) -> str:
    shown = [f"`{name}`" for name in names[:most]]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")


def wrapped(line: str, width: int = 118) -> str:
    """A list item, broken where the README breaks its lines."""
    out, rest = [], line
    while len(rest) > width:
        cut = rest.rfind(" ", 0, width)
        out.append(rest[:cut])
        rest = "  " + rest[cut + 1 :]
    return "\n".join([*out, rest])


def every_file(it: Figures) -> str:
    """Each file: the three levels people use beside what they use today, and decompression."""
    rows = [
        "| file | `-1` to `igzip -1` | `-6` to `libdeflate -6` | `-9` to `pigz -9` | unpacking, to the next best |",
        "|---|---|---|---|---|",
    ]
    for file in it.files:
        cells = [it.against(file, 1, "igzip", 1), it.against(file, 6, "libdeflate", 6), it.against(file, 9, "pigz", 9)]
        out = it.unpacked(file)
        rival = min((tool for tool in out if tool != "rigz"), key=lambda tool: out[tool])
        pairs = " | ".join(f"{times(speed)}, {signed(size)}" for speed, size in cells)
        rows.append(f"| {file} | {pairs} | {times(out[rival] / out['rigz'])} `{rival}` |")
    return "\n".join(rows)


def library(it: Figures) -> str:
    """The library beside other crates: raw DEFLATE, zlib with its checksum, and the levels people use."""
    rows = it.record["library"]
    file, size = rows[0]["file"], min(it.record["files"][rows[0]["file"]]["bytes"], 8 << 20)
    columns = [("inflate", None, 1 << 10), ("inflate", None, 64 << 10), ("decompress", None, 64 << 10)]
    columns += [("compress", level, 64 << 10) for level in (1, 6, 9)]
    out = [
        f"| {file} | inflate 1 KiB | 64 KiB | zlib 64 KiB | compress 64 KiB at 1 | at 6 | at 9 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(row["library"] for row in rows):
        own = {(row["operation"], row["level"], row["piece"]): row for row in rows if row["library"] == name}
        cells = []
        for column in columns:
            row = own.get(column)
            cells.append("" if row is None else f"{row['mb_per_s']:.0f} MB/s")
            if row and column[0] == "compress":
                cells[-1] += f", {100 * row['bytes'] / size:.1f} %"
        out.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(out)


def costs(it: Figures) -> str:
    """Memory and start."""
    held = {(row["what"], row["threads"]): row["peak_mib"] for row in it.record["memory"] if row["tool"] == "rigz"}
    start = {row["tool"]: 1000 * row["median_seconds"] for row in it.record["start"]}
    lines = [
        f"- Memory for {it.first} at `-9`: {held['compress', 1]:.0f} MiB with `-p1`, {held['compress', it.cores]:.0f} MiB "
        f"with `-p{it.cores}`; unpacking {held['decompress', 1]:.0f} and {held['decompress', it.cores]:.0f} MiB.",
        "- A file of 4 KiB, the whole process, median of 200: "
        + ", ".join(f"{tool} {value:.2f} ms" for tool, value in start.items()) + ".",
    ]
    return "\n".join(wrapped(line) for line in lines)


def made(it: Figures) -> str:
    """Where the figures come from."""
    record, machine = it.record, it.record["machine"]
    files = [f"- `{name}`, {record['files'][name]['bytes']:,} bytes: {record['files'][name]['source']}" for name in it.files]
    lines = [
        f"Recorded {record['date']} on {machine['processor']} with {machine['vectors']}, {machine['cores']} cores, "
        f"{machine['system']}, from sources as of commit `{record['commit'][:12]}`, with rustc "
        f"{record['versions']['rustc']}. Beside it: {versions(record, set(record['versions']) - {'rigz', 'rustc'})}. "
        f"Every row is in [{it.place}]({it.place}).",
    ]
    return "\n".join([*(wrapped_text(line) for line in lines), "", *(wrapped(line) for line in files)])


def wrapped_text(line: str) -> str:
    return "\n".join(part.removeprefix("  ") for part in wrapped(line).split("\n"))


def profile_guided(_: Figures) -> str:
    """What scripts/pgo.sh measured."""
    return wrapped_text(PGO.read_text(encoding="utf-8").strip())


BLOCKS = {
    "headline": headline, "every-file": every_file, "library": library, "costs": costs, "made": made,
    "profile-guided": profile_guided,
}


# ------------------------------------------------------------------------------------------------------------- claims


def faster_than_pigz(it: Figures) -> bool:
    alone = [it.against(file, 9, "pigz", 9)[0] for file in it.files]
    return min(alone) >= 1.5 and (it.cores == 1 or it.against(it.first, 9, "pigz", 9, it.cores)[0] >= 1.5)


def fastest_to_unpack(it: Figures) -> bool:
    return all(min(seconds, key=lambda tool: seconds[tool]) == "rigz" for seconds in map(it.unpacked, it.files))


def bounded_memory(it: Figures) -> bool:
    rows = [row for row in it.record["memory"] if row["tool"] == "rigz" and row["threads"] <= 2]
    return all(row["peak_mib"] is None or row["peak_mib"] <= (16 if row["threads"] == 1 else 64) for row in rows)


def levels_in_order(it: Figures) -> bool:
    for file in it.files:
        rows = [row for row in it.record["compress"] if (row["file"], row["tool"]) == (file, "rigz")]
        sizes = [row["bytes"] for row in sorted(rows, key=lambda row: row["level"])]
        if any(later > 1.001 * earlier for earlier, later in zip(sizes, sizes[1:])):
            return False
    return True


# Sentences of the README, and what makes them true. One that is no longer true leaves both.
CLAIMS = {
    "On every file below `-9` takes at most two thirds of the time of `pigz -9`": faster_than_pigz,
    "no other tool here unpacks any of them faster on one thread": fastest_to_unpack,
    "at most 16 MiB with `-p1` and 64 MiB with `-p2`": bounded_memory,
    "a higher level is never larger than a lower one, by more than a thousandth": levels_in_order,
}


def outgrown(it: Figures, golden: str) -> list[str]:
    """Levels at which this tree's output is larger than what the record says of the same file."""
    lines = (line.split(None, 3) for line in golden.splitlines())
    now = {(sample, int(level)): int(size) for level, size, _, sample in lines}
    return [
        f"level {row['level']} makes {now[key]} bytes of {row['file']}, {row['bytes']} on record: record again"
        for row in it.record["sample"]
        if row["tool"] == "rigz"
        and (key := (row["file"], row["level"])) in now
        # The command writes the name of the file into the header, which the record of the tests has not.
        and now[key] > (1 + SIZE_TOLERANCE) * row["bytes"]
    ]


# ------------------------------------------------------------------------------------------------------------ running


def filled(readme: str, it: Figures) -> str:
    """The README with the blocks that the record makes."""

    def block(match: re.Match) -> str:
        if match[2] not in BLOCKS:
            raise SystemExit(f"README.md: no figures named {match[2]}")
        return f"{match[1]}{BLOCKS[match[2]](it)}\n{match[3]}"

    return BLOCK.sub(block, readme)


def problems(it: Figures, readme: str, golden: str, pictures: dict[str, str]) -> list[str]:
    """Everything that keeps the README from being what the record says, and true."""
    shown = {name for _, name, _ in BLOCK.findall(readme)}
    found = [f"README.md does not show the figures {name}" for name in BLOCKS if name not in shown]
    if filled(readme, it) != readme:
        old, new = readme.splitlines(), filled(readme, it).splitlines()
        found += [f"README.md: `{line}` is not what the record says" for line in old if line not in new]
        found += [f"README.md lacks `{line}`" for line in new if line not in old]
    for name, picture in drawings(it.record).items():
        if pictures.get(name) != picture.svg():
            found.append(f"docs/{name} is not the picture of the record")
    text = " ".join(readme.split())
    found += [f"README.md does not say: {claim}" for claim in CLAIMS if claim not in text]
    found += [f"does not hold: {claim}" for claim, holds in CLAIMS.items() if not holds(it)]
    return found + outgrown(it, golden)


def main(arguments: list[str]) -> int:
    place = newest()
    it = Figures(json.loads(place.read_text(encoding="utf-8")), str(place.relative_to(ROOT)))
    readme, golden = README.read_text(encoding="utf-8"), GOLDEN.read_text(encoding="utf-8")
    if arguments != ["--check"]:
        README.write_text(filled(readme, it), encoding="utf-8")
        readme = README.read_text(encoding="utf-8")
        for name, picture in drawings(it.record).items():
            (ROOT / "docs" / name).write_text(picture.svg(), encoding="utf-8")
    pictures = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.svg")}
    found = problems(it, readme, golden, pictures)
    for line in found:
        print(f"figures: {line}")
    print(f"figures of {it.place}: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
