#!/usr/bin/env bash
# A server of Postgres for tests, on a free port of 127.0.0.1, in a temporary folder.
#   postgres.sh install       installs the server where that is possible
#   postgres.sh up NAME       starts one
#   postgres.sh env NAME      prints the variables for its clients, as shell
#   postgres.sh down NAME     stops it and removes what it kept
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

running=$PWD/.tools/postgres

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

# The server refuses to be run by root.
as_user() {
    if [[ $(id -u) == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups env --chdir=/ HOME="$1" "${@:2}"
    else
        "${@:2}"
    fi
}

up() {
    local name=$1 folder port bin
    down "$name"
    install
    bin=$(binaries)
    folder=$(mktemp -d "${TMPDIR:-/tmp}/thimble-postgres-XXXXXX")
    mkdir -p "$running/$name"
    echo "$folder" >"$running/$name/folder"
    echo thimble >"$folder/password"
    [[ $(id -u) != 0 ]] || chown -R postgres: "$folder"
    port=$(free_port)
    echo "$port" >"$running/$name/port"
    as_user "$folder" "$bin/initdb" --pgdata="$folder/data" --username=thimble --pwfile="$folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --no-locale >"$running/$name/log" 2>&1 ||
        { cat "$running/$name/log" >&2 && fail 'the folder of the server cannot be made; its log is above'; }
    as_user "$folder" "$bin/pg_ctl" start --wait --silent --pgdata="$folder/data" --log="$folder/log" \
        --options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200" ||
        { cat "$folder/log" >&2 && fail 'the server does not start; its log is above'; }
}

down() {
    local folder bin
    [[ -e $running/$1/folder ]] || return 0
    folder=$(cat "$running/$1/folder")
    bin=$(binaries)
    as_user "$folder" "$bin/pg_ctl" stop --wait --silent --mode=immediate --pgdata="$folder/data" 2>/dev/null || true
    rm -rf "$folder" "${running:?}/$1"
}

environment() {
    [[ -e $running/$1/port ]] || fail "no server runs under this name: $1"
    echo "export THIMBLE_TEST_POSTGRES='postgres://thimble:thimble@127.0.0.1:$(cat "$running/$1/port")/postgres?sslmode=disable'"
}

case ${1:-} in
    install | up | down | env) of_server "$@" ;;
    *) fail 'say what to do: install, up, env or down' ;;
esac
