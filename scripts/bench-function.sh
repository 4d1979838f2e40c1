#!/usr/bin/env bash
# Measures the packaged function (its start, an image, the cost of a million) and
# writes the figures to BENCHMARKS.md. The photographs are in BENCH_IMAGES; without
# it they are generated.
# Needs `make package`.
set -euo pipefail
cd "$(dirname "$0")/.."

photos=${BENCH_IMAGES:-target/bench-images}
[[ -d $photos ]] || cargo samples --large "$photos"
emulator=function-$$
trap 'scripts/stack.sh down "$emulator"' EXIT
scripts/stack.sh up "$emulator"
variables=$(scripts/stack.sh env "$emulator")
eval "$variables"
scripts/stack.sh python bench/function.py target/package/generate-thumbnails.zip "$photos"
