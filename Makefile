# `make run` serves Millrace on http://127.0.0.1:8000 with its own Postgres; `make test` runs every test.
# Both install the Debian packages they need when these are missing.

SWIFT ?= swift
ARGS ?=

.PHONY: build run test stress bench conformance scenario bootstrap clean

build: bootstrap
	$(SWIFT) build -c release --product millrace

run: build
	.build/release/millrace serve $(ARGS)

test: bootstrap
	scripts/test

bench: build
	Benchmarks/run

stress: bootstrap
	MILLRACE_RACE_ROUNDS=1000 $(SWIFT) test --filter RaceTests

conformance: bootstrap
	scripts/conformance

scenario: build
	scripts/scenario

bootstrap:
	@scripts/bootstrap

clean:
	rm -rf .build
