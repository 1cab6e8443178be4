"""Rows as the world writes them: ids that count as nothing, addresses that are none, JSON that is not quite JSON."""

import json
from pathlib import Path

import pytest
from peak import peak

from sprachbund.corpus.ingest import SourceSummary, ingest
from sprachbund.corpus.sources.siteinfo import language_of_url
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.sources.values import identifier, load_json
from sprachbund.corpus.store import Corpus

MILL = "The mill stands by the river and grinds corn. People come from far away to see it."


def read(tmp_path: Path, data: str | bytes, lang: str | None = None) -> tuple[SourceSummary, Corpus]:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    source = ingest([path], tmp_path / "corpus", lang).sources[0]
    return source, Corpus.open(tmp_path / "corpus")


def rows(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def ids(corpus: Corpus, lang: str = "en") -> list[str]:
    return corpus.documents(lang)["document"].to_list()


@pytest.mark.parametrize("name", ["_id", "id", "docid", "doc_id", "document_id", "docno", "pid", "key", "uuid"])
@pytest.mark.parametrize("title", ["", None, "Windmill", "absent"])
def test_an_id_stands_in_the_field_of_any_collection(tmp_path: Path, name: str, title: str | None) -> None:
    """BEIR writes _id and an empty title, TREC docno: the id is that one, whatever the title."""
    more = {} if title == "absent" else {"title": title}
    values = [{name: f"d{number}", **more, "text": MILL, "metadata": {"x": 1}} for number in range(4)]
    source, corpus = read(tmp_path, rows(*values), "en")
    assert (source.kept, source.dropped, source.warnings) == (4, {}, [])
    assert ids(corpus) == ["d0", "d1", "d2", "d3"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0", "0"),
        ("-1", "-1"),
        ("0.0", "0"),
        ("-0.0", "0"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("1.5", "1.5"),
        ("false", "false"),
        ("true", "true"),
        ('"0"', "0"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1" * 5_000, "1" * 5_000),
        ('"550e8400-e29b-41d4-a716-446655440000"', "550e8400-e29b-41d4-a716-446655440000"),
        ('{"$oid": "507f1f77bcf86cd799439011"}', "507f1f77bcf86cd799439011"),
        ('"cafe\\u0301"', "caf\u00e9"),
        ('" a \\t b "', "a b"),
    ],
)
def test_what_counts_as_nothing_is_an_id_all_the_same(tmp_path: Path, written: str, expected: str) -> None:
    """0 and false are ids, in front of a title; no digit is lost; a name is in NFC as queries are typed."""
    line = f'{{"id": {written}, "title": "T", "lang": "en", "text": "{MILL}"}}\n'
    _, corpus = read(tmp_path, line)
    assert ids(corpus) == [expected]
    sections = f'{{"id": {written}, "lang": "en", "sections": [{{"paragraphs": ["{MILL}"]}}]}}\n'
    (tmp_path / "b").mkdir()
    assert ids(read(tmp_path / "b", sections)[1]) == [expected]


@pytest.mark.parametrize("written", ['""', "null", '" "', '"\\u0000"', '"\\ud83d"', "NaN", "-Infinity", "absent"])
def test_a_row_without_an_id_has_the_id_of_its_place(tmp_path: Path, written: str) -> None:
    """The file and the number of the line, which is said; blank lines count, as they do in an editor."""
    field = "" if written == "absent" else f'"id": {written}, '
    source, corpus = read(tmp_path, f'\n{{{field}"text": "{MILL}"}}\n{{"id": 7, "text": "{MILL}"}}\n', "en")
    assert ids(corpus) == ["rows.jsonl:2", "7"]
    assert source.warnings == ["no id: 1 records have none and are called by their place (rows.jsonl:2)"]


@pytest.mark.parametrize("written", ["[1]", "{}", '{"a": 1}', '{"$oid": []}'])
def test_an_id_that_is_a_list_is_none_of_this_format(tmp_path: Path, written: str) -> None:
    """The line is dropped and named, the next is read."""
    source, corpus = read(tmp_path, f'{{"id": 1, "text": "{MILL}"}}\n{{"id": {written}, "text": "{MILL}"}}\n', "en")
    assert ids(corpus) == ["1"]
    assert source.dropped == {"not of this format": 1} and "line 2" in source.warnings[0]


def test_the_url_and_the_title_are_ids_where_there_is_no_other(tmp_path: Path) -> None:
    """In this order, as before; only a row with none of them is called by its place."""
    url = "https://en.wikipedia.org/wiki/A"
    values = [{"url": url, "title": "T", "text": MILL}, {"title": "T", "lang": "en", "text": MILL + " It is old."}]
    _, corpus = read(tmp_path, rows(*values))
    assert ids(corpus) == [url, "T"]


BAD_ADDRESSES = (
    "http://[url=http://example.org/x]",
    "http://ex\u2100mple.com/",
    "http://[::1",
    "http://[v1.x]/",
    "//[/",
    "http://a]b.wikipedia.org/",
    "http://\uff0f\uff1f.wikipedia.org",
)


@pytest.mark.parametrize("url", [*BAD_ADDRESSES, "http://en.wikipedia.org:port/wiki/A", "\x00", "\ud83d", 7, [], {}])
def test_an_address_that_is_none_says_no_language(tmp_path: Path, url: object) -> None:
    """Row 2 either says its language or its text does, which is no other than that of the rows around it."""
    good = {"url": "https://en.wikipedia.org/wiki/A", "text": MILL}
    source, corpus = read(tmp_path, rows({**good, "id": 1}, {"id": 2, "url": url, "text": MILL}, {**good, "id": 3}))
    said = url == "http://en.wikipedia.org:port/wiki/A"
    assert (ids(corpus), source.dropped) == (["1", "2", "3"], {})
    assert source.detected.get("en", {}).get("documents", 0) == (0 if said else 1)


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_urlsplit_raises_for_these_or_finds_no_language(url: str) -> None:
    """The function that every reader asks, MediaWiki's header too."""
    assert language_of_url(url) is None


@pytest.mark.parametrize("name", ["lang", "language"])
def test_the_language_stands_in_either_field(tmp_path: Path, name: str) -> None:
    """In both layouts of JSON; lang wins, since it is ours."""
    _, corpus = read(
        tmp_path, rows({"id": 1, name: "de", "text": MILL}, {"id": 2, "lang": "nl", "language": "de", "text": MILL})
    )
    assert corpus.languages == ("de", "nl")
    (tmp_path / "b").mkdir()
    _, corpus = read(tmp_path / "b", rows({"id": 1, name: "de", "sections": [{"paragraphs": [MILL]}]}))
    assert corpus.languages == ("de",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is nice \\ud83d. People", "is nice . People"),
        ("is nice \\udc4d here. People", "is nice here. People"),
        ("is nice \\ud83d\\ud83d here. People", "is nice here. People"),
        ("is nice \\ud83d\\udc4d here. People", "is nice \U0001f44d here. People"),
        ("is nice\there. People", "is nice here. People"),
        ("is nice\x07here. People", "is nice here. People"),
        ("is nice \\u0000 here. People", "is nice here. People"),
    ],
)
def test_half_an_emoji_and_bare_control_characters_cost_nothing_else(tmp_path: Path, text: str, expected: str) -> None:
    """What Python's json and our own normalising make of it: the rest of the sentence stays, and the next row too."""
    first = f'{{"id": "1", "lang": "en", "title": "A \\ud83d", "text": "The mill {text} like it."}}\n'
    source, corpus = read(tmp_path, first + rows({"id": "2", "lang": "en", "text": MILL}))
    assert source.kept == 2 and source.dropped == {}
    assert " ".join(corpus.read("en")["text"].to_list()[:2]) == f"The mill {expected} like it."
    assert corpus.documents("en")["title"][0] == "A"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "123456789012345678901234567890", "[[[]]]"])
