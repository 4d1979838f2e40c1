#!/usr/bin/env bash
# The artifacts of a release, in target/release-artefacts/.
#   release.sh build   builds what is packed: programs, archives for Lambda, bindings, template
#   release.sh pack    packs it
#   release.sh twice   builds and packs again, in a copy of the checkout, and compares every byte
#   release.sh check   installs and runs the packages in a system that has nothing else, and uses
#                      each other artifact
# RELEASE_MACHINES names what is released for, "x86_64 aarch64 x86_64-windows" by default: processors
# stand for Linux.
# `build` needs `make engine template bindings`.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

target=${CARGO_TARGET_DIR:-$PWD/target}
artifacts=$target/release-artefacts
read -ra machines <<<"${RELEASE_MACHINES:-x86_64 aarch64 x86_64-windows}"

build() {
    local machine native=() others=() first second status=0
    for machine in "${machines[@]}"; do
        if [[ $machine == "$(uname -m)" ]]; then native+=("$machine"); else others+=("$machine"); fi
    done
    # Both need it. The last crates of a program leave processors idle, so there are two at a time.
    cargo xtask auditable
    programs "${native[@]}" & first=$!
    programs "${others[@]}" & second=$!
    wait "$first" || status=$?
    wait "$second" || status=$?
    ((status == 0)) || fail 'not all programs were built; see above'
    scripts/bindings.sh pack
}

# Programs for these machines, and the archives for Lambda where it has them.
programs() {
    local machine
    (($# == 0)) && return
    cargo xtask programs "$@"
    for machine in "$@"; do
        [[ $machine == *-* ]] || cargo xtask package --auditable "$machine"
    done
}

pack() {
    local machine programs=() python twine
    python3 scripts/version.py check
    for machine in "${machines[@]}"; do
        programs+=("$target/programs/$machine/thimble$([[ $machine != *-windows ]] || echo .exe)")
    done
    needs dpkg-deb dpkg
    needs npm npm
    python=$(packages scripts/release/requirements.txt)/bin/python
    twine=$(packages bindings/python/requirements-release.txt)/bin/twine
    (umask 022 && "$python" scripts/release "$artifacts" "${programs[@]}")
    "$twine" check --strict "$artifacts"/*.whl "$artifacts"/thimble_engine-*.tar.gz
    (cd "$artifacts" && sha256sum --check --quiet SHA256SUMS)
    du --apparent-size --human-readable -- "$artifacts"/*
    echo "release: $(count) artifacts are in $artifacts"
}

count() { wc --lines <"$artifacts/SHA256SUMS"; }

# Elsewhere, so that no path of the first build can be in what it made.
twice() {
    local copy
    [[ -e $artifacts/SHA256SUMS ]] || fail 'there is no release to compare with; run `make release`'
    [[ -z $(git status --porcelain) ]] || fail 'commit your changes first: what is compared is the last commit'
    copy=$(mktemp --directory)
    trap 'rm -rf "$copy"' EXIT
    git clone --quiet . "$copy/thimble"
    env --unset CARGO_TARGET_DIR make --no-print-directory --directory "$copy/thimble" release
    diff --recursive --brief "$artifacts" "$copy/thimble/target/release-artefacts" ||
        fail 'a second release has other bytes; see above'
    echo "release-twice: $(count) artifacts have the same bytes twice"
}

check() {
    needs debootstrap debootstrap
    needs qemu-aarch64-static qemu-user-static
    needs /usr/lib/wine/wine64 wine64
    needs npm npm
    [[ -d target/samples ]] || cargo samples target/samples >/dev/null
    [[ -e target/qoi.wasm ]] || cargo xtask codecs
    local python
    python=$(packages scripts/release/trial-requirements.txt)/bin/python
    "$python" scripts/release/trial.py "$@"
    THIMBLE=$target/programs/$(uname -m)/thimble scripts/bindings.sh packed "$artifacts" target/samples
    functions
    needs lintian lintian
    lintian --fail-on error,warning "$artifacts"/*.deb
    scripts/stack.sh cfn-lint --ignore-checks W3005 -- "$artifacts/thimble.template.json"
    scripts/cdk.sh "$artifacts/thimble.template.json"
    echo "release-check: $(count) artifacts are checked"
}

# The archives for Lambda and the template, beside an emulator of AWS.
functions() (
    emulator=release-$$
    trap 'scripts/stack.sh down "$emulator"' EXIT
    scripts/stack.sh up "$emulator"
    variables=$(scripts/stack.sh env "$emulator")
    eval "$variables"
    scripts/stack.sh python scripts/release/functions.py "$artifacts" target/samples "$target/programs/$(uname -m)/thimble"
)

task=${1:-}
shift || true
case $task in
    build) build ;;
    pack) pack ;;
    twice) twice ;;
    check) check "$@" ;;
    *) fail 'say what to do: build, pack, twice or check' ;;
esac
