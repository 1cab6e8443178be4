"""The laboratory on worlds whose truth is known: does it find what was put in, and nothing where there is nothing?

    python benchmarks/simulated.py            # all parts, some 20 minutes of a core; writes results/simulated.md
    python benchmarks/simulated.py --only transitive --seeds 3

Every study: the preset ``paper`` (a linear bag of words in batches of one language) with small vectors, next sentence
prediction, the pool of unseen candidates, MRR, `statistics.compare` over documents. A world and its trainings have one
seed each; another seed is another world.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.corpus.store import Corpus
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.progress import Silent
from sprachbund.retrieval.encoder.reuse import Asked, encode_once
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.ranking.judging import judge
from sprachbund.retrieval.settings import change
from sprachbund.simulation.declaring import cut_off
from sprachbund.simulation.simulating import simulate
from sprachbund.simulation.world import Documents, Meanings, Tongue, World
from sprachbund.statistics import Comparison, compare
from sprachbund.statistics.power import measure, scatter

PAGE = Path(__file__).parent / "results" / "simulated.md"
MEANINGS = Meanings(concepts=2_000, grammatical=30, topics=48, subtopics=1, zipf=0.2, general=0.25, topical=0.0)
DOCUMENTS = Documents(paragraphs=(2, 3), sentences_each=(5, 8))
SHORT = Documents(paragraphs=(2, 3), sentences_each=(5, 8), words_each=(3, 4))
"""Two words or three of a sentence are of its topic, so that words of one language hardly teach each other."""
SETTINGS = {
    "dim": 64, "least_words": 3, "bigram_weight": 0.0, "batch": 256, "rate": 0.2, "shares": (0.5, 0.05, 0.45),
}  # fmt: skip
LARGE, PIVOT, SMALL = 12_000, 4_000, 6_000
"""Sentences of the auxiliary, the pivot and the target; of the target only so many of the training side are learned:"""
FEW, SOME = 150, 500
DRAWS = 2_000
FIRST = {"transitive": 201, "long": 101, "permuted": 201, "kinship": 101}
"""Seeds of the worlds; those of 31 to 52 were looked at while the worlds were made."""


def world(languages: Mapping[str, Tongue], seed: int, documents: Documents = DOCUMENTS) -> World:
    """A world of the common meanings."""
    return World(languages, seed, MEANINGS, documents)


def linked(seed: int, pivot: int = PIVOT, documents: Documents = SHORT) -> World:
    """Auxiliary and target share no word; the pivot's sentences are in the words of the one and the other in turn."""
    return world(
        {
            "qaa": Tongue(LARGE),
            "qtt": Tongue(SMALL, alike={"qaa": 0.0}),
            "qpp": Tongue(pivot, switching={"qaa": 0.5, "qtt": 0.5}),
        },
        seed,
        documents,
    )


def mixed_words(seed: int) -> World:
    """The same, but the pivot's own words are half the auxiliary's and half the target's, mixed in every sentence."""
    return world(
        {
            "qaa": Tongue(LARGE),
            "qtt": Tongue(SMALL, alike={"qaa": 0.0}),
            "qpp": Tongue(PIVOT, borrowed={"qaa": 0.5, "qtt": 0.5}),
        },
        seed,
        SHORT,
    )


@dataclass(frozen=True)
class Judged:
    """Reciprocal ranks of the queries of one language, and the document of each."""

    values: np.ndarray
    groups: np.ndarray

    def against(self, other: "Judged") -> "Pair":
        """This arm against another."""
        return Pair(self, other, compare(self.values, other.values, self.groups, DRAWS))


@dataclass(frozen=True)
class Pair:
    """Two arms in one world, and how they compare."""

    arm: Judged
    other: Judged
    found: Comparison


