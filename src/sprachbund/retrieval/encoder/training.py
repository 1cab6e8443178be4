"""Training: batches of one language, a softmax over the batch, row-wise Adagrad on the rows that were touched.

The whole gradient is two dense products and the kernels of `bags`, so no torch is needed. A training is a
pure function of the encoded text, the settings and the seed, on one machine and thread count to the last bit: a
checkpoint holds the table, the accumulators and the number of the step, and a resumed training ends where the
uninterrupted one does.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64, UInt64
from sprachbund.errors import CapacityError, CorpusError, DivergenceError, FolderError, SettingsError
from sprachbund.machine import memory_limit
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval.encoder import bags, summing, table_rows
from sprachbund.retrieval.encoder.bags import Ranges, own_sentences
from sprachbund.retrieval.encoder.bfloat16 import noise
from sprachbund.retrieval.encoder.cold import ColdTable, hot_rows
from sprachbund.retrieval.encoder.device import DeviceTable
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.features import Rows, Workspace, bag_weights, build_units, divisors
from sprachbund.retrieval.encoder.mixture import Draws, schedule
from sprachbund.retrieval.encoder.model import Model, bags_of
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.encoder.rows import Sharing, make_rows
from sprachbund.retrieval.encoder.short_rows import Table
from sprachbund.retrieval.encoder.softmax import (
    keep_top,
    mask_overlaps,
    normalise,
    normalise_gradient,
    softmax_gradient,
)
from sprachbund.retrieval.encoder.start import Start, begin
from sprachbund.retrieval.encoder.tensors import is_sound
from sprachbund.retrieval.settings import Settings, Task

MEMORY_SHARE = 0.8
KINDS: dict[str, np.dtype[Any]] = {"float32": np.dtype(np.float32), "bfloat16": np.dtype(np.uint16)}
"""What holds the numbers of a table, by the setting ``rows``."""
KEEPING = 20.0
"""Times as long as writing a checkpoint took, until the next: a large table takes seconds."""


@dataclass
class Log:
    """What a training did.

    Attributes:
        losses: the mean loss of each batch. drawn: pairs drawn by language. passes: how often each was repeated.
        curve: (step, score on dev) of the learning curve. seconds: wall time of this process.
        carried: with a start, how many rows came from where; see `start.Beginning`.
    """

    losses: list[float] = field(default_factory=list)
    drawn: dict[str, int] = field(default_factory=dict)
    passes: dict[str, float] = field(default_factory=dict)
    curve: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    carried: Mapping[str, int] = field(default_factory=dict)


@dataclass
class State:
    """All that a resumed training needs: the step to come next, the table and its accumulators, the log, the best."""

    step: int
    table: Float32 | ColdTable
    accumulators: Float32
    log: Log
    best: Float32 | None = None


Judge = Callable[[Model], float]
Keeper = Callable[[State], None]


def train_model(
    encoded: EncodedCorpus,
    task: Task,
    settings: Settings,
    *,
    languages: tuple[str, ...] | None = None,
    seed: int = 0,
    sharing: Sharing = "shared",
    start: Start | None = None,
    judge: Judge | None = None,
    resume: State | None = None,
    keep: Keeper | None = None,
    keep_every: float = 60.0,
    memory: int | None = None,
    cold: Path | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> tuple[Model, Log]:
    """Train one model on the training side of ``languages``.

    Args:
        languages: all of ``encoded`` if None.
        sharing: ``shared`` rows, ``separate`` rows for each language, or ``permuted`` (see `rows`).
        start: a model to go on from (see `start`), with ``shared`` rows alone.
        judge: scores a model on dev, higher is better; needed for a learning curve and early stopping.
        resume: the state that ``keep`` got last.
        keep: called with the state every ``keep_every`` seconds, less often where that would take a twentieth of
            the time; after every step if not above 0.
        memory: bytes that the table may use, None for four fifths of what the machine allows.
        cold: a folder for the rows that do not fit the memory, see `cold`; the numbers are the same to the last bit.
            None refuses such a table, and so do a start, patience and a device.
        device: of torch, as ``cuda``, where the steps are taken; the same to a tolerance, see `device`. None for the
            kernels of the processor.

    Raises:
        MissingExtraError: a device is named, and torch is not installed.
        CorpusError: no language has two training pairs.
        CapacityError: the table does not fit the memory, or its cold rows the disk; says what would.
        DivergenceError: the numbers left their range; what ``keep`` got before is good.
        SettingsError: the start is of another shape, or there is no such device.
    """
    progress = progress or Silent()
    started = time.monotonic()
    languages = languages or encoded.languages
    data = {language: encoded.language(language) for language in languages}
    draws = {language: make_draws(data[language], task, settings, seed) for language in languages}
    steps = schedule({language: d.size for language, d in draws.items()}, settings.training)
    if not steps and settings.training.epochs > 0:
        raise CorpusError(
            f"{task}: none of {', '.join(languages)} has two training pairs; ingest more text, or lower least_words "
            f"(now {settings.pairs.least_words}) or least_context (now {settings.pairs.least_context})"
        )
    layout = make_rows(encoded, languages, settings.encoder, seed, sharing)
    beginning = begin(encoded, layout, settings, seed, start)
    rows = len(beginning.ids)
    dim = settings.encoder.dim
    if device and settings.training.rows != "float32":
        raise SettingsError(f"a device has rows of float32, found rows={settings.training.rows}; leave one of them out")
    if start or device or settings.training.patience:
        cold = None
    if resume:  # in memory by now, and on disk, as it was begun
        _require_fit(resume, rows, dim, len(steps))
        state = resume
    else:
        hot = _hot_rows(rows, settings, memory, start.model.table.nbytes if start else 0, cold)
        kind = KINDS[settings.training.rows]
        fits = cold is None or hot == rows
        if fits and kind == np.float32:
            table: Float32 | ColdTable = beginning.table()
        else:
            part = _parts(beginning.table()) if start else layout.part(dim)
            table = ColdTable.create(None if fits else cold, (rows, dim), hot, part, kind)
        state = State(0, table, np.zeros(rows, np.float32), Log())
    state.log.carried = beginning.told or {}
    model = Model(
        settings,
        encoded.with_characters(settings.encoder.characters),
        beginning.rows,
        state.table,
        beginning.ids,
    )
    space = Workspace.of(encoded.ngrams)
    away = DeviceTable(device, _whole(state.table), state.accumulators) if device else None
    judged = _judged_steps(len(steps), settings) if judge else frozenset()
    kept, wait = time.monotonic(), keep_every
    for number in range(state.step, len(steps)):
        step = steps[number]
        if isinstance(state.table, ColdTable):
            state.table.noise = noise(seed, number)
        batch = draws[step.language][step.number]
        rate = settings.training.rate * (1 - step.number / step.of)
        moved = beginning.moved(number, len(steps), step.language)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what overflows is an error of ours, not a warning
                loss = train_step(model, data[step.language], batch, state.accumulators, rate, space, moved, away)
        except FloatingPointError:
            raise _diverged(task, state.step, len(steps), settings) from None
        state.log.losses.append(loss)
        state.log.drawn[step.language] = state.log.drawn.get(step.language, 0) + len(batch)
        state.step = number + 1
        progress.advance()
        judging = judge is not None and state.step in judged
        pressing = isinstance(state.table, ColdTable) and state.table.is_pressing
        keeping = keep is not None and (pressing or time.monotonic() - kept > wait)
        looking = judging or keeping or state.step == len(steps)
        if looking and away:
            away.fetch(_whole(state.table), state.accumulators)
        if looking and not _is_sound(state.table):
            raise _diverged(task, state.step, len(steps), settings)
        if judge and judging:
            state.log.curve.append((state.step, judge(model)))
            if _stop(state, settings.training.patience):
                break
        if keep and keeping:
            begun = time.monotonic()
            keep(state)
            kept = time.monotonic()
            wait = max(keep_every, KEEPING * (kept - begun)) if keep_every > 0 else keep_every
    if state.best is not None:
        _whole(state.table)[:] = state.best
    state.log.passes = {language: n / max(1, draws[language].size) for language, n in state.log.drawn.items()}
    state.log.seconds += time.monotonic() - started
    return model, state.log


def _require_fit(state: State, rows: int, dim: int, steps: int) -> None:
    """See that a state is of a table of this shape, before a kernel relies on it.

    Raises:
        FolderError: it is not.
    """
    tables = [state.table, *([] if state.best is None else [state.best])]
    fits = all(table.shape == (rows, dim) for table in tables) and state.accumulators.shape == (rows,)
    if not fits or not 0 <= state.step <= steps:
        raise FolderError(
            f"the checkpoint has batch {state.step:,} and a table of {state.table.shape}, expected {steps:,} batches "
            f"at most and {(rows, dim)}; remove it to begin anew"
        )


def _diverged(task: Task, step: int, steps: int, settings: Settings) -> DivergenceError:
    training = settings.training
    return DivergenceError(
        f"{task}: the training diverged at batch {step:,} of {steps:,}, its numbers became too large or none at all; "
        f"lower rate (now {training.rate:g}; best has 0.03) or scale (now {training.scale:g})"
    )


def count_steps(encoded: EncodedCorpus, task: Task, settings: Settings, languages: tuple[str, ...]) -> int:
    """The batches that `train` will draw."""
    sizes = {language: make_draws(encoded.language(language), task, settings, 0).size for language in languages}
    return len(schedule(sizes, settings.training))


def make_draws(data: EncodedLanguage, task: Task, settings: Settings, seed: int) -> Draws:
    """The training batches of one language; the seed is the language's own, so that its company does not matter."""
    own = int.from_bytes(data.language.encode(), "little") % (1 << 62)
    pairs = data.pairs(task, settings, "train")
    every = settings.pairs.every or task == "nsp"
    generator = np.random.SeedSequence([seed, own]).generate_state(1, np.uint64)[0]
    return Draws(pairs, data.documents, data.sections, settings.training, every, int(generator))


