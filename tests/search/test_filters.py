"""What a query and its filters leave: the same as ranking everything and striking out what does not fit."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shelf import Library, document

from sprachbund import Index
from sprachbund.errors import SettingsError
from sprachbund.search import asking
from sprachbund.search.asking import Request
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.filters import shares
from sprachbund.search.hits import Hit
from sprachbund.search.passages import Document

MODES = ("bm25", "dense", "hybrid", "rrf")
PEOPLE = ["Jane Doe", "Jane Roe", "João da Silva", ""]


def described(number: int) -> Document:
    """A document about rivers or the sea, with an author and a date, where it has them."""
    place = ["Rio Minho", "Mar", "O rio e o mar", "Serra"][number % 4]
    made = document(
        f"d{number}",
        [f"A água do rio número {number} corre para o mar.", "O barco sai cedo.", "O governo disse que sim."],
        ["Para o mar corre tudo.", "O pão e o sal são bons." if number % 3 else "O sal e o pão são bons."],
        title=place,
    )
    meta = {"author": PEOPLE[number % 4], "date": ["2019", "2020-05", "2020-05-17", ""][number % 4]}
    return Document(**{**vars(made), "meta": {name: value for name, value in meta.items() if value}})


@pytest.fixture(scope="module")
def index(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Documents in two languages and three segments, two of them deleted."""
    path = tmp_path_factory.mktemp("filters") / "index"
    create(path, library.model, IndexSettings(sentences=2, map_points=0))
    add(path, {"pt": [described(n) for n in range(12)], "gl": [described(n) for n in range(12, 20)]})
    add(path, {"pt": [described(n) for n in range(20, 24)]})
    delete(path, [("pt", "d3"), ("gl", "d13")])
    return Index.open(path)


def has(pattern: str) -> Callable[[Hit], bool]:
    """Whether a passage's text or its document's title has a pattern."""
    return lambda hit: bool(re.search(pattern, f"{hit.text}\n{hit.title}", re.IGNORECASE))


CASES: dict[str, tuple[str, dict[str, Any], Callable[[Hit], bool]]] = {
    "a phrase": ('rio "pão e o sal"', {}, has("pão e o sal")),
    "a phrase without accents": ('rio "pao e o sal"', {}, has("pão e o sal")),
    "a word without accents left out": ("rio barco -agua", {}, lambda hit: not has("água")(hit)),
    "a beginning without accents": ("rio numer*", {}, has("número")),
    "an author without accents": ("rio author:joao", {}, lambda hit: "João" in hit.meta.get("author", "")),
    "a phrase over marks and cases": ('rio "CEDO, o Governo"', {}, has(r"cedo\W+o governo")),
    "a phrase of the title": ('água "rio e o mar"', {}, has("rio e o mar")),
    "a word left out": ("rio água -barco", {}, lambda hit: not has("barco")(hit)),
    "a word of the title left out": ("rio água -serra", {}, lambda hit: not has("serra")(hit)),
    "a phrase left out": ('rio -"sal e o pão"', {}, lambda hit: not has("sal e o pão")(hit)),
    "a beginning": ("rio gov*", {}, has(r"\bgov")),
    "a beginning left out": ("rio -gov*", {}, lambda hit: not has(r"\bgov")(hit)),
    "a title": ("água title:rio", {}, lambda hit: "rio" in hit.title.lower()),
    "a title left out": ("água -title:rio", {}, lambda hit: "rio" not in hit.title.lower()),
    "words of an author": ("rio author:doe", {}, lambda hit: hit.meta.get("author") == "Jane Doe"),
    "words in another case": ('rio author:"DA silva"', {}, lambda hit: "Silva" in hit.meta.get("author", "")),
    "an author's beginning": ("rio author:jan*", {}, lambda hit: hit.meta.get("author", "").startswith("Jane")),
    "another author": ("rio -author:jane", {}, lambda hit: not hit.meta.get("author", "").startswith("Jane")),
    "a whole value": ("rio", {"where": {"author": "Jane Doe"}}, lambda hit: hit.meta.get("author") == "Jane Doe"),
    "since": ("rio", {"since": "2020"}, lambda hit: hit.meta.get("date", "")[:4] == "2020"),
    "until a month": ("rio", {"until": "2020-05"}, lambda hit: "date" in hit.meta),
    "a year of which the day is asked": ("rio", {"since": "2020-05-18"}, lambda hit: hit.meta.get("date") == "2020-05"),
    "a date in the query": ("rio date:..2019", {}, lambda hit: hit.meta.get("date") == "2019"),
    "another date": ("rio -date:2020", {}, lambda hit: hit.meta.get("date", "")[:4] != "2020"),
    "a language": ("rio lang:gl", {}, lambda hit: hit.language == "gl"),
    "all at once": (
        'rio -"sal e o pão" title:rio gov*',
        {"since": "2019", "languages": ("pt",)},
        lambda hit: has("gov")(hit) and "rio" in hit.title.lower() and hit.language == "pt" and "date" in hit.meta,
    ),
}


