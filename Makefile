# Every target sets up what it needs; only Python 3.11+, git and make are required.
PYTHON ?= python3
VENV ?= .venv
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(SCRIPTS)
# Tests run in some processes, each file in one of them, in the order of their names: xdist would begin files of one long test last.
TOGETHER := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
TRAIN_VENV ?= .venv-train
TRAIN_BIN := $(TRAIN_VENV)/$(SCRIPTS)

.PHONY: demo test tests test-all test-extras test-ray test-containers bench coverage schemas messages docs docs-messages docs-pictures lint style types clean

demo: $(VENV)/.installed
	$(BIN)/facegap demo --out demo

# Types are checked while the tests run: that takes one processor for a minute.
test: $(VENV)/.installed-dev style
	$(MAKE) --no-print-directory --jobs=2 types tests

# The kernels for GPUs run in a simulator, 20 seconds long, in `make test-extras`.
# Loops are compiled before the tests begin: each of their processes would compile all of them.
tests: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.scoring_run 2 8 euclidean 1 > $(if $(filter Windows_NT,$(OS)),NUL,/dev/null)
	$(BIN)/python -m pytest -m "not slow" $(TOGETHER) --ignore tests/scoring/gpu/test_cuda_kernel.py

test-all: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest $(TOGETHER)

# Training, and the packages whose models facegap runs, have an environment of their own: PyTorch is large. Ray is there, too.
test-extras: $(TRAIN_VENV)/.installed test-ray
	$(TRAIN_BIN)/pyright --pythonpath $(TRAIN_BIN)/python src
	$(TRAIN_BIN)/python -m pytest tests/jobs/train $(addprefix tests/scoring/,gpu/test_with_torch.py gpu/test_cuda_kernel.py test_device.py) tests/benchmarks/test_gpu.py tests/models/adapters tests/faces/detectors/test_mtcnn.py --ignore tests/jobs/train/test_on_ray.py -m "not slow"

# Some nodes of Ray, as processes; training on them, too.
test-ray: $(TRAIN_VENV)/.installed
	$(TRAIN_BIN)/python -m pytest tests/run/test_ray_executor.py tests/run/test_ray_refused.py tests/run/test_ray_kills.py tests/jobs/train/test_on_ray.py

# What a container does: another user, no home, a read-only installation, consoles of other encodings. Needs root.
test-containers: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/hardening/test_containers.py

bench: export FACEGAP_BENCH_IMAGES ?= $(wildcard ../shared/data/lfw-dev)
bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks --out docs

coverage: $(VENV)/.installed-dev
	$(BIN)/python -m studies.coverage --out docs

schemas: $(VENV)/.installed
	$(BIN)/python -m facegap.jobs.schemas docs/schema

# All texts that a person reads, listed anew; then each language's catalogue takes them over and is compiled.
LOCALES := src/facegap/report/text/locales
SAID := FacegapError InputError ModelError StoreError WorkerLost BudgetSpent Phrase fail nphrase:1,2
messages: $(VENV)/.installed-dev
	$(BIN)/pybabel extract --mapping pyproject.toml $(addprefix --keyword=,$(SAID)) --omit-header --sort-by-file --add-location file --width 120 --output /dev/stdout . \
	  | grep --invert-match "^#, python-format$$" > $(LOCALES)/facegap.pot  # places have names in braces; "5 % of" has none
	for file in $(wildcard $(LOCALES)/*/LC_MESSAGES/facegap.po); do \
	  $(BIN)/pybabel update --domain facegap --input-file $(LOCALES)/facegap.pot --output-dir $(LOCALES) --ignore-pot-creation-date --ignore-obsolete --width 120 \
	    --locale $$(basename $$(dirname $$(dirname $$file))) > /dev/null && $(BIN)/python -c $(COMPILE) $$file || exit 1; \
	done

# `pybabel compile` takes the "% o" of "5 % of" for a place, and refuses what translates it.
COMPILE := "import sys; from babel.messages import mofile, pofile; \
  mofile.write_mo(open(sys.argv[1][:-2] + 'mo', 'wb'), pofile.read_po(open(sys.argv[1], 'rb')))"

# The documentation in English and, in ja/, in Japanese; then every link inside it is followed.
SITE := build/site
docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/doctrees/en docs $(SITE)
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/doctrees/ja -D language=ja docs $(SITE)/ja
	cd docs && $(abspath $(BIN))/python -m sitemaker.links ../$(SITE)

# What the commands on these pages print, and the texts of the translated pages for translators.
docs-messages: $(VENV)/.installed-dev
	cd docs && $(abspath $(BIN))/python -m sitemaker.examples start.md cite.md
	cd docs && $(abspath $(BIN))/python -m sitemaker.messages

docs-pictures: demo
	cd docs && $(abspath $(BIN))/python -m sitemaker.gallery ../demo/report

lint: style types

style: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests benchmarks studies docs/conf.py docs/sitemaker
	$(BIN)/ruff format --check src tests benchmarks studies docs/conf.py docs/sitemaker
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev
	$(BIN)/pyright --pythonpath $(BIN)/python

$(BIN)/activate:
	$(PYTHON) -c "import sys; sys.exit('facegap needs Python 3.11 or newer') if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/activate pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-dev: $(BIN)/activate pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps cimat tqdm  # cimat asks for numpy 1
	touch $@

$(TRAIN_VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(TRAIN_VENV)
	$(TRAIN_BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev,train,ray]"
	$(TRAIN_BIN)/python -m pip install --quiet --constraint constraints.txt gdown pandas requests scikit-image tqdm
	$(TRAIN_BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps deepface facenet-pytorch insightface uniface  # they ask for another OpenCV, numpy and torch
	touch $@

clean:
	rm -rf $(VENV) $(TRAIN_VENV) .venv-peers demo report
