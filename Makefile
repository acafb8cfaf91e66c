# Everything sets itself up in .venv, from nothing but python3 with pip; where there is a C compiler, the hot modules
# are compiled. PYTHON chooses the interpreter, ARGS goes to the command that is run: make tour ARGS="--epochs 5"

PYTHON ?= python3
ARGS ?=

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
ROOMS := src/glassgrad/core $(addprefix src/glassgrad/compiler/,codegen frontend ir runtime)
HOT := $(wildcard $(ROOMS:=/*.pxd))
SOURCES := pyproject.toml setup.py src/glassgrad/_build.py $(HOT) $(HOT:.pxd=.py) $(wildcard $(ROOMS:=/*.h))

# A stamp says what .venv holds. How it was compiled is part of its name, as another setting needs another build.
TOUR := $(VENV)/.tour$(GLASSGRAD_PURE)
DEV := $(VENV)/.dev$(GLASSGRAD_PURE)
BROWSER := $(VENV)/.browser$(GLASSGRAD_PURE)

# The player's JavaScript; users need its bundle alone, which is committed.
JS := src/glassgrad/player/js
BUNDLE := src/glassgrad/player/static/player.js
TOOLS := $(JS)/node_modules/.stamp
REBUILT := $(abspath $(VENV))/player.js

# As many processes as there are cores. ARGS="-n 0" runs all tests in one, as a debugger and -s need it.
PYTEST := -m pytest -n auto --dist worksteal
CHOICE := not slow and not nightly and not browser
ENDLESS := --timeout=0 -o faulthandler_timeout=0
COMPILED := $(RUN) -c "import sys, glassgrad; sys.exit(not glassgrad.compiled())"

.PHONY: help docs tour test checks tests test-compiled test-pure player test-player test-pages test-js lint-js lint format types
.PHONY: mypy stubs coverage nightly bench clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tour: $(TOUR) ## the main job on real input: a neuron, its drawing, a network that learns; ends in an index.html
	$(RUN) -m glassgrad tour $(ARGS)

test: checks tests ## all that has to pass: checks, the tests compiled and pure, lessons and all

checks: lint types ## ruff, mypy and the stubs; `make -j 2 checks` runs two at a time

tests: test-compiled test-pure ## the tests on the compiled build, then on plain Python what differs there

tests: pure_choice = `$(COMPILED) && echo 'and not one_build'`

test-compiled: $(DEV) ## the tests on the compiled build; says so where there is none
	@if $(COMPILED); \
	then $(RUN) $(PYTEST) $(ARGS); \
	else echo "There is no compiled build here (no C compiler?): only plain Python is tested."; fi

test-pure: $(DEV) ## the tests on plain Python
	GLASSGRAD_PURE=1 $(RUN) $(PYTEST) -m "$(CHOICE) $(pure_choice)" $(ARGS)

player: $(TOOLS) ## bundle the player's JavaScript into what is committed (needs Node)
	cd $(JS) && npm run --silent build

test-player: $(BROWSER) ## the player: its JavaScript, its bundle, and its pages in a real browser
	$(RUN) -m glassgrad.player.generate --check
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory test-js; \
	elif [ "$$GLASSGRAD_BROWSER" = required ]; then echo "There is no npm, which the player's tests need." >&2; exit 1; \
	else echo "There is no npm: the player's JavaScript and its bundle are not tested."; fi
	$(MAKE) --no-print-directory test-pages

test-pages: $(BROWSER) ## the player's pages in a real browser, and JupyterLab
	$(RUN) $(PYTEST) -m browser tests/player $(ARGS)

test-js: lint-js $(RUN) ## the player's JavaScript: its checks, its tests in Node, whether the bundle is made of it
	cd $(JS) && npm test
	@cd $(JS) && npm run --silent build -- --outfile=$(REBUILT) --log-level=warning
	@cmp -s $(REBUILT) $(BUNDLE) || \
	{ echo "$(BUNDLE) is not what its sources make: run \`make player\` and commit what it writes." >&2; exit 1; }

lint-js: $(TOOLS) ## the same for the player's JavaScript: eslint, prettier, and TypeScript's checks
	cd $(JS) && npm run --silent lint && npm run --silent check

docs: $(DEV) ## draw the docs' pictures, and write the forms of code that docs/architecture.md shows
	$(RUN) docs/pictures.py
	$(RUN) docs/forms.py

lint: $(DEV) ## ruff: mistakes and layout
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

format: $(DEV) ## let ruff mend what it can
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

types: mypy stubs ## mypy, strict; and whether core/scalar.pyi fits core/scalar.py

mypy: $(DEV)
	$(RUN) -m mypy

stubs: $(DEV)
	GLASSGRAD_PURE=1 $(RUN) -m mypy.stubtest --concise --ignore-missing-stub glassgrad.core.scalar

coverage: $(DEV) ## the tests on plain Python, with the coverage, which must not fall below `fail_under` in pyproject.toml
	GLASSGRAD_PURE=1 $(RUN) $(PYTEST) --cov $(ARGS)

nightly: coverage ## the tests that take minutes too, both ways, with many more examples and all other libraries
	$(PIP) install --editable ".[dev,uses]"
	HYPOTHESIS_PROFILE=nightly $(RUN) $(PYTEST) $(ENDLESS) -m "" $(ARGS)
	HYPOTHESIS_PROFILE=nightly GLASSGRAD_PURE=1 $(RUN) $(PYTEST) $(ENDLESS) -m "" $(ARGS)

bench: ## measure beside micrograd, XAD, PyTorch and autograd, in an environment of their own
	$(PYTHON) benchmarks/setup_and_run.py $(ARGS)

clean: ## remove what was built and installed here
	rm -rf $(VENV) benchmarks/.venv build dist src/*.egg-info src/glassgrad/_compiled
	rm -rf $(JS)/node_modules tests/player/browser/screenshots
	rm -rf .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 without python3-venv has venv, but not the pip to put into it.
$(RUN):
	$(PYTHON) -m venv $(VENV) || \
	{ $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(RUN) install --quiet pip; }

$(TOUR): $(SOURCES) | $(RUN)
	@echo "Installing glassgrad into $(VENV): a minute the first time."
	$(PIP) install --editable ".[tour]"
	@rm -f $(VENV)/.tour* $(VENV)/.dev* $(VENV)/.browser* && touch $@

$(DEV): $(SOURCES) | $(RUN)
	@echo "Installing glassgrad and what tests it into $(VENV): a minute or two the first time."
	$(PIP) install --editable ".[dev]"
	@rm -f $(VENV)/.tour* $(VENV)/.dev* $(VENV)/.browser* && touch $@ $(TOUR)

$(BROWSER): $(SOURCES) | $(RUN)
	@echo "Installing what tests the player into $(VENV): notebooks, and what drives a browser."
	$(PIP) install --editable ".[dev,browser]"
	@rm -f $(VENV)/.tour* $(VENV)/.dev* $(VENV)/.browser* && touch $@ $(DEV) $(TOUR)

$(TOOLS): $(JS)/package.json $(JS)/package-lock.json
	@command -v npm >/dev/null || { echo "There is no npm: install Node.js, which brings it." >&2; exit 1; }
	cd $(JS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
