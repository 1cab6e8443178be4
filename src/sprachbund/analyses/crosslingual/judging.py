"""Sentences and their translations: each must find the other's among all of its language, in both directions.

The encoder has seen no pair, so what it finds comes from n-grams that languages share and from what pooling made of
them; the baselines say how much of that a look at the letters finds as well. Rank 1 is best, ties count against the
model, and a candidate that is the translation word for word once more does not compete with it.

Artetxe & Schwenk 2019 ask the same of Tatoeba's sentences (as error rates); the chance of a guess among n is 1 / n.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.analyses.crosslingual.scorers import BASELINES, ENCODER, scorers
from sprachbund.arrays import Float64, Int64
from sprachbund.cognates.learning import learn
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.words import Words, counted_words, words_of_corpus
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.languages import among, spoken
from sprachbund.lm.parallel_text import ParallelText, read_aligned, read_parallel
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.retrieval.ranking.ranks import lists, rank
from sprachbund.statistics import bootstrap_means, compare_draws, interval
from sprachbund.statistics.bootstrap import count_documents

__all__ = ["CHANCE", "MEASURES", "CrossLingual", "crosslingual", "judge_translations"]

CHANCE = "chance"
MEASURES = ("accuracy@1", "mrr")


@dataclass(frozen=True, eq=False)
class CrossLingual:
    """What found how many translations.

    Attributes:
        results: a row a direction (``from``, ``to``), arm (encoder, words, characters, cognates, chance) and measure:
            ``value``, ``low``, ``high`` (95%, over documents; none for chance), ``sentences``.
        comparisons: a row a direction, baseline and measure: the encoder against it, as in a study.
        ranks: a row a direction, arm, model and sentence (by its number).
        cognates: by the two languages how many pairs of words their lexicon has; 0 where chance gives as many.
        left_out: sentences that a language lacks.
    """

    results: pl.DataFrame
    comparisons: pl.DataFrame
    ranks: pl.DataFrame = field(repr=False)
    cognates: Mapping[tuple[str, str], int]
    left_out: int = 0


def crosslingual(
    model: Encoder | Path | str | Sequence[Encoder | Path | str],
    pairs: Path | str | Sequence[Path | str],
    languages: Sequence[str],
    *,
    corpus: Corpus | Path | str | None = None,
    seed: int = 0,
) -> CrossLingual:
    """Do sentences find their translations: a trained encoder beside baselines that see letters alone, and chance.

    Args:
        model: an encoder or its folder; of several, trained with other seeds, the mean for each sentence.
        pairs: a table with a column a language, a folder with a file a language, a corpus with groups, see
            `lm.parallel_text`; or a file for each language, a sentence a line.
        languages: two or more, by code or name; every one is searched for every other's sentences.
        corpus: from whose words cognates are learned; from the sentences themselves, each side by itself, if None.
        seed: of the intervals.

    Raises:
        SettingsError: fewer than two languages, or one twice. SourceError: the pairs cannot be read, or files have
            different numbers of lines. FolderError: a model or the corpus cannot be read.
    """
    codes = [spoken(each) for each in languages]
    if len(codes) < 2 or len(set(codes)) < len(codes):
        raise SettingsError(f"expected two languages or more, each once, found {', '.join(codes) or 'none'}")
    given = [model] if isinstance(model, Encoder | Path | str) else list(model)
    if not given:
        raise SettingsError("expected an encoder or several, found none")
    encoders = [each if isinstance(each, Encoder) else Encoder.load(Path(each)) for each in given]
    several = [pairs] if isinstance(pairs, Path | str) else list(pairs)
    text = read_parallel(several[0], languages) if len(several) == 1 else read_aligned(several, languages)
    text = ParallelText(dict(zip(codes, text.sentences.values(), strict=True)), text.groups, text.left_out)
    return judge_translations(encoders, text, corpus=corpus, seed=seed)


def judge_translations(
    encoders: Sequence[Encoder],
    text: ParallelText,
    *,
    corpus: Corpus | Path | str | None = None,
    seed: int = 0,
) -> CrossLingual:
    """`crosslingual` of what has been read; languages by their codes."""
    told = _told(text, corpus)
    results: list[dict[str, Any]] = []
    compared: list[dict[str, Any]] = []
    ranked: list[pl.DataFrame] = []
    known: dict[tuple[str, str], Cognates] = {}
    for one, other in permutations(text.sentences, 2):
        pair = (min(one, other), max(one, other))
        if pair not in known:
            known[pair] = learn(told[pair[0]], told[pair[1]])
        lexicon = known[pair] if pair[0] == one else known[pair].reversed()
        ranks, competing = _ranks(encoders, text, (one, other), lexicon)
        way = {"from": one, "to": other}
        ranked += [
            pl.DataFrame({**way, "arm": arm, "model": number, "sentence": np.arange(len(own)), "rank": own})
            for arm, models in ranks.items()
            for number, own in enumerate(models)
        ]
        own_results, own_compared = _summed(ranks, competing, text.groups, seed)
        results += [{**way, **row} for row in own_results]
        compared += [{**way, **row} for row in own_compared]
    return CrossLingual(
        pl.DataFrame(results, schema_overrides={"low": pl.Float64, "high": pl.Float64}), pl.DataFrame(compared),
        pl.concat(ranked), {pair: len(each) for pair, each in known.items()}, text.left_out,
    )  # fmt: skip


def _told(text: ParallelText, corpus: Corpus | Path | str | None) -> dict[str, Words]:
    """The words of each language that cognates are learned from."""
    if corpus is None:
        return {code: _words(code, sentences) for code, sentences in text.sentences.items()}
    opened = corpus if isinstance(corpus, Corpus) else Corpus.open(Path(corpus))
    return {code: words_of_corpus(opened, among([code], opened.languages, f"{opened.path}:")[0]) for code in
            text.sentences}  # fmt: skip


def _words(code: str, sentences: Iterable[str]) -> Words:
    counts: Counter[str] = Counter()
    read = analyse(tuple(sentences), code, bigrams=False, characters=())
    for number in range(len(read.sentences)):
        shown = read.text(number)
        counts.update(shown[low:high] for low, high in read.spans(number))
    try:
        return counted_words(code, counts)
    except CorpusError:
        raise CorpusError(f"{code}: none of the sentences has a word, so nothing can be found") from None


def _ranks(
    encoders: Sequence[Encoder], text: ParallelText, way: tuple[str, str], lexicon: Cognates
) -> tuple[dict[str, list[Int64]], Int64]:
    """By arm the ranks under each model, int64 [sentences]; and how many candidates compete, the truth among them."""
    queries, candidates = (text.sentences[code] for code in way)
    places: dict[str, list[int]] = {}
    for place, candidate in enumerate(candidates):
        places.setdefault(candidate, []).append(place)
    again = lists([np.array(places[candidate], np.int64) for candidate in candidates])
    truth, one = np.arange(len(candidates)), np.ones((1, 1), np.float32)
    found: dict[str, list[Int64]] = {}
    for number, encoder in enumerate(encoders):
        for arm, scorer in scorers(encoder, queries, candidates, way, lexicon).items():
            if arm == ENCODER or number == 0:
                found.setdefault(arm, []).append(rank([scorer], one, truth, len(candidates), again)[0])
    return found, len(candidates) - np.diff(again.offsets) + 1


def _summed(
    ranks: Mapping[str, Sequence[Int64]], competing: Int64, groups: Int64, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Means with their intervals, and the encoder against each baseline, from the same draws of documents."""
    columns = [(arm, measure) for arm in ranks for measure in MEASURES]
    values = np.column_stack([np.mean([_value(own, name) for own in ranks[arm]], axis=0) for arm, name in columns])
    draws = bootstrap_means(values, groups, seed=seed)
    means = values.mean(axis=0)
    rows = []
    for place, (arm, measure) in enumerate(columns):
        low, high = interval(draws[:, place])
        rows.append({"arm": arm, "measure": measure, "value": float(means[place]), "low": low, "high": high})
    harmonic = np.cumsum(1 / np.arange(1, len(groups) + 1))
    # of n that compete a guess has each rank as likely: 1 / n that it is the first, and the n-th harmonic number over n
    chances = {"accuracy@1": 1 / competing, "mrr": harmonic[competing - 1] / competing}
    rows += [
        {"arm": CHANCE, "measure": name, "value": float(chances[name].mean()), "low": None, "high": None}
        for name in MEASURES
    ]
    compared = []
    for measure in MEASURES:
        mine = columns.index((ENCODER, measure))
        trainings = np.array([_value(own, measure).mean() for own in ranks[ENCODER]])
        for baseline in BASELINES:
            other = columns.index((baseline, measure))
            found = compare_draws(
                float(means[mine]), float(means[other]), draws[:, mine], draws[:, other],
                items=len(groups), documents=count_documents(groups), arm_trainings=trainings,
            )  # fmt: skip
            compared.append({"against": baseline, "measure": measure, **asdict(found)})
    return [{**row, "sentences": len(groups)} for row in rows], compared


def _value(ranks: Int64, measure: str) -> Float64:
    found: Float64 = (ranks == 1).astype(np.float64) if measure == "accuracy@1" else 1.0 / ranks
    return found
