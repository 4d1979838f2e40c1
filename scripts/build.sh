#!/usr/bin/env bash
# Builds the command line for development: target/debug/thimble. Together with a
# test, because tests lend features to dependencies: built by itself it would share
# hardly anything with what `make test` builds.
set -euo pipefail

cargo build --locked --workspace --bin thimble --test documents
