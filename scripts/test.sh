#!/usr/bin/env bash
# Runs every test of the workspace and, at the same time, the functional tests of a
# deployed stack; goes on after a failure, and ends with the sum over all test
# programs. Tests of AWS use an emulator, or THIMBLE_TEST_ENDPOINT if that is set; the
# stack has an emulator of its own. Those of Azure, Postgres, registries and NATS use
# servers that are started here, or THIMBLE_TEST_AZURE, _POSTGRES, _REGISTRY and _NATS. A
# server that cannot start fails everything if CI=true, and otherwise its tests are left out.
# Needs `make engine`, `make examples` and `make package`.
set -euo pipefail

log=$(mktemp)
deployed=$(mktemp)
installed=$(mktemp)
emulator=test-$$
functional=
end() {
    [[ -z $functional ]] || kill "$functional" 2>/dev/null || true
    scripts/stack.sh down "$emulator" || true
    for server in emulators postgres registry nats; do "scripts/$server.sh" down "$emulator" || true; done
    rm -f "$log" "$deployed" "$installed"
}
trap end EXIT

# Parts that both need are built and installed before either begins. What waits for the
# network is installed beside the compiler.
{
    for server in emulators postgres registry nats; do "scripts/$server.sh" install || true; done
    scripts/stack.sh install
} >"$installed" 2>&1 &
installing=$!
cargo test --workspace --locked --no-run
wait "$installing" || { cat "$installed" >&2 && exit 1; }

# Runs beside the rest, because it mostly waits: for a queue to deliver again, for
# functions to start.
env --unset THIMBLE_TEST_ENDPOINT --unset AWS_ENDPOINT_URL scripts/functional.sh >"$deployed" 2>&1 &
functional=$!

# All servers start at the same time.
declare -A starting=()
for kind in stack:THIMBLE_TEST_ENDPOINT emulators:THIMBLE_TEST_AZURE postgres:THIMBLE_TEST_POSTGRES \
    registry:THIMBLE_TEST_REGISTRY nats:THIMBLE_TEST_NATS; do
    variable=${kind##*:}
    [[ -z ${!variable:-} ]] || continue
    "scripts/${kind%%:*}.sh" up "$emulator" &
    starting[$kind]=$!
done
for kind in "${!starting[@]}"; do
    script=scripts/${kind%%:*}.sh variable=${kind##*:}
    if wait "${starting[$kind]}"; then
        variables=$("$script" env "$emulator")
        eval "$variables"
    elif [[ ${CI:-} == true || $kind == stack:* ]]; then
        echo "test: $variable is not set and $script cannot help; where a change is judged nothing is left out" >&2
        exit 1
    else
        echo "test: $variable is not set and $script cannot help: its tests are left out" >&2
    fi
done

# Most tests wait, for a queue, another process or a disk: more of them at one time than
# there are processors.
status=0
RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(nproc)))} cargo test --workspace --locked --no-fail-fast -- "$@" 2>&1 | tee "$log" || status=$?

printf '\nThe functional tests of a deployed stack:\n'
wait "$functional" || status=$?
functional=
tee --append "$log" <"$deployed"

awk '
    /^test result: / { passed += $4; failed += $6; ignored += $8 }
    END {
        printf "\n"
        if (ignored) printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored
        else printf "%d passed, %d failed\n", passed, failed
    }' "$log"
exit "$status"