def train_step(
    model: Model,
    data: EncodedLanguage,
    batch: Pairs,
    accumulators: Float32,
    rate: float,
    space: Workspace,
    moved: Int32 | None = None,
    away: DeviceTable | None = None,
) -> float:
    """One step on one batch; changes the model's table in place and returns the mean loss.

    Args:
        moved: as in `descend`. away: where the table is on a device, which is changed instead.
    """
    candidates = batch.candidates()
    low, high = batch.span()
    overlaps = (low, high, data.candidate_hashes(candidates))
    own, (asking, offered) = own_sentences(batch.queries(), candidates)
    bags = bags_of(data.sentences, own, model.settings.encoder)
    rows = model.rows[data.language]
    if away is not None:
        moved = rows.row if moved is None else moved
        return away.descend(model, rows, bags, asking, offered, overlaps, rate, space, moved)
    return descend(model, rows, bags, asking, offered, overlaps, accumulators, rate, space, moved)


def descend(
    model: Model,
    rows: Rows,
    bags: bags.Bags,
    queries: Ranges,
    candidates: Ranges,
    overlaps: tuple[Int64, Int64, UInt64] | None,
    accumulators: Float32,
    rate: float,
    space: Workspace,
    moved: Int32 | None = None,
) -> float:
    """Forward, loss, backward and update.

    Args:
        bags: of sentences. queries, candidates: a pair each, ranges over ``bags``.
        overlaps: what `mask_overlaps` wants, or None.
        moved: int32 [ids], the rows that are updated, UNSEEN for those that are kept still; all of ``rows`` if None.

    Raises:
        FloatingPointError: a vector or a loss is no number, or too large for one; the model is as it was.
    """
    encoder, training, table = model.settings.encoder, model.settings.training, model.table
    moved, pairs = rows.row if moved is None else moved, len(queries)
    units = build_units(bags, model.ngrams, rows, table, encoder, space)
    sums = summing.sum_bags(units.local, bags.weights, bags.starts, bags.ends, units.vectors)
    pooled = _both(sums, queries, candidates)
    divisor = None
    if encoder.pooling != "sum":
        divisor = divisors(_both(bag_weights(bags), queries, candidates), encoder.pooling)
        pooled /= divisor
    unit, lengths = normalise(pooled) if encoder.similarity == "cosine" else (pooled, np.empty(0, np.float32))
    if not np.isfinite(lengths if encoder.similarity == "cosine" else pooled).all():
        raise FloatingPointError
    query, candidate = unit[:pairs], unit[pairs:]
    logits = query @ candidate.T
    logits *= np.float32(training.scale)
    if overlaps:
        mask_overlaps(logits, *overlaps)
    if training.top:
        keep_top(logits, training.top)
    losses = softmax_gradient(logits)
    if not np.isfinite(losses).all():
        raise FloatingPointError
    gradient: Float32 = np.concatenate((logits @ candidate, logits.T @ query))
    gradient *= np.float32(training.scale)
    if encoder.similarity == "cosine":
        gradient = normalise_gradient(unit, lengths, gradient)
    if divisor is not None:
        gradient /= divisor
    slices = summing.slices()
    by_sentence = np.zeros_like(sums)
    for part, side in ((gradient[:pairs], queries), (gradient[pairs:], candidates)):
        summing.scatter_ranges(part, side.first, side.last, side.without, slices, by_sentence)
    by_unit = summing.scatter_bags(units.local, bags.weights, bags.starts, bags.ends, by_sentence, len(units.ids))
    if len(units.characters):
        space.characters[units.characters] = np.arange(len(units.characters), dtype=np.int32)
        by_character = summing.scatter_characters(
            units.ids,
            model.ngrams.char_offsets,
            model.ngrams.char_ids,
            space.characters,
            encoder.character_weight,
            by_unit,
            len(units.characters),
        )
        summing.forget(units.characters, space.characters)
        _update(moved[units.characters], by_character, table, accumulators, rate)
    _update(moved[units.ids], by_unit, table, accumulators, rate)
    return float(losses.mean())


