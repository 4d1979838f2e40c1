#!/usr/bin/env bash
# Deploys the stage `local` to the emulator at AWS_ENDPOINT_URL. Without that
# variable it refuses, so it never deploys to AWS.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${AWS_ENDPOINT_URL:-} ]]; then
    echo 'deploy-local: set AWS_ENDPOINT_URL, or run `make local`, which starts an emulator' >&2
    exit 1
fi
: "${AWS_ACCESS_KEY_ID:=test}" "${AWS_SECRET_ACCESS_KEY:=test}"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
exec scripts/stack.sh osls deploy --stage local "$@"
