# The two commands of the README, and what developers need besides. `make help` lists them.
SHELL := /bin/bash
PORT ?= 8000

# The first Python that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

# Settings as on a server, for the checks that only read the code.
AS_ON_A_SERVER := SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	ALLOWED_HOSTS=qamtu.example DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	EMAIL_URL=smtp+tls://mail.example DEBUG=off HTTPS=on STATIC_HASHED=on BEHIND_PROXY=on QAMTU_RUN_DIR=/nonexistent

.DEFAULT_GOAL := help
.PHONY: help run test full check types rules format bench load growth fuzz faults mutants audit lock translations schema forget clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | column -t -s "$$(printf '\t')" 2>/dev/null \
		|| grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST)

run: .venv/base.stamp ## everything on this machine: services, data, worker, web; PORT=8000; Ctrl-C stops it
	@PORT=$(PORT) exec $(BIN)/python -m config.run

test: .venv/dev.stamp ## all tests, with real PostgreSQL, Redis, worker and browser
	@$(BIN)/python -m pytest -m "not alone" -n 2 --dist loadfile
	@$(BIN)/python -m pytest -m "alone"

full: .venv/dev.stamp ## in full what `make test` tries a part of: 2,000 random countries, forty submissions by hand, every page for barriers
	@QAMTU_IN_FULL=on $(BIN)/python -m pytest tests/reports/test_two_computations.py tests/reports/test_movements.py \
		tests/reports/test_shares_of_worlds.py tests/reports/test_registry_over_time.py \
		tests/reports/test_drafts_of_requirements.py tests/browser/test_every_workspace_page.py \
		tests/browser/test_ministry_afternoon.py tests/curricula/test_task_list_is_true.py \
		tests/institutions/test_editing_at_once.py tests/browser/test_ministry_sampling.py \
		tests/browser/test_suggested_category.py tests/browser/test_ministry_queue.py tests/browser/test_sign_and_see.py \
		tests/browser/test_people.py tests/browser/test_task_list.py tests/reports/test_public_pages_in_a_browser.py \
		tests/reports/test_finding_in_a_browser.py tests/curricula/test_api_curricula_properties.py \
		tests/curricula/test_foreign_addresses.py

check: types rules ## lint, format, types, migrations, translations, imports, deployment settings; -j2 takes both cores

types: .venv/dev.stamp
	@echo mypy .
	@$(AS_ON_A_SERVER) $(BIN)/mypy .

rules: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo manage.py makemigrations --check
	@$(AS_ON_A_SERVER) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	@echo manage.py check --deploy
	@$(AS_ON_A_SERVER) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m config.catalogues check
	$(BIN)/python -m pytest -q --noconftest -p no:django -p no:xdist tests/test_architecture.py tests/test_secrets.py

format: .venv/dev.stamp ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.stamp ## the benchmarks, one JSON object a line
	@$(BIN)/python -m tests.load.bench

load: .venv/dev.stamp ## deadline day: 400 editors and 500 readers a second; LOAD_MINUTES=3, 60 for a soak
	@$(BIN)/python -m tests.load.deadline_day

growth: .venv/dev.stamp ## what people wait for with 130, 1,300 and 26,000 universities; a quarter of an hour, 10 GB
	@$(BIN)/python -m tests.load.growth

fuzz: .venv/dev.stamp ## ten thousand requests made up from the schema of the API, alone and one after the other
	@QAMTU_API_EXAMPLES=250 $(BIN)/python -m pytest tests/reports/test_api_schemathesis.py tests/curricula/test_api_own_schemathesis.py

translations: .venv/dev.stamp ## add new words to the catalogues, and compile them
	$(BIN)/python -m config.catalogues update
	$(BIN)/python -m config.catalogues compile

schema: .venv/dev.stamp ## write docs/openapi.yaml anew, after a change of the API
	@$(AS_ON_A_SERVER) $(BIN)/python -W ignore manage.py spectacular --lang en --file docs/openapi.yaml

faults: .venv/dev.stamp ## kill, restart, fill and starve every part at many instants, under load; says what was survived
	@QAMTU_KILLS=200 $(BIN)/python -m pytest tests/faults

mutants: .venv/dev.stamp ## put faults into the program one by one: do the tests notice? AREA=metrics for one of four areas
	@$(BIN)/python -m tests.mutants $(AREA)

audit: .venv/dev.stamp ## what a release is made of (sbom.cdx.json), and whether anything of it has a known fault
	@$(BIN)/python -m config.audit

lock: ## pin the requirements again after a change of a .in file (needs uv)
	cd requirements && for set in base production dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url $$set.in --output-file $$set.txt || exit 1; done

forget: ## delete the data, accounts and uploads of `make run`, to begin anew
	$(BIN)/python -m config.services remove

clean: ## remove what was built, not the data of `make run`
	rm -rf .venv staticfiles .mypy_cache .ruff_cache .hypothesis sbom.cdx.json
	find . -name '*.mo' -not -path './.venv/*' -delete

# The environment; installed anew only when a lock has changed. uv is ten times faster where it is at hand.
define install
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; none was found on the PATH." >&2; exit 1; }
	@[ -x $(BIN)/python ] || { echo "making the environment (once; about half a minute)"; $(PYTHON) -m venv .venv; }
	@{ command -v uv >/dev/null && uv pip install -q --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null; } \
		|| $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

.venv/base.stamp: requirements/base.txt
	$(call install,$<)

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	$(call install,$<)
