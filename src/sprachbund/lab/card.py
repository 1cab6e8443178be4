"""The card of a finished model: what somebody must know of it who has not made it, the same for every kind.

    MODEL/card.json    {"format": 1, "name": ..., "kind": ..., "languages": [...], ...}

A kind is a word here and nothing else, so that a room which shows or shares models need not know how they work. Numbers
carry what makes them comparable: a score its measure, unit, direction, interval and the text that it was measured on,
a curve the titles of its axes. Models are named by hashes, never by paths: a name says what a start was called, its
hash which model it was.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import package_version, require_file, write_json
from sprachbund.lab.typed import typed
from sprachbund.statistics import Direction

__all__ = [
    "CARD",
    "GAIN",
    "GAINED",
    "Card",
    "Curve",
    "Data",
    "Made",
    "Origin",
    "Score",
    "card_from",
    "card_of",
    "read_card",
    "write_card",
]

CARD, FORMAT = "card.json", 1
GAIN = "gain by neighbours' text"
"""The measure of a score that says what the same model would gain, in percent, by the text of neighbours that it has
not read; above 0 is better, whatever the direction of the measure that gained. Its ``on`` names neighbours and text."""
GAINED = "gained by neighbours' text"
"""The same of text that it has read: what it would lack without."""
REMEDY = "make the model anew, or take it from where it came from again"
LONGEST, MOST = 10_000, 10_000
"""Characters of a text; items of a list. A card is read by people, and by programs that meet strangers' cards."""
_WHOLE, _LARGEST = 1 << 63, 32 << 20


@dataclass(frozen=True)
class Data:
    """A text, or speech, that a model learned from.

    Attributes:
        name: of the corpus or its source. sha256: of its content, "" where nobody knows.
        licence: as model hubs write it, ``cc-by-sa-4.0``, or "". characters: read, 0 where nobody counted.
        seconds: of speech that were heard, 0 of text. speakers: of them, those that are known.
    """

    name: str
    sha256: str = ""
    licence: str = ""
    characters: int = 0
    seconds: float = 0.0
    speakers: int = 0

    @property
    def amount(self) -> str:
        """How much it is, for readers: characters, minutes, speakers; a dash where nobody counted."""
        found = [f"{self.characters:,} characters"] if self.characters else []
        found += [f"{self.seconds / 60:,.1f} minutes"] if self.seconds else []
        found += [f"{self.speakers:,} speaker{'s' * (self.speakers != 1)}"] if self.speakers else []
        return ", ".join(found) or "-"


@dataclass(frozen=True)
class Score:
    """A number that says how good a model is.

    Attributes:
        measure: as a reader sees it, ``bits per byte``. unit: "" for a plain number.
        direction: which way is better, ``higher`` or ``lower``.
        language: of the text, "" for all together. value: the mean; low, high: of its 95% interval, None without.
        on: what was judged: side, text and pool.
    """

    measure: str
    value: float
    unit: str = ""
    direction: Direction = "higher"
    language: str = ""
    low: float | None = None
    high: float | None = None
    on: str = ""


@dataclass(frozen=True)
class Origin:
    """A model that this one was started from.

    Attributes:
        name: what it was called. sha256: which it was: the hash in the seal of its manifest, or what its kind names it
            by; "" where it was only in memory.
    """

    name: str
    sha256: str = ""


@dataclass(frozen=True)
class Curve:
    """How a measure went during the training.

    Attributes:
        x, y: the titles of the axes. points: in the order of the training.
    """

    x: str
    y: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Made:
    """What made it, and when.

    Attributes:
        version: of sprachbund. date: YYYY-MM-DD, which the caller says, for a model is the same whenever it
            is made; "" where nobody said.
    """

    version: str = ""
    date: str = ""


