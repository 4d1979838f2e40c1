#!/usr/bin/env bash
# Tests the codec for HEIC beside libheif, whose wheel also makes the files. Needs `make heic`
# and `make engine`. THIMBLE names the command line, target/release/thimble by default.
set -euo pipefail
cd "$(dirname "$0")/.."

thimble=${THIMBLE:-target/release/thimble}
[[ -x $thimble ]] || { echo "heic-test: $thimble is missing; run \`make build\`" >&2; exit 1; }
venv=.tools/heic
if [[ ! -e $venv/ready ]]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 pillow-heif==1.8.1
    touch "$venv/ready"
fi
"$thimble" engine compose target/engine-open.wasm target/heic.wasm -o target/engine-heic.wasm
"$venv/bin/python" codecs/heic/tests/oracle.py "$thimble" target/engine-heic.wasm "$@"
"$venv/bin/python" codecs/heic/tests/story.py "$thimble" target
