#!/usr/bin/env bash
# Emulators of clouds besides AWS: Azurite, for Azure Blob Storage.
#   emulators.sh install      installs it into .tools/
#   emulators.sh up NAME      starts one on a free port of 127.0.0.1, with empty containers
#   emulators.sh env NAME     prints the variables for its clients, as shell
#   emulators.sh down NAME    stops it
# Nothing that can be installed by name speaks the XML API of Google Cloud Storage and
# keeps its conditions: the tests of that store bring a server of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/server.sh

versions=$(cat scripts/emulators/package.json scripts/emulators/package-lock.json scripts/emulators/*.js | sha256sum | cut -c 1-12)
tools=$PWD/.tools/emulators-$versions
program=azurite

# An account of the emulator's own; the key is that of every test.
account=thimble
key=$(printf 'a key that is no secret' | base64)

install() {
    [[ ! -e $tools/complete ]] || return 0
    mkdir -p "$tools"
    cp -r scripts/emulators/. "$tools/"
    npm_ci "$tools" scripts/emulators/package-lock.json
    touch "$tools/complete"
}

up() {
    local port
    port=$(free_port)
    serve "$1" "$port" env AZURITE_ACCOUNTS="$account:$key" \
        node --require "$tools/keep-bodies.js" "$tools/node_modules/.bin/azurite-blob" --silent --inMemoryPersistence --disableTelemetry \
        --blobHost 127.0.0.1 --blobPort "$port"
    ready "$1" containers "$port" suite images thumbnails engines
}

# containers PORT NAME...: makes containers.
containers() {
    local variables
    variables=$(environment "$1")
    eval "$variables"
    python3 scripts/azure.py "${@:2}"
}

environment() {
    echo "export THIMBLE_TEST_AZURE=suite AZURE_STORAGE_ACCOUNT_NAME=$account AZURE_STORAGE_ACCOUNT_KEY=$key"
    echo "export AZURE_STORAGE_ENDPOINT=http://127.0.0.1:$1/$account"
}

of_server "$@"
