# The commands people type; docs/operations.md explains each.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_LINK_MODE ?= copy
# Networks that inspect traffic have certificates of their own, which the system knows.
export UV_SYSTEM_CERTS ?= true
# Where compiled modules are not kept, each of the many processes of a portal compiles them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up dev test t cover prove shell mlflow2 jupyter browser screenshots lint format messages lock clean
.PHONY: .for-mlflow2 .for-notebooks .compiled-tests

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1|/' | column -t -s '|'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "GuardianFlow needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'

# Packages are compiled once here; else every process of a portal that is started, or tested, for
# the first time compiles them again.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# What every start of a script loads is compiled here too: its user may not write the checkout. So
# is what a reader of a scan loads, which writes nothing either.
setup: $(VENV)/.runtime ## Set up .venv, locked dependencies, built assets and messages
	@$(BIN)/python -m compileall -q runs_app/runner/isolation registry_app
	@$(BIN)/python manage.py build_assets

demo: setup ## Run the whole road on a sample tree, then serve it (SERVE=0: end after the run)
	@$(BIN)/python manage.py demo $(if $(filter 0,$(SERVE)),--no-serve,)

up: setup ## Serve the portal, the worker and MLflow's UI for the real roots
	@$(BIN)/guardianflow up

dev: setup $(VENV)/.dev ## Serve the portal's pages with DEBUG, reloading and the debug toolbar (no worker)
	@DJANGO_SETTINGS_MODULE=portal.development $(BIN)/python manage.py runserver $(ARGS)

shell: setup $(VENV)/.dev ## Open a Python shell with the models, on the database of the real data directory
	@$(BIN)/python manage.py shell $(ARGS)

test: setup $(VENV)/.dev ## Run all tests that this machine can run
	@$(MAKE) --no-print-directory --jobs=3 .for-mlflow2 .for-notebooks .compiled-tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

.for-mlflow2:
	-@$(MAKE) --no-print-directory mlflow2 || echo "No MLflow 2 client can be set up, so its test is skipped." >&2

.for-notebooks:
	-@$(MAKE) --no-print-directory jupyter || echo "No Jupyter can be set up, so the tests of notebooks are skipped." >&2

# Without this each of the many processes of a first run compiles every test module.
.compiled-tests:
	-@$(BIN)/python -m pytest --collect-only -qq >/dev/null

t: setup $(VENV)/.dev ## Run the tests of one file, folder or name: make t F=tests/runs_app ARGS="-k gpu"
	@test -n "$(F)" || { echo "Name what to test: make t F=tests/..." >&2; exit 1; }
	@$(BIN)/python -m pytest $(F) $(ARGS)

cover: setup $(VENV)/.dev ## Run all tests and show which lines none of them runs (build/coverage)
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

prove: setup $(VENV)/.dev ## Run the long proofs, which take minutes to hours and are no part of make test
	@PROVE=1 $(BIN)/python -m pytest -n auto -m long --timeout=7200 $(ARGS)
	@PROVE=1 .ci/browser -m long --timeout=7200 $(ARGS)

mlflow2: $(VENV)-mlflow2/.ready ## Set up an environment with an MLflow 2 client, for the tests that need one

$(VENV)-mlflow2/.ready: requirements/mlflow2.txt | $(BIN)/uv
	$(PYTHON) -m venv --clear --without-pip $(VENV)-mlflow2
	$(BIN)/uv pip install --quiet --python $(VENV)-mlflow2/bin/python --require-hashes -r requirements/mlflow2.txt
	@touch $@

screenshots: setup $(VENV)/.browser ## Take the pictures of docs/images anew, in Chromium, of the portal of the stories
	@CHROMIUM=$$(.ci/chromium) && export CHROMIUM && $(BIN)/python -m tests.browser.screenshots

browser: $(VENV)/.browser ## Install Playwright into .venv, for the stories in a browser

$(VENV)/.browser: requirements/browser.txt $(VENV)/.dev
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/browser.txt
	@touch $@

jupyter: $(VENV)-jupyter/.ready ## Set up an environment with Jupyter, for the tests of notebooks

$(VENV)-jupyter/.ready: requirements/jupyter.txt | $(BIN)/uv
	$(PYTHON) -m venv --clear --without-pip $(VENV)-jupyter
	$(BIN)/uv pip install --quiet --python $(VENV)-jupyter/bin/python --require-hashes -r requirements/jupyter.txt
	@touch $@

lint: setup $(VENV)/.dev ## Format, lint, types, import contracts, translations, missing migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.words
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check

format: $(VENV)/.dev ## Format the code and sort its imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: setup ## Bring the Korean catalogue up to date with the texts in the code
	$(BIN)/python manage.py messages

lock: | $(BIN)/uv ## Lock the dependencies anew, with hashes and without index addresses
	$(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements/runtime.txt
	$(BIN)/uv pip compile --quiet requirements/mlflow2.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements/mlflow2.txt
	$(BIN)/uv pip compile --quiet requirements/jupyter.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements/jupyter.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraints requirements/runtime.txt --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet requirements/browser.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraints requirements/dev.txt --output-file requirements/browser.txt

clean: ## Remove what setup made (never var/, which holds your data)
	rm -rf $(VENV) $(VENV)-mlflow2 $(VENV)-jupyter build
