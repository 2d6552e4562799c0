# Everything this project does, from a bare machine: git, make and Python 3.11 or newer with venv.
# `make` alone lists the commands.

PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
	$$one -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
BENCH := .venv/bench.stamp
# three on two cores: there is always one that waits for something
WORKERS ?= 3
# chat tests run on one of the two databases each, but for the main roads; LEGS=both runs all on both
LEGS ?= one
PART ?=
ARGS ?=

# hundreds of processes are started by the suite: each would compile the whole product anew
unexport PYTHONDONTWRITEBYTECODE

# what failed is run once more by itself: a test that passes then raced with its neighbours, and is to be mended
AGAIN = { echo "Once more, what failed:"; $(PY) -m pytest --last-failed --last-failed-no-failures none $(ARGS); }

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format bench soak migration texts lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(RUNTIME) ## the whole product with a local Telegram and a CRM, until Ctrl-C
	@$(PY) -m bot demo $(ARGS)

run: $(RUNTIME) ## the bot for real, with the settings of .env
	@$(PY) -m bot run $(ARGS)

test: lint ## everything that is checked: lint, types, imports, texts and the whole suite
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --legs $(LEGS) $(ARGS) || $(AGAIN)

lint: $(DEV) ## style, types, import rules and texts
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "Some files are not formatted: run make format."; exit 1; }
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) -m locales.catalogues check

format: $(DEV) ## put the code into its style
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

bench: $(BENCH) ## the benchmarks, or one of them: make bench PART=name
	@$(PY) -m benchmarks $(PART)

soak: $(DEV) ## leads and purchases through kills and lost answers, counted: make soak ARGS="--part purchases"
	@$(PY) -m tests.soak $(ARGS)

migration: $(DEV) ## a revision out of the changes in storage/tables/: make migration name="what changes"
	@test -n "$(name)" || { echo 'Say what changes: make migration name="lead gets a colour"'; exit 1; }
	@$(PY) -m storage.migrations revision "$(name)"
	@$(PY) -m ruff format --quiet migrations

texts: $(DEV) ## bring the catalogues up to date with the code
	@$(PY) -m locales.catalogues update

lock: ## resolve the dependencies anew, with hashes and without addresses
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.venv-lock/bin/uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	@.venv-lock/bin/uv pip compile $(LOCK) --group dev pyproject.toml -o requirements-dev.lock
	@.venv-lock/bin/uv pip compile $(LOCK) --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock
	@rm -rf .venv-lock

LOCK := --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

clean: ## remove the virtual environment and the caches
	@rm -rf .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed."; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

$(RUNTIME): requirements.lock | $(PY)
	@echo "Installing what the product needs"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(PY)
	@echo "Installing what the product and its tests need"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ $(RUNTIME)

$(BENCH): requirements-bench.lock $(DEV)
	@echo "Installing what the benchmarks compare with"
	@$(PIP) install --quiet --require-hashes -r requirements-bench.lock
	@touch $@
