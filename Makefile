# What a developer runs. Every target uses .venv, which is made on first use and updated when the dependencies change.

PYTHON ?= python3
PORT ?= 8080
FUZZ_SECONDS ?= 60
BIN := .venv/bin
SETUP := .venv/.up-to-date
PEERS := .venv-peers/.up-to-date
BIN_BROWSER := .venv-browser/bin
BROWSER := .venv-browser/.up-to-date
CONTRACT := .venv-contract/.up-to-date
MINISTACK := .venv-ministack/.up-to-date

# Python starts twice as fast when it may keep compiled modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## show this list
	@sed -En 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(SETUP) ## serve the API on http://localhost:8080 (PORT=8081 make run for another port)
	@echo 'Starting the API: this takes a few seconds.' >&2
	@exec $(BIN)/python -m local --port '$(PORT)'

test: lint ## check everything: style, types, and all tests
	@echo 'Running the tests of tests/unit, tests/integration and tests/e2e: this takes five minutes.' >&2
	@$(BIN)/python -m pytest -n 2 --dist loadfile

fuzz: $(SETUP) ## try properties with random examples for a minute (FUZZ_SECONDS=600 for ten; SEED=… for what a run told)
	@$(BIN)/python -m tests.fuzz --seconds '$(FUZZ_SECONDS)' $(if $(SEED),--seed '$(SEED)')

test fuzz: export PYTHONHASHSEED := 0# sets have the same order in each run

browser-test: $(BROWSER) ## test the portal in Chromium, and the JavaScript client in Node.js
	@$(BIN_BROWSER)/python -m pytest tests/browser

# Playwright drives the Chromium that the machine has; axe-core comes from npm, in the version of tests/browser/package.json.
$(BROWSER): pyproject.toml uv.lock tests/browser/package.json | $(SETUP)
	@command -v chromium >/dev/null && command -v npm >/dev/null || { echo 'Chromium and npm are needed: on Debian, apt-get install chromium npm.' >&2; exit 1; }
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=.venv-browser UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --quiet --frozen --group browser --python $(BIN)/python
	@npm install --silent --no-audit --no-fund --prefix tests/browser
	@touch $@

contract-test: $(CONTRACT) ## test the OpenAPI document with schemathesis, clients generated from it, and the wheel of the Python client
	@.venv-contract/bin/python -m pytest tests/contract

$(CONTRACT): pyproject.toml uv.lock tests/contract/package.json | $(SETUP)
	@command -v npm >/dev/null || { echo 'npm is needed: on Debian, apt-get install npm.' >&2; exit 1; }
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=.venv-contract UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --quiet --frozen --group contract --python $(BIN)/python
	@npm install --silent --no-audit --no-fund --prefix tests/contract
	@touch $@

lint: $(SETUP) ## check style and types
	@echo 'Checking style and types.' >&2
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(SETUP) ## put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(SETUP) $(PEERS) ## measure speed, memory and cold starts, beside others (bench/install_peers.sh installs them)
	@$(BIN)/python -m bench

dictionary: $(SETUP) ## write the table of DICOM keywords anew, after an update of pydicom
	@PYTHONPATH=shared $(BIN)/python -m dicom_dictionary.build

openapi: $(SETUP) ## write the served OpenAPI document and the guide's table anew, after an edit of openapi/openapi.yaml
	@PYTHONPATH=shared $(BIN)/python -m openapi.build

licences: $(SETUP) ## write docs/licences.md anew, after an update of uv.lock
	@$(BIN)/python layers/licences.py

setup: $(SETUP) ## make .venv (PYTHON=python3.13 make setup for another Python than python3)

$(SETUP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: name one with PYTHON=/path/to/python3.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>&- || { echo 'This Python cannot make virtual environments: on Debian, run apt-get install python3-venv.' >&2; exit 1; }
	@echo 'Setting up .venv: this takes half a minute, once.' >&2
	@[ -x $(BIN)/uv ] || { $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet uv; }
	@env -u VIRTUAL_ENV UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --quiet --frozen --group dev --python $(BIN)/python
	@touch $@

# pydicom imports every decoder that it finds, so the decoders that only the benchmarks use have an environment of their own.
$(PEERS): pyproject.toml uv.lock | $(SETUP)
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=.venv-peers UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --quiet --frozen --only-group peers --python $(BIN)/python
	@touch $@

.PHONY: help run test browser-test contract-test fuzz lint format bench dictionary openapi licences setup

# Building, deploying, and Lambda's own containers.

ROOT := .
include layers/runtime.mk

STAGE ?= dev
SAM := env -u MAKELEVEL SAM_CLI_TELEMETRY=0 $(BIN)/sam
BUILT := .aws-sam/build/template.yaml

build: $(SETUP) ## build layers and functions into .aws-sam/build, and tell how large they are
	@$(SAM) build --config-env '$(STAGE)'
	@$(BIN)/python layers/sizes.py

build-test: build ## check what was built: its size, twice the same bytes, and what it answers under Lambda's Python
	@RUNTIME_PYTHON='$(RUNTIME_PYTHON)' $(BIN)/python -m pytest tests/build

deploy-test: build $(MINISTACK) ## deploy to an emulated AWS, use the API there, update the stack, delete it
	@$(BIN)/python -m pytest --exitfirst tests/deploy

# MiniStack runs functions in its own Python, which therefore has to be Lambda's version. It also pins another botocore.
$(MINISTACK): pyproject.toml uv.lock | $(SETUP)
	@[ '$(RUNTIME_PYTHON)' ] || { echo 'Functions run on Python $(RUNTIME_VERSION), which is not installed: run .venv/bin/uv python install $(RUNTIME_VERSION).' >&2; exit 1; }
	@command -v openssl >/dev/null || { echo 'MiniStack makes its certificate with openssl, which is not installed: on Debian, run apt-get install openssl.' >&2; exit 1; }
	@env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=.venv-ministack UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --quiet --frozen --only-group ministack --python '$(RUNTIME_PYTHON)'
	@touch $@

deploy: build ## deploy to AWS (STAGE=prod make deploy for production): see samconfig.toml
	@$(SAM) deploy --config-env '$(STAGE)'

sam-local: $(BUILT) ## serve the API by sam local start-api, in Docker (SAM_ARGS for more options)
	@exec $(BIN)/python -m local.sam_local --port '$(PORT)' $(SAM_ARGS)

events: $(SETUP) ## write the example events, events/*.json, again
	@$(BIN)/python -m events.build

$(BUILT): $(SETUP) template.yaml uv.lock samconfig.toml $(shell find functions layers shared -type f -not -name '*.pyc')
	@$(SAM) build --config-env '$(STAGE)'

bench: $(BUILT) # cold starts are measured on what is deployed

.PHONY: build build-test deploy-test deploy sam-local events
