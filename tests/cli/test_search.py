"""`sprachbund search` as a user gives it: results, reasons, JSON, runs, and one line for every mistake."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed

from sprachbund import Index
from sprachbund.search.asking import Request


@pytest.fixture(scope="module")
def indexed(corpus: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the corpus, two sentences a passage."""
    out = tmp_path_factory.mktemp("searched") / "index"
    succeed("index", corpus, "--out", out, "--model", model, "--map", "0", "--sentences", "2")
    return out


@pytest.fixture(scope="module")
def query(indexed: Path) -> str:
    """A sentence of the index."""
    return Index.open(indexed).segments[0].records.texts(0, 1)[0].split("\n")[0]


def test_results_as_people_read_them(indexed: Path, query: str) -> None:
    """Rank, title, language, score and its parts, text, key; as many as were asked for."""
    shown = succeed("search", indexed, query, "-k", "3")
    hits = Index.open(indexed).search(query, 3)
    for hit in hits:
        assert f"{hit.rank}. {hit.title}  [{hit.language}]  {hit.score:.3f} (bm25 {hit.parts['bm25']:.3f}, " in shown
        assert hit.key in shown and hit.text in " ".join(shown.split())
    assert " 4. " not in shown
    assert succeed("search", indexed, "...") == "nothing was found\n"


def test_pages_and_documents(indexed: Path, query: str) -> None:
    """The next page goes on where the first ended; a document once; what stands around a passage; one to read."""
    first, second = (
        json.loads(succeed("search", indexed, query, "-k", "2", "--page", page, "--json", "--context", "1"))
        for page in ("1", "2")
    )
    hits = Index.open(indexed).search(query, 4, context=1)
    assert [row["key"] for row in first + second] == [hit.key for hit in hits]
    assert [row["rank"] for row in second] == [3, 4]
    assert any(hit.before or hit.after for hit in hits)
    assert [row["before"] for row in first + second] == [hit.before for hit in hits]
    grouped = json.loads(succeed("search", indexed, query, "--group", "--json"))
    assert len({(row["language"], row["document"]) for row in grouped}) == len(grouped)
    document = Index.open(indexed).document(hits[0].key)
    shown = succeed("search", indexed, "--document", hits[0].key)
    assert [document.title, document.text] == [shown.split("\n", 1)[0], shown.split("\n\n", 1)[1].rstrip("\n")]
    assert json.loads(succeed("search", indexed, "--document", document.key, "--json")) == document.to_dict()


def test_what_is_said_of_a_query_is_no_result(indexed: Path, query: str) -> None:
    """Corrections, and what could not be had, before the results; with JSON on standard error."""
    word = max(Index.open(indexed).segments[0].records.words("b"), key=len)
    typed = f"{word[1]}{word[0]}{word[2:]}"
    shown = succeed("search", indexed, typed)
    assert shown.startswith(f"nothing holds '{typed}', searched for '{word}'; ") and shown.count(word) > 1
    assert succeed("search", indexed, typed, "--exactly").startswith(f"did you mean '{word}'?\n")
    ran = sprachbund("search", indexed, typed, "--json", "-k", "1")
    assert len(json.loads(ran.stdout)) == 1 and f"searched for '{word}'" in ran.stderr.decode()
    shown = succeed("search", indexed, word, "--where", "author=Jane Doe", "--since", "2020")
    assert "no document has a column 'author'; there are: " in shown
    assert "no document of this index has a date\nnothing was found\n" in shown


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25", "rrf"])
def test_results_as_json(indexed: Path, query: str, mode: str) -> None:
    """What the library gives."""
    found = json.loads(succeed("search", indexed, query, "--json", "--mode", mode, "--language", "gl,tr"))
    hits = Index.open(indexed).search(query, 10, ("gl", "tr"), mode)  # type: ignore[arg-type]
    assert [(row["key"], row["rank"], row["why"]) for row in found] == [(hit.key, hit.rank, None) for hit in hits]
    assert [row["score"] for row in found] == pytest.approx([hit.score for hit in hits])
    assert {row["language"] for row in found} <= {"gl", "tr"} and len(found) == 10 and all(row["fits"] for row in found)


def test_json_says_where_nothing_fits(indexed: Path, query: str) -> None:
    """The few nearest say it themselves, for whoever does not read what is said besides."""
    word = query.split()[0].lower()
    typed = f"zzyzx{word[:3]}qqwvzz"  # has a run of four characters in common at most
    ran = sprachbund("search", indexed, typed, "--exactly", "--mode", "dense", "--json")
    found = json.loads(ran.stdout)
    assert "nothing fits well" in ran.stderr.decode()
    answer = Index.open(indexed).answer(Request(typed, mode="dense", correct=False))
    assert [row["key"] for row in found] == [hit.key for hit in answer.shown] and 1 <= len(found) <= 3
    assert [row["fits"] for row in found] == [False] * len(found)


def test_why(indexed: Path, query: str) -> None:
    """The strongest pairs of words, and what stands around; all of it as JSON."""
    shown = succeed("search", indexed, query, "--why", "-k", "1")
    word = query.split()[0].lower()
    assert f"{word} - {word}: exact " in shown and "the text around the passage: exact " in shown
    row = json.loads(succeed("search", indexed, query, "--why", "-k", "1", "--json"))[0]
    why = row["why"]
    total = sum(pair["dense"] + pair["exact"] for pair in why["pairs"]) + sum(
        why[name] for name in ("rest_dense", "rest_exact", "around_dense", "around_exact")
    )
    assert total == pytest.approx(row["score"], abs=2e-3)
    first = next(span for span in why["text_words"] if span["start"] >= why["title"])
    assert why["text"][first["start"] : first["end"]].lower() == word


