# One command a task; people and CI run the same. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-down test test-wordpress lint format bench fuzz docs lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.ready ## make .venv with everything that development needs

.venv/.ready: requirements-dev.lock pyproject.toml scripts/setup tests/corpora/feedparser.lock
	PYTHON=$(PYTHON) scripts/setup

demo: setup ## start WordPress and a sample feed, relay it en -> pt without any outside network
	scripts/demo up

demo-down: ## stop what `make demo` started
	scripts/demo down

test: setup ## run all tests, against a real WordPress that they start themselves
	scripts/test

test-wordpress: setup ## run those that need WordPress against newer ones too (Debian only, not part of test)
	scripts/test-wordpress

lint: setup ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup ## let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure, beside a named rival in the same run; figures go to docs/performance.md by hand
	scripts/bench

bench-%: setup
	scripts/bench $(subst -,_,$*)

fuzz: setup ## spoilt feeds and pages for ten minutes (MINUTES=10 SEED=...): no exception that is not ours, no hang
	$(BIN)/python -m benchmarks.fuzz --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

docs: setup ## check that the docs tell the truth: every command, key and state, every example
	$(BIN)/pytest tests/test_docs.py

lock: setup ## pin the newest versions, with hashes
	scripts/lock

clean: demo-down ## remove what make made
	rm -rf .venv .cache
