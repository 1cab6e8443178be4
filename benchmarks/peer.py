"""Training on the same text beside sentence-transformers' static embeddings: pairs a second, and what was learned.

    pip install torch==2.13.0 sentence-transformers datasets accelerate
    python benchmarks/peer.py [--language uk]

Inverse cloze on one Wikipedia of ``SPRACHBUND_DATA`` or ../shared/data. The peer is StaticEmbedding over our words
(a word-level tokenizer of the training text) with MultipleNegativesRankingLoss, the same pairs, batch size and dim;
its learning rate is the best of three on dev, as its own guide advises high ones. Ours is the preset. Both are judged
on the held-out candidates of test (pool ``unseen``) with the same exclusions.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.segment import words
from sprachbund.corpus.store import Corpus
from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.machine import cpu_count
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking.judging import dense_scorer
from sprachbund.retrieval.ranking.pools import Pool, make_pool
from sprachbund.retrieval.ranking.ranks import Dense, mrr, rank
from sprachbund.retrieval.settings import BEST, change

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = Path(__file__).parent / "results"
RATES = (0.02, 0.1, 0.3)


def texts_of(sentences: list[str], pairs: Pairs) -> tuple[list[str], list[str]]:
    """Queries and contexts as text, words parted by blanks."""
    queries = [sentences[q] for q in pairs.query]
    contexts = [
        " ".join(sentences[i] for i in range(first, last) if i != query)
        for query, first, last in zip(pairs.query, pairs.first, pairs.last, strict=True)
    ]
    return queries, contexts


def score(pool: Pool, queries: np.ndarray, candidates: np.ndarray) -> float:
    """MRR in a pool."""
    ones = np.ones((1, 1), np.float32)
    return mrr(rank([Dense(queries, candidates)], ones, pool.truth, pool.ranked, pool.excluded)[0])


def train_peer(sentences: list[str], pairs: Pairs, rate: float, folder: Path):  # type: ignore[no-untyped-def]
    """A StaticEmbedding model after one epoch, and the seconds of its training."""
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.losses import MultipleNegativesRankingLoss
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    queries, contexts = texts_of(sentences, pairs)
    known = {word: number for number, word in enumerate(sorted({w for text in queries for w in text.split()}), 1)}
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0} | known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=BEST.encoder.dim)], device="cpu")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=BEST.training.epochs,
        per_device_train_batch_size=BEST.training.batch,
        learning_rate=rate,
        warmup_ratio=0.1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        logging_strategy="no",
        disable_tqdm=True,
    )
    data = Dataset.from_dict({"anchor": queries, "positive": contexts})
    trainer = SentenceTransformerTrainer(model, arguments, train_dataset=data, loss=MultipleNegativesRankingLoss(model))
    started = time.perf_counter()
    trainer.train()
    return model, time.perf_counter() - started


def main() -> None:
    """Measure and write benchmarks/results/peer.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="uk")
    options = parser.parse_args()
    language = options.language
    set_threads(cpu_count())
    keep_memory()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ingest(sorted((DATA / "wikipedia").glob(f"{language}.*")), folder / "corpus", workers=1)
        corpus = Corpus.open(folder / "corpus")
        encode_corpus(corpus, folder / "encoded", languages=[language], settings=BEST)
        encoded = EncodedCorpus.open(folder / "encoded")
        sentences = [" ".join(words(text, language)) for text in corpus.read(language, ["text"])["text"]]
        pairs = encoded.language(language).pairs("ic", BEST, "train")
        pools = {side: make_pool(encoded, "unseen", language, "ic", BEST, side=side) for side in ("dev", "test")}
        drawn = len(pairs) * BEST.training.epochs
        test = pools["test"]
        ours = {}
        for name, settings in (("preset best", BEST), ("words alone", change(BEST, characters=()))):
            train_model(encoded, "ic", settings, seed=1)  # compiles
            started = time.perf_counter()
            model, _ = train_model(encoded, "ic", settings)
            seconds = time.perf_counter() - started
            own = dense_scorer(model, encoded, test)
            ours[name] = {"pairs_per_second": drawn / seconds, "mrr": score(test, own.queries, own.candidates)}
        tried = []
        for rate in RATES:
            peer, peer_seconds = train_peer(sentences, pairs, rate, folder / "peer")

            def vectors(pool: Pool, peer=peer) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[no-untyped-def]
                asked = texts_of(sentences, pool.queries)[0]
                offered = texts_of(sentences, pool.parts[0].pairs)[1]
                return tuple(peer.encode(t, normalize_embeddings=True, batch_size=512) for t in (asked, offered))

            on_dev = score(pools["dev"], *vectors(pools["dev"]))
            tried.append((on_dev, rate, peer_seconds, score(test, *vectors(test))))
    best = max(tried)
    theirs = {"pairs_per_second": drawn / best[2], "mrr": best[3], "rate": best[1], "dev": best[0]}
    speed = {name: found["pairs_per_second"] / theirs["pairs_per_second"] for name, found in ours.items()}
    lines = [
        "# Training on the same text: sentence-transformers' static embeddings",
        "",
        f"Inverse cloze on {language} Wikipedia, {len(pairs):,} training pairs, {BEST.training.epochs:.0f} epochs, "
        f"dim {BEST.encoder.dim}, batch {BEST.training.batch}, {cpu_count()} threads; MRR on unseen test candidates "
        f"({test.ranked:,}). Rerun: `python benchmarks/peer.py`.",
        "",
        "| model | pairs a second | MRR | learning rate |",
        "|---|--:|--:|--:|",
        *(
            f"| sprachbund, {name} | {found['pairs_per_second']:,.0f} | {found['mrr']:.3f} | {BEST.training.rate} |"
            for name, found in ours.items()
        ),
        f"| StaticEmbedding, MultipleNegativesRankingLoss | {theirs['pairs_per_second']:,.0f} | {theirs['mrr']:.3f} "
        f"| {theirs['rate']} (best of {', '.join(map(str, RATES))} on dev) |",
        "",
        f"Ours is {speed['words alone']:.1f} times as fast with words alone, as the peer has them, and "
        f"{speed['preset best']:.1f} times with character n-grams besides.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "peer.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"machine": platform.machine(), "sprachbund": ours, "peer": theirs, "tried": tried}
    (RESULTS / "peer.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
