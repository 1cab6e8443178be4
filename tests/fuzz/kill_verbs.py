"""What is killed: every verb that writes, on data so small that a run takes a second, and what must hold of each.

`prepare` makes what stands before the verb; `work` is the verb; `look` is what any reader may ask at any moment, gives
what there is now, and raises where something complete is not; `result` is what has to be the same bit for bit as
after a run that nobody killed.
"""

import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import faiss  # noqa: F401  before numba's threads, as in the tests of search
import ir_measures  # noqa: F401
import numpy as np
import openTSNE  # noqa: F401
import polars as pl
from hostile_inputs import RECORD, TOTAL, make
from ingested import put

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from terminal import write_source

from sprachbund import Corpus, Encoder, Index
from sprachbund.cli import app, main  # noqa: F401  all verbs are imported
from sprachbund.corpus.characters import character_tables
from sprachbund.export import write_export  # noqa: F401
from sprachbund.report import write_report  # noqa: F401
from sprachbund.retrieval import train as training
from sprachbund.retrieval.evaluation import evaluate  # noqa: F401
from sprachbund.retrieval.settings import change, preset
from sprachbund.retrieval.transfer import transfer  # noqa: F401
from sprachbund.search import atlas, building, judging, records, searching, sources, tuning, why  # noqa: F401

__all__ = ["VERBS", "Verb"]

SMALL = ("--set", "dim=16", "--set", "characters=[3]", "--set", "batch=64")
STUDY = (*("--task", "ic", "--languages", "gl,pt", "--trials", "2", "--seeds", "1", "--arms", "alone,pooled"),)
STUDY = (*STUDY, "--pools", "unseen", "--workers", "1", *SMALL)
QUERY = "bada gede luda"


@dataclass(frozen=True)
class Verb:
    """A verb that is killed. Every function is given the folder that it works in.

    Attributes:
        after: names of verbs that have been run before, in the same folder.
    """

    name: str
    work: Callable[[Path], None]
    look: Callable[[Path], Any]
    result: Callable[[Path], Any]
    after: tuple[str, ...] = ()


def work(verb: Verb, folder: Path) -> None:
    """Do it, with the temporary files of the system in the folder too, so that what stays is seen."""
    (folder / "tmp").mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
    verb.work(folder)


def tell(task: Callable[[Path], Any], folder: Path) -> None:
    """Print what a task gives, as JSON."""
    print(json.dumps(task(folder), sort_keys=True))


def read(verb: Verb, place: Path) -> None:
    """Look again and again at the folder that a file names; what goes wrong is in ``reader.txt`` at the end."""
    looks = place.with_name("looks").open("ab", buffering=0)  # a byte a look
    while True:
        folder = place.read_text()
        try:
            verb.look(Path(folder))
        except BaseException:
            if place.read_text() == folder:
                raise
        looks.write(b".")
        time.sleep(0.02)


def command(*arguments: str | Path) -> None:
    """The command line, in this process."""
    sys.argv = ["sprachbund", *map(str, arguments)]
    main()


