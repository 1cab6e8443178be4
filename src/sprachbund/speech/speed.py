"""How fast a recogniser writes down what it hears, part by part, on one thread; where the text is known, how wrongly.

Seconds are those of the processor, not of the clock, so that a busy machine changes little. The **real-time factor** is
seconds of the processor a second of sound: .05 hears an hour in three minutes. What is compiled at the first use is not
counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from sprachbund.arrays import Float32
from sprachbund.errors import SettingsError
from sprachbund.machine import forget_peak, peak_memory
from sprachbund.progress import Progress, Silent
from sprachbund.speech.judging import judged
from sprachbund.speech.measures import RATES, rate_of
from sprachbund.speech.pauses import pieces_of
from sprachbund.speech.recogniser.beam import BEAM
from sprachbund.speech.recogniser.greedy import text_of
from sprachbund.speech.store import Utterances
from sprachbund.speech.transcribing import Hearing, opened

__all__ = ["ErrorRate", "Speed", "bench"]

DECODING, FEATURES, NETWORK, GREEDY, SEARCH = "decoding of files", "features", "network", "greedy", "beam"


@dataclass(frozen=True)
class ErrorRate:
    """An error rate by one way to search, with its 95% interval over speakers; None where all are of one."""

    search: str
    measure: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Speed:
    """What a bench measured.

    Attributes:
        sounds: files or utterances. seconds: of sound.
        load: seconds of the processor until the first sound can be heard: weights, n-grams, and libraries
            that this process has not loaded yet.
        parts: seconds of the processor by part; without decoding for utterances, without the beam where no letters are
            expected. beam: beginnings of the search, 0 for none.
        memory: the most bytes of the process at once, libraries among them.
        rates: on utterances, none for files.
    """

    sounds: int
    seconds: float
    load: float
    parts: Mapping[str, float]
    beam: int
    memory: int
    rates: tuple[ErrorRate, ...] = ()

    def factor(self, search: str) -> float:
        """The real-time factor of all of the way with a search, ``greedy`` or ``beam``."""
        way = (DECODING, FEATURES, NETWORK, search)
        return sum(self.parts.get(part, 0.0) for part in way) / self.seconds

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        searches = (GREEDY, SEARCH) if self.beam else (GREEDY,)
        return {
            "sounds": self.sounds, "seconds": self.seconds, "load": self.load, "parts": dict(self.parts),
            "beam": self.beam, "memory": self.memory, "factors": {each: self.factor(each) for each in searches},
            "rates": [vars(each) for each in self.rates],
        }  # fmt: skip


def bench(
    recogniser: Path | str,
    sounds: Sequence[Path | str] | Utterances,
    beam: int = BEAM,
    progress: Progress | None = None,
) -> Speed:
    """Write down sounds and say what it took.

    Args:
        recogniser: as `opened` takes it. sounds: files, or utterances whose text is known.
        beam: beginnings of the search, where the recogniser expects letters.

    Raises:
        FolderError: there is no recogniser. SourceError: a file is no sound. SettingsError: there is nothing to hear.
    """
    bar = progress or Silent()
    spent: dict[str, float] = {}
    written: dict[str, list[str]] = {GREEDY: [], SEARCH: []}
    seconds, heard = 0.0, 0
    forget_peak()
    with threadpool_limits(1):
        with _timed(spent, "load"):
            found, graph = opened(recogniser)
            hearing = Hearing(found, graph=graph)
            hearing.told([_second(hearing)])
        searches = {GREEDY: hearing}
        if found.expectations is not None and beam:
            searches[SEARCH] = Hearing(found, beam, graph=graph)
            searches[SEARCH].heard(hearing.told([_second(hearing)])[0])
        rate = found.settings.features.sampling_rate
        if isinstance(sounds, Utterances) and sounds.rate != rate:
            raise SettingsError(
                f"the speech has {sounds.rate:,} samples a second, the recogniser hears {rate:,}; ingest it with that "
                "sampling_rate"
            )
        for pieces in _each(sounds, rate):
            for samples in _decoded(pieces, spent) if not isinstance(sounds, Utterances) else pieces:
                seconds += len(samples) / rate
                with _timed(spent, FEATURES):
                    features = hearing.features([samples])
                with _timed(spent, NETWORK):
                    (told,) = hearing.told_of(features)
                for name, each in searches.items():
                    with _timed(spent, name):
                        text = text_of(each.heard(told), found.alphabet)
                    written[name].append(text)
            heard += 1
            bar.advance()
    if not seconds:
        raise SettingsError("expected sound to hear, found none")
    rates = _rates(sounds, written, searches) if isinstance(sounds, Utterances) else ()
    load = spent.pop("load")
    return Speed(heard, seconds, load, spent, beam if SEARCH in searches else 0, peak_memory(), rates)


def _each(sounds: Sequence[Path | str] | Utterances, rate: int) -> Iterator[Iterable[Float32]]:
    """The pieces of each sound."""
    if isinstance(sounds, Utterances):
        for number in range(len(sounds)):
            yield (sounds.samples(number),)
    else:
        for path in sounds:
            yield (samples for _, samples in pieces_of(Path(path), rate))


def _decoded(pieces: Iterable[Float32], spent: dict[str, float]) -> Iterator[Float32]:
    """The same pieces; how long each took to come is noted."""
    source = iter(pieces)
    while True:
        with _timed(spent, DECODING):
            samples = next(source, None)
        if samples is None:
            return
        yield samples


@contextmanager
def _timed(spent: dict[str, float], part: str) -> Iterator[None]:
    began = process_time()
    yield
    spent[part] = spent.get(part, 0.0) + process_time() - began


def _second(hearing: Hearing) -> Float32:
    """A second of noise, which everything is tried on before the clock runs."""
    rate = hearing.recogniser.settings.features.sampling_rate
    return np.random.default_rng(0).standard_normal(rate).astype(np.float32) * np.float32(0.1)


def _rates(utterances: Utterances, written: Mapping[str, list[str]], searches: Iterable[str]) -> tuple[ErrorRate, ...]:
    found = []
    for search in searches:
        table = judged(utterances, written[search])
        for measure, edits, of in RATES:
            rate = rate_of(table, edits, of)
            found.append(ErrorRate(search, measure, rate.value, *rate.ends))
    return tuple(found)
