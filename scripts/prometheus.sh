#!/usr/bin/env bash
# Installs Prometheus and promtool into .tools/, out of the package of Debian in the version
# below, without installing that; prints the folder of the two programs.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

version=2.42.0
folder=$PWD/.tools/prometheus-$version

[[ -x $folder/usr/bin/promtool && -x $folder/usr/bin/prometheus ]] || unpacked "$folder" prometheus "$version"
echo "$folder/usr/bin"
