"""What the languages of an index have in common, learned from their own words: `cognates` of pairs, kept in the index.

Which pairs are learned is limited, for each costs seconds: of each language the nearest few others by the letter runs
of their frequent words, where both have enough words to learn from. What the learner finds no better than chance is an
empty lexicon, which is kept too, so that it is not looked for again.

A pair is learned again when one of its languages has grown by half, or lost as much, since.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.cognates.learning import LearningSettings, learn
from sprachbund.cognates.romanising import plain_words
from sprachbund.cognates.words import Words, counted_words
from sprachbund.errors import CorpusError
from sprachbund.ngrams.tokens import pack
from sprachbund.progress import Progress
from sprachbund.search.forms import word_keys
from sprachbund.search.kin import save_kin
from sprachbund.search.roman import RUN, grams_of
from sprachbund.search.segment import Segment

NEAREST, MOST_PAIRS = 8, 60
"""Other languages that a language is paired with, the nearest; and pairs in all."""
NEAR = 0.28
"""The least likeness of two languages, see `likeness`: on lists of 47 languages neighbours are above, others below."""
LEAST_WORDS = 300
"""Distinct words that a language has, to be learned from."""
GROWN = 1.5
"""A pair is learned again when a language has so many times the passages that it had then, or one of so many."""
TYPES = 2_000
"""The most frequent words that languages are compared by."""
SETTINGS = LearningSettings()


def words_of_index(language: str, segments: Sequence[Segment]) -> Words | None:
    """The most frequent words of a language of an index, by the passages that have them; None where it has none."""
    counts: dict[str, int] = {}
    for segment in segments:
        if segment.language == language:
            postings = segment.collection.postings
            for words in segment.records.every_word():
                distinct = list(dict.fromkeys(words))
                places = postings.find(word_keys(*pack(distinct)))
                sizes = np.where(places >= 0, postings.offsets[places + 1] - postings.offsets[places], 0)
                for at in np.flatnonzero(sizes).tolist():
                    counts[distinct[at]] = counts.get(distinct[at], 0) + int(sizes[at])
    try:
        return counted_words(language, counts, SETTINGS.words)
    except CorpusError:
        return None


def likeness(words: Sequence[Words]) -> Float64:
    """How alike languages are in the letter runs of their frequent words: cosines of the square roots of how many
    words have each, float64 [languages, languages].
    """
    rows = []
    for each in words:
        grams = grams_of(plain_words(each.words[:TYPES]))
        rows.append(np.unique(grams.keys[grams.features == RUN], return_counts=True))
    every = np.unique(np.concatenate([keys for keys, _ in rows]))
    table = np.zeros((len(rows), len(every)))
    for row, (keys, counts) in zip(table, rows, strict=True):
        row[np.searchsorted(every, keys)] = np.sqrt(counts)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    result: Float64 = table @ table.T
    return result


def pairs_of(words: Mapping[str, Words]) -> list[tuple[str, str]]:
    """The pairs of languages that are learned, sorted."""
    codes = sorted(code for code, each in words.items() if len(each) >= LEAST_WORDS)
    if len(codes) < 2:
        return []
    alike = likeness([words[code] for code in codes])
    np.fill_diagonal(alike, 0)
    chosen: dict[tuple[str, str], float] = {}
    for place, code in enumerate(codes):
        for other in np.argsort(-alike[place], kind="stable")[:NEAREST].tolist():
            if alike[place, other] >= NEAR:
                chosen[min(code, codes[other]), max(code, codes[other])] = float(alike[place, other])
    return sorted(sorted(chosen, key=lambda pair: (-chosen[pair], pair))[:MOST_PAIRS])


def changed(before: Mapping[str, int], now: Mapping[str, int]) -> set[str]:
    """The languages that are new, or have grown or shrunk by `GROWN`, since they were compared."""
    return {
        code
        for code, passages in now.items()
        if not before.get(code) or not before[code] / GROWN < passages < before[code] * GROWN
    }


def learn_pairs(
    folder: Path, manifest: dict[str, Any], segments: Sequence[Segment], generation: int, progress: Progress
) -> None:
    """Learn what is lacking or out of date, write it, and name it in the manifest that will be.

    Args:
        folder: of the index. manifest: changed. segments: of the index that will be.
    """
    now = {code: own["passages"] for code, own in manifest["counts"].items()}
    old = {(entry["left"], entry["right"]): entry for entry in manifest["cognates"]}
    old = {pair: entry for pair, entry in old.items() if set(pair) <= set(now)}
    manifest["cognates"] = [old[pair] for pair in sorted(old)]
    before = {code: passages for code, passages in manifest["compared"].items() if code in now}
    due = changed(before, now)
    manifest["compared"] = before
    if not due or len(now) < 2:
        return
    words = {code: found for code in sorted(now) if (found := words_of_index(code, segments)) is not None}
    pairs = pairs_of(words)
    kept = {pair: entry for pair, entry in old.items() if pair in pairs and not due & set(pair)}
    for left, right in pairs:
        if (left, right) not in kept:
            progress.describe(f"(cognates of {left} and {right})")
            name = f"{left}+{right}-{generation:05d}"
            both = words[left], words[right]
            save_kin(learn(*both, SETTINGS), both, folder / "cognates" / name)
            kept[left, right] = {"name": name, "left": left, "right": right}
    manifest["cognates"] = [kept[pair] for pair in sorted(kept)]
    manifest["compared"] = dict(sorted(now.items()))
