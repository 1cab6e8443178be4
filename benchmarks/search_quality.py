"""Is hybrid search as good as the better of its parts? Inverse cloze through a real index, language by language.

    python benchmarks/search_quality.py [--work FOLDER] [--model MODEL]

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data). An encoder (`best`, all languages in one)
is trained on the training documents unless --model names one that was trained on the same corpus; the weights of the
index are chosen on the dev documents. Of each test document one sentence in twenty is taken out, none that is a
template; what is left is indexed, and each sentence must find the passage that it was taken out of. It is asked in its
own language alone and in the index of all languages. The same documents are indexed without their titles too, and each
title must find its document. Writes benchmarks/results/search-quality.{md,json}: MRR by mode, the verdict of hybrid
against the better of dense and BM25 over documents, the share of languages in the mixed index, and what titles bring.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund import Corpus, Encoder, Index, train
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.splits import TEST
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.passages import Document
from sprachbund.search.searching import MODES
from sprachbund.search.tuning import Removed, held_out, take_out, tune
from sprachbund.statistics import compare

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
MOST, MOST_DOCUMENTS = 1_000, 1_000
DEEP = 100
TOP = 10


def rank_of(
    index: Index, query: Removed, languages: tuple[str, ...], mode: str, language: str
) -> tuple[int, list[str]]:
    """The rank of the passage that a query was taken out of, 0 where it is not among the best, and who stands first."""
    hits = index.search(query.text, DEEP, languages, mode, operators=False)
    first = [hit.language for hit in hits[:TOP]]
    for hit in hits:
        if hit.language == language and hit.document == query.document and any(text in hit.text for text in query.near):
            return hit.rank, first
    return 0, first


def rank_of_title(index: Index, document: Document, language: str) -> float:
    """One over the rank of a document among the documents that its title finds, 0 where it is not among them."""
    hits = index.search(document.title, DEEP, (language,), operators=False)
    found = list(dict.fromkeys(hit.document for hit in hits))
    return 1 / (1 + found.index(document.id)) if document.id in found else 0.0


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
    languages = [code for code in encoder.about["languages"] if code in corpus.languages]
    asked: dict[str, list[Removed]] = {}
    left: dict[str, list[Document]] = {}
    for language, documents in held_out(encoder, corpus, languages, TEST, MOST_DOCUMENTS).items():
        left[language], asked[language] = take_out(documents, language, MOST)
    path = work / "index"
    if not path.exists():
        create(path, model, IndexSettings(map_points=0), tune(encoder, held_out(encoder, corpus, languages), 5))
        add(path, left)
    index = Index.open(path)
    bare = work / "untitled"
    if not bare.exists():
        create(bare, model, IndexSettings(map_points=0), index.fusion)
        add(bare, {code: [replace(document, title="") for document in given] for code, given in left.items()})
    titles = known_items(index, Index.open(bare), left)
    rows, shares = [], []
    for language, queries in asked.items():
        if not queries:
            continue
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
    write({"rows": rows, "shares": shares, "titles": titles, "fusion": index.fusion.to_dict()})


def known_items(index: Index, bare: Index, documents: dict[str, list[Document]]) -> list[dict]:
    """For each language how well titles find their documents, where they are searched and where they are not."""
    rows = []
    for language, given in documents.items():
        named = [document for document in given if document.title and document.texts]
        if not named:
            continue
        with_titles, without = (
            np.array([rank_of_title(one, document, language) for document in named]) for one in (index, bare)
        )
        made = compare(with_titles, without, np.arange(len(named)))
        rows.append(
            {"language": language, "documents": len(named), "with": float(with_titles.mean()),
             "without": float(without.mean()), "relative": made.relative, "low": made.low, "high": made.high}
        )  # fmt: skip
    return rows


def write(record: dict) -> None:
    """The table for people and the rows for machines."""
    rows, shares, fusion = record["rows"], record["shares"], record["fusion"]
    lines = [
        "# Hybrid search beside its parts",
        "",
        "MRR (first 100) of sentences that were taken out of test documents and must find their passage among all "
        "passages of the test documents of their language (*own*) or of all languages (*all*). Wikipedia, the encoder "
        "trained on the training documents, weights chosen on dev. Hybrid against the better of dense and BM25, 95% "
        "over documents. Rerun: `python benchmarks/search_quality.py`.",
        "",
        f"Weights: characters {fusion['character_weight']}, dense {fusion['dense']}, own {fusion['own']}.",
        "",
        "| language | searched | queries | passages | dense | bm25 | hybrid | rrf | against the better | verdict |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|---|",
    ]
    for row in (row for row in rows if row["arm"] == "hybrid"):
        scores = " | ".join(f"{row[mode]:.3f}" for mode in ("dense", "bm25", "hybrid", "rrf"))
        against = f"{row['relative']:+.1%} [{row['low']:+.1%}, {row['high']:+.1%}] {row['better']}"
        counts = f"{row['queries']:,} | {row['passages']:,}"
        lines.append(f"| {row['language']} | {row['searched']} | {counts} | {scores} | {against} | {row['verdict']} |")
    for searched in ("own", "all"):
        enough = [r for r in rows if r["arm"] == "hybrid" and r["searched"] == searched and r["verdict"] != "too few"]
        over = {
            mode: np.exp(np.mean([np.log(r["hybrid"] / r[mode]) for r in enough])) - 1 for mode in ("bm25", "dense")
        }
        named = ", ".join(r["language"] for r in enough)
        gains = f"{over['bm25']:+.1%} over BM25 with the same surroundings, {over['dense']:+.1%} over dense"
        lines += ["", f"Together ({named}; geometric mean), searched *{searched}*: hybrid {gains}."]
    lines += ["", "Languages other than the query's own with more than twice their share of the first ten:", ""]
    over = [row for row in shares if row["found"] != row["asked"] and row["ratio"] > 2 and row["mode"] == "hybrid"]
    lines += [f"- {row['asked']}: {row['found']} {row['ratio']:.1f} times" for row in over] or ["- none"]
    lines += [
        "",
        "Titles as queries, hybrid: MRR of their documents, where titles are searched and where they are not:",
        "",
        "| language | documents | searched | not | difference |",
        "|---|--:|--:|--:|---|",
    ]
    for row in (row for row in record["titles"] if row["documents"] >= 30):
        change = f"{row['relative']:+.1%} [{row['low']:+.1%}, {row['high']:+.1%}]"
        lines.append(
            f"| {row['language']} | {row['documents']:,} | {row['with']:.3f} | {row['without']:.3f} | {change} |"
        )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "search-quality.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "search-quality.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
