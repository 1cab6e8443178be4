"""The words of every language, and where each is from: inherited, borrowed, alike, a false friend, coined."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.errors import SettingsError
from sprachbund.simulation.meanings import Space
from sprachbund.simulation.sounds import Alphabet, Stream, closed, coin, draw_alphabet, draw_changes
from sprachbund.simulation.world import Tongue, World

__all__ = ["HOW", "Lexicon", "make_lexicons"]

HOW = ("coined", "inherited", "kin", "borrowed", "alike", "false friend", "permuted")
"""Where a word may come from."""


@dataclass
class Lexicon:
    """The words of a language, one a meaning.

    Attributes:
        language: its code. words: by meaning.
        roots: int32 [meanings], a number for each root: words that were one once have one number.
        how: where each is from, of `HOW`. source: the language that it is from, "" where it is coined.
        changes: the letters that became others in what is inherited.
        switched: the words of each language that its sentences may be in, before that one was cut off.
    """

    language: str
    words: list[str]
    roots: list[int]
    how: list[str]
    source: list[str]
    changes: dict[str, str] = field(default_factory=dict)
    switched: dict[str, list[str]] = field(default_factory=dict)

    def strings(self) -> set[str]:
        """Its words, and those of the languages that its sentences may be in."""
        return set(self.words).union(*self.switched.values())


@dataclass
class _Making:
    """What the steps of making one language share."""

    world: World
    code: str
    own: Lexicon
    made: Mapping[str, Lexicon]
    alphabet: Alphabet
    stream: Stream
    taken: set[str]
    space: Space
    apart: set[str]
    claimed: set[int] = field(default_factory=set)
    roots: list[int] = field(default_factory=lambda: [0])

    @property
    def tongue(self) -> Tongue:
        return self.world.languages[self.code]

    def coin(self, meaning: int) -> None:
        """A new word for a meaning."""
        short = meaning < self.world.meanings.grammatical
        self.put(meaning, coin(self.alphabet, self.stream, short, self.taken), self.roots[0], "coined", "")
        self.roots[0] += 1

    def put(self, meaning: int, word: str, root: int, how: str, source: str) -> None:
        own = self.own
        own.words[meaning], own.roots[meaning], own.how[meaning], own.source[meaning] = word, root, how, source
        self.taken.add(word)


def make_lexicons(world: World, space: Space) -> dict[str, Lexicon]:
    """The words of every language, ancestors too, in the order in which they are built.

    Args:
        space: the meanings of the world.

    Raises:
        SettingsError: shares that cannot be had together.
    """
    made: dict[str, Lexicon] = {}
    taken: set[str] = set()
    counter = [0]
    makings: list[_Making] = []
    for code in world.order:
        tongue = world.languages[code]
        count = world.meanings.concepts
        blank = Lexicon(code, [""] * count, [-1] * count, ["coined"] * count, [""] * count)
        stream = Stream(world.seed, "words", code)
        apart = {word for other, share in tongue.alike.items() if share == 0 for word in made[other].words}
        making = _Making(world, code, blank, made, draw_alphabet(stream), stream, taken, space, apart, roots=counter)
        _descend(making)
        for other, share in tongue.kin.items():
            _take(making, other, share, "kin", _translator(making, made[other].words))
        for other, share in tongue.borrowed.items():
            _take(making, other, share, "borrowed", str)
        for other, share in tongue.alike.items():
            _be_alike(making, other, share)
        for other, share in tongue.false_friends.items():
            _mislead(making, other, share)
        _keep_apart(making)
        making.own.switched.update({other: list(made[other].words) for other in tongue.switching})
        made[code] = making.own
        makings.append(making)
    for making in makings:  # at the end: what is built of a language is built of its words before they are cut off
        _cut(making)
    return made


def _descend(making: _Making) -> None:
    """The parent's words after sound changes, as far as they are kept; the rest is coined."""
    concepts, tongue = making.world.meanings.concepts, making.tongue
    kept: Iterable[int] = ()
    if tongue.parent:
        parent = making.made[tongue.parent]
        change = _translator(making, parent.words)
        kept = _some(making, range(concepts), round(tongue.kept * concepts))
        for meaning in kept:
            making.put(meaning, change(parent.words[meaning]), parent.roots[meaning], "inherited", tongue.parent)
    kept = set(kept)
    for meaning in range(concepts):
        if meaning not in kept:
            making.coin(meaning)


def _translator(making: _Making, words: Sequence[str]) -> Callable[[str], str]:
    """What this language's sound changes make of a word of another; they are drawn once."""
    tongue, own = making.tongue, making.own
    if not own.changes:
        used = "".join(sorted(set("".join(words))))
        left = max(0, tongue.sound_changes - len(tongue.letters))
        own.changes.update(draw_changes(left, used, tongue.letters, making.stream))
    table = str.maketrans(closed(own.changes))
    return lambda word: word.translate(table)


def _some(making: _Making, meanings: Iterable[int], count: int) -> list[int]:
    """So many of some meanings, drawn evenly over their frequency: one of each stretch of neighbours."""
    among = list(meanings)
    if count > len(among):
        raise SettingsError(
            f"{making.code}: {count:,} words are to come from elsewhere, but only {len(among):,} are left that can; "
            "lower its shares"
        )
    if not count:
        return []
    edges = np.linspace(0, len(among), count + 1)
    places = edges[:-1] + making.stream.evenly(count) * np.diff(edges)
    return [among[int(place)] for place in _distinct(places, len(among))]


