# make help

.DEFAULT_GOAL := help
SHELL := /bin/sh
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
CODE := portal sessions_app registration
export PORT

.PHONY: help install run test check bench lighthouse chaos lock clean

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile | expand -t 16

install: $(VENV)/all ## the environment in .venv; nothing is started

$(VENV)/runtime: requirements.txt
	@python=$$(PYTHON="$(PYTHON)" bin/find-python) && echo "Installing into $(VENV) with $$python …" && \
		rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/all: $(VENV)/runtime requirements-dev.txt
	@echo "Installing what tests and checks need …"
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@

run: $(VENV)/runtime ## everything in one terminal at http://localhost:8000 (PORT=8000)
	@exec $(BIN)/python manage.py run

# Processes are started by the dozen: what the first compiles, the others find. On PostgreSQL many tests wait for them,
# so three run at a time on two processors.
test: export PYTHONDONTWRITEBYTECODE =
test: install ## all tests, on SQLite and on PostgreSQL with Redis, Celery, SMTP and Chromium
	@bin/find-installed chromium "$$CHROMIUM" chromium chromium-browser google-chrome > /dev/null
	@bin/find-installed nginx-light nginx > /dev/null || true
	@status=0; for pass in "sqlite 2" "postgres 3"; do \
		set -- $$pass; echo "Tests on $$1:"; \
		TEST_DATABASE=$$1 $(BIN)/pytest -n $$2 --dist worksteal || status=1; \
	done; exit $$status

check: install ## format, lint, types, missing migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	TRIAL=1 $(BIN)/mypy $(CODE)
	TRIAL=1 $(BIN)/python manage.py check --fail-level WARNING
	TRIAL=1 $(BIN)/python manage.py makemigrations --check --dry-run

bench: install ## speed, each figure with the one to reach, on this machine in one run
	@$(BIN)/python -m bench

lighthouse: install ## Lighthouse's scores of the public pages; fetches it into var/, needs Node and Chromium
	@$(BIN)/python -m bench.lighthouse

chaos: install ## kills, cuts and outages while a release is mailed; CHAOS_SEED repeats a run, CHAOS_MAILS=10000 makes it larger
	@TEST_DATABASE=postgres CHAOS_SEED=$${CHAOS_SEED:-$$(date +%s)} CHAOS_MAILS=$${CHAOS_MAILS:-500} \
		CHAOS_KILLS=$${CHAOS_KILLS:-10} $(BIN)/pytest -s -n 2 --dist worksteal tests/chaos

lock: install ## new versions into the requirements files
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.12 --generate-hashes \
		--no-emit-index-url --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.12 --generate-hashes \
		--no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

clean: ## removes the environment and all trial data
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .hypothesis
