"""Which language each batch speaks, and which of its pairs it holds.

Every batch holds one language: a negative of another language is a free point. How many batches a language gets is
the mixture; the number of pairs seen in all does not depend on it, so a small language that is drawn more often is
repeated, and the log says how often. Batches are spread evenly over the training, without chance, and each
language's learning rate falls with its own progress: so a language that shares no n-gram with another trains as if
it were alone, to the last bit, which makes the arm `control` an exact control.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sprachbund.arrays import Int32, Int64
from sprachbund.errors import SettingsError
from sprachbund.retrieval.encoder.pairs import Pairs, one_a_section
from sprachbund.retrieval.settings import TrainingSettings


@dataclass(frozen=True)
class Step:
    """One batch to come.

    Attributes:
        language: of all its pairs.
        number: its place among the batches of its language, from 0.
        of: the batches of its language.
    """

    language: str
    number: int
    of: int


def shares(pairs: Mapping[str, int], settings: TrainingSettings) -> dict[str, float]:
    """The share of the drawn pairs that each language gets; they sum to 1.

    Raises:
        SettingsError: explicit weights name a language that is not trained, or sum to 0.
    """
    if settings.weights:
        strangers = sorted(set(settings.weights) - set(pairs))
        if strangers:
            raise SettingsError(
                f"weights name {', '.join(strangers)}, but the languages are {', '.join(sorted(pairs))}"
            )
        raw = {language: float(settings.weights.get(language, 0.0)) for language in pairs}
    else:
        exponent = 1.0 if settings.mixture == "natural" else 1.0 / settings.temperature
        raw = {language: float(count) ** exponent for language, count in pairs.items()}
    total = sum(raw.values())
    if total <= 0:
        raise SettingsError(f"the weights of {', '.join(sorted(pairs))} sum to 0; give one of them more")
    return {language: weight / total for language, weight in raw.items()}


def schedule(pairs: Mapping[str, int], settings: TrainingSettings) -> list[Step]:
    """The language of every batch of a training.

    The batches of a language lie evenly: the k-th of n at (k + 1/2) / n of the way, ties by the language's code.

    Args:
        pairs: training pairs of each language; for one pair a section, the sections.
    """
    if not any(pairs.values()):
        return []
    total = settings.epochs * sum(pairs.values())
    steps = []
    for language, share in shares(pairs, settings).items():
        drawn = share * total
        if drawn <= 0 or pairs[language] < 2:
            continue
        one_pass = batches_of(pairs[language], settings.batch)
        # to six digits first: 10.5 batches must not become 10 in one company and 11 in another by the last bit
        count = max(1, round(round(drawn / pairs[language] * one_pass, 6)))
        steps += [Step(language, number, count) for number in range(count)]
    return sorted(steps, key=lambda step: ((step.number + 0.5) / step.of, step.language))


def batches_of(pairs: int, batch: int) -> int:
    """Batches of about ``batch`` pairs in one pass over ``pairs`` pairs."""
    return max(1, round(pairs / batch))


class Draws:
    """The pairs of each batch of one language, pass after pass: a function of the seed and the batch's number."""

    def __init__(
        self,
        pairs: Pairs,
        documents: Int32,
        sections: Int32,
        settings: TrainingSettings,
        every: bool,
        seed: int,
    ) -> None:
        self._pairs, self._documents, self._sections = pairs, documents, sections
        self._settings, self._every, self._seed = settings, every, seed
        self.size = len(pairs) if every else len(np.unique(sections[pairs.query]))
        self.batches_a_pass = batches_of(self.size, settings.batch)
        self._pass = -1
        self._cuts: list[Pairs] = []

    def __getitem__(self, number: int) -> Pairs:
        """The pairs of batch ``number``."""
        wanted = number // self.batches_a_pass
        if wanted != self._pass:
            self._cuts = self._cut(wanted)
            self._pass = wanted
        return self._cuts[number % self.batches_a_pass]

    def _cut(self, wanted: int) -> list[Pairs]:
        """Shuffle the pairs of one pass and cut them into batches of equal size."""
        generator = np.random.default_rng([self._seed, wanted])
        pairs = self._pairs if self._every else one_a_section(self._pairs, self._sections, generator)
        if self._settings.batching == "pairs":
            order = generator.permutation(len(pairs))
        else:
            order = np.concatenate(list(self._runs(pairs, generator)))
        edges = np.linspace(0, len(order), self.batches_a_pass + 1).round().astype(np.int64)
        return [pairs[order[low:high]] for low, high in pairwise(edges)]

    def _runs(self, pairs: Pairs, generator: np.random.Generator) -> Iterator[Int64]:
        """Runs of neighbouring pairs of one document, at most ``run`` long, in random order."""
        of_pair = self._documents[pairs.query]
        new_document = np.r_[True, of_pair[1:] != of_pair[:-1]]
        heads = np.flatnonzero(new_document)
        since_head = np.arange(len(pairs)) - heads[np.cumsum(new_document) - 1]
        heads = np.flatnonzero(since_head % self._settings.run == 0)
        tails = np.r_[heads[1:], len(pairs)]
        for run in generator.permutation(len(heads)):
            yield np.arange(heads[run], tails[run])
