#!/usr/bin/env bash
# The whole story in the folder demo/: images arrive, thumbnails are made, one
# broken image becomes a dead letter, is repaired and sent back.
set -euo pipefail

target=${CARGO_TARGET_DIR:-target}
export THIMBLE_ENGINE=$target/engine.wasm
folder=demo

presets=(
    --preset 'card=400x300'
    --preset 'icon=96x96,cover,webp'
    --preset 'cell=320x240,png'
)

# Bold on a terminal, and nowhere else.
bold='' plain=''
[[ -t 1 && -z ${NO_COLOR:-} ]] && bold=$'\033[1m' plain=$'\033[0m'
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() {
    printf '$ thimble %s\n' "$*"
    "$target/debug/thimble" "$@"
}

# The bytes of each image and of its thumbnails; the name comes last, because
# no column is as wide as what people call their files.
table() {
    local row='%9s %9s %9s %9s   %s\n'
    local image made
    printf "\n$row" image card icon cell name
    find "$folder/images/${1:-}" -type f | sort | while IFS= read -r image; do
        made=$folder/thumbnails/${image#"$folder/images/"}
        printf "$row" "$(bytes "$image")" "$(bytes "$made"/card.*)" "$(bytes "$made"/icon.*)" \
            "$(bytes "$made"/cell.*)" "${image#"$folder/images/"}"
    done
    printf '\n'
}
bytes() { stat --format %s "$1" 2>/dev/null || echo -; }

# Most people come here first, and see nothing before everything is compiled: so the
# command line is built without S3 and SQS, whose SDK is half of it, and while it is
# built, the engine is. Where the build that the tests share is there, it is used.
build() {
    if [[ -e $target/debug/.workspace-built ]]; then
        cargo xtask engine
        scripts/build.sh
        return
    fi
    CARGO_TARGET_DIR=$target/demo-tools cargo build --quiet --locked --package xtask --no-default-features &&
        "$target/demo-tools/debug/xtask" engine &
    cargo build --locked --package thimble --no-default-features --features cli --bin thimble
    wait "$!"
}

# `build` and `run` alone are for those who record the demo.
[[ ${1:-build} == build ]] && build
[[ ${1:-run} == run ]] || exit 0
rm -rf "$folder"
say 'Sixteen images arrive, one of them cut off'
cargo samples "$folder/images"

say 'Thumbnails are made, and what failed becomes a dead letter'
run local "$folder" --once --manifest "${presets[@]}"
table
run local "$folder" dead-letters

say 'A manifest says what there is of an image; it is written last'
cat "$folder/thumbnails/mountains.jpg/manifest.json"
printf '\n'

say 'The image is repaired, and the dead letter sent back'
cargo samples --repair "$folder/images"
run local "$folder" redrive
run local "$folder" --once --manifest "${presets[@]}"
table uploads/
run local "$folder" status

say 'A contact sheet of what the manifests name, as a page and as a picture that the engine made'
cargo samples --sheet "$folder"
made=$(mktemp --directory)
trap 'rm -rf "$made"' EXIT
run generate "$folder/contact-sheet.full.png" --preset contact-sheet=1000x --output "$made"
mv "$made/contact-sheet.full.png/contact-sheet.png" "$folder/"
rm "$folder/contact-sheet.full.png"

say "Look at $folder/contact-sheet.html"
