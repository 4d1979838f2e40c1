#!/usr/bin/env bash
# Measures the packaged function: its start, an image, a million of them; writes
# the figures to BENCHMARKS.md. Photographs are those of BENCH_IMAGES, or made.
# Needs `make package`.
set -euo pipefail
cd "$(dirname "$0")/.."

photos=${BENCH_IMAGES:-target/bench-images}
[[ -d $photos ]] || cargo xtask samples --bench "$photos"
emulator=function-$$
trap 'scripts/stack.sh down "$emulator"' EXIT
scripts/stack.sh up "$emulator"
variables=$(scripts/stack.sh env "$emulator")
eval "$variables"
scripts/stack.sh python bench/function.py target/package/generate-thumbnails.zip "$photos"
