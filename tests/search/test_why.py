"""A score taken apart: everything adds up to it, and the words are where the text has them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from shelf import FUSION, Library, document

from sprachbund import Index
from sprachbund.corpus.segment import words
from sprachbund.retrieval.settings import PAPER, change
from sprachbund.retrieval.train import train
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.fusion import sums_up
from sprachbund.search.hits import Hit
from sprachbund.search.passages import documents_of
from sprachbund.search.searching import Mode
from sprachbund.search.why import MOST_PAIRS, Why

QUERIES = {
    "en": "The discovery of radioactivity in Paris",
    "es": "El puente más antiguo de la ciudad",
    "gl": "A palabra radioactividade e o Premio Nobel de Física",
    "it": "Il premio Nobel per la fisica e la chimica",
    "ja": "海の水は塩からい",
    "pt": "O terremoto e a cidade de Lisboa",
    "th": "น้ำทะเลและปลา",
    "tr": "Marie Curie'nin Paris'teki öğrenimi",
}
MODES: tuple[Mode, ...] = ("bm25", "dense", "hybrid")


@pytest.fixture
def index(library: Library) -> Index:
    """The index by words and by the encoder alone; what letters find besides has tests of its own, `test_across`."""
    return replace(library.index, kin={})


def check(why: Why, hit: Hit, tolerance: float = 1e-3) -> None:
    """Pairs, rest and surroundings are the score, part by part; totals are the sums of pairs."""
    exact = sum(pair.exact for pair in why.pairs) + why.rest_exact + why.around_exact
    dense = sum(pair.dense for pair in why.pairs) + why.rest_dense + why.around_dense
    assert why.score == pytest.approx(exact + dense, abs=1e-6)
    assert why.score == pytest.approx(hit.score, abs=tolerance)
    assert exact == pytest.approx(hit.parts.get("bm25", hit.parts.get("across", 0.0)), abs=tolerance)
    assert dense == pytest.approx(hit.parts.get("dense", 0.0), abs=tolerance)
    assert len(why.query_totals) == len(why.query_words) and len(why.text_totals) == len(why.text_words)
    titled = bool(hit.title) and hit.number == 0
    assert why.text[why.title :] == hit.text and why.title == (len(hit.title) + 1 if titled else 0)
    assert why.text[: why.title].strip() == (hit.title if titled else "")
    strength = [abs(pair.dense + pair.exact) for pair in why.pairs]
    assert strength == sorted(strength, reverse=True) and len(why.pairs) <= MOST_PAIRS
    for side, totals in (("query", why.query_totals), ("text", why.text_totals)):
        summed = [[0.0, 0.0] for _ in totals]
        for pair in why.pairs:
            summed[getattr(pair, side)][0] += pair.dense
            summed[getattr(pair, side)][1] += pair.exact
        rest = [sum(t[i] - s[i] for t, s in zip(totals, summed, strict=True)) for i in (0, 1)]
        assert rest == pytest.approx([why.rest_dense, why.rest_exact], abs=1e-6)
        if len(why.pairs) < MOST_PAIRS:
            for total, own in zip(totals, summed, strict=True):
                assert list(total) == pytest.approx(own, abs=1e-9)


def marked(text: str, spans: Sequence[object]) -> list[str]:
    """What the spans cut out of a text."""
    return [text[span.start : span.end] for span in spans]  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", QUERIES)
def test_it_adds_up_in_every_language(index: Index, language: str, mode: Mode) -> None:
    """Alone and among all languages; the best hits and one far down."""
    query = QUERIES[language]
    for scope in ((language,), ()):
        hits = index.search(query, 40, scope, mode)
        assert hits
        for hit in [*hits[:3], hits[-1]]:
            why = index.why(query, hit)
            check(why, hit)
            assert why.note == "" and why.query == query
            if mode == "bm25":
                assert not any(pair.dense for pair in why.pairs) and why.around_dense == 0
            if mode == "dense":
                assert not any(pair.exact for pair in why.pairs) and why.around_exact == 0


@pytest.mark.parametrize("language", ["en", "gl", "tr", "ja", "th"])
def test_the_words_are_where_the_text_has_them(index: Index, language: str) -> None:
    """Spans cut the words out of query and passage that the project's own list of words has."""
    query = QUERIES[language]
    for hit in index.search(query, 5, (language,), "dense"):
        why = index.why(query, hit)
        assert [word.lower() for word in marked(why.query, why.query_words)] == words(query, language)
        sentences = next(
            segment.records.texts(0, len(segment)) for segment in index.segments if segment.language == language
        )
        own = next(text for text in sentences if "".join(text.split()) == "".join(hit.text.split()))
        lines = [hit.title] * (hit.number == 0) + own.split("\n")
        expected = [word for line in lines for word in words(line, language)]
        if language != "tr":  # İ and I are folded otherwise
            assert [word.lower() for word in marked(why.text, why.text_words)] == expected
        assert len(why.text_words) == len(expected)


