# One command at home is the same command in CI.
#
#   make              installs what is missing, builds build/coreshed and the Python package, which .venv can import
#   make quickstart   builds build/coreshed, then runs examples/quickstart.sh
#   make wheel        builds the Python package as a wheel in build/dist
#   make docs         builds the user guide as a site in build/docs
#   make test         house rules, layout, tests of the CLI and of the wheel, C++ tests with the address sanitizer
#   make test-long    C++ tests with the thread sanitizer, those labelled `long`, the protocol's model whole, fuzzing
#   make fuzz         files made up by libFuzzer, each format for FUZZ_SECONDS (300); `make fuzz-csv` one format
#   make bench        bench/run.py against the release build
#   make tidy         clang-tidy over everything
#   make format       clang-format over everything (or FILES="…")
#   make clean        removes what was built; `make distclean` also what was downloaded
#
# JOBS=n sets how many compilers run at once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := release

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 300
PYTHON := .venv/bin/python
SOURCES = $(shell find src include views tests bench examples -name '*.cc' -o -name '*.h' 2>/dev/null)
FILES ?= $(SOURCES)
export CTEST_PARALLEL_LEVEL ?= $(JOBS)

# build PRESET TARGET: configures once, and when presets change (ninja sees to the rest). The lock is for two shells building at once.
build = echo "build: $(1)" && mkdir -p build && exec 9> build/$(1).lock && flock 9 && \
	{ cmp -s CMakePresets.json build/$(1)/presets.json || { cmake --preset $(1) > build/$(1).log && \
	  cp CMakePresets.json build/$(1)/presets.json; } || { cat build/$(1).log; exit 1; }; } && \
	cmake --build --preset $(1) --target $(2) -j $(JOBS) && exec 9>&-

# What it runs finds S3 servers that tests may use.
SERVERS = $(PYTHON) tests/s3/servers.py

# ctest PRESET: its closing line is kept to be shown again at the end.
ctest = $(SERVERS) ctest --preset $(1) | tee build/ctest-$(2).log

.PHONY: release cli quickstart wheel docs test test-long rules format-check format test-cli test-python test-dev test-asan \
	test-tsan test-model fuzz bench tidy clean distclean

release: cli
	@$(call build,release,coreshed-package coreshed-aws)
	@echo "$(CURDIR)/build/release/python" > "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/coreshed.pth"
	@echo "ready: build/coreshed, and import coreshed in .venv"

cli: build/setup-build.stamp
	@$(call build,release,coreshed-cli coreshed-aws)
	@ln -sfn release/bin/coreshed build/coreshed

# Nothing is installed unless dependencies.txt or the script changed since the last time.
build/setup-%.stamp: dependencies.txt tools/setup.sh
	@echo "setup: $*"
	@mkdir -p build && exec 9> build/setup.lock && flock 9 && tools/setup.sh $*
	@touch $@

build/setup-test.stamp build/setup-tidy.stamp build/setup-docs.stamp build/setup-fuzz.stamp: build/setup-build.stamp

quickstart: cli
	@PATH="$(CURDIR)/build:$$PATH" examples/quickstart.sh

# What pip builds, with what .venv has; ccache gives it what `make` has compiled.
wheel: build/setup-build.stamp
	@echo "build: wheel"
	@CCACHE_BASEDIR="$(CURDIR)" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros \
	  CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) $(PYTHON) -m pip wheel -q --disable-pip-version-check --no-build-isolation --no-deps \
	  -w build/dist .

docs: release build/setup-docs.stamp
	@$(PYTHON) -m sphinx -b html -q -W docs build/docs
	@echo "ready: build/docs/index.html"

test: rules format-check test-cli test-python test-asan
	@echo "test: done"
	@echo "cli: $$(tail -1 build/pytest.log)"; echo "python: $$(tail -1 build/pytest-wheel.log)"
	@echo "asan: $$(grep 'tests passed' build/ctest-asan.log)"

test-long: test-tsan test-model fuzz build/setup-test.stamp
	@$(call build,dev,all)
	@$(call ctest,long,long)

test-model: build/setup-test.stamp
	@echo "test: the protocol's model, whole"
	@$(PYTHON) spec/protocol_model.py --check | tail -1

fuzz: build/setup-fuzz.stamp
	@$(call build,fuzz,all)
	@$(PYTHON) tests/fuzz/run.py --seconds $(FUZZ_SECONDS) --jobs $(JOBS)

fuzz-%: build/setup-fuzz.stamp
	@$(call build,fuzz,$@)
	@$(PYTHON) tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $*

rules: build/setup-test.stamp
	@echo "rules: tests/tidy.py"
	@$(PYTHON) tests/tidy.py

format-check: build/setup-test.stamp
	@echo "format: checking"
	@clang-format --dry-run --Werror $(SOURCES)

format: build/setup-test.stamp
	@clang-format -i $(FILES)

test-dev test-asan test-tsan: test-%: build/setup-test.stamp
	@$(call build,$*,all)
	@$(call ctest,$*,$*)

# What a person meets: the command, the installed library, the wheel in an environment without anything else of ours.
test-cli: release build/setup-test.stamp
	@echo "test: the command and the library"
	@CORESHED_CLI=$(CURDIR)/build/release/bin/coreshed $(SERVERS) $(PYTHON) -m pytest -q -n $(JOBS) --ignore tests/python tests | tee build/pytest.log

test-python: wheel build/setup-test.stamp
	@echo "test: the Python package"
	@tools/fresh_venv.sh build/wheel-venv
	@$(SERVERS) build/wheel-venv/bin/python -m pytest -q -n $(JOBS) --dist loadfile tests/python docs | tee build/pytest-wheel.log

bench: wheel build/setup-test.stamp
	@$(call build,release,bench_coreshed)
	@$(PYTHON) bench/run.py $(BENCH_ARGS)
	@$(PYTHON) bench/s3.py $(if $(findstring --quick,$(BENCH_ARGS)),--quick)
	@$(PYTHON) bench/uploads.py $(if $(findstring --quick,$(BENCH_ARGS)),--quick)

# Reads the list of compile commands only; a build of its own because clang can't read GCC's precompiled headers.
tidy: build/setup-tidy.stamp build/setup-test.stamp
	@cmake --preset tidy > build/tidy.log || { cat build/tidy.log; exit 1; }
	@run-clang-tidy -quiet -p build/tidy -j $(JOBS) -extra-arg=-Wno-unknown-warning-option '$(CURDIR)/(src|views|tests|bench)/'

clean:
	rm -rf build/dev build/asan build/tsan build/tidy build/fuzz build/release build/coreshed build/wheel-* build/dist build/docs

distclean:
	rm -rf build .venv
