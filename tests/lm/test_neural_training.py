"""Training a neural language model: what it learns, stops at, keeps and goes on from."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_neural import DEV, KINDS, TRAIN, tiny, trained

from sprachbund.errors import CapacityError, CorpusError, DivergenceError, SettingsError
from sprachbund.lm.neural import loop
from sprachbund.lm.neural.batches import Streams
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import require_memory
from sprachbund.lm.neural.precision import in_bfloat16
from sprachbund.lm.neural.saved import read_neural, write_neural
from sprachbund.lm.neural.scoring import bits
from sprachbund.lm.neural.settings import NeuralSettings, settings_of
from sprachbund.lm.neural.training import to_read, train_neural

torch = pytest.importorskip("torch")


def same(one: Neural, other: Neural) -> bool:
    """Whether two models have the same bits."""
    return one.weights.keys() == other.weights.keys() and all(
        np.array_equal(one.weights[name], other.weights[name]) for name in one.weights
    )


def curve(neural: Neural) -> list[tuple[int, float]]:
    """Without the seconds."""
    return [(seen, value) for seen, value, _ in neural.curve]


@pytest.mark.parametrize(("units", "architecture"), KINDS)
def test_every_kind_learns(units: str, architecture: str) -> None:
    """The bits a byte of dev fall below those of the first point, and the curve's best is what `bits` finds."""
    pytest.importorskip("tokenizers")
    neural = trained(units, architecture)
    values = [value for _, value, _ in neural.curve]
    assert min(values) < values[0] < 8
    told = bits(neural, DEV).sum() / sum(len(text.encode()) for text in DEV)
    assert told == pytest.approx(min(values), abs=1e-6)
    assert [seen for seen, _, _ in neural.curve] == sorted(seen for seen, _, _ in neural.curve)


@pytest.mark.parametrize(("units", "architecture"), KINDS)
def test_a_saved_model_is_the_same_to_the_bit(units: str, architecture: str, tmp_path: Path) -> None:
    """Weights, keys, counts, settings and curve; a second model replaces it."""
    pytest.importorskip("tokenizers")
    neural = trained(units, architecture)
    write_neural(neural, tmp_path / "neural")
    write_neural(neural, tmp_path / "neural")
    again = read_neural(tmp_path / "neural")
    assert same(neural, again) and np.array_equal(neural.counts, again.counts)
    assert (neural.settings, neural.keys, neural.merges, list(neural.curve), neural.seen) == (
        again.settings, again.keys, again.merges, list(again.curve), again.seen,
    )  # fmt: skip
    assert np.array_equal(bits(neural, DEV), bits(again, DEV))


class Killed(Exception):
    """What stands for a kill."""


class Killer:
    """A progress that ends the process after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, amount: float = 1) -> None:
        """A step."""
        self.left -= 1
        if self.left < 0:
            raise Killed

    def describe(self, text: str) -> None:
        """Nothing."""


@pytest.mark.parametrize("kind", [{}, {"architecture": "transformer"}, {"layers": 2, "precision": "float32"}])
def test_a_killed_training_ends_with_the_same_bits(kind: dict[str, Any], tmp_path: Path) -> None:
    """Killed twice, at any step, beside one that was never stopped; dropout and the streams' state among it all."""
    settings = tiny(dropout=0.2, evaluations=7, **kind)
    whole = train_neural(TRAIN, DEV, settings, seed=3)
    for steps in (9, 21):
        with pytest.raises(Killed):
            train_neural(TRAIN, DEV, settings, seed=3, checkpoints=tmp_path / "at", progress=Killer(steps))
    again = train_neural(TRAIN, DEV, settings, seed=3, checkpoints=tmp_path / "at")
    assert same(whole, again) and curve(whole) == curve(again)
    finished = train_neural(TRAIN, DEV, settings, seed=3, checkpoints=tmp_path / "at", progress=Killer(1))
    assert same(whole, finished)


def test_another_seed_or_text_is_other_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same seed gives the same bits, another one others; a checkpoint of other work is set aside with a warning."""
    first = train_neural(TRAIN, DEV, tiny(), checkpoints=tmp_path / "at")
    assert same(first, train_neural(TRAIN, DEV, tiny()))
    second = train_neural(TRAIN, DEV, tiny(), seed=1, checkpoints=tmp_path / "at")
    assert not same(first, second) and "other work" in caplog.text


def test_the_best_of_dev_is_kept_and_patience_ends_it() -> None:
    """With a rate that is far too high dev gets worse: the weights are those of the lowest point, not of the last."""
    neural = train_neural(TRAIN, DEV, tiny(rate=0.3, epochs=30.0, evaluations=30, patience=2, precision="float32"))
    values = [value for _, value, _ in neural.curve]
    told = bits(neural, DEV).sum() / sum(len(text.encode()) for text in DEV)
    assert told == pytest.approx(min(values), abs=1e-6) and min(values) < values[-1]
    assert len(values) < 30 and values.index(min(values)) == len(values) - 3


def test_minutes_end_a_training() -> None:
    """The steps are set by the speed of the first: some, and far fewer than the epochs ask for; the best is kept."""
    neural = train_neural(TRAIN, DEV, tiny(epochs=1e6, minutes=1 / 60, patience=0))
    assert 28 * 4 * 16 < neural.seen < sum(map(len, TRAIN)) * 1e5 and neural.curve[-1][2] < 30


def test_a_loss_that_is_no_number_names_the_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so where there is none; the checkpoint can be gone on from."""
    settings = tiny(evaluations=10)
    at = tmp_path / "at"
    step = loop._step
    with monkeypatch.context() as patch:

        def poisoned(work: Any, state: Any, network: Any, *rest: Any) -> Any:
            if state.step == 12:
                network.bias.data.fill_(float("nan"))
            return step(work, state, network, *rest)

        patch.setattr(loop, "_step", poisoned)
        with pytest.raises(DivergenceError, match=f"step 13 of .* the last good state is the checkpoint {at}"):
            train_neural(TRAIN, DEV, settings, checkpoints=at)
        with pytest.raises(DivergenceError, match="no checkpoint was asked for"):
            train_neural(TRAIN, DEV, settings)
    assert same(train_neural(TRAIN, DEV, settings, checkpoints=at), train_neural(TRAIN, DEV, settings))


