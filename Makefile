# `make help` lists what there is. Set variables as in
# `make test VENV=/some/where PYTHON=python3.12`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help quickstart test test-browser test-processors test-mmengines lint docs env \
  full-stack test-full-stack clean
START := $(shell date +%s)

# The first Python here that the library runs on.
supported = $(1) -c 'import sys, venv; \
  sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.10 \
  python3 python; do if $(call supported,$$p); then echo $$p; break; fi; done)

# Where the environment goes. It is made once, and again when the content of
# the list of packages changes (a fresh clone has it with a new date).
VENV ?= .venv
LOCK := requirements/lock.txt
STAMP = $(VENV)/.made-of-$(shell cksum < $(LOCK) | cut -d' ' -f1)
PIP = $(VENV)/bin/python -m pip install --disable-pip-version-check
# Python compiles what is imported; compiling all there is takes a third of the
# whole installation.
LAZY = --no-compile

# What building the documentation needs beside it, in the same environment.
DOCS_LIST := requirements/docs.txt
DOCS_STAMP = $(VENV)/.docs-of-$(shell cksum < $(DOCS_LIST) | cut -d' ' -f1)
DOCS_OUT ?= build/docs

# What the tests in a browser need beside it, likewise.
BROWSER_LIST := requirements/browser.txt
BROWSER_STAMP = $(VENV)/.browser-of-$(shell cksum < $(BROWSER_LIST) | cut -d' ' -f1)

# The same for the whole OpenMMLab stack. FIND_LINKS may name a folder with a
# wheel of mmcv, to save compiling it.
FULL_VENV ?= .venv-full
FULL_PYTHON ?= python3.11
FULL_LIST := requirements/full_stack.txt
FULL_STAMP = $(FULL_VENV)/.made-of-$(shell cksum < $(FULL_LIST) | cut -d' ' -f1)
FULL_PIP = $(FULL_VENV)/bin/python -m pip install --disable-pip-version-check
FIND_LINKS ?=

# Test processes, of one thread each unless OMP_NUM_THREADS is set.
JOBS ?= auto
PYTEST = -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile -q
TESTS ?= tests
# Settings of test-processors; all of them if none are named.
ROWS ?=

# Threads that wait give way to the loader's workers: on two cores a step of
# training would take several times as long.
export OMP_WAIT_POLICY := PASSIVE
# Keep freed memory, rather than asking the kernel for it anew in every step.
export MALLOC_MMAP_THRESHOLD_ := 1000000000
export MALLOC_TRIM_THRESHOLD_ := 2000000000

CONFIG := configs/dipt/full_synthfashion_64.py
QUICK := work_dirs/quickstart
# Training processes of the quick start, each with one thread: two keep two
# cores busy, where the second thread of one process mostly waits. The scores
# in the README are of two.
PROCESSES ?= 2
ifeq ($(PROCESSES),1)
TRAIN = $(VENV)/bin/python tools/train.py
else
TRAIN = $(VENV)/bin/python -m torch.distributed.run --standalone \
  --nproc_per_node=$(PROCESSES) tools/train.py --launcher pytorch
endif

