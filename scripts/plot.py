#!/usr/bin/env python3
"""Draws the pictures of the README from a recorded run.

    scripts/plot.py [RECORD]              writes docs/*.svg; the newest record unless one is named
    scripts/plot.py --dark FOLDER         writes them into FOLDER as a reader with a dark screen sees them

Each picture is plain SVG without scripts, fonts or other files, on a card of its own, and follows the reader's choice of
light or dark. The same record makes the same bytes.
"""

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "benches/record"

# Colour on light and on dark.
COLOURS = {
    "rigz": ("#d1390b", "#ff8552"),
    "libdeflate": ("#1f5fae", "#74adf5"),
    "igzip": ("#13795b", "#5bcba6"),
    "gzippy": ("#7a44bd", "#bd97f0"),
    "pigz": ("#8a6400", "#dcb44b"),
    "gzip": ("#5c6470", "#a7b0bd"),
    "bgzip": ("#a43b7d", "#ea8fc6"),
    "7z": ("#27737f", "#6cc4d1"),
    "zopfli": ("#3c3c3c", "#d8d8d8"),
    "rapidgzip": ("#0b6f8f", "#62bfe0"),
}
STYLE = """
  .card {{ fill: {card}; stroke: {edge} }}
  text {{ font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Arial, sans-serif; font-size: 13px; fill: {soft} }}
  .title {{ font-size: 18px; font-weight: 600; fill: {ink} }}
  .strong {{ font-weight: 700 }}
  .small {{ font-size: 11px }}
  .grid {{ stroke: {edge}; stroke-width: 1 }}
  .line {{ fill: none; stroke-width: 1.5; stroke-opacity: .55 }}
  .front {{ fill: none; stroke-width: 3 }}
"""
LIGHT = {"card": "#ffffff", "edge": "#dfe3e8", "soft": "#4d5560", "ink": "#16191d"}
DARK = {"card": "#12161c", "edge": "#2c333d", "soft": "#a9b3c0", "ink": "#f1f4f8"}


def style(theme: dict, shade: int) -> str:
    rules = STYLE.format(**theme)
    for tool, colours in COLOURS.items():
        name, colour = css_class(tool), colours[shade]
        rules += f"  .{name} {{ stroke: {colour} }} .{name}.dot, .{name}.bar {{ fill: {colour}; stroke: none }}"
        rules += f" text.{name} {{ fill: {colour}; stroke: none }}\n"
    return rules


def css_class(tool: str) -> str:
    return f"t-{tool}"


