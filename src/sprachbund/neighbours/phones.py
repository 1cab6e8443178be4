"""The sounds of running text, as they follow each other, counted in groups that can be drawn again.

Text is the user's corpus, else a treebank's; where eSpeak NG has no voice, or is not installed, frequent words are
looked up in a lexicon of pronunciations (WikiPron, ipa-dict) and count as often as the list of words says.
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund import espeak
from sprachbund.arrays import Float64
from sprachbund.neighbours import lexicons
from sprachbund.neighbours.frequencies import corpus_code, corpus_of, frequent_words, list_of
from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.treebanks import treebanks_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["EDGE", "Phones", "bigrams_of", "phones_of"]

EDGE = "#"
"""The edge of a word."""
GROUPS = 40
"""Parts that a text is dealt into, sentence by sentence."""
SENTENCES = 1_000
WORDS = 5_000  # of a list
_VERSION = 3
_LEAST = 2_000  # bigrams: fewer say nothing


@dataclass(frozen=True, eq=False)
class Phones:
    """Bigrams of phones of a language.

    Attributes:
        bigrams: (phone, phone), rising. counts: float64 [groups, bigrams]. source: text and reader.
        coverage: the share of words whose sounds are known.
    """

    bigrams: tuple[tuple[str, str], ...]
    counts: Float64
    source: str
    coverage: float

    def phones(self) -> dict[str, float]:
        """How often each phone is said, as shares."""
        found: dict[str, float] = {}
        for (first, _), count in zip(self.bigrams, self.counts.sum(axis=0), strict=True):
            if first != EDGE:
                found[first] = found.get(first, 0.0) + float(count)
        total = sum(found.values())
        return {phone: count / total for phone, count in sorted(found.items(), key=lambda item: -item[1])}


def bigrams_of(word: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Adjacent phones of a word, with its edges."""
    edged = [EDGE, *word, EDGE]
    return pairwise(edged)


def phones_of(sources: Sources, code: str) -> Phones | None:
    """The bigrams of phones of a language's running text; None where nobody says how it sounds."""
    return sources.once(("phones", code), lambda: _phones(sources, code))


def _phones(sources: Sources, code: str) -> Phones | None:
    voice = espeak.voice_of(code, alpha3(code))
    text = _text(sources, code)
    if voice is not None and text is not None:
        kind, files, sentences = text
        table = (
            sources.features(f"phones-{code}-{voice}", _VERSION, files, _schema(), lambda: _spoken(sentences(), voice))
            if files
            else _spoken(sentences(), voice)
        )
        return _counted(table, f"{kind}, eSpeak NG {voice}")
    words = frequent_words(sources, code)
    lexicon = lexicons.file_of(sources, code) if voice is None else None
    if words is None or (voice is None and lexicon is None):
        return None
    table, listed = words
    listing = list_of(sources, code) if corpus_code(sources, code) is None else None

    def read() -> "pl.DataFrame":
        if voice is not None:
            return _of_list(table, dict(_pronounced(table, voice)))
        assert lexicon is not None
        return _of_list(table, lexicons.read_lexicon(lexicon))

    reader = f"eSpeak NG {voice}" if voice is not None else lexicons.name_of(lexicon) if lexicon is not None else ""
    if listing is None:  # of a corpus or a package, which have no file of their own to name
        return _counted(read(), f"{listed}, {reader}")
    kind, files = f"phones-{code}-{voice or 'lexicon'}", [listing, *([lexicon] if lexicon is not None else [])]
    return _counted(sources.features(kind, _VERSION, files, _schema(), read), f"{listed}, {reader}")


def _text(sources: Sources, code: str) -> Any:
    """(what it is, files, a function that gives sentences) of a language's running text, or None."""
    own = corpus_code(sources, code)
    if own is not None:
        corpus = corpus_of(sources)
        assert corpus is not None
        return "your corpus", [], lambda: corpus.read(own, ["text"])["text"].head(2 * SENTENCES).to_list()
    files = treebanks_of(sources, code) if sources.find("ud") else []
    return ("Universal Dependencies", files, lambda: _treebank_text(files)) if files else None


def _treebank_text(files: Sequence[Path]) -> list[str]:
    """The sentences of treebanks: what they say the text is, else the forms of the words."""
    found: list[str] = []
    for path in files:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
            text, forms = "", list[str]()
            for line in lines:
                if line.startswith("# text = "):
                    text = line.removeprefix("# text = ").strip()
                elif line[:1].isdigit() and line.split("\t", 1)[0].isdecimal():
                    forms.append(line.split("\t", 2)[1])
                elif not line.strip() and forms:
                    found.append(text or " ".join(forms))
                    text, forms = "", []
                    if len(found) == SENTENCES:
                        return found
    return found


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"first": pl.String, "second": pl.String} | {f"group{number}": pl.Float64 for number in range(GROUPS)}


def _spoken(sentences: Iterable[str], voice: str) -> "pl.DataFrame":
    """Bigrams of sentences as a voice reads them; words that it cannot read stand as a row without phones."""
    found: dict[tuple[int, str, str], float] = {}
    for number, (words, left_out) in enumerate(espeak.spoken_words(sentences, voice)):
        group = number % GROUPS
        for word in words:
            for first, second in bigrams_of(word):
                found[group, first, second] = found.get((group, first, second), 0.0) + 1
        if left_out:
            found[group, "", ""] = found.get((group, "", ""), 0.0) + left_out
    return _table(found)


def _pronounced(table: "pl.DataFrame", voice: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    words = table["word"].head(WORDS).to_list()
    for word, (said, _) in zip(words, espeak.spoken_words(words, voice), strict=True):
        if said:
            yield word, tuple(said[0])


def _of_list(words: "pl.DataFrame", sounds: dict[str, tuple[str, ...]]) -> "pl.DataFrame":
    """Bigrams of a list of words with counts, by their sounds; words are dealt to the groups."""
    found: dict[tuple[int, str, str], float] = {}
    for number, (word, count) in enumerate(words.head(WORDS).iter_rows()):
        group = number % GROUPS
        for first, second in bigrams_of(sounds[word]) if word in sounds else (("", ""),):
            found[group, first, second] = found.get((group, first, second), 0.0) + count
    return _table(found)


def _table(found: dict[tuple[int, str, str], float]) -> "pl.DataFrame":
    """A row a bigram, rising, a column a group; what could not be read is the bigram of nothing."""
    import polars as pl

    bigrams = sorted({(first, second) for _, first, second in found})
    places = {bigram: place for place, bigram in enumerate(bigrams)}
    counts = np.zeros((len(bigrams), GROUPS))
    for (group, first, second), count in found.items():
        counts[places[first, second], group] += count
    named = {"first": [first for first, _ in bigrams], "second": [second for _, second in bigrams]}
    return pl.DataFrame(named | {f"group{number}": counts[:, number] for number in range(GROUPS)}, _schema())


def _counted(table: "pl.DataFrame", source: str) -> Phones | None:
    """None with too few bigrams."""
    bigrams = table.select("first", "second").rows()
    counts = table.select([f"group{number}" for number in range(GROUPS)]).to_numpy().T
    edges = np.array([first == EDGE for first, _ in bigrams], bool)
    known = np.array([first != "" for first, _ in bigrams], bool)
    if counts[:, known].sum() < _LEAST:
        return None
    words, unread = float(counts[:, edges].sum()), float(counts[:, ~known].sum())
    kept = np.ascontiguousarray(counts[:, known][counts[:, known].any(axis=1)])
    named = tuple(bigram for bigram, is_known in zip(bigrams, known, strict=True) if is_known)
    return Phones(named, kept, source, words / (words + unread))
