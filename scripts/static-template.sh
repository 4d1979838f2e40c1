#!/usr/bin/env bash
# Writes target/template.json, the stack as one template of CloudFormation with
# parameters, joined from what osls makes of serverless.yml; compares it with what
# osls makes of other parameters, and checks it with cfn-lint. Needs no package and
# no account.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/stack.sh install
osls=$(scripts/stack.sh where osls)
made=target/template.json.new
scripts/stack.sh python deploy/template render "$osls" "$made"
scripts/stack.sh python deploy/template compare "$osls" "$made"
# W3005: osls adds a dependency that the template has anyway.
scripts/stack.sh cfn-lint --ignore-checks W3005 -- "$made"
mv "$made" target/template.json
echo "template: target/template.json is made"
