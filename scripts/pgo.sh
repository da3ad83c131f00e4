#!/usr/bin/env bash
# Builds the command with profile-guided optimisation, and measures what that gains.
#
#   scripts/pgo.sh [--record] [FILE...]
#
# The profile is taken on generated data and the samples of this repository, at every level, both ways. Then the build
# with it and the one without take turns on the FILEs (on other generated data without any). The result is
# target/pgo/rigz; its bytes of output are compared with the other's. --record keeps the sentence with the gain where
# scripts/figures.py finds it.
set -euo pipefail
cd "$(dirname "$0")/.."

record=
if [ "${1:-}" = --record ]; then
    record=benches/record/profile-guided.txt
    shift
fi
case ${1:-} in -*) sed -n '2,10s/^# \{0,1\}//p' "scripts/${0##*/}" >&2; exit 2 ;; esac

host=$(rustc -vV | sed -n 's/^host: //p')
merge=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$merge" ] || rustup component add llvm-tools
folder=$PWD/target/pgo
profile=$folder/merged.profdata
rm -rf "$folder/raw"
mkdir -p "$folder/raw" "$folder/data"

# build FOLDER [FLAG]: with the flag beside those of the project. --target keeps it from the build scripts of crates.
build() {
    cargo build --release --locked --quiet --target "$host" --target-dir "$folder/$1" \
        --config "target.$host.rustflags = [${2:+\"$2\"}]"
}

echo "1. the build that counts"
build counting "-Cprofile-generate=$folder/raw"
counting=$folder/counting/$host/release/rigz

echo "2. the profile"
python3 - "$folder/data" <<'PYTHON'
import random
import sys
from pathlib import Path

sys.path.insert(0, "scripts")
from benchmark_ci import KINDS

for kind, make in KINDS.items():
    for use, seed in (("train", 2), ("measure", 3)):
        Path(sys.argv[1], f"{use}-{kind}").write_bytes(make(3_000_000, random.Random(seed)))
PYTHON
highest=$(awk '{ if ($1 > most) most = $1 } END { print most }' tests/golden.txt)
for file in "$folder"/data/train-* tests/data/*; do
    for level in $(seq 1 "$highest"); do
        for threads in 1 2; do
            "$counting" -p$threads "-$level" -c "$file" >"$folder/data/packed"
            "$counting" -p$threads -d -c "$folder/data/packed" >/dev/null
        done
    done
done
"$merge" merge -o "$profile" "$folder/raw"

echo "3. the build with the profile, and the one without"
build guided "-Cprofile-use=$profile"
build plain
cp "$folder/guided/$host/release/rigz" "$folder/rigz"

echo "4. in turns"
[ $# -gt 0 ] || set -- "$folder"/data/measure-*
python3 - "$folder/plain/$host/release/rigz" "$folder/rigz" "${record:-/dev/null}" "$@" <<'PYTHON'
import datetime
import filecmp
import math
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "scripts")
from peers import fastest, machine, scratch

plain, guided, record, *files = sys.argv[1:]
gains: dict[str, list[float]] = {}
with tempfile.TemporaryDirectory(dir=scratch()) as folder:
    out = {name: f"{folder}/{name}" for name in ("plain", "guided")}
    null = dict.fromkeys(out, os.devnull)
    for file in map(Path, files):
        for what in ("-1", "-6", "-9", "-d"):
            ways = {name: [binary, "-p1", what, "-c"] for name, binary in (("plain", plain), ("guided", guided))}
            source, targets = (Path(out["plain"]), null) if what == "-d" else (file, out)
            runs = fastest(ways, source, targets, 7, 4.0)
            if what != "-d" and not filecmp.cmp(out["plain"], out["guided"], shallow=False):
                sys.exit(f"the profile changes the output for {file} at {what}")
            gains.setdefault(what, []).append(runs["plain"].seconds / runs["guided"].seconds)
            print(f"{file.name:<16}{what:>4}  {runs['plain'].seconds:8.3f} s  {runs['guided'].seconds:8.3f} s  {gains[what][-1]:6.3f}")


def mean(ratios: list[float]) -> str:
    return f"{100 * (math.prod(ratios) ** (1 / len(ratios)) - 1):+.1f} %".replace("-", "−")


sentence = (
    f"`scripts/pgo.sh` builds with a profile. Measured {datetime.date.today().isoformat()} on {machine()['processor']}, one "
    f"thread, geometric mean over {', '.join(Path(file).name for file in files)}: {mean(gains['-1'])} speed at `-1`, "
    f"{mean(gains['-6'])} at `-6`, {mean(gains['-9'])} at `-9`, {mean(gains['-d'])} unpacking."
)
print(sentence)
if record != os.devnull:
    Path(record).write_text(sentence + "\n", encoding="utf-8")
PYTHON
