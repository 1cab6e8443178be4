"""How an index scores: BM25 as the share of a query that a passage has, and the encoder's cosine.

    score = (BM25 of words + characters * BM25 of character n-grams) / the most that the query could give
            + dense * (own * cosine + (1 - own) * cosine with what surrounds the passage)

A sum over the words of a query grows with the query and the collection, and a cosine does not. Divided, a score can be
read, and keeps its range; quality is the same either way. `tuning` chooses two weights on text; the rest was chosen on
the dev side of eleven Wikipedias (docs/log.md).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.ranking.bm25 import BM25Settings, Variant
from sprachbund.retrieval.settings import Surroundings

WORDS_SETTINGS = BM25Settings("lucene", k1=1.2, b=0.75, idf_power=1.5)
CHARACTER_SETTINGS = BM25Settings("lucene", k1=2.0, b=0.75, idf_power=1.5)


@dataclass(frozen=True)
class Fusion:
    """How an index scores.

    Attributes:
        words, characters: of BM25 over words and over runs of four characters; variant lucene.
        character_weight: beside a word's 1. dense: of the encoder beside BM25. own: of a passage by itself in the
            encoder's part, the rest for it with what surrounds it.
        surroundings: of the passages.
        tuned: queries and MRR by language, None for the defaults.
        plain: of a word without its accents beside the exact one's 1. parts: the most that parts of a word can give of
            what it gives; see `weighing`.
    """

    words: BM25Settings = WORDS_SETTINGS
    characters: BM25Settings = CHARACTER_SETTINGS
    character_weight: float = 0.5
    dense: float = 0.375
    own: float = 0.75
    surroundings: Surroundings = field(default_factory=Surroundings)
    tuned: Mapping[str, Any] | None = None
    plain: float = 0.5
    parts: float = 0.5

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Fusion":
        """What `to_dict` wrote.

        Raises:
            ValueError, TypeError, KeyError: it is something else, or no index scores so.
        """
        around = values["surroundings"]
        words, characters = (
            BM25Settings(
                _one_of(said["variant"], ("lucene",)),
                _number(said["k1"], 1e6),
                _number(said["b"], 1.0),
                _number(said["idf_power"], 1e3),
            )
            for said in (values["words"], values["characters"])
        )
        if type(around["reach"]) is not int:
            raise ValueError(f"a reach of {around['reach']!r}")
        return Fusion(
            words,
            characters,
            _number(values["character_weight"], 1e6),
            _number(values["dense"], 1e6),
            _number(values["own"], 1.0),
            Surroundings(
                int(_number(around["reach"], 1e6)), _number(around["decay"], 1.0), _number(around["across"], 1.0)
            ),
            values["tuned"],
            _number(values["plain"], 1.0),
            _number(values["parts"], 1.0),
        )


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"expected a number from 0 to {most:g}, found {value!r}")
    return value


def _one_of(value: Any, names: tuple[Variant, ...]) -> Variant:
    for name in names:
        if value == name:
            return name
    raise ValueError(f"expected one of {', '.join(names)}, found {value!r}")


def default_fusion(encoder: Encoder) -> Fusion:
    """The weights of an encoder where there is no text to choose them on."""
    around = encoder.settings.surroundings
    return Fusion(surroundings=around) if sums_up(encoder) and around.reach else Fusion(surroundings=around, own=1.0)


def sums_up(encoder: Encoder) -> bool:
    """Whether what surrounds a passage can be added to it: cosine."""
    settings = encoder.settings.encoder
    return settings.similarity == "cosine"
