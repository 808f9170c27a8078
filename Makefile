# Each target sets up what it needs: a virtual environment in .venv, pinned by constraints.txt.
# With AFTERCUT_HASHES=required only wheels are installed that hashes.txt names.

FITS := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.11 python3; do \
	if $$python -c '$(FITS)' >/dev/null 2>&1; then echo $$python; break; fi; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INSTALL := $(PIP) --constraint constraints.txt
STAMP := .venv/installed
# The table of what a scan saves comes first; BENCH=benchmarks/scan.py makes it alone.
BENCH ?= benchmarks/scan.py $(filter-out benchmarks/scan.py,$(wildcard benchmarks/*.py))
# What reads, what writes, what escapes, and what proves.
DOORS := supply_data/*,scenarios/*,analyzer/network/case.py,analyzer/network/library.py,$\
	analyzer/network/rehearsal.py,analyzer/programme/certificate.py,analyzer/report/*folder.py,$\
	analyzer/report/kept*.py,analyzer/report/parquet.py,analyzer/report/records.py,$\
	analyzer/report/verified.py,analyzer/report/words.py,analyzer/report/written.py
# Modules are compiled once, not anew by each of the hundreds of processes that tests start.
export PYTHONDONTWRITEBYTECODE :=
WORKERS := --numprocesses auto --max-worker-restart 1
# As long as N asks for.
AT_LENGTH := $(WORKERS) --dist worksteal --override-ini faulthandler_timeout=0
# Without a Python that works, the virtual environment is made again, whatever the stamp says.
WORKS := $(BIN)/python -c 'import pip' 2>/dev/null
ifneq ($(shell $(WORKS) && echo yes),yes)
.PHONY: $(STAMP)
endif

.PHONY: run test soak fuzz mutants check bench pictures clean

run: $(STAMP)
	$(BIN)/aftercut run

# COVER=yes measures which branches the tests take, which takes half as long again or more.
test: $(STAMP)
	$(BIN)/python -m pytest --quiet $(if $(COVER),--cov) $(WORKERS) \
		--dist loadfile --no-loadscope-reorder
ifdef COVER
	$(BIN)/python -m coverage report --include='$(DOORS)' --fail-under=95
endif

# N random networks for each relation, and as many times more of all else that is drawn.
soak: N ?= 300
soak: $(STAMP)
	AFTERCUT_SOAK=$(N) $(BIN)/python -m pytest --quiet -m 'soak or fuzz' $(AT_LENGTH)

# N random files for each reader.
fuzz: N ?= 20000
fuzz: $(STAMP)
	AFTERCUT_FUZZ=$(N) $(BIN)/python -m pytest --quiet -m fuzz $(AT_LENGTH)

# Bugs planted in a copy, each to be found by the tests.
mutants: $(STAMP)
	$(BIN)/python -m tests.mutants.plant

check: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	@failed=0; for script in $(BENCH); do \
		echo "$$script"; $(BIN)/python "$$script" || failed=1; done; exit $$failed

pictures: $(STAMP)
	$(BIN)/python docs/take_pictures.py

clean:
	rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "needs Python 3.11 or newer with its venv module" >&2; exit 1; }
	$(WORKS) || $(PYTHON) -m venv --clear .venv
ifeq ($(AFTERCUT_HASHES),required)
	$(PIP) --require-hashes --no-deps --only-binary :all: --requirement hashes.txt
	$(PIP) --no-deps --no-build-isolation --editable .
else
	$(INSTALL) editables hatchling
	$(INSTALL) --no-build-isolation --editable '.[dev,cluster]'
endif
	touch $@