def together(arms: Sequence[Judged], others: Sequence[Judged]) -> Comparison:
    """Two arms over the items of several worlds, whose documents are all different."""
    groups, first = [], 0
    for each in arms:
        groups.append(np.unique(each.groups, return_inverse=True)[1] + first)
        first = int(groups[-1].max()) + 1
    values = [np.concatenate([each.values for each in side]) for side in (arms, others)]
    return compare(*values, np.concatenate(groups), DRAWS)


class Laboratory:
    """One world, encoded once; models of it and how they do."""

    def __init__(
        self, made: World, folder: Path, most: Mapping[str, int], *, write: Any = simulate, **settings: Any
    ) -> None:
        self.most = most
        write(made, folder / "corpus")
        corpus = Corpus.open(folder / "corpus", check=False)
        own = change("paper", **{**SETTINGS, **settings})
        asked = Asked(corpus.languages, own, bigrams=False, characters=(), cut=False)
        encoded = encode_once(corpus, folder / "encoded", asked, None, lambda what, total=None: nullcontext(Silent()))
        self.kind = RetrievalKind(encoded.path, own)

    def recipe(self, languages: Sequence[str], seed: int, **options: Any) -> Recipe:
        """A model of the text of some languages together; of the small ones only a part is learned."""
        shares = {code: Share(sentences=self.most.get(code, 0)) for code in languages}
        return Recipe("nsp", shares, options, seed)

    def model(self, languages: Sequence[str], seed: int, **options: Any) -> Any:
        """Trained."""
        return self.kind.train(self.recipe(languages, seed, **options), None)

    def judged(self, model: Any, language: str) -> Judged:
        """On the test side of a language."""
        pool = self.kind.pool("nsp", language)
        ranks = judge(pool, [self.kind._dense(model, pool)], [1.0])
        return Judged(1.0 / ranks.truth, pool.groups)

    def of(self, languages: Sequence[str], seed: int, target: str, **options: Any) -> Judged:
        """Train and judge."""
        return self.judged(self.model(languages, seed, **options), target)


def transitive(seed: int, folder: Path) -> dict[str, Pair]:
    """Short sentences: target and pivot, then with the auxiliary linked, cut off, and cut off with another training."""
    return _chain(linked(seed), seed, folder)


def long(seed: int, folder: Path) -> dict[str, Pair]:
    """The same with sentences of 6 to 14 words and a pivot of 1,000 sentences."""
    return _chain(linked(seed, 1_000, DOCUMENTS), seed, folder)


def _chain(whole: World, seed: int, folder: Path) -> dict[str, Pair]:
    lab = Laboratory(whole, folder / "linked", {"qtt": FEW})
    base, alone = lab.of(("qpp", "qtt"), seed, "qtt"), lab.of(("qtt",), seed, "qtt")
    found = {
        "pivot beside the target": base.against(alone),
        "auxiliary, linked": lab.of(("qaa", "qpp", "qtt"), seed, "qtt").against(base),
        "auxiliary without the pivot": lab.of(("qaa", "qtt"), seed, "qtt").against(alone),
    }
    cut = Laboratory(cut_off(whole, "qaa"), folder / "cut", {"qtt": FEW})
    found["auxiliary, cut"] = cut.of(("qaa", "qpp", "qtt"), seed, "qtt").against(base)
    found["auxiliary, cut, another training"] = cut.of(("qaa", "qpp", "qtt"), seed + 1_000, "qtt").against(base)
    return found


