# The Python that functions run with: its version, and one of that version on this machine, or nothing.

RUNTIME_VERSION := $(shell sed -n 's/^ *Runtime: python//p' $(ROOT)/template.yaml)
RUNTIME_PYTHON = $(shell for python in python$(RUNTIME_VERSION) $(wildcard ~/.pyenv/versions/$(RUNTIME_VERSION).*/bin/python) \
	"$$("$(ROOT)/.venv/bin/uv" python find -q --managed-python $(RUNTIME_VERSION))"; \
	do "$$python" -c '' && echo "$$python" && break; done 2>/dev/null)
