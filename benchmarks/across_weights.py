"""The weights of search across neighbours, on sentences of Tatoeba alone; docs/log.md has what came of it.

    python benchmarks/across_weights.py [--bounded]

Two languages have a sentence in common where the English side is the same but for case and marks: few a pair, so many
pairs, in both directions. A sentence must find its translation among all of the other language (ties against it), by
BM25 over romanised sentences: S4 runs across words, K3 skeletons, G4 and GK the query's grams inside words as the
learned table translates them (with ``k`` those that it does not know as they are). The tables are learned from lists of
frequent words (``similarity/freq``). Needs SPRACHBUND_DATA (or ../shared/data) and scipy. About ten minutes.
"""

import itertools
import os
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from sprachbund.cognates.grams import GramTable, learn_grams
from sprachbund.cognates.learning import learn
from sprachbund.cognates.romanising import plain, plain_words
from sprachbund.cognates.words import Words, read_words
from sprachbund.search.roman import skeleton

DATA = Path(os.environ.get("SPRACHBUND_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data"))
NAMES = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "pt=por es=spa gl=glg ca=cat fr=fra it=ita ro=ron uk=ukr ru=rus bg=bul mk=mkd cs=ces sk=slk pl=pol hr=hrv "
        "sl=slv sr=srp bs=bos no=nob sv=swe da=dan nl=nld de=deu is=isl id=ind ms=zsm fi=fin et=est lt=lit lv=lvs "
        "tr=tur hu=hun",
    )
)
KIN = {
    "Romance": "pt es gl ca fr it ro",
    "Slavic": "uk ru bg mk cs sk pl hr sl sr bs",
    "Germanic": "no sv da nl de is",
    "others": "id-ms fi-et lt-lv",
    "far": "en-pt en-de en-fr en-ru en-sv en-it en-nl",
    "none": "en-hu en-fi en-tr en-id",
}
FAR = 300
"""Queries of a pair with English at most."""


@cache
def sentences(code: str) -> dict[str, str]:
    """Sentences of a language by their English."""
    wanted = f"data/tatoeba/v1/tatoeba.{NAMES[code]}-eng."
    with tarfile.open(DATA / "retrieval" / "laser_tatoeba_v1.tar.xz") as archive:
        own, english = (
            archive.extractfile(f"{wanted}{ending}").read().decode().split("\n") for ending in (NAMES[code], "eng")
        )
    found: dict[str, str] = {}
    for text, meant in zip(own, english, strict=True):
        if text and meant:
            found.setdefault(re.sub(r"\W+", " ", meant.lower()).strip(), plain(text))
    return found


def tasks() -> Iterator[tuple[str, str, str, list[str], list[str], list[int]]]:
    """Group, language of the query, of the candidates, queries, candidates, and the place of each translation."""
    for group, named in KIN.items():
        parts = named.split()
        pairs = [part.split("-") for part in parts] if "-" in named else itertools.combinations(parts, 2)
        for one, other in pairs:
            for left, right in ((one, other), (other, one)):
                both = [sentences(code) if code != "en" else None for code in (left, right)]
                if both[0] is None:
                    both[0] = {key: key for key in both[1]}
                if both[1] is None:
                    both[1] = {key: key for key in both[0]}
                keys = list(both[1])
                common = [key for key in both[0] if key in both[1]][:FAR]
                if len(common) >= 3:
                    yield group, left, right, [both[0][k] for k in common], list(both[1].values()), [
                        keys.index(key) for key in common
                    ]  # fmt: skip


class Index:
    """BM25 (k1 1.2, b .75) over bags of grams."""

    def __init__(self, bags: list[Counter[str]]) -> None:
        self.numbers: dict[str, int] = {}
        cells = [
            (i, self.numbers.setdefault(g, len(self.numbers)), n) for i, bag in enumerate(bags) for g, n in bag.items()
        ]
        rows, columns, counts = (np.array(column) for column in zip(*cells, strict=True))
        lengths, frequency = np.bincount(rows, counts), np.bincount(columns)
        rarity = np.log(1 + (len(bags) - frequency + 0.5) / (frequency + 0.5))
        gains = rarity[columns] * counts / (counts + 1.2 * (0.25 + 0.75 * lengths / lengths.mean())[rows])
        self.table = sp.csr_matrix((gains, (columns, rows)))

    def scores(self, bags: list[dict[str, float]]) -> np.ndarray:
        """Of each query and each candidate."""
        cells = [(i, self.numbers[g], n) for i, bag in enumerate(bags) for g, n in bag.items() if g in self.numbers]
        rows, columns, weights = (np.array(column) for column in zip(*cells, strict=True))
        asked = sp.csr_matrix((weights, (rows, columns)), shape=(len(bags), self.table.shape[0]))
        return np.asarray((asked @ self.table).todense())


