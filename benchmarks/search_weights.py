"""What an index scores with: the constants of `search.fusion`, tried on dev.

    python benchmarks/search_weights.py --model MODEL --corpus CORPUS

CORPUS is what ``wikipedia`` was ingested to, MODEL an encoder (`best`) trained on it. Sentences are taken out of dev
documents, as `search.tuning` does, and must find their passage: in their own language (*own*), and among all
languages (*all*). Writes benchmarks/results/search-weights.{md,json}: the geometric mean of MRR over languages with 20
queries, a row a variant, a column a weight of the encoder.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sprachbund import Corpus, Encoder, Index
from sprachbund.retrieval.ranking.bm25 import BM25Settings, inverse_document_frequency
from sprachbund.search import searching
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.forms import CHARACTER, WORD
from sprachbund.search.fusion import Fusion, default_fusion
from sprachbund.search.scoring import complete
from sprachbund.search.searching import Question, Scope, ask, terms_of
from sprachbund.search.tuning import LEAST_QUERIES, Removed, held_out, places_of, take_out

RESULTS = Path(__file__).resolve().parent / "results"
WEIGHTS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 2.0, 4.0, 8.0)
QUERIES = 60


@dataclass(frozen=True)
class Variant:
    """One way to score. few: see `searching.FEW`, None to count all languages together. divided: by the query."""

    name: str
    fusion: Fusion
    searched: str = "own"
    few: int | None = 300
    divided: bool = True


def variants(start: Fusion) -> list[Variant]:
    """The constants, and what was tried beside them."""

    def bm25(k1: float, b: float, power: float = 1.5, characters: float = 0.5) -> Fusion:
        words = BM25Settings("lucene", k1, b, power)
        return replace(start, words=words, characters=replace(words, k1=k1 + 0.8), character_weight=characters)

    chosen = bm25(1.2, 0.75)
    return [
        Variant("as it is", chosen),
        Variant("not divided by the query", chosen, divided=False),
        *(Variant(f"b {b}", bm25(1.2, b)) for b in (0.2, 0.4, 0.6, 1.0)),
        *(Variant(f"k1 {k1}", bm25(k1, 0.75)) for k1 in (0.8, 2.0)),
        *(Variant(f"idf to the power {power}", bm25(1.2, 0.75, power)) for power in (1.0, 2.0)),
        *(Variant(f"characters {weight}", bm25(1.2, 0.75, 1.5, weight)) for weight in (0.0, 0.25, 1.0)),
        Variant("as it is", chosen, "all"),
        *(Variant(f"few {few}", chosen, "all", few) for few in (100, 1_000, 3_000)),
        Variant("frequencies of all languages together", chosen, "all", None),
    ]


def mass(scope: Scope, question: Question, fusion: Fusion) -> float:
    """What the n-grams of a query weigh before the division."""
    places = [segment.collection.postings.find(question.entries.keys) for segment in scope.segments]
    frequency = searching._frequencies(scope, places, len(question.entries.keys))
    total = 0.0
    for feature, settings, weight in (
        (WORD, fusion.words, 1.0),
        (CHARACTER, fusion.characters, fusion.character_weight),
    ):
        own = (question.entries.features == feature) & (frequency > 0)
        idf = inverse_document_frequency(frequency[own], max(1, scope.passages), settings)
        total += (
            float((question.entries.counts[own] * idf).sum()) * weight * np.log1p(scope.passages) ** -settings.idf_power
        )
    return total


def measure(index: Index, variant: Variant, asked: dict[str, list[Removed]]) -> list[float]:
    """The geometric mean of MRR over languages at each weight of the encoder."""
    searching.FEW = variant.few if variant.few is not None else 1 << 60
    vectors = {segment.name: segment.dense.vectors(np.arange(len(segment))) for segment in index.segments}
    found = []
    for language, queries in asked.items():
        segments = [s for s in index.segments if variant.searched == "all" or s.language == language]
        scope = Scope.of(segments, variant.fusion)
        own = next(i for i, segment in enumerate(segments) if segment.language == language)
        before = sum(len(segment) for segment in segments[:own])
        sums = np.zeros(len(WEIGHTS))
        for query, places in zip(queries, places_of(segments[own], queries), strict=True):
            question = ask(index.encoder, query.text, language)
            terms = terms_of(scope, question, variant.fusion)
            exact, near = [], []
            for segment, own_terms in zip(segments, terms, strict=True):
                every = np.arange(len(segment), dtype=np.int32)
                exact.append(complete(segment.collection, own_terms, scope.saturation, every))
                near.append(vectors[segment.name] @ question.vector)
            factor = 1.0 if variant.divided else mass(scope, question, variant.fusion)
            scores = factor * np.concatenate(exact) + np.array(WEIGHTS, np.float32)[:, None] * np.concatenate(near)
            truth = [before + place for place in places]
            best = scores[:, truth].max(axis=1, keepdims=True)
            sums += 1 / (1 + (scores >= best).sum(axis=1) - (scores[:, truth] >= best).sum(axis=1))
        found.append(sums / len(queries))
    return np.exp(np.log(found).mean(axis=0)).round(4).tolist()


def main() -> None:
    """Try every variant and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    options = parser.parse_args()
    encoder, corpus = Encoder.load(options.model), Corpus.open(options.corpus)
    left, asked = {}, {}
    for language, documents in held_out(encoder, corpus, encoder.about["languages"]).items():
        left[language], removed = take_out(documents, language, QUERIES)
        if len(removed) >= LEAST_QUERIES:
            asked[language] = removed
    with tempfile.TemporaryDirectory() as folder:
        start = default_fusion(encoder)
        create(Path(folder) / "index", options.model, IndexSettings(map_points=0), start)
        add(Path(folder) / "index", left)
        index = Index.open(Path(folder) / "index")
        rows = []
        for variant in variants(start):
            values = measure(index, variant, asked)
            rows.append({"variant": variant.name, "searched": variant.searched, "mrr": values})
            print(json.dumps(rows[-1]), flush=True)
    lines = [
        "# The constants of an index, on dev",
        "",
        f"Geometric mean of MRR over {', '.join(asked)}; up to {QUERIES} sentences a language, taken out of dev "
        "documents of Wikipedia; one encoder of all languages. Columns: the weight of the encoder. Rerun: "
        "`python benchmarks/search_weights.py`.",
        "",
        "| searched | variant | " + " | ".join(f"{weight:g}" for weight in WEIGHTS) + " |",
        "|---|---|" + "--:|" * len(WEIGHTS),
        *(
            f"| {row['searched']} | {row['variant']} | " + " | ".join(f"{value:.3f}" for value in row["mrr"]) + " |"
            for row in rows
        ),
    ]
    (RESULTS / "search-weights.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"weights": WEIGHTS, "rows": rows, "queries": {code: len(removed) for code, removed in asked.items()}}
    (RESULTS / "search-weights.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
