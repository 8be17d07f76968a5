# Everything is made inside this folder; delete .venv and .demo to be rid of it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-all-pythons lint types imports chaos attack bench wheel format clean help
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(STAMP): setup.py pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[standalone,test]'
	touch $@

demo: $(STAMP) ## the main job against the sandbox bank; SERVE=1 keeps the site up
	$(BIN)/banksync --home .demo demo $(if $(SERVE),--serve,)

test: $(STAMP) lint types imports ## every test, with coverage, on all cores; WORKERS=0 runs them one after the other
	$(BIN)/python -m pytest --numprocesses=$(or $(WORKERS),auto) --no-loadscope-reorder --cov --cov-report=term

test-all-pythons: ## the unit tests under each Python from 3.10 to 3.14 that is installed; ONLY=3.13 under one
	$(PYTHON) -m tests.all_pythons $(ONLY)

lint: $(STAMP) ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## types
	$(BIN)/mypy

imports: $(STAMP) ## who may import whom
	$(BIN)/lint-imports --no-cache

chaos: $(STAMP) ## 10,000 histories full of faults; COUNT=500 goes through fewer, ONLY=4711 through one, EVERY_SOURCE=1 adds files and changing ids, PROVIDER=plaid takes one provider and its sandbox
	$(BIN)/python -m tests.chaos --count $(or $(COUNT),10000) $(if $(ONLY),--only $(ONLY),) $(if $(EVERY_SOURCE),--every-source,) $(if $(PROVIDER),--provider $(PROVIDER),)

wheel: $(STAMP) ## dist/: wheel and sdist; the demo runs from the wheel in an empty environment
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	rm -rf dist build && $(BIN)/python -m build
	set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; $(PYTHON) -m venv "$$folder/env"; \
	for wheel in dist/*.whl; do "$$folder/env/bin/pip" install --quiet "$$wheel[standalone]"; done; \
	cd "$$folder" && env/bin/banksync --home "$$folder/home" demo

attack: $(STAMP) ## fuzzed files, kills, crowds, payloads, roles, and the figures; INPUTS=1000000 KILLS=100 for more
	$(BIN)/python -m tests.attack --inputs $(or $(INPUTS),20000) --kills $(or $(KILLS),20)

bench: $(STAMP) ## speed and memory, beside the floors and peers of the same run; LARGE=1 with a million rows
	$(BIN)/python -m benchmarks $(if $(LARGE),--large,)
	$(BIN)/python -m benchmarks.statements 20000
	$(BIN)/python -m benchmarks.growth $(if $(LARGE),--large,)

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## forget what was made
	rm -rf $(VENV) .pythons .demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache .coverage
