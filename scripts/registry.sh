#!/usr/bin/env bash
# A registry for OCI artifacts, for tests: that of Debian's package docker-registry.
#   registry.sh install     installs it into .tools/, without any right to do so
#   registry.sh up NAME     starts one on a free port of 127.0.0.1
#   registry.sh env NAME    prints the variable for its tests, as shell
#   registry.sh down NAME   stops it
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/server.sh

version=2.8.2+ds1-1
tools=$PWD/.tools/registry-$version
program=docker-registry

install() {
    [[ ! -e $tools/complete ]] || return 0
    unpacked "$tools" docker-registry "$version"
    touch "$tools/complete"
}

up() {
    local folder port
    folder=$(place "$1")
    port=$(free_port)
    cat >"$folder/config.yml" <<CONFIG
version: 0.1
log: {accesslog: {disabled: true}, level: error}
storage: {filesystem: {rootdirectory: $folder/data}}
http: {addr: "127.0.0.1:$port"}
CONFIG
    serve "$1" "$port" "$tools/usr/bin/docker-registry" serve "$folder/config.yml"
    ready "$1" answers "http://127.0.0.1:$port/v2/"
}

environment() { echo "export THIMBLE_TEST_REGISTRY=127.0.0.1:$1"; }

of_server "$@"
