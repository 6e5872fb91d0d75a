# `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run demo test full chaos lint lock secrets bench

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
SERVICES := $(BIN)/python -m tests.services
PYTEST := $(BIN)/pytest -q --durations=5
SYSTEM := tests/system_packages.sh

help:  ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: .venv/installed  ## Start GlitchCSP here, installing what it needs the first time (PORT, GLITCHCSP_DATA)
	@exec $(BIN)/python manage.py serve

test: .venv/tests  ## Everything the tests need, then all tests but the long ones, on both pairs of database and buffer
	@$(SYSTEM) redis-server=redis-server postgres=postgresql chromium=chromium firefox-esr=firefox-esr \
		/usr/sbin/nginx=nginx /usr/sbin/apache2=apache2 caddy=caddy node=nodejs /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf=fonts-dejavu-core
	@$(BIN)/python -m tests.run

full: test  ## The same, and the long ones: hundreds of kills, WebKit
	@$(SYSTEM) Xvfb=xvfb WebKitWebDriver=webkit2gtk-driver
	@$(BIN)/python -m tests.run --long

chaos: .venv/tests  ## 200 random kills on both pairs under load; repeat a run with SEED=… KILLS=…
	@$(SYSTEM) redis-server=redis-server postgres=postgresql
	@seed=$${SEED:-$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**6))')}; \
		echo "SEED=$$seed KILLS=$${KILLS:-200}, both pairs at once"; \
		SEED=$$seed $(PYTEST) -n 2 -rP -m long tests/processes/test_chaos.py

demo: .venv/installed  ## Fill a project with a month of a shop's reports, to look around
	@$(BIN)/python manage.py migrate -v0
	@$(BIN)/python manage.py demo

lint: .venv/tests  ## ruff, mypy, layers, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_lint.py

lock: .venv/tests  ## Write both lock files anew from requirements*.in
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements.in -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements-dev.in -o requirements-dev.lock

secrets:  ## Write .env with fresh secrets for compose.yaml, once
	@$(PYTHON) glitchcsp/write_secrets.py

bench: .venv/tests  ## Measure the endpoint, the drain and the pages; prints tables and writes bench.json
	@$(SYSTEM) redis-server=redis-server postgres=postgresql
	@$(SERVICES) $(BIN)/python -m bench

# The virtual environment, in two steps so that `make run` installs nothing that only the tests need.
.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "GlitchCSP needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/one." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
		echo "Python can't make a virtual environment here. Install it (Debian: apt-get install python3-venv) and start again." >&2; exit 1; }
	@echo "Installing what requirements.lock names into .venv"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/tests: .venv/installed requirements-dev.lock
	@echo "Installing what requirements-dev.lock names into .venv"
	@$(PIP) -r requirements-dev.lock
	@touch $@
