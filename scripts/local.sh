#!/usr/bin/env bash
# Runs the whole stack on this machine: an emulator of AWS, the functions, and
# sample images. It runs until Ctrl-C. Needs `make engine`,
# `make package` and `make samples`.
set -euo pipefail
cd "$(dirname "$0")/.."

trap 'scripts/stack.sh down local' EXIT
scripts/stack.sh up local
variables=$(scripts/stack.sh env local)
eval "$variables"
scripts/deploy-local.sh
printf '\nThe sample images, one of which is cut off:\n'
scripts/stack.sh ask upload thimble-local target/samples
printf '\nTheir thumbnails, after ten seconds:\n'
sleep 10
scripts/stack.sh ask thumbnails thimble-local
cat <<TEXT

The stack runs until Ctrl-C. In another terminal:
$variables
make upload-samples STAGE=local
make dead-letters STAGE=local
make redrive STAGE=local
TEXT
trap 'exit 0' INT TERM
while sleep 1; do :; done
