# One word for each thing a developer does; `make` alone lists them.
# The first of them to run makes .venv and, as root on Debian, installs the packages it lacks.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench bench-radius bench-identity bench-policy soak FORCE

PYTHON3 ?= python3
PYTHON  := .venv/bin/python
READY   := .venv/.ready
# Our processes start by the hundred here, and each would compile its modules again.
PYTEST  := env -u PYTHONDONTWRITEBYTECODE $(PYTHON) -m pytest
# A file's tests stay together: what they share is made once.
SPREAD  := -n auto --dist loadfile --no-loadscope-reorder
TYPED   := -p access -p otp -p radius -p vpn -p deploy -p tests.peers -p tests.bench

help: ## list these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: packages-demo $(READY) ## play one office from directory to gateway, then stay up (ONCE=1: end after the story)
	@ONCE="$(ONCE)" $(PYTHON) -m deploy.demo

test: packages-test $(READY) ## run every test but the long ones, the core first
	@$(PYTEST) $(SPREAD) -m "not soak"

lint: $(READY) ## check style, format and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy --exclude '/(test_|conftest)' $(TYPED)

bench: packages-bench $(READY) ## measure against the budgets and write docs/benchmarks.md
	@$(PYTHON) -m tests.bench

bench-radius: packages-bench $(READY) ## measure RADIUS alone, beside FreeRADIUS
	@$(PYTHON) -m tests.bench radius

bench-identity: packages-bench $(READY) ## measure directories and codes alone, for BENCH_PEOPLE people (100000)
	@$(PYTHON) -m tests.bench identity

bench-policy: $(READY) ## measure the decision alone: compile, changes, preview
	@$(PYTHON) -m tests.bench policy

soak: packages-test $(READY) ## run the long tests: fuzzing, millions of rows, hours
	@$(PYTEST) -m "soak or hypothesis" --hypothesis-profile=searching --timeout=7200

# A package that cannot be had is not the end: what needs it says so when its turn comes.
packages-%: FORCE
	@deploy/install-packages $(sort run $*) || echo "Going on without them."

$(READY): requirements.txt pyproject.toml | packages-run
	@PYTHON3=$(PYTHON3) deploy/make-environment .venv
	@touch $@
