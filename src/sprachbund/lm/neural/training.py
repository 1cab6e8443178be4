"""Training a neural language model: from documents to a `Neural`.

AdamW with a rate that rises and falls as a cosine, dropout, stopped on dev and the best kept. With a limit in minutes
the number of steps follows from the speed of the first ones, and so differs from machine to machine; without one the
bits follow from text, settings and seed (on as many threads, and processors of one kind).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund.arguments import several
from sprachbund.arrays import Int32
from sprachbund.errors import CorpusError
from sprachbund.lab.recipe import Carry
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.batches import Streams
from sprachbund.lm.neural.loop import Work, planned_steps, run, scaled_dropout
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import on_threads, require_memory
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.start import begin, keys_for
from sprachbund.lm.neural.units import Characters, Pieces, Units, units_of
from sprachbund.progress import Progress, Silent, logger

__all__ = ["to_read", "train_neural"]

_MANY_PIECES, _MANY_UNKNOWN = 1.5, 0.02
"""Pieces a character, and the share of unknown ones, beyond which the writing is another."""
_LOOKED_AT = 10_000
"""Characters of each document of dev."""


def train_neural(
    train: Sequence[str],
    dev: Sequence[str],
    settings: NeuralSettings,
    *,
    seed: int = 0,
    alphabet: Alphabet | None = None,
    start: Neural | None = None,
    carry: Mapping[str, Carry] | None = None,
    table: Path | None = None,
    frozen: tuple[str, ...] = (),
    freeze: float = 0.5,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Neural:
    """Train a model on some documents.

    Args:
        train, dev: whole documents as `lm.text` has them. dev says when to stop and which state is the best.
        alphabet: the characters to know; those of ``train`` if None. Of models of characters alone.
        start: a model to go on from, of the same shape. carry: by part, ``rows`` and ``body``, how its weights are
            carried over; what is not named is the same. table: what gives rows that are carried by ``table``.
        frozen: parts that stay as they were carried for ``freeze`` of the steps, 0 to 1.
        checkpoints: a folder to go on from after a kill, and to leave checkpoints in; the caller removes it.
        progress: advanced by characters, of `to_read` in all.

    Raises:
        CorpusError: there is no text to train or to stop on.
        SettingsError: the start has another shape, or cannot be carried over so.
        CapacityError: it does not fit the memory. MissingExtraError: torch is not installed.
        DivergenceError: the loss is no number; names the last good checkpoint.
    """
    train, dev = several(train, "documents", str), several(dev, "documents", str)
    for side, texts in (("train on", train), ("stop on (dev)", dev)):
        if not any(texts):
            raise CorpusError(f"a neural model needs text to {side}, found none; give it documents of that side")
    extra.torch()
    keys, merges = keys_for(train, settings, alphabet, start, carry or {})
    units = units_of(settings.units, keys, merges)
    documents = [units.encode(text) for text in train if text]
    counts = np.bincount(np.concatenate(documents), minlength=units.size).astype(np.int64)
    _warn_of_script(units, documents, [units.encode(text[:_LOOKED_AT]) for text in dev], sum(map(len, train)))
    require_memory(settings, units.size, int(counts.sum()))
    if settings.dropout < 0:
        settings = replace(settings, dropout=scaled_dropout(max(1, int(counts.sum()))))
    rare = counts == 1 if settings.units == "characters" else None
    streams = Streams.of(documents, settings.batch, settings.context, rare, seed)
    with on_threads(settings.threads):
        beginning = begin(settings, units, counts, seed, start, carry, table, frozen, freeze)
        work = Work(settings, units, streams, beginning, seed, sum(map(len, train)))
        state = run(work, dev, checkpoints, progress or Silent())
    assert state.best is not None
    own = replace(settings, pieces=units.size) if settings.units == "pieces" else settings
    seen = work.seen(state.step)
    return Neural(own, keys, merges, state.best, counts, tuple(state.curve), seen, beginning.carried)


def _warn_of_script(units: Units, documents: Sequence[Int32], dev: Sequence[Int32], characters: int) -> None:
    """Say where the units do not know the writing of a text: each then tells little, and the scores are high."""
    pieces = sum(map(len, documents)) / max(1, characters)
    if isinstance(units, Pieces) and pieces > _MANY_PIECES:
        logger.warning(
            "the start's pieces do not know this writing: %.1f a character; carry rows by near, which learns pieces of "
            "the text's own", pieces,
        )  # fmt: skip
    unknown = sum(int(np.count_nonzero(each == 0)) for each in dev) / max(1, sum(map(len, dev)))
    if isinstance(units, Characters) and unknown > _MANY_UNKNOWN:
        logger.warning(
            "%.0f%% of the characters of dev are unknown to the model, and cost 20 bits each: is it the same writing?",
            100 * unknown,
        )


def to_read(train: Sequence[str], settings: NeuralSettings) -> int:
    """Characters that a training reads at most, for a bar of its progress; a little more where minutes end it."""
    characters = sum(map(len, train))
    share = 4.0 if settings.units == "pieces" else 1.0
    units = max(1, int(characters / share))
    streams = Streams.of([np.zeros(units, np.int32)], settings.batch, settings.context, None, 0)
    return max(1, round(planned_steps(settings, streams) / streams.steps * characters))
