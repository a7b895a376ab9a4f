# Everything that is generated lives in one folder, which git ignores.
BUILD := $(CURDIR)/.build
VENV := $(BUILD)/venv
OLDEST_VENV := $(BUILD)/venv-oldest
NEWEST_VENV := $(BUILD)/venv-newest
GALAXY_VENV := $(BUILD)/venv-galaxy

# The Python to use; without it the newest one here that works is taken.
PYTHON ?=
export PYTHON

# The collection is found under its own name through a link to this folder, and nothing is written elsewhere.
export ANSIBLE_COLLECTIONS_PATH := $(BUILD)/collections
export ANSIBLE_HOME := $(BUILD)/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(BUILD)/hypothesis
export PYTHONPYCACHEPREFIX := $(BUILD)/pycache
# Without bytecode each of the many processes of a test compiles all of ansible-core, which takes longer than the test.
unexport PYTHONDONTWRITEBYTECODE
export PYTEST_ADDOPTS := --override-ini=cache_dir=$(BUILD)/pytest $(PYTEST_ADDOPTS)

RUN_REQUIREMENTS := requirements.txt requirements-demo.txt
OLDEST_REQUIREMENTS := $(RUN_REQUIREMENTS) requirements-test.txt requirements-oldest.txt
NEWEST_REQUIREMENTS := $(RUN_REQUIREMENTS) requirements-test.txt requirements-newest.txt
TEST_REQUIREMENTS := $(RUN_REQUIREMENTS) requirements-test.txt requirements-vendor.txt requirements-awx.txt
LINT_REQUIREMENTS := $(RUN_REQUIREMENTS) requirements-lint.txt

# Run something in a virtual environment, whose commands come first on the PATH.
in_venv = PATH="$(1)/bin:$$PATH"
pytest_in = $(call in_venv,$(1)) python -m pytest --override-ini=cache_dir=$(BUILD)/pytest/$@
pytest = $(call pytest_in,$(VENV))
# Tests that mostly wait for what they have started: two files at a time, each with an emulator of its own.
side_by_side = --numprocesses=2 --dist=loadfile
# Many tests wait for real programs, and some are late when all lanes of make test are busy: what failed runs once more, alone.
# A defect fails twice, and both runs are in the summary.
# $(1) is the command, $(2) what is tested, $(3) how the first time.
test_suite = $(1) $(2) $(3) || { [ $$? = 1 ] && echo 'What failed, once more:' && $(1) $(2) --last-failed --last-failed-no-failures=none; }
# Make an environment with another ansible-core: its folder, the oldest and newest Python that it may have, requirements.
# PYTHON is passed over when it is none of them, and the target is said not to have run when there is none.
other_core = if ! python=$$(tests/tools/find_python.sh $(2) $(3) 2>/dev/null || env -u PYTHON tests/tools/find_python.sh $(2) $(3)); \
	then echo '$@: not run, it needs a Python from $(2) to $(3)'; exit 0; fi; \
	"$$python" tests/tools/make_venv.py "$(1)" $(4)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The targets share one virtual environment; make test runs side by side what may.
.NOTPARALLEL:

.PHONY: histories help demo sandbox test quick unit sim kill vendor integration fleets browser awx oldest newest bench tables lint docs
.PHONY: sanity sanity-oldest sanity-newest build galaxy clean
.PHONY: clean-room awx-setup awx-collection layout run-environment test-environment lint-environment all-environment

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | while IFS=$$'\t' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

demo: run-environment ## Rebuild a fleet of emulated instances, in about a minute
	@$(call in_venv,$(VENV)) python tests/demo.py

sandbox: run-environment ## Serve the emulated providers until Ctrl-C
	@$(call in_venv,$(VENV)) PYTHONPATH=tests python -m emulator sandbox --state-dir "$(BUILD)/sandbox"

# Lanes of about the same length: the first two mostly wait, for installations and for proofs that take some time. Sanity
# runs on the oldest ansible-core here; make sanity and make sanity-newest run it on the others.
test: all-environment ## Run all tests and checks, in less than 30 minutes; the verdicts come last
	@MAKE="$(MAKE)" "$(VENV)/bin/python" tests/tools/check_all.py "$(BUILD)/logs" integration,oldest fleets,galaxy,vendor,browser lint,docs,build,unit,awx,sanity-oldest

