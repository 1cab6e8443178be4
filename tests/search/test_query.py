"""The query language: what is an operator, and what is text."""

import time

import pytest

from sprachbund.errors import SettingsError
from sprachbund.search.dates import Dates, between, read_date, read_dates
from sprachbund.search.query import MOST, Clause, Query, read_query

YEARS = Dates(20200101, 20211231)


def phrase(text: str, field: str = "", negated: bool = False) -> Clause:
    """A clause of words one after another."""
    return Clause(field, "phrase", text, negated)


@pytest.mark.parametrize(
    ("text", "words", "clauses"),
    [
        ("pão sal", "pão sal", []),
        ('"pão e sal" mesa', "pão e sal mesa", [phrase("pão e sal")]),
        ("pão -sal", "pão", [phrase("sal", negated=True)]),
        ('pão -"pão doce"', "pão", [phrase("pão doce", negated=True)]),
        ("govern* lei", "lei", [Clause("", "prefix", "govern")]),
        ("-govern* lei", "lei", [Clause("", "prefix", "govern", True)]),
        ("title:rio", "rio", [phrase("rio", "title")]),
        ('TITLE:"o rio" -title:mar', "o rio", [phrase("o rio", "title"), phrase("mar", "title", True)]),
        ("rio author:doe", "rio", [phrase("doe", "Author")]),
        ('rio AUTHOR:"Jane Doe" author:jan*', "rio", [phrase("Jane Doe", "Author"), Clause("Author", "prefix", "jan")]),
    ],
)
def test_operators(text: str, words: str, clauses: list[Clause]) -> None:
    """Phrases and words of the title are also ranked by; what is left out and columns are not."""
    read = read_query(text, ["Author", "url"])
    assert (read.words, list(read.clauses)) == (words, clauses)


@pytest.mark.parametrize(
    "text",
    [
        "well-known e-mail",
        "one - two",
        "use --why",
        "http://x.org 12:30 re:zero",
        "title: rio",
        "author:",
        '"not closed',
        'not opened"',
        '""',
        '"…"',
        "* a*b **",
        "co-oper*",
        "l'amour d’été 'n' ‘tis",
        'צה"ל',
        '19" and 5\'10"',
        'say"it"now',
        "date:tomorrow date:2020-13 date:..",
        "[a b]",
        "…-",
    ],
)
def test_what_is_no_operator_is_text(text: str) -> None:
    """A hyphen, an apostrophe, a colon, a mark alone: nothing is an error, and nothing narrows."""
    assert read_query(text, ["author"]) == Query(text, text)


@pytest.mark.parametrize(
    "text",
    [
        '"a b"', "“a b”", "„a b“", "„a b”", "”a b”", "«a b»", "»a b«", "»a b»", "« a b »", "‹a b›", "‟a b”", "⹂a b“",
        "「a b」", "『a b』", "﹁a b﹂", "﹃a b﹄", "｢a b｣", "〝a b〞", "〝a b〟", "＂a b＂",
    ],
)  # fmt: skip
def test_quotation_marks_of_every_script(text: str) -> None:
    """Whichever way round a language pairs them."""
    assert read_query(text) == Query(text, "a b", (phrase("a b"),))


@pytest.mark.parametrize("minus", ["-", "−", "－", "﹣"])
def test_minus_signs(minus: str) -> None:
    """Every sign that is a minus by Unicode leaves out; a dash, with which people speak in novels, does not."""
    assert read_query(f"rio {minus}mar").clauses == (phrase("mar", negated=True),)
    assert read_query("rio –mar —mar ‐mar").clauses == ()


def test_brackets_quote_inside_scripts_without_spaces() -> None:
    """There is no blank before them; a Latin mark opens beside Han too, but not beside a Latin letter."""
    assert read_query("東京「大学」の").clauses == (phrase("大学"),)
    assert read_query('東京"大学"の').clauses == (phrase("大学"),)
    assert read_query("東京「大学").clauses == ()


def test_dates_and_languages() -> None:
    """Years, months and days, from one to another, and what is left out."""
    read = read_query("rio date:2020..2021 -date:2020-05 lang:pt -language:Galician")
    assert read.words == "rio"
    assert read.dates == ((YEARS, False), (Dates(20200501, 20200531), True))
    assert read.languages == (("pt", False), ("Galician", True))


def test_a_query_of_ten_thousand_marks_is_read_at_once() -> None:
    """Time grows with the length, and operators are counted; what comes after the last is text."""
    started = time.process_time()
    for piece in ("「", '"', '"a ', " -", "a:", "title:", "“a”", "-a "):
        read = read_query(piece * (10_000 // len(piece)))
        assert len(read.clauses) <= MOST
    assert time.process_time() - started < 10
    assert read_query('"a" ' * (MOST + 1)).words == "a " * MOST + '"a"'


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2020", (20200101, 20201231)),
        ("2020-02", (20200201, 20200229)),
        ("2021-02-03", (20210203, 20210203)),
        ("2021-02-03T10:11:12Z", (20210203, 20210203)),
        (" 2021-2-3 ", (20210203, 20210203)),
        ("0044-03-15", (440315, 440315)),
    ],
)
def test_a_date_is_its_days(text: str, days: tuple[int, int]) -> None:
    """A year is all of its days."""
    assert read_date(text) == Dates(*days)


@pytest.mark.parametrize(
    "text", ["", "x", "20", "2020-13", "2021-02-29", "2020-00", "12.5.2020", "2020-1-1-1", "20201"]
)
def test_what_is_no_date(text: str) -> None:
    """Nothing is guessed."""
    assert read_date(text) is None


def test_ranges_of_dates() -> None:
    """Open at either side; the words of options have to be dates."""
    assert read_dates("2020..2021-05") == Dates(20200101, 20210531)
    assert read_dates("2020..") == Dates(20200101, 99_99_99_99)
    assert between("", "2020") == Dates(0, 20201231)
    assert between("", "") is None
    with pytest.raises(SettingsError, match=r"until: expected a date as 2020, .* found 'May'"):
        between("2020", "May")
