#!/usr/bin/env bash
# Runs benchmark_ci.py over levels and kinds of data, here or on another machine.
#
#   scripts/remote_bench.sh [--quick] [HOST]
#
# HOST is an ssh destination with Rust and Python. The committed tree is copied to a scratch folder there, built, measured
# and removed. With --quick: 10 MB and two levels instead of 100 MB and five.
set -euo pipefail
cd "$(dirname "$0")/.."

size=100 levels="1 3 6 8 9" rounds=3 host=
for argument; do
    case $argument in
        --quick) size=10 levels="1 9" rounds=2 ;;
        -*) sed -n '2,7s/^# \{0,1\}//p' "scripts/${0##*/}" >&2; exit 2 ;;
        *) host=$argument ;;
    esac
done

# The measurement itself, from the root of a tree.
script="set -eu
cargo build --release --locked --quiet
for kind in text logs binary mixed; do
    for level in $levels; do
        for threads in \$(printf '1\n%s\n' \"\$(nproc)\" | sort -nu); do
            scripts/benchmark_ci.py --size $size --rounds $rounds --level \$level --threads \$threads --data-type \$kind
        done
    done
done"

if [ -z "$host" ]; then
    bash -c "$script"
else
    git archive HEAD | ssh "$host" "set -eu
        folder=\$(mktemp -d)
        trap 'rm -rf \"\$folder\"' EXIT
        tar x -C \"\$folder\"
        cd \"\$folder\"
        $script"
fi
