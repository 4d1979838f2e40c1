# Every task is one line: cargo, xtask/ or scripts/ do the work.

SHELL := /bin/bash
CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help setup engine examples codecs heic heic-test svg svg-test farbfeld farbfeld-test build package check test lint fmt fmt-check clippy ports doc documents readme \
	typos deny bindings bindings-test bindings-corpus site site-test page-test release release-twice release-check functional template chart manifests oci \
	capacity samples demo cast local deploy deploy-local deploy-functions logs-generate logs-redrive \
	upload-samples versions dead-letters redrive remove bench bench-quick bench-local bench-function bench-engines bench-worker \
	bench-demo soak soak-kills kills story scrape monitors reliability fuzz fuzz-quick hooks run-hooks clean

STAGE ?= dev
STACK := scripts/stack.sh

help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Check what a build needs, and install what is missing
	@scripts/setup.sh

engine: setup ## Build the engine: target/engine.wasm, and the open one for codecs
	@$(CARGO) xtask engine

examples: engine ## Build the engines of examples/: target/{first-engine,watermark}.wasm
	@$(CARGO) xtask examples

codecs: setup ## Build the codecs of codecs/ that are free of patents: target/qoi.wasm
	@$(CARGO) xtask codecs

heic: setup ## Build the codec for HEIC, for those who may: target/heic.wasm
	@$(CARGO) xtask heic

svg: setup ## Build the codec for SVG: target/svg.wasm
	@$(CARGO) xtask svg

farbfeld: ## Build the codec in JavaScript: target/farbfeld.wasm
	@scripts/farbfeld.sh

farbfeld-test: farbfeld engine ## Test the codec in JavaScript in a composed engine
	@$(CARGO) test --workspace --locked --test engines -- --ignored farbfeld

svg-test: svg engine ## Test the codec for SVG, by itself and in a composed engine
	@CARGO_TARGET_DIR=target/svg $(CARGO) test --quiet --locked --manifest-path codecs/svg/Cargo.toml
	@$(CARGO) test --workspace --locked --test drawings -- --ignored

heic-test: heic build ## Test the codec for HEIC by itself, and beside libheif in a composed engine
	@CARGO_TARGET_DIR=target/heic $(CARGO) test --quiet --locked --manifest-path codecs/heic/Cargo.toml
	@scripts/heic-test.sh

build: engine ## Build the command line: target/release/thimble
	@$(CARGO) build --locked --release --package thimble --bin thimble

package: engine ## Build the archives for AWS Lambda: target/package
	@$(CARGO) xtask package

check: fmt-check typos clippy examples codecs ## Give a green light: format, spelling, clippy and the fast tests
	@$(CARGO) test --quiet --workspace --locked --lib --test preset --test engine --test contract --test documents

test: engine examples codecs package ## Run every test
	@scripts/test.sh

bindings: engine ## Build the packages for JavaScript and Python in bindings/
	@scripts/bindings.sh build

bindings-test: bindings ## Test these packages, and compare them with the native host
	@scripts/bindings.sh test

bindings-corpus: bindings ## Compare them with the native host over the corpus at THIMBLE_CORPUS
	@scripts/bindings.sh corpus

site: bindings ## Build the site, with its playground: target/site
	@$(CARGO) xtask common
	@scripts/bindings.sh site

site-test: site ## Try the playground in Chromium
	@scripts/bindings.sh site-test

page-test: engine ## Try the status page in Chromium
	@scripts/page-test.sh

release: engine bindings template ## Make the artifacts of a release: target/release-artefacts
	@scripts/release.sh build
	@scripts/release.sh pack

release-twice: ## Make a release again elsewhere, and compare every byte
	@scripts/release.sh twice

release-check: ## Install and try a release where nothing else is installed
	@scripts/release.sh check

functional: engine package ## Deploy to an emulator of AWS, and run the functional tests on it
	@scripts/functional.sh

template: target/template.json ## Make and check one template of the stack, without osls: target/template.json

