#!/usr/bin/env bash
# The packages for JavaScript and Python, and the site.
#   bindings.sh install           installs what the packages for JavaScript are built and tested with
#   bindings.sh build             builds both packages in bindings/ from target/engine.wasm
#   bindings.sh test              tests them, and compares them with the native host over the samples
#   bindings.sh compare FOLDER... compares them over every file of these folders
#   bindings.sh corpus            compares them over every image of the corpus at THIMBLE_CORPUS
#   bindings.sh packed ARCHIVES FOLDER...  compares what is published, installed from that folder
#   bindings.sh pack              makes what is published in target/bindings, and checks it
#   bindings.sh site              builds the site in target/site
#   bindings.sh site-test         tries its playground in Chromium
# THIMBLE names a command line to compare with, instead of the development build.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

built=${CARGO_TARGET_DIR:-target}
npm=bindings/npm
python=bindings/python
# Where the package for Python is installed that is compared, if it is not the one of the checkout.
installed=

build() {
    [[ -e $built/engine.wasm ]] || fail 'there is no engine; run `make engine`'
    npm_packages "$npm"
    node "$npm/tools/build.mjs" "$built/engine.wasm"
    cp LICENSE-* "$npm/"
    cp LICENSE-* "$python/"
}

compare() {
    local tools
    tools=$(packages "$python/requirements.txt")
    ENGINE=$built/engine.wasm THIMBLE=${THIMBLE:-$built/debug/thimble} PYTHONPATH=${installed:-$python/src} \
        "$tools/bin/python" bindings/compare.py "$@"
}

packed() (
    archives=$1 folder=$(mktemp --directory)
    shift
    trap 'rm -rf "$folder"' EXIT
    npm install --prefix "$folder" --silent --offline --no-audit --no-fund "$archives"/thimble-engine-*.tgz
    cp "$npm/test/answers.mjs" "$folder/"
    "$(packages "$python/requirements.txt")/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps \
        --target "$folder/python" "$archives"/thimble_engine-*.whl
    # The wheel was made of the other archive, and is again.
    tar --extract --directory "$folder" --file "$archives"/thimble_engine-*.tar.gz
    wheel "$folder/again" "$folder"/thimble_engine-*/ --wheel
    cmp "$folder"/again/*.whl "$archives"/thimble_engine-*.whl
    installed=$folder/python
    ANSWERS=$folder/answers.mjs compare "$@"
)

run_tests() {
    local tools
    tools=$(packages "$python/requirements.txt")
    (cd "$npm" && npx --no-install tsc && node --test --test-reporter=dot --test-timeout=60000 test/*.test.mjs)
    (cd "$python" && "$tools/bin/mypy" --no-error-summary && PYTHONPATH=src "$tools/bin/python" -m unittest discover --start-directory tests)
    [[ -n ${THIMBLE:-} ]] || scripts/build.sh
    [[ -d target/samples ]] || cargo samples target/samples >/dev/null
    compare target/samples
}

# wheel OUTPUT SOURCE OPTION...: what is published for Python.
wheel() {
    SOURCE_DATE_EPOCH=315532800 "$(packages "$python/requirements-release.txt")/bin/python" -m build --no-isolation \
        --outdir "$@" >/dev/null
}

corpus() {
    [[ -e ${THIMBLE_CORPUS:-}/MANIFEST.jsonl ]] || fail 'THIMBLE_CORPUS does not name the folder of a corpus'
    [[ -n ${THIMBLE:-} ]] || scripts/build.sh
    compare "$THIMBLE_CORPUS"/{valid,disputed,malformed}
}

pack() {
    local folder=$PWD/target/bindings tools
    tools=$(packages "$python/requirements-release.txt")
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$npm" && npm pack --silent --pack-destination "$folder")
    wheel "$folder" "$python"
    "$tools/bin/twine" check --strict "$folder"/*.whl "$folder"/*.tar.gz
    (cd "$folder" && sha256sum -- *)
}

site() {
    local folder=target/site common=$PWD/target/engine-common tools
    [[ -e $built/engine-common.wasm ]] || fail 'there is no small engine; run `cargo xtask common`'
    tools=$(packages docs/site/requirements.txt)
    rm -rf "$folder"
    node "$npm/tools/build.mjs" "$built/engine-common.wasm" "$common"
    "$tools/bin/python" docs/site/build.py "$tools/bin/mdbook" "$folder" "$common"
}

site_test() {
    [[ -e target/site/playground/index.html ]] || fail 'there is no site; run `make site`'
    needs "${CHROMIUM:-chromium-headless-shell}" chromium-headless-shell
    [[ -d target/samples ]] || cargo samples target/samples >/dev/null
    # A corpus takes minutes, twice.
    (cd "$npm" && node --test --test-timeout=1800000 test/playground.browser.mjs)
}

task=${1:-}
shift || true
case $task in
    install) npm_packages "$npm" ;;
    build) build ;;
    test) run_tests ;;
    compare) compare "$@" ;;
    corpus) corpus ;;
    packed) packed "$@" ;;
    pack) pack ;;
    site) site ;;
    site-test) site_test ;;
    *) fail 'say what to do: install, build, test, compare, corpus, packed, pack, site or site-test' ;;
esac
