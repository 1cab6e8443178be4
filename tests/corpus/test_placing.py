"""Documents of a corpus on the sides of its split: one test side, whoever asks and in whatever company."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.placing import Split, place_corpus, place_documents, read_side, split_hash, splittable
from sprachbund.corpus.splits import DEV, TEST, TRAIN, sides
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError

SPLIT = Split((0.5, 0.2, 0.3), 5)


def said(name: str) -> list[str]:
    """The two sentences of a document."""
    return [f"The first of {name}.", f"The second of {name}."]


def write(folder: Path, languages: dict[str, dict[str, str]]) -> Corpus:
    """A corpus of documents of two sentences; by language the group of each."""
    folder.mkdir()
    rows = [
        {"id": f"{code}-{name}", "lang": code, "group": group, "sections": [{"title": "", "sentences": [said(name)]}]}
        for code, groups in languages.items()
        for name, group in groups.items()
    ]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    ingest([folder / "rows.jsonl"], folder / "corpus", workers=1)
    return Corpus.open(folder / "corpus")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Ten documents in gl and pt, of which each shares three; the two of eu are translations of test documents."""
    groups = [f"g{number}" for number in range(3)]
    own = {code: dict.fromkeys((f"d{number}" for number in range(10)), "") for code in ("gl", "pt")}
    for code, names in own.items():
        for number, name in enumerate(names):
            names[name] = groups[number] if number < 3 else f"{code}-{name}"
    placed = sides({code: list(names.values()) for code, names in own.items()}, SPLIT.shares, SPLIT.seed)
    tested = next(group for group, side in zip(own["gl"].values(), placed["gl"], strict=True) if side == TEST)
    return write(tmp_path_factory.mktemp("placing") / "raw", own | {"eu": {"e0": tested}})


def test_the_split_is_that_of_the_whole_corpus(corpus: Corpus) -> None:
    """A language asked for by itself has the sides that it has among all; they are those of `splits.sides`."""
    whole = place_corpus(corpus, SPLIT)
    groups = {code: corpus.documents(code)["group"].to_list() for code in corpus.languages}
    for code, found in sides(groups, SPLIT.shares, SPLIT.seed).items():
        np.testing.assert_array_equal(whole[code].sides, found)
        assert (whole[code].names, whole[code].groups) == (
            corpus.documents(code)["document"].to_list(),
            groups[code],
        )
    alone = place_documents(corpus, ["gl"], SPLIT)
    assert list(alone) == ["gl"]
    np.testing.assert_array_equal(alone["gl"].sides, whole["gl"].sides)


def test_without_a_split_all_is_for_training(corpus: Corpus) -> None:
    """So for those who part pairs and not documents."""
    placed = place_documents(corpus, corpus.languages, None)
    assert list(placed) == ["eu", "gl", "pt"]
    assert all(set(own.sides.tolist()) == {TRAIN} for own in placed.values())
    assert splittable(corpus, corpus.languages, None) == corpus.languages


def test_a_language_without_training_text_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its one document shares a group that is on the test side: it is named, and alone refused."""
    many = {f"d{number}": f"g{number}" for number in range(10)}
    both = {"gl": many, "pt": many}
    placed = sides({code: list(groups.values()) for code, groups in both.items()}, SPLIT.shares, SPLIT.seed)
    tested = next(f"g{number}" for number, side in enumerate(placed["gl"]) if side == TEST)
    corpus = write(tmp_path / "raw", both | {"eu": {"e0": tested}})
    with caplog.at_level(logging.WARNING):
        assert splittable(corpus, corpus.languages, SPLIT) == ("gl", "pt")
    assert [record.getMessage() for record in caplog.records] == [
        "eu is left out: too small to split, none of its 1 documents is for training"
    ]
    with pytest.raises(CorpusError, match="none of eu is large enough to split"):
        splittable(corpus, ["eu"], SPLIT)
    with pytest.raises(CorpusError, match="eu: 1 documents are too few to split"):
        place_documents(corpus, ["gl", "eu"], SPLIT)


def test_a_side_is_read_in_order(corpus: Corpus) -> None:
    """The three sides of a language have every sentence once, each with the documents of that side alone."""
    placed = place_corpus(corpus, SPLIT)["gl"]
    for side in (TRAIN, DEV, TEST):
        own = [name for name, at in zip(placed.names, placed.sides, strict=True) if at == side]
        frame = read_side(corpus, placed, side)
        assert frame["document"].to_list() == [name for name in own for _ in range(2)]
        assert frame["text"].to_list() == [text for name in own for text in said(name.removeprefix("gl-"))]
    assert read_side(corpus, placed, TEST, ["position"]).columns == ["document", "position"]


def test_the_hash_tells_splits_apart(corpus: Corpus) -> None:
    """The same split, the same hash; another seed or share, another."""
    hashes = [
        split_hash(place_corpus(corpus, split))
        for split in (SPLIT, Split(SPLIT.shares, SPLIT.seed), Split(SPLIT.shares, 6), Split((0.3, 0.2, 0.5), 5), None)
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4
