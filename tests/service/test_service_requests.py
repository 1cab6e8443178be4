"""How a request is read: what is taken, what is refused and in which words."""

import json
import re
import sqlite3
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_in import StandIn
from starlette.testclient import TestClient
from talking import stand_in_app

from sprachbund import normal_forms
from sprachbund.errors import CorpusError, FolderError, LanguageError, SettingsError
from sprachbund.search.index import Index
from sprachbund.service.app import OPEN
from sprachbund.service.limits import QUERY
from sprachbund.service.pages import load_pages
from sprachbund.service.spoken import among

JSON = {"content-type": "application/json"}
QUESTION = "Marie Curie won the Nobel Prize in physics"
DOCS = Path(__file__).parents[2] / "docs" / "service.md"


@pytest.fixture(scope="module")
def caller() -> Any:
    """A caller of a service over a stand-in."""
    with TestClient(stand_in_app(StandIn()), base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


def post(client: TestClient, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and content of an answer to bytes."""
    answer = client.post(path, content=body, headers=JSON | (headers or {}))
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("path", "needed", "nulls"),
    [
        ("/search", {"query": QUESTION}, ["k", "languages", "mode", "why", "places"]),
        ("/embed", {"texts": [QUESTION]}, ["language"]),
        ("/similarity", {"pairs": [[QUESTION, "physics"]]}, ["left", "right", "language"]),
        ("/similarity", {"left": ["a"], "right": ["b"]}, ["pairs", "language"]),
        ("/v1/embeddings", {"input": QUESTION}, ["model", "encoding_format", "dimensions", "language", "user"]),
    ],
)
def test_null_is_as_absent(client: TestClient, path: str, needed: dict[str, Any], nulls: list[str]) -> None:
    """Clients of OpenAI send null for what they do not set: each field by itself and all together."""
    plain = client.post(path, json=needed).json()
    plain.pop("seconds", None)
    for fields in (*([name] for name in nulls), nulls):
        answer = client.post(path, json=needed | dict.fromkeys(fields))
        assert answer.status_code == 200, (fields, answer.text)
        found = answer.json()
        found.pop("seconds", None)
        assert found == plain


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/search", {"query": None}, "query: Field required"),
        ("/embed", {"texts": [None]}, "texts.0: "),
        ("/v1/embeddings", {"input": None}, "input: Field required"),
        ("/v1/embeddings", {"input": ["a", None]}, "input"),
        ("/search", {"query": "x", "unknown": None}, "unknown: Extra inputs"),
    ],
)
def test_null_is_no_value(caller: TestClient, path: str, body: dict[str, Any], told: str) -> None:
    """A field that must be there is missing; null inside a list is no text; an unknown field stays unknown."""
    answer = caller.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(told)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/search", {"query": "x", "places": 0}, "places"),
        ("/search", {"query": "x", "places": 1}, "places"),
        ("/search", {"query": "x", "why": "true"}, "why"),
        ("/search", {"query": "x", "why": "no"}, "why"),
        ("/search", {"query": "x", "k": "10"}, "k"),
        ("/search", {"query": "x", "k": True}, "k"),
        ("/search", {"query": "x", "k": 9.5}, "k"),
        ("/search", {"query": "x", "k": 10**30}, "k"),
        ("/search", {"query": "x", "languages": "en"}, "languages"),
        ("/search", {"query": "x", "languages": {"en": 1}}, "languages"),
        ("/search", {"query": ["x"]}, "query"),
        ("/search", {"query": 3}, "query"),
        ("/search", {"query": True}, "query"),
        ("/search", {"query": "x", "mode": "HYBRID"}, "mode"),
        ("/embed", {"texts": "x"}, "texts"),
        ("/embed", {"texts": [1]}, "texts.0"),
        ("/embed", {"texts": ["x"], "language": 1}, "language"),
        ("/similarity", {"pairs": [["x", 1]]}, "pairs.0.1"),
        ("/v1/embeddings", {"input": "x", "dimensions": "4"}, "dimensions"),
        ("/v1/embeddings", {"input": "x", "dimensions": False}, "dimensions"),
        ("/v1/embeddings", {"input": "x", "model": 1}, "model"),
    ],
)
def test_no_type_is_taken_for_another(caller: TestClient, path: str, body: dict[str, Any], field: str) -> None:
    """0 is not false, "10" is not ten, one text is no list: 422 with the field."""
    answer = caller.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(f"{field}: Input should be ")


def test_a_whole_number_may_have_a_point(client: TestClient) -> None:
    """JSON has one kind of number: 3.0 and 30e-1 are 3, as JSON Schema says."""
    for written in (b"3", b"3.0", b"30e-1"):
        status, found = post(client, "/search", b'{"query": "physics", "k": ' + written + b"}")
        assert (status, len(found["hits"])) == (200, 3)


@pytest.mark.parametrize("tokens", [[1, 2, 3], [[1, 2], [3]], [1.5], ["a", [1]]])
def test_tokens_are_refused_in_words(caller: TestClient, tokens: Any) -> None:
    """OpenAI's other kinds of input: the error says what is taken instead."""
    answer = caller.post("/v1/embeddings", json={"input": tokens, "model": "m"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["message"].startswith("input: expected a text or a list of texts, found tokens")
    assert error["param"] == "input"


@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        (rb"the river\ud83d bank", "the river  bank"),
        (rb"\ude00river bank", "river bank"),
        (rb"river \ude00\ud83d bank", "river bank"),
        (rb"river\uD83D\u0020bank", "river bank"),
        (rb"river \ud83d\ude00 bank", "river \U0001f600 bank"),
        (rb"river \\ud83d bank", "river \\ud83d bank"),
    ],
    ids=["the first half", "the second half", "halves the wrong way round", "in capitals", "a whole one", "no escape"],
)
def test_half_an_emoji_is_read_as_a_space(client: TestClient, index: Index, escaped: bytes, read: str) -> None:
    """As ingest reads it; a whole surrogate pair, and a backslash before ud83d, stay what they are."""
    vector = index.encoder.encode([read])[0]
    body = b'{"input": "' + escaped + b'"}'
    status, found = post(client, "/v1/embeddings", body)
    assert status == 200
    np.testing.assert_allclose(found["data"][0]["embedding"], vector, rtol=1e-6)
    _, found = post(client, "/embed", b'{"texts": ["' + escaped + b'"]}')
    np.testing.assert_allclose(found["vectors"][0], vector, rtol=1e-6)
    _, found = post(client, "/similarity", b'{"pairs": [["' + escaped + b'", "' + escaped + b'"]]}')
    assert found["scores"] == pytest.approx([1.0])
    status, found = post(client, "/search", b'{"query": "' + escaped + b'", "why": true, "k": 3}')
    expected = [hit.key for hit in index.search(read, 3)]
    assert (status, [hit["key"] for hit in found["hits"]]) == (200, expected)


def test_half_an_emoji_elsewhere_is_no_failure(caller: TestClient) -> None:
    """In the name of a field, a language, a key that is given twice: 422."""
    for body in (
        rb'{"query": "x", "\ud83d": 1}',
        rb'{"query": "x", "languages": ["\udc00"]}',
        rb'{"\ud83d":1,"\ud83d":2}',
    ):
        assert post(caller, "/search", body)[0] == 422


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "expected a JSON object, found an empty body"),
        (b" \n ", "expected a JSON object, found an empty body"),
        (b"null", "expected a JSON object, found null"),
        (b"3", "expected a JSON object, found a number"),
        (b'"x"', "expected a JSON object, found a text"),
        (b"[" * 100_000, "the body is nested too deeply"),
        (b'{"query": ' + b'{"a":' * 50_000, "the body is nested too deeply"),
        (b'{"query": NaN}', "the body is no JSON: NaN is no number there"),
        (b'{"query": "x", "k": Infinity}', "the body is no JSON: Infinity"),
        (b'{"query": "x", "k": -Infinity}', "the body is no JSON: -Infinity"),
        (b'{"query": "x", "k": 1e999}', "k: Input should be a valid integer"),
        (b'{"query": "x", "k": ' + b"9" * 5_000 + b"}", "the body has a number that is too long"),
        (b'{"query": "x", "query": "y"}', "the key 'query' is given more than once"),
        (b'{"query": "x", "k": 1, "k": 1}', "the key 'k' is given more than once"),
        (b'{"query": "\xc3"}', "the body is no UTF-8 at byte 11"),
        ('{"query": "x"}'.encode("utf-16"), "the body is no UTF-8 at byte 0"),
        (b'{"query": "x"', "the body is no JSON at line 1, column 14"),
        (b"{'query': 'x'}", "the body is no JSON at line 1, column 2"),
        (b'{"query": "x"} {}', "the body is no JSON at line 1, column 16: Extra data"),
        (b'{"query": "a\tb"}', "the body is no JSON at line 1, column 13"),
    ],
)
def test_what_is_wrong_with_a_body_is_told(caller: TestClient, body: bytes, told: str) -> None:
    """In one line, with the place; never a failure of the service."""
    status, found = post(caller, "/search", body)
    assert status == 422
    assert found["error"]["message"].startswith(told)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"content-type": "application/json; charset=latin-1"}, "expected the charset utf-8, found latin-1"),
        ({"content-type": 'application/json; v=1; charset="UTF-16"'}, "expected the charset utf-8"),
        ({"content-encoding": "gzip"}, "expected a body without content-encoding, found gzip"),
        ({"content-encoding": "br"}, "expected a body without content-encoding, found br"),
    ],
)
def test_other_charsets_and_compressed_bodies_are_refused(
    caller: TestClient, headers: dict[str, str], told: str
) -> None:
    """415, before the body is looked at."""
    status, found = post(caller, "/search", b'{"query": "x"}', headers)
    assert status == 415
    assert found["error"]["message"].startswith(told)


