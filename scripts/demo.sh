#!/usr/bin/env bash
# The whole story in the folder demo/: images arrive, thumbnails are made, one
# broken image becomes a dead letter, is repaired and sent back. It uses the
# development build, which the tests share. Needs `make engine`.
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

scripts/build.sh
rm -rf "$folder"
say 'Sixteen images arrive, one of them cut off'
cargo samples "$folder/images"

say 'Thumbnails are made, and what failed becomes a dead letter'
run local "$folder" --once "${presets[@]}"
table
run local "$folder" dead-letters

say 'The image is repaired, and the dead letter sent back'
cargo samples --repair "$folder/images"
run local "$folder" redrive
run local "$folder" --once "${presets[@]}"
table uploads/
run local "$folder" status

say 'A contact sheet, as a page and as a picture that the engine made'
cargo samples --sheet "$folder"
made=$(mktemp --directory)
trap 'rm -rf "$made"' EXIT
run generate "$folder/contact-sheet.full.png" --preset contact-sheet=1000x --output "$made"
mv "$made/contact-sheet.full.png/contact-sheet.png" "$folder/"
rm "$folder/contact-sheet.full.png"

say "Look at $folder/contact-sheet.html"
