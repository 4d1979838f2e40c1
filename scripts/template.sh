#!/usr/bin/env bash
# Packages serverless.yml for each way to use it into target/templates/, without
# an account, and checks the templates with cfn-lint. Needs `make package`.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=target/templates
# The parts of the stack ask it about a configuration file.
export THIMBLE=${THIMBLE:-$PWD/target/debug/thimble}
rm -rf "$folder" .serverless

template() {
    local name=$1
    shift
    scripts/stack.sh osls package --package "$folder/$name" "$@" >/dev/null 2>&1 ||
        { echo "template: cannot package $name; run \`scripts/stack.sh osls package $*\`" >&2; return 1; }
    # W3005: osls adds a dependency that the template has anyway.
    # W1020: the name of an existing bucket has nothing to substitute.
    # W3037: actions that only the emulator knows.
    local known=(W3005 W1020)
    [[ $name != local ]] || known+=(W3037)
    scripts/stack.sh cfn-lint --ignore-checks "${known[@]}" -- \
        "$folder/$name/cloudformation-template-update-stack.json"
}

template default
template local --stage local
template full --param propagateDeletes=yes --param skipExisting=yes --param keyPrefixes=in/,new/ \
    --param keySuffixes=.jpg,.png --param architecture=arm64 \
    --param alarmTopic=arn:aws:sns:us-east-1:000000000000:alarms \
    --param engineStore=s3://engines-of-mine/thimble/ --param engineKeys=ed25519:00 \
    --param sourceKey=arn:aws:kms:us-east-1:000000000000:key/of-sources \
    --param thumbnailsKey=arn:aws:kms:us-east-1:000000000000:key/of-thumbnails
template existing --param existingBucket=photos-of-mine --param keySuffixes=.jpg \
    --param keyPrefixes=in/ --param requestPayer=requester \
    --param resultsTopic=arn:aws:sns:us-east-1:000000000000:results \
    --param sourceKey=arn:aws:kms:us-east-1:000000000000:key/of-sources
template configured --param config=s3://settings-of-mine/a/thimble.toml --param configFile=tests/template/thimble.toml
