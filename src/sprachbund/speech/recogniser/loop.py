"""The training of a recogniser along the `course` of networks: what a step hears, its loss, how dev is judged.

Which utterances a step hears, at which speed and in which noise, follows from the seed and its number alone.

At first every recogniser of this sort writes nothing at all: the blank is right more often than any letter. It may stay
so for hundreds of steps, and then learns fast. So patience counts points on dev that write letters, and no others.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.devices import device_of
from sprachbund.lm.neural import checkpoint
from sprachbund.lm.neural.checkpoint import State
from sprachbund.lm.neural.course import Beginning, Course, descend, follow, keep_rows, optimiser_of, prepare
from sprachbund.lm.neural.precision import in_bfloat16
from sprachbund.progress import Progress
from sprachbund.speech import extra
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.augmenting import masked, noisy
from sprachbund.speech.cache import Features
from sprachbund.speech.features import normalised
from sprachbund.speech.recogniser.batches import Batches
from sprachbund.speech.recogniser.greedy import greedy, text_of
from sprachbund.speech.recogniser.network import (
    ROWS,
    STRIDE,
    batch_of,
    build,
    log_probabilities,
    out_frames,
    weights_of,
)
from sprachbund.speech.recogniser.settings import RecogniserSettings

__all__ = ["PLATEAU", "Work", "planned_steps", "run", "scaled_epochs"]

_WARM, _LONGEST = 0.05, 5.0
"""The share of the steps in which the rate rises; the longest gradient."""
PLATEAU = 0.95
"""Character error rate on dev above which next to nothing is written yet."""
_TIMED = 16
"""Steps that the speed is taken from."""
_SIDE_BY_SIDE = 16
"""Utterances that are heard at once on dev."""


@dataclass(frozen=True)
class Work:
    """All that a training is, but where it stands.

    Attributes:
        features: of the training utterances. letters: of each. alphabet: that is learned.
        heard: hash of the training speech, for the name of the work.
    """

    settings: RecogniserSettings
    alphabet: Alphabet
    features: Features
    letters: Sequence[str]
    batches: Batches
    beginning: Beginning
    seed: int
    heard: str

    def specification(self) -> dict[str, Any]:
        """What names it: JSON values."""
        digest = sha256()
        for name in sorted(self.beginning.weights):
            digest.update(name.encode() + self.beginning.weights[name].tobytes())
        own = self.beginning
        return {
            "settings": asdict(self.settings), "seed": self.seed, "speech": self.heard, "from": digest.hexdigest(),
            "still": [sorted(own.still), own.rows is not None, own.freeze], "alphabet": list(self.alphabet.letters),
        }  # fmt: skip

    def seen(self, step: int) -> int:
        """Seconds of speech that so many steps hear, about."""
        return round(step / self.batches.steps * self.batches.total)


def scaled_epochs(seconds: float) -> float:
    """Passes over so much speech: 60 at half an hour, as the square root falls, at least 12 and at most 120."""
    return min(120.0, max(12.0, 60 * math.sqrt(1_800 / max(1.0, seconds))))


def planned_steps(settings: RecogniserSettings, batches: Batches) -> int:
    """Steps of a training, unless minutes end it or dev stops it before."""
    return max(1, math.ceil((settings.training.epochs or scaled_epochs(batches.total)) * batches.steps))


def run(work: Work, dev: Features, texts: Sequence[str], checkpoints: Path | None, progress: Progress) -> State:
    """Train to the end; the state that is returned has the best weights.

    Args:
        dev: utterances that choose. texts: their letters.

    Raises:
        DivergenceError: the loss is no number.
    """
    torch, training = extra.torch(), work.settings.training
    device = device_of(torch, training.device)
    network = build(work.settings, work.alphabet.size)
    network.load_state_dict({name: torch.from_numpy(weight) for name, weight in work.beginning.weights.items()})
    network.to(device)
    optimiser = optimiser_of(network, training.rate, training.decay, (0.9, 0.98))
    specification = work.specification()
    state = checkpoint.read(checkpoints, specification) if checkpoints else None
    if state is None:
        state = State(planned_steps(work.settings, work.batches), planned=not training.minutes)
    else:
        checkpoint.restore(state, network, optimiser)
        progress.advance(work.seen(state.step))
    reader, judge = _Reader(work, state), _Judge(work, dev, texts, state.curve[-1][2] if state.curve else 0.0)

    def write() -> None:
        assert checkpoints is not None
        checkpoint.write(checkpoints, state, network, optimiser, specification)

    course = Course(
        training.minutes, training.patience, training.evaluations, _TIMED, 1.1, work.seen,
        lambda: _step(work, state, network, optimiser, reader.read(), checkpoints),
        lambda: judge.look(state, network), lambda: f"{state.curve[-1][1]:.1%} of letters wrong on dev",
        write if checkpoints else None,
    )  # fmt: skip
    follow(course, state, progress)
    return state


class _Reader:
    """Hands out the utterances of each step, as they are heard in it."""

    def __init__(self, work: Work, state: State) -> None:
        self.work, self.state = work, state
        self.epoch = -1
        self.targets = [work.alphabet.encode(text) for text in work.letters]

    def read(self) -> tuple[Any, Any, Any, Any]:
        """Features, frames, symbols one after the other, and how many each has."""
        epoch, place = divmod(self.state.step, self.work.batches.steps)
        if epoch != self.epoch:
            self.order, self.epoch = self.work.batches.epoch(epoch), epoch
        chosen = self.order[place]
        features = [self._changed(int(number), epoch) for number in chosen]
        torch = extra.torch()
        targets = [self.targets[number] for number in chosen]
        padded, frames = batch_of(features)
        return padded, frames, torch.from_numpy(np.concatenate(targets)), torch.tensor([len(each) for each in targets])

    def _changed(self, number: int, epoch: int) -> Any:
        own = self.work.settings.augment
        generator = np.random.default_rng([self.work.seed, epoch, number, 7])
        speed = own.speeds[int(generator.integers(len(own.speeds)))]
        plain = self.work.features.of(number, speed)
        target = self.targets[number]
        if out_frames(len(plain)) < _rows_for(target):  # spoken so fast it has no room for its letters
            plain = self.work.features.of(number)
        return masked(normalised(noisy(plain, own, generator)), own, generator)


def _rows_for(target: Any) -> int:
    """Rows that a text takes at least: one a letter, one more between two that are the same."""
    return len(target) + int(np.count_nonzero(target[1:] == target[:-1]))


class _Judge:
    """Looks at dev from time to time, and keeps what is best."""

    def __init__(self, work: Work, dev: Features, texts: Sequence[str], spent: float) -> None:
        self.work, self.texts, self.dev = work, texts, dev
        self.spent, self.began = spent, time.process_time()
        self.heard: list[Any] = []

    def look(self, state: State, network: Any) -> None:
        """A point of the curve."""
        from sprachbund.speech.measures import character_edits

        if not self.heard:
            self.heard = [normalised(self.dev.of(number)) for number in range(len(self.dev))]
        network.eval()
        found: list[str] = []
        for low in range(0, len(self.heard), _SIDE_BY_SIDE):
            for told in log_probabilities(network, self.heard[low : low + _SIDE_BY_SIDE]):
                found.append(text_of(greedy(told), self.work.alphabet))
        network.train()
        edits = sum(character_edits(text, guess) for text, guess in zip(self.texts, found, strict=True))
        value = edits / max(1, sum(map(len, self.texts)))
        waiting = value > PLATEAU  # even after a point that was better: fresh numbers write letters by chance
        better = value < state.lowest or (waiting and state.lowest > PLATEAU)
        state.since = 0 if better or waiting else state.since + 1
        if better or state.best is None:
            state.best = weights_of(network)
        state.curve.append((self.work.seen(state.step), value, self.spent + time.process_time() - self.began))


def _step(
    work: Work, state: State, network: Any, optimiser: Any, heard: tuple[Any, Any, Any, Any], checkpoints: Path | None
) -> None:
    torch, training, own = extra.torch(), work.settings.training, work.beginning
    features, frames, targets, lengths = (each.to(next(network.parameters()).device) for each in heard)
    still = prepare(network, optimiser, state, own, work.seed, training.rate, _WARM)
    kind = features.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=in_bfloat16(training.precision, kind)):
        told = network(features, frames)
    rows = (frames + STRIDE - 1) // STRIDE
    losses = torch.nn.functional.ctc_loss(told, targets, rows, lengths, reduction="none", zero_infinity=True)
    # by letters, so that long sentences count as much as they have
    loss = losses.sum() / lengths.sum()
    descend(network, optimiser, loss, _LONGEST, state, training.rate, checkpoints)
    if still and own.rows is not None:
        keep_rows(network, ROWS, own)