class Picture:
    """SVG elements, and the boxes that labels must not cover."""

    def __init__(self, width: int, height: int, title: str, summary: str):
        self.width, self.height, self.title, self.summary = width, height, title, summary
        self.parts: list[str] = []
        self.taken: list[tuple[float, float, float, float]] = []

    def add(self, element: str) -> None:
        self.parts.append(element)

    def text(self, x: float, y: float, words: str, classes: str = "", anchor: str = "start") -> None:
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" class="{classes}" text-anchor="{anchor}">{escape(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, classes: str = "grid") -> None:
        self.add(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{classes}"/>')

    def take(self, x: float, y: float, width: float, height: float) -> None:
        self.taken.append((x, y, x + width, y + height))

    def label(self, places: list[tuple[float, float]], words: str, classes: str, size: float) -> None:
        """A label beside the place where it covers least of what stands already."""
        width, height = 0.62 * size * len(words), size
        tried = []
        for rank, (x, y) in enumerate(places):
            for shift, (dx, dy) in enumerate(((8, -8), (8, 16), (-8 - width, -8), (-8 - width, 16), (-width / 2, -10),
                                              (-width / 2, 20), (11, 4), (-11 - width, 4))):
                box = (x + dx, y + dy - height, x + dx + width, y + dy)
                covered = sum(overlap(box, other) for other in self.taken)
                outside = box[0] < 60 or box[2] > self.width - 12 or box[1] < 60
                tried.append((covered + 1e4 * outside, rank, shift, box))
        box = min(tried)[3]
        self.taken.append(box)
        self.text(box[0], box[3] - 0.15 * height, words, classes)

    def svg(self, dark: bool = False) -> str:
        rules = style(DARK, 1) if dark else style(LIGHT, 0)
        if not dark:
            rules += f"  @media (prefers-color-scheme: dark) {{\n{style(DARK, 1)}  }}\n"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" role="img" aria-labelledby="title summary">\n'
            f'<title id="title">{escape(self.title)}</title>\n<desc id="summary">{escape(self.summary)}</desc>\n'
            f"<style>{rules}</style>\n"
            f'<rect class="card" x=".5" y=".5" width="{self.width - 1}" height="{self.height - 1}" rx="8"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


def overlap(one, two) -> float:
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    return width * height if width > 0 and height > 0 else 0.0


# -------------------------------------------------------------------------------------------------- size against speed


@dataclass
class Point:
    tool: str
    level: int
    speed: float
    percent: float


def points(record: dict, part: str, file: str) -> list[Point]:
    """What each tool and level makes of a file on one thread; stored data is left out."""
    size = record["files"][file]["bytes"]
    return [
        Point(row["tool"], row["level"], size / 1e6 / row["seconds"], 100 * row["bytes"] / size)
        for row in record[part]
        if row["file"] == file and row["threads"] == 1 and row["bytes"] < 0.99 * size
    ]


def ticks_1_2_5(low: float, high: float) -> list[float]:
    steps = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def size_speed(record: dict, part: str, file: str, title: str, note: str) -> Picture:
    """The further right the faster, the further up the smaller: who stands above and to the right wins."""
    drawn = points(record, part, file)
    low, high = 0.8 * min(p.speed for p in drawn), 1.35 * max(p.speed for p in drawn)
    span = max(p.percent for p in drawn) - min(p.percent for p in drawn)
    top, bottom = min(p.percent for p in drawn) - 0.07 * span, max(p.percent for p in drawn) + 0.05 * span
    picture = Picture(960, 620, title, note)
    left, right, above, below = 70, 940, 74, 540

    def x(speed: float) -> float:
        return left + (right - left) * math.log(speed / low) / math.log(high / low)

    def y(percent: float) -> float:
        return above + (below - above) * (percent - top) / (bottom - top)

    picture.text(24, 34, title, "title")
    picture.text(24, 54, note, "small")
    picture.text(24, 606, versions(record, {p.tool for p in drawn}), "small")
    for speed in ticks_1_2_5(low, high):
        picture.line(x(speed), above, x(speed), below)
        picture.text(x(speed), below + 18, f"{speed:g}", "small", "middle")
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5) if span / s < 10)
    for count in range(math.ceil(top / step), math.floor(bottom / step) + 1):
        picture.line(left, y(count * step), right, y(count * step))
        picture.text(left - 8, y(count * step) + 4, f"{count * step:.{0 if step >= 1 else 1}f} %", "small", "end")
    picture.text(right, below + 38, "MB/s of input on one thread, log scale: faster →", "", "end")
    picture.text(left, below + 38, "↑ smaller: size of the output in % of the input")
    by_tool: dict[str, list[Point]] = {}
    for point in drawn:
        by_tool.setdefault(point.tool, []).append(point)
        picture.take(x(point.speed) - 4, y(point.percent) - 4, 8, 8)
    for tool, its in sorted(by_tool.items(), key=lambda item: item[0] == "rigz"):
        its.sort(key=lambda p: p.level)
        css, own = css_class(tool), tool == "rigz"
        path = " ".join(f"{x(p.speed):.1f},{y(p.percent):.1f}" for p in its)
        picture.add(f'<polyline class="{"front" if own else "line"} {css}" points="{path}"/>')
        for p in its:
            picture.add(
                f'<circle class="dot {css}" cx="{x(p.speed):.1f}" cy="{y(p.percent):.1f}" r="{6 if own else 3.5}">'
                f"<title>{escape(f'{tool} -{p.level}: {p.percent:.2f} %, {p.speed:.1f} MB/s')}</title></circle>"
            )
        for one, two in zip(its, its[1:]):
            for part_of in range(1, 8):
                at = part_of / 8
                picture.take(
                    x(one.speed) * (1 - at) + x(two.speed) * at - 2, y(one.percent) * (1 - at) + y(two.percent) * at - 2, 4, 4,
                )
    for p in sorted(by_tool.get("rigz", []), key=lambda p: -p.level):
        picture.label([(x(p.speed), y(p.percent))], f"−{p.level}", f"{css_class('rigz')} strong", 13)
    for tool, its in by_tool.items():
        ends = [its[0], its[-1], *its[1:-1]]
        classes = css_class(tool) + (" strong title" if tool == "rigz" else "")
        picture.label([(x(p.speed), y(p.percent)) for p in ends], tool, classes, 18 if tool == "rigz" else 13)
    return picture


