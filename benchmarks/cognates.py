"""Cognates judged as a lexicon: precision, recall, false friends, time, beside plain Levenshtein distance.

    python benchmarks/cognates.py [--words 10000] [--most 50000] [--out FILE]

Lists: the frequent words of subtitles, ``similarity/freq`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data);
the truth: Apertium's bilingual dictionaries in ``similarity/dictionaries``. Only left words count that the dictionary
translates by at least one word of the right list. *Precision*: of those that were given a partner, how many got one of
their translations; *recall*: of all; *alike*: recall of those with a translation whose Levenshtein similarity (1 less
the distance over the longer word's letters, plain) is at least .5. *False friends* are wrong partners.

Plain Levenshtein is: the same candidates, pairs that are each other's best by similarity, and a difference of ranks
taken off as here; its threshold, and how much is taken off, are what gives es-gl and es-ca the best mean of precision
and recall (F1).
Settings were chosen on es-gl and es-ca; es-pt and es-it are judged with them.
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.cognates.candidates import candidates
from sprachbund.cognates.costs import NEVER, scores
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.learning import LearningSettings, learn
from sprachbund.cognates.letters import LETTERS, STRINGS, encode
from sprachbund.cognates.romanising import plain_word, plain_words
from sprachbund.cognates.words import Words, counted_words, read_words

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "similarity"
TRUTH = {"gl": "es-gl.es-gl", "ca": "spa-cat.spa-cat", "pt": "es-pt.es-pt", "it": "spa-ita.spa-ita"}
CHOSEN_ON = ("gl", "ca")
PILOT = {"gl": "97.5 80.2 86.5", "ca": "95.2 67.4 79.7", "pt": "97.1 73.7 82.7", "it": "94.1 53.4 72.5"}
WITHOUT = (("ka", "fi"), ("ko", "hu"), ("zh_cn", "fi"), ("he", "hu"), ("en", "fi"), ("es", "eu"))
RANKS = (0.0, 0.02, 0.05)
Pairs = dict[str, str]


@dataclass(frozen=True)
class Judged:
    """Shares in %, and the wrong pairs with what the dictionary has, the most frequent word first."""

    pairs: int
    asked: int
    precision: float
    recall: float
    alike: float
    wrong: tuple[tuple[str, str, str], ...]


def levenshtein() -> np.ndarray:
    """Costs that make the score of a pair minus its distance."""
    table = np.full((STRINGS, STRINGS), NEVER, np.float32)
    size = 1 + len(LETTERS)
    table[1:size, 1:size] = -1
    table[np.arange(1, size), np.arange(1, size)] = 0
    table[2:size, 0] = table[0, 2:size] = -1
    return table


def distance_pairs(left: Words, right: Words, words: int, rank: float) -> list[tuple[str, str, float]]:
    """Pairs that are each other's best by similarity of letters, less ``rank`` for a difference of 1 in log ranks."""
    ours, theirs = (
        list(dict.fromkeys(plain_words(left.words[:words]))),
        list(dict.fromkeys(plain_words(right.words[:words]))),
    )
    a, b = encode(ours), encode(theirs)
    nearest = candidates(a, b, 20, 2_000)
    lost = scores(a.letters, a.offsets, b.letters, b.offsets, nearest, levenshtein(), 0.0, 4)
    mean = (a.lengths[:, None] + b.lengths[nearest]) / 2
    longest = np.maximum(a.lengths[:, None], b.lengths[nearest])
    ranks = np.abs(np.log((np.arange(len(a)) + 1.0)[:, None] / np.maximum(nearest + 1.0, 1)))
    similar = np.where(np.isfinite(lost) & (nearest >= 0), 1 + lost * mean / longest - rank * ranks, -np.inf)
    best = similar.argmax(1)
    value = similar[np.arange(len(a)), best]
    other = nearest[np.arange(len(a)), best]
    back: dict[int, tuple[float, int]] = {}
    for i, k in zip(*np.nonzero(np.isfinite(similar)), strict=True):
        j = int(nearest[i, k])
        if j not in back or similar[i, k] > back[j][0]:
            back[j] = (float(similar[i, k]), int(i))
    return [
        (ours[i], theirs[other[i]], float(value[i]))
        for i in range(len(a))
        if np.isfinite(value[i]) and back[int(other[i])][1] == i
    ]


def truth(language: str) -> dict[str, set[str]]:
    """What the dictionary has for each word, in plain letters."""
    found: dict[str, set[str]] = {}
    for left, right in read_dictionary(DATA / "dictionaries" / f"apertium-{TRUTH[language]}.dix.gz").pairs:
        found.setdefault(plain_word(left), set()).add(plain_word(right))
    return found


def judge(left: Sequence[str], right: Sequence[str], pairs: Pairs, gold: dict[str, set[str]]) -> Judged:
    """Judge pairs of plain words."""
    there = set(right)
    asked = given = hit = near = near_hit = 0
    wrong = []
    for word in left:
        translations = gold.get(word, set()) & there
        if not translations:
            continue
        asked += 1
        found = pairs.get(word)
        right_one = found in translations
        given += found is not None
        hit += right_one
        if any(similarity(word, other) >= 0.5 for other in translations):
            near += 1
            near_hit += right_one
        if found is not None and not right_one:
            wrong.append((word, found, ", ".join(sorted(translations))))
    return Judged(
        len(pairs), asked, 100 * hit / max(1, given), 100 * hit / asked, 100 * near_hit / max(1, near), tuple(wrong)
    )


