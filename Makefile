# make demo   crawl the bundled newspaper and show what came of it
# make test   every test; installs what it needs, system packages where it may
# make test-clock  every test at other moments, in another zone and locale; CLOCK=--sample for one
# make check  ruff, ruff format, mypy, and who may import whom
# make bench  the benchmarks of docs/performance.md

# What is compiled is kept: a test starts many processes, each of which would compile it once more.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
# npx gets the search index's maker; Node.js of another source than Debian's will do.
SYSTEM_PACKAGES := chromium epubcheck faketime jekyll locales ruby-jekyll-sitemap strace systemd wget \
	$(if $(shell command -v npx),,npm)
# A file is run by one worker, which makes once what its tests share. Not `loadgroup`: pytest-xdist
# 3.8 cannot mark the groups' tests in pytest 9.2, and every worker made all that was shared.
SIDE_BY_SIDE := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-clock check bench clean
.DELETE_ON_ERROR:

demo: .venv/run
	@$(BIN)/python -m demo.crawl

test: .venv/dev .venv/scrapyd/ready system-packages
	$(BIN)/pytest $(SIDE_BY_SIDE)

test-clock: .venv/dev .venv/scrapyd/ready system-packages
	$(BIN)/python -m tools.clock $(CLOCK) -- $(SIDE_BY_SIDE) $(TESTS)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m benchmarks

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later is needed; PYTHON=python3.12 make … names another one.'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'Python has no venv here. On Debian or Ubuntu: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: .venv/run requirements-dev.txt requirements-dask.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Scrapyd's own environment: it wants an older setuptools.
.venv/scrapyd/ready: .venv/bin/python requirements.txt requirements-scrapyd.txt
	$(BIN)/python -m venv .venv/scrapyd
	.venv/scrapyd/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-scrapyd.txt
	@touch $@

# Tests that need one of these say so when they are skipped; with CI=true they fail.
.PHONY: system-packages
system-packages:
	@missing=$$(dpkg-query -W -f='$${Package} $${db:Status-Abbrev}\n' $(SYSTEM_PACKAGES) 2>/dev/null | \
		awk '$$2 == "ii" {print $$1}' | sort > .venv/installed; \
		printf '%s\n' $(SYSTEM_PACKAGES) | sort | comm -23 - .venv/installed); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	else \
		echo "Not installed, and this user may not: $$missing"; \
	fi

clean:
	rm -rf .venv build