def grams(text: str, size: int) -> list[str]:
    """The grams of a text between blanks."""
    return [f" {text} "[i : i + size] for i in range(len(text) + 3 - size)]


def translated(text: str, table: dict[str, list[tuple[str, float]]], size: int, keep: bool) -> dict[str, float]:
    """The grams inside words as the table translates them."""
    found: dict[str, float] = {}
    for word in text.split():
        for gram in grams(word, size):
            for target, chance in table.get(gram, [(gram, 1.0)] if keep else []):
                found[target] = found.get(target, 0.0) + chance
    return found


@cache
def words(code: str) -> Words:
    """The frequent words of a language."""
    return read_words(DATA / "similarity" / "freq" / f"{code}.20k.txt.gz", code)


@cache
def tables(left: str, right: str) -> tuple[dict[str, list[tuple[str, float]]], dict[str, list[tuple[str, float]]]]:
    """Runs and skeletons of one language as the other has them."""
    lexicon = learn(words(min(left, right)), words(max(left, right)))
    lexicon = lexicon if lexicon.languages == (left, right) else lexicon.reversed()
    sides = [[skeleton(word) for word in plain_words(lexicon.pairs[side].to_list())] for side in ("left", "right")]
    return spelt(lexicon.grams, 4), spelt(learn_grams(*sides, letters=3), 3)


def spelt(table: GramTable, size: int) -> dict[str, list[tuple[str, float]]]:
    """A table by its letters."""
    found: dict[str, list[tuple[str, float]]] = {}
    for key, target, chance in table.frame().iter_rows():
        one, other = (number.to_bytes(4, "big")[4 - size :].decode() for number in (key, target))
        found.setdefault(one, []).append((other, chance))
    return found


def main() -> None:
    """Print MRR x 100 by group."""
    arms: dict[str, Callable[..., np.ndarray]] = {
        "S4": lambda s, k, g, gk, h, hk: s,
        "K3": lambda s, k, g, gk, h, hk: k,
        "S4 + .5 K3": lambda s, k, g, gk, h, hk: s + 0.5 * k,
        "S4 + K3": lambda s, k, g, gk, h, hk: s + k,
        "G4 + GK": lambda s, k, g, gk, h, hk: g + gk,
        "light: S4 + .5 K3 + G4 + .5 GK": lambda s, k, g, gk, h, hk: s + 0.5 * k + g + 0.5 * gk,
        "S4 + K3 + G4 + GK": lambda s, k, g, gk, h, hk: s + k + g + gk,
        "S4 + K3 + G4k + GKk": lambda s, k, g, gk, h, hk: s + k + h + hk,
        "S4 + K3 + 1.5 (G4k + GKk)": lambda s, k, g, gk, h, hk: s + k + 1.5 * (h + hk),
        "S4 + K3 + 2 (G4k + GKk)": lambda s, k, g, gk, h, hk: s + k + 2 * (h + hk),
    }
    found: dict[str, dict[str, list[float]]] = {name: {group: [] for group in KIN} for name in arms}
    for group, left, right, queries, candidates, truth in tasks():
        runs, bones = tables(left, right)
        of_runs = Index([Counter(grams(text, 4)) for text in candidates])
        of_bones = Index([Counter(grams(skeleton(text), 3)) for text in candidates])
        parts = [
            of_runs.scores([Counter(grams(text, 4)) for text in queries]),
            of_bones.scores([Counter(grams(skeleton(text), 3)) for text in queries]),
        ]
        for keep in (False, True):
            parts.append(of_runs.scores([translated(text, runs, 4, keep) for text in queries]))
            parts.append(of_bones.scores([translated(skeleton(text), bones, 3, keep) for text in queries]))
        for name, arm in arms.items():
            scores = arm(*parts)
            own = scores[np.arange(len(truth)), truth][:, None]
            ranks = np.where(own[:, 0] > 0, (scores >= own).sum(axis=1), np.inf)
            found[name][group] += (1 / ranks).tolist()
    print("| | " + " | ".join(KIN) + " |\n|---|" + "--:|" * len(KIN))
    for name, groups in found.items():
        print(f"| {name} | " + " | ".join(f"{100 * np.mean(values):.1f}" for values in groups.values()) + " |")
    print({group: len(values) for group, values in next(iter(found.values())).items()})