def permuted(seed: int, folder: Path) -> dict[str, Pair]:
    """The link that leads astray, words mixed in every sentence, and as much more of the pivot's text instead."""
    whole = Laboratory(linked(seed), folder / "linked", {"qtt": FEW})
    base = whole.of(("qpp", "qtt"), seed, "qtt")
    astray = Laboratory(cut_off(linked(seed), "qaa", "permuted"), folder / "permuted", {"qtt": FEW})
    found = {"auxiliary, permuted": astray.of(("qaa", "qpp", "qtt"), seed, "qtt").against(base)}
    more = linked(seed)
    larger = Tongue(PIVOT + LARGE, switching=more.languages["qpp"].switching)
    more = world({**more.languages, "qaa": Tongue(50), "qpp": larger}, seed, SHORT)
    extra = Laboratory(more, folder / "more", {"qtt": FEW})
    found["as much pivot text instead"] = extra.of(("qpp", "qtt"), seed, "qtt").against(base)
    inside = Laboratory(mixed_words(seed), folder / "mixed", {"qtt": FEW})
    mixed = inside.of(("qpp", "qtt"), seed, "qtt")
    found["auxiliary, words mixed in the pivot's sentences"] = inside.of(("qaa", "qpp", "qtt"), seed, "qtt").against(
        mixed
    )
    return found


def kinship(seed: int, folder: Path) -> dict[str, Pair]:
    """A small language of the large one's family, a stranger with a few words by chance, and one of false friends."""
    made = world(
        {
            "proto": Tongue(0),
            "qaa": Tongue(LARGE, parent="proto", kept=0.9),
            "qkk": Tongue(SMALL, parent="proto", kept=0.8, sound_changes=1),
            "qss": Tongue(SMALL, false_friends={"qaa": 0.02}),
            "qff": Tongue(SMALL, false_friends={"qaa": 0.6}),
        },
        seed,
    )
    lab = Laboratory(made, folder / "kin", dict.fromkeys(("qkk", "qss", "qff"), SOME))
    found = {}
    for code, what in (("qkk", "kin"), ("qss", "stranger"), ("qff", "false friends")):
        found[what] = lab.of(("qaa", code), seed, code).against(lab.of((code,), seed, code))
    return found


SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)


def mixtures(seed: int, folder: Path) -> tuple[float, list[float], list[Judged]]:
    """A small language and its large kin, the pairs drawn in all fixed, by the small one's share: native first.

    Returns:
        The native share; by share, the native one first, MRR on dev and the test side.
    """
    made = world({"qaa": Tongue(LARGE), "qkk": Tongue(SMALL, alike={"qaa": 0.5})}, seed)
    lab = Laboratory(made, folder / "mixtures", {"qkk": SOME})
    text = lab.kind._text(lab.recipe(("qaa", "qkk"), seed))
    sizes = {code: len(text.language(code).pairs("nsp", lab.kind.settings, "train")) for code in ("qaa", "qkk")}
    native = sizes["qkk"] / sum(sizes.values())
    dev, test = [], []
    for share in (native, *SHARES):
        model = lab.model(("qaa", "qkk"), seed, weights={"qkk": share, "qaa": 1 - share})
        dev.append(lab.kind.score(model, "nsp", "qkk"))
        test.append(lab.judged(model, "qkk"))
    return native, dev, test


def scatters(folder: Path, trainings: int = 8) -> dict[str, float]:
    """How pooled less alone scatters in one world: what `sprachbund plan` plans with by itself."""
    made = world({"qaa": Tongue(LARGE), "qkk": Tongue(SMALL, alike={"qaa": 0.4})}, 7)
    lab = Laboratory(made, folder / "scatter", {"qkk": SOME})
    alone = [lab.of(("qkk",), seed, "qkk") for seed in range(1, trainings + 1)]
    pooled = [lab.of(("qaa", "qkk"), seed, "qkk") for seed in range(1, trainings + 1)]
    differences = np.column_stack([a.values - b.values for a, b in zip(pooled, alone, strict=True)])
    mean = float(np.mean([each.values.mean() for each in alone]))
    measured = measure(differences, alone[0].groups, mean)
    found = scatter(measured)
    inside = differences - differences.mean(axis=1, keepdims=True) - differences.mean(axis=0) + differences.mean()
    return {
        "trainings": trainings,
        "against": mean,
        "documents": found.documents,
        "items": found.items,
        "seeds": found.seeds,
        "items_by_seed": float(inside.std() * (trainings / (trainings - 1)) ** 0.5),
        "items_per_document": found.items_per_document,
        "items_per_sentence": len(alone[0].values) / (SMALL * SETTINGS["shares"][2]),  # type: ignore[index]
    }


