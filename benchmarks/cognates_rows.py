"""Whether a lexicon of cognates carries a neighbour's rows over better than equal and nearly equal spelling do.

    python benchmarks/cognates_rows.py [--target pt] [--start es] [--chapters 30 120] [--seeds 3]
                                       [--side dev --arms alone identical ... --out FILE] [--dictionary FILE.dix.gz]

Text, split, rates, judging and intervals are those of `continued.py`. The lexicon is learned from the words of the text
that is trained on: all of the start's, the chapters that are kept of the target's. ``cognates`` gives a word the row of
its partner and everything else the row of the same n-gram; the other arms say in which order ways are asked. What is
chosen by such a table is chosen on ``--side dev``.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from continued import RATES, ROOT, SETTINGS, TASK, interval, prepare, table
from sprachbund.cognates.correcting import oriented, with_dictionary
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.grams import GramTable
from sprachbund.cognates.learning import learn
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.romanising import plain_word
from sprachbund.cognates.words import Words, counted_words
from sprachbund.engines.processes import set_threads
from sprachbund.lab.near import near
from sprachbund.lab.row_map import GIVEN, IDENTICAL, NONE, RowMap, combine
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.start import Start
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking.judging import dense_scorer, dev_mrr, judge
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import change

ARMS = (
    "alone", "identical", "near", "cognates", "identical, cognates", "identical, cognates, near", "cognates, runs",
    "dictionary",
)  # fmt: skip
LEAST = 0.2  # probability of a run that is carried over


def words_of(encoded: EncodedCorpus, strings: pl.Series, orders: np.ndarray, language: str) -> Words:
    """The words of a language's training side."""
    counts = encoded.counts(language)[: len(strings)]  # those behind are not of the training side
    own = np.flatnonzero((orders == 1) & (counts > 0))
    return counted_words(language, zip(strings.gather(own).to_list(), counts[own].tolist(), strict=True))


class Maps:
    """Row maps from all n-grams of a corpus to the rows of a start model."""

    def __init__(
        self, encoded: EncodedCorpus, lexicon: Cognates, language: str, model: Model, with_it: Cognates
    ) -> None:
        vocabulary = encoded.vocabulary()
        self.strings, self.orders = vocabulary.strings, np.asarray(vocabulary.orders)
        self.row_of = model.rows[language].row[: len(vocabulary)].astype(np.int32)
        self.size, self.counts = len(model.table), encoded.counts(language)[: len(vocabulary)]
        self.lexicon, self.with_it = lexicon, with_it

    def identical(self) -> RowMap:
        """The same n-gram."""
        return RowMap.single(self.row_of, self.size, IDENTICAL)

    def near(self) -> RowMap:
        """The same, or spelt nearly so."""
        known = np.flatnonzero(self.row_of >= 0)
        found = near(
            self.strings,
            self.strings.gather(known),
            self.counts[known],
            kinds=self.orders,
            start_kinds=self.orders[known],
        )
        return RowMap(found.offsets, self.row_of[known][found.rows], found.weights, found.how, self.size)

    def words(self, lexicon: Cognates) -> RowMap:
        """Words to the words that a lexicon (start to target) gives, equal shares of several."""
        start = {word: n for n, word in enumerate(self.strings) if self.orders[n] == 1 and self.row_of[n] >= 0}
        given: dict[str, list[tuple[int, float]]] = {}
        for left, right in lexicon.pairs.select("left", "right").iter_rows():
            if left in start:
                given.setdefault(right, []).append((int(self.row_of[start[left]]), 1.0))
        return self._map(lambda n, text: given.get(text, []) if self.orders[n] == 1 else [])

    def runs(self, grams: GramTable) -> RowMap:
        """Runs of four letters to those that the table (target to start) gives, in the most frequent spelling."""
        spelt: dict[str, int] = {}
        for n in np.argsort(-self.counts, kind="stable"):
            if self.orders[n] == -4 and self.row_of[n] >= 0 and len(plain := self._plain(int(n))) == 4:
                spelt.setdefault(plain, int(self.row_of[n]))

        def rows(n: int, _: str) -> list[tuple[int, float]]:
            if self.orders[n] != -4 or len(plain := self._plain(n)) != 4:
                return []
            found = [(gram, p) for gram, p in grams.of(plain) if p >= LEAST and gram in spelt]
            return [(spelt[gram], p) for gram, p in found]

        return self._map(rows)

    def _plain(self, n: int) -> str:
        text = self.strings[n]
        inside = plain_word(text.strip("<>"))
        return f"{' ' if text.startswith('<') else ''}{inside}{' ' if text.endswith('>') else ''}"

    def _map(self, rows: Callable[[int, str], list[tuple[int, float]]]) -> RowMap:
        each = [rows(n, text) for n, text in enumerate(self.strings)]
        sizes = np.array([len(found) for found in each], np.int64)
        flat = [pair for found in each for pair in found]
        weights = np.array([weight for _, weight in flat], np.float64)
        owner = np.repeat(np.arange(len(each)), sizes)
        share = weights / np.bincount(owner, weights, len(each))[owner]
        return RowMap(
            np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))),
            np.array([row for row, _ in flat], np.int32),
            share.astype(np.float32),
            np.where(sizes > 0, GIVEN, NONE).astype(np.uint8),
            self.size,
        )

    def of(self, arm: str) -> RowMap:
        """The map of an arm: ways in the order in which they are asked."""
        if arm == "near":
            return self.near()
        found: RowMap | None = None
        for way in arm.split(", "):
            if way == "identical":
                one = self.identical()
            elif way == "cognates":
                one = self.words(self.lexicon)
            elif way == "dictionary":
                one = self.words(self.with_it)
            elif way == "runs":
                one = combine(self.identical(), self.runs(self.lexicon.back))
            else:
                one = self.near()
            found = one if found is None else combine(found, one)
        assert found is not None
        return combine(found, self.identical())


