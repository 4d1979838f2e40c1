#!/usr/bin/env bash
# Fuzzes all targets, or those named, for FUZZ_SECONDS each. It needs no nightly
# compiler: a stable one can instrument code for libFuzzer as well. With
# FUZZ_REPORT=docs/reliability.md it writes the result of the last run of each
# target on this machine there. FUZZ_SANITIZER=address adds AddressSanitizer, about
# half as fast, where the toolchain has its runtime.
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
    features=()
    for target in "${targets[@]}"; do
        grep --quiet 'thimble::' "fuzz/fuzz_targets/$target.rs" && features=(--features host)
    done
    "$cargo" build --locked --manifest-path fuzz/Cargo.toml --release --target "$host" \
        "${features[@]}" "${targets[@]/#/--bin=}"
)

# Ends with a failure if the target crashed, hung or took too much memory.
fuzz() {
    local target=$1 log=$2 status=0
    local corpora=("fuzz/corpus/$target" "fuzz/seeds/$target")
    [[ $target == event ]] && corpora+=(tests/events)
    [[ $target == png_beside_stock ]] && corpora+=(fuzz/seeds/png)
    mkdir -p "${corpora[@]}" "fuzz/artifacts/$target"
    [[ $target == component ]] && printf '\0asm\r\0\1\0' >"fuzz/seeds/$target/empty"
    "$built/$host/release/$target" "${corpora[@]}" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 >"$log" 2>&1 || status=$?
    return "$status"
}

# One row: the target, its sanitizer, its executions, its seconds, the edges it
# covered, crashes.
row() {
    local target=$1 log=$2 took=$3 crashes=$4
    awk -v target="$target" -v sanitizer="$sanitizer" -v took="$took" -v crashes="$crashes" '
        /^stat::number_of_executed_units/ { runs = $2 }
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        END { printf "| `%s` | %s | %d | %d | %d | %d |\n", target, sanitizer, runs, took, edges, crashes }
    ' "$log"
}

report() {
    {
        printf 'The last run of each target: libFuzzer on one core of a shared machine, checks of overflow on.\n\n'
        printf '| target | sanitizer | executions | seconds | edges covered | crashes |\n|---|---|--:|--:|--:|--:|\n'
        cat "$results"/*
    } | "$generator" section fuzzing "$1"
}

build
mkdir -p "$results"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=()
for target in "${targets[@]}"; do
    printf '== %s, for %s s: ' "$target" "$seconds"
    crashes=0 before=$SECONDS
    if ! fuzz "$target" "$log"; then
        crashes=1
        failed+=("$target")
        printf '\n'
        tail --lines 40 "$log"
    fi
    row "$target" "$log" "$((SECONDS - before))" "$crashes" | tee "$results/$target-$sanitizer"
done
if [[ -n ${FUZZ_REPORT:-} ]]; then
    report "$FUZZ_REPORT"
fi
if ((${#failed[@]})); then
    printf 'fuzz: failed: %s; the inputs are in fuzz/artifacts\n' "${failed[*]}" >&2
    exit 1
fi