def _update(rows: Int32, gradient: Float32, table: Table, accumulators: Float32, rate: float) -> None:
    """Row-wise Adagrad, wherever the rows lie."""
    if isinstance(table, ColdTable):
        table.update(rows, gradient, accumulators, rate)
    else:
        assert isinstance(table, np.ndarray)  # short rows only serve
        table_rows.adagrad_rows(rows, gradient, table, accumulators, rate)


def _whole(table: Float32 | ColdTable) -> Float32:
    """A table that is in memory: what has a device or patience never has rows on disk."""
    assert isinstance(table, np.ndarray)
    return table


def _is_sound(table: Float32 | ColdTable) -> bool:
    return table.sound if isinstance(table, ColdTable) else is_sound(table)


def _both(sums: Float32, queries: Ranges, candidates: Ranges) -> Float32:
    """The sums of the queries, then those of the candidates."""
    parts = [summing.sum_ranges(sums, side.first, side.last, side.without) for side in (queries, candidates)]
    return np.concatenate(parts)


def _parts(table: Float32) -> Callable[[int, int], Float32]:
    return lambda low, high: table[low:high]


def _hot_rows(rows: int, settings: Settings, memory: int | None, beside: int, cold: Path | None) -> int:
    """The rows that are held in memory: all of them where they fit; see `require_memory` and `cold.hot_rows`."""
    try:
        require_memory(rows, settings, memory, beside)
    except CapacityError:
        if cold is None:
            raise
        return hot_rows(rows, settings.encoder.dim, _allowed(memory), cold, KINDS[settings.training.rows].itemsize)
    return rows


