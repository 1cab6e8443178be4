"""Normal forms: runs of marks are bounded as UAX #15 says, and nothing else in the package normalises."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sprachbund
from sprachbund import normal_forms
from sprachbund.corpus.segment import normalise, sentences, words
from sprachbund.normal_forms import JOINER, LONGEST_RUN, normal_form, stream_safe
from sprachbund.retrieval.encoder.texts import analyse

SOURCE = Path(sprachbund.__file__).parent
SIZE = 200_000  # bytes of UTF-8
ATTACKS = {
    "one mark": "\u0301",
    "marks of falling classes": "\u0345\u0301\u0327",
    "marks of every class": "".join(chr(p) for p in range(0x110000) if unicodedata.combining(chr(p))),
    "a mark that expands to two": "\u0344",
    "Tibetan vowels that expand to two": "\u0f73\u0f75\u0f81",
    "Tibetan vowels": "\u0f71\u0f72\u0f74",
    "Hebrew points": "\u05b8\u05c1\u05bc",
    "Arabic harakat": "\u064e\u0651\u0670",
    "Devanagari nukta and virama": "\u093c\u094d",
    "voicing marks of Kana": "\u3099\u309a",
    "half-width voicing marks": "\uff9e\uff9f",
    "conjoining jamo": "\u1112\u1161\u11ab",
    "final jamo": "\u11ab",
    "letters that expand to a letter and three marks": "\u1f82",
    "letters with marks after them": "e\u0301\u0327" + "\u0316\u0301" * 40,
    "marks beyond the first plane": "\U0001d165\U0001d16d\U00016af0",
    "marks that are no non-starters": "\u0903\u093e",
}
PIECES = st.sampled_from([*"aé \u0344\u0301\u0327\u0f73\uff9e\u3099か가\u1100\u1161\u11a8\u1f82\U0001d15e\u034f\u0903"])
TEXTS = st.lists(st.tuples(PIECES, st.integers(1, 40)), max_size=8).map(lambda runs: "".join(c * n for c, n in runs))


def longest_run(text: str) -> int:
    """The most non-starters in a row."""
    return max(
        (len(run) for run in re.findall("x+", "".join(" x"[unicodedata.combining(c) > 0] for c in text))), default=0
    )


def by_the_annex(text: str) -> str:
    """The Stream-Safe Text Process as UAX #15 states it, a character at a time."""
    result, count = "", 0
    for character in text:
        classes = [unicodedata.combining(c) for c in unicodedata.normalize("NFKD", character)]
        starters = [n for n, c in enumerate(classes) if c == 0]
        leading = starters[0] if starters else len(classes)
        if count + leading > 30:
            result, count = result + "\u034f", 0
        result += character
        count = len(classes) - 1 - starters[-1] if starters else count + len(classes)
    return result


@given(TEXTS)
@example("e" + "\u0301" * 31)
@example("\u1f82" + "\u0301" * 29)
@example("\u0344" * 16)
@example("\u0301" * 30 + "\u0903" + "\u0301" * 30)
def test_a_text_is_made_stream_safe_as_the_annex_says(text: str) -> None:
    """Against the process of the annex in plain Python."""
    assert stream_safe(text) == by_the_annex(text)


@given(TEXTS, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_runs_are_bounded_in_every_form_and_nothing_is_lost(text: str, form: Any) -> None:
    """At most 30 non-starters in a row, again none is added the second time, and only joiners are new."""
    made = normal_form(form, text)
    assert longest_run(made) <= LONGEST_RUN
    assert normal_form(form, made) == made
    assert stream_safe(text).replace(JOINER, "") == text.replace(JOINER, "")


@pytest.mark.parametrize(
    "text", ["", "plain", "é" * 50, "e\u0301" * 50, "\u0301" * 30, "q\u0323\u0302", "한국어", "क्षि"], ids=ascii
)
def test_text_that_people_write_is_only_normalised(text: str) -> None:
    """Thirty marks are not too many."""
    assert stream_safe(text) == text
    assert normal_form("NFC", text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("unit", ATTACKS.values(), ids=ATTACKS)
def test_no_run_of_marks_reaches_the_normaliser(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 KB of each kind: whatever Python is given to normalise has short runs, in ingest, words and search."""
    given_runs: list[int] = []
    normalize = unicodedata.normalize

    class Watched:
        combining = staticmethod(unicodedata.combining)

        @staticmethod
        def normalize(form: Any, text: str) -> str:
            given_runs.append(longest_run("".join(normalize("NFKD", c) for c in text)))
            return normalize(form, text)

    monkeypatch.setattr(normal_forms, "unicodedata", Watched)
    text = "a" + unit * (SIZE // len(unit.encode()))
    once = normalise(text)
    assert given_runs and max(given_runs) <= LONGEST_RUN
    assert longest_run(once) <= LONGEST_RUN
    assert "".join(sentences(once, "en")) == once.replace(" ", "")
    words(text[:2_000], "en")
    analyse([text], "en", bigrams=True, characters=(4,))
    assert max(given_runs) <= LONGEST_RUN


def test_nothing_else_in_the_package_normalises() -> None:
    """One door: no other module asks Python, polars or a regular expression for a normal form."""
    asks = re.compile(r"unicodedata\.normalize|import normalize|is_normalized|\.str\.normalize\(")
    found = [str(p.relative_to(SOURCE)) for p in sorted(SOURCE.rglob("*.py")) if asks.search(p.read_text("utf-8"))]
    assert found == ["normal_forms.py"]
