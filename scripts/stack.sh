#!/usr/bin/env bash
# The local stack: an emulator of AWS that enforces signatures and permissions.
#   stack.sh install           installs the tools of deployments and tests into .tools/
#   stack.sh up NAME           starts an emulator on a free port of 127.0.0.1
#   stack.sh env NAME          prints the variables for its clients, as shell
#   stack.sh pid NAME          prints the number of its process
#   stack.sh down NAME         stops it
#   stack.sh osls ARGUMENT...  runs osls, which deploys serverless.yml
#   stack.sh cfn-lint ARGUMENT...
#   stack.sh ask ARGUMENT...   asks a deployed stack: see deploy/stack.py
#   stack.sh python ARGUMENT...  runs Python with the packages of the emulator
#   stack.sh where osls        prints the path of a tool
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/server.sh

# One folder for each set of versions: a change of a version installs anew.
versions=$(cat deploy/requirements.txt deploy/package.json deploy/package-lock.json | sha256sum | cut -c 1-12)
tools=$PWD/.tools/stack-$versions
program=ministack

install() {
    [[ ! -e $tools/complete ]] || return 0
    venv "$tools/venv" deploy/requirements.txt
    cp deploy/package.json deploy/package-lock.json "$tools/"
    npm_ci "$tools" deploy/package-lock.json
    touch "$tools/complete"
}

# Functions inherit the environment of the emulator, in which nothing else is.
up() {
    local port
    port=$(free_port)
    serve "$1" "$port" env AUTH=true GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 \
        AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_ENDPOINT_URL="http://127.0.0.1:$port" \
        "$tools/venv/bin/ministack"
    ready "$1" answers "http://127.0.0.1:$port/_ministack/health"
}

environment() {
    local endpoint=http://127.0.0.1:$1
    echo "export THIMBLE_TEST_ENDPOINT=$endpoint AWS_ENDPOINT_URL=$endpoint"
    echo 'export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test'
    echo 'export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1'
    echo 'unset AWS_PROFILE AWS_SESSION_TOKEN'
}

# Quiet; on an emulator it asks every 0.2 s instead of every 5 s whether the
# deployment is done.
run_osls() {
    install
    [[ ${AWS_ENDPOINT_URL:-} != http://127.0.0.1:* ]] || export SLS_AWS_MONITORING_FREQUENCY=200
    SLS_TELEMETRY_DISABLED=1 SLS_NOTIFICATIONS_MODE=off exec "$tools/node_modules/.bin/osls" "$@"
}

task=${1:-}
shift || true
case $task in
    install | up | down | env | pid) of_server "$task" "$@" ;;
    osls) run_osls "$@" ;;
    cfn-lint) install && exec "$tools/venv/bin/cfn-lint" "$@" ;;
    ask) install && exec "$tools/venv/bin/python" deploy/stack.py "$@" ;;
    python) install && exec "$tools/venv/bin/python" "$@" ;;
    where) install && echo "$tools/node_modules/.bin/${1:-}" ;;
    *) fail 'say what to do: install, up, down, env, osls, cfn-lint, ask, python or where' ;;
esac
