"""The weights of an index, against every combination tried out by hand; which sentences are asked."""

import hashlib
import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from shelf import FUSION, Library, document

from sprachbund import Encoder, Index
from sprachbund.corpus.splits import DEV, sides
from sprachbund.retrieval.ranking.bm25 import BM25Settings
from sprachbund.retrieval.settings import Surroundings, change
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.fusion import Fusion, default_fusion, sums_up
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.tuning import APART, DENSE, LEAST_QUERIES, OWN, QUERIES, held_out, take_out, tune


@pytest.fixture(scope="module")
def encoder(library: Library) -> Encoder:
    """Of the library."""
    return Encoder.load(library.model)


def test_as_json_and_back() -> None:
    """Every field, by way of JSON."""
    made = Fusion(
        BM25Settings("lucene", 1.1, 0.3, 1.0), BM25Settings("lucene", 2.5, 0.1, 2.0), 0.125, 2.0, 0.75,
        Surroundings(4, 0.8, 0.3), {"pt": {"queries": 3, "mrr": 0.5}},
    )  # fmt: skip
    assert Fusion.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert Fusion.from_dict(json.loads(json.dumps(Fusion().to_dict()))) == Fusion()


def test_the_default(encoder: Encoder) -> None:
    """What surrounds a passage counts in the encoder's part only where vectors add up and there is a reach."""
    assert sums_up(encoder) and default_fusion(encoder) == Fusion(surroundings=encoder.settings.surroundings)
    other = replace(encoder, settings=change(encoder.settings, similarity="dot"))
    assert not sums_up(other) and default_fusion(other).own == 1.0
    alone = replace(encoder, settings=replace(encoder.settings, surroundings=Surroundings(0)))
    assert sums_up(alone) and default_fusion(alone).own == 1.0


def where(name: str) -> int:
    """The first place that may be taken out of a document."""
    return hashlib.sha256(name.encode()).digest()[0] % APART


def test_what_is_taken_out() -> None:
    """Every twentieth sentence, from a place that the document decides; each with its neighbours in the section."""
    first = where("d")
    body = [f"a frase {'abcdefghijklmnopqrstuvwxyz'[i % 26] * (i // 26 + 3)} tem palavras" for i in range(first + 41)]
    made = document("d", body[: first + 20], body[first + 20 :])
    left, found = take_out([made], "pt", 100)
    expected = [first, first + 20, first + 40]
    assert [removed.text for removed in found] == [body[i] for i in expected]
    assert list(left[0].texts) == [text for i, text in enumerate(body) if i not in expected]
    assert list(left[0].sections) == [int(i >= first + 20) for i in range(len(body)) if i not in expected]
    assert found[0].near == tuple(body[i] for i in (first - 1, first + 1) if i >= 0)
    assert found[1].near == (body[first + 21],)  # the one before stands in another section
    assert found[2].near == (body[first + 39],)
    assert len(take_out([made], "pt", 2)[1]) == 2 and take_out([], "pt", 5) == ([], [])


def test_what_is_left_alone() -> None:
    """Short sentences, ones without a neighbour in their section, and ones that differ by digits alone."""
    first = where("d")
    others = [f"outra frase {'abcdefghijklmnopqrs'[i] * 4} muito longa" for i in range(first)]
    for text, sections in (
        ("três palavras só", [[*others, "três palavras só", "e mais uma frase longa"]]),
        ("uma frase sozinha aqui", [others, ["uma frase sozinha aqui"], ["e mais uma frase longa"]]),
        ("nasceu no ano 1900 ali", [[*others, "nasceu no ano 1900 ali", "nasceu no ano 1850 ali"]]),
    ):
        made = document("d", *[section for section in sections if section])
        assert made.texts[first] == text
        assert text not in [removed.text for removed in take_out([made], "pt", 9)[1]]


