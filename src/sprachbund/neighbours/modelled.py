"""Nearness as models see it: the target's text under the candidate's language model, and mean vectors in an encoder.

Both need text of both languages: the user's corpus. Each language's model is made of equally much text, else the
largest would seem the nearest. Languages in different scripts share no byte of a letter, and their bits say just that.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import MissingDataError
from sprachbund.neighbours import byte_model
from sprachbund.neighbours.estimates import mean_of
from sprachbund.neighbours.frequencies import corpus_code, corpus_of
from sprachbund.neighbours.identities import same_language
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.syntax import spread
from sprachbund.normal_forms import normal_form

if TYPE_CHECKING:
    from sprachbund.corpus.store import Corpus
    from sprachbund.retrieval.encoder.encoder import Encoder

__all__ = ["JUDGED", "TRAINED", "bits_of", "split_text", "vectors_of"]

TRAINED, JUDGED = 200_000, 20_000
"""Bytes of a language that its model is made of, and that others' models are asked about."""
PIECE = 2_000
"""Bytes of a document that is judged at most, so that no single one is the sample."""
_EVERY = 5  # documents of which one is judged
_LONGEST = 50_000
"""Characters of a document that are read: a novel is not the language."""
_LEAST = 5_000
"""Bytes below which a language has no model and is not judged."""
SENTENCES = 2_000
"""Of a language whose vectors are averaged."""
_DRAWS = 200
_NAME = "your corpus"


@dataclass(frozen=True)
class _Text:
    """A language's text in two parts of other documents: what its model is made of, and what is judged.

    ``own``: bits per byte of the second under the first.
    """

    model: byte_model.ByteModel
    judged: byte_model.Judged
    own: float


