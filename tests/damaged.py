"""Damages folders of ours in this process and says what reading them gave: a line of JSON each.

    python tests/damaged.py KIND SEED COUNT [FIRST]    kinds: those of READERS

A crash ends the process, and the last line on standard error is what was read then. An endless loop is ended, with a
traceback, after WATCH seconds, some thousand times what any of them takes.
"""

import faulthandler
import hashlib
import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
for place in (ROOT, ROOT / "retrieval", ROOT / "studies"):
    sys.path.insert(0, str(place))

import numpy as np  # noqa: E402
from tiny import NOISE_SETTINGS, noise, write_corpus  # noqa: E402

from mutations import kept, mutations, seal_all  # noqa: E402
from sprachbund.cognates.correcting import corrected, with_dictionary  # noqa: E402
from sprachbund.cognates.learning import learn  # noqa: E402
from sprachbund.cognates.lexicon import Cognates  # noqa: E402
from sprachbund.cognates.words import counted_words  # noqa: E402
from sprachbund.corpus.placing import place_documents  # noqa: E402
from sprachbund.corpus.store import Corpus  # noqa: E402
from sprachbund.errors import FolderError, SprachbundError  # noqa: E402
from sprachbund.export import write_export  # noqa: E402
from sprachbund.files import read_manifest  # noqa: E402
from sprachbund.ngrams.vocabulary import Vocabulary  # noqa: E402
from sprachbund.retrieval.encoder import checkpoint  # noqa: E402
from sprachbund.retrieval.encoder.card import write_card  # noqa: E402
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus  # noqa: E402
from sprachbund.retrieval.encoder.encoder import Encoder  # noqa: E402
from sprachbund.retrieval.encoder.training import train_model  # noqa: E402
from sprachbund.retrieval.ranking.pools import make_pool  # noqa: E402
from sprachbund.retrieval.settings import change, split_of  # noqa: E402
from sprachbund.retrieval.train import train  # noqa: E402
from sprachbund.runs.store import Runs  # noqa: E402
from sprachbund.studies.items import read_items  # noqa: E402
from sprachbund.vectors.aligning import align  # noqa: E402
from sprachbund.vectors.alignment import Alignment  # noqa: E402
from sprachbund.vectors.running import of_texts  # noqa: E402
from sprachbund.vectors.settings import VectorSettings  # noqa: E402
from sprachbund.vectors.space import Space  # noqa: E402
from sprachbund.vectors.training import train_running  # noqa: E402

WATCH = 180
SETTINGS = change(NOISE_SETTINGS, dim=8, characters=(3,), epochs=1.0, batch=16)
WORK = {"of": "a test"}
SPECIFICATIONS: list[dict[str, Any]] = []
TEXTS = ["baba bebe bibi", "", "nothing that was seen", "baba"]


def make_corpus(folder: Path) -> Path:
    """Two languages."""
    return write_corpus(folder, noise(("gl", "pt"), documents=16, sentences=6)).path


def read_corpus(folder: Path) -> Any:
    """Every column and every document."""
    corpus = Corpus.open(folder)
    found: list[Any] = [corpus.sources, corpus.counts, corpus.content_hash()]
    for language in corpus.languages:
        found += [corpus.read(language).to_dicts(), corpus.documents(language).to_dicts(), corpus.headings(language)]
        found += [(frame.to_dicts(), notes) for frame, notes in corpus.parts(language, ["document", "section", "text"])]
    placed = place_documents(corpus, corpus.languages, split_of(SETTINGS))
    return [*found, [own.sides.tolist() for own in placed.values()]]


def make_encoded(folder: Path) -> Path:
    """Of that corpus."""
    corpus = Corpus.open(make_corpus(folder / "source"))
    return encode_corpus(corpus, folder / "encoded", settings=SETTINGS, characters=(3,)).path


def read_encoded(folder: Path) -> Any:
    """Pools and a training."""
    encoded = EncodedCorpus.open(folder, check=True)
    found: list[Any] = [encoded.manifest, encoded.vocabulary().strings.to_list()]
    for language in encoded.languages:
        pool = make_pool(encoded, "unseen", language, "ic", SETTINGS, side="test")
        found += [pool.manifest(), pool.truth.tolist()]
    model, log = train_model(encoded, "ic", SETTINGS)
    return [*found, model.table.tolist(), log.losses]


def make_vocabulary(folder: Path) -> Path:
    """The encoded corpus's."""
    return make_encoded(folder) / "vocabulary"


def read_vocabulary(folder: Path) -> Any:
    """Rows of its keys and of others, in any order."""
    vocabulary = Vocabulary.load(folder, check=True)
    others = np.random.default_rng(0).integers(1, 1 << 63, 5_000).astype(np.uint64)
    rows = [vocabulary.lookup(np.array(vocabulary.keys)).tolist(), vocabulary.lookup(others).tolist()]
    few = vocabulary.take(np.arange(0, len(vocabulary), 3))
    return [rows, vocabulary.strings.to_list(), few.strings.to_list(), few.counts.tolist(), few.orders.tolist()]


