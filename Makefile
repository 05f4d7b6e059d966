# The two that matter: `make demo` shows it, `make test` proves it. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PORT ?= 8000
JOBS ?= 2
PY := .venv/bin/python
PYTEST := $(PY) -m pytest -n $(JOBS) --dist=worksteal
PIP_COMPILE := .venv/bin/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host
export PORT
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: help
help: ## List what make can do
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' Makefile \
		| awk -F'|' '{ printf "  make %-12s%s\n", $$1, $$2 }'

# ---- See it -----------------------------------------------------------------------------------
.PHONY: demo demo-fresh
demo: ## Run it here with an example round (PORT=8000); Ctrl-C stops it
	@bin/venv requirements.txt
	@$(PY) bin/demo.py

demo-fresh: ## The same, from the beginning: forgets what was done in the demo
	@bin/venv requirements.txt
	@$(PY) bin/demo.py --fresh

# ---- Prove it ---------------------------------------------------------------------------------
.PHONY: test test-quick test-sqlite test-pg lint check-real bench
test: dev test-sqlite test-pg ## Every test, on SQLite and then on PostgreSQL, Redis and Chromium

test-quick: dev ## SQLite only, no browser
	$(PYTEST) --db=sqlite -m "not browser"

test-sqlite: dev test-needs
	$(PYTEST) --db=sqlite -m "not browser"

test-pg: dev test-needs
	$(PYTEST) --db=pg

lint: export TESTING = 1
lint: dev ## Style, types, layers, templates, missing migrations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

check-real: dev ## Try the real open data in ../shared/data, where it is present
	@if [ -d ../shared/data ] && [ -d tests/real ]; then $(PY) -m pytest --db=sqlite -m real tests/real; \
	else echo "../shared/data or tests/real is not here, so there is nothing real to try."; fi

bench: dev ## The long measurements: loads, full crawls, long faults
	@if [ -d bench ]; then $(PY) -m pytest -s --db=sqlite bench && $(PY) -m pytest -s --db=pg bench; \
	else echo "There is no bench folder yet, so there is nothing to measure."; fi

# ---- Work on it -------------------------------------------------------------------------------
.PHONY: format shell lock dev test-needs doctor
format: dev ## Put code in house style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

shell: ## A Python prompt on the demo's data
	@bin/venv requirements.txt
	@$(PY) bin/demo.py --shell

lock: dev ## Choose library versions again from pyproject.toml
	$(PIP_COMPILE) --output-file=requirements.txt pyproject.toml
	$(PIP_COMPILE) --extra=dev --constraint=requirements.txt \
		--output-file=requirements-dev.txt pyproject.toml

doctor: ## Say which system libraries are missing
	@bin/venv requirements.txt
	@$(PY) bin/doctor.py

dev:
	@bin/venv requirements-dev.txt

test-needs:
	@bin/test-needs