def ranked_by(index: Index, request: Request) -> str:
    """The words that a request was ranked by."""
    return index.answer(request).hits[0]._asked[1]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_what_is_left_out_is_as_if_struck_out(index: Index, name: str, mode: Any) -> None:
    """In each mode the passages, order and scores of the whole ranking, without those that do not fit."""
    query, more, fits = CASES[name]
    found = index.search(query, 7, mode=mode, **{"languages": (), **more})
    assert found, "the case finds nothing"
    words = found[0]._asked[1]
    whole = index.search(words, 1000, found[0].scope, mode, operators=False)
    expected = [hit for hit in whole if fits(hit)]
    if mode == "rrf":  # its scores are ranks among what may be found
        assert {hit.key for hit in found} <= {hit.key for hit in expected}
        return
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected[:7]], abs=1e-5)
    assert all(fits(hit) for hit in found)
    assert len(found) == min(7, len(expected))


def test_nothing_that_fits_is_said(index: Index) -> None:
    """With what the index lacks; a phrase that nobody has is searched as words, and that is said."""
    answer = index.answer(Request("rio", where={"autor": "Jane"}))
    assert answer.hits == []
    assert answer.notes == (
        "nothing fits all that was asked for",
        "no document has a column 'autor'; there are: author, date",
    )
    loose = index.answer(Request('"mar o governo"', k=3))
    assert len(loose.hits) == 3
    assert loose.notes == ("no passage that fits has “mar o governo” as it stands; these are the best without that",)
    (long,) = index.answer(Request(" ".join(f'"mar o {word * 20}"' for word in ("rio ", "sal ", "pão ", "sol ")))).notes
    assert long == (
        "no passage that fits has “mar o rio rio rio rio rio rio rio rio ri…”, “mar o sal sal sal sal sal sal sal sal "
        "sa…”, “mar o pão pão pão pão pão pão pão pão pã…” and others as it stands; these are the best without that"
    )
    only = index.answer(Request("-rio date:2020"))
    assert only.hits == []
    assert only.notes == ("the query only says what to leave out or where to look: add words to look for",)
    (note,) = index.answer(Request("rio lang:xx")).notes
    assert "has no xx; it has gl, pt" in note


