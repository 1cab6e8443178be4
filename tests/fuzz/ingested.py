"""What holds of an ingest, whatever it read.

It ends in a summary or in an error of ours; the corpus opens and every file in it is whole; records that were read are
kept or dropped for a reason; sentences are normal and hold no controls; what was ingested is skipped the next time.
"""

import json
import os
import unicodedata
import warnings
from pathlib import Path
from typing import Any

from hostile_inputs import RECORD, TOTAL, Input

from sprachbund import Corpus
from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.sources.streams import Limits
from sprachbund.errors import SprachbundError
from sprachbund.normal_forms import normal_form

__all__ = ["judge", "put"]

MEMORY = 256 << 20
LIMITS = Limits(total=TOTAL, record=RECORD)


def put(given: Input, folder: Path) -> Path:
    """Write the input into a folder; what ingest is to be given."""
    place = folder / "sources"
    place.mkdir()
    path = Path(os.fsdecode(os.path.join(os.fsencode(place), given.name)))  # noqa: PTH118
    path.write_bytes(given.data)
    if given.folder:
        (place / "second.txt").write_text("Uma frase honesta. Outra frase.", encoding="utf-8")
        return place
    return path


def judge(given: Input, folder: Path) -> str:
    """Ingest the input twice in an empty folder; how it ended. AssertionError names what does not hold.

    Any other error that gets out of here is a fault of its own.
    """
    source, out = put(given, folder), folder / "corpus"
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            summary = once(given, source, out)
        except SprachbundError as error:
            said = str(error)
            assert said.strip(), "an error without words"
            if (out / "corpus.json").exists():
                whole(out, None)
            return f"{type(error).__name__}"
        whole(out, summary)
        before = (out / "corpus.json").read_bytes()
        again = once(given, source, out)
    for first, second in zip(summary.sources, again.sources, strict=True):
        assert second.skipped or not first.kept, f"{second.name!r} is read again"
        assert (first.read, first.kept, first.dropped) == (second.read, second.kept, second.dropped)
    assert json.loads(before) == json.loads((out / "corpus.json").read_bytes()), "a second ingest changes the corpus"
    return "kept" if any(source.kept for source in summary.sources[:1]) else "nothing kept"


def once(given: Input, source: Path, out: Path) -> IngestSummary:
    """One ingest as the input wants it."""
    return ingest([source], out, given.lang, given.strict, workers=1, memory=MEMORY, limits=LIMITS)


def whole(out: Path, summary: IngestSummary | None) -> None:
    """The corpus is complete, and is what the summary says."""
    corpus = Corpus.open(out, check=True)
    left = [path.name for path in out.iterdir() if path.name.startswith(".")]
    assert not left, f"left behind: {left}"
    for lang in corpus.languages:
        check_sentences(corpus, lang)
    if summary is None:
        return
    for source in summary.sources:
        assert source.read == source.kept + sum(source.dropped.values()), f"counts of {source.name!r}: {source}"
        # a record that mixes languages is a document of each of them
        assert sum(source.languages.values()) >= source.kept, f"languages of {source.name!r}: {source}"
        assert source.kept or source.warnings or source.skipped, (
            f"nothing was kept of {source.name!r}, and no word of it"
        )
    kept = sum(sum(source.languages.values()) for source in summary.sources)
    assert kept == sum(count["documents"] for count in summary.counts.values()), "documents of sources and of languages"
    assert summary.counts == corpus.counts


def check_sentences(corpus: Corpus, lang: str) -> None:
    """The rows of a language are as the manifest counts them, and as a reader may rely on."""
    rows = corpus.read(lang)
    documents = corpus.documents(lang)
    counted = corpus.counts[lang]
    assert counted["sentences"] == len(rows) == documents["sentences"].sum()
    assert counted["documents"] == len(documents) == documents["document"].n_unique()
    assert counted["characters"] == rows["text"].str.len_chars().sum()
    for text in rows["text"]:
        check_text(text)
        assert any(map(str.isalnum, text)), f"a sentence without a word: {text[:80]!r}"
    for title, headings in documents.select("title", "headings").iter_rows():
        for text in (title, *headings):
            check_text(text)


def check_text(text: str) -> None:
    """A line in its normal form, without controls, blanks at its ends and halves of characters."""
    assert normal_form("NFC", text) == text and unicodedata.is_normalized("NFC", text), f"not NFC: {text[:80]!r}"
    odd = {character for character in text if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")}
    assert not odd, f"controls {odd} in {text[:80]!r}"
    assert text == text.strip(), f"blanks at an end: {text[:80]!r}"


def describe(given: Input) -> dict[str, Any]:
    """What a person wants to know of an input that failed."""
    about = {name: getattr(given, name) for name in ("kind", "folder", "lang", "strict", "whole")}
    return {**about, "name": repr(given.name), "bytes": len(given.data)}
