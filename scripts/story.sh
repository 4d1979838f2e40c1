#!/usr/bin/env bash
# The whole story with servers that nobody here wrote: images are uploaded to SeaweedFS,
# which tells `thimble listen`, and a worker makes their thumbnails; what one engine cannot
# make waits as a dead letter for another. It is played with a queue in a folder, and with
# a stream of NATS.
#   story.sh [file|nats]...
#   story.sh kills [KILLS] [IMAGES]  images arrive at a stream of NATS while listener, workers
#                                    and broker are killed; prints what became of them
# THIMBLE names the program to run. Needs `make engine` and `make examples`.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

target=${CARGO_TARGET_DIR:-target}
export THIMBLE=${THIMBLE:-$target/debug/thimble}
export STAGE_ENGINES=${STAGE_ENGINES:-$target} STAGE_SECRET=a-secret-of-the-story
[[ -x $THIMBLE ]] || fail "$THIMBLE is missing; run make build or cargo build first, or name a program in THIMBLE"
needs curl curl

story=story-$$
trap 'scripts/nats.sh down "$story"; scripts/seaweedfs.sh down "$story"' EXIT

# play file|nats PLAY ARGUMENT...
play() {
    local kind=$1 play=$2 work port queue letters variables told=()
    shift 2
    work=$(mktemp -d)
    port=$(free_port)
    # While listeners are killed a sender has to tell again, which SeaweedFS does not.
    [[ $play == kills ]] || told=("http://127.0.0.1:$port/" "$STAGE_SECRET")
    scripts/seaweedfs.sh up "$story" images,thumbnails,engines "${told[@]}"
    variables=$(scripts/seaweedfs.sh env "$story")
    eval "$variables"
    case $kind in
        file)
            queue=file:$work/queue letters=$queue
            mkdir "$work/queue"
            ;;
        nats)
            scripts/nats.sh up "$story"
            variables=$(scripts/nats.sh env "$story")
            eval "$variables"
            queue=$THIMBLE_TEST_NATS/STORY letters=$THIMBLE_TEST_NATS/STORY-dead-letters
            ;;
        *) fail "no such queue: $kind; there are file and nats" ;;
    esac
    PYTHONDONTWRITEBYTECODE=1 python3 "scripts/$play.py" "$queue" "$letters" "$port" "$work" "$@" ||
        fail "it ended badly; the logs are in $work"
    rm -rf "$work"
    scripts/seaweedfs.sh down "$story"
    scripts/nats.sh down "$story"
}

if [[ ${1:-} == kills ]]; then
    # The broker is killed and started again by the name that stands behind.
    play nats kills "${2:-100}" "${3:-2000}" bash -c 'exec scripts/nats.sh "$1" "$0"' "$story"
else
    [[ $# != 0 ]] || set -- file nats
    for queue in "$@"; do play "$queue" story; done
fi