def split_text(documents: list[str]) -> tuple[list[str], list[str]]:
    """What a model is made of and what is judged, never of one document; of a single one the end and the beginning.

    Of five documents the first is judged, up to `PIECE` bytes of it or more where they are few; the others train. Both
    stop at their size.
    """
    if len(documents) == 1:
        cut = min(JUDGED, len(documents[0].encode()) // _EVERY)
        start = documents[0].encode()[:cut].decode(errors="ignore")
        return [_first(documents[0][len(start) :], TRAINED)], [start]
    trained: list[str] = []
    judged: list[str] = []
    piece = max(PIECE, JUDGED * _EVERY // len(documents))
    for number, document in enumerate(documents):
        if number % _EVERY == 0 and (left := JUDGED - _size(judged)) > 0:
            judged.append(_first(document, min(piece, left)))
        elif number % _EVERY and (left := TRAINED - _size(trained)) > 0:
            trained.append(_first(document, left))
    return trained, judged


def bits_of(sources: Sources, target: str, candidate: str) -> Value:
    """Bits per byte of the target's text under the candidate's model; what its own model takes is among the parts.

    Raises:
        MissingDataError: there is no corpus.
    """
    _corpus(sources)
    first, second = _text(sources, target), _text(sources, candidate)
    if first is None or second is None:
        return lacking(f"the corpus has too little text of {candidate if first is not None else target}", _NAME)
    taken = byte_model.bits(second.model, first.judged)
    sizes = first.judged.sizes
    value, low, high = mean_of(taken, sizes, np.arange(len(sizes)))
    parts: dict[str, Any] = {
        "own model": round(first.own, 4),
        "bytes judged": int(sizes.sum()),
        "documents judged": len(sizes),
        "bytes of the model": second.model.size,
    }
    coverage = min(1.0, sizes.sum() / JUDGED, second.model.size / TRAINED)
    return Value(value, low, high, float(coverage), source=_NAME, parts=parts)


def vectors_of(sources: Sources, target: str, candidate: str) -> Value:
    """1 - cosine of the mean vectors of the sentences of two languages in one encoder.

    Raises:
        MissingDataError: there is no corpus, or no encoder was named. FolderError: the encoder cannot be read.
    """
    _corpus(sources)
    encoder = _encoder(sources)
    for code in (target, candidate):
        known = encoder.about.get("languages", ())
        if known and not any(same_language(code, each) for each in known):
            return lacking(f"the encoder was not trained on {code}", _NAME)
    first, second = _sums(sources, target), _sums(sources, candidate)
    if first is None or second is None:
        return lacking(f"the corpus has no text of {candidate if first is not None else target}", _NAME)
    value = float(_distance(first.sum(0)[None], second.sum(0)[None])[0])
    low, high = None, None
    if min(len(first), len(second)) > 1:
        drawn = _distance(_drawn(first, target), _drawn(second, candidate))
        low, high = spread(value, drawn)
    parts = {"documents": [len(first), len(second)], "encoder": str(sources.encoder)}
    return Value(value, low, high, 1.0, source=f"{_NAME}, an encoder", parts=parts)


def _corpus(sources: Sources) -> "Corpus":
    if sources.corpus is None:
        raise MissingDataError("models are compared over your own text; name a folder that ingest wrote with --corpus")
    corpus = corpus_of(sources)
    assert corpus is not None  # a folder was named
    return corpus


def _encoder(sources: Sources) -> "Encoder":
    if sources.encoder is None:
        raise MissingDataError(
            "mean vectors need an encoder of several languages; name one that train wrote, with --encoder"
        )
    from sprachbund.retrieval.encoder.encoder import Encoder

    folder = sources.encoder
    return sources.once(("encoder", folder), lambda: Encoder.load(folder, mapped=True))


def _documents(sources: Sources, code: str, characters: int) -> list[list[str]]:
    """The sentences of a language's first documents, until they have some characters; none without the language."""
    own = corpus_code(sources, code)
    if own is None:
        return []
    found: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    total = 0
    for table, _ in _corpus(sources).parts(own, ["document", "text"]):
        for document, text in table.iter_rows():
            if sizes.get(document, 0) > _LONGEST:
                continue
            found.setdefault(document, []).append(normal_form("NFC", text))
            sizes[document] = sizes.get(document, 0) + len(text)
            total += len(text)
            if total > characters:
                return list(found.values())
    return list(found.values())


def _text(sources: Sources, code: str) -> _Text | None:
    def make() -> _Text | None:
        documents = [" ".join(each) for each in _documents(sources, code, 4 * (TRAINED + JUDGED))]
        trained, judged = split_text(documents) if documents else ([], [])
        if min(_size(trained), _size(judged)) < _LEAST / _EVERY or _size(trained) < _LEAST:
            return None
        model, asked = byte_model.train(trained), byte_model.judged(judged)
        return _Text(model, asked, float(byte_model.bits(model, asked).sum() / asked.sizes.sum()))

    return sources.once(("bytes", code), make)


def _sums(sources: Sources, code: str) -> Float64 | None:
    """The sum of the vectors of each document: float64 [documents, dim]."""

    def make() -> Float64 | None:
        documents, left = [], SENTENCES
        for sentences in _documents(sources, code, 200 * SENTENCES):
            documents.append(sentences[:left])
            left -= len(documents[-1])
            if left <= 0:
                break
        if not documents:
            return None
        vectors = _encoder(sources).encode([text for each in documents for text in each], code)
        starts = np.cumsum([0, *(len(each) for each in documents[:-1])])
        return np.add.reduceat(vectors.astype(np.float64), starts, axis=0)

    return sources.once(("vectors", sources.encoder, code), make)


def _drawn(sums: Float64, code: str) -> Float64:
    """Sums over documents drawn again: float64 [draws, dim]."""
    generator = np.random.default_rng(int.from_bytes(code.encode()[:6], "big"))
    often = generator.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), _DRAWS)
    found: Float64 = often @ sums
    return found


def _distance(one: Float64, other: Float64) -> Float64:
    """1 - cosine of rows; the length of a sum is that of the mean, as far as an angle goes."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: Float64 = 1 - (one * other).sum(1) / np.where(lengths > 0, lengths, 1.0)
    return found


def _size(texts: list[str]) -> int:
    return sum(len(text.encode()) for text in texts)


def _first(text: str, count: int) -> str:
    """The beginning of a text, so many bytes at most."""
    return text if len(text) * 4 <= count else text.encode()[:count].decode(errors="ignore")
