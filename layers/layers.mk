# How the two layers are built: packages from a group of uv.lock, and what functions share of our own code.
# `sam build` runs the target in a copy of the layer's ContentUri, with the Makefile of the architecture that the
# template's parameter has: it names the PLATFORM, and includes this.
#
# The same commit gives the same bytes, whoever builds it and where (tests/build/test_reproducible.py): what depends on
# the place is taken out, files are copied and not linked, and permissions do not come from the umask.

ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)
BIN := $(ROOT)/.venv/bin
PACKAGES = $(ARTIFACTS_DIR)/python

include $(ROOT)/layers/runtime.mk

build-CoreLayer: setup
	$(call install,core)
	@tar -c --exclude=__pycache__ --exclude=./imaging . | tar -x -C "$(PACKAGES)"
	$(finish)

build-ImagingLayer: setup
	$(call install,imaging)
	@mkdir "$(PACKAGES)/imaging"
	@tar -c --exclude=__pycache__ . | tar -x -C "$(PACKAGES)/imaging"
	$(finish)

# uv and python of this checkout, also for who has typed `sam build` in a fresh one.
setup:
	@$(MAKE) --silent --directory "$(ROOT)" setup

define install
	@"$(BIN)/uv" export -q --project "$(ROOT)" --frozen --only-group $(1) --no-header -o requirements.txt >/dev/null
	@"$(BIN)/uv" pip install -q --python "$(BIN)/python" --python-platform $(PLATFORM) --python-version $(RUNTIME_VERSION) \
		--only-binary :all: --no-deps --require-hashes --link-mode copy --no-compile-bytecode \
		--target "$(PACKAGES)" -r requirements.txt
	@rm requirements.txt
	@"$(BIN)/python" "$(ROOT)/layers/trim.py" "$(PACKAGES)"
	@"$(BIN)/python" "$(ROOT)/layers/lazy.py" "$(PACKAGES)"
endef

define finish
	$(if $(RUNTIME_PYTHON),$(compile),$(not-compiled))
	@chmod -R u=rwX,go=rX "$(PACKAGES)"
endef

# SAM's archives give every file the year 1980, so that Lambda takes ordinary bytecode for stale and each cold start
# compiles all again; bytecode that is not checked against its source is always taken. It has to be the runtime's.
compile = @cd "$(PACKAGES)" && "$(RUNTIME_PYTHON)" -m compileall -q -s . -p /opt/python --invalidation-mode unchecked-hash .
not-compiled = @echo "There is no Python $(RUNTIME_VERSION) here to compile with: the layer works, but functions will start slowly ($(BIN)/uv python install $(RUNTIME_VERSION) gives one)."

.PHONY: build-CoreLayer build-ImagingLayer setup
