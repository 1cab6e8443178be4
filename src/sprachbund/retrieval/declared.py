"""Retrieval in its own words: what a study of it measures, compares and shows."""

from functools import partial

import numpy as np
import numpy.typing as npt

from sprachbund.lab.declaration import (
    Baseline,
    Contrast,
    Declaration,
    NullTest,
    Pair,
    Pool,
    Size,
    Table,
    Task,
    View,
    Words,
)
from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import PAIRS
from sprachbund.retrieval.ranking.judging import RECALL_AT
from sprachbund.retrieval.trials import FEATURES, MIXTURE_ONLY
from sprachbund.statistics.comparison import NULL_TOLERANCE

__all__ = ["DECLARATION", "MEASURES", "ROWS"]

ALGORITHM = 3
ROWS = "rows"
"""The one part of a model: its rows, by the keys of n-grams."""
Floats = npt.NDArray[np.float64]


def reciprocal(ranks: Floats) -> Floats:
    """1 / rank."""
    return 1.0 / ranks


def within(k: int, ranks: Floats) -> Floats:
    """Whether a rank is within a cut."""
    return (ranks <= k).astype(np.float64)


MEASURES = (
    Measure("mrr", "MRR", of=reciprocal),
    *(Measure("recall", f"recall@{k}", k=k, of=partial(within, k)) for k in RECALL_AT),
)

NAMES = {
    ("pooled", "alone"): "transfer",
    ("hybrid-pooled", "hybrid-alone"): "hybrid_transfer",
    ("whole-pooled", "whole-alone"): "whole_transfer",
}
"""What pairs are called in rows and in JSON."""
MODELS = ("alone", "pooled", "control", "placebo", "mixed", "continued", "rows", "frozen", "longer")

