#!/usr/bin/env bash
# Measures the cost of following a channel of engines and the start of a host, and
# writes both to BENCHMARKS.md. Needs `make build` and `make package`.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --locked --profile bench --package bench
python3 bench/engines.py "$target/release/bench-worker" "${THIMBLE:-$target/release/thimble}" \
    "$target/lambda/generate-thumbnails" "$target/engine.wasm" "$target/package/engine.cwasm"