def line(name: str, pairs: Sequence[Pair]) -> str:
    """A row: all worlds together, then world by world how many intervals say what."""
    whole = together([each.arm for each in pairs], [each.other for each in pairs])
    single = [each.found for each in pairs]
    above, below = (sum(each.absolute_low > 0 for each in single), sum(each.absolute_high < 0 for each in single))
    change_of_all = f"{whole.relative:+.1%} [{whole.low:+.1%}, {whole.high:+.1%}]"
    cells = [
        name, f"{len(pairs)}", f"{whole.against_mean:.4f}", change_of_all,
        f"{min(each.relative for each in single):+.1%} to {max(each.relative for each in single):+.1%}",
        f"{above}", f"{len(pairs) - above - below}", f"{below}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| arm | worlds | MRR before | change, all worlds | lowest to highest | above zero | covers zero | below zero |\n"
    "|---|---|---|---|---|---|---|---|"
)


def _repeated(part: Any, seeds: Sequence[int]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = {}
    for seed in seeds:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            for name, one in part(seed, Path(folder)).items():
                found.setdefault(name, []).append(one)
        said = ", ".join(f"{name} {one[-1].found.relative:+.1%}" for name, one in found.items())
        print(f"{part.__name__} {seed}: {said} ({time.monotonic() - started:.0f} s)", flush=True)
    return found


def _mixture_rows(seeds: Sequence[int]) -> list[str]:
    devs, tests, native = [], [], 0.0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            native, dev, test = mixtures(seed, Path(folder))
        devs.append(dev)
        tests.append(test)
        print(f"mixtures {seed}: {native:.3f} {' '.join(f'{each:.3f}' for each in dev)}", flush=True)
    rows = [
        "| share of the small language | dev MRR | test MRR | against its native share, all worlds |",
        "|---|---|---|---|",
    ]
    for place, share in enumerate((native, *SHARES)):
        one = together([each[place] for each in tests], [each[0] for each in tests])
        said = f"{one.relative:+.1%} [{one.low:+.1%}, {one.high:+.1%}]" if place else "native"
        rows.append(f"| {share:.3f} | {np.mean([each[place] for each in devs]):.3f} | {one.arm_mean:.3f} | {said} |")
    best = [(native, *SHARES)[int(np.argmax(dev))] for dev in devs]
    return [*rows, "", f"Chosen on dev, world by world: {', '.join(f'{share:.3f}' for share in best)}."]


def main() -> None:
    """Run the parts and write what each found beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("transitive", "long", "permuted", "kinship", "mixtures", "scatter"))
    parser.add_argument("--seeds", type=int, default=0, help="worlds of each part; 20, and 6 for all but the first")
    asked = parser.parse_args()
    for part, usual in ((transitive, 20), (long, 20), (permuted, 4), (kinship, 6)):
        if asked.only in (None, part.__name__):
            found = _repeated(part, range(FIRST[part.__name__], FIRST[part.__name__] + (asked.seeds or usual)))
            _keep(part.__name__, [HEAD, *(line(name, each) for name, each in found.items())])
    if asked.only in (None, "mixtures"):
        _keep("mixtures", _mixture_rows(range(101, 101 + (asked.seeds or 6))))
    if asked.only in (None, "scatter"):
        with tempfile.TemporaryDirectory() as folder:
            _keep("scatter", [json.dumps(scatters(Path(folder)), indent=1)])


def _keep(part: str, rows: list[str]) -> None:
    """Put the rows of a part in the place of the earlier ones, in results/simulated.md."""
    print("\n".join(rows), flush=True)
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, _, rest = text.partition(begin)
    PAGE.write_text(f"{before}{begin}\n{chr(10).join(rows)}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
