"""Which of several models to trust at a place: a mixture whose weights follow from what each model knows there.

    p(c | before) = sum over models of w_m p_m(c | before),    w = softmax(f W)

f are features of the context alone: for an n-gram model how long a context it knows, how often it saw that, how sure it
is at most; for a neural one how sure it is. W is learned on dev by Adam. The weights do not depend on what follows, so
that the mixture is a probability as its parts are.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Bytes, Flags, Float32, Float64
from sprachbund.kernels import njit

__all__ = [
    "DEPTHS",
    "MANY",
    "PASSAGE",
    "Gate",
    "Signals",
    "choose_epochs",
    "learn_gate",
    "mixed",
    "neural_features",
    "ngram_features",
    "part_of",
    "weights",
]

DEPTHS = 10
"""Lengths of context that are told apart; longer ones are alike."""
NGRAM_FEATURES, NEURAL_FEATURES = DEPTHS + 3, 3
_EPOCHS, _RATE, _BATCH, _DECAY = 20, 0.02, 64, 1e-5
_FEWER = (3, 6, 10, 20)
MANY = 50_000
"""Characters from which on a gate does not learn text by heart."""
PASSAGE = 100
"""Characters that stay together when text is parted."""


@dataclass(frozen=True, eq=False)
class Signals:
    """What several models say of the same characters.

    Attributes:
        probabilities: float64 [characters, models], of what stands there; features: float32 [characters, features].
    """

    probabilities: Float64
    features: Float32


@dataclass(frozen=True, eq=False)
class Gate:
    """Learned weights: float64 [features, models], after them a row of their own levels."""

    weights: Float64


def ngram_features(depths: Bytes, seen: Float32, peaks: Float32) -> Float32:
    """float32 [characters, `NGRAM_FEATURES`] of an n-gram model."""
    out = np.zeros((len(depths), NGRAM_FEATURES), np.float32)
    out[np.arange(len(depths)), np.minimum(depths, DEPTHS)] = 1
    out[:, -2] = np.log1p(seen) / 5
    out[:, -1] = peaks
    return out


def neural_features(peaks: Float32, entropies: Float32) -> Float32:
    """float32 [characters, `NEURAL_FEATURES`] of a neural model; entropies in nats."""
    return np.stack([peaks, entropies / 3, np.log(np.maximum(peaks, 1e-6)) / 5], 1).astype(np.float32)


def part_of(signals: Signals, kept: Flags) -> Signals:
    """Some of the characters: bool [characters]."""
    return Signals(signals.probabilities[kept], signals.features[kept])


def choose_epochs(signals: Signals, seed: int = 0) -> int:
    """How often a gate may read some text before it knows it by heart: best where each half is judged by the other.

    Many models weighed on little text take few passes; from `MANY` characters on it is as many as ever.
    """
    count = len(signals.probabilities)
    halves = (np.arange(count) // PASSAGE) % 2 == 0
    if count >= MANY or halves.all():
        return _EPOCHS

    def cost(epochs: int) -> float:
        parts = ((learn_gate(part_of(signals, one), seed=seed, epochs=epochs), ~one) for one in (halves, ~halves))
        return -sum(float(np.log2(mixed(gate, part_of(signals, other))).sum()) for gate, other in parts)

    return min(_FEWER, key=cost)


def learn_gate(signals: Signals, first: int = 0, seed: int = 0, epochs: int = _EPOCHS) -> Gate:
    """The weights under which the models together foretell some text best.

    Args:
        first: the model that is trusted most before anything is learned. seed: of the order of the characters.
        epochs: passes over the text.
    """
    count, models = signals.probabilities.shape
    weights = np.zeros((signals.features.shape[1] + 1, models))
    weights[-1, first] = 2.0
    generator = np.random.default_rng(seed)
    moments = np.zeros((2, *weights.shape))
    steps = 0
    total = epochs * -(-count // _BATCH)
    for _ in range(epochs):
        order = generator.permutation(count)
        steps = _epoch(signals.probabilities, signals.features, order, weights, moments[0], moments[1], steps, total)
    return Gate(weights)


def weights(gate: Gate, features: Float32) -> Float64:
    """float64 [characters, models], each row summing to 1."""
    scores = features @ gate.weights[:-1] + gate.weights[-1]
    scores -= scores.max(1, keepdims=True)
    found = np.exp(scores)
    return np.asarray(found / found.sum(1, keepdims=True))


def mixed(gate: Gate, signals: Signals) -> Float64:
    """float64 [characters]: the probability of each."""
    return np.asarray((weights(gate, signals.features) * signals.probabilities).sum(1))


@njit(cache=True)
def _epoch(
    probabilities: Float64, features: Float32, order: Float64, weights: Float64, mean: Float64, square: Float64,
    steps: int, total: int,
) -> int:  # fmt: skip
    """One pass of Adam in mini-batches; the rate falls in a line to nothing."""
    width, models = weights.shape
    gradient = np.zeros((width, models))
    share = np.empty(models)
    for begin in range(0, len(order), _BATCH):
        end = min(begin + _BATCH, len(order))
        gradient[:] = 0
        for at in range(begin, end):
            i = order[at]
            for m in range(models):
                share[m] = weights[width - 1, m]
            for f in range(width - 1):
                value = features[i, f]
                if value != 0:
                    for m in range(models):
                        share[m] += value * weights[f, m]
            top = share.max()
            whole = 0.0
            for m in range(models):
                share[m] = np.exp(share[m] - top)
                whole += share[m]
            mass = 0.0
            for m in range(models):
                share[m] /= whole
                mass += share[m] * probabilities[i, m]
            for m in range(models):
                # of minus the log of the mixture: the share less what the truth says of it
                share[m] -= share[m] * probabilities[i, m] / mass
                gradient[width - 1, m] += share[m]
            for f in range(width - 1):
                value = features[i, f]
                if value != 0:
                    for m in range(models):
                        gradient[f, m] += value * share[m]
        steps += 1
        rate = _RATE * (1 - (steps - 1) / total)
        first, second = 1 - 0.9**steps, 1 - 0.999**steps
        for f in range(width):
            for m in range(models):
                slope = gradient[f, m] / (end - begin)
                mean[f, m] = 0.9 * mean[f, m] + 0.1 * slope
                square[f, m] = 0.999 * square[f, m] + 0.001 * slope * slope
                step = mean[f, m] / first / (np.sqrt(square[f, m] / second) + 1e-8)
                weights[f, m] -= rate * (step + _DECAY * weights[f, m])
    return steps
