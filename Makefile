# `make run` serves Millrace on http://127.0.0.1:8000 with its own Postgres; `make test` runs every test.
# Both install the Debian packages they need when these are missing.

SWIFT ?= swift
ARGS ?=

.PHONY: build run test stress bench bench-check conformance generator clients bpmn scenario fuzz bootstrap clean

build: bootstrap
	$(SWIFT) build -c release --product millrace

run: build
	.build/release/millrace serve $(ARGS)

test: bootstrap
	scripts/test

bench: build
	$(SWIFT) build -c release --product EngineBenchmark
	Benchmarks/engine
	Benchmarks/attacks
	$(SWIFT) build -c release --product LoadBenchmark
	Benchmarks/run
	$(SWIFT) build -c release --product HookBenchmark
	.build/release/HookBenchmark
	$(SWIFT) build -c release --product JobBenchmark
	.build/release/JobBenchmark
	Benchmarks/webhooks

# Fails when a figure of the engine is more than 15 % over its budget, or a hostile document over its bound.
bench-check: build
	$(SWIFT) build -c release --product EngineBenchmark
	Benchmarks/engine --check
	Benchmarks/attacks --check

stress: bootstrap
	MILLRACE_MODEL=stress $(SWIFT) test --filter ModelTests
	MILLRACE_RACE_ROUNDS=1000 $(SWIFT) test --filter RaceTests
	MILLRACE_LOST_COMMITS=20000 $(SWIFT) test --filter LostCommitTests
	MILLRACE_HOOK_EVENTS=20000 MILLRACE_HOOK_PROCESSES=4 MILLRACE_HOOK_PAUSE=10 $(SWIFT) test --filter HookProcessTests

conformance: bootstrap
	scripts/conformance

# Compares the engine with graphql-core over random documents: make generator COUNT=20000 SEED=1
generator: bootstrap
	COUNT=$(COUNT) SEED=$(SEED) scripts/generator

# Holds the server to its transports with clients that others wrote.
clients: build
	scripts/clients

# Holds BPMN documents of every kind of node to the OMG's schema.
bpmn: bootstrap
	scripts/bpmn

scenario: build
	scripts/scenario

# SECONDS for each target, and which: make fuzz SECONDS=3600 TARGETS="parser http"
fuzz: bootstrap
	scripts/fuzz $(or $(SECONDS),60) $(TARGETS)

bootstrap:
	@scripts/bootstrap

clean:
	rm -rf .build