target/template.json: serverless.yml docs/operations.md scripts/static-template.sh $(wildcard deploy/*.js deploy/*.yml deploy/template/*)
	@scripts/static-template.sh

chart: ## Check the chart for Kubernetes: sets of values, and those that it refuses
	@scripts/checks.sh chart

manifests: ## Check all that deploys a worker: chart, image, units of systemd, compose file
	@scripts/checks.sh all

monitors: ## Check and replay the rules of Prometheus, and check the dashboard
	@scripts/checks.sh monitors

oci: build ## Make the image of the worker without a daemon: target/oci
	@python3 deploy/oci.py target/oci target/engine.wasm target/release/thimble

capacity: ## Write the tables of docs/capacity.md from the benchmarks and the limits
	@python3 bench/capacity.py write

lint: fmt-check clippy ports doc typos deny ## Run every check that is not a test

fmt: ## Format the code
	@$(CARGO) fmt --all

fmt-check: ## Check the format of the code
	@$(CARGO) fmt --all --check

clippy: ## Run clippy; a warning is an error
	@$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings

ports: ## Check that the use cases build without a cloud and a command line, and the engine without large decoders
	@$(CARGO) clippy --package thimble --no-default-features --locked -- --deny warnings
	@$(CARGO) clippy --package thimble-engine --no-default-features --locked -- --deny warnings

doc: ## Build the documentation; a broken link is an error
	@RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps --locked

readme: engine ## Run the commands in README.md
	@scripts/readme.sh

documents: ## Update the sections of the documents that are made from the code
	@THIMBLE_BLESS=1 $(CARGO) test --quiet --workspace --locked --test documents

typos: ## Check the spelling
	@scripts/tool.sh typos

deny: ## Check the dependencies: licenses, sources, advisories
	@scripts/deny.sh

samples: ## Make the sample images: target/samples
	@$(CARGO) samples target/samples

demo: setup ## Make thumbnails of sample images, without any cloud
	@scripts/demo.sh

cast: ## Record the demo, which is built before: docs/demo.cast
	@scripts/demo.sh build
	@python3 scripts/cast.py docs/demo.cast scripts/demo.sh run

local: engine package samples ## Run the stack on this machine until Ctrl-C, with sample images in it
	@scripts/local.sh

deploy: engine package ## Deploy to AWS: make deploy STAGE=dev
	@$(STACK) osls deploy --stage $(STAGE)

deploy-local: engine package ## Deploy to the emulator at AWS_ENDPOINT_URL
	@scripts/deploy-local.sh

deploy-functions: engine package ## Deploy the code of the functions only
	@for name in generate-thumbnails redrive-dlq; do $(STACK) osls deploy function --function $$name --stage $(STAGE) || exit; done

logs-generate: ## Follow the log of the function that makes thumbnails
	@$(STACK) osls logs --function generate-thumbnails --stage $(STAGE) --tail

logs-redrive: ## Follow the log of the function that redrives
	@$(STACK) osls logs --function redrive-dlq --stage $(STAGE) --tail

upload-samples: samples ## Upload the sample images
	@$(STACK) ask upload thimble-$(STAGE) target/samples

versions: ## Show the SHA-256 of the packages that run, as in SHA256SUMS
	@$(STACK) ask versions thimble-$(STAGE)

dead-letters: ## Show up to ten dead letters with their reasons
	@$(STACK) ask dead-letters thimble-$(STAGE)

redrive: ## Send the dead letters back: make redrive PAYLOAD='{"max":10}'
	@$(STACK) ask invoke thimble-$(STAGE)-redrive-dlq '$(or $(PAYLOAD),{})'

remove: ## Remove the stack; AWS keeps buckets that are not empty
	@$(STACK) osls remove --stage $(STAGE)

bench: ## Compare with sharp, libvips and Pillow; writes BENCHMARKS.md
	@python3 bench/harness full

bench-quick: ## The same comparison in under two minutes, for daily work
	@python3 bench/harness quick

bench-local: build ## Measure the pipeline over a folder: 5000 small images, 50 large ones
	@scripts/bench-local.sh

bench-function: engine package ## Measure the packaged function: start, images, cost of a million
	@scripts/bench-function.sh

bench-engines: build package ## Measure swaps of engines, and the start of a host
	@scripts/bench-engines.sh

bench-demo: ## Measure the demo in a clean clone with empty caches
	@python3 bench/demo.py

bench-worker: build ## Measure a worker on a queue of 1000 images
	@scripts/soak.sh 1000

soak: build ## Run a worker over 10000 images: speed, memory, open files
	@scripts/soak.sh 10000

scrape: build ## Let a Prometheus look at a worker over 10000 images, and compare the sums
	@scripts/scrape.sh sums 10000

soak-kills: build ## Kill listener, workers and broker 100 times while 2000 images arrive, on each stage or STAGES
	@THIMBLE=$${CARGO_TARGET_DIR:-target}/release/thimble scripts/story.sh kills 100 2000 $(STAGES)

kills: engine ## Kill them 10 times while 200 images arrive, on each stage or STAGES
	@scripts/build.sh
	@scripts/story.sh kills 10 200 $(STAGES)

story: engine examples ## Play the whole story on five stages, from a folder to Azure with Postgres, or on STAGES
	@scripts/build.sh
	@scripts/story.sh $(STAGES)

reliability: engine ## Run every hostile image; writes docs/reliability.md
	@$(CARGO) run --locked --package tests --bin hostile-images -- report target/engine.wasm docs/reliability.md

fuzz: ## Fuzz every target for FUZZ_SECONDS each, 60 by default
	@scripts/fuzz.sh

fuzz-quick: ## Fuzz every target for two seconds each
	@FUZZ_SECONDS=2 scripts/fuzz.sh

hooks: ## Install the checks that run before every commit
	@scripts/tool.sh pre-commit install

run-hooks: ## Run these checks now, over all files
	@scripts/tool.sh pre-commit run --all-files

clean: ## Remove everything that was built or installed here
	@rm -rf target demo .tools .serverless
