#!/usr/bin/env bash
# A server of NATS with JetStream, for tests and trials. Whoever says no name may do all; the
# tests of `thimble doctor` say those of users who may not.
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

# configuration FOLDER: users without a right each, an account without JetStream, and one
# without much room.
configuration() {
    cat <<END
jetstream { store_dir: "$1" }
no_auth_user: thimble
accounts {
  thimble {
    jetstream: enabled
    users: [
      { user: thimble, password: thimble }
      { user: looks, password: thimble, permissions: {
          publish: [ "\$JS.API.INFO", "\$JS.API.STREAM.INFO.*", "\$JS.API.CONSUMER.INFO.>" ], subscribe: "_INBOX.>" } }
      { user: takes, password: thimble, permissions: { publish: "\$JS.API.>", subscribe: "_INBOX.>" } }
      { user: deaf, password: thimble, permissions: { publish: ">", subscribe: "elsewhere" } }
    ]
  }
  plain { users: [ { user: plain, password: thimble } ] }
  small {
    jetstream: { max_memory: 0, max_file: 65536 }
    users: [ { user: small, password: thimble } ]
  }
}
END
}

# run NAME PORT
run() {
    configuration "$(place "$1")/data" >"$(place "$1")/nats.conf"
    serve "$1" "$2" "$tools/bin/nats-server" --addr 127.0.0.1 --port "$2" --config "$(place "$1")/nats.conf"
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
