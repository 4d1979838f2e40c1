#!/usr/bin/env bash
# Runs the commands of README.md: every line that begins with `$ ` in a block
# after `<!-- tested -->`. They run in a folder of their own, where target/ leads
# to that of the checkout (with the development build as release/), and photo.jpg,
# logo.png and photos/ are samples. Needs `make engine`.
set -euo pipefail

checkout=$PWD
target=${CARGO_TARGET_DIR:-$checkout/target}
scripts/build.sh

folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
cargo samples "$folder/photos" >/dev/null
mkdir "$folder/target"
ln -s "$target/debug" "$folder/target/release"
ln -s "$target/engine.wasm" "$folder/target/engine.wasm"
cp "$folder/photos/mountains.jpg" "$folder/photo.jpg"
cp "$folder/photos/logo.png" "$folder/photos/scan-16bit.png" "$folder/"

commands=$(awk '
    /^<!-- tested -->$/ { tested = 1; next }
    /^```console$/ && tested { inside = 1; next }
    /^```$/ { inside = tested = 0 }
    inside && /^\$ / { print substr($0, 3) }' README.md)

passed=0 skipped=0
cd "$folder"
while IFS= read -r command; do
    if [[ $command == wasmtime* ]] && ! command -v wasmtime >/dev/null; then
        echo "readme: skipped, there is no wasmtime here: $command"
        skipped=$((skipped + 1))
        continue
    fi
    if ! bash -euo pipefail -c "$command" </dev/null; then
        echo "readme: this command of README.md failed: $command" >&2
        exit 1
    fi
    passed=$((passed + 1))
done <<<"$commands"
if [[ $passed == 0 ]]; then
    echo "readme: README.md has no tested command" >&2
    exit 1
fi
echo "readme: $passed commands ran, $skipped skipped"
