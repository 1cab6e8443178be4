"""Text that a neural model writes: samples, and the words that may come next.

A word is a run of letters, marks and numbers, with hyphens and apostrophes inside; where a prompt ends in the middle of
one, its completions are sought. The search keeps the likeliest beginnings (a beam), so a rare word may be missed.
"""

import math
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from sprachbund.arrays import Float64, Int32
from sprachbund.errors import SettingsError
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import loaded, on_threads
from sprachbund.lm.neural.units import Characters, Pieces, Units, bytes_of_piece

__all__ = ["continuations", "sample"]

LONGEST = 48
"""Units of a word that is sought."""
_INSIDE = "'’-‐"


def sample(neural: Neural, prompt: str, characters: int, temperature: float = 1.0, seed: int = 0) -> str:
    """What the model writes after a prompt: so many characters, without the prompt; unknown ones are not written.

    Args:
        temperature: 1 draws as the model has it; lower is more predictable, 0 the likeliest unit each time.

    Raises:
        SettingsError: ``characters`` or ``temperature`` is below 0.
    """
    if characters < 0 or temperature < 0:
        raise SettingsError(f"characters and temperature must be at least 0, found {characters} and {temperature:g}")
    generator, reader = np.random.default_rng(seed), _Reader(neural)
    each = [sum(byte & 0xC0 != 0x80 for byte in own) for own in unit_bytes(neural.units)]  # characters that it begins
    whole = isinstance(neural.units, Characters)
    drawn: list[int] = []
    begun = 0
    with on_threads(neural.settings.threads):
        past = reader.begin(prompt)
        while begun < characters + (not whole) and len(drawn) <= 4 * characters:
            logs = past.logs[0]
            if whole:
                logs[0] = -np.inf
            if temperature:
                weights = np.exp((logs - logs.max()) / temperature)
                unit = int(generator.choice(len(weights), p=weights / weights.sum()))
            else:
                unit = int(logs.argmax())
            drawn.append(unit)
            begun += each[unit]
            past = reader.after(past, np.zeros(1, np.int64), np.array([unit], np.int32))
    return neural.units.decode(drawn)[:characters]


def continuations(neural: Neural, prompt: str, k: int = 5) -> list[tuple[str, float]]:
    """The k likeliest words that stand at a prompt's end, with their probabilities, the likeliest first.

    The next word where the prompt ends in a blank or is empty; else the whole of the word that it ends in, which may be
    complete already.

    Raises:
        SettingsError: ``k`` is below 1.
    """
    if k < 1:
        raise SettingsError(f"k must be at least 1, found {k}")
    begun = len(prompt)
    while begun and is_inside(prompt[begun - 1]):
        begun -= 1
    partial = prompt[begun:]
    # pieces are not cut in the middle of a word: they are read to its beginning, and must then write what is there
    head, must = prompt, b""
    if isinstance(neural.units, Pieces):
        blank = begun > 0 and prompt[begun - 1] == " "
        head, must = prompt[: begun - blank], (" " * blank + partial).encode()
    with on_threads(neural.settings.threads):
        found = _Search(neural, must, "" if must else partial, k).run(head)
    best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:k]
    return [(word, chance) for word, chance in best]


def is_inside(character: str) -> bool:
    """Whether a character may stand inside a word."""
    return unicodedata.category(character)[0] in "LMN" or character in _INSIDE


@dataclass(frozen=True)
class _Past:
    """Where some texts have been read to: the state behind them, their units, and ln P of the next: [texts, size]."""

    state: Any
    units: tuple[Int32, ...]
    logs: Float64


