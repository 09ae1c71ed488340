# make demo   set up and run the main job on specs/densenet121.yaml
# make test   set up and run all checks: format, lint, types, import contracts, tests
# make bench  measure the claims of docs/guarantees.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
# Tests of the editor wait half of their time, so that two cores serve three workers.
WORKERS ?= 3

# The tests start netspec many times: let Python compile its modules once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all lint bench bench-inference fix clean

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing netspec and its development tools into $(VENV) (PyTorch is large: this can take minutes)"
	@$(RUN) pip install --quiet --disable-pip-version-check --no-compile torch -c constraints.txt
	@$(RUN) pip install --quiet --disable-pip-version-check --no-compile -e '.[torch,dev]' -c constraints.txt
	@touch $@

# torchvision is a test oracle. Its wheel is for CUDA; without its dependencies it sits next to a CPU build of torch.
$(VENV)/.oracle: $(VENV)/.installed
	@$(RUN) pip install --quiet --disable-pip-version-check --no-compile --no-deps torchvision pillow -c constraints.txt
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/netspec check specs/densenet121.yaml
	@$(BIN)/netspec summary specs/densenet121.yaml --depth 2
	@$(BIN)/netspec compile specs/densenet121.yaml -o build/densenet121.py
	@$(BIN)/python examples/demo.py

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports
	$(BIN)/netspec fmt --check specs

test: $(VENV)/.oracle lint
	$(RUN) pytest -q -n $(WORKERS)

test-all: $(VENV)/.oracle lint
	$(RUN) pytest -q -n $(WORKERS) -m 'sweep or not sweep'

bench: $(VENV)/.oracle
	$(BIN)/python -m benchmarks

# What inference is compared with.
$(VENV)/.peers: $(VENV)/.oracle benchmarks/peers.txt
	@$(RUN) pip install --quiet --disable-pip-version-check --no-compile -r benchmarks/peers.txt
	@touch $@

# All peers in one interleaved run. `python -m benchmarks.inference` also takes networks, `--threads 2` and `--batch 8`.
bench-inference: $(VENV)/.peers
	$(BIN)/python -m benchmarks.inference --peers

fix: $(VENV)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
