"""Every endpoint answers with what the index says."""

import base64
import gzip
import re
from pathlib import Path

import numpy as np
import orjson
import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient
from talking import PATIENCE

from sprachbund import detect_language
from sprachbund.search.asking import Request
from sprachbund.search.index import Index
from sprachbund.service import schemas
from sprachbund.service.answers import public
from sprachbund.service.limits import QUERY, TEXTS

QUESTION = "Marie Curie won the Nobel Prize in physics"
CASES: list[tuple[str, str, dict[str, object] | None, type[BaseModel]]] = [
    ("POST", "/search", {"query": QUESTION, "why": True, "places": True}, schemas.SearchAnswer),
    (
        "POST",
        "/search",
        {"query": "the riverr -sea", "group": True, "context": 2, "since": "", "where": {}},
        schemas.SearchAnswer,
    ),
    ("POST", "/search", {"query": "a choiva da auga", "reach": "neighbours", "why": True}, schemas.SearchAnswer),
    ("POST", "/search", {"query": "rivre", "where": {"author": "x"}, "until": "2020"}, schemas.SearchAnswer),
    ("GET", "/document?key=en:en-amazon-river%231&first=1&count=2", None, schemas.DocumentAnswer),
    ("POST", "/embed", {"texts": [QUESTION, ""]}, schemas.EmbedAnswer),
    ("POST", "/detect", {"texts": [QUESTION, "12:30"]}, schemas.DetectAnswer),
    ("POST", "/similarity", {"pairs": [[QUESTION, "physics"]]}, schemas.SimilarityAnswer),
    ("POST", "/similarity", {"left": ["a"], "right": ["b", "c"]}, schemas.SimilarityAnswer),
    ("POST", "/v1/embeddings", {"input": QUESTION, "model": "any"}, schemas.EmbeddingsAnswer),
    ("GET", "/neighbours?ngram=physics&k=3&language=es", None, schemas.NeighboursAnswer),
    ("GET", "/map", None, schemas.MapAnswer),
    ("GET", "/info", None, schemas.InfoAnswer),
    ("GET", "/health", None, schemas.HealthAnswer),
]


