#!/usr/bin/env bash
# A registry for OCI artifacts, for tests: that of Debian's package docker-registry.
#   registry.sh install     installs it into .tools/, without any right to do so
#   registry.sh up NAME     starts one on a free port of 127.0.0.1
#   registry.sh env NAME    prints the variable for its tests, as shell
#   registry.sh down NAME   stops it
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

version=2.8.2+ds1-1
tools=$PWD/.tools/registry-$version
running=$PWD/.tools/registries

install() {
    [[ ! -e $tools/complete ]] || return 0
    unpacked "$tools" docker-registry "$version"
    touch "$tools/complete"
}

up() {
    local name=$1 folder=$running/$1 port
    down "$name"
    install
    mkdir -p "$folder/data"
    port=$(free_port)
    cat >"$folder/config.yml" <<CONFIG
version: 0.1
log: {accesslog: {disabled: true}, level: error}
storage: {filesystem: {rootdirectory: $folder/data}}
http: {addr: "127.0.0.1:$port"}
CONFIG
    env -i PATH="$PATH" HOME="$folder" "$tools/usr/bin/docker-registry" serve "$folder/config.yml" \
        >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    disown
    echo "$port" >"$folder/port"
    begun "$folder" python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' \
        "http://127.0.0.1:$port/v2/"
}

down() { ended "$running/$1" docker-registry; }

environment() {
    [[ -e $running/$1/port ]] || fail "no registry runs under this name: $1"
    echo "export THIMBLE_TEST_REGISTRY=127.0.0.1:$(cat "$running/$1/port")"
}

case ${1:-} in
    install | up | down | env) of_server "$@" ;;
    *) fail 'say what to do: install, up, env or down' ;;
esac
