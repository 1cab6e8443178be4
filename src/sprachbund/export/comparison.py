"""What an encoder scores on a corpus, and what is left of it in a plain export: numbers for the card.

The pools are those of `evaluate`. The plain model is asked through sentence-transformers, as its users will, with the
very texts of queries and candidates: a context is the text of its sentences without the query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.arrays import Float32
from sprachbund.claims import scratch
from sprachbund.corpus.placing import check_languages, splittable
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, MissingExtraError
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.seen import same_split, trained_languages
from sprachbund.retrieval.ranking.judging import dense_scorer, judge, summary
from sprachbund.retrieval.ranking.pools import Pool, make_pool
from sprachbund.retrieval.ranking.ranks import Dense
from sprachbund.retrieval.settings import split_of

__all__ = ["Measured", "measure"]

SIDE = "test"
DECIDES = "unseen"


@dataclass(frozen=True)
class Measured:
    """What a corpus says about an encoder.

    Attributes:
        scores: a row a language and pool: language, side, pool, queries, candidates, mrr, recall@k.
        plain: the same of the plain export in the pool ``unseen``; empty where there is none.
        same: the corpus and its split are those of the training, so that the test side is text never seen.
        sources: what was ingested, as `Corpus.sources`.
    """

    scores: list[dict[str, Any]]
    plain: list[dict[str, Any]]
    same: bool
    sources: list[dict[str, Any]]


def measure(
    encoder: Encoder, corpus: Corpus | Path | str, plain: Path | None = None, *, progress: Progress | None = None
) -> Measured:
    """Score an encoder on the test side of a corpus, in the pools ``unseen`` and ``mixed``.

    Args:
        plain: the folder of a plain sentence-transformers model to score beside it.

    Raises:
        CorpusError: no language of the encoder has a query there.
        MissingExtraError: ``plain`` needs sentence-transformers.
    """
    progress = progress or Silent()
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    model_of_words = _open(plain) if plain is not None else None
    trained = trained_languages(encoder)
    asked = check_languages(corpus, [code for code in trained if code in corpus.languages])
    same = same_split(encoder, corpus)
    if not same:
        logger.warning(
            "the encoder was trained on other text, or on another split of it: it may have seen the test side"
        )
    task, settings = encoder.about.get("task", "ic"), encoder.settings
    together = splittable(corpus, asked, split_of(settings))
    scores, plain_scores = [], []
    with scratch() as folder:
        encoded = encode_corpus(
            corpus,
            folder / "encoded",
            languages=together,
            settings=settings,
            bigrams=settings.encoder.bigram_weight > 0,
            characters=settings.encoder.characters,
            cut=False,
        )
        model = encoder.in_corpus(encoded)
        for language in together:
            if not len(encoded.language(language).pairs(task, settings, SIDE)):
                continue
            for name in (DECIDES, "mixed") if len(together) > 1 else (DECIDES,):
                pool = make_pool(encoded, name, language, task, settings, side=SIDE)
                if len(pool.queries):
                    scores.append(_row(pool, dense_scorer(model, encoded, pool)))
                    if model_of_words is not None and name == DECIDES:
                        plain_scores.append(_row(pool, _plain_scorer(model_of_words, corpus, pool)))
            progress.advance()
    if not scores:
        raise CorpusError(
            f"{corpus.path}: has no {task} query on the {SIDE} side in {', '.join(asked)}; ingest more text"
        )
    return Measured(scores, plain_scores, same, corpus.sources)


def _row(pool: Pool, scorer: Dense) -> dict[str, Any]:
    ranks = judge(pool, [scorer], [1.0]).truth
    row = {"language": pool.language, "side": pool.side, "pool": pool.name, "queries": len(ranks)}
    return row | {"candidates": pool.ranked} | summary(ranks)


def _plain_scorer(model: Any, corpus: Corpus, pool: Pool) -> Dense:
    """The plain model on the texts of a pool of one language."""
    texts = corpus.read(pool.language, ["text"])["text"].to_list()
    queries = [texts[row] for row in pool.queries.query.tolist()]
    (part,) = pool.parts
    candidates = _joined(texts, part.pairs.candidates())
    return Dense(_encode(model, queries), _encode(model, candidates))


def _joined(texts: Sequence[str], ranges: Ranges) -> list[str]:
    """The text of each range of sentences, less the one left out."""
    bounds = zip(ranges.first.tolist(), ranges.last.tolist(), ranges.without.tolist(), strict=True)
    return [" ".join(texts[row] for row in range(first, last) if row != without) for first, last, without in bounds]


def _encode(model: Any, texts: Sequence[str]) -> Float32:
    vectors: Float32 = model.encode(list(texts), batch_size=512, show_progress_bar=False)
    return vectors


def _open(folder: Path) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise MissingExtraError(
            "measuring the loss of a plain export needs sentence-transformers: pip install 'sprachbund[export]', or "
            "leave --corpus out"
        ) from None
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
