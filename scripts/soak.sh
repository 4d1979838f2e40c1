#!/usr/bin/env bash
# Runs a worker over NUMBER images in a bucket of an emulator, and measures its
# speed, memory and open files. Fails if a thumbnail is missing, if memory grew,
# or if a file was left open.
#   soak.sh [NUMBER]
# THIMBLE names the program to run. Needs `make engine`.
set -euo pipefail
cd "$(dirname "$0")/.."

number=${1:-10000}
target=${CARGO_TARGET_DIR:-target}
export THIMBLE=${THIMBLE:-$target/release/thimble}
export THIMBLE_ENGINE=${THIMBLE_ENGINE:-$target/engine.wasm}
[[ -x $THIMBLE ]] || { echo "soak: $THIMBLE is missing; run make build first" >&2 && exit 1; }

cargo samples "$target/samples"
emulator=soak-$$
trap 'scripts/stack.sh down "$emulator"' EXIT
scripts/stack.sh up "$emulator"
variables=$(scripts/stack.sh env "$emulator")
eval "$variables"
scripts/stack.sh python bench/soak.py "$number" "$target/samples"
