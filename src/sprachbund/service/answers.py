"""From a checked request to the bytes of its answer: what runs in the threads that work.

JSON is written here too, so that the loop that serves everyone else only passes bytes on.
"""

import base64
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import orjson

from sprachbund.errors import SettingsError
from sprachbund.files import package_version
from sprachbund.languages import find
from sprachbund.service.limits import MOST, QUERY, READ, TEXT, TEXTS, Limits
from sprachbund.service.problems import Problem
from sprachbund.service.schemas import (
    DetectRequest,
    DocumentRequest,
    EmbeddingsRequest,
    EmbedRequest,
    Mode,
    NeighboursRequest,
    SearchRequest,
    SimilarityRequest,
)
from sprachbund.service.spoken import among, known
from sprachbund.service.workers import Hurry

if TYPE_CHECKING:
    from sprachbund.search.asking import Request
    from sprachbund.search.hits import Hit
    from sprachbund.search.index import Index
    from sprachbund.search.why import Why

OPTIONS = orjson.OPT_SERIALIZE_NUMPY
BLOCK = 50_000
"""Characters that are encoded at once, or one text."""


def search(index: "Index", asked: SearchRequest, hurry: Hurry) -> bytes:
    """Hits as JSON.

    Args:
        hurry: raises where nobody waits for the answer any more.

    Raises:
        Problem: the index lacks a language.
    """
    started = time.perf_counter()
    languages = among(asked.languages, index.languages, "languages")
    answered = index.answer(_request(asked, languages), hurry)
    hits = answered.shown
    seconds = time.perf_counter() - started
    found: list[dict[str, Any]] = [{**_plain(hit), "more": [_plain(other) for other in hit.more]} for hit in hits]
    if asked.why:
        for row, why in zip(found, index.whys(asked.query, hits, hurry), strict=True):
            row["why"] = _why(why)
    hurry()
    if asked.places and hits and index.map() is not None:
        for row, place in zip(found, index.places(hits), strict=True):
            row["place"] = [round(float(place[0]), 4), round(float(place[1]), 4)]
    answer = {
        "query": asked.query,
        "mode": asked.mode,
        "seconds": round(seconds, 6),
        "generation": index.generation,
        "further": answered.further and answered.fits,
        "searched": answered.searched,
        "suggestion": answered.suggestion,
        "notes": answered.notes,
        "fits": answered.fits,
        "language": answered.language,
        "neighbours": answered.neighbours,
    }
    return orjson.dumps({**answer, "hits": found}, option=OPTIONS)


def _request(asked: SearchRequest, languages: tuple[str, ...]) -> "Request":
    """What is asked of the index.

    Raises:
        Problem: a date is none, or nobody knows the language of the query.
    """
    from sprachbund.search.asking import Request

    language = known(asked.query_language, "query_language")
    try:
        return Request(
            asked.query, asked.k, asked.offset, languages, asked.mode, asked.where, asked.since, asked.until,
            asked.group, asked.context, asked.correct, asked.operators, asked.reach, language,
        ).check()  # fmt: skip
    except SettingsError as error:  # about the request alone: it knows nothing of this machine
        raise Problem(422, str(error)) from None


def document(index: "Index", asked: DocumentRequest, hurry: Hurry) -> bytes:
    """A document, or a part of it, as JSON.

    Raises:
        Problem: the index has no such document.
    """
    from sprachbund.search.document import read_document

    try:
        found = read_document(index, asked.key, asked.first, asked.count)
    except SettingsError:
        raise Problem(404, "this index has no such document; its key is in every hit", "key") from None
    characters, passages = 0, []
    for passage in found.passages:
        passages.append({"number": passage.number, "section": passage.section, "text": passage.text})
        characters += len(passage.text)
        if characters > READ:
            break
    answer = {
        "generation": index.generation,
        "key": found.key,
        "language": found.language,
        "id": found.id,
        "title": found.title,
        "meta": public(found.meta),
        "length": found.length,
        "passages": passages,
    }
    return orjson.dumps(answer, option=OPTIONS)


def public(meta: Mapping[str, str]) -> dict[str, str]:
    """What is known of a document, without places on the disks of this machine."""
    return {name: value for name, value in meta.items() if not _is_place(name, value)}


def _is_place(name: str, value: str) -> bool:
    """Whether a value is a whole path; one below the folder that was indexed says nothing of this machine."""
    text = value.strip().casefold()
    whole = text.startswith(("/", "\\", "~")) or ".." in PurePosixPath(text.replace("\\", "/")).parts
    return text.startswith("file:") or (name.casefold() == "path" and (whole or text[1:2] == ":"))


def embed(index: "Index", asked: EmbedRequest, hurry: Hurry) -> bytes:
    """Vectors as JSON."""
    vectors = _encode(index, asked.texts, asked.language, hurry)
    return orjson.dumps({"dim": index.encoder.dim, "vectors": vectors}, option=OPTIONS)


def detect(index: "Index", asked: DetectRequest, hurry: Hurry) -> bytes:
    """The languages of texts as JSON."""
    from sprachbund.corpus.identification.identify import identify  # its tables take seconds, and 100 MB

    rows = []
    for text in asked.texts:
        hurry()
        found = identify(text)
        rows.append({"code": found.code, "confidence": found.confidence, "candidates": found.candidates})
    return orjson.dumps({"languages": rows}, option=OPTIONS)


