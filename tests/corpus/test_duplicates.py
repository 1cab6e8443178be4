"""Duplicates, leakage and templates: planted by hand and found by their rules."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.corpus.duplicates import duplicate_report, find_templates, held_out_templates, template_form
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.splits import DEV, TEST, TRAIN, sides
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError


def form(text: str) -> str:
    return str(pl.select(template_form(pl.lit(text))).item())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ort X hat 1,234.5 Einwohner (2011).", "ort x hat 0 einwohner 0"),
        ("Ort X hat 12 Einwohner – 1999!", "ort x hat 0 einwohner 0"),
        ("  Über, ÄRZTE ... ", "über ärzte"),
        ("হিন্দী ২০১১", "হিন্দী 0"),
        ("৳ …", ""),
    ],
)
def test_template_form(text: str, expected: str) -> None:
    """Numbers are 0 in every script, punctuation is a space, marks stay on their letters."""
    assert form(text) == expected


@given(st.text())
def test_template_form_does_not_change_a_form(text: str) -> None:
    """Any Unicode text: the second time changes nothing, since nothing is left to change."""
    once = form(text)
    assert form(once) == once
    assert once == once.strip(" ")


def frame(*documents: list[str]) -> pl.DataFrame:
    rows = [(f"d{number}", text) for number, texts in enumerate(documents) for text in texts]
    return pl.DataFrame(rows, schema=["document", "text"], orient="row")


def test_templates_of_the_training_text_are_found() -> None:
    """One in ten is not more than one in ten, two are; forms that only dev and test have do not count."""
    others = [f"Satz {word} ist anders." for word in "abcdefghi"]
    data = frame(
        ["Ort A hat 10 Einwohner.", "Ort B hat 20 Einwohner."],
        ["Ort A hat 99 Einwohner!", *others],
        ["ort a hat 5 einwohner", "Ort B hat 6,5 Einwohner.", *others[:8]],
        ["Nur im Test 1.", "Nur im Test 2.", "Ort C hat 5 Einwohner."],
    )
    of_document = np.array([TRAIN, DEV, TEST, TEST], np.uint8)
    side = np.repeat(of_document, [2, 10, 10, 3])
    found = find_templates(data, side)
    assert np.flatnonzero(found.sentences).tolist() == [2, 12, 13]
    assert found.documents.tolist() == [False, False, True, False]
    assert np.flatnonzero(held_out_templates(data, side)).tolist() == [2, *range(12, 22)]


def test_sides_of_another_length_are_refused() -> None:
    """A side a document is not a side a sentence."""
    with pytest.raises(CorpusError, match="each of the 2 sentences, found 1"):
        find_templates(frame(["a", "b"]), np.zeros(1, np.uint8))


def test_the_report_counts_what_was_planted(tmp_path: Path) -> None:
    """Twenty documents, the split known: a sentence, a document and a template are planted on both sides."""
    names = [f"n{number}" for number in range(20)]
    side = sides({"de": names})["de"]
    assert [int((side == which).sum()) for which in (TRAIN, DEV, TEST)] == [16, 2, 2]
    train = [name for name, place in zip(names, side, strict=True) if place == TRAIN]
    test = [name for name, place in zip(names, side, strict=True) if place == TEST]
    letters = dict(zip(names, "abcdefghijklmnopqrst", strict=True))
    texts = {name: [f"Der {letters[name]} geht.", f"Das {letters[name]} steht."] for name in names}
    texts[test[0]] = texts[train[0]]  # a document that is on both sides: two sentences across
    texts[train[1]] = [*texts[train[1]], "Es hat 12 Seen."]
    texts[test[1]] = [*texts[test[1]], "Es hat 7 Seen."]  # a template, a third of its document
    rows = [
        {"id": name, "lang": "de", "title": "", "sections": [{"title": "", "sentences": [texts[name]]}]}
        for name in names
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ingest([path], tmp_path / "c")
    report = duplicate_report(Corpus.open(tmp_path / "c"))
    assert report.to_dicts() == [
        {
            "language": "de",
            "documents": 20,
            "sections": 20,
            "sentences": 42,
            "words": 42 * 3 + 2,
            "train": 16,
            "dev": 2,
            "test": 2,
            "duplicates": 2,
            "held_out": 9,
            "sentences_across": 2,
            "documents_across": 1,
            "template_sentences": 3,
            "template_documents": 2,
            "template_share": 3 / 9,
        }
    ]


def test_the_report_of_some_languages_splits_as_that_of_all(tmp_path: Path) -> None:
    """Groups that languages share are placed together, also when one language alone is asked for."""
    rows = [
        {
            "id": f"{lang}{n}",
            "group": f"g{n}",
            "lang": lang,
            "title": "",
            "sections": [{"title": "", "paragraphs": [f"Text {n} {lang}."]}],
        }
        for lang in ("de", "nl")
        for n in range(30 if lang == "de" else 11)
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ingest([path], tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    assert duplicate_report(corpus, ["nl"]).rows() == duplicate_report(corpus).rows()[1:]
