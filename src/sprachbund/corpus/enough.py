"""How much text is enough: where a language stands on the curve of docs/model.md.

The curve is measured (``enough.json``, written by benchmarks/quality/curves.py): what the encoder adds to BM25 with the
same surroundings, by the training sentences of a language. It is that of encyclopaedias, searched by their own
sentences; other text will differ, and `sprachbund evaluate` says how.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sprachbund.corpus.splits import DEFAULT_SHARES


@dataclass(frozen=True)
class Point:
    """A measured amount of text.

    Attributes:
        sentences: of training. gain: of MRR by the encoder over BM25 with the same surroundings, a fraction.
        languages: that were measured. data: the folder of text.
    """

    sentences: int
    gain: float
    languages: tuple[str, ...]
    data: str


@dataclass(frozen=True)
class Standing:
    """Where a language stands.

    Attributes:
        sentences: that it would train on. here: the nearest measured amount.
        later: the next amount at which the gain is at least twice that of here, None where none was measured.
    """

    sentences: int
    here: Point
    later: Point | None


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(files("sprachbund.corpus").joinpath("enough.json").read_text(encoding="utf-8"))
    return raw


def thresholds() -> tuple[int, int]:
    """Training sentences up to which an encoder beside BM25 brings less than 1%, and from which on 2% and more."""
    return _measured()["nothing_up_to"], _measured()["pays_from"]


def curve() -> tuple[Point, ...]:
    """The measured points, by their sentences."""
    points = [
        Point(point["sentences"], point["gain_of_encoder"], tuple(point["languages"]), point["data"])
        for point in _measured()["points"]
    ]
    return tuple(sorted(points, key=lambda point: point.sentences))


def standing(sentences: int, points: tuple[Point, ...] | None = None) -> Standing:
    """Where a language of so many sentences, all sides together, stands on the curve."""
    points = points or curve()
    trained = round(sentences * DEFAULT_SHARES[0])
    here = min(points, key=lambda point: max(point.sentences, trained + 1) / min(point.sentences, trained + 1))
    later = [point for point in points if point.sentences > here.sentences and point.gain >= 2 * here.gain]
    return Standing(trained, here, later[0] if later else None)