@dataclass(frozen=True)
class Card:
    """What a model says of itself.

    Attributes:
        name: of the model. kind: of model, a word: ``encoder``, ``language model``, ``recogniser``.
        languages: that it was made for, as the corpus calls them.
        data: that it learned from. licence: of the model itself, as model hubs write it, or "".
        parameters: numbers that were learned. bytes: on disk, without the card; 0 where nobody counted.
        scores: how good it is. recipe: the hash of all that it was made by, "" where there is none.
        started_from: the nearest first; what those were started from is on their cards.
        curve: of its training, or None. samples: texts of its making, or what it found. notes: for readers.
    """

    name: str
    kind: str
    languages: tuple[str, ...]
    data: tuple[Data, ...] = ()
    licence: str = ""
    parameters: int = 0
    bytes: int = 0
    scores: tuple[Score, ...] = ()
    recipe: str = ""
    started_from: tuple[Origin, ...] = ()
    curve: Curve | None = None
    samples: tuple[str, ...] = ()
    made: Made = field(default_factory=lambda: Made(package_version()))
    notes: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def write_card(card: Card, folder: Path) -> None:
    """Write ``card.json`` into a model's folder; before its manifest, which then has the card's hash too.

    Raises:
        SettingsError: the card could not be read again; the message says what is wrong.
    """
    values = card.to_dict()
    try:
        card_of(values, CARD)
    except FolderError as error:
        raise SettingsError(str(error).removesuffix(f"; {REMEDY}")) from None
    write_json(folder / CARD, {"format": FORMAT, **values})


def read_card(folder: Path) -> Card:
    """The card in a model's folder.

    Raises:
        FolderError: there is none, or it is damaged or of another format.
    """
    path = folder / CARD
    require_file(path, REMEDY)
    with path.open("rb") as handle:
        return card_from(handle.read(_LARGEST + 1), str(path))


def card_from(data: bytes, where: str) -> Card:
    """The card in the bytes of a ``card.json``.

    Args:
        where: names the file, for the message.

    Raises:
        FolderError: it is damaged or of another format.
    """
    if len(data) > _LARGEST:
        raise FolderError(f"{where}: damaged, longer than any card; {REMEDY}")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{where}: damaged, not readable as JSON ({one_line(error)}); {REMEDY}") from None
    if not isinstance(said, dict):
        raise FolderError(f"{where}: damaged, expected an object, found {type(said).__name__}; {REMEDY}")
    if said.get("format") != FORMAT:
        raise FolderError(f"{where}: card format {said.get('format')}; this version reads format {FORMAT}")
    return card_of({name: value for name, value in said.items() if name != "format"}, where)


def card_of(values: Any, where: str) -> Card:
    """The card that `Card.to_dict` gave, checked.

    Args:
        where: names the file, for the message.

    Raises:
        FolderError: a field is of another type, too long, or says what cannot be.
    """
    card = typed(Card, values, where, REMEDY)
    for what, wrong in _wrongs(card):
        if wrong:
            raise FolderError(f"{where}: damaged, {what}; {REMEDY}")
    return card


def _wrongs(card: Card) -> list[tuple[str, bool]]:
    """What may be wrong with a card, and whether it is."""
    texts = list(_texts(card.to_dict()))
    lists = (card.languages, card.data, card.scores, card.started_from, card.samples, card.curve and card.curve.points)
    counts: list[float] = [card.parameters, card.bytes]
    counts += [number for each in card.data for number in (each.characters, each.seconds, each.speakers)]
    hashes = [card.recipe, *(each.sha256 for each in card.data), *(each.sha256 for each in card.started_from)]
    return [
        ("a name or kind is empty", not (card.name.strip() and card.kind.strip())),
        (f"a text is longer than {LONGEST:,} characters", any(len(text) > LONGEST for text in texts)),
        ("a text has halves of characters, which UTF-8 cannot hold", any(map(_is_cut, texts))),
        (f"a list has more than {MOST:,} items", any(len(each or ()) > MOST for each in lists)),
        ("a language is no code", not all(map(_is_code, card.languages))),
        (
            "a number of parameters, bytes, characters, seconds or speakers cannot be",
            not all(0 <= n < _WHOLE for n in counts),
        ),
        ("a hash is none", not all(each.isascii() and each.isalnum() for each in hashes if each)),
        ("a score has half an interval, or one that ends before it begins", not all(map(_has_interval, card.scores))),
        ("its date is not YYYY-MM-DD", bool(card.made.date) and not _is_date(card.made.date)),
    ]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [text for each in inside for text in _texts(each)]


def _is_cut(text: str) -> bool:
    return any(0xD800 <= ord(character) < 0xE000 for character in text) if not text.isascii() else False


def _is_code(text: str) -> bool:
    return 0 < len(text) <= 100 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _has_interval(score: Score) -> bool:
    if score.low is None or score.high is None:
        return score.low is score.high
    return score.low <= score.high
