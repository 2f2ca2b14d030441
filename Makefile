# All targets work from a fresh clone with nothing but Python >= 3.11 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
SITE   := $(VENV)/.installed-docs

.PHONY: quickstart test test-lowest docs methods coverage lint format clean

quickstart: $(READY)  ## train, re-balance, tune and compare on scikit-learn's digits
	$(BIN)/decouple quickstart

test: lint  ## formatter, linter, types, tests
	$(BIN)/pytest --numprocesses auto

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

methods: $(READY)  ## write docstrings into docs/methods.md, and the typed options of the Python functions
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/generate_options.py

coverage: $(READY)  ## list which published values stand beside a cell of configs/tables
	$(BIN)/python docs/published_coverage.py

docs: methods $(SITE)  ## build the site into site/; a dead link or an undocumented public name fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "wrote site/index.html"

test-lowest:  ## the tests against the lowest versions that setup.cfg allows
	test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	sed -n '/^install_requires/,/^$$/ s/^    \(.*\)>=\(.*\)/\1==\2/p' setup.cfg > .venv-lowest/constraints.txt
	.venv-lowest/bin/python -m pip install --quiet --constraint .venv-lowest/constraints.txt --editable '.[dev]'
	.venv-lowest/bin/pytest -W ignore::DeprecationWarning  # old versions of one library complain of new ones of another

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY): setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..." >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(SITE): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

clean:
	rm -rf $(VENV) .venv-lowest build site *.egg-info .mypy_cache .ruff_cache .pytest_cache
