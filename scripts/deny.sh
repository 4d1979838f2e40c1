#!/usr/bin/env bash
# Checks the dependencies of every workspace against the rules of deny.toml. The advisories
# come from a database on the network. If it is out of reach, that one check is left out with
# a message, or fails with CHECK_ADVISORIES=require.
set -euo pipefail
cd "$(dirname "$0")/.."

# The folder itself, and the workspaces of their own: codecs that nothing else needs, and fuzz/.
locks=(Cargo.lock codecs/*/Cargo.lock fuzz/Cargo.lock fuzz/codecs/Cargo.lock)
options=(--locked --config deny.toml)

check() {
    local lock
    for lock in "${locks[@]}"; do
        echo "deny: $* of $lock"
        scripts/tool.sh cargo-deny --manifest-path "${lock%.lock}.toml" "${options[@]}" \
            check --hide-inclusion-graph "$@"
    done
}

check bans licenses sources

if timeout 120 scripts/tool.sh cargo-deny fetch db >/dev/null 2>&1; then
    options+=(--offline)
    check advisories
elif [[ ${CHECK_ADVISORIES:-} == require ]]; then
    echo "deny: the advisory database is out of reach" >&2
    exit 1
else
    echo "deny: the advisory database is out of reach; advisories were not checked" >&2
fi
