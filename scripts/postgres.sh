#!/usr/bin/env bash
# A server of Postgres for tests, on a free port of 127.0.0.1, in a temporary folder.
#   postgres.sh install       installs the server where that is possible
#   postgres.sh up NAME       starts one
#   postgres.sh env NAME      prints the variables for its clients, as shell
#   postgres.sh kill NAME     kills it without a word; what it has stays
#   postgres.sh again NAME    starts it again, on its port and with what it has
#   postgres.sh down NAME     stops it and removes what it kept
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/certificates.sh
source scripts/servers/server.sh

program=postgres

# The newest version that is there; Debian puts none on the path.
binaries() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort | tail -n 1)
    [[ -n $found ]] || found=$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null) || true
    [[ -x $found/initdb ]] && echo "$found"
}

install() {
    binaries >/dev/null || apt postgresql && binaries >/dev/null ||
        fail 'Postgres is missing; install the package postgresql and try again'
}

# of_user FOLDER: the start of command lines, in user. The server refuses to be run by root.
of_user() {
    user=(env)
    [[ $(id -u) != 0 ]] || user=(setpriv --reuid=postgres --regid=postgres --clear-groups env)
    user+=(--chdir=/ HOME="$1")
}

# Its data lie in a folder that its user can come to wherever the checkout is.
up() {
    local folder port bin user
    bin=$(binaries)
    folder=$(mktemp -d "${TMPDIR:-/tmp}/thimble-postgres-XXXXXX")
    echo "$folder" >"$(place "$1")/folder"
    echo thimble >"$folder/password"
    certificates "$folder/certificates"
    [[ $(id -u) != 0 ]] || chown -R postgres: "$folder"
    of_user "$folder"
    port=$(free_port)
    "${user[@]}" "$bin/initdb" --pgdata="$folder/data" --username=thimble --pwfile="$folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --no-locale >"$(place "$1")/log" 2>&1 ||
        { cat "$(place "$1")/log" >&2 && fail 'the folder of the server cannot be made; its log is above'; }
    run "$1" "$port"
}

# run NAME PORT. What is left of a server that was killed may hold its memory for a moment.
run() {
    local folder bin user
    bin=$(binaries)
    folder=$(cat "$(place "$1")/folder")
    of_user "$folder"
    for _ in {1..10}; do
        serve "$1" "$2" "${user[@]}" "$bin/postgres" -D "$folder/data" -p "$2" -c listen_addresses=127.0.0.1 \
            -c unix_socket_directories= -c max_connections=200 \
            -c ssl=on -c ssl_cert_file="$folder/certificates/server.pem" -c ssl_key_file="$folder/certificates/server.key"
        if (ready "$1" "$bin/pg_isready" --quiet --host=127.0.0.1 --port="$2") 2>/dev/null; then return 0; fi
        sleep 0.5
    done
    cat "$(place "$1")/log" >&2
    fail 'it does not start; its log is above'
}

down() {
    finish "$1" QUIT
    [[ ! -e $(place "$1")/folder ]] || rm -rf "$(cat "$(place "$1")/folder")"
    rm -rf "$(place "$1")"
}

environment() {
    echo "export THIMBLE_TEST_POSTGRES='postgres://thimble:thimble@127.0.0.1:$1/postgres?sslmode=disable'"
    echo "export THIMBLE_TEST_POSTGRES_CERTIFICATES=$(cat "$(place "$2")/folder")/certificates"
}

of_server "$@"