def _distinct(places: "np.ndarray[tuple[int], np.dtype[np.float64]]", limit: int) -> Int64:
    """Whole places, rising, none twice."""
    whole = np.floor(places).astype(np.int64)
    for number in range(1, len(whole)):
        whole[number] = max(whole[number], whole[number - 1] + 1)
    over = limit - 1
    for number in range(len(whole) - 1, -1, -1):
        whole[number] = min(whole[number], over)
        over = whole[number] - 1
    return whole


def _free(making: _Making, other: Lexicon, change: Callable[[str], str]) -> list[int]:
    """The meanings that may take the other's word: not claimed, not had by another meaning, not of those kept apart."""
    place = {word: meaning for meaning, word in enumerate(making.own.words)}
    found = []
    for meaning, theirs in enumerate(other.words):
        word = change(theirs)
        if meaning not in making.claimed and word not in making.apart and place.get(word, meaning) == meaning:
            found.append(meaning)
    return found


def _take(making: _Making, code: str, share: float, how: str, change: Callable[[str], str]) -> None:
    """Take a share of another's words."""
    other = making.made[code]
    count = round(share * len(other.words))
    for meaning in _some(making, _free(making, other, change), count):
        making.put(meaning, change(other.words[meaning]), other.roots[meaning], how, code)
        making.claimed.add(meaning)


def _be_alike(making: _Making, code: str, share: float) -> None:
    """Have exactly a share of words as another writes them, neither more nor fewer."""
    other, own = making.made[code], making.own
    wanted = round(share * len(other.words))
    same = [meaning for meaning, word in enumerate(own.words) if word == other.words[meaning]]
    if len(same) > wanted:
        loose = [each for each in same if each not in making.claimed]
        if len(same) - len(loose) > wanted:
            raise SettingsError(
                f"{making.code}: alike {code} must be at least {(len(same) - len(loose)) / len(own.words):.3g}, for so "
                f"much of what it took from others is written alike, found {share:g}"
            )
        for meaning in _some(making, loose, len(same) - wanted):
            making.coin(meaning)
    else:
        free = [each for each in _free(making, other, str) if own.words[each] != other.words[each]]
        if code in making.tongue.aspect:
            free = [each for each in free if making.space.aspects[each] == making.tongue.aspect[code]]
        for meaning in _some(making, free, wanted - len(same)):
            making.put(meaning, other.words[meaning], other.roots[meaning], "alike", code)
    making.claimed.update(m for m, word in enumerate(own.words) if word == other.words[m])


def _mislead(making: _Making, code: str, share: float) -> None:
    """Give a share of the meanings words of another that are about as frequent and of another subtopic."""
    other, own = making.made[code], making.own
    strings = set(own.words)
    free = [m for m in range(len(own.words)) if m not in making.claimed and own.words[m] != other.words[m]]
    chosen = _some(making, free, round(share * len(own.words)))
    theirs = [m for m, word in enumerate(other.words) if word not in strings and word not in making.apart]
    used: set[int] = set()
    near = np.array(theirs, np.int64)
    for meaning in chosen:
        ranked = near[np.argsort(np.abs(near - meaning), kind="stable")[:400]]
        fits = [m for m in ranked.tolist() if m not in used and m != meaning and _elsewhere(making, m, meaning)]
        if not fits:
            raise SettingsError(f"{making.code}: too few words of {code} are left to be false friends; lower the share")
        from_there = fits[making.stream.below(min(4, len(fits)))]
        used.add(from_there)
        making.put(meaning, other.words[from_there], other.roots[from_there], "false friend", code)
        making.claimed.add(meaning)


def _elsewhere(making: _Making, one: int, other: int) -> bool:
    """Whether two meanings are of different subtopics, or grammatical both."""
    mine, theirs = int(making.space.fields[one]), int(making.space.fields[other])
    return (mine < 0) == (theirs < 0) and (mine != theirs or mine < 0)


def _keep_apart(making: _Making) -> None:
    """Coin anew what a language shares with one that it is to share nothing with."""
    for meaning, word in enumerate(making.own.words):
        if word in making.apart:
            making.coin(meaning)


def _cut(making: _Making) -> None:
    """Rename all words, or permute those that others have among the alike in frequency."""
    own, cut = making.own, making.tongue.cut
    if cut == "renamed":
        for meaning in range(len(own.words)):
            making.coin(meaning)
    elif cut == "permuted":
        grammatical = making.world.meanings.grammatical
        for low, high in ((0, grammatical), (grammatical, len(own.words))):
            window, order = 200, np.arange(low, high)
            for first in range(0, len(order), window):
                part = order[first : first + window]
                order[first : first + window] = part[making.stream.order(len(part))]
            words, roots = [own.words[m] for m in order], [own.roots[m] for m in order]
            for meaning, word, root in zip(range(low, high), words, roots, strict=True):
                making.put(meaning, word, root, "permuted", making.code)
