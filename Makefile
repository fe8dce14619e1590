# Every target sets up .venv by itself when it is missing or older than what it is made from.
VENV ?= .venv
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$name && break; done)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup assessment test lab lint benchmark validate lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(READY) ## create the environment in .venv

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version); this takes a few minutes, once"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -e .
	@touch $(READY)

assessment: $(READY) ## make the South-East Asia 2023 assessment (HTML and PDF)
	@$(BIN)/smuggling-analysis assess south-east-asia --year 2023 --jobs $(JOBS)

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

lab: $(READY) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

lint: $(READY) ## style, types, import directions, stripped notebooks
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify $$(git ls-files 'notebooks/*.ipynb')

benchmark: $(READY) ## time and memory of the estimators
	@$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=min,median,max,rounds -o addopts=

validate: $(READY) ## the long studies, and every method held to populations of known size
	@$(BIN)/python -m pytest -m slow -o addopts="--strict-markers -ra"
	@$(BIN)/smuggling-analysis validate --jobs $(JOBS)

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock

clean: ## remove the environment and everything generated
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
