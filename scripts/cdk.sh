#!/usr/bin/env bash
# Takes the static template of the stack into a program of the CDK: cdk.sh [TEMPLATE],
# target/template.json by default. The first time it installs the CDK into .tools/: 40 MB
# to fetch, 186 MB on the disk.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

template=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/template.json}")
[[ -e $template ]] || fail 'there is no template; run `make template`'
tools=$PWD/.tools/cdk-$(sha256sum deploy/cdk/package-lock.json | cut -c 1-12)
if [[ ! -e $tools/complete ]]; then
    mkdir -p "$tools"
    cp deploy/cdk/package.json deploy/cdk/package-lock.json "$tools/"
    npm_ci "$tools" deploy/cdk/package-lock.json
    touch "$tools/complete"
fi
script=$PWD/deploy/cdk/include.mjs
# The CDK has warnings of its own about defaults that a condition keeps from being used.
cd "$tools"
node "$script" "$template" 2>report || { cat report >&2; fail 'the CDK does not take the template'; }