def make_encoder(folder: Path) -> Path:
    """Trained."""
    train(make_corpus(folder / "source"), folder / "model", settings=SETTINGS)
    return folder / "model"


def read_encoder(folder: Path) -> Any:
    """In memory, mapped, its card, as word2vec's lines."""
    found = []
    for mapped in (False, True):
        encoder = Encoder.load(folder, mapped=mapped)
        found.append(encoder.encode(TEXTS).tolist())
    found.append(write_card("x", encoder.settings, encoder.about, len(encoder.table)))
    with tempfile.TemporaryDirectory() as place:
        write_export(encoder, Path(place) / "out", "word2vec")
        found.append((Path(place) / "out" / "vectors.txt").read_text())
    return found


def make_cognates(folder: Path) -> Path:
    """Of two lists that differ in a letter, with a correction."""
    syllables = [a + b for a in "bdglmnprst" for b in "aeiou"]
    words = [a + b + c for a in syllables[:8] for b in syllables[::7] for c in syllables[3::11]]
    counts = [len(words) - place for place in range(len(words))]
    one = counted_words("xa", zip(words, counts, strict=True))
    other = counted_words("xb", zip((word.replace("d", "t") for word in words), counts, strict=True))
    found = learn(one, other)
    corrected(found, [*found.pairs.select("left", "right").rows()[1:], ("casa", "perro")])[0].save(folder)
    return folder


def read_cognates(folder: Path) -> Any:
    """Reasons both ways, what is said, and a dictionary over it."""
    found = Cognates.open(folder)
    back = found.reversed()
    words = found.pairs["left"].to_list()[:20]
    told: list[Any] = [found.languages, found.nothing(), [found.why(word) for word in words], back.why("perro")]
    merged, counts = with_dictionary(found, [(words[0], "perro")] if words else [])
    grams = [table.frame().to_dicts() for table in (found.grams, back.grams, merged.grams)]
    return [*told, counts, grams, merged.pairs.to_dicts(), repr(found), found._repr_html_()]


def made_vectors(language: str, seed: int) -> Space:
    """Of made-up text, with subwords."""
    random = np.random.default_rng(seed)
    words = [a + b for a in "bdglmnprst" for b in "aeiou"]
    lines = [" ".join(random.choice(words, 8).tolist()) for _ in range(60)]
    settings = VectorSettings(method="skip-gram", dim=4, min_count=1, epochs=1, subwords=(2, 3), buckets=30)
    return train_running(of_texts(lines, language, settings), language, settings)


def make_vectors(folder: Path) -> Path:
    """Fifty words."""
    made_vectors("pt", 0).save(folder)
    return folder


def read_vectors(folder: Path) -> Any:
    """What is near a word that is there, and one that is not; what was said of the training."""
    space = Space.open(folder)
    told = [
        space.near(space.words[0], 3),
        space.near("babe", 3),
        space.language,
        dict(space.about),
        space.counts.tolist(),
    ]
    return [*told, space.words, np.round(space.units, 4).tolist(), repr(space)]


def make_alignment(folder: Path) -> Path:
    """Of two such spaces, by force: they have nothing in common but words."""
    align(made_vectors("es", 0), made_vectors("pt", 1), folder, spelling=True, force=True)
    return folder


def read_alignment(folder: Path) -> Any:
    """What the words are turned into."""
    found = Alignment.open(folder)
    ours, theirs = found.bring(made_vectors("es", 0), made_vectors("pt", 1))
    return [found.languages, found.pairs.to_dicts(), dict(found.about), np.round(ours @ theirs.T, 4).tolist()]


def make_checkpoint(folder: Path) -> Path:
    """After three batches; the encoded corpus stands beside it."""
    encoded = EncodedCorpus.open(make_encoded(folder))
    made = folder / "checkpoint"

    def keep(state: Any) -> None:
        if state.step == 3:
            checkpoint.write(made, state, WORK)

    train_model(encoded, "ic", SETTINGS, keep=keep, keep_every=0.0)
    return made


def read_checkpoint(folder: Path) -> Any:
    """Trained to its end."""
    state = checkpoint._read(folder, checkpoint.content_hash(WORK))
    model, log = train_model(EncodedCorpus.open(folder.with_name("encoded")), "ic", SETTINGS, resume=state)
    return [model.table.tolist(), log.losses, log.drawn]


