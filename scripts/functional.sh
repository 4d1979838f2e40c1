#!/usr/bin/env bash
# Deploys the packaged stack to an emulator that enforces permissions, and runs
# the functional tests on it. If THIMBLE_STACK names a stack, they run on that one
# instead, at AWS_ENDPOINT_URL and with the credentials of the environment.
# Two emulators share the work: FUNCTIONAL_PART=defaults has the stack as it is by
# default, FUNCTIONAL_PART=options the same with its optional features.
# Needs `make engine` and `make package`, which also builds the command line.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

# osls keeps what it packs in one folder, so it runs once at a time.
alone() { flock target/osls.lock "$@"; }

# Deploys with these parameters, and shows what osls says only if it fails.
deploy() {
    local said status=0
    said=$(alone scripts/stack.sh osls deploy --stage local "$@" 2>&1) || status=$?
    [[ $status = 0 ]] || printf '%s\n' "$said" >&2
    return "$status"
}

# An emulator, until the script ends.
emulate() {
    emulator=functional-$$
    trap 'scripts/stack.sh down "$emulator"' EXIT
    scripts/stack.sh up "$emulator"
    variables=$(scripts/stack.sh env "$emulator")
    eval "$variables"
    THIMBLE_EMULATOR=$(scripts/stack.sh pid "$emulator")
    export THIMBLE_STACK=thimble-local THIMBLE_EMULATOR THIMBLE_MAX_RECEIVE_COUNT=3
}

# The variables of the stack, for its tests.
outputs() {
    variables=$(scripts/stack.sh ask outputs "$THIMBLE_STACK")
    eval "$variables"
}

status=0
suite() { cargo test --workspace --locked --no-fail-fast --test functional "$@" || status=$?; }

# The stack as it is by default, with a store of engines; or a stack that is there.
defaults() {
    if [[ -z ${THIMBLE_STACK:-} ]]; then
        alone scripts/template.sh
        emulate
        keys=$(mktemp -d)
        trap 'scripts/stack.sh down "$emulator"; rm -rf "$keys"' EXIT
        THIMBLE_TEMPLATES=$PWD/target/templates
        export THIMBLE_TEMPLATES
        export THIMBLE_ENGINE_STORE=s3://thimble-local-engines/store THIMBLE_ENGINE_KEY=$keys/key
        public=$(target/debug/thimble engine keygen "$THIMBLE_ENGINE_KEY" 2>/dev/null)
        deploy --param "engineStore=$THIMBLE_ENGINE_STORE" --param "engineKeys=$public" --param engineCheckSeconds=1
    fi
    outputs
    suite --test template -- --skip following:: --skip wishes:: --skip webhook:: --skip topic:: "$@"
}

# Once with the optional features and with rules, once with a webhook, once with a
# topic, and once from the template that needs no osls.
options() {
    emulate
    export THIMBLE=$PWD/target/debug/thimble
    variables=$(scripts/stack.sh python tests/functional/prepare.py)
    eval "$variables"
    rules=(--param "config=$THIMBLE_SETTINGS" --param configFile=tests/functional/thimble.toml
        --param configCheckSeconds=1)
    deploy --param propagateDeletes=yes --param skipExisting=yes --param queueResults=yes "${rules[@]}"
    outputs
    suite -- following:: wishes:: "$@"
    # A port that nobody listens at: the receiver of results is down until a test starts it.
    THIMBLE_WEBHOOK_PORT=$(free_port)
    export THIMBLE_WEBHOOK_PORT
    deploy --param "resultsWebhook=http://127.0.0.1:$THIMBLE_WEBHOOK_PORT/told" \
        --param resultsWebhookSecret=a-secret-of-the-functional-tests
    suite -- webhook:: "$@"
    deploy --param "resultsTopic=$topic"
    THIMBLE_RESULTS_TOPIC=$topic THIMBLE_RESULTS_QUEUE_URL=$heard suite -- topic:: "$@"
    make --no-print-directory target/template.json >/dev/null
    scripts/stack.sh python deploy/template/trial.py target/template.json target/package target/samples/mountains.jpg ||
        status=$?
}

[[ -d target/samples ]] || cargo samples target/samples >/dev/null
part=${FUNCTIONAL_PART:-}
[[ -z ${THIMBLE_STACK:-} ]] || part=defaults
case $part in
    defaults | options) "$part" "$@" ;;
    *)
        log=$(mktemp)
        FUNCTIONAL_PART=options "$0" "$@" >"$log" 2>&1 &
        other=$!
        trap 'kill "$other" 2>/dev/null || true; rm -f "$log"' EXIT
        FUNCTIONAL_PART=defaults "$0" "$@" || status=$?
        wait "$other" || status=$?
        cat "$log"
        ;;
esac
exit "$status"