unit: all-environment ## Run the unit tests, a short simulation, some histories and a few kills
	@$(call test_suite,$(pytest),tests/unit tests/simulation tests/histories)

# RUNS and SEED say which runs, REPLAY shows one in full.
RUNS ?=
SEED ?= 0
REPLAY ?=
sim: test-environment ## Simulate runs with fault injection, then play histories: RUNS=10000 SEED=0, or REPLAY=seed of a run
	@$(call in_venv,$(VENV)) PYTHONPATH=tests python -m simulation --processes 2 \
		$(if $(REPLAY),--replay $(REPLAY),--runs $(or $(RUNS),10000) --seed $(SEED))
	@$(if $(REPLAY),true,$(call in_venv,$(VENV)) PYTHONPATH=tests:$(BUILD)/collections python -m histories \
		--processes 2 --runs $(or $(RUNS),10000) --seed $(SEED))

WITHOUT ?=
histories: test-environment ## Play histories of calls, people and days: RUNS=10000 SEED=0, REPLAY=seed, or WITHOUT=each
	@$(call in_venv,$(VENV)) PYTHONPATH=tests:$(BUILD)/collections python -m histories --processes 2 \
		$(if $(REPLAY),--replay $(REPLAY),$(if $(WITHOUT),--without "$(WITHOUT)" --runs $(or $(RUNS),2000),--runs $(or $(RUNS),10000) --seed $(SEED)))

# LEDGER=file or LEDGER=postgres takes one home of the ledger; without it each seed is played with both.
LEDGER ?= both
kill: test-environment ## Kill runs of 100 instances and repeat them: RUNS=200 per provider, SEED=0, or REPLAY=seed
	@$(call in_venv,$(VENV)) PYTHONPATH=tests python -m simulation.kill --processes 2 --home $(LEDGER) \
		$(if $(REPLAY),--replay $(REPLAY),--runs $(or $(RUNS),200) --seed $(SEED))

vendor: test-environment ## Test the emulator with the vendors' own clients
	@$(pytest) tests/vendor

integration: test-environment ## Test the modules and the inventory plugin against the emulator
	@$(call test_suite,$(pytest),tests/integration,$(side_by_side))

fleets: test-environment ## Test the roles and playbooks on emulated fleets
	@$(call test_suite,$(pytest),tests/fleets,$(side_by_side))

browser: test-environment ## Test the report's page in Chromium, where it is installed
	@$(pytest) tests/browser

oldest: layout ## Run the smoke tests under the oldest supported ansible-core
	@$(call other_core,$(OLDEST_VENV),3.11,3.12,$(OLDEST_REQUIREMENTS)); \
	"$(OLDEST_VENV)/bin/python" -c 'from ansible.release import __version__; print("ansible-core", __version__)'; \
	$(call test_suite,$(call pytest_in,$(OLDEST_VENV)),-m smoke tests/integration tests/fleets,$(side_by_side))

newest: layout ## Run the smoke tests under the newest supported ansible-core; not a part of make test
	@$(call other_core,$(NEWEST_VENV),3.12,3.14,$(NEWEST_REQUIREMENTS)); \
	"$(NEWEST_VENV)/bin/python" -c 'from ansible.release import __version__; print("ansible-core", __version__)'; \
	$(call in_venv,$(NEWEST_VENV)) python -m pytest -m smoke tests/integration tests/fleets

# BENCH="--only call --json figures.json" measures less and keeps the figures.
bench: test-environment ## Benchmark calls, inventories and plays, in some minutes
	@$(call in_venv,$(VENV)) PYTHONPATH=tests python -m benchmark $(BENCH)

tables: run-environment ## Regenerate the tables of the guides and the options of the roles
	@$(call in_venv,$(VENV)) python tests/tools/tables.py

lint: all-environment ## Lint Python (ruff, mypy, radon, pylint), JavaScript (oxlint), YAML and roles (ansible-lint)
	@status=0; $(call in_venv,$(VENV)) python tests/tools/lint.py || status=1; \
	cd "$$($(call in_venv,$(VENV)) python tests/tools/copy_sources.py "$(BUILD)/lint")"; \
	$(call in_venv,$(VENV)) ANSIBLE_COLLECTIONS_PATH="$(BUILD)/lint" ansible-lint --nocolor --format pep8 && exit $$status

