"""A user's own queries and judgements: whole documents of a corpus ranked by an encoder."""

from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SourceError
from sprachbund.progress import logger
from sprachbund.retrieval.encoder import Encoder
from sprachbund.retrieval.trec import DEPTH, read_judgements, score_run


def evaluate_judgements(
    encoder: Encoder | Path | str, corpus: Corpus | Path | str, queries: Path, qrels: Path, language: str = ""
) -> dict[str, float]:
    """nDCG@10, RR, Success@k and R@100 of an encoder on judged documents.

    Args:
        queries, qrels: see `trec.read_judgements`; the qrels name documents by their id in the corpus.
        language: of the queries, to find words in scripts without spaces.

    Raises:
        CorpusError: the qrels name no document of the corpus.
        SourceError: a file cannot be read, or the qrels judge none of the queries.
    """
    encoder = encoder if isinstance(encoder, Encoder) else Encoder.load(encoder)
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    judgements = read_judgements(queries, qrels)
    names, vectors = [], []
    for lang in corpus.languages:
        frame = corpus.read(lang, ["document", "text"]).group_by("document", maintain_order=True)
        texts = frame.agg(pl.col("text").str.join(" "))
        names += texts["document"].to_list()
        vectors.append(encoder.encode(texts["text"].to_list(), lang))
    judged = {document for grades in judgements.qrels.values() for document in grades}
    if not judged & set(names):
        example = next(iter(sorted(judged)))
        raise CorpusError(f"{qrels}: names no document of {corpus.path}; for example {example!r} against {names[0]!r}")
    asked = [query for query in judgements.queries if query in judgements.qrels]
    if not asked:
        raise SourceError(
            f"{qrels}: judges no query of {queries}; for example {next(iter(judgements.qrels))!r} against "
            f"{next(iter(judgements.queries))!r}"
        )
    _say_lacking("judged queries have no text and are left out", len(judgements.qrels) - len(asked))
    _say_lacking("queries have no judgement and are left out", len(judgements.queries) - len(asked))
    _say_lacking("judged documents are not in the corpus and count as not found", len(judged - set(names)))
    table = np.concatenate(vectors)
    run: dict[str, dict[str, float]] = {}
    for low in range(0, len(asked), 256):
        block = asked[low : low + 256]
        scores = encoder.encode([judgements.queries[query] for query in block], language) @ table.T
        for query, row in zip(block, scores, strict=True):
            found = run.setdefault(query, {})
            for i in np.argsort(-row, kind="stable")[:DEPTH].tolist():
                # an id that two languages have counts where it stands higher
                found.setdefault(names[i], float(row[i]))
    return score_run({query: judgements.qrels[query] for query in asked}, run)


def _say_lacking(what: str, count: int) -> None:
    if count:
        logger.warning("%s %s", f"{count:,}", what)
