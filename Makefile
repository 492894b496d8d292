# Needs make, git and Python 3.11 or later. Everything else goes into .venv, from uv.lock, checked against its hashes.
#   PYTHON=python3.13   what .venv is made with, once    SLOW=1                include the tests marked slow
#   JOBS=4              test processes (often two wait)  TESTS=tests/runtime   only these tests
#   SHORT=1             the campaign in minutes, not in a night
#   STRICT=1            a check of a release that is skipped has failed
#   E2E_PYTHON=...      what the emulator of `make e2e` runs on: a Python 3.13

.DEFAULT_GOAL := help
.PHONY: help demo test e2e images gates campaign fuzz fmt lint types pytest coverage docs bench soak build release-check lock clean
.NOTPARALLEL:

BIN := .venv/bin
JOBS ?= 4
SLOW ?=
TESTS ?=
FUZZ ?= 2m
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Only what the project says decides about the lock, never what a machine configures for its own use.
UV_LOCK := env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	$(BIN)/uv --no-config lock --python $(BIN)/python

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

.venv/.ready: pyproject.toml uv.lock scripts/bootstrap.py
	@test -n "$(PYTHON)" || { echo "cloud-cron needs Python 3.11 or later, and none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) scripts/bootstrap.py

demo: .venv/.ready ## run the example on this machine: no account, no Docker
	$(BIN)/python examples/basic/demo.py

test: lint types pytest ## everything that judges a change: lint, types, tests; with SLOW=1 the built wheel, too

campaign: .venv/.ready ## everything that can go wrong, for a night; SHORT=1 takes minutes, and prints the same tables
	@echo "==> campaign"
	$(BIN)/python -m tests.campaign $(if $(SHORT),--short)

fmt: .venv/.ready ## format, and fix what can be fixed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lint: .venv/.ready ## formatting, lint, import rules, lock
	@echo "==> lint"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(UV_LOCK) --check --offline --no-cache --quiet

types: .venv/.ready ## mypy, strict, with the checks in tests/typing
	@echo "==> types"
	$(BIN)/mypy

pytest: .venv/.ready
	@echo "==> tests"
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not e2e and not images$(if $(SLOW),, and not slow)" $(TESTS)

e2e: .venv/.ready ## deploy the example to an emulator of AWS, which needs Python 3.13; says when it is skipped
	@echo "==> end to end"
	$(BIN)/python scripts/e2e.py

images: .venv/.ready ## run images on a Docker engine and Lambda's emulator; root installs both; says when it is skipped
	@echo "==> images"
	$(BIN)/python scripts/images.py

gates: .venv/.ready ## checkov on every template, from an environment of its own; says when it is skipped
	@echo "==> gates"
	$(BIN)/python scripts/gates.py

fuzz: .venv/.ready ## fuzz what reads text from outside for two minutes, or FUZZ=1h; says when it is skipped
	@echo "==> fuzz"
	$(BIN)/python scripts/fuzz.py $(FUZZ)

coverage: .venv/.ready ## branch coverage of cloud_cron
	$(BIN)/pytest -n $(JOBS) --dist loadfile --cov --cov-report=term --cov-report=html:build/coverage $(TESTS)

docs: .venv/.ready ## the documentation site, in build/docs
	$(BIN)/python -m scripts.docs

bench: .venv/.ready ## run the benchmarks
	$(BIN)/python -m benchmarks

soak: .venv/.ready ## a host at work for ten minutes, or for SOAK=8h: memory, file and lateness stay flat
	SOAK=$(SOAK) $(BIN)/python benchmarks/_soak.py

build: .venv/.ready ## wheel and source distribution in dist/, checked
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/check-wheel-contents dist

release-check: .venv/.ready ## whether this can be released, a line for each check; ONLY="version docs" makes some of them
	@echo "==> release"
	@$(BIN)/python -m scripts.release $(addprefix --only ,$(ONLY)) $(if $(STRICT),--strict)

lock: .venv/.ready ## bring uv.lock to pyproject.toml; UPGRADE=1 takes the latest releases
	$(UV_LOCK) $(if $(UPGRADE),--upgrade)

clean: ## remove what make made
	rm -rf .venv .venv-e2e .venv-checkov .venv-images .venv-fuzz .venv-audit build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
