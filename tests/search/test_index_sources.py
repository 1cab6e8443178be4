"""From raw text or a corpus to an index in one step."""

import json
import shutil
from pathlib import Path

import pytest
from shelf import Library

from sprachbund import Encoder, Index
from sprachbund.corpus.splits import DEV, TEST, TRAIN, sides
from sprachbund.errors import FolderError, LanguageError, SettingsError
from sprachbund.progress import Silent
from sprachbund.retrieval import settings as presets
from sprachbund.retrieval.settings import change
from sprachbund.search import sources
from sprachbund.search.building import IndexSettings
from sprachbund.search.sources import index_sources

NO_MAP = IndexSettings(sentences=2, map_points=0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller `best`, where one is trained."""
    small = change(presets.BEST, dim=16, epochs=1.0, batch=64)
    monkeypatch.setattr(sources, "BEST", small)
    train = sources.train
    monkeypatch.setattr(sources, "train", lambda *a, **named: train(*a, **{"settings": small, **named}))


def write(path: Path, documents: dict[str, str], language: str = "pt") -> Path:
    """Documents of sections, as JSON Lines."""
    rows = [
        {"id": name, "lang": language, "title": name, "sections": [{"title": "", "paragraphs": [text]}]}
        for name, text in documents.items()
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_two_documents(tmp_path: Path) -> None:
    """However they are split, both are found."""
    texts = {
        "rio": "O rio corre para o mar. A água é fria e clara. Os barcos descem o rio. Chegam ao porto de noite.",
        "pão": "O pão sai do forno. A casa cheira bem a pão. A farinha vem do moinho. O sal vem do mar.",
    }
    source = write(tmp_path / "two.jsonl", texts)
    done = index_sources([source], tmp_path / "index", settings=NO_MAP)
    assert done.added == {"pt": 2} and done.generation == 1
    index = Index.open(tmp_path / "index", check=True)
    assert index.search("o pão do forno")[0].document == "pão" and index.search("os barcos do rio")[0].document == "rio"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index", "two.jsonl"]


def test_what_else_is_known_of_a_document_comes_with_its_passages(tmp_path: Path) -> None:
    """From the source through the corpus to the hit; what is no text is left out, a change of it replaces."""
    text = "O pão sai do forno. A casa cheira bem a pão. A farinha vem do moinho. O sal vem do mar."

    def source(**meta: object) -> Path:
        section = {"title": "", "paragraphs": [text]}
        path = tmp_path / "one.jsonl"
        path.write_text(json.dumps({"id": "p", "lang": "pt", "title": "", "meta": meta, "sections": [section]}))
        return path

    known = source(url="https://example.org/p", date="2020-01-02", year=2020, lines=["no"], Autor="Jose\u0301", no="  ")
    index_sources([known], tmp_path / "index", settings=NO_MAP)
    expected = {
        "path": f"{tmp_path.name}/one.jsonl",
        "url": "https://example.org/p",
        "date": "2020-01-02",
        "year": "2020",
        "Autor": "Jos\u00e9",
    }
    (hit,) = Index.open(tmp_path / "index").search("o pão do forno", 1)
    assert hit.meta == expected and hit.to_dict()["meta"] == expected
    assert index_sources([known], tmp_path / "index").kept == {"pt": 1}
    assert index_sources([source(date="2021")], tmp_path / "index").replaced == {"pt": 1}
    (hit,) = Index.open(tmp_path / "index").search("o pão do forno", 1)
    assert hit.meta == {"path": f"{tmp_path.name}/one.jsonl", "date": "2021"}


def test_what_the_split_would_hold_out_is_trained_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Six documents of which the two with any length are held out: a line says that all of it is used."""
    names = [f"r{n}" for n in range(6)]
    settings = presets.BEST
    placed = sides({"pt": names}, settings.shares, settings.split_seed)["pt"]
    assert sorted(placed.tolist()) == [TRAIN] * 4 + [DEV, TEST]
    long = "O rio corre para o mar. A água é fria e clara. Os barcos descem o rio. Chegam ao porto de noite."
    texts = {name: "Um lago sem nome." if side == TRAIN else long for name, side in zip(names, placed, strict=True)}
    index_sources([write(tmp_path / "six.jsonl", texts)], tmp_path / "index", settings=NO_MAP)
    assert "trained on all of it" in caplog.text and "too little text to train on" not in caplog.text
    index = Index.open(tmp_path / "index")
    assert placed[names.index(index.search("os barcos")[0].document)] != TRAIN
    assert index.encoder.settings.shares == (1.0, 0.0, 0.0)


def test_two_sentences_train_nothing(library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line says so; they are found by their words, with a trained encoder too."""
    source = write(tmp_path / "few.jsonl", {"rio": "O rio corre para o mar. A água é fria e clara."})
    index_sources([source], tmp_path / "index", settings=NO_MAP)
    assert "too little text to train on" in caplog.text
    assert Index.open(tmp_path / "index").search("água clara")[0].document == "rio"
    shutil.rmtree(tmp_path / "index")
    assert index_sources([source], tmp_path / "index", library.model, settings=NO_MAP).added == {"pt": 1}
    assert Index.open(tmp_path / "index").search("água fria")[0].document == "rio"


def test_raw_text_then_more(library: Library, sample: Path, tmp_path: Path) -> None:
    """The first source trains the encoder; the second is added to what is there, with the same encoder."""
    done = index_sources([sample / "gl.jsonl"], tmp_path / "index", settings=NO_MAP)
    assert done.added == {"gl": 36}
    first = Index.open(tmp_path / "index")
    assert first.encoder.about["languages"] == ["gl"] and first.encoder.dim == 16
    done = index_sources([sample / "pt.jsonl", sample / "gl.jsonl"], tmp_path / "index")
    assert (done.added, done.kept, done.generation) == ({"pt": 36}, {"gl": 36}, 2)
    second = Index.open(tmp_path / "index")
    assert second.languages == ("gl", "pt") and second.manifest["model"] == first.manifest["model"]
    assert second.manifest["settings"]["sentences"] == 2
    with pytest.raises(SettingsError, match=r"has another model than .*leave --model out, or make a new index"):
        index_sources([sample / "tr.jsonl"], tmp_path / "index", library.model)
    changed = write(tmp_path / "new.jsonl", {"gl-marie-curie": "Outro texto."}, "gl")
    assert index_sources([changed], tmp_path / "index").replaced == {"gl": 1}
    assert index_sources([changed], tmp_path / "index").kept == {"gl": 1}


def test_a_corpus_and_a_model(library: Library, tmp_path: Path) -> None:
    """Nothing is trained; some languages; one that the sources lack is named before anything is made."""
    with pytest.raises(LanguageError, match="the text of the sources has no xx; it has en, es"):
        index_sources([library.corpus.path], tmp_path / "index", library.model, languages=["xx", "tr"])
    assert not (tmp_path / "index").exists()
    done = index_sources(
        [library.corpus.path], tmp_path / "index", library.model, settings=NO_MAP, languages=["ja", "th"]
    )
    assert done.added == {"ja": 1, "th": 1}
    index = Index.open(tmp_path / "index")
    assert index.languages == ("ja", "th")
    own = Encoder.load(library.model).encode(["radio"])
    assert (index.encoder.encode(["radio"]) == own).all()
    assert index_sources([library.corpus.path], tmp_path / "index", library.model, languages=["ja"]).kept == {"ja": 1}
    shutil.rmtree(tmp_path / "index")


def test_several_corpora_need_a_model(library: Library, sample: Path, tmp_path: Path) -> None:
    """To train on both they must be one; with a trained encoder they need not."""
    with pytest.raises(SettingsError, match=r"trained on one corpus, found several; .* --model"):
        index_sources([library.corpus.path, sample / "tr.jsonl"], tmp_path / "index", settings=NO_MAP)
    assert not (tmp_path / "index").exists()
    source = write(tmp_path / "mine.jsonl", {"mine": "Texto meu. Outra frase."})
    done = index_sources(
        [library.corpus.path, source], tmp_path / "index", library.model, settings=NO_MAP, languages=["ja", "pt"]
    )
    assert done.added == {"ja": 1, "pt": 37}


def test_where_something_else_lies(library: Library, sample: Path, tmp_path: Path) -> None:
    """Refused before anything is read."""
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "notes.txt").write_text("mine")
    with pytest.raises(FolderError, match="already holds something else"):
        index_sources([sample / "tr.jsonl"], tmp_path / "index")
    assert [p.name for p in tmp_path.iterdir()] == ["index"]


def test_the_same_command_goes_on(
    library: Library, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each stage: reading, training, making, adding; the corpus and the model are not made twice."""
    calls: list[str] = []

    class StoppedError(Exception):
        pass

    for name in ("ingest", "train", "create", "add"):
        real = getattr(sources, name)

        def after(*arguments: object, _real: object = real, _name: str = name, **named: object) -> object:
            result = _real(*arguments, **named)  # type: ignore[operator]
            if _name not in calls:
                calls.append(_name)
                raise StoppedError
            return result

        monkeypatch.setattr(sources, name, after)
    for _ in range(4):
        with pytest.raises(StoppedError):
            index_sources([sample / "tr.jsonl"], tmp_path / "index", settings=NO_MAP)
    assert calls == ["ingest", "train", "create", "add"]
    done = index_sources([sample / "tr.jsonl"], tmp_path / "index", settings=NO_MAP)
    assert done.kept == {"tr": 36} and Index.open(tmp_path / "index", check=True).generation == 1
    assert [p.name for p in tmp_path.iterdir()] == ["index"]


def test_progress_is_told(library: Library, tmp_path: Path) -> None:
    """The bars and how far each came."""
    from contextlib import contextmanager

    shown: list[tuple[str, float | None, float]] = []

    @contextmanager
    def shower(name: str, total: float | None):  # type: ignore[no-untyped-def]
        class Counting(Silent):
            done = 0.0

            def advance(self, amount: float = 1) -> None:
                self.done += amount

        bar = Counting()
        yield bar
        shown.append((name, total, bar.done))

    index_sources(
        [library.corpus.path], tmp_path / "index", library.model, settings=NO_MAP, languages=["tr"], shower=shower
    )
    assert shown == [("weighing (languages)", 1, 1), ("indexing (documents)", 36, 36)]
