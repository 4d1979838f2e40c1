#!/usr/bin/env bash
# Builds the codec in JavaScript: target/farbfeld.wasm. Its interpreter knows WASI, and a codec
# imports nothing: calls of it become traps.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

folder=codecs/farbfeld
built=${CARGO_TARGET_DIR:-$PWD/target}/farbfeld.wasm
npm_packages "$folder"
mkdir -p "$(dirname "$built")"
"$folder/node_modules/.bin/componentize-qjs" --wit wit/codec --world decoder --js "$folder/farbfeld.js" \
    --stub-wasi --sync --output "$built" >/dev/null
echo "$built  $(stat --format %s "$built") bytes  sha256:$(sha256sum <"$built" | cut -d ' ' -f 1)"