def make_study(folder: Path) -> Path:
    """Of the toy; one process, no model."""
    from finished import run
    from toy import Toy

    made = run(Toy(), folder / "study", tasks=("ic",))
    SPECIFICATIONS.extend(specification for _, specification in made.outcome.judged)
    (folder / "study" / "runs").rename(folder / "runs")
    return folder / "study"


def make_runs(folder: Path) -> Path:
    """Those of that study."""
    return make_study(folder).with_name("runs")


def read_runs(folder: Path) -> Any:
    """Items of what was judged, as a study that goes on takes them; what is not whole would be made again."""
    from toy import DECLARATION

    runs = Runs(folder)
    if not all(map(runs.complete, SPECIFICATIONS)):
        raise FolderError("a run is not whole")
    return [read_items(runs.folder(spec) / "items.parquet", DECLARATION).to_dicts() for spec in SPECIFICATIONS]


def read_study(folder: Path) -> Any:
    """The page and the rows; the tables of a study are not compared with a hash, so any page will do."""
    from sprachbund.report import load_study, transfer_rows, transfer_tables, write_report

    frames = load_study(folder)
    for task in frames.tasks:
        transfer_rows(frames, task)
        transfer_tables(frames, task)
    write_report(folder)
    return None


def make_export(folder: Path) -> Path:
    """As sentence-transformers reads it."""
    write_export(make_encoder(folder), folder / "out")
    return folder / "out"


def read_export(folder: Path) -> Any:
    """The encoder in it; then it is replaced by another."""
    read_manifest(folder, "export.json", "export", 2, check=True)
    encoder = Encoder.load(folder / "0_NgramBag")
    found = encoder.encode(TEXTS).tolist()
    write_export(encoder, folder, "word2vec")
    return found


def make_index(folder: Path) -> Path:
    """Of both languages, with a map and a document that was deleted."""
    from sprachbund.search.building import IndexSettings, add_corpus, create, delete

    corpus = make_corpus(folder / "source")
    train(corpus, folder / "model", settings=SETTINGS)
    create(folder / "index", folder / "model", IndexSettings(sentences=2, map_points=20))
    add_corpus(folder / "index", corpus)
    found = Corpus.open(corpus).documents("gl")["document"][0]
    delete(folder / "index", [("gl", found)])
    return folder / "index"


def read_index(folder: Path) -> Any:
    """Found in every mode, explained, looked around in."""
    from sprachbund.search.index import Index

    index = Index.open(folder, check=True)
    found: list[Any] = [index.counts, index.neighbours("baba")]
    for text in TEXTS:
        hits = [hit for mode in ("hybrid", "dense", "bm25", "rrf") for hit in index.search(text, 5, (), mode)]
        found += [hits, index.places(hits).tolist(), [index.why(text, hit) for hit in hits[:1]]]
    return found


READERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], Any]]] = {
    "corpus": (make_corpus, read_corpus),
    "cognates": (make_cognates, read_cognates),
    "vectors": (make_vectors, read_vectors),
    "alignment": (make_alignment, read_alignment),
    "vocabulary": (make_vocabulary, read_vocabulary),
    "encoded": (make_encoded, read_encoded),
    "encoder": (make_encoder, read_encoder),
    "checkpoint": (make_checkpoint, read_checkpoint),
    "runs": (make_runs, read_runs),
    "study": (make_study, read_study),
    "export": (make_export, read_export),
    "index": (make_index, read_index),
}


def digest(value: Any) -> str:
    """Equal for equal answers."""
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()


def attempt(read: Callable[[Path], Any], folder: Path) -> dict[str, str]:
    """What reading gave: an answer, an error of ours in one line, or a traceback."""
    faulthandler.dump_traceback_later(WATCH, exit=True)
    try:
        return {"answer": digest(read(folder))}
    except SprachbundError as error:
        return {"error": type(error).__name__, "said": str(error)}
    except BaseException as error:
        return {"traceback": f"{type(error).__name__}: {error}\n{traceback.format_exc()[-3000:]}"}
    finally:
        faulthandler.cancel_dump_traceback_later()


def main(kind: str, seed: int, count: int, first: int = 0) -> None:
    """Print what each damage gave; the answer of the whole folder comes first."""
    faulthandler.enable()
    logging.disable()
    make, read = READERS[kind]
    with tempfile.TemporaryDirectory() as place:
        folder = make(Path(place) / "made")
        seal_all(folder)  # writes the manifests in another way, to which their hashes are to be compared
        with kept(folder):
            print(json.dumps({**attempt(read, folder), "name": "whole"}), flush=True)
        for number, damage in enumerate(mutations(folder, seed, count)):
            if number < first:
                continue
            print(damage.name, file=sys.stderr, flush=True)
            with damage.applied(folder):
                found = attempt(read, folder)
            print(json.dumps({**found, "name": damage.name, "sealed": damage.sealed}), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1], *map(int, sys.argv[2:]))
