# The front door: `make help` lists what there is. Only Python >= 3.11, git and make are needed; the rest comes into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
TIMES := .venv/.times

# $(call part,NAME,COMMAND): run one part of the tests, and note how long it took.
define part
	@printf '\n== %s\n' '$(1)'; start=$$(date +%s.%N); $(2); \
	printf '%-8s %6.1f s\n' '$(1)' "$$(awk -v a=$$start -v b=$$(date +%s.%N) 'BEGIN { print b - a }')" >> $(TIMES)
endef

.PHONY: help setup demo run test fmt lint types arch unit docs reference soak bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv with uv and every extra (done by itself where it is needed)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Taskscope needs Python 3.11 or newer, and '$(PYTHON)' is none. Name another: make setup PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) has no ensurepip, which makes virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@echo "== setup: .venv with uv and the locked packages of requirements/dev.txt"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## a task dies of memory, and its timeline says so (KEEP=1: the embedded AWS stays)
	@$(BIN)/python examples/demo.py $(if $(KEEP),--keep)

run: $(READY) ## the Prometheus exporter with a made-up task: curl 127.0.0.1:9659/metrics
	@$(BIN)/taskscope exporter --mock

test: $(READY) ## everything that has to pass, in 25 minutes, with the time of each part
	@rm -f $(TIMES)
	@$(MAKE) --no-print-directory lint types arch unit docs
	@printf '\n== time of each part\n'; cat $(TIMES)

fmt: $(READY) ## format the code and sort its imports
	@$(BIN)/ruff check --fix --select I --quiet .
	@$(BIN)/ruff format --quiet .

lint: $(READY) ## ruff: style and format
	$(call part,lint,$(BIN)/ruff check . && $(BIN)/ruff format --check .)

types: $(READY) ## mypy, strict
	$(call part,types,$(BIN)/mypy)

arch: $(READY) ## import rules
	$(call part,arch,$(BIN)/lint-imports)

unit: $(READY) ## the tests of the code
	$(call part,unit,$(BIN)/pytest --durations=5 -m "not soak" --ignore=tests/docs)

docs: $(READY) ## the documentation is true
	$(call part,docs,$(BIN)/pytest tests/docs)

reference: $(READY) ## write docs/cli.md from the commands, docs/settings.md from the settings, docs/api.md from the routes
	@$(BIN)/python docs/generate_cli.py
	@$(BIN)/python docs/generate_settings.py
	@$(BIN)/python docs/generate_api.py

soak: $(READY) ## tests that take minutes
	$(call part,soak,$(BIN)/pytest -m soak --durations=0 --timeout=600)

bench: $(READY) ## measure (TRACER_BIN=path compares with fujiwara/tracer)
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/trace_cli.py
	@$(BIN)/python benchmarks/ingest.py
	@$(BIN)/python benchmarks/query.py
	@$(BIN)/python benchmarks/metrics.py
	@$(BIN)/python benchmarks/usage.py
	@$(BIN)/python benchmarks/exporter.py

lock: $(READY) ## renew requirements/ from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --extra dev pyproject.toml -o requirements/dev.txt
	@for extra in collect server exporter; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate --extra $$extra --constraints requirements/dev.txt pyproject.toml \
	    -o requirements/$$extra.txt; \
	done
	@echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade - -o requirements/uv.txt

clean: ## remove what the other targets made
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