def similarity(index: "Index", asked: SimilarityRequest, hurry: Hurry) -> bytes:
    """Cosines as JSON: a list for pairs, a row a text of the left side otherwise."""
    if asked.pairs is not None:
        vectors = _encode(index, [text for pair in asked.pairs for text in pair], asked.language, hurry)
        scores = np.einsum("ij,ij->i", vectors[::2], vectors[1::2])
    else:
        left, right = asked.left or [], asked.right or []
        vectors = _encode(index, left + right, asked.language, hurry)
        scores = vectors[: len(left)] @ vectors[len(left) :].T
    return orjson.dumps({"scores": np.ascontiguousarray(scores, np.float32)}, option=OPTIONS)


def embeddings(index: "Index", asked: EmbeddingsRequest, hurry: Hurry) -> bytes:
    """Vectors in OpenAI's shape.

    Raises:
        Problem: ``dimensions`` is not the dimension of the index.
    """
    dim = index.encoder.dim
    if asked.dimensions not in (None, dim):
        raise Problem(422, f"dimensions must be {dim}, found {asked.dimensions}; or leave it out", "dimensions")
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    vectors = _encode(index, texts, asked.language, hurry)
    packed = asked.encoding_format == "base64"
    values = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors] if packed else vectors
    words = sum(len(text.split()) for text in texts)
    answer = {
        "object": "list",
        "data": [{"object": "embedding", "index": n, "embedding": value} for n, value in enumerate(values)],
        "model": asked.model,
        "usage": {"prompt_tokens": words, "total_tokens": words},
    }
    return orjson.dumps(answer, option=OPTIONS)


def neighbours(index: "Index", asked: NeighboursRequest, hurry: Hurry) -> bytes:
    """The n-grams nearest to one, as JSON."""
    languages = among(asked.language, index.languages, "language")
    found = index.neighbours(asked.ngram, asked.k, languages)
    rows = [{"text": n.text, "language": n.language, "score": n.score, "count": n.count} for n in found]
    return orjson.dumps({"ngram": asked.ngram, "neighbours": rows}, option=OPTIONS)


def info(index: "Index", limits: Limits, heard: Iterable[str] = ()) -> bytes:
    """What the index holds and what may be asked, as JSON.

    Args:
        heard: languages that there is a recogniser of.
    """
    languages = [{**_named(code), **index.counts[code]} for code in index.languages]
    about = index.encoder.about
    answer = {
        "version": package_version(),
        "generation": index.generation,
        "languages": languages,
        "columns": index.columns,
        "modes": get_args(Mode),
        "recognisers": [_named(code) for code in heard],
        "kindred": {code: index.kindred(code) for code in index.languages},
        "model": {"dim": index.encoder.dim, **{name: about[name] for name in ("task",) if name in about}},
        "limits": {
            "k": MOST,
            "texts": TEXTS,
            "query": QUERY,
            "text": TEXT,
            "body": limits.body,
            "concurrent": limits.concurrent,
            "seconds": limits.seconds,
            "cost": limits.cost,
            "sound_body": limits.sound.body,
            "sound_longest": limits.sound.longest,
        },
    }
    return orjson.dumps(answer, option=OPTIONS)


def _named(code: str) -> dict[str, str]:
    known = find(code)
    return {"code": code, "bcp47": known.bcp47, "name": known.name}


def passages(index: "Index") -> int:
    """Passages in all languages together."""
    return sum(counts["passages"] for counts in index.counts.values())


def _encode(index: "Index", texts: list[str], language: str, hurry: Hurry) -> "np.ndarray[Any, np.dtype[np.float32]]":
    code, blocks = known(language), []
    for block in _blocks(texts):
        hurry()
        blocks.append(index.encoder.encode(block, code))
    if not blocks:
        return np.zeros((0, index.encoder.dim), np.float32)
    return np.ascontiguousarray(np.concatenate(blocks), np.float32)


def _blocks(texts: list[str]) -> Iterator[list[str]]:
    """Texts in order, some `BLOCK` characters at a time: few enough to stop soon where nobody waits any more."""
    block: list[str] = []
    length = 0
    for text in texts:
        if block and length + len(text) > BLOCK:
            yield block
            block, length = [], 0
        block.append(text)
        length += len(text)
    if block:
        yield block


def _plain(hit: "Hit") -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "score": hit.score,
        "parts": hit.parts,
        "language": hit.language,
        "document": hit.document,
        "title": hit.title,
        "section": hit.section,
        "text": hit.text,
        "number": hit.number,
        "key": hit.key,
        "across": hit.across,
        "standing": round(hit.standing, 4),
        "meta": public(hit.meta),
        "before": hit.before,
        "after": hit.after,
    }


def _why(found: "Why") -> dict[str, Any]:
    return {
        "score": found.score,
        "query": found.query,
        "text": found.text,
        "query_words": [(span.start, span.end) for span in found.query_words],
        "text_words": [(span.start, span.end) for span in found.text_words],
        "title": found.title,
        "pairs": [(p.query, p.text, round(p.dense, 7), round(p.exact, 7), p.match) for p in found.pairs],
        "rest_dense": found.rest_dense,
        "rest_exact": found.rest_exact,
        "around_dense": found.around_dense,
        "around_exact": found.around_exact,
        "query_totals": [(round(dense, 7), round(exact, 7)) for dense, exact in found.query_totals],
        "text_totals": [(round(dense, 7), round(exact, 7)) for dense, exact in found.text_totals],
        "note": found.note,
        "meetings": [
            (
                *(m.query.start, m.query.end, m.text.start, m.text.end),
                *(m.query_letters, m.text_letters, round(m.learned, 4), round(m.score, 7)),
            )
            for m in found.meetings
        ],
    }
