#!/usr/bin/env bash
# Checks for everything that a build needs, and names in one line a part that is missing.
# `cargo xtask engine` finds the compiler for WebAssembly, and installs it on
# Debian.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

command -v cargo >/dev/null || fail "cargo is missing; install Rust $wanted or newer with rustup"

found=$(cargo --version | cut -d ' ' -f 2)
if [[ $(printf '%s\n' "$wanted" "$found" | sort --version-sort | head -n 1) != "$wanted" ]]; then
    fail "cargo is $found, and $wanted is needed; run \`rustup update stable\`"
fi

command -v cc >/dev/null || apt gcc libc6-dev ||
    fail 'a C linker is missing; on Debian run `sudo apt-get install gcc libc6-dev`'
