#!/usr/bin/env bash
# Builds the command line for development: target/debug/thimble. It builds a test
# as well, because the tests turn on features of dependencies: a build of the
# command line alone would share hardly anything with that of `make test`.
set -euo pipefail

cargo build --locked --workspace --bin thimble --test documents
# `make demo` compiles less where this is not there yet.
touch "${CARGO_TARGET_DIR:-target}/debug/.workspace-built"
