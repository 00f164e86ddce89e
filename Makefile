# `make` alone lists the targets.
PY := .venv/bin/python
STAMP := .venv/.synced

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint format proto lock chart bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## Create the environment from requirements.lock

$(STAMP): requirements.lock requirements/bootstrap.lock pyproject.toml
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.lock
	.venv/bin/uv pip sync --quiet --require-hashes requirements.lock
	.venv/bin/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: setup ## Show a school day through the whole system
	$(PY) -m vigil demo

up: setup ## Keep the system running on this machine
	$(PY) -m vigil up

test: setup lint ## Set everything up, check it and run the suite
	$(PY) -m pytest

lint: setup ## Format check, lint, types, import contracts, proto
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd proto && ../.venv/bin/buf lint
	cd proto && ../.venv/bin/buf breaking --against baseline.binpb

format: setup ## Format the code and fix what can be fixed
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

proto: setup ## Generate contracts/ from proto/
	cd proto && ../.venv/bin/buf lint
	PATH=.venv/bin:$$PATH $(PY) -m grpc_tools.protoc -I proto --python_out=. --mypy_out=. $$(find proto -name '*.proto' | sort)

lock: setup ## Resolve requirements.lock anew
	.venv/bin/uv pip compile --upgrade --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock

clean: ## Remove what can be made again
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
