# Streetwise. `make help` says what there is.
PORT ?= 8700
SPEED ?= 1
SEED ?= 1
YEARS ?= 1
TESTS ?= tests
# How many tests run at once; by itself one more than there are cores (tests/conftest.py).
WORKERS ?= auto
MINUTES ?= 15
KILLS ?= 50
export UV_PYTHON_DOWNLOADS := never
# Some environments forbid Python to keep what it compiled: then each of some hundred processes that
# the tests start compiles anew what changed since the set-up, and each worker all of the tests.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test slow cluster lint lint-python lint-screen browser bench kills soak soak-cameras build types lock clean screenshots

STATIC := src/streetwise/web/static/index.html
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -type f -print 2>/dev/null)

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'
	@echo "make demo takes PORT=8700 SPEED=1 SEED=1 YEARS=1; make test takes TESTS=tests/kernel"

demo: build ## Set up and serve a synthetic street at http://127.0.0.1:8700
	@exec .venv/bin/streetwise demo --port $(PORT) --speed $(SPEED) --seed $(SEED) --years $(YEARS)

test: .venv/.installed-dev ## Set up and run everything: lint, types, imports, unit, database, API, browser
	@$(MAKE) --no-print-directory -j3 lint-python lint-screen browser
	@.venv/bin/python -m pytest -n $(WORKERS) $(TESTS)

slow: .venv/.installed-dev $(STATIC) ## Say which tests, files and fixtures of TESTS cost most CPU
	@PYTHONPATH=tests .venv/bin/python -m pytest -p cpu_seconds -n 0 $(TESTS)

# Ray comes with the development packages; where it does not, the test says so and is skipped.
cluster: .venv/.installed-dev ## Two Ray nodes on this machine look at cameras, and one of them is killed
	@.venv/bin/python -m pytest -n 0 -rs tests/cluster

# mypy takes one core; the screen is built and checked on another meanwhile.
lint: .venv/.installed-dev
	@$(MAKE) --no-print-directory -j2 lint-python lint-screen

lint-python: .venv/.installed-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --verbose --no-cache > .build-lint-imports.log 2>&1 || { cat .build-lint-imports.log; rm -f .build-lint-imports.log; exit 1; }
	@rm -f .build-lint-imports.log

lint-screen: .venv/.installed-dev $(STATIC)
	@scripts/ui.sh check
	@scripts/ui.sh size

browser:
	@scripts/chromium.sh

bench: .venv/.installed-dev $(STATIC) ## Run the benchmarks; a table, and bench/results.json
	@.venv/bin/python -m bench

kills: .venv/.installed-dev $(STATIC) ## kill -9 at KILLS=50 random moments each of intake, action, job and backup
	@STREETWISE_KILLS=$(KILLS) .venv/bin/pytest -n 2 tests/faults/test_random_kills.py

soak: .venv/.installed-dev $(STATIC) ## Live fast for MINUTES=15 while things are broken, then count everything
	@.venv/bin/python -m bench.soak --minutes $(MINUTES) --speed 20

soak-cameras: .venv/.installed-dev ## Look at cameras that misbehave for MINUTES (20 at most), then count everything
	@.venv/bin/python -m bench.discover_soak --minutes $(MINUTES)

build: .venv/.installed-run $(STATIC) ## Set up and build the screen
	@true

.venv/.installed-run: requirements/run.lock pyproject.toml
	@scripts/setup.sh run
	@touch $@

.venv/.installed-dev: requirements/dev.lock pyproject.toml
	@scripts/setup.sh dev
	@touch $@

$(STATIC): $(UI_SOURCES) | .venv/.installed-run
	@scripts/ui.sh build
	@touch $@

types: .venv/.installed-dev ## Write the screen's API types anew, after a change of the API
	@.venv/bin/streetwise openapi ui/openapi.json
	@scripts/ui.sh types

screenshots: .venv/.installed-dev $(STATIC) ## Make the screenshots of README and guide anew
	@scripts/chromium.sh
	@.venv/bin/python scripts/screenshots.py

lock: .venv/.installed-dev ## Resolve the lock files anew
	@.venv/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --extra build -o requirements/run.lock
	@.venv/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --extra dev -o requirements/dev.lock

clean: ## Remove what was built here (the demo's data stays)
	rm -rf .venv ui/node_modules src/streetwise/web/static
