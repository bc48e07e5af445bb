# How the two layers are built: packages from a group of uv.lock, and what functions share of our own code.
# `sam build` runs the target in a copy of the layer's ContentUri, with the Makefile of the architecture that the
# template's parameter has: it names the PLATFORM, and includes this.

ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)
PACKAGES = $(ARTIFACTS_DIR)/python
VERSION := $(shell sed -n 's/^ *Runtime: python//p' $(ROOT)/template.yaml)

# uv and python3 of this checkout come first, then the user's.
export PATH := $(ROOT)/.venv/bin:$(PATH)

build-CoreLayer:
	$(call install,core)
	@tar -c --exclude=__pycache__ --exclude=./imaging . | tar -x -C "$(PACKAGES)"
	$(compile)

build-ImagingLayer:
	$(call install,imaging)
	@mkdir "$(PACKAGES)/imaging"
	@tar -c --exclude=__pycache__ . | tar -x -C "$(PACKAGES)/imaging"
	$(compile)

define install
	@uv export -q --project "$(ROOT)" --frozen --only-group $(1) --no-header -o requirements.txt >/dev/null
	@uv pip install -q --python python3 --python-platform $(PLATFORM) --python-version $(VERSION) \
		--only-binary :all: --no-deps --require-hashes --target "$(PACKAGES)" -r requirements.txt
	@rm requirements.txt
	@python3 "$(ROOT)/layers/trim.py" "$(PACKAGES)"
endef

# SAM's archives give every file the year 1980, so that Lambda takes ordinary bytecode for stale and each cold start
# compiles all again; bytecode that is not checked against its source is always taken. It has to be the runtime's.
COMPILER := $(shell for python in python$(VERSION) $(wildcard ~/.pyenv/versions/$(VERSION).*/bin/python) \
	"$$(PATH="$(PATH)" uv python find -q --managed-python $(VERSION))"; \
	do "$$python" -c '' && echo "$$python" && break; done 2>/dev/null)
ifdef COMPILER
compile = @cd "$(PACKAGES)" && "$(COMPILER)" -m compileall -q -j0 -s . -p /opt/python --invalidation-mode unchecked-hash .
else
compile = @echo "There is no Python $(VERSION) here to compile with: the layer works, but functions will start slowly (.venv/bin/uv python install $(VERSION) gives one)."
endif
