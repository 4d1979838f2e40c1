#!/usr/bin/env bash
# Fuzzes all targets, or those named, for FUZZ_SECONDS of processor time each, 60 by
# default. Those of fuzz/codecs/ run where they are named. It needs no nightly compiler: a stable one can instrument code for
# libFuzzer as well. With FUZZ_REPORT=docs/reliability.md it writes the result of each
# target there, in place of an earlier one. FUZZ_SANITIZER=address adds
# AddressSanitizer, about half as fast, where the toolchain has its runtime.
# FUZZ_TIMEOUT is the wall time in seconds after which one input has hung: 10, or more
# where other work has the processors.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

seconds=${FUZZ_SECONDS:-60}
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
sanitizer=${FUZZ_SANITIZER:-none}
results=fuzz/results
built=$PWD/fuzz/target
if [[ $sanitizer != none ]]; then
    built+=-$sanitizer
fi
targets=("$@")
if ((${#targets[@]} == 0)); then
    mapfile -t targets < <(basename --suffix .rs fuzz/fuzz_targets/*.rs)
fi

# libFuzzer itself is C++.
command -v c++ >/dev/null || apt g++ ||
    fail 'a C++ compiler is missing; on Debian run `sudo apt-get install g++`'

# The generator of seeds, built as it is for the tests, so that a tree that was
# tested has nothing to build.
generator=target/debug/hostile-images
"$cargo" test --quiet --locked --workspace --no-run --test hostile_images
rm -rf fuzz/seeds
"$generator" seeds fuzz/seeds

# As cargo-fuzz sets them, without a sanitizer. With a target named, neither
# macros nor build scripts are instrumented.
build() (
    export CARGO_TARGET_DIR=$built
    export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module
        -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
        -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares"
    # A stable compiler knows sanitizers as well, as an unstable option.
    if [[ $sanitizer != none ]]; then
        export RUSTC_BOOTSTRAP=1 RUSTFLAGS="$RUSTFLAGS -Zsanitizer=$sanitizer"
    fi
    local engine=() codecs=()
    for target in "${targets[@]}"; do
        if [[ -e fuzz/codecs/fuzz_targets/$target.rs ]]; then
            codecs+=("--bin=$target" "--features=$target")
            continue
        fi
        engine+=("--bin=$target")
        grep --quiet 'thimble::' "fuzz/fuzz_targets/$target.rs" && engine+=(--features=host)
    done
    compile fuzz "${engine[@]}"
    compile fuzz/codecs "${codecs[@]}"
)

# The targets of a package, if there are any to build.
compile() {
    local package=$1
    shift
    (($# == 0)) ||
        "$cargo" build --locked --manifest-path "$package/Cargo.toml" --release --target "$host" "$@"
}

# One run of libFuzzer over what it found before and new inputs. Ends with a failure
# if the target crashed, hung or took too much memory.
run() {
    local target=$1 limit=$2
    local corpora=("fuzz/corpus/$target" "fuzz/seeds/$target")
    [[ $target == event ]] && corpora+=(tests/events)
    [[ $target == png_beside_stock ]] && corpora+=(fuzz/seeds/png)
    [[ $target == heic ]] && corpora+=(testkit/heic)
    mkdir -p "${corpora[@]}" "fuzz/artifacts/$target"
    [[ $target == component ]] && printf '\0asm\r\0\1\0' >"fuzz/seeds/$target/empty"
    "$built/$host/release/$target" "${corpora[@]}" \
        -max_total_time="$limit" -timeout="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -max_len=65536 \
        -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1
}

# Runs a target until it has had its seconds of processor time: libFuzzer counts those
# of the wall, of which a busy machine gives it few. The last line of the log says how
# many they are.
fuzz() {
    local target=$1 log=$2 status=0 left=$seconds spent=0
    local TIMEFORMAT='%U %S'
    : >"$log"
    while ((status == 0 && left > 0)); do
        { time run "$target" "$left" >>"$log" 2>&1; } 2>"$log.time" || status=$?
        spent=$(awk -v spent="$spent" 'END { print int(spent + $1 + $2 + 0.5) }' "$log.time")
        # The next run is worth its start only if much is left to do.
        left=$((seconds - spent >= 10 ? seconds - spent : 0))
    done
    printf 'seconds of processor time: %s\n' "$spent" >>"$log"
    return "$status"
}

# One row: the target, its sanitizer, the commit, its executions, its seconds, the edges
# it covered, crashes.
row() {
    local target=$1 log=$2 crashes=$3
    awk -v target="$target" -v sanitizer="$sanitizer" -v commit="$commit" -v crashes="$crashes" '
        /^stat::number_of_executed_units/ { runs += $2 }
        /^seconds of processor time/ { took = $NF }
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        END {
            printf "| `%s` | %s | %s | %d | %d | %d | %d |\n",
                target, sanitizer, commit, runs, took, edges, crashes
        }
    ' "$log"
}

# The rows of a document, of which those of the same target and sanitizer are replaced.
report() {
    local before
    before=$(sed -n '/<!-- begin: fuzzing/,/<!-- end: fuzzing/p' "$1" | grep '^| `' || true)
    {
        printf 'The last run of each target: libFuzzer on one core of a shared machine, checks of overflow on.\n\n'
        printf '| target | sanitizer | commit | executions | CPU seconds | edges covered | crashes |\n'
        printf '|---|---|---|--:|--:|--:|--:|\n'
        { printf '%s\n' "$before" && cat "$results"/*; } |
            awk '/^\|/ { last[$2 " " $4] = $0 } END { for (key in last) print last[key] }' | sort
    } | "$generator" section fuzzing "$1"
}

build
commit=$(git rev-parse --short=7 HEAD)
[[ -z $(git status --porcelain --untracked-files=no) ]] || commit+=+
rm -rf "$results"
mkdir -p "$results"
log=$(mktemp)
trap 'rm -f "$log" "$log.time"' EXIT
failed=()
for target in "${targets[@]}"; do
    printf '== %s, for %s s: ' "$target" "$seconds"
    crashes=0
    if ! fuzz "$target" "$log"; then
        crashes=1
        failed+=("$target")
        printf '\n'
        tail --lines 40 "$log"
    fi
    row "$target" "$log" "$crashes" | tee "$results/$target-$sanitizer"
done
if [[ -n ${FUZZ_REPORT:-} ]]; then
    report "$FUZZ_REPORT"
fi
if ((${#failed[@]})); then
    printf 'fuzz: failed: %s; the inputs are in fuzz/artifacts\n' "${failed[*]}" >&2
    exit 1
fi