def test_what_cannot_be_trained_is_refused() -> None:
    """No text on a side; settings that cannot work; too much for the memory, before any of it is taken."""
    for train, dev in (((), DEV), (TRAIN, ()), ((""), DEV), (TRAIN, ("", ""))):
        with pytest.raises((CorpusError, SettingsError)):
            train_neural(train, dev, tiny())
    for wrong in ({"width": 0}, {"dropout": 1.0}, {"dropout": -2.0}, {"units": "words"}, {"pieces": 256},
                  {"rate": float("nan")}, {"architecture": "transformer", "width": 18, "heads": 4}):  # fmt: skip
        with pytest.raises(SettingsError):
            NeuralSettings(**wrong)
    with pytest.raises(SettingsError, match="device gpu: expected one of torch that is here"):
        train_neural(TRAIN, DEV, tiny(device="gpu"))
    with pytest.raises(SettingsError, match="small, medium"):
        settings_of("huge")
    with pytest.raises(SettingsError, match="no setting is called breadth"):
        settings_of("small", breadth=3)
    with pytest.raises(CapacityError, match="lower width, layers or pieces"):
        require_memory(settings_of("small", width=16_384, layers=100), 100, 1_000)
    with pytest.raises(CapacityError, match="lower batch or context"):
        require_memory(settings_of("small", batch=60_000, context=60_000), 100, 1_000)


def test_a_text_of_a_few_characters_is_trained_on() -> None:
    """Of 2,000, of 30, of one: whatever batch and context are."""
    for text in (TRAIN[0] * 4, "o rio corre para o mar.\n", "a"):
        neural = train_neural([text], DEV, settings_of("small", width=8, embedding=4, epochs=3))
        assert math.isfinite(bits(neural, DEV).sum()) and neural.seen


def test_streams_read_the_whole_text_on_and_on() -> None:
    """Two streams of 5: side by side they are one ring of the documents, each unit foreseen from the one before."""
    documents = [np.arange(6, dtype=np.int32), np.arange(10, 15, dtype=np.int32)]
    streams = Streams(documents, 2, 2, None, seed=5)
    assert (streams.units, streams.long, streams.steps) == (11, 5, 3)
    text = streams.epoch(0)
    assert text.shape == (6, 2) and text[5, 0] == text[0, 1]
    ring = [*text[:5, 0], *text[:, 1]]
    follows = {**{n: n + 1 for n in (0, 1, 2, 3, 4, 10, 11, 12, 13)}, 5: 10, 14: 0}
    assert all(follows[int(a)] == int(b) for a, b in pairwise(ring)) and len(ring) == 11
    assert len({tuple(streams.epoch(number)[:, 0]) for number in range(8)}) > 1


def test_what_comes_once_is_read_as_unknown_every_other_epoch() -> None:
    """So the model learns how often characters come that it does not know."""
    rare = np.zeros(6, bool)
    rare[4] = True
    streams = Streams([np.array([1, 2, 4, 3, 5], np.int32)], 1, 4, rare, seed=0)
    assert {4 in streams.epoch(number)[:-1] for number in (0, 2, 4)} == {True}
    assert {4 in streams.epoch(number) for number in (1, 3, 5)} == {False}
    assert all(0 in streams.epoch(number) for number in (1, 3, 5))


def test_characters_to_read_are_said_before() -> None:
    """What the bar is told is what is read: 2 epochs."""
    settings = tiny(patience=0)
    assert to_read(TRAIN, settings) == pytest.approx(train_neural(TRAIN, DEV, settings).seen, rel=0.02)


def test_little_text_is_read_more_often_and_more_is_left_out() -> None:
    """Passes and dropout fall as the square root of the text grows, within bounds; the model says what it took."""
    assert [loop.scaled_dropout(size) for size in (1_000, 75_000, 300_000, 10**8)] == [0.5, 0.4, 0.2, 0.1]
    assert [loop.scaled_epochs(size) for size in (1_000, 75_000, 300_000, 10**8)] == [40, 24, 12, 2]
    assert train_neural(TRAIN, DEV, tiny(dropout=-1.0, epochs=1)).settings.dropout == 0.5


def test_bfloat16_is_multiplied_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for and there: both; elsewhere the same setting multiplies float32."""
    for has in (False, True):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda has=has: has)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        assert in_bfloat16("bf16") is has and not in_bfloat16("float32")
