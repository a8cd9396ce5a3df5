# The front door for developers; continuous integration calls the same names.

PYTHON ?= python3
SPARE := .drift-venv

.PHONY: help check test drift drift-latest fuzz

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

check: ## Format, lint and types, without changing anything
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

test: ## Run the test suite
	$(PYTHON) -m pytest -q

drift: ## Compare with the SDK that is installed, the one we follow
	$(PYTHON) -m mockserver drift

drift-latest: ## Compare with the newest SDK of the registry, in an environment of its own
	rm -rf $(SPARE)
	$(PYTHON) -m venv $(SPARE)
	$(SPARE)/bin/pip install --quiet --upgrade . openai
	$(SPARE)/bin/mockserver drift; code=$$?; rm -rf $(SPARE); exit $$code

fuzz: ## Send made-up requests to a server at URL by its own description (needs schemathesis)
	schemathesis run $(URL)/_mock/openapi.json --url $(URL)/v1 --phases fuzzing \
	  --checks not_a_server_error,response_schema_conformance,content_type_conformance
