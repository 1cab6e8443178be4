"""What a world is told: meanings and their topics, how documents are made, and what every language is.

A language's words come from somewhere: inherited from its parent, of one root with another language's (``kin``), taken
over as they are (``borrowed``, ``alike``), or coined. The shares are of *meanings*: every meaning has one word in every
language, so a share of meanings is a share of word types too.

A language is built after those that it names; an ancestor of which there is no text has ``sentences = 0``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sprachbund.errors import SettingsError

__all__ = ["Documents", "Meanings", "Tongue", "World", "check", "plain"]

CODE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")
MOST_MEANINGS = 200_000
"""Words of at most five syllables are enough for so many, in some thirty languages."""
MOST_LANGUAGES = 1_000
MOST_SENTENCES = 10**9


@dataclass(frozen=True)
class Meanings:
    """What can be said.

    Attributes:
        concepts: meanings, each one word in every language. grammatical: of these the most frequent, of no topic.
        topics: of documents. subtopics: of each topic, one a paragraph.
        aspects: of each subtopic, which its sentences take in turn; with two, a sentence and the next have no word of
            the subtopic in common.
        zipf: the exponent of the law by which the r-th meaning is used in proportion to 1 / (r + 2.7)^zipf.
        general: share of the running words that any meaning may be, by that law. topical: of the document's topic; the
            rest is of the paragraph's subtopic.
    """

    concepts: int = 3_000
    grammatical: int = 60
    topics: int = 12
    subtopics: int = 4
    aspects: int = 1
    zipf: float = 1.0
    general: float = 0.35
    topical: float = 0.15


@dataclass(frozen=True)
class Documents:
    """How documents are made: the least and the most of each, drawn evenly.

    Attributes:
        paragraphs: of a document; each is a section of the corpus. sentences_each: of a paragraph.
        words_each: of a sentence.
    """

    paragraphs: tuple[int, int] = (3, 5)
    sentences_each: tuple[int, int] = (5, 9)
    words_each: tuple[int, int] = (6, 14)


@dataclass(frozen=True)
class Tongue:
    """One language.

    Attributes:
        sentences: of its text; 0 for an ancestor that nobody writes.
        parent: the language that it descends from. kept: share of the parent's words that it still has.
        sound_changes: how many letters have become others, everywhere, in what it inherits. letters: which, where that
            is to be said: {p = "f", f = "h"}.
        kin: by language the share of meanings whose word is of one root with that language's, after sound changes.
        borrowed: by language the share of meanings whose word is taken from it as it is.
        alike: by language the exact share of meanings with the same string there; 0 shares no string at all.
        aspect: by language the aspect, from 0, of the meanings that are alike; what is not named is of any.
        false_friends: by language the share of its words that mean something of another topic here.
        switching: by language the share of its sentences that are said in that language's words; they take turns.
        cut: its words are ``renamed``, so that it shares none with anybody, or ``permuted``: it shares as many, but
            they mean something else; "" leaves them. Its text says the same all the while.
    """

    sentences: int = 2_000
    parent: str = ""
    kept: float = 1.0
    sound_changes: int = 0
    letters: Mapping[str, str] = field(default_factory=dict)
    kin: Mapping[str, float] = field(default_factory=dict)
    borrowed: Mapping[str, float] = field(default_factory=dict)
    alike: Mapping[str, float] = field(default_factory=dict)
    aspect: Mapping[str, int] = field(default_factory=dict)
    false_friends: Mapping[str, float] = field(default_factory=dict)
    switching: Mapping[str, float] = field(default_factory=dict)
    cut: Literal["", "renamed", "permuted"] = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The languages that it is built from."""
        rest = (
            code
            for shares in (self.kin, self.borrowed, self.alike, self.false_friends, self.switching)
            for code in shares
        )
        return tuple(dict.fromkeys(([self.parent] if self.parent else []) + list(rest)))


@dataclass(frozen=True)
class World:
    """All that decides what a simulated corpus holds, to the byte.

    Attributes:
        languages: by code. seed: another seed, another world of the same kind.
    """

    languages: Mapping[str, Tongue] = field(default_factory=dict)
    seed: int = 0
    meanings: Meanings = Meanings()
    documents: Documents = Documents()

    def __post_init__(self) -> None:
        check(self)

    @property
    def order(self) -> tuple[str, ...]:
        """The languages, each after those that it is built from; else as they were declared."""
        placed: dict[str, None] = {}
        while len(placed) < len(self.languages):
            ready = [
                code
                for code, tongue in self.languages.items()
                if code not in placed and all(other in placed for other in tongue.named)
            ]
            if not ready:
                left = ", ".join(code for code in self.languages if code not in placed)
                raise SettingsError(f"the languages {left} are built from one another in a circle; take one link out")
            placed |= dict.fromkeys(ready)
        return tuple(placed)

    @property
    def written(self) -> tuple[str, ...]:
        """The languages that have text, as they were declared."""
        return tuple(code for code, tongue in self.languages.items() if tongue.sentences)


