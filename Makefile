# The two commands of the README: each does all its own set-up on a machine with Python 3.11+, make and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
# processes of `make test`, one more than processors, for some wait; each has one thread, and what Python has compiled is
# kept for the next
JOBS ?= $(shell expr $$(nproc 2> /dev/null || echo 1) + 1)
WAITING := $(patsubst %,tests/service/test_service_%.py,fairness gate live refusing server)
ALONE := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo demo-search test fuzz lint types docs check clean

demo: $(STAMPS)/serve
	rm -rf demo
	$(BIN)/sprachbund index examples/sample --out demo/index
	@printf '\nA query in Galician, searched for in Portuguese and Spanish:\n\n'
	$(BIN)/sprachbund search demo/index "a choiva e o ciclo da auga" --languages pt,es -k 2 --why
	@printf '\nA language model of Galician from 16,000 letters: what do its neighbours bring, in the order of nearness?\n\n'
	$(BIN)/sprachbund ingest examples/sample --out demo/corpus
	$(BIN)/sprachbund transfer demo/corpus --kind lm --languages gl --auxiliaries pt,es,en --out demo/language-models \
	    --arms alone,pooled,continued:pt,continued:es,continued:en,placebo:pt --set size=none --set shares=[0.5,0.2,0.3] --seeds 1
	@printf '\nAnd to search, on the little text of the sample:\n\n'
	$(BIN)/sprachbund transfer demo/corpus --task ic --out demo/study --seeds 2 --trials 3
	cp demo/study/report.html demo/report.html
	@printf '\nopen demo/report.html and demo/language-models/report.html in a browser; make demo-search serves the search page\n'

# HOST and PORT may be given; stop it with Ctrl-C
demo-search: $(STAMPS)/serve
	test -e demo/index/index.json || $(BIN)/sprachbund index examples/sample --out demo/index
	@printf '\nA Galician query that finds Portuguese, Spanish and Italian topics:\n  http://127.0.0.1:$(or $(PORT),8080)/?q=a+choiva+e+o+ciclo+da+auga&lang=pt,es,it\n\n'
	$(BIN)/sprachbund serve demo/index --host $(or $(HOST),127.0.0.1) --port $(or $(PORT),8080)

# a file of tests is a process's; where it is asked who waits for whom, the tests have the machine to themselves
test: $(STAMPS)/test
	$(ALONE) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --durations=60 $(addprefix --ignore=,$(WAITING))
	$(ALONE) $(BIN)/python -m pytest $(WAITING)

# some of it is in `make test`; FUZZ may have its options, as --only ingest --inputs 1000 --seed 2
fuzz: $(STAMPS)/test
	$(BIN)/python tests/fuzz/fuzz.py $(FUZZ)

lint: $(STAMPS)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMPS)/lint
	$(BIN)/mypy

docs: $(STAMPS)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

check: test lint types docs demo

clean:
	rm -rf $(VENV) $(STAMPS) demo site build
	find src tests -name '*.nb[cil]' -delete

$(VENV)/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sprachbund needs Python 3.11 or later, found " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/base: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	$(PIP) --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/serve: $(STAMPS)/base
	$(PIP) --editable '.[files,serve]'
	@touch $@

# torch first and by itself, so that nothing else can choose another version of it
$(STAMPS)/test: $(STAMPS)/base
	$(PIP) torch
	$(PIP) --editable '.[test]'
	@touch $@

$(STAMPS)/lint: $(STAMPS)/base
	$(PIP) --editable '.[lint]'
	@touch $@

$(STAMPS)/docs: $(STAMPS)/base
	$(PIP) --editable '.[docs]'
	@touch $@
