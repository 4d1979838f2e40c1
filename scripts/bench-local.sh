#!/usr/bin/env bash
# Makes the thumbnails of a folder of many small and of one of a few large images,
# and writes the time, and the share of the host in it, to BENCHMARKS.md. The
# photographs are in BENCH_IMAGES; without it they are generated. Needs `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
export THIMBLE=${THIMBLE:-$target/release/thimble}
export THIMBLE_ENGINE=${THIMBLE_ENGINE:-$target/engine.wasm}
cargo build --quiet --locked --profile bench --package bench
export WORKER=$target/release/bench-worker
cargo samples "$target/samples" >/dev/null
photos=${BENCH_IMAGES:-$target/bench-images}
[[ -d $photos ]] || cargo samples --large "$photos"
python3 bench/local.py "${SMALL:-5000}" "${LARGE:-50}" "$target/samples" "$photos"
