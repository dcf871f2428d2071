# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-site

.PHONY: install demo demo-gallery test test-full lint clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test --group quality
	touch $@

demo: install
	$(BIN)/subterra demo --out $(OUT)

demo-gallery: install
	$(BIN)/subterra demo gallery --out $(OUT)-gallery

test: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-full: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

clean:
	rm -rf $(VENV) $(OUT) $(OUT)-gallery
