"""What every term of the page means, to stand where the term is used."""

from collections.abc import Collection

from sprachbund.report.markup import Markup, details, element
from sprachbund.report.sections import verdict_mark
from sprachbund.statistics.comparison import (
    BETTER,
    LEAKS,
    MIN_DOCUMENTS,
    MIN_QUERIES,
    NO_DIFFERENCE,
    TOO_FEW,
    WORSE,
)

TASKS = {
    "NSP": "next sentence prediction: the query is a sentence, the truth the sentence that follows it.",
    "IC": "inverse cloze: the query is a sentence, the truth the sentences around the place where it stood.",
    "MRR": "mean reciprocal rank: the mean of 1 / rank of the truth; 1 is perfect. The primary measure.",
    "recall@k": "the share of queries with the truth among the first k candidates; with one truth a query it "
    "is the Success@k of the TREC tools.",
    "relative difference": "(arm − other) / other, from the means; the absolute one stands beside it.",
    "interval": "95%, from draws of documents with replacement, then of their queries; both arms share each.",
    "Holm": "with many languages some look better by luck; Holm’s correction holds the chance of one false "
    "claim or more under 5%.",
}
POOLS = {
    "unseen": "held-out documents of the language. It decides.",
    "mixed": "held-out documents of all languages together, as a multilingual index has them.",
    "paper": "up to 100,000 candidates from the training text, as in Arnold & Cohen 2021.",
    "paper-equal": "the same, cut to the size of unseen, so that the two can be compared.",
    "own": "truth and candidates all seen in training, the query sentence taken out: a folder searched with "
    "a model trained on it.",
}
ARMS = {
    "alone": "an encoder trained on the language alone.",
    "pooled": "one encoder trained on all languages together.",
    "control": "pooled, but no n-gram is shared between languages: what the pooled settings bring by themselves.",
    "placebo": "pooled, with the shared n-grams permuted among those of like frequency: sharing without meaning.",
    "bm25": "BM25 over words and character n-grams, tuned on dev like every arm.",
    "hybrid-alone, -pooled, -placebo": "the encoder’s score fused with that of the same BM25, weights chosen on dev.",
    "bm25-around": "BM25 where a candidate also counts the sentences around it, fading with distance; tuned on dev.",
    "whole-alone, -pooled, -placebo": "bm25-around fused with the encoder’s scores of the candidate by itself and "
    "with what surrounds it, weights chosen on dev.",
}
VERDICTS = {
    BETTER: "the interval of the absolute difference lies above zero.",
    WORSE: "it lies below zero.",
    NO_DIFFERENCE: "it holds zero. That is no proof of equality: hover over the cell for the smallest effect "
    "that could have been seen.",
    TOO_FEW: f"under {MIN_QUERIES} queries or {MIN_DOCUMENTS} documents: no claim either way.",
    LEAKS: "the null test failed: the pool tells what was trained on from what was not, so no claim is made.",
}


TASK_WORDS, POOL_WORDS = ("NSP", "IC"), tuple(POOLS)
_ALL = {**TASKS, **POOLS, **ARMS, **VERDICTS}


def arm_words(arms: Collection[str]) -> tuple[str, ...]:
    """The terms for the arms of a study; one term may stand for several, as in ``hybrid-alone, -pooled``."""

    def meant(term: str) -> set[str]:
        first, *rest = term.split(", ")
        return {first, *(f"{first.partition('-')[0]}{ending}" for ending in rest)}

    return tuple(term for term in ARMS if meant(term) & set(arms))


def terms(summary: str, *names: str) -> Markup:
    """The definitions of some terms, folded."""
    entries = [
        element("dt", verdict_mark(name) if name in VERDICTS else name) + element("dd", _ALL[name]) for name in names
    ]
    return details(summary, element("dl", [Markup(entry) for entry in entries], class_="glossary"))
