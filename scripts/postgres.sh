#!/usr/bin/env bash
# A server of Postgres for tests, on a free port of 127.0.0.1, in a temporary folder.
#   postgres.sh install       installs the server where that is possible
#   postgres.sh up NAME       starts one
#   postgres.sh env NAME      prints the variables for its clients, as shell
#   postgres.sh down NAME     stops it and removes what it kept
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
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

# Its data lie in a folder that its user can come to wherever the checkout is.
up() {
    local folder port bin user=(env)
    bin=$(binaries)
    folder=$(mktemp -d "${TMPDIR:-/tmp}/thimble-postgres-XXXXXX")
    echo "$folder" >"$(place "$1")/folder"
    echo thimble >"$folder/password"
    if [[ $(id -u) == 0 ]]; then
        # The server refuses to be run by root.
        chown -R postgres: "$folder"
        user=(setpriv --reuid=postgres --regid=postgres --clear-groups env)
    fi
    user+=(--chdir=/ HOME="$folder")
    port=$(free_port)
    "${user[@]}" "$bin/initdb" --pgdata="$folder/data" --username=thimble --pwfile="$folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --no-locale >"$(place "$1")/log" 2>&1 ||
        { cat "$(place "$1")/log" >&2 && fail 'the folder of the server cannot be made; its log is above'; }
    serve "$1" "$port" "${user[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c max_connections=200
    ready "$1" "$bin/pg_isready" --quiet --host=127.0.0.1 --port="$port"
}

down() {
    finish "$1" QUIT
    [[ ! -e $(place "$1")/folder ]] || rm -rf "$(cat "$(place "$1")/folder")"
    rm -rf "$(place "$1")"
}

environment() {
    echo "export THIMBLE_TEST_POSTGRES='postgres://thimble:thimble@127.0.0.1:$1/postgres?sslmode=disable'"
}

of_server "$@"