def check(world: World) -> None:
    """Refuse what cannot be.

    Raises:
        SettingsError: names the setting, its value and what is allowed.
    """
    about, documents = world.meanings, world.documents
    fields = about.topics * about.subtopics * max(1, about.aspects)
    rules = [
        (0 <= world.seed < 1 << 63, "seed", world.seed, "from 0 to 2^63 - 1"),
        (0 <= about.grammatical < about.concepts, "grammatical", about.grammatical, "fewer than the concepts"),
        (1 <= about.concepts <= MOST_MEANINGS, "concepts", about.concepts, f"from 1 to {MOST_MEANINGS:,}"),
        (about.topics >= 1, "topics", about.topics, "at least 1"),
        (about.subtopics >= 1, "subtopics", about.subtopics, "at least 1"),
        (about.aspects >= 1, "aspects", about.aspects, "at least 1"),
        (
            about.concepts - about.grammatical >= 2 * fields,
            "concepts",
            about.concepts,
            f"at least two for each of the {fields} aspects of subtopics, {about.grammatical + 2 * fields}",
        ),
        (0 <= about.zipf <= 4, "zipf", about.zipf, "from 0 to 4"),
        (about.general >= 0, "general", about.general, "at least 0"),
        (about.topical >= 0, "topical", about.topical, "at least 0"),
        (about.general + about.topical <= 1, "general", about.general, "with topical at most 1"),
        *(_range(documents, name) for name in ("paragraphs", "sentences_each", "words_each")),
        (documents.words_each[0] >= 3, "words_each", documents.words_each, "at least 3: shorter ones would repeat"),
        (len(world.languages) <= MOST_LANGUAGES, "languages", len(world.languages), f"at most {MOST_LANGUAGES:,}"),
    ]
    _hold(rules)
    if not world.written:
        raise SettingsError("a world needs a language with sentences, found none; declare [languages.qaa]")
    for code, tongue in world.languages.items():
        _check_tongue(code, tongue, world.languages)
    assert world.order


def _range(documents: Documents, name: str) -> tuple[bool, str, object, str]:
    low, high = getattr(documents, name)
    return 1 <= low <= high <= 1_000, name, (low, high), "the least and the most, from 1 to 1,000"


def _check_tongue(code: str, tongue: Tongue, languages: Mapping[str, Tongue]) -> None:
    if not CODE.fullmatch(code):
        raise SettingsError(f"languages are named by small letters, as qaa to qtz, found {code[:40]!r}")
    for other in tongue.named:
        if other not in languages or other == code:
            there = ", ".join(name for name in languages if name != code)
            raise SettingsError(
                f"{code}: it is built from {other!r}, which the world lacks; it has {there or 'no other'}"
            )
    shares = {
        f"{name} {other}": share
        for name in ("kin", "borrowed", "alike", "false_friends")
        for other, share in getattr(tongue, name).items()
    }
    _hold(
        [
            (0 <= tongue.sentences <= MOST_SENTENCES, "sentences", tongue.sentences, f"from 0 to {MOST_SENTENCES:,}"),
            (0 <= tongue.kept <= 1, "kept", tongue.kept, "from 0 to 1"),
            (0 <= tongue.sound_changes <= 26, "sound_changes", tongue.sound_changes, "from 0 to 26"),
            (tongue.cut in ("", "renamed", "permuted"), "cut", tongue.cut, "renamed or permuted"),
            *((0 <= share <= 1, name, share, "from 0 to 1") for name, share in shares.items()),
            *((0 <= share <= 1, f"switching {to}", share, "from 0 to 1") for to, share in tongue.switching.items()),
            (sum(tongue.switching.values()) <= 1 + 1e-9, "switching", dict(tongue.switching), "at most 1 together"),
            (sum(shares.values()) <= 1 + 1e-9, "shares", sum(shares.values()), "at most 1 together"),
        ],
        f"{code}: ",
    )
    for one, other in tongue.letters.items():
        if not (re.fullmatch("[a-z]", one) and re.fullmatch("[a-z]", other)):
            raise SettingsError(f'{code}: letters say which becomes which, as {{p = "f"}}, found {one} = {other!r:.40}')
    if len(set(tongue.letters.values())) < len(tongue.letters):
        raise SettingsError(f"{code}: letters: two become one, so that words would be one too; let each have its own")


def _hold(rules: Iterable[tuple[bool, str, object, str]], where: str = "") -> None:
    for holds, name, found, allowed in rules:
        if not holds:
            raise SettingsError(f"{where}{name} must be {allowed}, found {found}")


def plain(world: World) -> dict[str, Any]:
    """The declaration as JSON."""
    return {
        "seed": world.seed,
        "meanings": asdict(world.meanings),
        "documents": {name: list(bounds) for name, bounds in asdict(world.documents).items()},
        "languages": {code: asdict(tongue) for code, tongue in world.languages.items()},
    }
