"""A tower's gradients are torch's, an empty bag stays zero under it, and torch is only asked for where it is needed."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tiny import NOISE_SETTINGS

from sprachbund.errors import MissingExtraError
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import encode_ranges, finish
from sprachbund.retrieval.encoder.tower import Tower, import_torch, make_tower
from sprachbund.retrieval.encoder.training import State, train
from sprachbund.retrieval.settings import EncoderSettings, change

pytestmark = pytest.mark.usefixtures("one_thread")

POOLED = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)


def by_hand(tower: Tower, pooled: np.ndarray) -> np.ndarray:
    """Dense layers with tanh between them, none after the last."""
    tensors = tower.tensors()
    layers = sorted({int(name.split(".")[0]) for name in tensors})
    values = pooled
    for layer in layers:
        values = values @ tensors[f"{layer}.weight"].T + tensors[f"{layer}.bias"]
        if layer != layers[-1]:
            values = np.tanh(values)
    return values


@pytest.mark.parametrize("widths", [(5,), (7, 3)])
def test_forward_and_backward(widths: tuple[int, ...]) -> None:
    """The output by hand; the gradient of the input by differences; the weights take a step downhill."""
    tower = Tower(6, widths, 1, 0.1, 10)
    found = tower.forward(POOLED)
    np.testing.assert_allclose(found, by_hand(tower, POOLED), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(tower.apply(POOLED), found, rtol=1e-6)
    gradient = np.random.default_rng(1).normal(size=found.shape).astype(np.float32)
    before = {name: value.astype(np.float64) for name, value in tower.tensors().items()}
    expected = np.zeros_like(POOLED)
    frozen = copy.deepcopy(before)
    for i in np.ndindex(POOLED.shape):
        steps = []
        for sign in (1, -1):
            moved = POOLED.astype(np.float64)
            moved[i] += sign * 1e-5
            values = moved
            for layer in range(0, 2 * len(widths), 2):
                values = values @ frozen[f"{layer}.weight"].T + frozen[f"{layer}.bias"]
                values = np.tanh(values) if layer < 2 * len(widths) - 2 else values
            steps.append((values * gradient).sum())
        expected[i] = (steps[0] - steps[1]) / 2e-5
    np.testing.assert_allclose(tower.backward(gradient), expected, rtol=1e-3, atol=1e-5)
    assert (tower.apply(POOLED) * gradient).sum() < (found * gradient).sum()


def test_the_seed_decides() -> None:
    """The same seed, the same weights; another, others."""
    one, again, other = (make_tower(EncoderSettings(dim=6, towers=(4,)), 0.1, 5, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.apply(POOLED), again.apply(POOLED))
    assert not np.array_equal(one.apply(POOLED), other.apply(POOLED))


def test_weights_come_back(tmp_path: Path) -> None:
    """Through safetensors, to the last bit."""
    one, other = Tower(6, (5, 3), 0, 0.1, 5), Tower(6, (5, 3), 1, 0.1, 5)
    save_file(one.tensors(), tmp_path / "t")
    other.load(load_file(tmp_path / "t"))
    assert np.array_equal(one.apply(POOLED), other.apply(POOLED))


def test_an_empty_bag_stays_zero() -> None:
    """The tower's bias does not give a vector to a text without words."""
    tower = Tower(6, (3,), 0, 0.1, 5)
    tower.load({"0.weight": np.ones((3, 6), np.float32), "0.bias": np.ones(3, np.float32)})
    sums = POOLED.copy()
    sums[2] = 0
    for similarity in ("cosine", "dot"):
        found = finish(sums, EncoderSettings(dim=6, towers=(3,), similarity=similarity), tower)  # type: ignore[arg-type]
        assert not found[2].any()
        assert found[[0, 1, 3]].all()


def test_training_with_a_tower(noisy: EncodedCorpus) -> None:
    """It learns, its vectors have the tower's width, and a resumed training ends where the other does."""
    settings = change(NOISE_SETTINGS, towers=(16, 8), epochs=20, rate=0.1)
    states: dict[int, State] = {}

    def keep(state: State) -> None:
        if state.step == 7:
            assert state.tower is not None
            tensors = {name: value.copy() for name, value in state.tower.training_tensors().items()}
            table, sums = state.table.copy(), state.accumulators.copy()
            states[7] = State(7, table, sums, copy.deepcopy(state.log), tower_tensors=tensors)

    model, log = train(noisy, "ic", settings, keep=keep, keep_every=-1)
    assert np.mean(log.losses[-10:]) < np.mean(log.losses[:10])
    rows = np.arange(5)
    vectors = encode_ranges(model, noisy.language("pt"), Ranges(rows, rows + 1, np.full(5, -1)))
    assert vectors.shape == (5, 8)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    resumed, again = train(noisy, "ic", settings, resume=states[7])
    assert again.losses == log.losses
    assert np.array_equal(resumed.table, model.table)
    assert resumed.tower is not None
    assert model.tower is not None
    for name, value in model.tower.tensors().items():
        assert np.array_equal(resumed.tower.tensors()[name], value)


def test_without_torch(noisy: EncodedCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the install command; a model without a tower does not need it."""
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sprachbund\[towers\]'"):
        import_torch()
    with pytest.raises(MissingExtraError):
        train(noisy, "nsp", change(NOISE_SETTINGS, towers=(4,)))
    train(noisy, "nsp", NOISE_SETTINGS)


def test_torch_is_there() -> None:
    """Where it is installed it is what is given."""
    assert import_torch() is torch
