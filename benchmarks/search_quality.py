"""Is hybrid search as good as the better of its parts? Inverse cloze through a real index, language by language.

    python benchmarks/search_quality.py [--work FOLDER] [--model MODEL]

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data). An encoder (`best`, all languages in one)
is trained on the training documents unless --model names one that was trained on the same corpus; its weights were
chosen on dev. Of each test document some sentences are taken out, at most one in twenty and none that is a template;
what is left is indexed, and each sentence must find the passage that it was taken out of. It is asked in its own
language alone and in the index of all languages. Writes benchmarks/results/search-quality.{md,json}: MRR by mode, the
verdict of hybrid against the better of dense and BM25 over documents, and the share of languages in the mixed index.
"""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund import Corpus, Encoder, Index, train
from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.pools import make_pool
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.searching import MODES
from sprachbund.statistics import compare

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
APART = 20
MOST = 1_000
DEEP = 100
TOP = 10


@dataclass(frozen=True)
class Query:
    """A sentence that was taken out: its text, and the sentences before and after it, one of which is found by."""

    text: str
    document: str
    near: tuple[str, ...]


def split(corpus: Corpus, encoder: Encoder, work: Path) -> EncodedCorpus:
    """The corpus as ids: who is on which side, and what is a template."""
    path = work / "encoded"
    if not path.exists():
        languages = encoder.about["languages"]
        encode_corpus(corpus, path, languages=languages, settings=encoder.settings, cut=False)
    return EncodedCorpus.open(path)


def take_out(documents: Iterator[Document], queries: dict[str, list[int]]) -> tuple[list[Document], list[Query]]:
    """The documents that have queries or stand beside them, without the sentences that ask."""
    left, asked = [], []
    for document in documents:
        if document.id not in queries:
            continue
        out: list[int] = []
        for position in sorted(queries[document.id]):
            if not out or position - out[-1] >= APART:
                out.append(position)
        for position in out:
            section = document.sections[position]
            near = [p for p in (position - 1, position + 1) if 0 <= p < len(document.texts)]
            near = [p for p in near if document.sections[p] == section]
            asked.append(Query(document.texts[position], document.id, tuple(document.texts[p] for p in near)))
        kept = [i for i in range(len(document.texts)) if i not in out]
        left.append(
            Document(
                document.id, document.title, document.headings, document.digest,
                [document.texts[i] for i in kept], [document.sections[i] for i in kept],
            )
        )  # fmt: skip
    return left, asked


def rank_of(index: Index, query: Query, languages: tuple[str, ...], mode: str, language: str) -> tuple[int, list[str]]:
    """The rank of the passage that a query was taken out of, 0 where it is not among the best, and who stands first."""
    hits = index.search(query.text, DEEP, languages, mode)
    first = [hit.language for hit in hits[:TOP]]
    for hit in hits:
        if hit.language == language and hit.document == query.document and any(text in hit.text for text in query.near):
            return hit.rank, first
    return 0, first


def main() -> None:
    """Run and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("search-quality"))
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    work = options.work
    if not (work / "corpus").exists():
        ingest([DATA / "wikipedia"], work / "corpus")
    corpus = Corpus.open(work / "corpus")
    model = options.model or work / "model"
    if not model.exists():
        train(corpus, model)
    encoder = Encoder.load(model)
    encoded = split(corpus, encoder, work)
    asked: dict[str, list[Query]] = {}
    held: dict[str, list[Document]] = {}
    for language in encoded.languages:
        data = encoded.language(language)
        if not len(data.pairs("ic", encoder.settings, "test")):
            continue
        pool = make_pool(encoded, "unseen", language, "ic", encoder.settings, side="test", most_queries=5 * MOST)
        places: dict[str, list[int]] = {data.names[number]: [] for number in np.unique(data.documents[data.sides == 2])}
        for row in pool.queries.query:
            places[data.names[data.documents[row]]].append(int(data.positions[row]))
        held[language], asked[language] = take_out(documents_of(corpus, language), places)
        asked[language] = asked[language][:MOST]
    path = work / "index"
    if not path.exists():
        create(path, model, IndexSettings(map_points=0))
        add(path, held)
    index = Index.open(path)
    rows, shares = [], []
    for language, queries in asked.items():
        groups = np.unique([query.document for query in queries], return_inverse=True)[1]
        for searched, scope in (("own", (language,)), ("all", ())):
            values = {}
            for mode in MODES:
                found = [rank_of(index, query, scope, mode, language) for query in queries]
                ranks = np.array([rank for rank, _ in found])
                values[mode] = np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0)
                if searched == "all":
                    first = [code for _, codes in found for code in codes]
                    total = sum(count["passages"] for count in index.counts.values())
                    for other in index.languages:
                        due = index.counts[other]["passages"] / total
                        share = first.count(other) / max(1, len(first))
                        shares.append({"mode": mode, "asked": language, "found": other, "ratio": share / due})
            better = max(("dense", "bm25"), key=lambda mode: values[mode].mean())
            for arm in ("hybrid", "rrf"):
                made = compare(values[arm], values[better], groups)
                rows.append(
                    {"language": language, "searched": searched, "arm": arm, "queries": len(queries),
                     "documents": made.documents, "passages": index.counts[language]["passages"], "better": better,
                     **{mode: float(values[mode].mean()) for mode in MODES}, "relative": made.relative,
                     "low": made.low, "high": made.high, "verdict": made.verdict}
                )  # fmt: skip
            print(json.dumps(rows[-2]), flush=True)
    write(rows, shares, index)


def write(rows: list[dict], shares: list[dict], index: Index) -> None:
    """The table for people and the rows for machines."""
    fusion = index.fusion
    lines = [
        "# Hybrid search beside its parts",
        "",
        "MRR (first 100) of sentences that were taken out of test documents and must find their passage among all "
        "passages of the test documents of their language (*own*) or of all languages (*all*). Wikipedia, the encoder "
        "trained on the training documents, weights chosen on dev. Hybrid against the better of dense and BM25, 95% "
        "over documents. Rerun: `python benchmarks/search_quality.py`.",
        "",
        f"Weights: characters {fusion.character_weight}, dense {fusion.dense}, own {fusion.own}.",
        "",
        "| language | searched | queries | passages | dense | bm25 | hybrid | rrf | against the better | verdict |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|---|",
    ]
    for row in (row for row in rows if row["arm"] == "hybrid"):
        scores = " | ".join(f"{row[mode]:.3f}" for mode in ("dense", "bm25", "hybrid", "rrf"))
        against = f"{row['relative']:+.1%} [{row['low']:+.1%}, {row['high']:+.1%}] {row['better']}"
        counts = f"{row['queries']:,} | {row['passages']:,}"
        lines.append(f"| {row['language']} | {row['searched']} | {counts} | {scores} | {against} | {row['verdict']} |")
    lines += ["", "Languages other than the query's own with more than twice their share of the first ten:", ""]
    over = [row for row in shares if row["found"] != row["asked"] and row["ratio"] > 2 and row["mode"] == "hybrid"]
    lines += [f"- {row['asked']}: {row['found']} {row['ratio']:.1f} times" for row in over] or ["- none"]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "search-quality.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"rows": rows, "shares": shares, "fusion": fusion.to_dict()}
    (RESULTS / "search-quality.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
