"""Training a recogniser: from utterances to a `Recogniser`.

CTC (Graves et al. 2006), AdamW with a rate that rises and falls as a cosine, dropout, speech at several speeds, in
noise and with masks; stopped on dev and the best kept. With a limit in minutes the number of steps follows from the
speed of the first ones, and so differs from machine to machine; without one the bits follow from speech, settings and
seed (on as many threads, and processors of one kind).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np

from sprachbund.errors import CorpusError, SettingsError
from sprachbund.lab.recipe import Carry
from sprachbund.lm.neural.network import on_threads
from sprachbund.progress import Progress, Silent, logger
from sprachbund.speech import extra
from sprachbund.speech.cache import Features
from sprachbund.speech.features import frames_in
from sprachbund.speech.recogniser.batches import Batches
from sprachbund.speech.recogniser.loop import PLATEAU, Work, planned_steps, run
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import out_frames, require_memory
from sprachbund.speech.recogniser.settings import RecogniserSettings
from sprachbund.speech.recogniser.start import alphabet_for, begin
from sprachbund.speech.store import Utterances

__all__ = ["ONCE", "STEPS", "to_hear", "train_recogniser"]

STEPS, ONCE = "steps", "once"
"""Of what a recogniser was made of: steps of its training, and seconds of speech that one pass has."""


def train_recogniser(
    train: Sequence[Utterances],
    dev: Sequence[Utterances],
    settings: RecogniserSettings,
    *,
    seed: int = 0,
    start: Recogniser | None = None,
    carry: Mapping[str, Carry] | None = None,
    table: Path | None = None,
    frozen: tuple[str, ...] = (),
    freeze: float = 0.5,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Recogniser:
    """Train a recogniser on some utterances.

    Args:
        train, dev: utterances, one item a language; dev says when to stop and which state is the best.
        start: a recogniser to go on from, of the same shape. carry: by part (`start.PARTS`) how its weights are carried
            over; rows by ``near`` and all else as it is where nothing is said. table: what gives rows by ``table``.
        frozen: parts that stay as they were carried for ``freeze`` of the steps, 0 to 1.
        checkpoints: a folder to go on from after a kill, and to leave checkpoints in; the caller removes it.
        progress: advanced by seconds of speech, of `to_hear` in all.

    Raises:
        CorpusError: there is no speech to train or to stop on. SettingsError: the start has another shape or rate.
        CapacityError: it does not fit the memory. MissingExtraError: torch is not installed.
        DivergenceError: the loss is no number; names the last good checkpoint.
    """
    extra.torch()
    train, dev = [_fitting(part) for part in train], [part for part in dev if len(part)]
    for side, parts in (("train on", train), ("stop on (dev)", dev)):
        if not sum(map(len, parts)):
            raise CorpusError(
                f"a recogniser needs speech to {side}, found none; ingest more speakers, or other shares of the split"
            )
    settings = _at_rate(settings, [*train, *dev])
    letters = [text for part in train for text in part.letters]
    alphabet = alphabet_for(letters, start, carry or {})
    counts = alphabet.counts(letters)
    seconds = np.array([value for part in train for value in part.table["seconds"]], np.float64)
    require_memory(settings, alphabet.size, float(seconds.max()))
    dev = _cut(dev, settings.training.dev_seconds)
    texts = [text for part in dev for text in part.letters]
    if unknown := sum(alphabet.unknown(text) for text in texts):
        logger.warning("%d letters of dev are none of the training speech, and cannot be written", unknown)
    cache = settings.training.cache << 20
    with on_threads(settings.training.threads):
        beginning = begin(settings, alphabet, counts, seed, start, carry, table, frozen, freeze)
        batches = Batches(seconds, settings.training.batch, seed)
        work = Work(settings, alphabet, Features(train, settings.features, cache), letters, batches, beginning, seed,
                    _hash(train, dev))  # fmt: skip
        state = run(work, Features(dev, settings.features, 0), texts, checkpoints, progress or Silent())
    assert state.best is not None
    if state.lowest > PLATEAU:
        logger.warning(
            "the recogniser writes next to nothing yet (%.0f%% of the letters of dev are wrong): it has not left the "
            "plateau where all begin; give it more minutes or speech, or begin --from another language's",
            100 * state.lowest,
        )  # fmt: skip
    return Recogniser(
        tuple(sorted({part.language for part in train})), settings, alphabet, counts, state.best, tuple(state.curve),
        work.seen(state.step), beginning.carried, about={STEPS: state.step, ONCE: float(work.batches.total)},
    )  # fmt: skip


def to_hear(train: Sequence[Utterances], settings: RecogniserSettings) -> int:
    """Seconds of speech that a training hears at most, for a bar of its progress."""
    seconds = np.array([value for part in train for value in part.table["seconds"]], np.float64)
    if not len(seconds):
        return 1
    batches = Batches(seconds, settings.training.batch, 0)
    return max(1, round(planned_steps(settings, batches) / batches.steps * batches.total))


def _fitting(part: Utterances) -> Utterances:
    """Those whose letters have room: a row of the network each, and one between two that are the same."""
    samples = list(part.table["samples"])
    fits = [
        out_frames(frames_in(size, part.rate)) >= len(text) + sum(one == other for one, other in pairwise(text))
        for size, text in zip(samples, part.letters, strict=True)
    ]
    if not all(fits):
        logger.warning(
            "%s: %d of %d utterances are too short for their letters, and are not trained on", part.language,
            fits.count(False), len(fits),
        )  # fmt: skip
        return part.take(np.flatnonzero(fits))
    return part


def _at_rate(settings: RecogniserSettings, parts: Sequence[Utterances]) -> RecogniserSettings:
    """The settings with the sampling rate of the speech.

    Raises:
        SettingsError: the parts have several.
    """
    rates = sorted({part.rate for part in parts})
    if len(rates) > 1:
        raise SettingsError(f"speech of several sampling rates, {rates}; ingest all of it with one")
    return replace(settings, features=replace(settings.features, sampling_rate=rates[0]))


def _cut(parts: Sequence[Utterances], seconds: float) -> list[Utterances]:
    """As much of each language, evenly; speakers in the order of the corpus, one utterance of each after the other."""
    each = seconds / max(1, len(parts))
    kept = []
    for part in parts:
        turns: dict[str, int] = {}
        order = []
        for number, speaker in enumerate(part.table["speaker"]):
            turns[speaker] = turns.get(speaker, 0) + 1
            order.append((turns[speaker], number))
        numbers = [number for _, number in sorted(order)]
        sums = np.cumsum(np.array(part.table["seconds"])[numbers])
        kept.append(part.take(numbers[: max(1, int(np.searchsorted(sums, each)))]))
    return kept


def _hash(*sides: Sequence[Utterances]) -> str:
    """Of the speech of both sides: samples and letters."""
    digest = sha256()
    for parts in sides:
        for part in parts:
            for row in part.table.select("sha256", "letters").iter_rows():
                digest.update("\0".join(row).encode() + b"\n")
        digest.update(b"\n\n")
    return digest.hexdigest()
