"""How the training of a network goes on: step after step, judged so often, kept for a kill, ended by minutes or by dev.

Language models and recognisers share it. What a step reads and what its loss is, and how dev is judged, is theirs. What
a step does follows from the seed and its number alone, so a training that goes on from a checkpoint ends with the bits
of one that was never stopped.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Float32
from sprachbund.errors import DivergenceError
from sprachbund.lm.neural import checkpoint, extra
from sprachbund.lm.neural.checkpoint import State
from sprachbund.progress import Progress

__all__ = ["Beginning", "Course", "descend", "follow", "keep_rows", "optimiser_of", "prepare", "rate_at"]

LOWEST = 0.02
"""The share of the highest rate that is left at the end."""
_KEPT = 60.0
"""Seconds between checkpoints where no evaluation calls for one."""
_SETTLING = 4
"""Steps before the speed is taken."""


@dataclass(frozen=True)
class Beginning:
    """The numbers before the first step.

    Attributes:
        weights: float32 by name. carried: how many rows came from where.
        still: names of the weights that are kept still at first. rows: bool [rows], which rows are.
        freeze: the share of the steps in which they are.
    """

    weights: Mapping[str, Float32]
    carried: Mapping[str, int] = field(default_factory=dict)
    still: frozenset[str] = frozenset()
    rows: Flags | None = None
    freeze: float = 0.0


@dataclass(frozen=True)
class Course:
    """What a training does on its way, and when it ends.

    Attributes:
        minutes: that it may take, 0 for all its steps. patience: points on dev without a better one, 0 for no end.
        evaluations: points over the whole. timed: steps that the speed is taken from, once the first have settled.
        dearer: a step with its share of the evaluations, over one without.
        seen: what so many steps have learned from, for the progress. step: takes one. look: adds a point to the curve.
        said: what the last point says. write: keeps a checkpoint; None where none is asked for.
    """

    minutes: float
    patience: int
    evaluations: int
    timed: int
    dearer: float
    seen: Callable[[int], int]
    step: Callable[[], None]
    look: Callable[[], None]
    said: Callable[[], str]
    write: Callable[[], None] | None


def rate_at(share: float, warm: float) -> float:
    """The rate as a share of its highest, where so much of the training is done; it rises for ``warm`` of it."""
    falling = 0.5 * (1 + math.cos(math.pi * (share - warm) / (1 - warm)))
    risen = share / warm if share < warm else falling
    return LOWEST + (1 - LOWEST) * risen


def follow(course: Course, state: State, progress: Progress) -> None:
    """Train to the end, or to the end of the minutes or of patience."""
    began, kept, settled = time.monotonic() - state.seconds, time.monotonic(), 0.0
    with extra.torch().random.fork_rng(devices=[]):
        while state.step < state.steps and not state.done:
            course.step()
            state.step += 1
            state.seconds = time.monotonic() - began
            progress.advance(course.seen(state.step) - course.seen(state.step - 1))
            if state.step == _SETTLING:
                settled = state.seconds
            if not state.planned and state.step == _SETTLING + course.timed:
                _plan(course, state, (state.seconds - settled) / course.timed * course.dearer)
            late = bool(course.minutes) and state.seconds >= 60 * course.minutes
            if late or _is_due(course, state):
                course.look()
                state.done |= late or (0 < course.patience <= state.since)
                progress.describe(course.said())
            elif time.monotonic() - kept < _KEPT or not state.planned:
                continue
            if course.write is not None:
                course.write()
                kept = time.monotonic()


def _plan(course: Course, state: State, each: float) -> None:
    """Settle how many steps the minutes give, where one takes so many seconds."""
    left = max(0.0, 60 * course.minutes - state.seconds)
    state.steps = min(state.steps, state.step + max(1, int(left / max(each, 1e-9))))
    state.planned = True


def _is_due(course: Course, state: State) -> bool:
    """Whether dev is judged now: at the end, and so often before it."""
    before, now = (step * course.evaluations // state.steps for step in (state.step - 1, state.step))
    return (state.planned and now > before) or state.step >= state.steps


def optimiser_of(network: Any, rate: float, decay: float, betas: tuple[float, float]) -> Any:
    """AdamW; vectors do not decay."""
    parameters = list(network.parameters())
    groups = [
        {"params": [weight for weight in parameters if weight.dim() > 1], "weight_decay": decay},
        {"params": [weight for weight in parameters if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    return extra.torch().optim.AdamW(groups, rate, betas=betas, fused=True)


def prepare(
    network: Any, optimiser: Any, state: State, beginning: Beginning, seed: int, rate: float, warm: float
) -> bool:
    """Set what the number of the next step decides: chance, the rate, what is kept still; whether anything is."""
    share = state.step / state.steps
    # what dropout leaves out follows from the step alone
    extra.torch().manual_seed(int(np.random.SeedSequence([seed, state.step]).generate_state(1, np.uint64)[0] >> 1))
    for group in optimiser.param_groups:
        group["lr"] = rate * rate_at(share, warm)
    still = share < beginning.freeze
    for name, weight in network.named_parameters():
        weight.requires_grad_(not (still and name in beginning.still))
    return still


def descend(
    network: Any, optimiser: Any, loss: Any, longest: float, state: State, rate: float, checkpoints: Path | None
) -> None:
    """A step down a loss, by a gradient of at most that length.

    Raises:
        DivergenceError: the loss is no number.
    """
    if not math.isfinite(loss.item()):
        raise DivergenceError(_diverged(state, rate, checkpoints))
    optimiser.zero_grad()
    loss.backward()
    moving = [weight for weight in network.parameters() if weight.grad is not None]
    extra.torch().nn.utils.clip_grad_norm_(moving, longest)
    optimiser.step()


def keep_rows(network: Any, names: Sequence[str], beginning: Beginning) -> None:
    """Put rows that are kept still back to what they were; ``names`` are those of the weights that have rows."""
    torch = extra.torch()
    with torch.no_grad():
        kept = torch.from_numpy(beginning.rows)
        for name, weight in network.named_parameters():
            if name in names:
                weight[kept] = torch.from_numpy(beginning.weights[name])[kept].to(weight.device)


def _diverged(state: State, rate: float, checkpoints: Path | None) -> str:
    kept = "no checkpoint was asked for"
    if checkpoints is not None:
        there = (checkpoints / checkpoint.MANIFEST).is_file()
        kept = f"the last good state is the checkpoint {checkpoints}" if there else "there was no checkpoint before"
    return (
        f"step {state.step + 1:,} of {state.steps:,}: the loss is no number; {kept}; lower the rate (now {rate:g}) or "
        "take precision = float32"
    )