def test_numbers_that_are_no_json_stand_in_fields_that_nobody_reads(tmp_path: Path, value: str) -> None:
    """pandas writes NaN for what is missing; the row is kept."""
    source, corpus = read(tmp_path, f'{{"id": "a", "score": {value}, "lang": "en", "text": "{MILL}"}}\n')
    assert (source.kept, ids(corpus)) == (1, ["a"])


def test_of_a_key_that_comes_twice_the_last_counts(tmp_path: Path) -> None:
    """As in orjson, in Python and in jq, whichever of them reads the line."""
    for more in ("", ', "x": NaN'):
        (tmp_path / f"a{len(more)}").mkdir()
        line = f'{{"id": "a", "id": "b", "lang": "en", "text": "No."{more}, "text": "{MILL}"}}\n'
        assert ids(read(tmp_path / f"a{len(more)}", line)[1]) == ["b"]


@pytest.mark.parametrize("depth", [2_000, 200_000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_deep_nesting_is_one_dropped_line(tmp_path: Path, depth: int, brackets: str) -> None:
    """No RecursionError comes out, the rows around it are kept."""
    half = len(brackets) - 1
    deep = f'{{"id": 2, "text": "x", "more": {brackets[:half] * depth}1{brackets[half:] * depth}}}\n'
    good = rows({"id": 1, "lang": "en", "text": MILL}), rows({"id": 3, "lang": "en", "text": MILL})
    source, corpus = read(tmp_path, good[0] + deep + good[1])
    assert (ids(corpus), source.dropped) == (["1", "3"], {"broken JSON": 1})
    assert "line 2: nested too deep" in source.warnings[0]


def test_text_that_is_no_text_is_named_and_dropped(tmp_path: Path) -> None:
    """Null, a number, a list: dropped by line; an array or a bare value for a row too."""
    lines = "".join(
        f'{{"id": {n}, "lang": "en", "text": {value}}}\n' for n, value in enumerate(["null", "5", '["a"]', "NaN"])
    )
    source, corpus = read(tmp_path, rows({"id": 9, "lang": "en", "text": MILL}) + lines + "[1]\n5\nnull\nx\n")
    assert ids(corpus) == ["9"]
    assert source.dropped == {"not of this format": 4, "broken JSON": 4}


@pytest.mark.parametrize(
    "value",
    [0, 1.5, "a", None, True, b"abc", b"\xff" * 16, b"\xff", float("nan"), 10**40, 2.0**60, -(2.0**53)],
)
def test_an_id_from_any_library_is_text(value: object) -> None:
    """Numbers by their digits, doubles that are no longer exact by their shortest form, bytes as text, UUID or hex."""
    expected = {
        0: "0", 1.5: "1.5", "a": "a", None: "", b"abc": "abc", b"\xff": "ff",
        b"\xff" * 16: "ffffffff-ffff-ffff-ffff-ffffffffffff", 10**40: "1" + "0" * 40, 2.0**60: "1.152921504606847e+18",
        -(2.0**53): "-9007199254740992",
    }  # fmt: skip
    if value is True:
        assert identifier(value) == "true"
    elif isinstance(value, float) and value != value:
        assert identifier(value) == ""
    else:
        assert identifier(value) == expected[value]  # type: ignore[index]


def test_both_parsers_give_the_same() -> None:
    """What orjson takes and what only Python takes differ by the field that orjson refuses, and by nothing else."""
    value = {"a": [1, 2.5, None, True, "é\U0001f44d", "\n"], "b": {"c": -0.0}}
    fast = load_json(json.dumps(value).encode())
    slow = load_json(json.dumps(value | {"d": float("inf")}).encode())
    assert fast == value and slow == value | {"d": float("inf")}


def test_a_line_beyond_what_the_memory_holds_is_dropped_without_being_held(tmp_path: Path) -> None:
    """60 MB in one line, with 256 MB to use: a sixteenth of them is the limit, whatever --max-record says."""
    path = tmp_path / "rows.jsonl"
    with path.open("w") as handle:
        for number in range(3):
            text = "The mill stands. " * 3_500_000 if number == 1 else MILL
            handle.write(json.dumps({"id": number, "lang": "en", "text": text}) + "\n")
    reading = f"""
        from sprachbund import ingest
        ingest([{str(path)!r}], {str(tmp_path / "corpus")!r}, memory=256 << 20)
    """
    # importing alone takes some 150 MB
    assert peak(reading) < 256 << 20
    corpus = Corpus.open(tmp_path / "corpus")
    assert ids(corpus) == ["0", "2"]
    assert corpus.sources[0]["dropped"] == {"longer than the record limit": 1}


@pytest.mark.parametrize("form", ["commas", "keys", "spaces", "letters", "brackets", "headings"])
def test_long_lines_of_every_kind_take_time_in_proportion(tmp_path: Path, form: str) -> None:
    """Each would take minutes by the square of its length; the limit is far above what it takes."""
    text = {
        "commas": "," * 60_000,
        "spaces": "a" + " " * 400_000 + "b.",
        "letters": "x" * 300_000,
        "brackets": "([{" * 60_000,
        "headings": "\n\n".join(f"Heading {number}" for number in range(40_000)),
        "keys": MILL,
    }[form]
    more = {f"k{number}": number for number in range(60_000)} if form == "keys" else {}
    path = tmp_path / "rows.jsonl"
    path.write_text(rows({"id": 0, "lang": "en", "text": f"{MILL}\n{text}\n{MILL}", **more}))
    source = ingest([path], tmp_path / "corpus", limits=Limits(seconds=20)).sources[0]
    assert (source.kept, source.dropped) == (1, {})