def digests(folder: Path, names: list[str] | None = None) -> dict[str, str]:
    """The hashes of the files of a folder, all of one moment: the folder itself may be replaced meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        here = Path(f"/proc/self/fd/{descriptor}")
        found = [str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()] if names is None else names
        return {name: hashlib.sha256((here / name).read_bytes()).hexdigest()[:16] for name in sorted(found)}
    finally:
        os.close(descriptor)


# ---- ingest


def write_sources(folder: Path) -> None:
    """Four files of one language each."""
    (folder / "sources").mkdir(exist_ok=True)
    for number, lang in enumerate(("gl", "pt", "tr", "es")):
        write_source(folder / "sources" / f"{number}.jsonl", [lang], 40, 6, seed=number)


def ingest_input(seed: int, number: int) -> None:
    """An input of the fuzz by the command line, with its folder and a limit of seconds."""
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    given = make(seed, number)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        source = put(given, Path(folder))
        options = [*(("--lang", given.lang) if given.lang else ()), *(("--strict",) if given.strict else ())]
        limits = ("--memory", "256M", "--max-size", str(TOTAL), "--max-record", str(RECORD), "--workers", "1")
        command("ingest", *options, *limits, "--out", Path(folder) / "corpus", "--", source)


def names_of(folder: Path) -> Any:
    return sorted(path.name for path in folder.iterdir())


def ingest(folder: Path) -> None:
    command("ingest", folder / "sources", "--out", folder / "corpus")


def ingest_more(folder: Path) -> None:
    (folder / "more").mkdir(exist_ok=True)
    write_source(folder / "more" / "a.jsonl", ["gl", "uk"], 30, 6, seed=11)
    write_source(folder / "more" / "b.jsonl", ["pt"], 30, 6, seed=12)
    command("ingest", folder / "more", "--out", folder / "corpus")


def look_corpus(folder: Path) -> Any:
    """The sources that are complete, in order; the documents are theirs."""
    if not (folder / "corpus" / "corpus.json").exists():
        return []
    corpus = Corpus.open(folder / "corpus", check=True)
    kept = sum(source["kept"] for source in corpus.sources)
    assert kept == sum(count["documents"] for count in corpus.counts.values())
    assert all(len(corpus.read(lang)) == corpus.counts[lang]["sentences"] for lang in corpus.languages)
    return [source["name"] for source in corpus.sources]


def corpus_result(folder: Path) -> Any:
    manifest = Corpus.open(folder / "corpus", check=True).manifest
    return {"files": manifest["files"], "counts": manifest["counts"], "sources": manifest["sources"]}


# ---- train


def train(folder: Path) -> None:
    settings = change(preset("best"), dim=16, characters=[3], batch=64, epochs=60.0, patience=9)
    encoder = training.train(folder / "corpus", folder / "model", settings=settings, checkpoint_every=0.05)
    assert encoder.dim == 16


def train_on(folder: Path) -> None:
    """The model of all languages goes on in one of them."""
    settings = change(preset("best"), dim=16, characters=[3], batch=64, epochs=60.0, patience=9)
    heir, start = folder / "heir", folder / "model"
    begun: dict[str, Any] = {"start": start, "carry": "near", "freeze": 0.5, "languages": ["pt"]}
    assert training.train(folder / "corpus", heir, settings=settings, checkpoint_every=0.05, **begun).dim == 16


def look_model(folder: Path, name: str = "model") -> Any:
    """Whether there is a model; one that is there encodes."""
    if not (folder / name).exists():
        return []
    vectors = Encoder.load(folder / name).encode([QUERY, "kamo"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    return [name]


def model_result(folder: Path, name: str = "model") -> Any:
    about = json.loads((folder / name / "encoder.json").read_text())["about"]
    hashes = digests(folder / name)
    hashes.pop("encoder.json")  # it has how long it took
    names = ("losses", "curve", "pairs", "passes", "scores", "start")
    told = {key: hashlib.sha256(json.dumps(about.get(key)).encode()).hexdigest()[:16] for key in names}
    return {"files": hashes, **told}


# ---- transfer


def study(folder: Path) -> None:
    command("transfer", folder / "corpus", "--out", folder / "study", *STUDY)


def look_study(folder: Path) -> Any:
    """The runs that are complete, and the tables where they are all there."""
    runs = folder / "study" / "runs"
    return sorted(path.parent.name for path in runs.glob("*/run.json")) if runs.exists() else []


def study_result(folder: Path) -> Any:
    tables = ("results", "comparisons", "items", "languages")
    frames = {name: pl.read_parquet(folder / "study" / f"{name}.parquet") for name in tables}
    made = {name: hashlib.sha256(frame.write_ndjson().encode()).hexdigest() for name, frame in frames.items()}
    return {**made, "plan": (folder / "study" / "study.toml").read_text()}


# ---- index


def index(folder: Path) -> None:
    arguments = ("--model", folder / "model", "--languages", "gl,pt", "--out", folder / "index", "--map", "20")
    command("index", folder / "corpus", *arguments)


def index_add(folder: Path) -> None:
    command("index", folder / "corpus", "--languages", "tr,gl", "--out", folder / "index")


def index_delete(folder: Path) -> None:
    command("index", "--out", folder / "index", "--delete", "gl:gl-1", "--delete", "pt:pt-7")


def index_merge(folder: Path) -> None:
    command("index", "--out", folder / "index", "--merge")


def look_index(folder: Path) -> Any:
    """Generation and documents; it is whole, and found things are found in every mode."""
    if not (folder / "index" / "index.json").exists():
        return []
    opened = Index.open(folder / "index", check=True)
    for mode in ("hybrid", "bm25", "dense"):
        assert bool(opened.search(QUERY, 5, (), mode)) == bool(opened.counts)  # type: ignore[arg-type]
    return [opened.generation, {code: count["documents"] for code, count in opened.counts.items()}]


def index_result(folder: Path) -> Any:
    opened = Index.open(folder / "index", check=True)
    queries = [QUERY, *(text for text in Corpus.open(folder / "corpus").read("gl")["text"][:60:10])]
    hits = [[(hit.key, round(hit.score, 4)) for hit in opened.search(query, 8)] for query in queries]
    return {"generation": opened.generation, "counts": opened.counts, "hits": hits}


# ---- files from a model


def write_lines(folder: Path) -> Path:
    path = folder / "lines.txt"
    path.write_text("".join(f"bada gede {number}\n" for number in range(3_000)))
    return path


def encode(folder: Path) -> None:
    command("encode", folder / "model", write_lines(folder), "--out", folder / "vectors.npy")


def encode_table(folder: Path) -> None:
    command("encode", folder / "model", write_lines(folder), "--out", folder / "vectors.parquet")


def look_vectors(folder: Path) -> Any:
    """Arrays and tables are whole or absent."""
    found = []
    if (folder / "vectors.npy").exists():
        assert np.load(folder / "vectors.npy").shape == (3_000, 16)
        found.append("npy")
    if (folder / "vectors.parquet").exists():
        assert len(pl.read_parquet(folder / "vectors.parquet")) == 3_000
        found.append("parquet")
    return found


def vectors_result(folder: Path) -> Any:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("vectors.*"))}


def export(form: str) -> Callable[[Path], None]:
    return lambda folder: command("export", folder / "model", "--format", form, "--out", folder / "export")


def look_export(folder: Path) -> Any:
    """The files of the export that is there, all of one and the same."""
    return sorted(digests(folder / "export").items()) if (folder / "export").exists() else []


def export_result(folder: Path) -> Any:
    return digests(folder / "export")


# ---- evaluate


def judged(folder: Path) -> None:
    command("evaluate", folder / "model", folder / "corpus", "--languages", "gl", "--trec", folder / "trec")


def look_runs(folder: Path) -> Any:
    """Every file that has a name is whole: its lines have all their fields."""
    found = sorted((folder / "trec").glob("[!.]*")) if (folder / "trec").exists() else []
    for path in found:
        if path.suffix in (".run", ".qrels", ".txt", ".trec"):
            fields = {len(line.split(" ")) for line in path.read_text().splitlines()}
            assert len(fields) == 1 and path.read_text().endswith("\n"), path
    return [path.name for path in found]


def runs_result(folder: Path) -> Any:
    return digests(folder / "trec")


ALL = (
    Verb("sources", write_sources, names_of, names_of),
    Verb("ingest", ingest, look_corpus, corpus_result),
    Verb("ingest more", ingest_more, look_corpus, corpus_result, ("ingest",)),
    Verb("train", train, look_model, model_result, ("ingest",)),
    Verb(
        "train on", train_on, partial(look_model, name="heir"), partial(model_result, name="heir"), ("ingest", "train")
    ),
    Verb("transfer", study, look_study, study_result, ("ingest",)),
    Verb("index", index, look_index, index_result, ("ingest", "train")),
    Verb("index add", index_add, look_index, index_result, ("ingest", "train", "index")),
    Verb("index delete", index_delete, look_index, index_result, ("ingest", "train", "index")),
    Verb("index merge", index_merge, look_index, index_result, ("ingest", "train", "index", "index delete")),
    Verb("encode", encode, look_vectors, vectors_result, ("ingest", "train")),
    Verb("encode to Parquet", encode_table, look_vectors, vectors_result, ("ingest", "train")),
    Verb("export static", export("static"), look_export, export_result, ("ingest", "train")),
    Verb("export over another", export("word2vec"), look_export, export_result, ("ingest", "train", "export static")),
    Verb("evaluate", judged, look_runs, runs_result, ("ingest", "train")),
)
VERBS = {verb.name: verb for verb in ALL}
character_tables()
