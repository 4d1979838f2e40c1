#!/usr/bin/env bash
# Installs Prometheus and promtool into .tools/, out of the package of Debian in the version
# below, without installing that; prints the folder of the two programs.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

version=2.42.0
folder=$PWD/.tools/prometheus-$version

install() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "it comes by a package of Debian; put promtool and prometheus $version into $folder/usr/bin"
    rm -rf "$folder"
    mkdir -p "$folder"
    (
        cd "$folder"
        # The list of packages may be older than what they lead to.
        apt-get download --quiet "prometheus=$version*" >&2 ||
            { apt-get update --quiet >&2 && apt-get download --quiet "prometheus=$version*" >&2; }
        dpkg-deb --extract prometheus_*.deb .
        rm prometheus_*.deb
    ) || fail "cannot get prometheus $version; check the network, or the version in scripts/prometheus.sh"
}

[[ -x $folder/usr/bin/promtool && -x $folder/usr/bin/prometheus ]] || install
echo "$folder/usr/bin"