DECLARATION = Declaration(
    name="retrieval",
    version=ALGORITHM,
    title="Transfer between languages",
    question="Does one model trained on {languages} together find more than a model trained on each language alone",
    tasks=(
        Task("nsp", "NSP", "next sentence prediction: given a sentence, find the one that follows it"),
        Task("ic", "IC", "inverse cloze: given a sentence, find the sentences around the place where it stood"),
    ),
    measures=MEASURES,
    pools=(
        Pool("unseen", "held-out documents of the language. It decides."),
        Pool("mixed", "held-out documents of all languages together, as a multilingual index has them."),
        Pool(
            "paper-equal",
            "up to 100,000 candidates from the training text, as in Arnold & Cohen 2021, cut to the size "
            "of unseen, so that the two can be compared.",
        ),
        Pool("paper", "up to 100,000 candidates from the training text, as in Arnold & Cohen 2021."),
        Pool(
            "own", "truth and candidates all seen in training, the query sentence taken out: a folder searched with a "
            "model trained on it.",
        ),
    ),
    views=(
        View(
            "hybrid", "the encoder’s score of an arm fused with that of the same BM25, weights chosen on dev.",
            "with BM25 fused into both sides",
        ),
        View(
            "whole",
            "bm25-around fused with the encoder’s scores of the candidate by itself and with what surrounds it, "
            "weights chosen on dev.",
            "with BM25 and the text around each candidate on both sides",
            "In the whole search, with BM25 and the text around each passage,",
        ),
    ),
    baselines=(
        Baseline("bm25", "BM25 over words and character n-grams, tuned on dev like every arm."),
        Baseline(
            "bm25-around", "BM25 where a candidate also counts the sentences around it, fading with distance; tuned on "
            "dev.",
        ),
    ),
    pairs=(
        *(Pair(*pair, name=NAMES.get(pair, "")) for pair in PAIRS),
        *(
            Pair(f"{view}-{arm}", f"{view}-{against}", name=NAMES.get((f"{view}-{arm}", f"{view}-{against}"), ""))
            for view, pairs in (
                ("hybrid", (("pooled", "alone"), ("pooled", "placebo"))),
                ("whole", (*PAIRS[:5], ("frozen", "alone"), ("pooled", "placebo"))),
            )
            for arm, against in dict.fromkeys(pairs)
        ),
        Pair(
            "hybrid-pooled", "bm25", "the pooled hybrid is better than tuned BM25 in {better} and worse in {worse}",
            "hybrid_against_bm25",
        ),
        Pair("hybrid-alone", "bm25"),
        Pair("alone", "bm25"),
        Pair("pooled", "bm25"),
        Pair(
            "whole-pooled", "bm25", "the pooled whole is better than tuned BM25 in {better} and worse in {worse}",
            "whole_against_bm25",
        ),
        Pair("whole-alone", "bm25"),
        Pair(
            "whole-pooled", "bm25-around", "the pooled whole is better than tuned BM25 with the text around each "
            "candidate in {better} and worse in {worse}", "whole_against_around",
        ),
        Pair("whole-alone", "bm25-around"),
        Pair("bm25-around", "bm25"),
    ),
    tables=(
        Table(
            "among unseen candidates",
            (*MODELS, "bm25", "hybrid-alone", "hybrid-pooled"),
            (
                *(("pooled", "alone"), ("continued", "alone"), ("rows", "alone"), ("frozen", "alone")),
                *(("mixed", "alone"), ("hybrid-pooled", "hybrid-alone"), ("hybrid-pooled", "bm25")),
            ),
        ),
        Table(
            "among unseen candidates that count the text around them",
            ("bm25", "bm25-around", *(f"whole-{arm}" for arm in ("alone", "pooled", "continued", "rows", "frozen"))),
            (
                *(("whole-pooled", "whole-alone"), ("whole-continued", "whole-alone")),
                *(("whole-pooled", "bm25"), ("whole-pooled", "bm25-around")),
            ),
        ),
    ),
    item=Words("query", "queries"),
    document=Words("document", "documents"),
    example=Words("training pair", "training pairs"),
    examples="train_pairs",
    sizes=(
        Size("documents", "documents"),
        Size("sentences", "sentences"),
        Size("train_pairs", "training pairs"),
        Size("dev_queries", "queries, dev"),
        Size("test_queries", "queries, test"),
        Size("test_documents", "documents, test"),
        Size("left_out_sentences", "template sentences left out"),
        Size("left_out_documents", "template documents left out"),
        Size("duplicate_sentences", "duplicate sentences"),
        Size("leaked_sentences", "sentences on two sides"),
        Size("coverage_types", "vocabulary covers, types", share=True),
        Size("coverage_tokens", "vocabulary covers, tokens", share=True),
    ),
    rows=ROWS,
    refuses={
        "respelled": "retrieval reads no text in another language's words",
        "dropped": "an encoder has rows and no layers",
        "synthetic": "a corpus of text marks none of it as synthetic",
    },
    mixture_options=(*MIXTURE_ONLY, "mixture"),
    shape_options=FEATURES,
    contrasts=(
        Contrast(
            "Memorisation gap", "unseen", "paper-equal", "recall", 1,
            ("unseen candidates", "candidates from training"), ("alone", "pooled", "bm25"),
            "How much easier a query becomes when all other candidates come from the training text. BM25 does not "
            "train, so its gap is that of the texts; what an encoder has beyond it is memory of its training "
            "candidates, which it has pushed away from all queries but their own.",
        ),
    ),
    null=NullTest(
        "recall", 1, NULL_TOLERANCE,
        "For the null test every query is given the truth of another query. In an honest pool that stranger comes "
        "first about once in as many queries as there are candidates (chance).",
        "There a model ranks candidates by whether it saw them in training, not by whether they fit, so values from "
        "such a pool say nothing about search and get no verdict.",
    ),
    glossary={
        "MRR": "mean reciprocal rank: the mean of 1 / rank of the truth; 1 is perfect. The primary measure.",
        "recall@k": "the share of queries with the truth among the first k candidates; with one truth a query it is "
        "the Success@k of the TREC tools.",
    },
)  # fmt: skip
