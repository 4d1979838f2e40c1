#!/usr/bin/env bash
# The whole story, on servers that nobody here wrote: images are uploaded, a queue is told of
# them, and a worker makes their thumbnails; what one engine cannot make waits as a dead letter
# for another. It is one story, and there are five stages:
#   folder            a folder that `thimble local` watches
#   ministack         S3 that tells SQS, in an emulator
#   seaweedfs         SeaweedFS that tells `thimble listen`, and a queue in a folder
#   seaweedfs-nats    the same with a stream of NATS
#   azurite-postgres  Azurite, a queue in Postgres, and engines in a registry. Azurite tells
#                     nobody of its blobs: the play tells `thimble listen` what Event Grid would
#
#   story.sh [STAGE]...       plays it on these stages at the same time, or on all of them
#   story.sh kills KILLS IMAGES [STAGE]...
#                             images arrive, and some are replaced, while listener, workers and
#                             broker are killed. Prints what became of them, and writes it to
#                             the document that KILLS_REPORT names. MiniStack would lose what
#                             it has, and is not killed
# THIMBLE names the program to run. Needs `make engine` and `make examples`.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

target=${CARGO_TARGET_DIR:-target}
export THIMBLE=${THIMBLE:-$target/debug/thimble}
export STAGE_ENGINES=${STAGE_ENGINES:-$target} STAGE_SECRET=a-secret-of-the-story PYTHONDONTWRITEBYTECODE=1
[[ -x $THIMBLE ]] || fail "$THIMBLE is missing; run make build or cargo build first, or name a program in THIMBLE"
needs curl curl

stages=(folder ministack seaweedfs seaweedfs-nats azurite-postgres)

# servers STAGE: the scripts of its servers.
servers() {
    case $1 in
        folder) ;;
        ministack) echo stack ;;
        seaweedfs) echo seaweedfs ;;
        seaweedfs-nats) echo seaweedfs nats ;;
        azurite-postgres) echo emulators postgres registry ;;
    esac
}

# raise STAGE NAME PLAY: starts its servers, and sets the variables for their clients.
raise() {
    local server variables buckets=()
    STAGE_PORT=$(free_port)
    export STAGE_PORT
    for server in $(servers "$1"); do
        buckets=()
        if [[ $server == seaweedfs ]]; then
            buckets=(images,thumbnails,engines)
            # While listeners are killed a sender has to tell again, which SeaweedFS does not.
            [[ $3 == kills ]] || buckets+=("http://127.0.0.1:$STAGE_PORT/" "$STAGE_SECRET")
        fi
        "scripts/$server.sh" up "$2" "${buckets[@]}"
        variables=$("scripts/$server.sh" env "$2")
        eval "$variables"
        case $server in nats | postgres) export STAGE_BROKER="scripts/$server.sh $2" ;; esac
    done
}

# play STAGE PLAY ARGUMENT...: a play, and the end of its servers whatever happens.
play() (
    stage=$1 play=$2 name=story-$$-$1 server='' player=''
    shift 2
    trap '[[ -z $player ]] || kill "$player" 2>/dev/null || true
        for server in $(servers "$stage"); do "scripts/$server.sh" down "$name"; done' EXIT
    trap 'exit 1' TERM
    raise "$stage" "$name" "$play"
    work=$(mktemp -d)
    python3 "scripts/$play.py" "$stage" "$work" "$@" &
    player=$!
    wait "$player" || fail "it ended badly on the stage $stage; the logs are in $work"
    rm -rf "$work"
)

logs=$(mktemp -d)
declare -A playing=()
trap 'kill "${playing[@]}" 2>/dev/null || true; wait; rm -rf "$logs"' EXIT

# plays STAGES PLAY ARGUMENT...: a play on each stage, beside each other: they mostly wait.
plays() {
    local stage server status=0 on=$1
    shift
    for stage in $on; do
        [[ " ${stages[*]} " == *" $stage "* ]] || fail "no such stage: $stage; there are ${stages[*]}"
        for server in $(servers "$stage"); do "scripts/$server.sh" install; done
    done
    for stage in $on; do
        play "$stage" "$@" >"$logs/$stage" 2>&1 &
        playing[$stage]=$!
    done
    for stage in $on; do
        wait "${playing[$stage]}" || status=$?
        unset "playing[$stage]"
        printf 'On the stage %s:\n' "$stage"
        cat "$logs/$stage"
    done
    return "$status"
}

if [[ ${1:-} == kills ]]; then
    [[ $# -ge 3 ]] || fail 'say how many: kills KILLS IMAGES [STAGE]...'
    on=${*:4}
    plays "${on:-${stages[*]}}" kills "$2" "$3"
    [[ -z ${KILLS_REPORT:-} ]] || python3 scripts/kills-report.py "$KILLS_REPORT" "$logs"/*
else
    on=$*
    plays "${on:-${stages[*]}}" story
fi
