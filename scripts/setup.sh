#!/usr/bin/env bash
# Checks for everything that a build needs, and names in one line a part that is missing.
# `cargo xtask engine` finds the compiler for WebAssembly, and installs it on
# Debian.
set -euo pipefail

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

if ! command -v cargo >/dev/null; then
    echo "setup: cargo is missing; install Rust ${wanted} or newer with rustup" >&2
    exit 1
fi

found=$(cargo --version | cut -d ' ' -f 2)
if [[ $(printf '%s\n' "$wanted" "$found" | sort --version-sort | head -n 1) != "$wanted" ]]; then
    echo "setup: cargo is ${found}, and ${wanted} is needed; run \`rustup update stable\`" >&2
    exit 1
fi

if ! command -v cc >/dev/null; then
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        apt-get update --quiet
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends gcc libc6-dev
    else
        echo "setup: a C linker is missing; on Debian run \`sudo apt-get install gcc libc6-dev\`" >&2
        exit 1
    fi
fi
