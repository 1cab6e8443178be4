"""From a corpus to a saved encoder: encode, train with checkpoints, score on dev, save.

While it works everything lies in ``MODEL.partial``; a killed training goes on from its last checkpoint and ends with
the same bits as one that was not killed. The folder MODEL appears when it is complete.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.claims import scratch
from sprachbund.corpus.placing import check_languages, splittable
from sprachbund.corpus.store import Corpus
from sprachbund.disk import is_full
from sprachbund.errors import DivergenceError, FolderError, SprachbundError
from sprachbund.files import content_hash, read_manifest
from sprachbund.lab.carry import Table
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.declared import ALGORITHM
from sprachbund.retrieval.encoder import checkpoint
from sprachbund.retrieval.encoder.cold import ColdTable
from sprachbund.retrieval.encoder.cold_file import MANIFEST as COLD_MANIFEST
from sprachbund.retrieval.encoder.encoded import MANIFEST as ENCODED_MANIFEST
from sprachbund.retrieval.encoder.encoded import is_begun
from sprachbund.retrieval.encoder.encoder import FORMAT, KIND, MANIFEST, Encoder, from_model
from sprachbund.retrieval.encoder.mixture import shares
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.reuse import Asked, encode_once
from sprachbund.retrieval.encoder.short_rows import lengthen
from sprachbund.retrieval.encoder.training import count_steps, train_model
from sprachbund.retrieval.ranking.judging import dense_scorer, dev_mrr, judge, summary
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import Settings, Task, check_task, settings_of, split_of, to_dict
from sprachbund.retrieval.spelling.spellings import require
from sprachbund.retrieval.starting import Going, going_on
from sprachbund.runs import unfinished

CHECKPOINT, ENCODED = "checkpoint", "encoded"
PARTS = {CHECKPOINT: checkpoint.MANIFEST, ENCODED: ENCODED_MANIFEST, checkpoint.COLD: COLD_MANIFEST}
"""What lies in the folder of unfinished work, and the manifest of each."""
DEV_QUERIES = 1_000


def train(
    corpus: Corpus | Path | str,
    out: Path | str | None = None,
    *,
    task: Task = "ic",
    settings: Settings | str = "best",
    languages: Sequence[str] | None = None,
    seed: int = 0,
    start: Encoder | Path | str | None = None,
    carry: Table = "same",
    freeze: float = 0.0,
    memory: int | None = None,
    device: str | None = None,
    checkpoint_every: float = 60.0,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]] = show_progress,
) -> Encoder:
    """Train one encoder on the training side of a corpus.

    Args:
        out: the model's folder; None keeps the model in memory and leaves nothing behind.
        settings: a preset by name, with a start in that one's shape and split; or all of them.
        languages: all of the corpus if None.
        start: an encoder to go on from, or its folder.
        carry: how its rows are carried over: ``same`` keeps them all; ``identical``, ``near`` and a table (a file or a
            mapping, see `lab.table_rows`) give them to the n-grams of this text alone; `encoder.start` says more.
        freeze: the share of the batches in which rows that were carried over are kept still; 0 for none, 1 for all.
        memory: bytes that counting n-grams may use, and then the table; None for half and four fifths of what there is.
            Rows of the table that do not fit lie on disk, see `encoder.cold`.
        device: of torch, as ``cuda``, to train on; the same to a tolerance. None for the kernels of the processor.
        checkpoint_every: seconds.

    Raises:
        FolderError: ``out`` holds something else than this same work; ``start`` is no encoder, or damaged.
        SourceError: the table cannot be read.
        CorpusError, LanguageError, SettingsError, CapacityError, DivergenceError: see `training.train_model`.
    """
    check_task(task)
    going = going_on(start, carry, freeze)
    settings = going.settings(settings) if going else settings_of(settings)
    require(settings.encoder.spelling)
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    chosen = splittable(corpus, check_languages(corpus, languages), split_of(settings))
    shares(dict.fromkeys(chosen, 1), settings.training)  # refuses weights of other languages before any work
    specification = {
        "algorithm": ALGORITHM,
        "corpus": corpus.content_hash(chosen),
        "languages": list(chosen),
        "task": task,
        "settings": to_dict(settings),
        "seed": seed,
        **({"start": going.specification()} if going else {}),
        **({"device": device} if device else {}),
    }
    specification = json.loads(json.dumps(specification))
    name = content_hash(specification)
    if out is None:
        with scratch() as folder:
            made = _work(corpus, folder, specification, settings, going, memory, device, 0.0, shower)
            return replace(made, table=lengthen(made.table))
    target = Path(out)
    partial = target.with_name(f"{target.name}.partial")
    done = _existing(target, name)
    if done is not None and unfinished.note_of(partial) != specification:
        logger.warning("%s: holds this same model already; nothing was trained", target)
        return done
    with unfinished.claimed(partial, specification, "unfinished work", "training"):
        done = _existing(target, name)  # another process may have made it before this one came in
        if done is not None:
            logger.warning("%s: holds this same model already; nothing was trained", target)
            unfinished.withdraw(partial, PARTS)  # killed between the last two steps
            return done
        try:
            encoder = _work(corpus, partial, specification, settings, going, memory, device, checkpoint_every, shower)
        except SprachbundError as error:
            # the same command would fail again: nothing to go on from, and no hindrance to the corrected one
            kept = (CHECKPOINT, ENCODED) if is_full(error) else (CHECKPOINT,)
            if is_begun(partial / ENCODED):
                raise
            if not any((partial / part).exists() for part in kept):
                unfinished.withdraw(partial, PARTS)
            elif isinstance(error, DivergenceError):
                step = checkpoint.step_of(partial / CHECKPOINT)
                raise DivergenceError(
                    f"{error}; {partial / CHECKPOINT} has batch {step:,}, from before it: remove {partial} to begin "
                    "anew"
                ) from None
            raise
        encoder.save(target)
        if isinstance(encoder.table, ColdTable):  # whose file goes
            encoder = Encoder.load(target, check=False, mapped=True)
        unfinished.withdraw(partial, PARTS)
    return encoder


def _existing(target: Path, name: str) -> Encoder | None:
    """The encoder at ``target`` if it is this same work; None where there is nothing."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    manifest = read_manifest(target, MANIFEST, KIND, FORMAT)
    if manifest["about"].get("work") != name:
        raise FolderError(f"{target}: holds an encoder of other data or settings; name a new folder or remove it first")
    return Encoder.load(target)


