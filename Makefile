# Every command a person needs. What they do is in Python: `python -m loader`.

VENV := .venv
RUN := $(VENV)/bin/python
# A shell's own settings of Python and pytest are not for this project.
unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTEST_ADDOPTS
# Much of a test's time is waiting, so files run side by side, even on two cores, in
# the order of tests/conftest.py: those that last longest first.
TOGETHER := --numprocesses=4 --dist=loadfile --no-loadscope-reorder
SQL := schema.sql sample_data.sql loader/database/sql rill/models bench/sql

# make ... CLIENT=name works for one of several clients, in clients/name. Only as it
# is typed: a variable of this name in somebody's shell chooses nobody.
ifeq ($(origin CLIENT),command line)
ifeq ($(strip $(CLIENT)),)
$(error CLIENT is empty: give a name, as in make status CLIENT=acme)
endif
export BONZO_CLIENT := $(CLIENT)
endif

.DEFAULT_GOAL := help
.PHONY: help setup start demo load db refresh status doctor stop test test-long test-rill browser bench bench-full validate \
	lint format docs pictures lock audit install install-dev clean purge

help: ## Show this list
	@echo "  CLIENT=name after a target: for that client alone (clients/name)"
	@while IFS= read -r line; do case "$$line" in [a-z]*:*"## "*) \
		printf '  make %-12s %s\n' "$${line%%:*}" "$${line##*## }";; esac; done < Makefile

start: install ## Load the data (Bonzo's with a token, else a demo) and serve dashboards
	@$(RUN) -m launcher start

setup: install ## Connect your Bonzo account: token, time zone, stage names
	@$(RUN) -m launcher setup

demo: install ## The same with demo data, even if a token is set
	@$(RUN) -m launcher start --demo

load: install ## Bring the data up to date and tell a running Rill
	@$(RUN) -m launcher load

db: install ## Start the embedded database
	@$(RUN) -m launcher db start

refresh: install ## Tell a running Rill to read the database again
	@$(RUN) -m launcher refresh

status: install ## Say how old the data is, without CLIENT of all clients
	@$(RUN) -m launcher status

doctor: install ## Check token, scopes, database, mapping, data and Rill
	@$(RUN) -m launcher doctor

stop: install ## Stop Rill and the embedded database; the data stays
	@$(RUN) -m launcher stop
	@$(RUN) -m launcher db stop

test: install-dev ## Run every test that needs no network
	@$(RUN) -m pytest $(TOGETHER)

test-long: install-dev ## Run the tests that take minutes
	@$(RUN) -m pytest $(TOGETHER) -m long

test-rill: install-dev ## Run the tests of Rill and its pages, fetching Rill if absent
	@PATH="$$(dirname "$$($(RUN) -m launcher fetch)"):$$PATH" $(RUN) -m pytest $(TOGETHER) -m "rill or browser"

browser: install-dev ## Install the browser for the tests of Rill's pages
	@$(RUN) -m playwright install --with-deps chromium

bench: install-dev ## Measure speed and memory, some minutes; BENCH=write: one alone
	@$(SHELL) scripts/bootstrap.sh .venv-bench requirements-bench.txt $(PYTHON)
	@$(RUN) -m bench $(BENCH)

bench-full: install-dev ## The same for large accounts, some hours
	@$(SHELL) scripts/bootstrap.sh .venv-bench requirements-bench.txt $(PYTHON)
	@$(RUN) -m bench --full $(BENCH)

validate: install ## Have Rill build the whole project; FORMAT=github annotates
	@$(RUN) -m launcher fetch >/dev/null
	@$(RUN) -m launcher validate $(if $(FORMAT),--format $(FORMAT))

lint: install-dev ## Check style of Python, SQL, YAML and spelling
	@$(RUN) -m ruff check . && $(RUN) -m ruff format --check .
	@$(RUN) -m sqlfluff lint $(SQL) && $(RUN) -m yamllint --strict . && $(VENV)/bin/codespell

format: install-dev ## Format Python and SQL in place
	@$(RUN) -m ruff check --fix . && $(RUN) -m ruff format .
	@$(RUN) -m sqlfluff fix $(SQL)

pictures: install-dev ## Render every canvas from demo data into docs/images, or FOLDER
	@PATH="$$(dirname "$$($(RUN) -m launcher fetch)"):$$PATH" \
		$(RUN) -m harness.pictures $(FOLDER)

docs: install ## Write docs/metrics.md from the metrics' descriptions
	@$(RUN) -m launcher.duckdb.metrics_doc

lock: install-dev ## Lock the newest allowed versions, with hashes
	@$(RUN) -m scripts.lock

audit: ## Look for known vulnerabilities in what is locked
	@$(SHELL) scripts/bootstrap.sh .venv-audit requirements-audit.txt $(PYTHON)
	@for lock in requirements.txt requirements-dev.txt requirements-audit.txt requirements-bench.txt; do \
		.venv-audit/bin/pip-audit --require-hashes --disable-pip -r $$lock || exit 1; done

install: ## Make the virtual environment with what running needs
	@$(SHELL) scripts/bootstrap.sh $(VENV) requirements.txt $(PYTHON)

install-dev: ## The same with what testing needs
	@$(SHELL) scripts/bootstrap.sh $(VENV) requirements-dev.txt $(PYTHON)

clean: ## Remove everything made here except the database and settings
	$(if $(BONZO_CLIENT),$(error all clients share what clean removes: run it without CLIENT))
	rm -rf $(VENV) .venv-audit .venv-bench .bin rill/tmp rill/data/demo .pytest_cache .ruff_cache .hypothesis

purge: install ## Remove the embedded database too: CONFIRM=yes
	@$(RUN) -m launcher db remove $(if $(filter yes,$(CONFIRM)),--yes)
