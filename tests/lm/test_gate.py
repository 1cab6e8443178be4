"""Mixtures whose weights follow from what each model knows of a place."""

import numpy as np
import pytest

from sprachbund.lm.gate import (
    MANY,
    NEURAL_FEATURES,
    NGRAM_FEATURES,
    Gate,
    Signals,
    choose_epochs,
    learn_gate,
    mixed,
    neural_features,
    ngram_features,
    weights,
)


def test_weights_sum_to_one_and_mix() -> None:
    """A softmax by hand: scores 0 and ln 3 are a quarter and three quarters."""
    gate = Gate(np.array([[0.0, np.log(3)], [0.0, 0.0]]))
    features = np.ones((2, 1), np.float32)
    assert np.allclose(weights(gate, features), 0.25 * np.array([[1, 3], [1, 3]]))
    assert np.allclose(mixed(gate, Signals(np.array([[0.4, 0.8], [1.0, 0.0]]), features)), [0.7, 0.25])


def test_the_gate_learns_who_is_right_where() -> None:
    """One model is right where a feature is set, the other where it is not: the mixture is better than either."""
    generator = np.random.default_rng(0)
    first = generator.random(4_000) < 0.5
    probabilities = np.where(first[:, None], [0.9, 0.1], [0.1, 0.9])
    signals = Signals(probabilities, first[:, None].astype(np.float32))
    gate = learn_gate(signals)
    assert np.log2(mixed(gate, signals)).mean() > np.log2(0.85)
    assert np.array_equal(gate.weights, learn_gate(signals).weights)


def test_little_text_is_not_learned_by_heart() -> None:
    """Features that say nothing take the fewest passes; where they say all, or of long text, it is as many as ever."""
    generator = np.random.default_rng(0)
    noise = Signals(generator.random((2_000, 6)), generator.standard_normal((2_000, 40)).astype(np.float32))
    assert choose_epochs(noise) == 3
    first = generator.random(2_000) < 0.5
    probabilities = np.where(first[:, None], [0.99, 0.01], [0.01, 0.99])
    assert choose_epochs(Signals(probabilities, first[:, None].astype(np.float32))) == 20
    assert choose_epochs(Signals(np.ones((MANY, 2)), np.zeros((MANY, 1), np.float32))) == 20


def test_a_model_that_knows_nothing_is_left_alone() -> None:
    """The other is trusted nearly alone."""
    signals = Signals(np.tile([0.5, 1e-6], (2_000, 1)), np.zeros((2_000, 1), np.float32))
    assert mixed(learn_gate(signals), signals).min() > 0.49


def test_features_by_hand() -> None:
    """A length's own column, the logarithm of how often, the peak; of a neural model its certainty."""
    told = ngram_features(np.array([0, 15], np.uint8), np.array([0, 9], np.float32), np.array([0.5, 1], np.float32))
    assert told.shape == (2, NGRAM_FEATURES)
    assert told[0].tolist() == [1, *[0] * 11, 0.5]
    assert told[1, 10] == 1
    assert told[1, -2:] == pytest.approx([np.log(10) / 5, 1])
    neural = neural_features(np.array([0.5], np.float32), np.array([1.5], np.float32))
    assert neural.shape == (1, NEURAL_FEATURES)
    assert neural[0] == pytest.approx([0.5, 0.5, np.log(0.5) / 5])
