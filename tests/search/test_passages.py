"""Cutting documents into passages, against plain Python; what is shown of them."""

from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st
from shelf import Library, document

from sprachbund import Index
from sprachbund.corpus.store import Corpus
from sprachbund.errors import LanguageError
from sprachbund.retrieval.ranking.surroundings import fading as fading_of_sentences
from sprachbund.retrieval.settings import Surroundings
from sprachbund.search.passages import cut, documents_of, fading, number_documents, rows, shown, with_titles

documents = st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=4), max_size=5)
"""For each document the sentences of each of its sections."""


def cut_by_hand(lengths: list[list[int]], size: int) -> list[tuple[int, int, int, int]]:
    """Document, section, first sentence and the one after the last of each passage."""
    made, at = [], 0
    for number, sections in enumerate(lengths):
        for section, length in enumerate(sections):
            parts = (length + size - 1) // size
            edges = [at + part * length // parts for part in range(parts + 1)]
            made += [(number, section, low, high) for low, high in pairwise(edges)]
            at += length
    return made


@run(deadline=None, max_examples=200)
@given(documents, st.integers(1, 6))
def test_passages_as_by_hand(lengths: list[list[int]], size: int) -> None:
    """Sections are parted evenly into as few passages as can be; each knows the passages of its document."""
    numbers = [n for n, sections in enumerate(lengths) for length in sections for _ in range(length)]
    sections = [s for parts in lengths for s, length in enumerate(parts) for _ in range(length)]
    found = cut(np.array(numbers, np.int32), np.array(sections, np.int32), size)
    made = list(zip(found.documents, found.sections, found.first[:-1], found.first[1:], strict=True))
    assert made == cut_by_hand(lengths, size)
    own = found.documents.tolist()
    assert found.low.tolist() == [own.index(n) for n in own]
    assert found.high.tolist() == [own.index(n) + own.count(n) for n in own]
    for (_, _), group in groupby(made, key=lambda passage: passage[:2]):
        sizes = [high - low for _, _, low, high in group]
        assert max(sizes) <= size and max(sizes) - min(sizes) <= 1
    assert all(array.dtype == np.int32 for array in (found.documents, found.sections, found.low, found.high))


def test_fading_by_hand() -> None:
    """Passages of two sentences, reach 3: the next one is the mean of distances 1 and 2, then of 3 and nothing."""
    found = fading(Surroundings(reach=3, decay=0.5, across=0.2), 2)
    np.testing.assert_allclose(found, [1, (0.5 + 0.25) / 2, (0.125 + 0) / 2])
    assert fading(Surroundings(reach=0, decay=0.5, across=0.2), 4).tolist() == [1]


@pytest.mark.parametrize("reach", [0, 1, 7, 30])
def test_passages_of_one_sentence_fade_as_sentences_do(reach: int) -> None:
    """The index and the studies mean the same thing."""
    around = Surroundings(reach, 0.95, 0.2)
    np.testing.assert_allclose(fading(around, 1), fading_of_sentences(around), rtol=1e-6)


def test_titles_are_lines_of_first_passages() -> None:
    """By hand: three documents, the second without a title; every passage keeps its sentences."""
    batch = [
        document("a", ["a1", "a2", "a3"], ["a4"], title="A"),
        document("b", ["b1"]),
        document("c", ["c1", "c2", "c3"], title="C"),
    ]
    texts, numbers, sections = number_documents(batch)
    passages = cut(numbers, sections, 2)
    lines, searched = with_titles(batch, texts, passages)
    found = [lines[low:high] for low, high in pairwise(searched.first.tolist())]
    assert found == [["A", "a1"], ["a2", "a3"], ["a4"], ["", "b1"], ["C", "c1"], ["c2", "c3"]]
    assert searched.low is passages.low


def test_what_is_shown() -> None:
    """Sentences follow one another with a space, but where the script writes none."""
    assert shown("One.\nTwo.", "en") == "One. Two."
    assert shown("一。\n二。", "ja") == "一。二。"
    assert shown("น้ำ\nปลา", "th") == "น้ำปลา"


def test_documents_are_those_of_the_corpus(library: Library) -> None:
    """Ids, titles, headings, digests, sentences and sections, in order."""
    corpus: Corpus = library.corpus
    for language in corpus.languages:
        frame = corpus.read(language)
        found = list(documents_of(corpus, language))
        assert [d.id for d in found] == corpus.documents(language)["document"].to_list()
        assert [d.title for d in found] == corpus.documents(language)["title"].to_list()
        assert {d.id: tuple(d.headings) for d in found} == corpus.headings(language)
        texts, numbers, sections = number_documents(found)
        assert texts == frame["text"].to_list() and sections.tolist() == frame["section"].to_list()
        assert [found[n].id for n in numbers] == frame["document"].to_list()
        assert len({d.digest for d in found}) == len(found)


def test_parts_of_a_corpus_are_what_read_gives(library: Library) -> None:
    """File by file, with the columns asked for and the notes of the file's documents; a language that is not there."""
    corpus: Corpus = library.corpus
    for language in corpus.languages:
        parts = list(corpus.parts(language, ["document", "text"]))
        whole = corpus.read(language, ["document", "text"])
        assert [row for frame, _ in parts for row in frame.rows()] == whole.rows()
        for frame, notes in parts:
            assert [note["document"] for note in notes] == frame["document"].unique(maintain_order=True).to_list()
            assert [note["sentences"] for note in notes] == frame.group_by("document", maintain_order=True).len()[
                "len"
            ].to_list()
    with pytest.raises(LanguageError, match="has no xx;"):
        list(corpus.parts("xx", ["text"]))


def test_rows_of_passages() -> None:
    """Document, section and sentences of each passage, a sentence a line; documents numbered on."""
    passages = cut(np.array([0, 0, 0, 1], np.int32), np.array([0, 0, 1, 0], np.int32), 2)
    assert rows(passages, ["a", "b", "c", "d"], 7).rows() == [(7, 0, "a\nb"), (7, 1, "c"), (8, 0, "d")]


def test_the_index_has_every_sentence_once(library: Library, index: Index) -> None:
    """The passages of a document, one after the other, are its sentences."""
    for segment in index.segments:
        stored = segment.records.texts(0, len(segment))
        assert "\n".join(stored).split("\n") == library.corpus.read(segment.language)["text"].to_list()
        assert len(stored) == segment.manifest["passages"]
