# Four commands: serve, test, check, bench. Each makes its own set-up first. Paths are relative throughout, because
# make splits words at spaces and the folder may well be called « Mes projets ».

.POSIX:
SHELL = /bin/sh
.SUFFIXES:
.PHONY: help serve test check bench runtime development browser lock
BIN = .venv/bin

help:
	@echo 'make serve   the platform with its demonstration data, on http://127.0.0.1:8000 (PORT=9000 make serve for another port)'
	@echo 'make test    every test: stairs, types, lint, unit, HTTP, browser'
	@echo 'make check   types and lint only'
	@echo 'make bench   speed, against a bare server in the same run'

serve: runtime
	@exec $(BIN)/maillage serve

bench: runtime
	@exec $(BIN)/python -m bench

check: development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Stairs, unit, HTTP, browser and operating tests are all pytest's.
test: check browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

runtime:
	@sh tools/set-up runtime

development:
	@sh tools/set-up development

browser: development
	@sh tools/set-up browser

# After changing the dependencies in pyproject.toml; needs uv.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.lock -o requirements-dev.lock
