#!/usr/bin/env bash
# Lets a real Prometheus look at a worker over NUMBER images in a folder. Fails if its sums are
# not those that the worker reports, to the unit.
#   scrape.sh sums [NUMBER]       compares the sums, over 10000 images by default
#   scrape.sh overhead [NUMBER]   compares processor time with and without metrics and traces, over 200
#                                 by default, 48 times
# THIMBLE names the program to run. Needs `make engine`.
set -euo pipefail
cd "$(dirname "$0")/.."

task=${1:-sums}
[[ $task == overhead ]] && usual=200 || usual=10000
number=${2:-$usual}
target=${CARGO_TARGET_DIR:-target}
export THIMBLE=${THIMBLE:-$target/release/thimble}
export THIMBLE_ENGINE=${THIMBLE_ENGINE:-$target/engine.wasm}
[[ -x $THIMBLE ]] || { echo "scrape: $THIMBLE is missing; run make build first" >&2 && exit 1; }

PROMETHEUS=$(scripts/prometheus.sh)
export PROMETHEUS
[[ -d $target/samples ]] || cargo samples "$target/samples"
python3 bench/scrape.py "$task" "$number" "$target/samples"