def mixed(codes: list[str]) -> None:
    """Print the MAP of the translations of a query among the sentences of all languages, its own too, by how scores of
    languages are set right; S4 + K3."""
    texts = {code: list(sentences(code).values()) for code in codes}
    places = {code: {key: n for n, key in enumerate(sentences(code))} for code in codes}
    starts = dict(zip(codes, np.cumsum([0, *(len(own) for own in texts.values())])[:-1].tolist(), strict=True))
    indexes = {
        code: [Index([Counter(grams(one, 4)) for one in own]), Index([Counter(grams(skeleton(one), 3)) for one in own])]
        for code, own in texts.items()
    }
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "as they are": lambda own: own,
        "z over all": lambda own: (own - np.nanmean(own, 1, keepdims=True)) / np.nanstd(own, 1, keepdims=True),
        "z over the best 100": lambda own: _over_best(own),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    crowd: dict[str, list[float]] = {name: [] for name in ways}
    for code in codes:
        keys = [key for key in places[code] if any(key in places[other] for other in codes if other != code)]
        asked = [sentences(code)[key] for key in keys]
        bags = [Counter(grams(one, 4)) for one in asked], [Counter(grams(skeleton(one), 3)) for one in asked]
        scores = {other: sum(i.scores(b) for i, b in zip(indexes[other], bags, strict=True)) for other in codes}
        scores[code][np.arange(len(keys)), [places[code][key] for key in keys]] = np.nan  # itself
        for name, way in ways.items():
            order = np.argsort(-np.nan_to_num(np.hstack([way(scores[other]) for other in codes]), nan=-1e9), 1)
            for row, key in zip(order, keys, strict=True):
                truth = [
                    starts[other] + places[other][key] for other in codes if other != code and key in places[other]
                ]
                ranks = np.flatnonzero(np.isin(row, truth)) + 1
                found[name].append(float((np.arange(1, len(ranks) + 1) / ranks).mean()))
                top = row[:6] - starts[code]
                crowd[name].append(float(((top >= 0) & (top < len(texts[code]))).mean()))
    for name, values in found.items():
        print(f"| {', '.join(codes)} | {name} | {100 * np.mean(values):.1f} | {100 * np.mean(crowd[name]):.0f}% |")


def rarity_of(texts: list[str], size: int) -> Callable[[str], float]:
    """How rare a gram is in a language: its idf in some sentences, over that of a gram that none has."""
    bags = [set(grams(text, size)) for text in texts]
    frequency = Counter(gram for bag in bags for gram in bag)
    most = np.log(1 + (len(bags) + 0.5) / 0.5)
    return lambda gram: float(np.log(1 + (len(bags) - frequency[gram] + 0.5) / (frequency[gram] + 0.5)) / most)


def bounded() -> None:
    """Print the MRR of nine pairs, both directions, S4 + K3 + 1.5 (G4k + GKk): as it is, and with no gram weighing more
    than its rarity in the query's own language allows."""
    found: dict[bool, list[float]] = {False: [], True: []}
    for pair in ("pt-es", "gl-es", "fr-es", "it-fr", "cs-pl", "uk-ru", "nl-de", "sv-da", "hr-sl"):
        for left, right in (pair.split("-"), pair.split("-")[::-1]):
            asked, held = sentences(left), sentences(right)
            keys = [key for key in asked if key in held][:FAR]
            queries, candidates = [asked[key] for key in keys], list(held.values())
            truth = [list(held).index(key) for key in keys]
            for bound in found:
                scores = np.zeros((len(queries), len(candidates)))
                for size, form, table in zip((4, 3), (str, skeleton), tables(left, right), strict=True):
                    index = Index([Counter(grams(form(text), size)) for text in candidates])
                    own = rarity_of([form(text) for text in asked.values()], size)
                    other = rarity_of([form(text) for text in candidates], size)

                    def kept(gram: str, target: str, own=own, other=other, bound=bound) -> float:  # type: ignore[no-untyped-def]
                        return min(1.0, own(gram) / max(other(target), 1e-9)) if bound else 1.0

                    bags = []
                    for text in queries:
                        bag = {gram: n * kept(gram, gram) for gram, n in Counter(grams(form(text), size)).items()}
                        for word in form(text).split():
                            for gram in grams(word, size):
                                for target, chance in table.get(gram, [(gram, 1.0)]):
                                    bag[target] = bag.get(target, 0.0) + 1.5 * chance * kept(gram, target)
                        bags.append(bag)
                    scores += index.scores(bags)
                truths = scores[np.arange(len(truth)), truth][:, None]
                ranks = np.where(truths[:, 0] > 0, (scores >= truths).sum(axis=1), np.inf)
                found[bound].append(100 * float(np.mean(1 / ranks)))
    print({("bounded" if bound else "as it is"): round(float(np.mean(each)), 1) for bound, each in found.items()})


def _over_best(own: np.ndarray) -> np.ndarray:
    best = np.sort(np.nan_to_num(own, nan=0.0), 1)[:, -100:]
    return (own - best.mean(1, keepdims=True)) / best.std(1, keepdims=True)


if __name__ == "__main__":
    if "--bounded" in sys.argv:
        bounded()
        sys.exit()
    for family in ("Romance", "Slavic"):
        mixed(KIN[family].split())
    main()