quick: all-environment ## Lint Python and run the unit tests, in less than two minutes
	@status=0; $(call in_venv,$(VENV)) python tests/tools/lint.py || status=1; \
	$(pytest) tests/unit && exit $$status

docs: lint-environment ## Lint the documentation (antsibull-docs) and the spelling (codespell)
	@cd "$$($(call in_venv,$(VENV)) python tests/tools/copy_sources.py "$(BUILD)/docs")"; \
	$(call in_venv,$(VENV)) ANSIBLE_COLLECTIONS_PATH="$(BUILD)/docs" \
		antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .; \
	$(call in_venv,$(VENV)) codespell .; echo 'docs: passed'

# Each takes three to five minutes, the first time some more. shellcheck is found in the environment of the other checks.
sanity: lint-environment ## Run ansible-test sanity
	@$(call in_venv,$(VENV)) python tests/tools/sanity.py "$(BUILD)"

sanity-oldest: lint-environment ## Run ansible-test sanity on the oldest supported ansible-core
	@$(call other_core,$(OLDEST_VENV),3.11,3.12,$(OLDEST_REQUIREMENTS)); \
	PATH="$(OLDEST_VENV)/bin:$(VENV)/bin:$$PATH" python tests/tools/sanity.py "$(BUILD)/sanity-oldest"

sanity-newest: lint-environment ## Run ansible-test sanity on the newest ansible-core; not a part of make test
	@$(call other_core,$(NEWEST_VENV),3.12,3.14,$(NEWEST_REQUIREMENTS)); \
	PATH="$(NEWEST_VENV)/bin:$(VENV)/bin:$$PATH" python tests/tools/sanity.py "$(BUILD)/sanity-newest"

build: run-environment ## Build the package, install it and read its documentation
	@$(call in_venv,$(VENV)) python tests/tools/build.py "$(BUILD)"

galaxy: layout ## Import the package as Galaxy does, with galaxy-importer
	@python=$$(tests/tools/find_python.sh 3.11 3.14); "$$python" tests/tools/make_venv.py "$(GALAXY_VENV)" requirements-galaxy.txt
	@$(call in_venv,$(GALAXY_VENV)) python tests/tools/galaxy.py "$(BUILD)"

clean-room: test-environment ## Install the built package from scratch, with two versions of ansible-core, and follow the README
	@oldest=$$(env -u PYTHON tests/tools/find_python.sh 3.11 3.12); \
	newest=$$(env -u PYTHON tests/tools/find_python.sh 3.12 3.14) || true; \
	$(call in_venv,$(VENV)) python tests/tools/clean_room.py "$(BUILD)/clean-room" \
		"$$oldest:requirements-oldest.txt" "$$newest:requirements-newest.txt"

awx: test-environment awx-collection ## Test the AWX kit: its objects, and its jobs through ansible-runner
	@$(call test_suite,$(pytest),tests/awx)

awx-setup: test-environment awx-collection ## Run the playbook of the AWX kit against an emulated controller, in some minutes
	@AWX_SETUP=playbook $(pytest) tests/awx/test_setup_playbook.py

awx-collection: test-environment
	@"$(VENV)/bin/python" tests/tools/awx_collection.py "$(BUILD)/awx-collection" requirements-awx-modules.txt

clean: ## Remove everything generated
	rm -rf "$(BUILD)"

layout:
	@mkdir -p "$(BUILD)/collections/ansible_collections/reforge"
	@ln -sfn ../../../.. "$(BUILD)/collections/ansible_collections/reforge/cloud"

install = @python=$$(tests/tools/find_python.sh 3.11 3.14); "$$python" tests/tools/make_venv.py "$(VENV)"

run-environment: layout
	$(install) $(RUN_REQUIREMENTS)

test-environment: layout
	$(install) $(TEST_REQUIREMENTS)

lint-environment: layout
	$(install) $(LINT_REQUIREMENTS)

all-environment: layout
	$(install) $(TEST_REQUIREMENTS) $(LINT_REQUIREMENTS)