def similarity(one: str, other: str) -> float:
    """1 less the Levenshtein distance over the longer word's letters."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return 1 - row[-1] / max(len(one), len(other), 1)


def frequent(language: str) -> Words:
    """The list of a language."""
    return read_words(DATA / "freq" / f"{language}.20k.txt.gz", language)


def inflated(words: Words, size: int) -> Words:
    """A list of so many words, made of a shorter one: for times alone."""
    pairs = dict(zip(words.words, words.counts.tolist(), strict=True))
    ends = [a + b for a in "aeiou" for b in "lmnrst"]
    for number in range(size):
        word = words.words[number % len(words)] + ends[(number // len(words)) % len(ends)]
        if len(pairs) >= size:
            break
        pairs.setdefault(word, 1)
    return counted_words(words.language, pairs)


def main() -> None:
    """Run it and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--most", type=int, default=50_000)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "cognates.md")
    given = parser.parse_args()
    settings = LearningSettings(words=given.words)
    learn(frequent("es"), frequent("eu"), LearningSettings(words=500))  # compiles
    spanish = frequent("es")
    left = list(dict.fromkeys(plain_words(spanish.words[: given.words])))
    ours, theirs, wrong, plain = [], {}, {}, {}
    for code in TRUTH:
        words = frequent(code)
        right = list(dict.fromkeys(plain_words(words.words[: given.words])))
        started = time.process_time()
        lexicon = learn(spanish, words, settings)
        seconds = time.process_time() - started
        pairs = {plain_word(a): plain_word(b) for a, b in lexicon.pairs.select("left", "right").iter_rows()}
        gold = truth(code)
        found = judge(left, right, pairs, gold)
        wrong[code] = found.wrong
        ours.append((code, found, lexicon.about["threshold"], len(lexicon.grams), seconds))
        print(ours[-1][0], found.precision, found.recall, found.alike, seconds, flush=True)
        plain[code] = (right, gold, {rank: distance_pairs(spanish, words, given.words, rank) for rank in RANKS})
    steps = [(rank, step) for rank in RANKS for step in np.arange(0.3, 0.95, 0.05)]
    for code, (right, gold, found_by) in plain.items():
        theirs[code] = [
            judge(left, right, {a: b for a, b, s in found_by[rank] if s >= step}, gold) for rank, step in steps
        ]
    mean = np.mean([[2 / (1 / j.precision + 1 / j.recall) for j in theirs[code]] for code in CHOSEN_ON], axis=0)
    best = int(mean.argmax())
    lines = [
        "# Cognates as a lexicon",
        "",
        "Precision, recall and recall of pairs that look alike, in %, against Apertium's dictionaries. Made by",
        "`benchmarks/cognates.py`, which says how. Settings, and those of Levenshtein (threshold "
        f"{steps[best][1]:.2f}, ranks {steps[best][0]:g}), were chosen\non es-gl and es-ca.",
        "",
        "| pair | words asked | pairs | precision | recall | alike | pilot | Levenshtein | "
        "letter runs | seconds of one core |",
        "|---|--:|--:|--:|--:|--:|---|---|--:|--:|",
    ]
    for code, found, _, runs, seconds in ours:
        other = theirs[code][best]
        lines.append(
            f"| es-{code} | {found.asked:,} | {found.pairs:,} | {found.precision:.1f} | {found.recall:.1f} | "
            f"{found.alike:.1f} | {PILOT[code]} | {other.precision:.1f} {other.recall:.1f} {other.alike:.1f} | "
            f"{runs:,} | {seconds:.1f} |"
        )
    lines += [
        "",
        "The pilot and Levenshtein: precision, recall, alike. The pilot's way to count is not known in full.",
        "",
        "## Nothing in common",
        "",
        "Pairs that are each other's best, decoys that are, and pairs that are kept at the threshold that decoys give.",
        "",
        "| lists | mutual | decoys | threshold | kept | the least frequent of them |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for one, two in WITHOUT:
        lexicon = learn(frequent(one), frequent(two), settings)
        about = lexicon.about
        last = ", ".join(f"{a} {b}" for a, b in lexicon.pairs.tail(4).select("left", "right").iter_rows())
        threshold = "none" if about["threshold"] is None else f"{about['threshold']:.2f}"
        lines.append(
            f"| {one}-{two} | {about['mutual']:,} | {about['decoys']:,} | {threshold} | {len(lexicon):,} | {last} |"
        )
    large = [inflated(frequent(code), given.most) for code in ("es", "pt")]
    started = time.process_time()
    lexicon = learn(large[0], large[1], LearningSettings(words=given.most))
    lines += [
        "",
        "## Time",
        "",
        f"Two lists of {len(large[0]):,} and {len(large[1]):,} words (20,000 of es and pt, and these with an ending "
        f"put on): {time.process_time() - started:.1f} s of one core, {len(lexicon):,} pairs.",
        "",
        "## False friends, the most frequent",
        "",
    ]
    for code, friends in wrong.items():
        told = "; ".join(f"{a} - {b} ({c})" for a, b, c in friends[:25])
        lines.append(f"* es-{code}: {told}")
    given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
