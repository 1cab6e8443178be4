"""The steps of a training, and when it is judged, kept and ended.

What a step does follows from the seed and its number alone: which text is read, what dropout leaves out, how high the
rate is. So a training that goes on from a checkpoint ends with the bits of one that was never stopped.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Int32
from sprachbund.devices import device_of
from sprachbund.errors import DivergenceError
from sprachbund.lm.neural import checkpoint, extra
from sprachbund.lm.neural.batches import Streams
from sprachbund.lm.neural.checkpoint import State
from sprachbund.lm.neural.network import build, rows_of, weights_of
from sprachbund.lm.neural.precision import in_bfloat16
from sprachbund.lm.neural.scoring import nats
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.start import Beginning
from sprachbund.lm.neural.units import Units
from sprachbund.progress import Progress

__all__ = ["Work", "planned_steps", "rate_at", "run", "scaled_dropout", "scaled_epochs"]

WARM, LOWEST, CLIP = 0.03, 0.02, 1.0
"""The share of the steps in which the rate rises; the share of the rate at the end; the longest gradient."""
_SETTLING, _TIMED = 4, 24
"""Steps before the speed is taken, and those that it is taken from."""
_KEPT = 60.0
"""Seconds between checkpoints where no evaluation calls for one."""
_DEV_SHARE, _LEAST_DEV = 0.25, 20_000
"""Characters read on dev in all, at most, to one that is learned from; and at a point at least."""


@dataclass(frozen=True)
class Work:
    """All that a training is, but where it stands.

    Attributes:
        characters: of the training text.
    """

    settings: NeuralSettings
    units: Units
    streams: Streams
    beginning: Beginning
    seed: int
    characters: int

    def specification(self) -> dict[str, Any]:
        """What names it: JSON values."""
        digest = sha256()
        for document in self.streams.documents:
            digest.update(document.tobytes() + b"\n")
        for name in sorted(self.beginning.weights):
            digest.update(name.encode() + self.beginning.weights[name].tobytes())
        own = self.beginning
        still = [sorted(own.still), own.rows is not None, own.freeze]
        return {"settings": asdict(self.settings), "seed": self.seed, "from": digest.hexdigest(), "still": still}

    def seen(self, step: int) -> int:
        """Characters that so many steps read."""
        epochs, rest = divmod(step, self.streams.steps)
        read = epochs * self.streams.long + min(rest * self.streams.context, self.streams.long)
        return round(read * self.streams.batch * self.characters / max(1, self.streams.units))


def scaled_epochs(units: int) -> float:
    """Passes over a text of so many units: 12 at 300,000, as the square root falls, at least 2 and at most 40."""
    return min(40.0, max(2.0, 12 * math.sqrt(300_000 / units)))


def scaled_dropout(units: int) -> float:
    """The share that is left out where a text has so many units: .2 at 300,000, as the square root falls, .1 to .5."""
    return min(0.5, max(0.1, 0.2 * math.sqrt(300_000 / units)))


def planned_steps(settings: NeuralSettings, streams: Streams) -> int:
    """Steps of a training, unless minutes end it or dev stops it before."""
    return max(1, math.ceil((settings.epochs or scaled_epochs(streams.units)) * streams.steps))


def rate_at(share: float, warm: float = WARM) -> float:
    """The rate as a share of its highest, where so much of the training is done; it rises for ``warm`` of it."""
    falling = 0.5 * (1 + math.cos(math.pi * (share - warm) / (1 - warm)))
    risen = share / warm if share < warm else falling
    return LOWEST + (1 - LOWEST) * risen


def run(work: Work, dev: Sequence[str], checkpoints: Path | None, progress: Progress) -> State:
    """Train to the end; the state that is returned has the best weights.

    Raises:
        DivergenceError: the loss is no number.
    """
    torch, settings = extra.torch(), work.settings
    device = device_of(torch, settings.device)
    network = build(settings, work.units.size)
    network.load_state_dict({name: torch.from_numpy(weight) for name, weight in work.beginning.weights.items()})
    network.to(device)
    optimiser = _optimiser(network, settings)
    specification = work.specification()
    state = checkpoint.read(checkpoints, specification) if checkpoints else None
    if state is None:
        state = State(planned_steps(settings, work.streams), planned=not settings.minutes)
    else:
        checkpoint.restore(state, network, optimiser)
        progress.advance(work.seen(state.step))
    reader, judge = _Reader(work, state), _Judge(work, dev)
    began, kept = time.monotonic() - state.seconds, time.monotonic()
    with torch.random.fork_rng(devices=[]):
        while state.step < state.steps and not state.done:
            units, hidden = reader.read(network)
            state.hidden = _step(work, state, network, optimiser, units, hidden, checkpoints)
            state.step += 1
            state.seconds = time.monotonic() - began
            progress.advance(work.seen(state.step) - work.seen(state.step - 1))
            if not state.planned:
                reader.plan(state)
            late = bool(settings.minutes) and state.seconds >= 60 * settings.minutes
            if late or judge.is_due(state):
                judge.look(state, network)
                state.done |= late or (0 < settings.patience <= state.since)
                progress.describe(f"{state.curve[-1][1]:.3f} bits a byte on dev")
            elif time.monotonic() - kept < _KEPT or not state.planned:
                continue
            if checkpoints:
                checkpoint.write(checkpoints, state, network, optimiser, specification)
                kept = time.monotonic()
    return state


class _Reader:
    """Hands out the text of each step, and the state before it."""

    def __init__(self, work: Work, state: State) -> None:
        self.work, self.state = work, state
        self.epoch = -1
        self.timed = 0.0

    def read(self, network: Any) -> tuple[Any, Any]:
        """Units of the next step, int64 [length + 1, streams], and the hidden state before them."""
        streams, torch = self.work.streams, extra.torch()
        epoch, place = divmod(self.state.step, streams.steps)
        if epoch != self.epoch:
            self.text, self.epoch = torch.from_numpy(streams.epoch(epoch)), epoch
        hidden = self.state.hidden
        if place == 0 or hidden is None:
            hidden = network.state(streams.batch)
        low, device = place * streams.context, next(network.parameters()).device
        hidden = [(h.to(device), c.to(device)) for h, c in hidden]
        return self.text[low : low + streams.context + 1].to(device), hidden

    def plan(self, state: State) -> None:
        """Settle how many steps the minutes give, once the speed is known."""
        if state.step == _SETTLING:
            self.timed = state.seconds
        if state.step == _SETTLING + _TIMED:
            each = (state.seconds - self.timed) / _TIMED * (1 + _DEV_SHARE / 3)
            left = max(0.0, 60 * self.work.settings.minutes - state.seconds)
            state.steps = min(state.steps, state.step + max(1, int(left / max(each, 1e-9))))
            state.planned = True


class _Judge:
    """Looks at dev from time to time, and keeps what is best."""

    def __init__(self, work: Work, dev: Sequence[str]) -> None:
        self.work, self.dev = work, dev
        self.numbers: list[Int32] = []

    def _prepare(self, steps: int) -> None:
        """Take as much of each document's beginning as may be read at a point."""
        own = self.work.settings
        fair = int(_DEV_SHARE * self.work.seen(steps) / own.evaluations)
        each = max(1, min(own.dev_characters, max(_LEAST_DEV, fair)) // len(self.dev))
        parts = [text[:each] for text in self.dev]
        self.numbers = [self.work.units.encode(part) for part in parts]
        self.bytes = max(1, sum(len(part.encode("utf-8", "surrogatepass")) for part in parts))
        self.extra = sum(self.work.units.extra_bits(each) for each in self.numbers)

    def is_due(self, state: State) -> bool:
        """At the end, and so often before it."""
        points = self.work.settings.evaluations
        before, now = (step * points // state.steps for step in (state.step - 1, state.step))
        return (state.planned and now > before) or state.step >= state.steps

    def look(self, state: State, network: Any) -> None:
        """A point of the curve."""
        if not self.numbers:
            self._prepare(state.steps)
        network.eval()
        told = nats(network, self.work.settings, self.numbers, self.work.units.context)
        network.train()
        value = (sum(float(each.sum()) for each in told) / math.log(2) + self.extra) / self.bytes
        state.since = 0 if value < state.lowest else state.since + 1
        if not state.since or state.best is None:
            state.best = weights_of(network)
        state.curve.append((self.work.seen(state.step), value, state.seconds))


def _optimiser(network: Any, settings: NeuralSettings) -> Any:
    torch = extra.torch()
    parameters = list(network.parameters())
    groups = [
        {"params": [weight for weight in parameters if weight.dim() > 1], "weight_decay": settings.decay},
        {"params": [weight for weight in parameters if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, settings.rate, betas=(0.9, 0.99), fused=True)


def _step(
    work: Work, state: State, network: Any, optimiser: Any, units: Any, hidden: Any, checkpoints: Path | None
) -> Any:
    """One step; the hidden state behind it."""
    torch, settings, own = extra.torch(), work.settings, work.beginning
    share = state.step / state.steps
    # what dropout leaves out follows from the step alone
    torch.manual_seed(int(np.random.SeedSequence([work.seed, state.step]).generate_state(1, np.uint64)[0] >> 1))
    for group in optimiser.param_groups:
        group["lr"] = settings.rate * rate_at(share)
    still = share < own.freeze
    for name, weight in network.named_parameters():
        weight.requires_grad_(not (still and name in own.still))
    kind = units.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=in_bfloat16(settings.precision, kind)):
        logits, behind = network(units[:-1], hidden)
    loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), units[1:].flatten())
    if not math.isfinite(loss.item()):
        raise DivergenceError(_diverged(state, settings, checkpoints))
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([weight for weight in network.parameters() if weight.grad is not None], CLIP)
    optimiser.step()
    if still and own.rows is not None:
        _keep_rows(network, settings, own.weights, own.rows)
    return behind


def _keep_rows(network: Any, settings: NeuralSettings, weights: Mapping[str, Any], rows: Any) -> None:
    """Put rows that are kept still back to what they were."""
    torch = extra.torch()
    with torch.no_grad():
        kept = torch.from_numpy(rows)
        for name, weight in network.named_parameters():
            if name in rows_of(settings):
                weight[kept] = torch.from_numpy(weights[name])[kept].to(weight.device)


def _diverged(state: State, settings: NeuralSettings, checkpoints: Path | None) -> str:
    kept = "no checkpoint was asked for"
    if checkpoints is not None:
        there = (checkpoints / checkpoint.MANIFEST).is_file()
        kept = f"the last good state is the checkpoint {checkpoints}" if there else "there was no checkpoint before"
    return (
        f"step {state.step + 1:,} of {state.steps:,}: the loss is no number; {kept}; lower the rate (now "
        f"{settings.rate:g}) or take precision = float32"
    )