def _allowed(memory: int | None) -> int:
    """Bytes that a table may use."""
    return memory or int(memory_limit() * MEMORY_SHARE)


def require_memory(rows: int, settings: Settings, memory: int | None = None, beside: int = 0) -> None:
    """Refuse a table that does not fit beside its accumulators (and its best copy where training may stop early).

    Args:
        beside: bytes that the model takes from which the training goes on.

    Raises:
        CapacityError: with the rows, the bytes, the limit, and settings that would fit.
    """
    number = KINDS[settings.training.rows].itemsize * (2 if settings.training.patience else 1)
    needed = rows * (settings.encoder.dim * number + 4)
    allowed = max(0, _allowed(memory) - beside)
    if needed > allowed:
        fitting = max(1, (allowed // max(1, rows) - 4) // number)
        most = allowed // (settings.encoder.dim * number + 4)
        raise CapacityError(
            f"{rows:,} rows of {settings.encoder.dim} numbers need {needed / 2**30:.1f} GiB, but only "
            f"{allowed / 2**30:.1f} GiB may be used; dim={fitting}, max_rows={most} or a higher min_count would fit"
        )


def _judged_steps(steps: int, settings: Settings) -> frozenset[int]:
    """After which steps to judge: evenly, the last step included."""
    points = settings.training.evaluations or (4 if settings.training.patience else 0)
    return frozenset(int(x) for x in np.linspace(0, steps, points + 1)[1:].round()) if points else frozenset()


def _stop(state: State, patience: int) -> bool:
    """Keep the best table; whether the last ``patience`` evaluations brought none better."""
    if not patience:
        return False
    scores = [score for _, score in state.log.curve]
    best = int(np.argmax(scores))
    if best == len(scores) - 1:
        state.best = _whole(state.table).copy()
    return len(scores) - 1 - best >= patience


def drawn_shares(log: Log) -> Mapping[str, float]:
    """The shares of the pairs that each language really got."""
    total = sum(log.drawn.values())
    return {language: count / total for language, count in log.drawn.items()}
