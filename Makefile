# Two commands matter: `make run` and `make test`. Both do all the set-up that they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Under sudo the environment still belongs to who owns the checkout: nothing in it is left to root.
OWNER := $(shell stat -c %U .)
AS_OWNER := $(if $(filter-out $(OWNER),$(shell id -un)),$(if $(filter 0,$(shell id -u)),runuser -u $(OWNER) -- env HOME=$(shell getent passwd $(OWNER) | cut -d: -f6),),)
export PYTHONDONTWRITEBYTECODE := $(if $(AS_OWNER),1,)

.PHONY: help run install uninstall deb test check unit long fuzz docs texts rigs demo clean

help:
	@echo "make run    set up and start the monitor (sudo make run: captures packets too)"
	@echo "make test   set up and run every check and test"
	@echo "sudo make demo  a bank, an attacker and a laptop on this machine, in two minutes"
	@echo "sudo make install    the service, for every start of this laptop"
	@echo "sudo make uninstall  take it out again; asks before it erases the log"
	@echo "make deb    a package for Debian-like systems, under build/"
	@echo "make fuzz   look for input that breaks a decoder, guided by coverage; so many seconds a target: make fuzz SECONDS=600"
	@echo "make long   the tests that take many minutes"
	@echo "make texts  write the translations' files again, after a text was added or changed"
	@echo "make docs   write the generated pages under docs/ again"
	@echo "make clean  remove what the other targets made"

run: $(VENV)/.run
	@$(BIN)/wifiguard run

test: $(VENV)/.test rigs check unit

check: $(VENV)/.test
	$(AS_OWNER) $(BIN)/ruff format --check .
	$(AS_OWNER) $(BIN)/ruff check .
	$(AS_OWNER) $(BIN)/mypy

unit: $(VENV)/.test
	$(BIN)/pytest -q -n 2 --dist loadgroup -m "not long"

# In a virtual machine: the installed service's life on a machine that systemd boots.
long: $(VENV)/.test rigs
	$(BIN)/pytest -q -m long

SECONDS ?= 60
FUZZED := conversation datagrams frames decoders files
fuzz: $(VENV)/.test
	@$(AS_OWNER) $(BIN)/pip install -q "atheris>=2.3"
	@for target in $(FUZZED); do \
	  $(AS_OWNER) $(BIN)/python -m tests.fuzz.run $$target -max_total_time=$(SECONDS) -max_len=4096 \
	    -artifact_prefix=.cache/fuzz/$$target- || exit 1; \
	done

# The rigs need real servers. As root on a Debian-like system they are installed; elsewhere pytest says what is missing.
rigs:
	@sh tests/install-rigs.sh

# Said before anything is set up: only root may make the namespaces that it plays in.
demo:
	@[ "$$(id -u)" = 0 ] || { echo "The demo builds machines out of network namespaces, which takes root. Try:  sudo make demo"; exit 2; }
	@$(MAKE) --no-print-directory $(VENV)/.test
	@$(BIN)/python -m demo

install: $(VENV)/.run
	@$(BIN)/wifiguard service install

uninstall: $(VENV)/.run
	@$(BIN)/wifiguard service uninstall

deb: $(VENV)/.run
	@sh packaging/make-deb.sh $(BIN)/wifiguard build

# A changed translation is compiled where the environment is set up.
CATALOGUES := $(wildcard wifiguard/locale/*/LC_MESSAGES/*.po)

texts:
	@[ -x $(BIN)/pybabel ] || $(MAKE) --no-print-directory $(VENV)/.test
	@$(AS_OWNER) $(BIN)/python docs/texts.py
	@$(AS_OWNER) $(BIN)/pybabel -q compile -d wifiguard/locale -D "wifiguard click"
	@$(AS_OWNER) touch $(VENV)/.test $(VENV)/.run

docs: $(VENV)/.test
	$(AS_OWNER) $(BIN)/python docs/generate.py

$(VENV)/.run: pyproject.toml $(CATALOGUES)
	@sh tests/make-venv.sh "$(PYTHON)" "$(VENV)" "$(AS_OWNER)" .
	@$(AS_OWNER) touch $@

$(VENV)/.test: pyproject.toml $(CATALOGUES)
	@sh tests/make-venv.sh "$(PYTHON)" "$(VENV)" "$(AS_OWNER)" ".[test]"
	@$(AS_OWNER) touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