def test_a_title_is_a_part_of_the_first_passage(model: Path, tmp_path: Path) -> None:
    """Its words make pairs there and stand around elsewhere; parts still add up."""
    create(tmp_path / "index", model, IndexSettings(1, map_points=0))
    given = [document("a", ["o rio", "a ponte"], title="Uma refundição"), document("b", ["o rio", "a ponte"])]
    add(tmp_path / "index", {"pt": given})
    index = Index.open(tmp_path / "index")
    for mode in MODES:
        first, second = sorted(index.search("refundição ponte", 2, (), mode), key=lambda hit: hit.number)
        assert {first.document, second.document} == {"a"}
        why = index.why("refundição ponte", first)
        check(why, first)
        assert why.text == "Uma refundição\no rio" and why.title == len("Uma refundição") + 1
        assert marked(why.text, why.text_words) == ["Uma", "refundição", "o", "rio"]
        assert sum(why.text_totals[1]) == max(sum(total) for total in why.text_totals)
        why = index.why("refundição ponte", second)
        check(why, second)
        assert why.text == "a ponte" and why.title == 0 and why.around_exact + why.around_dense > 0


def test_bm25_by_hand(model: Path, tmp_path: Path) -> None:
    """A word that the query says once and the passage twice is two equal pairs; what only stands around is no pair."""
    fusion = replace(FUSION, character_weight=0.0, dense=0.0, own=0.0)
    create(tmp_path / "index", model, IndexSettings(1, map_points=0), fusion)
    first, second = "barco lago barco", "ponte velha"
    add(tmp_path / "index", {"pt": [document("a", [first, second]), document("b", ["outra coisa aqui"])]})
    index = Index.open(tmp_path / "index")
    query = "o barco e a ponte"
    hits = {hit.number: hit for hit in index.search(query, 10, (), "bm25")}
    why = index.why(query, hits[0])
    check(why, hits[0], 1e-5)
    assert [(pair.query, pair.text) for pair in why.pairs] == [(1, 0), (1, 2)]
    assert why.pairs[0].exact == pytest.approx(why.pairs[1].exact)
    assert why.around_exact > 0  # the bridge of the next sentence
    assert [words_total[1] > 0 for words_total in why.text_totals] == [True, False, True]
    other = index.why(query, hits[1])
    assert [(pair.query, pair.text) for pair in other.pairs] == [(4, 0)]
    # both sentences count both words, in shares of one and decay
    assert why.pairs[0].exact + why.pairs[1].exact + why.around_exact == pytest.approx(hits[0].score, abs=1e-5)


def test_words_said_often_and_many_pairs(index: Index) -> None:
    """A long query: at most 300 pairs are listed, the rest is summed up."""
    query = " ".join(QUERIES[code] for code in ("en", "es", "gl", "it", "pt") for _ in range(4))
    hit = index.search(query, 1)[0]
    why = index.why(query, hit)
    check(why, hit)
    assert len(why.pairs) == MOST_PAIRS and (abs(why.rest_dense) > 0 or why.rest_exact > 0)


def test_ranks_are_no_sums(index: Index) -> None:
    """Reciprocal ranks: the two scores that were ranked, and a note."""
    hit = index.search(QUERIES["gl"], 1, (), "rrf")[0]
    why = index.why(QUERIES["gl"], hit)
    parts = {mode: {h.key: h.score for h in index.search(QUERIES["gl"], 500, (), mode)} for mode in ("bm25", "dense")}
    assert why.score == pytest.approx(parts["bm25"][hit.key] + parts["dense"][hit.key], abs=1e-3)
    assert why.note.startswith("reciprocal rank fusion adds ranks")


def small(library: Library, folder: Path, **changes: object) -> Index:
    """An index of two languages with an encoder of other settings."""
    chosen = change(PAPER, **{"dim": 16, "epochs": 1.0, "batch": 64} | changes)
    encoder = train(library.corpus, languages=["gl", "pt"], settings=chosen)
    encoder.save(folder / "model")
    fusion = replace(FUSION, own=0.5 if sums_up(encoder) else 1.0)
    create(folder / "index", folder / "model", IndexSettings(3, map_points=0), fusion)
    add(folder / "index", {code: list(documents_of(library.corpus, code))[:12] for code in ("gl", "pt")})
    return Index.open(folder / "index")


@pytest.mark.parametrize("spelling", ["subwords", "bytes"])
def test_another_spelling(library: Library, tmp_path: Path, spelling: str) -> None:
    """Words stand in the passage as they are written, and have what their pieces add; BM25 is that of written words."""
    if spelling == "subwords":
        pytest.importorskip("sentencepiece")
    index = small(library, tmp_path, spelling=spelling, pieces=300, bigram_weight=0.0)
    query = QUERIES["gl"]
    for mode in MODES:
        hits = index.search(query, 2, (), mode)
        for hit in hits:
            why = index.why(query, hit)
            check(why, hit, 2e-3 * max(1.0, abs(hit.score)))
            assert [word.lower() for word in marked(query, why.query_words)] == words(query, "gl")
            assert [word.lower() for word in marked(why.text, why.text_words)] == words(why.text, hit.language)
    written = small(library, tmp_path / "written", bigram_weight=0.0)
    found, same = (each.search(query, 5, (), "bm25") for each in (index, written))
    assert [(hit.key, hit.score) for hit in found] == [(hit.key, hit.score) for hit in same]


@pytest.mark.parametrize("changes", [{}, {"similarity": "cosine"}, {"pooling": "mean"}, {"pooling": "sqrt"}])
def test_bigrams_and_the_paper(library: Library, tmp_path: Path, changes: dict[str, object]) -> None:
    """An encoder with bigrams, by product or by cosine: a bigram is halved between its words, and it all adds up."""
    index = small(library, tmp_path, bigram_weight=0.7, **changes)
    query = QUERIES["gl"]
    for mode in MODES:
        for hit in index.search(query, 3, (), mode):
            check(index.why(query, hit), hit, 2e-3 * max(1.0, abs(hit.score)))
