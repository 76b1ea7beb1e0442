# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Names things; what they do is in tools/, lab/ and tests/.

.DEFAULT_GOAL := help
.PHONY: help venv lab lab-status lab-down demo lint test test-all test-lab molecule test-unit test-sanity test-integration test-oldest test-services bench bench-gate seed-coverage docs lock clean

export SLIPWAY_CACHE ?= $(HOME)/.cache/slipway
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_HOME := $(CURDIR)/build/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/build/hypothesis
# Compiled once and kept: otherwise each start of Ansible compiles itself anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 24
	@tools/where.sh

venv: ## .venv/ from the lock file, with the collection linked into it
	@tools/venv.sh

lab: venv ## a real cluster on this machine: Kubernetes, Istio, Envoy, Prometheus, the demo service
	@python -m lab up

lab-status: venv ## what of the lab runs
	@python -m lab status

lab-down: venv ## stop the lab and leave nothing behind
	@python -m lab down

demo: venv ## a good canary promoted, a bad one taken back, under load; KUBECONFIG=... uses that cluster
	@python -m lab.demo

lint: venv ## every check; ONLY="ruff mypy" runs some
	@python -m tools.lint $(ONLY)

test: venv ## lint, sanity, units, and integration tests of the collection
	@python -m tools.suite

test-lab: venv ## the lab's own tests, which stop it, break it and start it again
	@python -m tools.suite lab

molecule: venv ## a scenario of Molecule for every role, on the lab; ONLY="canary rolling" plays some
	@python -m tools.molecule $(ONLY)

test-all: venv ## all of these, and what takes long: rollouts killed at each of 20 instants
	@python -m tools.suite all

test-unit: venv ## unit tests and their coverage
	@python -m tools.suite unit

test-sanity: venv ## ansible-test sanity on the newest and the oldest Python
	@python -m tools.suite sanity

test-oldest: venv ## unit tests of the plugins on Python 3.10 with ansible-core 2.17
	@python -m tools.suite oldest

test-integration: venv ## tests against the lab, which is left up
	@python -m tools.suite integration

test-services: venv ## sources against real Prometheus, VictoriaMetrics, InfluxDB, Graphite, OpenSearch
	@python -m tools.suite services

bench: venv ## what a switch and a look cost, beside kubernetes.core and kubectl
	@python -m tests.bench

bench-gate: venv ## how often the gate's judges are wrong and how fast they are right, by simulation; RUNS=500 is quick, SEED=2 another; goes on after a cut
	@python -m tests.bench_gate --runs $(or $(RUNS),10000) $(if $(SEED),--seed $(SEED))

seed-coverage: venv ## is every part of docs/seed/before.md there, and did its test pass in the last run
	@python -m tools.seed

docs: venv ## the reference of modules and roles, from the code, into build/docs/
	@tools/docs.sh

lock: venv ## resolve the lock files again
	@tools/lock.sh

clean: ## remove .venv/ and build/; the cache folder stays
	@tools/clean.sh