def measure(
    encoded: EncodedCorpus, target: str, start: str, chapters: int, seeds: int, side: str, arms: Sequence[str],
    dictionary: Path | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """A row an arm, as `continued.measure`."""
    vocabulary = encoded.vocabulary()
    orders = np.asarray(vocabulary.orders)
    ours, theirs = (words_of(encoded, vocabulary.strings, orders, code) for code in (start, target))
    lexicon = learn(ours, theirs)
    with_it = lexicon
    if dictionary is not None:
        with_it, _ = with_dictionary(lexicon, oriented(read_dictionary(dictionary).pairs, lexicon)[0])
    print(chapters, lexicon, with_it, flush=True)
    dev, judged = (make_pool(encoded, "unseen", target, TASK, SETTINGS, side=each) for each in ("dev", side))
    starts = [train_model(encoded, TASK, SETTINGS, languages=(start,), seed=100 + seed)[0] for seed in range(seeds)]
    used = np.flatnonzero(encoded.counts(target)[: len(vocabulary)] > 0)
    values = {}
    for arm in arms:

        def made(rate: float, seed: int, arm: str = arm) -> Model:
            going = None
            if arm != "alone":
                row_map = Maps(encoded, lexicon, start, starts[seed], with_it).of(arm)
                if (rate, seed) == (RATES[0], 0):
                    print(f"  {arm}: {row_map.take(used)}", flush=True)
                going = Start(starts[seed], "table", row_map)
            settings = change(SETTINGS, rate=rate)
            return train_model(encoded, TASK, settings, languages=(target,), seed=seed, start=going)[0]

        tried = {rate: dev_mrr(made(rate, 0), encoded, dev) for rate in RATES}
        best = max(tried, key=lambda rate: tried[rate])
        models = [made(best, seed) for seed in range(seeds)]
        ranks = [1 / judge(judged, [dense_scorer(model, encoded, judged)], [1.0]).truth for model in models]
        values[arm] = np.mean(ranks, axis=0)
        print(f"{start} to {target}, {chapters}: {arm} {values[arm].mean():.4f} at {best}", flush=True)
    pairs = len(encoded.language(target).pairs(TASK, SETTINGS, "train"))
    groups = np.asarray(judged.groups)
    rows = []
    for arm, found in values.items():
        row = {"target": target, "start": start, "chapters": chapters, "pairs": pairs, "arm": arm}
        over = interval(found, values["identical"], groups) if "identical" in values else {}
        rows.append(row | {"mrr": float(found.mean()), "over": over, **interval(found, values["alone"], groups)})
    return rows


def beside_identical(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: each arm against rows of the same n-grams."""
    lines = ["| arm | chapters | against `identical` |", "|---|--:|---|"]
    for row in rows:
        if row["over"] and row["arm"] not in ("alone", "identical"):
            over = row["over"]
            told = f"{over['relative']:+.1%} ({over['low']:+.1%} to {over['high']:+.1%})"
            lines.append(f"| {row['arm']} | {row['chapters']} | {told} |")
    return "\n".join(lines)


def main() -> None:
    """Run it and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--start", default="es")
    parser.add_argument("--chapters", nargs="+", type=int, default=[30, 120])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--side", choices=("dev", "test"), default="test")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), help="alone is always among them")
    parser.add_argument("--dictionary", type=Path, help="for the arm of that name; without it the lexicon as it is")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "cognates-rows.md")
    given = parser.parse_args()
    set_threads(1)
    rows: list[dict[str, Any]] = []
    for chapters in given.chapters:
        with tempfile.TemporaryDirectory() as folder:
            # a third language, for only chapters that two languages share are ranked together
            encoded = prepare(Path(folder), given.target, [given.start, "en"], chapters)
            arms = list(dict.fromkeys(("alone", *given.arms)))
            rows += measure(
                encoded, given.target, given.start, chapters, given.seeds, given.side, arms, given.dictionary
            )
    given.out.write_text(
        "# Rows carried over by cognates\n\n"
        f"MRR on {given.side} (inverse cloze, pool `unseen`, {given.seeds} seeds), and the relative difference from "
        "`alone` with its 95%\ninterval over chapters. Made by `benchmarks/cognates_rows.py`, which says how.\n\n"
        + table(rows)
        + "\n"
        + beside_identical(rows)
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