class _Reader:
    """Reads texts unit by unit."""

    def __init__(self, neural: Neural) -> None:
        self.settings, self.units = neural.settings, neural.units
        self.network = loaded(neural.settings, neural.units.size, neural.weights)

    def begin(self, prompt: str) -> _Past:
        """The line's end and a prompt."""
        numbers = np.concatenate((np.array([self.units.context], np.int32), self.units.encode(prompt)))
        return self._read((numbers,), self.network.state(1), numbers[:, None])

    def after(self, past: _Past, which: Any, units: Int32) -> _Past:
        """Some of the texts, each with one unit more."""
        torch = extra.torch()
        own = tuple(np.append(past.units[text], unit)[-self.settings.context :]
                    for text, unit in zip(which, units, strict=True))  # fmt: skip
        chosen = torch.from_numpy(np.asarray(which, np.int64))
        state = [(hidden[:, chosen], cell[:, chosen]) for hidden, cell in past.state]
        return self._read(own, state, units[None, :])

    def _read(self, numbers: tuple[Int32, ...], state: Any, read: Int32) -> _Past:
        torch = extra.torch()
        with torch.inference_mode():
            if self.settings.architecture == "recurrent":
                logits, state = self.network(torch.from_numpy(read.astype(np.int64)), state)
                last = logits[-1]
            else:
                seen = [torch.from_numpy(own[-self.settings.context :].astype(np.int64))[:, None] for own in numbers]
                last = torch.stack([self.network(own, [])[0][-1, 0] for own in seen])
            logs = torch.log_softmax(last.double(), -1).numpy()
        return _Past(state, numbers, logs)


class _Search:
    """A beam over the units of a word.

    Args:
        must: bytes that it begins with. partial: what of the word the prompt has.
    """

    def __init__(self, neural: Neural, must: bytes, partial: str, k: int) -> None:
        self.reader, self.must, self.partial, self.k = _Reader(neural), must, partial, k
        self.bytes = unit_bytes(neural.units)
        self.width = max(24, 4 * k)

    def run(self, head: str) -> dict[str, float]:
        """Words with their probabilities."""
        found: dict[str, float] = defaultdict(float)
        past = self.reader.begin(head)
        texts, chances = [b""], np.zeros(1)
        for _ in range(LONGEST):
            extended: list[tuple[float, int, int, bytes]] = []
            for beam, text in enumerate(texts):
                logs = past.logs[beam] + chances[beam]
                for unit in np.argsort(-logs)[: 4 * self.width].tolist() if self._free(text) else range(len(logs)):
                    self._extend(text, float(logs[unit]), beam, unit, extended, found)
            extended.sort(key=lambda each: (-each[0], each[3]))
            kept = extended[: self.width]
            enough = sorted(found.values(), reverse=True)[self.k - 1 : self.k]
            if not kept or (enough and math.exp(kept[0][0]) < enough[0]):
                break
            texts, chances = [each[3] for each in kept], np.array([each[0] for each in kept])
            which = np.array([each[1] for each in kept])
            past = self.reader.after(past, which, np.array([each[2] for each in kept], np.int32))
        return found

    def _free(self, text: bytes) -> bool:
        return len(text) >= len(self.must)

    def _extend(
        self, text: bytes, chance: float, beam: int, unit: int, extended: list[tuple[float, int, int, bytes]],
        found: dict[str, float],
    ) -> None:  # fmt: skip
        """A beginning with one unit more, or the word that it ends."""
        own = self.bytes[unit]
        if not own:
            return
        longer = text + own
        if longer[: len(self.must)] != self.must[: len(longer)]:
            return
        if len(longer) < len(self.must):
            extended.append((chance, beam, unit, longer))
            return
        free = longer[1 if self.must[:1] == b" " else 0 :]
        written = free.decode("utf-8", "ignore")
        end = next((place for place, each in enumerate(written) if not is_inside(each)), None)
        if end is None:
            extended.append((chance, beam, unit, longer))
            return
        word = self.partial + written[:end]
        if any(unicodedata.category(each)[0] in "LMN" for each in word):
            found[word] += math.exp(chance)


def unit_bytes(units: Units) -> list[bytes]:
    """The bytes of each unit; none of an unknown character."""
    if isinstance(units, Pieces):
        return [bytes_of_piece(key) for key in units.keys]
    if isinstance(units, Characters):
        return [b"", *(symbol.encode("utf-8", "replace") for symbol in units.alphabet.symbols)]
    return [bytes([number]) for number in range(units.size)]
