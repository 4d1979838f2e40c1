#!/usr/bin/env bash
# Runs every test of the workspace, goes on after a failure, and ends with the
# sum over all test programs. What talks to AWS talks to an emulator that runs
# meanwhile, or to THIMBLE_TEST_ENDPOINT if that is set.
# Needs `make engine`, `make examples` and `make package`.
set -euo pipefail

log=$(mktemp)
emulator=test-$$
trap 'rm -f "$log"; scripts/stack.sh down "$emulator"' EXIT
if [[ -z ${THIMBLE_TEST_ENDPOINT:-} ]]; then
    scripts/stack.sh up "$emulator"
    variables=$(scripts/stack.sh env "$emulator")
    eval "$variables"
fi

status=0
cargo test --workspace --locked --no-fail-fast -- "$@" 2>&1 | tee "$log" || status=$?

# The suite of a deployed stack has an emulator of its own.
env --unset THIMBLE_TEST_ENDPOINT --unset AWS_ENDPOINT_URL scripts/functional.sh 2>&1 |
    tee --append "$log" || status=$?

awk '
    /^test result: / { passed += $4; failed += $6; ignored += $8 }
    END {
        printf "\n"
        if (ignored) printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored
        else printf "%d passed, %d failed\n", passed, failed
    }' "$log"
exit "$status"