# -------------------------------------------------------------------------------------------------------------- bars


def bars(groups: list[tuple[str, list[tuple[str, float]]]], title: str, note: str, foot: str) -> Picture:
    """One bar per tool, the fastest first, in groups that share a scale."""
    rows = sum(len(its) for _, its in groups)
    height = 100 + 26 * rows + 40 * len(groups)
    picture = Picture(960, height, title, note)
    picture.text(24, 34, title, "title")
    picture.text(24, 54, note, "small")
    longest = max(speed for _, its in groups for _, speed in its)
    at = 84.0
    for name, its in groups:
        picture.text(24, at + 8, name, "strong")
        at += 22
        for tool, speed in sorted(its, key=lambda pair: -pair[1]):
            css, own = css_class(tool), tool == "rigz"
            picture.text(124, at + 14, tool, f"{css} {'strong' if own else ''}", "end")
            width = max(2.0, 720 * speed / longest)
            picture.add(
                f'<rect class="bar {css}" x="132" y="{at:.1f}" width="{width:.1f}" height="19" rx="3"'
                f'{"" if own else " fill-opacity=" + chr(34) + ".6" + chr(34)}/>'
            )
            picture.text(140 + width, at + 14, f"{speed:,.0f}", "strong" if own else "")
            at += 26
        at += 18
    picture.text(24, height - 14, foot, "small")
    return picture


def decompression(record: dict, file: str, writer: str, threads: int) -> list[tuple[str, float]]:
    size = record["files"][file]["bytes"]
    return [
        (row["tool"], size / 1e6 / row["seconds"])
        for row in record["decompress"]
        if (row["file"], row["writer"], row["threads"]) == (file, writer, threads)
    ]


# ---------------------------------------------------------------------------------------------------------- pictures


def machine_line(record: dict) -> str:
    machine = record["machine"]
    return f"{machine['processor']} with {machine['vectors']}, {machine['cores']} cores, {record['date']}"


def versions(record: dict, names) -> str:
    return ", ".join(f"{tool} {number}" for tool, number in record["versions"].items() if tool in names)


def drawings(record: dict) -> dict[str, Picture]:
    """File name to picture, of everything the record has."""
    first, cores = record["first"], record["machine"]["cores"]
    where = machine_line(record)
    megabytes = record["files"][first]["bytes"] / 1e6
    title = f"Every level of every tool: {first}, {megabytes:.0f} MB"
    made = {"size-speed.svg": size_speed(record, "compress", first, title, where)}
    for file in dict.fromkeys(row["file"] for row in record["densest"]):
        megabytes_here = record["files"][file]["bytes"] / 1e6
        title = f"The levels that take their time: {file}, {megabytes_here:.1f} MB"
        made["densest.svg"] = size_speed(record, "densest", file, title, where)
    groups = [("One thread, what gzip -6 wrote", decompression(record, first, "gzip -6", 1))]
    if cores > 1:
        groups += [
            (f"{cores} threads, what gzip -6 wrote", decompression(record, first, "gzip -6", cores)),
            (f"{cores} threads, blocked gzip as bgzip writes it", decompression(record, first, "bgzip", cores)),
        ]
    groups = [(name, its) for name, its in groups if its]
    names = {tool for _, its in groups for tool, _ in its}
    title = f"Decompressing {first}, {megabytes:.0f} MB, in MB/s of output"
    made["decompress.svg"] = bars(groups, title, where, versions(record, names))
    return made


def newest() -> Path:
    """The record the README shows: the last of those whose name starts with a date."""
    records = sorted(RECORDS.glob("[0-9]*.json"))
    if not records:
        raise SystemExit("no record in benches/record: scripts/record.py makes one")
    return records[-1]


def main(arguments: list[str]) -> int:
    dark = arguments[:1] == ["--dark"]
    folder = Path(arguments[1]) if dark else ROOT / "docs"
    named = arguments[2:] if dark else arguments
    record = json.loads(Path(named[0] if named else newest()).read_text(encoding="utf-8"))
    for name, picture in drawings(record).items():
        (folder / name).write_text(picture.svg(dark), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
