# Two commands do everything: `make demo` and `make test`; `make docs` builds the documentation.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-site
SITE := docs/_build/html

.PHONY: install demo demo-gallery docs test test-full lint clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test --group quality
	touch $@

$(VENV)/.documented: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

demo: install
	$(BIN)/subterra demo --out $(OUT)

demo-gallery: install
	$(BIN)/subterra demo gallery --out $(OUT)-gallery

docs: $(VENV)/.documented
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs $(SITE)
	@echo "The documentation is built: open $(SITE)/index.html"

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
	rm -rf $(VENV) $(OUT) $(OUT)-gallery docs/_build docs/gallery/pictures
