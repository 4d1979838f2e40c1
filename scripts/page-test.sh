#!/usr/bin/env bash
# Tries the status page in Chromium: full, empty, with 10,000 letters, on a phone, with the
# keyboard alone and without a script. SCREENSHOTS names a folder for pictures to look at.
# THIMBLE names a command line to try, instead of the development build.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

built=${CARGO_TARGET_DIR:-$PWD/target}
[[ -e $built/engine.wasm ]] || fail 'there is no engine; run `make engine`'
needs "${CHROMIUM:-chromium-headless-shell}" chromium-headless-shell
scripts/bindings.sh install
[[ -n ${THIMBLE:-} ]] || scripts/build.sh
[[ -d target/samples ]] || cargo samples target/samples >/dev/null
[[ -z ${SCREENSHOTS:-} ]] || mkdir -p "$SCREENSHOTS"

export THIMBLE=${THIMBLE:-$built/debug/thimble} ENGINE=$built/engine.wasm SAMPLES=$PWD/target/samples
node --test --test-timeout=240000 host/tests/browser/page.test.mjs