def _work(
    corpus: Corpus,
    folder: Path,
    specification: dict[str, Any],
    settings: Settings,
    going: Going | None,
    memory: int | None,
    device: str | None,
    checkpoint_every: float,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]],
) -> Encoder:
    languages, task, seed = tuple(specification["languages"]), specification["task"], specification["seed"]
    asked = Asked(
        languages, settings, settings.encoder.bigram_weight > 0, settings.encoder.characters, cut=True,
        spelling=going.encoder.spelling if going else None,
    )  # fmt: skip
    encoded = encode_once(corpus, folder / ENCODED, asked, memory, shower)
    pools = {
        language: make_pool(encoded, "unseen", language, task, settings, side="dev", most_queries=DEV_QUERIES)
        for language in languages
        if len(encoded.language(language).pairs(task, settings, "dev"))
    }
    pools = {language: pool for language, pool in pools.items() if len(pool.queries)}

    def on_dev(model: Model) -> float:
        return float(np.mean([dev_mrr(model, encoded, pool) for pool in pools.values()]))

    state = checkpoint.read_or_set_aside(folder / CHECKPOINT, specification)
    with shower("training (batches)", count_steps(encoded, task, settings, languages)) as bar:
        if state:
            bar.advance(state.step)
        model, log = train_model(
            encoded,
            task,
            settings,
            languages=languages,
            seed=seed,
            start=going.in_corpus(encoded) if going else None,
            judge=on_dev if pools else None,
            resume=state,
            keep=(lambda s: checkpoint.write(folder / CHECKPOINT, s, specification)) if checkpoint_every else None,
            keep_every=checkpoint_every,
            memory=memory,
            cold=folder / checkpoint.COLD if checkpoint_every else None,
            device=device,
            progress=bar,
        )
    scores = []
    for language, pool in pools.items():
        ranks = judge(pool, [dense_scorer(model, encoded, pool)], [1.0])
        row = {"language": language, "side": "dev", "pool": "unseen", "queries": len(ranks.truth)}
        scores.append(row | {"candidates": pool.ranked} | summary(ranks.truth))
    about = {
        "work": content_hash(specification),
        "task": task,
        "languages": list(languages),
        "corpus": specification["corpus"],
        "split": encoded.manifest["split"],
        "pairs": log.drawn,
        "passes": log.passes,
        "losses": [round(loss, 6) for loss in log.losses],
        "curve": log.curve,
        "seconds": round(log.seconds, 1),
        "scores": scores,
        **({"start": going.about(log.carried)} if going else {}),
    }
    kept = going.encoder.vocabulary if going and going.carry == "same" else None
    return from_model(model, encoded, about, kept)
