#!/usr/bin/env bash
# Deploys the packaged stack to an emulator that enforces permissions, and runs
# the functional tests on it. If THIMBLE_STACK names a stack, they run on that one
# instead, at AWS_ENDPOINT_URL and with the credentials of the environment.
# Needs `make engine` and `make package`, which also builds the command line.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

# Deploys with these parameters, and shows what osls says only if it fails.
deploy() {
    local said status=0
    said=$(scripts/stack.sh osls deploy --stage local "$@" 2>&1) || status=$?
    [[ $status = 0 ]] || printf '%s\n' "$said" >&2
    return "$status"
}

[[ -d target/samples ]] || cargo samples target/samples >/dev/null

if [[ -z ${THIMBLE_STACK:-} ]]; then
    scripts/template.sh
    emulator=functional-$$
    keys=$(mktemp -d)
    trap 'scripts/stack.sh down "$emulator"; rm -rf "$keys"' EXIT
    scripts/stack.sh up "$emulator"
    variables=$(scripts/stack.sh env "$emulator")
    eval "$variables"
    THIMBLE_EMULATOR=$(cat ".tools/servers/stack-$emulator/pid")
    THIMBLE_TEMPLATES=$PWD/target/templates
    export THIMBLE_STACK=thimble-local THIMBLE_EMULATOR THIMBLE_TEMPLATES THIMBLE_MAX_RECEIVE_COUNT=3
    export THIMBLE_ENGINE_STORE=s3://thimble-local-engines/store THIMBLE_ENGINE_KEY=$keys/key
    public=$(target/debug/thimble engine keygen "$THIMBLE_ENGINE_KEY" 2>/dev/null)
    deploy --param "engineStore=$THIMBLE_ENGINE_STORE" --param "engineKeys=$public" --param engineCheckSeconds=1
fi
variables=$(scripts/stack.sh ask outputs "$THIMBLE_STACK")
eval "$variables"
status=0
suite() { cargo test --workspace --locked --no-fail-fast --test functional "$@" || status=$?; }
suite --test template -- --skip following:: --skip wishes:: --skip webhook:: --skip topic:: "$@"

# Once more with the optional features and with rules, once with a webhook, and once with
# a topic. A stack that was named is left as it is.
if [[ -n ${THIMBLE_EMULATOR:-} ]]; then
    unset THIMBLE_ENGINE_STORE
    export THIMBLE=$PWD/target/debug/thimble
    variables=$(scripts/stack.sh python tests/functional/prepare.py)
    eval "$variables"
    rules=(--param "config=$THIMBLE_SETTINGS" --param configFile=tests/functional/thimble.toml
        --param configCheckSeconds=1)
    deploy --param propagateDeletes=yes --param skipExisting=yes --param queueResults=yes "${rules[@]}"
    variables=$(scripts/stack.sh ask outputs "$THIMBLE_STACK")
    eval "$variables"
    suite -- following:: wishes:: "$@"
    # A port that nobody listens at: the receiver of results is down until a test starts it.
    THIMBLE_WEBHOOK_PORT=$(free_port)
    export THIMBLE_WEBHOOK_PORT
    deploy --param "resultsWebhook=http://127.0.0.1:$THIMBLE_WEBHOOK_PORT/told" \
        --param resultsWebhookSecret=a-secret-of-the-functional-tests
    suite -- webhook:: "$@"
    deploy --param "resultsTopic=$topic"
    THIMBLE_RESULTS_TOPIC=$topic THIMBLE_RESULTS_QUEUE_URL=$heard suite -- topic:: "$@"
    # And from the template that needs no osls.
    make --no-print-directory target/template.json >/dev/null
    scripts/stack.sh python deploy/template/trial.py target/template.json target/package target/samples/mountains.jpg ||
        status=$?
fi
exit "$status"
