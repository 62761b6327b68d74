# make demo   the main job on a real model, from nothing
# make test   every check, from nothing
# make bench  the measured figures of the README, beside their rivals (MODELS="a.npz b.npz" for others)

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# pyeda's C sources predate what gcc 14 insists on; older compilers take the flag as well
export CFLAGS += -Wno-incompatible-pointer-types

.PHONY: demo test lint bench clean

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/mypy

bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet -e '.[train]'
	$(BIN)/python -m tests.benchmarks $(MODELS)

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build dist demo *.egg-info
