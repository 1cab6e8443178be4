"""A training on a device of torch is that of the kernels, to a tolerance; the device here is the processor."""

import copy
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from tiny import NOISE_SETTINGS

from sprachbund.errors import DivergenceError, MissingExtraError, SettingsError
from sprachbund.retrieval.encoder import device as devices
from sprachbund.retrieval.encoder.device import DeviceTable
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.start import Start
from sprachbund.retrieval.encoder.training import State, train_model
from sprachbund.retrieval.settings import Task, change

pytestmark = pytest.mark.usefixtures("one_thread")

OPTIONS: list[dict[str, Any]] = [
    {},
    {"bigram_weight": 0.5, "min_count": 2, "top": 4, "batch": 7},
    {"characters": (), "start": "random", "max_rows": 60, "similarity": "dot", "pooling": "mean"},
    {"pooling": "sqrt", "similarity": "dot", "unseen": False, "min_count": 2},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("task", ["nsp", "ic"])
def test_the_same_as_the_kernels(noisy: EncodedCorpus, options: dict[str, Any], task: Task) -> None:
    """Losses and table, after some dozen steps, for every way to pool, compare, cut and start."""
    settings = change(NOISE_SETTINGS, epochs=2.0, **options)
    own, log = train_model(noisy, task, settings, seed=3)
    away, told = train_model(noisy, task, settings, seed=3, device="cpu")
    assert len(log.losses) > 10 and told.drawn == log.drawn
    np.testing.assert_allclose(told.losses, log.losses, rtol=2e-4, atol=2e-5)
    assert np.abs(own.table).max() > 0.01
    np.testing.assert_allclose(away.table, own.table, atol=2e-4 * float(np.abs(own.table).max()))


def test_rows_that_are_kept_still(noisy: EncodedCorpus) -> None:
    """The body of a start stays as it is for as long as it is frozen."""
    settings = change(NOISE_SETTINGS, epochs=1.0)
    body, _ = train_model(noisy, "ic", settings, languages=("es",))
    start = Start(body, frozen=0.5)
    own, _ = train_model(noisy, "ic", settings, languages=("pt",), start=start)
    away, _ = train_model(noisy, "ic", settings, languages=("pt",), start=start, device="cpu")
    np.testing.assert_allclose(away.table, own.table, atol=2e-4 * float(np.abs(own.table).max()))


def test_it_is_taken_up_from_a_checkpoint(noisy: EncodedCorpus) -> None:
    """What `keep` gets is brought back from the device, and is all that a resumed training needs."""
    settings = change(NOISE_SETTINGS, epochs=1.5)
    states: dict[int, State] = {}

    def keep(state: State) -> None:
        states[state.step] = copy.deepcopy(state)

    whole, log = train_model(noisy, "ic", settings, seed=1, device="cpu", keep=keep, keep_every=-1)
    again, told = train_model(noisy, "ic", settings, seed=1, device="cpu", resume=states[len(log.losses) // 2])
    assert told.losses == log.losses and np.array_equal(again.table, whole.table)


def test_a_training_that_diverges_is_told(noisy: EncodedCorpus) -> None:
    """As without a device."""
    with pytest.raises(DivergenceError, match="lower rate"):
        train_model(noisy, "ic", change(NOISE_SETTINGS, rate=1e30), device="cpu")


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "", "cpu:1:1", "meta"])
def test_a_device_that_is_not_there(name: str) -> None:
    """Named, with what would do."""
    with pytest.raises(SettingsError, match=f"device {name}: expected one of torch .* leave device out"):
        DeviceTable(name, np.zeros((2, 3), np.float32), np.zeros(2, np.float32))


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"sprachbund\[lm\]"):
        devices.DeviceTable("cpu", np.zeros((2, 3), np.float32), np.zeros(2, np.float32))
