"""What a neural model says of text."""

import math

import numpy as np
import pytest
from tiny_neural import DEV, KINDS, TRAIN, trained

from sprachbund.errors import SettingsError
from sprachbund.lm.alphabet import UNKNOWN_BITS, Alphabet
from sprachbund.lm.neural.network import loaded
from sprachbund.lm.neural.scoring import bits, log_probabilities

torch = pytest.importorskip("torch")
TEXTS = ["o rio\n", DEV[0], "\n", "xyz 漢字\n", "", DEV[1][:57]]


@pytest.mark.parametrize(("units", "architecture"), KINDS)
def test_bits_are_those_of_one_unit_after_another(units: str, architecture: str) -> None:
    """Each text alone, each unit from all before it in one pass of the network, unknown characters charged in full."""
    pytest.importorskip("tokenizers")
    neural = trained(units, architecture)
    network = loaded(neural.settings, neural.units.size, neural.weights)
    expected = []
    for text in TEXTS:
        numbers = [neural.units.context, *neural.units.encode(text).tolist()]
        total = 0.0
        for place in range(1, len(numbers)):
            # a transformer sees from half of its context on, as its places lie
            first = 0 if architecture == "recurrent" else max(0, (place - 1) // 8 * 8 + 8 - 16)
            read = torch.tensor(numbers[first:place])[:, None]
            with torch.no_grad():
                logits, _ = network(read, network.state(1))
            total -= float(torch.log_softmax(logits[-1, 0], -1)[numbers[place]]) / math.log(2)
        if units == "characters":
            total += UNKNOWN_BITS * numbers[1:].count(0)
        expected.append(total)
    np.testing.assert_allclose(bits(neural, TEXTS), expected, rtol=1e-5, atol=1e-4)


def test_probabilities_of_characters_sum_to_one_and_are_those_of_the_bits() -> None:
    """Over its own alphabet; in a smaller one the rest is unknown, in a larger one what is unknown is shared."""
    neural = trained()
    own = Alphabet("".join(neural.keys))
    text = DEV[0][:200]
    logs = log_probabilities(neural, text, own)
    assert logs.shape == (200, own.size) and logs.dtype == np.float32
    np.testing.assert_allclose(np.exp(logs.astype(np.float64)).sum(1), 1, atol=1e-5)
    told = -logs[np.arange(200), own.encode(text)].astype(np.float64).sum() / math.log(2)
    assert told == pytest.approx(float(bits(neural, [text])[0]), abs=1e-2)
    fewer = Alphabet("".join(sorted(set(own.symbols) - set("ar"))))
    less = np.exp(log_probabilities(neural, text, fewer).astype(np.float64))
    shares = np.exp(logs.astype(np.float64))
    lost = shares[:, own.encode("ar")].sum(1)
    np.testing.assert_allclose(less[:, 0], shares[:, 0] + lost, atol=1e-6)
    more = Alphabet("".join(sorted({*own.symbols, "ж", "漢"})))
    spread = np.exp(log_probabilities(neural, text, more).astype(np.float64))
    np.testing.assert_allclose(spread[:, more.encode("ж漢")], np.repeat(shares[:, :1] / 3, 2, 1), rtol=1e-4)
    np.testing.assert_allclose(spread.sum(1), 1, atol=1e-5)
    assert log_probabilities(neural, "", own).shape == (0, own.size)


def test_only_characters_have_probabilities_of_characters() -> None:
    """A model of bytes is refused in words that say what to do."""
    with pytest.raises(SettingsError, match="units = characters"):
        log_probabilities(trained("bytes"), "a", Alphabet.of(TRAIN))
