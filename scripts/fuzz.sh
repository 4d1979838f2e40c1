#!/usr/bin/env bash
# Fuzzes targets, all of them or those named, for FUZZ_SECONDS each. It needs no
# nightly compiler: what libFuzzer wants to know is what any compiler can tell.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
cargo=${CARGO:-cargo}
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=$PWD/fuzz/target
targets=("$@")
if ((${#targets[@]} == 0)); then
    mapfile -t targets < <(basename --suffix .rs fuzz/fuzz_targets/*.rs)
fi

"$cargo" run --quiet --locked --target-dir target --package tests --bin hostile -- seeds fuzz/seeds

# As cargo-fuzz sets them, without a sanitizer. With a target named, neither
# macros nor build scripts are instrumented.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares"
features=()
for target in "${targets[@]}"; do
    grep --quiet 'thimble::' "fuzz/fuzz_targets/$target.rs" && features=(--features host)
done
bins=("${targets[@]/#/--bin=}")
"$cargo" build --locked --manifest-path fuzz/Cargo.toml --release --target "$host" "${features[@]}" "${bins[@]}"

for target in "${targets[@]}"; do
    printf '\n== %s, for %s s\n' "$target" "$seconds"
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target" "fuzz/seeds/$target"
    "$CARGO_TARGET_DIR/$host/release/$target" "fuzz/corpus/$target" "fuzz/seeds/$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 2>&1 |
        grep --extended-regexp '^(==|stat::|SUMMARY|thread|[a-z/_]+\.rs)|panicked|Done'
done