def test_many_queries(indexed: Path, query: str, tmp_path: Path) -> None:
    """As a list, as JSON, and as a TREC run that ir-measures reads."""
    ir_measures = pytest.importorskip("ir_measures")
    queries = tmp_path / "queries.tsv"
    queries.write_text(f"one\t{query}\ntwo words\tnada\nthree\t...\n")
    shown = succeed("search", indexed, "--queries", queries, "-k", "4")
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == ["one", "two words", "three"]
    found = json.loads(succeed("search", indexed, "--queries", queries, "--json", "-k", "4"))
    hits = Index.open(indexed).search(query, 4)
    assert [row["key"] for row in found["one"]] == [hit.key for hit in hits] and found["three"] == []
    run = tmp_path / "run"
    assert succeed("search", indexed, "--queries", queries, "--trec", run, "-k", "50") == f"{run}: 3 queries\n"
    rows = list(ir_measures.read_trec_run(str(run)))
    best: dict[str, float] = {}
    for hit in Index.open(indexed).search(query, 50):
        best.setdefault(hit.document, hit.score)
    read = {row.doc_id: row.score for row in rows if row.query_id == "one"}
    assert read == pytest.approx(best) and {row.query_id for row in rows} == {"one", "two_words"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], 'give one query, as sprachbund search INDEX "bread and salt"'),
        ([""], "the query is empty; give words to find"),
        (["  \t"], "the query is empty; give words to find"),
        (["", " "], "the query is empty; give words to find"),
        (["--queries", "/nowhere", "--trec", "/no-such-folder/run"], "the folder /no-such-folder does not exist"),
        (["word", "--queries", "file"], "give one query"),
        (["word", "--trec", "run"], "--trec writes a run for --queries FILE; name both"),
        (["word", "--mode", "best"], "modes are hybrid, dense, bm25, rrf; found 'best'"),
        (["word", "--language", "xx"], "has no xx; it has gl, pt, tr"),
        (["--queries", "/nowhere/queries"], "/nowhere/queries: no such file"),
        (["word", "--since", "May"], "since: expected a date as 2020, 2020-05 or 2020-05-17, found 'May'"),
        (["word", "--where", "author"], "expected --where NAME=VALUE, found 'author'"),
        (["word", "--page", "200"], "offset must be from 0 to 990"),
        (["word", "--document", "pt:x"], "give no query beside it"),
        (["--document", "pt:x"], "has no document 'pt:x'"),
    ],
)
def test_mistakes_are_one_line(indexed: Path, arguments: list[str], expected: str) -> None:
    """On standard error, with exit code 1."""
    assert expected in fail("search", indexed, *arguments)


def test_words_without_quotes_are_one_query(indexed: Path, query: str) -> None:
    """Joined by blanks, options before, between and after them; a run with --json says where it is in JSON."""
    words = query.split()
    whole = succeed("search", indexed, query, "-k", "2", "--json")
    assert len(words) > 2 and succeed("search", indexed, *words, "-k", "2", "--json") == whole
    assert succeed("search", indexed, words[0], "-k", "2", *words[1:], "--json") == whole


def test_a_run_says_in_json_where_it_is(indexed: Path, tmp_path: Path) -> None:
    """As every verb that answers does."""
    (tmp_path / "queries").write_text("one\tbabebo\n")
    run = tmp_path / "run"
    found = json.loads(succeed("search", indexed, "--queries", tmp_path / "queries", "--trec", run, "--json"))
    assert found == {"run": str(run), "queries": 1} and run.exists()


def test_wrong_places_and_numbers(indexed: Path, corpus: Path, tmp_path: Path) -> None:
    """No index there, another folder; a k out of range is a mistake in the usage."""
    assert "found nothing" in fail("search", tmp_path / "nothing", "word")
    assert fail("search", corpus, "word").startswith(f"{corpus}: expected a")
    for k in ("0", "1001", "many"):
        fail("search", indexed, "word", "-k", k, code=2)
    (tmp_path / "queries").write_text("no tab here\n")
    assert "expected id<TAB>text" in fail("search", indexed, "--queries", tmp_path / "queries")


def test_markup_in_a_query_is_no_markup(indexed: Path) -> None:
    """Brackets are text."""
    assert "Traceback" not in succeed("search", indexed, "[bold]babebo[/bold] [/]", "--why", "-k", "1")


def test_letters_that_stand_for_one_another() -> None:
    """A passage of a neighbour is shown with the letters that the two languages have for one another, not with those
    that are the same in both."""
    from sprachbund.cli.search import _met
    from sprachbund.search.why import Meeting, Span, Why

    here = Span(0, 4)
    meetings = [Meeting(here, here, "chuv", "lluv", 0.75, 0.2), Meeting(here, here, "uvia", "uvia", 0.9, 0.1)]
    why = Why(1.0, "chuva", "lluvia", [here], [here], 0, [], 0.0, 0.0, 0.0, 0.0, [], [], meetings=meetings)
    assert _met(why) == ["letters that stand for one another: chuv - lluv 0.75"]
