# make run    the service on SQLite, with a web chat on http://127.0.0.1:8080
# make test   everything, set-up included (under 10 minutes on 2 cores)
# make check  the fast part: lint, types, import contracts, quick tests (under a minute)
# make soak   the long loops: a hundred kills and more
# make bench  the figures in the README
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 := 1

.PHONY: run test check soak bench lint words lock clean

run: .venv/installed
	@$(BIN)/python -m bot serve

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked dependencies ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/tested: .venv/installed requirements-test.lock
	@echo "Installing the test tools ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

check: .venv/tested lint
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not postgres and not browser and not crash and not long and not bench"

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: .venv/tested lint
	CHROMIUM="$$(.ci/browser $(BIN))" && export CHROMIUM && $(BIN)/python -m pytest -q -n 3 --dist worksteal --durations 20 -m "not bench"

soak: .venv/tested
	CHROMIUM="$$(.ci/browser $(BIN))" && export CHROMIUM && KILLS=100 $(BIN)/python -m pytest -q -s -m "crash" --timeout 3000

bench: .venv/tested
	$(BIN)/python -m tests.bench
	CHROMIUM="$$(.ci/browser $(BIN))" && export CHROMIUM && $(BIN)/python -m pytest -q -s -m bench

words: .venv/tested  ## gather the texts of code and pages into the catalogues
	$(BIN)/pybabel -q extract -F locales/babel.cfg -k _ -k ngettext:1,2 --no-location --sort-output --no-wrap --omit-header -o locales/bot.pot bot handlers content/pages
	@for lang in ar pl; do $(BIN)/pybabel -q update -D bot -i locales/bot.pot -d locales -l $$lang --no-fuzzy-matching --no-wrap --omit-header --ignore-obsolete || exit 1; done

lock: .venv/tested
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group test -o requirements-test.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache
