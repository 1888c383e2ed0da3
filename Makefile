# Every target does its own set-up: a virtual environment in .venv, made once and again when pyproject.toml changes.
PYTEST = .venv/bin/python -m pytest -n 2 --dist loadfile -p no:cacheprovider

.PHONY: help setup run test test-all lint check docs bench paper-000 paper-001 paper-002 paper-003

help:
	@echo "make run       run specs/quickstart.meta: half a minute, needs no data"
	@echo "make test      the quick tests"
	@echo "make test-all  all tests"
	@echo "make check     ruff, mypy, the order of the packages, the size of modules"
	@echo "make bench     speed and memory beside JAX and PyTorch"
	@echo "make paper-000 the speed of clusters of tasks, beside a paper's table; a quarter of an hour"
	@echo "make paper-003 the methods of a paper on real characters, beside its table; an hour"
	@echo "make paper-002 hyperparameters, distillation, learned losses and evolution, after a lecture; an hour"
	@echo "make paper-001 copies of the meta-model that exchange weights, after a thesis; an hour"
	@echo "make docs      write the generated pages of docs/"
	@echo "make setup     only the virtual environment"

.venv/installed: pyproject.toml .ci/setup
	@.ci/setup

setup: .venv/installed

run: setup
	@.venv/bin/metaspec run specs/quickstart.meta

test: setup
	@$(PYTEST)

test-all: setup
	@$(PYTEST) -m "slow or not slow"

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports

# The size of modules is a test of tests/test_source.py.
check: lint
	@.venv/bin/mypy
	@$(PYTEST) -q tests/test_source.py

# Against JAX and PyTorch, which METASPEC_BENCH_PYTHON's environment has (the extra `bench`). Wants a quiet machine.
bench: setup
	@.venv/bin/python -m benchmarks

# Table 2 and figures 6 and 7 of Pimpalkhute et al. beside ours. A quarter of an hour on two quiet cores.
paper-000: setup
	@.venv/bin/python -m benchmarks.paper_000

# Table 2 of Khullar and Srivastava beside ours, on the characters in $METASPEC_DATA. An hour on two quiet cores;
# what is finished is not run again.
paper-003: setup
	@.venv/bin/python -m benchmarks.paper_003

# Soulier 2020: copies that exchange weights, on the characters in $METASPEC_DATA; an hour on two quiet cores.
paper-001: setup
	@.venv/bin/python -m benchmarks.paper_001

# A lecture on large-scale meta-optimization: what meta-gradients are for beside searches and plain counterparts. About
# an hour on two quiet cores; what is finished is not run again.
paper-002: setup
	@.venv/bin/python -m benchmarks.paper_002

docs: setup
	@.venv/bin/python docs/generate.py