# Lines that pip prints of its downloads, as a sign of life.
downloads = { grep --line-buffered -o 'Downloading [^ ]*.*' || true; }

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:[^#]*## /\t/' | expand -t 18

quickstart: env  ## train, test and picture the whole method on the CPU (about 10 min on 2 free cores)
	@echo '== training: three stages of $(CONFIG)'
	@OMP_NUM_THREADS=1 $(TRAIN) $(CONFIG) --work-dir $(QUICK)
	@echo '== testing on people that it has never seen'
	@$(VENV)/bin/python tools/test.py $(CONFIG) $(QUICK) \
	  --work-dir $(QUICK) --out $(QUICK)/metrics.json \
	  --show-dir $(QUICK)/pictures
	@seconds=$$(( $$(date +%s) - $(START) )); \
	printf '\n== done in %d min %02d s\n' $$((seconds / 60)) $$((seconds % 60)); \
	echo 'checkpoint:   '$$(cat $(QUICK)/last_checkpoint); \
	echo 'metrics:      $(QUICK)/metrics.json'; \
	echo 'picture grid: $(QUICK)/pictures/grid.png'

test: env  ## the tests that need nothing but the pinned packages
	@$(VENV)/bin/python $(PYTEST) $(TESTS)

test-browser: env $(BROWSER_STAMP)  ## the tests in Chromium, where it is installed (without TESTS all of them)
	@$(VENV)/bin/python -m pytest -m browser -q $(TESTS)

$(BROWSER_STAMP): $(STAMP)
	@echo 'installing $(BROWSER_LIST)'
	@$(PIP) --no-deps --only-binary :all: -r $(BROWSER_LIST) \
	  2>$(VENV)/pip.log | $(downloads) || { cat $(VENV)/pip.log; exit 1; }
	@rm -f $(VENV)/.browser-of-*; touch $@

test-processors: env  ## the tests as other processors would run them (ROWS, TESTS; hours)
	@$(VENV)/bin/python tools/analysis_tools/processor_test.py $(TESTS) \
	  --jobs $(JOBS) $(if $(ROWS),--rows $(ROWS))

test-mmengines: env  ## the engine's tests with each supported MMEngine (needs a network)
	@$(VENV)/bin/python tools/analysis_tools/mmengine_versions.py

lint: env  ## ruff (the linter and the formatter) and mypy (types)
	@$(VENV)/bin/python -m ruff check .
	@$(VENV)/bin/python -m ruff format --check -q .
	@$(VENV)/bin/python -m mypy --no-error-summary

docs: env $(DOCS_STAMP)  ## the documentation, in build/docs; a warning is an error
	@$(VENV)/bin/python docs/generate.py --check
	@$(VENV)/bin/python -m sphinx -b html -W --keep-going -q \
	  -d $(DOCS_OUT)/.doctrees docs $(DOCS_OUT)
	@echo 'written: $(DOCS_OUT)/index.html'

$(DOCS_STAMP): $(STAMP)
	@echo 'installing $(DOCS_LIST)'
	@$(PIP) --no-deps --only-binary :all: -r $(DOCS_LIST) \
	  2>$(VENV)/pip.log | $(downloads) || { cat $(VENV)/pip.log; exit 1; }
	@rm -f $(VENV)/.docs-of-*; touch $@

env: $(STAMP)  ## the environment (VENV, default .venv) with this library
	@$(PIP) -qq --no-deps --no-build-isolation -e .

$(STAMP):
	@test -n '$(PYTHON)' || { echo 'There is no Python 3.10 to 3.13 with its' \
	  'venv module here. Install one (on Debian also python3-venv), or name' \
	  'one: make PYTHON=/path/to/python3.11'; exit 1; }
	@echo '[1/4] making $(VENV) with $(PYTHON)'
	@$(PYTHON) -m venv $(VENV)
	@echo '[2/4] installing torch, unless a build of that version is there'
	@$(PIP) $(LAZY) $$(grep '^torch==' $(LOCK)) --constraint $(LOCK) \
	  2>$(VENV)/pip.log | $(downloads) || { cat $(VENV)/pip.log; exit 1; }
	@echo '[3/4] installing the other packages of $(LOCK)'
	@grep -v '^torch==' $(LOCK) > $(VENV)/others.txt
	@$(PIP) $(LAZY) --no-deps --only-binary :all: -r $(VENV)/others.txt \
	  2>$(VENV)/pip.log | $(downloads) || { cat $(VENV)/pip.log; exit 1; }
	@echo '[4/4] installing mmposetransfer from this folder'
	@rm -f $(VENV)/.made-of-*; touch $@

full-stack: $(FULL_STAMP)  ## an environment with mmcv's operators, mmpose, mmagic
	@$(FULL_PIP) -qq --no-deps --no-build-isolation -e .

$(FULL_STAMP):
	@echo '[1/3] making $(FULL_VENV) with $(FULL_PYTHON)'
	@$(FULL_PYTHON) -m venv $(FULL_VENV)
	@echo '[2/3] installing torch and torchvision (some GB)'
	@$(FULL_PIP) torch==2.13.0 torchvision==0.28.0 'setuptools<81' wheel \
	  $$(grep '^numpy==' $(FULL_LIST)) \
	  2>$(FULL_VENV)/pip.log | $(downloads) || { cat $(FULL_VENV)/pip.log; exit 1; }
	@echo '[3/3] installing $(FULL_LIST)'
	@$(FULL_PIP) --no-deps --no-build-isolation \
	  $(if $(FIND_LINKS),--find-links $(FIND_LINKS)) -r $(FULL_LIST) \
	  2>$(FULL_VENV)/pip.log | $(downloads) || { cat $(FULL_VENV)/pip.log; exit 1; }
	@rm -f $(FULL_VENV)/.made-of-*; touch $@

test-full-stack: full-stack  ## the tests that need that environment
	@MMPT_FULL_STACK=1 $(FULL_VENV)/bin/python $(PYTEST) \
	  -m full_stack $(TESTS)

clean:  ## remove what was built, but for environments and work_dirs
	@rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  mmposetransfer/.mim
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