def test_phrases_of_frequent_words_are_read_up_to_a_limit(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a query may read is bounded over all its phrases and segments; that it was too little is said."""
    whole = index.answer(Request('"o mar" "do rio"', k=100))
    assert len(whole.hits) > 10 and whole.notes == ()
    monkeypatch.setattr(asking, "READ", 5)
    cut = index.answer(Request('"o mar" "do rio"', k=100))
    assert 0 < len(cut.hits) < len(whole.hits)
    assert any("only 5 passages were read" in note for note in cut.notes)
    for number in (7, 11):  # those that rank best are read
        best = index.answer(Request(f'"o mar" "do rio" {number}'))
        assert best.hits[0].document == f"d{number}" and any("only 5" in note for note in best.notes)


def test_what_may_be_read_is_shared_alike() -> None:
    """But for what one does not need; nobody has more than there is, and together no more than may be."""
    assert shares([], 10) == []
    assert shares([3, 100, 0, 4], 20) == [3, 13, 0, 4]
    assert shares([100, 100, 100], 20) == [6, 7, 7]
    assert shares([1, 2], 20) == [1, 2]


def test_scripts_without_spaces_have_phrases(library: Library) -> None:
    """Where a word begins depends on what stands around it, so letters have to follow one another."""
    found = library.index.search('"東京の港"', 5, ["ja"])
    assert [hit.key for hit in found] == ["ja:ja-umi#1"]
    assert [hit.key for hit in library.index.search('海 -"東京の港"', 5, ["ja"])] == ["ja:ja-umi#0"]


def test_pages_follow_one_another(index: Index) -> None:
    """Each begins where the last one ended, with ranks that go on; together they are one long page."""
    whole = index.search("rio mar", 20)
    pages = [index.answer(Request("rio mar", k=5, offset=offset)) for offset in (0, 5, 10, 15)]
    assert [hit.key for page in pages for hit in page.hits] == [hit.key for hit in whole]
    assert [hit.rank for page in pages for hit in page.hits] == list(range(1, 21))
    assert all(page.further for page in pages)
    assert not index.answer(Request("rio mar", k=1, offset=999)).hits
    with pytest.raises(SettingsError, match="offset must be from 0 to 990"):
        index.search("rio", 10, offset=991)


def test_results_by_document(index: Index) -> None:
    """Each document once, in the order of its best passage, with the next best ones of its own."""
    whole = index.search("rio mar água", 1000)
    documents = list(dict.fromkeys((hit.language, hit.document) for hit in whole))
    grouped = index.search("rio mar água", 6, group=True)
    assert [(hit.language, hit.document) for hit in grouped] == documents[:6]
    for rank, hit in enumerate(grouped, 1):
        own = [other.key for other in whole if (other.language, other.document) == (hit.language, hit.document)]
        assert [hit.key, *(other.key for other in hit.more)] == own[: 1 + len(hit.more)]
        assert hit.rank == rank and len(hit.more) <= 2
    assert any(hit.more for hit in grouped)
    later = index.search("rio mar água", 6, group=True, offset=6)
    assert [(hit.language, hit.document) for hit in later] == documents[6:12]


def test_a_passage_in_its_surroundings(index: Index) -> None:
    """The passages before and after it, of its own document."""
    (hit,) = index.search('"o governo disse que sim"', 1, ["pt"], context=1)
    assert hit.text == "O barco sai cedo. O governo disse que sim."
    assert re.fullmatch(r"A água do rio número \d+ corre para o mar\.", hit.before)
    assert re.fullmatch(r"Para o mar corre tudo\. O \w+ e o \w+ são bons\.", hit.after)
    (first,) = index.search('"A água do rio"', 1, ["pt"], context=5)
    assert first.before == "" and first.after.startswith("O barco sai cedo. O governo disse que sim.\nPara o mar")
    with pytest.raises(SettingsError, match="context must be from 0 to 5"):
        index.search("rio", context=6)


def test_a_document_is_read(index: Index) -> None:
    """By its key or that of a passage, with its text, section by section; a deleted one is not there."""
    found = index.document("pt:d4#1")
    assert (found.key, found.title, found.length) == ("pt:d4", "Rio Minho", 3)
    assert found.meta == {"author": "Jane Doe", "date": "2019"}
    assert [passage.section for passage in found.passages] == ["part 0", "part 0", "part 1"]
    assert found.text == (
        "A água do rio número 4 corre para o mar.\nO barco sai cedo. O governo disse que sim.\n\n"
        "Para o mar corre tudo. O pão e o sal são bons."
    )
    assert index.document("pt:d4") == found
    with pytest.raises(SettingsError, match="has no document 'pt:d3'"):
        index.document("pt:d3")


def test_why_of_a_hit_is_of_the_words_it_was_ranked_by(index: Index) -> None:
    """Operators are no words; the pairs add up to the score."""
    query = 'rio -barco author:doe "para o mar"'
    for hit in index.search(query, 3):
        why = index.why(query, hit)
        assert why.query == "rio para o mar"
        assert why.score == pytest.approx(hit.score, abs=2e-3)


def test_typing_errors(index: Index) -> None:
    """Where nothing holds any word the nearest is searched; else it is offered; what is held elsewhere is no error."""
    answer = index.answer(Request("govreno"))
    assert (answer.searched, answer.suggestion) == ("governo", "")
    assert "governo" in answer.hits[0].text
    offered = index.answer(Request("Govrno rio -barco"))
    assert (offered.searched, offered.suggestion) == ("Govrno rio -barco", "Governo rio -barco")
    kept = index.answer(Request("govreno", correct=False))
    assert (kept.searched, kept.suggestion) == ("govreno", "governo")
    assert index.answer(Request("xyzzyx")).suggestion == ""
    assert index.answer(Request("nmero")).searched == "número"  # as most passages write it


def test_a_merge_keeps_it_all(library: Library, tmp_path: Path) -> None:
    """Metadata, words and columns go with the documents into the new segment."""
    from sprachbund.search.building import merge

    create(tmp_path / "index", library.model, IndexSettings(sentences=2, map_points=0))
    add(tmp_path / "index", {"pt": [described(n) for n in range(4)]})
    add(tmp_path / "index", {"pt": [described(n) for n in range(4, 8)]})
    before = [hit.to_dict() for hit in Index.open(tmp_path / "index").search("rio author:doe gov*", 5)]
    merge(tmp_path / "index")
    merged = Index.open(tmp_path / "index")
    assert len(merged.segments) == 1 and merged.columns == ("author", "date")
    assert [hit.to_dict()["key"] for hit in merged.search("rio author:doe gov*", 5)] == [hit["key"] for hit in before]