def by_hand(
    library: Library, encoder: Encoder, documents: list[Document], path: Path
) -> tuple[int, dict[tuple[float, float], float]]:
    """The MRR of every combination of weights: all passages ranked by what two indexes say of them.

    One scores a passage by itself and the other with what surrounds it; any other share lies between them.
    """
    left, removed = take_out(documents, "pt", QUERIES)
    indexes = []
    for own in (1.0, 0.0):
        create(
            path / str(own), library.model, IndexSettings(2, map_points=0), replace(default_fusion(encoder), own=own)
        )
        add(path / str(own), {"pt": left})
        indexes.append(Index.open(path / str(own)))
    segment = indexes[0].segments[0]
    records = segment.records.passages(range(len(segment)))
    keys = [f"pt:{record.document.id}#{record.number - record.document.first}" for record in records]
    ranks: dict[tuple[float, float], list[float]] = {}
    for query in removed:
        truths = [
            record.document.id == query.document and bool(set(record.text.split("\n")) & set(query.near))
            for record in records
        ]
        found = [indexes[0].search(query.text, 1_000, (), "bm25")]
        found += [index.search(query.text, 1_000, (), "dense") for index in indexes]
        exact, near, wide = (
            np.array([scores.get(key, 0.0) for key in keys]) for scores in ({h.key: h.score for h in f} for f in found)
        )
        for dense, own in product(DENSE, OWN):
            scores = exact + dense * (own * near + (1 - own) * wide)
            best = scores[truths].max()
            ranks.setdefault((dense, own), []).append(1 / (1 + np.sum(scores[np.invert(truths)] >= best)))
    return len(removed), {option: float(np.mean(values)) for option, values in ranks.items()}


def test_the_weights_are_the_best_of_all(library: Library, encoder: Encoder, tmp_path: Path) -> None:
    """As indexes with these weights rank; what was reached is noted, and languages with few queries have no say."""
    documents = [document for code in ("pt", "gl", "es") for document in documents_of(library.corpus, code)]
    few = documents[:3]
    count, every = by_hand(library, encoder, documents, tmp_path)
    assert count >= LEAST_QUERIES
    fusion = tune(encoder, {"gl": few, "pt": documents}, 2)
    assert len(set(every.values())) > 5
    assert every[fusion.dense, fusion.own] == pytest.approx(max(every.values()), abs=2e-3)
    assert fusion.tuned is not None and set(fusion.tuned) == {"pt"}
    assert fusion.tuned["pt"]["queries"] == count
    assert fusion.tuned["pt"]["mrr"] == pytest.approx(every[fusion.dense, fusion.own], abs=2e-3)
    assert replace(fusion, dense=0.5, own=0.25, tuned=None) == replace(default_fusion(encoder), dense=0.5, own=0.25)


def test_too_little_to_choose_on(library: Library, encoder: Encoder) -> None:
    """The defaults."""
    assert tune(encoder, {"pt": list(documents_of(library.corpus, "pt"))[:2], "gl": []}, 2) == default_fusion(encoder)
    assert tune(encoder, {}, 5) == default_fusion(encoder) and FUSION.tuned is None


def test_only_what_the_encoder_has_not_seen(library: Library, encoder: Encoder) -> None:
    """The dev side of the corpus that it was trained on; of another corpus, or for another encoder, any document."""
    languages = encoder.about["languages"]
    found = held_out(encoder, library.corpus, ["gl", "pt"])
    groups = {code: library.corpus.documents(code)["group"].to_list() for code in library.corpus.languages}
    placed = sides(groups, encoder.settings.shares, encoder.settings.split_seed)
    for code in ("gl", "pt"):
        every = library.corpus.documents(code)["document"].to_list()
        assert [d.id for d in found[code]] == [
            name for name, side in zip(every, placed[code], strict=True) if side == DEV
        ]
        assert found[code] and code in languages
    other = replace(encoder, about={"languages": languages, "corpus": "another"})
    assert [d.id for d in held_out(other, library.corpus, ["gl"])["gl"]] == library.corpus.documents("gl")[
        "document"
    ].to_list()