@pytest.mark.parametrize(("method", "path", "body", "model"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_answers_have_the_shape_that_the_api_page_says(
    client: TestClient, method: str, path: str, body: dict[str, object] | None, model: type[BaseModel]
) -> None:
    """The models document answers without making them: here they are held to each other, unknown fields included."""
    answer = client.request(method, path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    model.model_validate_json(answer.content, extra="forbid")


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25", "rrf"])
def test_search_gives_the_hits_of_the_index(client: TestClient, index: Index, mode: str) -> None:
    """The same passages, scores and parts, in the same order."""
    answer = client.post("/search", json={"query": QUESTION, "k": 7, "mode": mode, "languages": ["es", "gl"]}).json()
    expected = index.search(QUESTION, 7, ("es", "gl"), mode)  # type: ignore[arg-type]
    assert [hit["key"] for hit in answer["hits"]] == [hit.key for hit in expected]
    assert [hit["score"] for hit in answer["hits"]] == pytest.approx([hit.score for hit in expected])
    assert [hit["parts"] for hit in answer["hits"]] == [pytest.approx(hit.parts) for hit in expected]
    assert {hit["language"] for hit in answer["hits"]} <= {"es", "gl"}
    assert answer["generation"] == index.generation


def test_search_tells_what_the_index_tells(client: TestClient, index: Index) -> None:
    """Pages, documents, surroundings, corrections and notes: the answer of the library, field by field."""
    request = Request('"the river" -rainforest', k=2, offset=1, group=True, context=1)
    body = {"query": request.query, "k": 2, "offset": 1, "group": True, "context": 1}
    answer, expected = client.post("/search", json=body).json(), index.answer(request)
    assert [hit["key"] for hit in answer["hits"]] == [hit.key for hit in expected.hits]
    assert [hit["rank"] for hit in answer["hits"]] == [2, 3]
    assert [(hit["before"], hit["after"]) for hit in answer["hits"]] == [
        (hit.before, hit.after) for hit in expected.hits
    ]
    assert [[one["key"] for one in hit["more"]] for hit in answer["hits"]] == [
        [one.key for one in hit.more] for hit in expected.hits
    ]
    assert answer["further"] is expected.further
    typed = client.post("/search", json={"query": "rivver"}).json()
    assert (typed["query"], typed["searched"], typed["suggestion"]) == ("rivver", "river", "")
    offered = client.post("/search", json={"query": "rivver sea", "where": {"author": "x"}}).json()
    assert (offered["searched"], offered["suggestion"]) == ("rivver sea", "river sea")
    assert offered["notes"] == [
        "nothing fits all that was asked for",
        "no document has a column 'author'; there are: none",
    ]
    plain = client.post("/search", json={"query": "-river", "operators": False, "mode": "bm25"}).json()
    assert "river" in plain["hits"][0]["text"].lower()


def test_a_document_is_given_in_parts(client: TestClient, index: Index) -> None:
    """Some of its passages by their numbers, how many there are in all; a key that is none is not found."""
    whole = index.document("en:en-amazon-river")
    part = client.get("/document", params={"key": "en:en-amazon-river#2", "first": 1, "count": 1}).json()
    assert (part["key"], part["length"], part["title"]) == (whole.key, whole.length, "Amazon River")
    assert part["passages"] == [vars(whole.passages[1])]
    assert client.get("/document", params={"key": whole.key, "first": 99}).json()["passages"] == []
    for key in ("", "en", "en:nothing", "xx:en-amazon-river", "en:en-amazon-river#x", "\x00", "en:" + "x" * 1_900):
        missing = client.get("/document", params={"key": key})
        assert (missing.status_code, missing.json()["error"]["type"]) == (404, "not_found"), key
    for params in ({}, {"key": "x" * 2_001}, {"key": "en:x", "count": 201}, {"key": "en:x", "first": -1}):
        assert client.get("/document", params=params).status_code == 422


@pytest.mark.parametrize(
    ("meta", "left"),
    [
        (
            {"url": "https://example.org/a", "author": "Jane / Doe"},
            {"url": "https://example.org/a", "author": "Jane / Doe"},
        ),
        ({"path": "letters/2020/a.txt"}, {"path": "letters/2020/a.txt"}),
        ({"path": "/home/jane/a.txt", "date": "2020"}, {"date": "2020"}),
        ({"Path": "C:\\Users\\jane\\a.txt"}, {}),
        ({"path": "\\\\server\\share\\a.txt"}, {}),
        ({"path": "../jane/a.txt"}, {}),
        ({"path": "~jane/a.txt"}, {}),
        ({"url": "file:///home/jane/a.txt", "source": " FILE:/etc/x"}, {}),
    ],
)
def test_no_place_on_the_disks_of_this_machine_is_told(meta: dict[str, str], left: dict[str, str]) -> None:
    """Addresses and places below the folder that was indexed are; whole paths are not, however they are written."""
    assert public(meta) == left


def test_why_adds_up_to_the_score(client: TestClient) -> None:
    """Pairs, the rest and the surroundings make the score; spans are words of the texts."""
    for hit in client.post("/search", json={"query": QUESTION, "why": True}).json()["hits"]:
        why = hit["why"]
        pairs = sum(pair[2] + pair[3] for pair in why["pairs"])
        rest = why["rest_dense"] + why["rest_exact"] + why["around_dense"] + why["around_exact"]
        assert pairs + rest == pytest.approx(hit["score"], abs=2e-3)
        assert [why["query"][a:b] for a, b in why["query_words"]] == QUESTION.split()
        assert all(re.fullmatch(r"\w.*", why["text"][a:b]) for a, b in why["text_words"])
        assert len(why["text_totals"]) == len(why["text_words"])


def test_neighbours_are_found_by_their_letters(client: TestClient, index: Index) -> None:
    """The query's language and its neighbours are said; where letters met is in both texts, and in its own language a
    hit has none."""
    body = {"query": "a choiva e o ciclo da auga", "reach": "neighbours", "why": True, "k": 20}
    answer = client.post("/search", json=body).json()
    assert answer["language"] == "gl" and answer["neighbours"] == list(index.kindred("gl"))
    assert {"pt", "es"} <= set(answer["neighbours"]) <= set(index.languages)
    across = [hit for hit in answer["hits"] if hit["across"]]
    assert {hit["across"] for hit in across} == {"gl"} and {hit["language"] for hit in across} >= {"pt", "es"}
    for hit in answer["hits"]:
        assert bool(hit["across"]) == (hit["language"] in answer["neighbours"]) == bool(hit["why"]["meetings"])
        for begin, end, first, last, _, _, learned, score in hit["why"]["meetings"]:
            assert 0 <= begin < end <= len(hit["why"]["query"]) and 0 <= first < last <= len(hit["why"]["text"])
            assert 0 <= learned <= 1 and score > 0
    own = client.post("/search", json={**body, "reach": "own"}).json()
    assert {hit["language"] for hit in own["hits"]} == {"gl"} and own["neighbours"] == []
    named = client.post("/search", json={**body, "reach": "own", "query_language": "Italian"}).json()
    assert (named["language"], {hit["language"] for hit in named["hits"]}) == ("it", {"it"})
    refused = client.post("/search", json={**body, "query_language": "Klingonese"})
    assert refused.status_code == 422 and refused.json()["error"]["message"].startswith("query_language: ")


def test_places_are_those_of_the_index(client: TestClient, index: Index) -> None:
    """Each hit lies where the index puts it, within the map."""
    hits = client.post("/search", json={"query": QUESTION, "k": 5, "places": True}).json()["hits"]
    expected = index.places(index.search(QUESTION, 5))
    np.testing.assert_allclose([hit["place"] for hit in hits], expected, atol=1e-4)
    assert np.abs(expected).max() <= 1


@pytest.mark.parametrize("query", ["", "   ", "?!", "\u0000", "\u200f", "😀"])
def test_a_query_without_words_has_no_hits(client: TestClient, query: str) -> None:
    """It is no error either."""
    answer = client.post("/search", json={"query": query, "why": True, "places": True})
    assert (answer.status_code, answer.json()["hits"]) == (200, [])


def test_a_long_query_is_answered_up_to_the_bound(client: TestClient) -> None:
    """10,000 characters are searched for, with reasons; 10,001 and 100,000 are refused."""
    long = (QUESTION + " ") * 1000
    assert client.post("/search", json={"query": long[:QUERY], "why": True, "k": 3}).json()["hits"]
    for size in (QUERY + 1, 100_000):
        answer = client.post("/search", json={"query": long[:size].ljust(size, "x")})
        assert answer.status_code == 422
        assert answer.json()["error"]["message"].startswith("query: ")


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/search", {"query": "x", "k": 0}, "k: "),
        ("/search", {"query": "x", "k": 1001}, "k: "),
        ("/search", {"query": "x", "k": 101, "why": True}, "k may be at most 100 with why or places"),
        ("/search", {"query": "x", "mode": "best"}, "mode: "),
        ("/search", {"query": "x", "languages": ["xx"]}, "this index has no xx; it has en, es, gl, it, pt, tr"),
        ("/search", {"query": "x", "language": "en"}, "language: Extra inputs"),
        ("/search", {"query": "x", "offset": 991}, "offset and k together may be at most 1,000, found 1,001"),
        ("/search", {"query": "x", "context": 6}, "context: "),
        (
            "/search",
            {"query": "x", "since": "May"},
            "since: expected a date as 2020, 2020-05 or",
        ),
        ("/search", {"query": "x", "where": {"author": 3}}, "where"),
        ("/search", {"query": "x", "where": {str(n): "x" for n in range(17)}}, "where: "),
        ("/search", {"k": 3}, "query: "),
        ("/search", {"query": 3}, "query: "),
        ("/search", [], "expected a JSON object, found an array"),
        ("/embed", {"texts": ["x"] * (TEXTS + 1)}, "texts: "),
        ("/embed", {"texts": ["x" * 100_001]}, "texts.0: "),
        ("/detect", {"texts": [7]}, "texts.0: "),
        ("/detect", {"texts": ["x"] * (TEXTS + 1)}, "texts: "),
        ("/similarity", {}, "expected either pairs, or left and right"),
        ("/similarity", {"left": ["x"]}, "expected either pairs, or left and right"),
        ("/similarity", {"pairs": [["x"]]}, "pairs.0: "),
        ("/similarity", {"left": ["x"] * 30, "right": ["x"] * 3}, "left and right together may hold 32 texts"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(client: TestClient, path: str, body: object, told: str) -> None:
    """422 with the field, and never with a path of the machine."""
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) == {"type", "message"}
    assert error["message"].startswith(told)
    assert "\n" not in error["message"]
    assert "/tmp" not in error["message"]


def test_embed_gives_the_vectors_of_the_encoder(client: TestClient, index: Index) -> None:
    """Numbers equal to the encoder's; a text without words is zero; no texts, no vectors."""
    texts = [QUESTION, "una ciudad junto al río", ""]
    answer = client.post("/embed", json={"texts": texts, "language": "es"}).json()
    np.testing.assert_allclose(answer["vectors"], index.encoder.encode(texts, "es"), rtol=1e-6)
    assert answer["dim"] == index.encoder.dim == 32
    assert not np.any(answer["vectors"][2])
    assert client.post("/embed", json={"texts": []}).json()["vectors"] == []


def test_similarity_is_the_cosine(client: TestClient, index: Index) -> None:
    """Of pairs, and of each with each."""
    a, b, c = index.encoder.encode(["the river", "el río", "uranium"])
    pairs = client.post("/similarity", json={"pairs": [["the river", "el río"], ["the river", "uranium"]]}).json()
    assert pairs["scores"] == pytest.approx([a @ b, a @ c], abs=1e-6)
    table = client.post("/similarity", json={"left": ["the river"], "right": ["el río", "uranium"]}).json()
    assert table["scores"] == [pytest.approx([a @ b, a @ c], abs=1e-6)]
    assert client.post("/similarity", json={"pairs": []}).json() == {"scores": []}


def test_embeddings_speak_openai(client: TestClient, index: Index) -> None:
    """A text or a list, numbers or base64, the model's name echoed, words as usage."""
    vectors = index.encoder.encode(["a river", "uranium"])
    plain = client.post("/v1/embeddings", json={"input": ["a river", "uranium"], "model": "m", "user": "u"}).json()
    assert (plain["object"], plain["model"]) == ("list", "m")
    assert plain["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert [row["index"] for row in plain["data"]] == [0, 1]
    np.testing.assert_allclose([row["embedding"] for row in plain["data"]], vectors, rtol=1e-6)
    packed = client.post("/v1/embeddings", json={"input": "uranium", "model": "m", "encoding_format": "base64"}).json()
    found = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    np.testing.assert_allclose(found, vectors[1], rtol=1e-6)
    assert client.post("/v1/embeddings", json={"input": "x", "model": "m", "dimensions": 32}).status_code == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": [1, 2, 3], "model": "m"}, "input.0"),
        ({"input": [[1, 2]], "model": "m"}, "input.0"),
        ({"input": [], "model": "m"}, "input"),
        ({"model": "m"}, "input"),
        ({"input": "x", "model": "m", "dimensions": 7}, "dimensions"),
        ({"input": "x", "model": "m", "encoding_format": "int8"}, "encoding_format"),
    ],
)
def test_errors_of_embeddings_have_openais_shape(client: TestClient, body: object, param: str) -> None:
    """message, type, param and code; token arrays are refused."""
    answer = client.post("/v1/embeddings", json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_request")
    assert error["param"].startswith(param.partition(".")[0])


def test_neighbours_are_those_of_the_index(client: TestClient, index: Index) -> None:
    """Across languages, or in those that are named."""
    for query, languages in (("", ()), ("&language=es&language=it", ("es", "it"))):
        found = client.get(f"/neighbours?ngram=physics&k=5{query}").json()["neighbours"]
        expected = index.neighbours("physics", 5, languages)
        assert [(one["text"], one["language"]) for one in found] == [(one.text, one.language) for one in expected]
    assert client.get("/neighbours?ngram=").json()["neighbours"] == []
    assert client.get("/neighbours").status_code == 422
    assert client.get("/neighbours?ngram=x&k=0").json()["error"]["message"].startswith("k: ")
    assert client.get("/neighbours?ngram=x&language=xx").status_code == 422


def test_the_map_is_sent_once(client: TestClient, index: Index) -> None:
    """Columns of the index's map; plain or packed they are the same; who has it gets 304."""
    packed = client.get("/map")
    assert packed.headers["content-encoding"] == "gzip"
    plain = client.get("/map", headers={"accept-encoding": "identity"})
    assert gzip.compress(plain.content)[:2] == b"\x1f\x8b"
    assert packed.content == plain.content
    found, expected = plain.json(), index.map()
    assert expected is not None
    np.testing.assert_allclose(found["x"], expected.x, atol=1e-4)
    assert [found["languages"][number] for number in found["language"]] == list(expected.languages)
    assert (found["label"], found["key"]) == (list(expected.labels), list(expected.keys))
    again = client.get("/map", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_info_and_health_count_what_the_index_holds(client: TestClient, index: Index) -> None:
    """Languages with names and counts, the limits, all passages."""
    info = client.get("/info").json()
    assert {one["code"]: one["passages"] for one in info["languages"]} == {
        code: counts["passages"] for code, counts in index.counts.items()
    }
    assert info["languages"][0]["name"] == "English"
    assert info["modes"] == ["hybrid", "dense", "bm25", "rrf"]
    assert info["kindred"] == {code: list(index.kindred(code)) for code in index.languages}
    assert info["limits"] == {
        "k": 1000, "texts": 32, "query": 10000, "text": 100000, "body": 2000000, "concurrent": 512,
        "seconds": PATIENCE,
        "cost": 2000.0, "sound_body": 32_000_000, "sound_longest": 300.0,
    }  # fmt: skip
    health = client.get("/health").json()
    assert (health["status"], health["generation"]) == ("ok", index.generation)
    assert health["passages"] == sum(counts["passages"] for counts in index.counts.values())


def test_metrics_count_requests_by_route_and_status(client: TestClient) -> None:
    """Paths that are no route are one series, whatever a caller asks for."""

    def value(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    before = value('sprachbund_requests_total{route="/search",status="422"}')
    client.post("/search", json={})
    assert value('sprachbund_requests_total{route="/search",status="422"}') == before + 1
    others = value('sprachbund_requests_total{route="other",status="404"}')
    for number in range(3):
        client.get(f"/nothing/{number}")
    assert value('sprachbund_requests_total{route="other",status="404"}') == others + 3
    text = client.get("/metrics").text
    assert "/nothing" not in text
    assert value('sprachbund_request_seconds_count{route="/search"}') >= 1
    assert value("sprachbund_index_passages") > 100
    assert value("sprachbund_requests_in_flight") == 0


def test_unknown_paths_and_methods_are_told_in_json(client: TestClient) -> None:
    """404 and 405, in the shape of all errors."""
    assert client.get("/nothing").json()["error"]["type"] == "not_found"
    wrong = client.get("/search")
    assert (wrong.status_code, wrong.json()["error"]["type"]) == (405, "method_not_allowed")
    assert client.get("/v1/nothing").json()["error"]["code"] == "not_found"


def test_the_page_and_its_files_forbid_every_other_host(client: TestClient) -> None:
    """A strict policy, the right types, 304 for who has them; no file names another host or has scripts in it."""
    kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    names = ["/", "/docs"]
    folder = Path(schemas.__file__).parent / "page"
    names += [f"/page/{file.name}" for file in sorted(folder.iterdir())]
    assert len(names) > 10
    for name in names:
        answer = client.get(name)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].startswith(kinds[Path(name).suffix or ".html"])
        others = re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]+", answer.text)
        assert set(others) <= {"http://www.w3.org"}, name  # SVG's name space, which nothing fetches
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=\"|\sstyle=\"|innerHTML\s*=", answer.text), name
        assert client.get(name, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_languages_are_told_as_in_python(client: TestClient) -> None:
    """Each text's, in their order; what is no language is `und`."""
    texts = ["Den ganzen Tag regnete es auf die alten Dächer der Stadt.", "12:30 http://x.org/a", ""]
    found = client.post("/detect", json={"texts": texts}).json()["languages"]
    assert [each["code"] for each in found] == ["de", "und", "und"] and found[0]["candidates"][0][0] == "de"
    expected = [detect_language(text) for text in texts]
    assert [each["confidence"] for each in found] == pytest.approx([each.confidence for each in expected])


def test_the_description_names_every_route(client: TestClient) -> None:
    """openapi.json has all endpoints, with bounds of their bodies."""
    found = orjson.loads(client.get("/openapi.json").content)
    assert set(found["paths"]) == {
        "/search", "/embed", "/detect", "/similarity", "/v1/embeddings", "/neighbours", "/document", "/map", "/health",
        "/info", "/metrics",
    }  # fmt: skip
    body = found["paths"]["/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["k"] == {
        "default": 10, "description": "Hits to return at most.", "maximum": 1000, "minimum": 1, "title": "K",
        "type": ["integer", "null"],
    }  # fmt: skip
