"""A user's own queries and judgements: whole documents of a corpus ranked by an encoder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.files import require_place, write_text
from sprachbund.languages import spoken
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.ranking.trec import (
    DEPTH,
    Fields,
    Qrels,
    Queries,
    asked,
    named,
    qrels_lines,
    read_judgements,
    require_measures,
    say_lacking,
    score_run,
    settle,
    trec_lines,
)


def evaluate_judgements(
    encoder: Encoder | Path | str,
    corpus: Corpus | Path | str,
    queries: Queries,
    qrels: Qrels,
    language: str = "",
    trec: Path | None = None,
) -> dict[str, float]:
    """nDCG@10, RR, Success@k and R@100 of an encoder on judged documents: the means of `judge_own`."""
    judged = judge_own(encoder, corpus, queries, qrels, language, trec)
    return score_run(judged.qrels, judged.run)


@dataclass(frozen=True)
class Judged:
    """A run over judged queries.

    Attributes:
        qrels, run: by query, the grade or the score of each document. documents: that were ranked.
    """

    qrels: dict[str, dict[str, int]]
    run: dict[str, dict[str, float]]
    documents: int


def judge_own(
    encoder: Encoder | Path | str,
    corpus: Corpus | Path | str,
    queries: Queries,
    qrels: Qrels,
    language: str = "",
    trec: Path | None = None,
) -> Judged:
    """Rank the documents of a corpus by an encoder for judged queries.

    Args:
        queries, qrels: see `trec.read_judgements`; the qrels name documents by their id in the corpus, or by
            ``language:id`` where two languages have an id in common.
        language: of the queries, to find words in scripts without spaces.
        trec: a folder for the run and the qrels as TREC's tools read them.

    Raises:
        CorpusError: the qrels name no document of the corpus.
        SourceError: a file cannot be read, or the qrels judge none of the queries.
    """
    if trec is not None:
        require_place(trec, folder=True)
    language = spoken(language) if language else ""
    judgements = read_judgements(queries, qrels)
    require_measures()
    encoder = encoder if isinstance(encoder, Encoder) else Encoder.load(encoder)
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    bare, full = [], []
    for lang in corpus.languages:
        names = corpus.documents(lang)["document"].to_list()
        bare += names
        full += [f"{lang}:{name}" for name in names]
    known = {*bare, *full}
    judgements = settle(judgements, known)
    judged = {document for grades in judgements.qrels.values() for document in grades}
    if not judged & known:
        example = next(iter(sorted(judged)))
        raise CorpusError(
            f"{named(qrels, 'qrels')}: names no document of {corpus.path}; for example {example!r} against {bare[0]!r}"
        )
    chosen = asked(judgements, queries, qrels)
    say_lacking("judged documents are not in the corpus and count as not found", len(judged - known))
    names, vectors = [], []
    for lang in corpus.languages:
        frame = corpus.read(lang, ["document", "text"]).group_by("document", maintain_order=True)
        texts = frame.agg(pl.col("text").str.join(" "))
        names += [(name, f"{lang}:{name}") for name in texts["document"].to_list()]
        vectors.append(encoder.encode(texts["text"].to_list(), lang))
    table = np.concatenate(vectors)
    document, asking = Fields(known), Fields(judgements.queries.keys())
    truth = {asking(q): {document(name): grade for name, grade in judgements.qrels[q].items()} for q in chosen}
    run: dict[str, dict[str, float]] = {}
    for low in range(0, len(chosen), 256):
        block = chosen[low : low + 256]
        asked_for = encoder.encode([judgements.queries[query] for query in block], language)
        for query, vector, row in zip(block, asked_for, asked_for @ table.T, strict=True):
            found = run.setdefault(asking(query), {})
            if not vector.any():
                continue  # without words nothing is found; else the first documents would be, at a score of 0
            grades = judgements.qrels[query]
            for i in np.argsort(-row, kind="stable")[:DEPTH].tolist():
                bare_name, full_name = names[i]
                # an id that two languages have counts where it stands higher
                found.setdefault(document(full_name if full_name in grades else bare_name), float(row[i]))
    if trec is not None:
        write_text(trec / "encoder.run", trec_lines(run, "encoder"))
        write_text(trec / "qrels", qrels_lines(truth))
    return Judged(truth, run, len(names))