def test_ways_to_say_utf8(caller: TestClient) -> None:
    """With its name in any case, and with a byte order mark."""
    for kind in ("application/json; charset=UTF-8", 'application/json;charset="utf-8"', "Application/JSON"):
        assert post(caller, "/search", b'{"query": "x"}', {"content-type": kind})[0] == 200
    assert post(caller, "/search", b'\xef\xbb\xbf{"query": "x"}', {"content-encoding": "identity"})[0] == 200


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "ngram: Field required"),
        ("ngram=a&ngram=b", "ngram: expected one value, found several"),
        ("ngram=a&k=1&k=2", "k: expected one value, found several"),
        ("ngram=a&k=", "k: Input should be a valid integer"),
        ("ngram=a&k=3.0", "k: Input should be a valid integer"),
        ("ngram=a&k=1_0", "k: Input should be a valid integer"),
        ("ngram=a&k=%2B5", "k: Input should be a valid integer"),
        ("ngram=a&k=%201", "k: Input should be a valid integer"),
        ("ngram=a&k=%D9%A3", "k: Input should be a valid integer"),
        ("ngram=a&k=true", "k: Input should be a valid integer"),
        ("ngram=a&k=null", "k: Input should be a valid integer"),
        ("ngram=a&k=101", "k: Input should be less than or equal to 100"),
        ("ngram=a&languages=en", "languages: Extra inputs are not permitted"),
        ("ngram=" + "a" * 201, "ngram: String should have at most 200 characters"),
        ("ngram=a&language=xx&language=en", "this index has no xx; it has en"),
    ],
)
def test_a_query_string_is_read_as_strictly(caller: TestClient, query: str, told: str) -> None:
    """Names that nobody knows, values given twice and what only looks like a number are 422."""
    answer = caller.get(f"/neighbours?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(told)


def test_languages_may_be_named_in_any_case(client: TestClient) -> None:
    """By code, tag, three letters or English name; the hits are the same."""
    plain = client.post("/search", json={"query": QUESTION, "languages": ["gl"]}).json()["hits"]
    assert {hit["language"] for hit in plain} == {"gl"}
    for name in ("GL", "Gl", "Galician", "galician", "glg", " gl "):
        assert client.post("/search", json={"query": QUESTION, "languages": [name]}).json()["hits"] == plain
        assert client.get("/neighbours", params={"ngram": "x", "language": name}).status_code == 200


def test_a_code_goes_before_a_name() -> None:
    """`no` is the Wikipedia's code of Bokmål, whose tag is nb; where an index has both, each is itself."""
    assert among(["NB"], ("no",), "languages") == ("no",)
    assert among(["NB", "no", "nb"], ("nb", "no"), "languages") == ("nb", "no")


def test_a_language_that_nobody_knows_is_refused_for_texts(client: TestClient) -> None:
    """422 with the nearest; one that the index lacks is fine, for it only says how words are parted."""
    for path, body in (("/embed", {"texts": ["x"]}), ("/v1/embeddings", {"input": "x"})):
        answer = client.post(path, json=body | {"language": "qqq"})
        assert answer.status_code == 422
        assert answer.json()["error"]["message"].startswith("language: 'qqq' is no language code")
        assert client.post(path, json=body | {"language": "th"}).status_code == 200


@pytest.mark.parametrize("path", ["/search", "/v1/embeddings", "/health", "/docs", "/info", "/page/app.js", "/nothing"])
def test_a_slash_at_the_end_is_the_same_route(client: TestClient, path: str) -> None:
    """No redirect, which behind a proxy would go to another scheme or name."""
    body = {"/search": {"query": "x"}, "/v1/embeddings": {"input": "x"}}.get(path)
    method = "POST" if body else "GET"
    plain, slashed = (client.request(method, each, json=body, follow_redirects=False) for each in (path, path + "/"))
    assert slashed.status_code == plain.status_code
    assert "location" not in slashed.headers
    if path != "/search":
        assert slashed.content == plain.content


def test_a_slash_at_the_end_opens_nothing() -> None:
    """The key is asked for whichever way the path is written."""
    with TestClient(stand_in_app(StandIn(), key="k"), base_url="http://localhost") as client:
        for path in ("/info/", "/metrics/", "/map/", "/health//", "/page/../info", "/page/", "/Health", "/health/x"):
            assert client.get(path).status_code == 401, path
        assert client.get("/health/").status_code == 200


def test_the_documentation_lists_what_opens_without_a_key() -> None:
    """Just these paths, and each of them does; all else asks for it."""
    text = DOCS.read_text(encoding="utf-8")
    listed = re.search(r"need no key:(.*?)\.\s", text, re.S)
    assert listed is not None
    found = set(re.findall(r"`(/[^`]*)`", listed[1]))
    pages = {path for path in load_pages() if not path.startswith("/page/")}
    assert found == pages | set(OPEN) | {"/page/…"}
    app = stand_in_app(StandIn(), key="k")
    with TestClient(app, base_url="http://localhost") as client:
        paths = {route.path for route in app.routes} | set(OPEN)
        opened = {path for path in paths if client.get(path).status_code != 401}
    assert opened == set(load_pages()) | set(OPEN)


@pytest.mark.parametrize(
    "failure",
    [
        FolderError("/srv/secret/index: damaged"),
        LanguageError("/srv/secret/index: has no xx"),
        SettingsError("/srv/secret/index: has no passage"),
        CorpusError("/srv/secret: no sentences"),
        OSError(5, "Input/output error", "/srv/secret/index/keys.npy"),
        FileNotFoundError(2, "No such file", "/srv/secret/index/keys.npy"),
        sqlite3.DatabaseError("database disk image is malformed: /srv/secret"),
    ],
)
def test_damage_while_serving_is_a_logged_503(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """In the service's own words; the path stands in the log only; the next request is answered."""
    with TestClient(
        stand_in_app(StandIn(failure=failure)), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        answer = client.post("/search", json={"query": "bad"})
        assert (answer.status_code, answer.json()["error"]) == (
            503,
            {"type": "unavailable", "message": "the index cannot be read; the log of the service has the reason"},
        )
        assert "/srv/secret" in caplog.text
        assert client.post("/search", json={"query": "good"}).status_code == 200


def test_no_error_has_a_path_of_the_machine(client: TestClient, folder: Path) -> None:
    """Of every route, whatever is wrong: nothing of where the index or the package lies."""
    wrong: list[tuple[str, Any]] = [
        ("/search", {"query": "x", "languages": ["xx"]}),
        ("/search", {"query": "x", "languages": [str(folder)]}),
        ("/embed", {"texts": ["x"], "language": "zz"}),
        ("/similarity", {"pairs": [["x", "y"]], "language": "zz"}),
        ("/v1/embeddings", {"input": "x", "language": "zz"}),
        ("/v1/embeddings", {"input": "x", "dimensions": 1}),
        ("/search", []),
    ]
    answers = [client.post(path, json=body) for path, body in wrong]
    answers += [client.get("/neighbours?ngram=x&language=xx"), client.get("/nothing"), client.put("/map")]
    for answer in answers:
        assert answer.status_code in (404, 405, 422)
        message = json.loads(answer.content)["error"]["message"].replace(str(folder), "", 1)
        assert str(folder.parent) not in message
        assert "sprachbund/" not in message


MARKS = {
    "one mark": "a" + "\u0301" * 99_999,
    "two in the wrong order": "a" + "\u0301\u0323" * 49_999,
    "no letter": "\u0323" * 100_000,
    "marks of another script": "\u0628" + "\u064b\u0651" * 49_999,
}


@pytest.mark.parametrize("kind", MARKS)
def test_runs_of_marks_cost_what_other_text_costs(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """200 KB of combining marks, to every route that reads text: as work, not as time.

    Normal forms sort runs of marks, in time that grows with the square of the run; so no run of more than 30 may come
    to them, but for a mark of the letter itself, and no more text altogether than some times what was sent.
    """
    seen: list[str] = []
    whole = unicodedata.normalize

    class Watched:
        """The module, with one function that is watched."""

        combining = staticmethod(unicodedata.combining)
        category = staticmethod(unicodedata.category)

        @staticmethod
        def normalize(form: str, text: str) -> str:
            seen.append(text)
            return whole(form, text)

    monkeypatch.setattr(normal_forms, "unicodedata", Watched)
    text = MARKS[kind]
    requests: list[tuple[str, dict[str, Any], int]] = [
        ("/search", {"query": text}, 422),
        ("/search", {"query": text[:QUERY], "why": True}, 200),
        ("/embed", {"texts": [text]}, 200),
        ("/similarity", {"pairs": [[text, text]]}, 200),
        ("/v1/embeddings", {"input": text}, 200),
    ]
    for path, body, status in requests:
        seen.clear()
        answer = client.post(path, json=body)
        assert answer.status_code == status, answer.text
        sent = sum(map(len, re.findall(r'"(?:[^"\\]|\\.)+"', json.dumps(body, ensure_ascii=False))))
        assert sum(map(len, seen)) <= 20 * sent
        assert bool(seen) is (status == 200)
        for each in seen:
            runs = re.findall("1+", "".join("1" if unicodedata.combining(c) else "0" for c in whole("NFKD", each)))
            assert max(map(len, runs), default=0) <= 31
    assert client.get("/neighbours", params={"ngram": text[:200]}).status_code == 200
    assert client.get("/neighbours", params={"ngram": text[:201]}).status_code == 422
