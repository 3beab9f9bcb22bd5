# Every target sets up its own virtual environment in .venv, once.
# Another interpreter:  make test PYTHON=python3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= auto
# Another run draws other examples, unless it is given a seed:  make check SEED=7
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help check test lint types unit docs serve smoke bench format clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: $(READY) ## Grade the reference server and nats-server side by side
	$(BIN)/nats-conformance reference nats-server $(if $(SEED),--seed $(SEED))

test: lint types unit ## Lint, check types and run every test, with coverage

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types
	$(BIN)/mypy
	$(BIN)/mypy docs/_hooks

unit: $(READY) ## Run every test, with coverage
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term

docs: $(READY) ## Build the site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "The site is in site/index.html"

serve: $(READY) ## Show the site on a local port while editing
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

smoke: $(READY) ## Build wheel and sdist, and try each in an empty environment
	bash .ci/smoke $(BIN)/python

pictures: $(READY) ## Make the pictures of the README anew
	$(BIN)/python docs/_hooks/pictures.py

bench: $(READY) ## Measure the reference server against nats-server
	@mkdir -p out
	$(BIN)/nats-conformance bench reference nats-server --json out/bench.json

format: $(READY) ## Format the code and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove everything that was built, .venv too
	rm -rf .venv site out build dist .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name it: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python cannot make virtual environments here; on Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
