# `make app` opens the dashboard, `make test` runs every test; each sets up what it needs first.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: app test lint check format bench

app: .venv/app
	$(BIN)/unitscope serve

# Each file of tests has one worker; more than four would want more memory than they save time.
test: .venv/dev
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy models analysis terminal unitscope.py

check: lint
	$(BIN)/python -m pytest -m "not browser and not slow"

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.text_view
	$(BIN)/python -m benchmarks.browser
	$(BIN)/python -m benchmarks.one_hot
	$(BIN)/python -m benchmarks.sampling
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.recording
	$(BIN)/python -m benchmarks.matching

.venv/app: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Unitscope needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.x"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@touch $@

.venv/dev: .venv/app requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@
