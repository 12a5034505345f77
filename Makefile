# `make demo` and `make test` do all the set-up themselves: they need git, make and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
NODE_MODULES := tests/node/node_modules/.installed

# How many papers `make bench` looks at.
SIZE ?= 1000000

# How many processes run the tests: one more than there are cores, for tests wait for servers; 0 is this one alone.
PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
QUICK := not faults and not postgres and not network and not node and not slow

.PHONY: demo test test-fast test-faults lint bench photographs lock clean

demo: $(RUNTIME)
	@$(BIN)/picks demo

test: $(DEVELOPMENT) $(NODE_MODULES)
	$(BIN)/pytest -n $(PROCESSES) --dist worksteal

# What needs no server and no minute, for daily work.
test-fast: $(DEVELOPMENT)
	$(BIN)/pytest -n $(PROCESSES) --dist worksteal -m "$(QUICK)"

test-faults: $(DEVELOPMENT) $(NODE_MODULES)
	$(BIN)/pytest -n $(PROCESSES) --dist worksteal -m faults --timeout 3600

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEVELOPMENT)
	$(BIN)/python tests/bench/run.py
	$(BIN)/python tests/bench/ranking.py
	$(BIN)/python tests/bench/site.py
	$(BIN)/python tests/bench/scale.py $(SIZE)
	$(BIN)/python tests/bench/year.py
	$(BIN)/pytest -q -s -n 0 -m faults tests/faults/test_many_workers.py

# Picks as a follower sees them: the demo's, or make photographs ARGS="--picks FILE --listings FILE --ids ID".
photographs: $(DEVELOPMENT) $(NODE_MODULES)
	@$(BIN)/python tests/support/photograph_picks.py $(ARGS)

# The lock files hold versions and hashes, no addresses.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header --quiet
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv"; exit 1; }
	$(COMPILE) --extra alerts --extra mastodon --extra train --group build -o requirements.txt
	$(COMPILE) --extra alerts --extra mastodon --extra train --group dev -o requirements-dev.txt
	$(COMPILE) --extra alerts --extra mastodon --group build --constraint requirements.txt -o requirements-worker.txt

$(VENV)/.created:
	@if command -v uv >/dev/null; then uv venv --quiet --seed --python $(PYTHON) $(VENV); \
	  else $(PYTHON) -m venv $(VENV); fi
	@touch $@

$(RUNTIME): $(VENV)/.created requirements.txt pyproject.toml
	@./.ci/install requirements.txt
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.txt
	@./.ci/install requirements-dev.txt
	@touch $@

# The real Bluesky server and X's own counter, for tests; without npm those tests say so and are skipped. The script
# makes the stamp itself, and only when all went well: whoever installs Node later needs only another `make test`.
$(NODE_MODULES): tests/node/package-lock.json
	@./.ci/install-node

clean:
	rm -rf $(VENV) tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
