"""The training of a language model along its `course`: which text a step reads, its loss, how dev is judged."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sprachbund.arrays import Int32
from sprachbund.devices import device_of
from sprachbund.lm.neural import checkpoint, extra
from sprachbund.lm.neural.batches import Streams
from sprachbund.lm.neural.checkpoint import State
from sprachbund.lm.neural.course import Beginning, Course, descend, follow, keep_rows, optimiser_of, prepare
from sprachbund.lm.neural.network import build, rows_of, weights_of
from sprachbund.lm.neural.precision import in_bfloat16
from sprachbund.lm.neural.scoring import nats
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.units import Units
from sprachbund.progress import Progress

__all__ = ["Work", "planned_steps", "run", "scaled_dropout", "scaled_epochs"]

_WARM, _LONGEST = 0.03, 1.0
"""The share of the steps in which the rate rises; the longest gradient."""
_TIMED = 24
"""Steps that the speed is taken from."""
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
    optimiser = optimiser_of(network, settings.rate, settings.decay, (0.9, 0.99))
    specification = work.specification()
    state = checkpoint.read(checkpoints, specification) if checkpoints else None
    if state is None:
        state = State(planned_steps(settings, work.streams), planned=not settings.minutes)
    else:
        checkpoint.restore(state, network, optimiser)
        progress.advance(work.seen(state.step))
    reader, judge = _Reader(work, state), _Judge(work, dev)

    def step() -> None:
        state.hidden = _step(work, state, network, optimiser, *reader.read(network), checkpoints)

    def write() -> None:
        assert checkpoints is not None
        checkpoint.write(checkpoints, state, network, optimiser, specification)

    course = Course(
        settings.minutes, settings.patience, settings.evaluations, _TIMED, 1 + _DEV_SHARE / 3, work.seen, step,
        lambda: judge.look(state, network), lambda: f"{state.curve[-1][1]:.3f} bits a byte on dev",
        write if checkpoints else None,
    )  # fmt: skip
    follow(course, state, progress)
    return state


class _Reader:
    """Hands out the text of each step, and the state before it."""

    def __init__(self, work: Work, state: State) -> None:
        self.work, self.state = work, state
        self.epoch = -1

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


def _step(
    work: Work, state: State, network: Any, optimiser: Any, units: Any, hidden: Any, checkpoints: Path | None
) -> Any:
    """One step; the hidden state behind it."""
    torch, settings, own = extra.torch(), work.settings, work.beginning
    still = prepare(network, optimiser, state, own, work.seed, settings.rate, _WARM)
    kind = units.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=in_bfloat16(settings.precision, kind)):
        logits, behind = network(units[:-1], hidden)
    loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), units[1:].flatten())
    descend(network, optimiser, loss, _LONGEST, state, settings.rate, checkpoints)
    if still and own.rows is not None:
        keep_rows(network, rows_of(settings), own)
    return behind
