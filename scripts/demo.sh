#!/usr/bin/env bash
# The whole story in the folder demo/: images arrive, thumbnails are made, one
# broken image becomes a dead letter, is repaired and sent back.
set -euo pipefail

target=${CARGO_TARGET_DIR:-target}
export THIMBLE_ENGINE=$target/engine.wasm
folder=demo
# A mark of scripts/build.sh.
shared=$target/debug/.workspace-built

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

# The program that makes the samples: what the build below made, or cargo finds.
samples() {
    if [[ -e $shared ]]; then cargo samples "$@"; else "$target/debug/samples" "$@"; fi
}

# Most people come here first, and see nothing before everything is compiled. So the
# command line is built without clouds, brokers and monitors, which are most of it, and
# what it shares with the two tools of the demo is built once: features of dependencies
# are those of all packages that are named, whichever program is asked for. The engine is
# compiled beside it. Where the build that the tests share is there, it is used.
build() {
    if [[ -e $shared ]]; then
        cargo xtask engine
        scripts/build.sh
        return
    fi
    export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=false
    local engine
    programs --quiet --bin xtask
    "$target/debug/xtask" engine &
    engine=$!
    programs --bin thimble --bin samples
    wait "$engine"
    # A shell of its own would be told of none.
    times >"$target/times"
    say "Compiled in $SECONDS s, with $(spent "$target/times") s of processor time"
}
# Cargo.toml has what compiles engines optimized for tests, which compile hundreds. The demo
# compiles one, so those of these crates stay unoptimized that would save less than they cost,
# and the parts of the largest one are not optimized together.
programs() {
    local crate parser levels=(--config 'profile.dev.lto="off"')
    # Its version is that of wasmtime, and Cargo.toml has it.
    parser=$(sed -n 's/^\[profile.dev.package."\(wasmparser@[^"]*\)"\]$/\1/p' Cargo.toml)
    for crate in "$parser" wasmtime-environ wasmtime-internal-cranelift; do
        levels+=(--config "profile.dev.package.\"$crate\".opt-level=0")
    done
    cargo build --locked --package thimble --package xtask --package samples \
        --no-default-features --features thimble/cli "${levels[@]}" "$@"
}

# Seconds of processor time in what `times` wrote of the programs that a shell has run.
spent() { awk -F '[ms ]+' 'NR == 2 { printf "%d", 60 * ($1 + $3) + $2 + $4 }' "$1"; }

# `build` and `run` alone are for those who record the demo.
[[ ${1:-build} == build ]] && build
[[ ${1:-run} == run ]] || exit 0
rm -rf "$folder"
say 'Sixteen images arrive, one of them cut off'
samples "$folder/images"

say 'Thumbnails are made, and what failed becomes a dead letter'
run local "$folder" --once --manifest "${presets[@]}"
table
run local "$folder" dead-letters

say 'A manifest says what there is of an image; it is written last'
cat "$folder/thumbnails/mountains.jpg/manifest.json"
printf '\n'

say 'The image is repaired, and the dead letter sent back'
samples --repair "$folder/images"
run local "$folder" redrive
run local "$folder" --once --manifest "${presets[@]}"
table uploads/
run local "$folder" status

say 'A contact sheet of what the manifests name, as a page and as a picture that the engine made'
samples --sheet "$folder"
run generate "$folder/contact-sheet.full.png" --preset contact-sheet=1000x --output "$folder/sheet"
mv "$folder/sheet/contact-sheet.full.png/contact-sheet.png" "$folder/"
rm -r "$folder/contact-sheet.full.png" "$folder/sheet"

say "Look at $folder/contact-sheet.html"
