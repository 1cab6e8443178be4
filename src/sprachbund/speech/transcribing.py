"""Files of sound to text: words with their times and how sure they are, whatever the length of the file.

A file is read piece by piece, cut at its pauses, so that an hour takes no more memory than a minute.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sprachbund.arrays import Float32
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.neural.network import on_threads
from sprachbund.speech.checking import loudness
from sprachbund.speech.features import log_mels, normalised
from sprachbund.speech.pauses import pieces_of
from sprachbund.speech.recogniser.beam import BEAM, HotWords, aligned, beam_search, hot_words
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.recogniser.exported import graph_of, opened_graph, read_exported, told_by_graph
from sprachbund.speech.recogniser.greedy import Heard, Word, greedy, text_of, words_of
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import loaded, log_probabilities
from sprachbund.speech.recogniser.saved import read_recogniser
from sprachbund.speech.sound import Sound
from sprachbund.speech.spelling import spelled
from sprachbund.speech.subtitles import srt, vtt

__all__ = ["Hearing", "Transcript", "expecting", "opened", "usual_beam", "written"]

WEIGHT, BONUS = 0.6, 1.2
"""Of a language model that dev has not weighed."""
SILENCE = -60.0
"""Decibels below full scale under which nothing is looked for."""


@dataclass(frozen=True)
class Transcript:
    """What was heard in a file.

    Attributes:
        words: in order. seconds: how long the file is.
    """

    words: tuple[Word, ...]
    seconds: float

    @property
    def text(self) -> str:
        """The words, a blank between."""
        return " ".join(word.text for word in self.words)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"text": self.text, "seconds": self.seconds, "words": [asdict(word) for word in self.words]}


@dataclass(frozen=True, eq=False)
class Hearing:
    """A recogniser in use.

    Attributes:
        recogniser: that hears. beam: beginnings of a beam search; 0 takes the likeliest letter each time.
        hot: words that are preferred, as they are written; they need the beam. threads: of the processor.
        graph: that onnxruntime runs in the place of torch, see `opened`; None for none.
    """

    recogniser: Recogniser
    beam: int = 0
    hot: tuple[str, ...] = ()
    threads: int = 1
    graph: Path | None = None

    @cached_property
    def network(self) -> Any:
        """What is asked: torch's network, or a session of onnxruntime; loaded at the first use."""
        own = self.recogniser
        if self.graph is not None:
            return opened_graph(self.graph, self.threads)
        return loaded(own.settings, own.alphabet.size, own.weights)

    @cached_property
    def _hot(self) -> HotWords:
        language = self.recogniser.languages[0]
        words = [word for text in self.hot for word in spelled(text, language).split()]
        return hot_words(words, self.recogniser.alphabet)

    def transcribe(self, path: Path | str) -> Transcript:
        """What is said in a file.

        Raises:
            SourceError: it is no sound that can be read, or is damaged.
        """
        words: list[Word] = []
        seconds = 0.0
        for _, end, found in self.pieces(Path(path)):
            words += found
            seconds = end
        return Transcript(tuple(words), round(seconds, 3))

    def pieces(self, path: Path) -> Iterator[tuple[float, float, list[Word]]]:
        """The same piece by piece, as they are heard: begin and end in seconds, and the words of each."""
        rate = self.recogniser.settings.features.sampling_rate
        for offset, samples in pieces_of(path, rate):
            yield offset, offset + len(samples) / rate, self.words(samples, offset)

    def words(self, samples: Float32, offset: float = 0.0) -> list[Word]:
        """The words of a short sound at the recogniser's rate; ``offset`` seconds are added to their times."""
        own = self.recogniser
        rate = own.settings.features.sampling_rate
        if not len(samples) or loudness(Sound(samples, rate)) < SILENCE:
            return []
        (told,) = self.told([samples])
        return words_of(self.heard(told), own.alphabet, offset)

    def texts(self, every: Sequence[Float32]) -> list[str]:
        """What is said in short sounds at the recogniser's rate."""
        return [text_of(self.heard(told), self.recogniser.alphabet) for told in self.told(every)]

    def told(self, every: Sequence[Float32]) -> list[Float32]:
        """Logarithms of the probabilities of symbols, float32 [rows, symbols] of each sound."""
        return self.told_of(self.features(every))

    def features(self, every: Sequence[Float32]) -> list[Float32]:
        """What the network takes of each sound: float32 [frames, mels]; a graph normalises them itself."""
        found = [log_mels(samples, self.recogniser.settings.features) for samples in every]
        return found if self.graph is not None else [normalised(each) for each in found]

    def told_of(self, features: Sequence[Float32]) -> list[Float32]:
        """As `told`, of features."""
        if self.graph is not None:
            return told_by_graph(self.network, features)
        with on_threads(self.threads):
            return log_probabilities(self.network, features)

    def heard(self, told: Float32) -> Heard:
        """The letters of one sound, by the beam or greedily."""
        if not self.beam:
            return greedy(told)
        own = self.recogniser
        symbols = beam_search(told, own.alphabet, own.expectations, self._hot, self.beam)
        return Heard(symbols, *aligned(told, symbols))


def opened(path: Path | str) -> tuple[Recogniser, Path | None]:
    """A recogniser that was trained or exported, and the graph of the latter.

    Args:
        path: a folder that ``speech train`` wrote; or one that ``export`` wrote, or a graph in it.

    Raises:
        FolderError: it is none, or damaged. MissingExtraError: a graph, and onnxruntime is not installed.
    """
    graph = graph_of(Path(path))
    return (read_recogniser(path), None) if graph is None else (read_exported(graph), graph)


def usual_beam(recogniser: Recogniser, hot: Sequence[str] = ()) -> int:
    """The beam where nobody says one: none where expected letters did not help on dev and no word is hot."""
    expected = recogniser.expectations
    return BEAM if hot or (expected is not None and expected.weight) else 0


def expecting(recogniser: Recogniser, model: Path | str) -> Recogniser:
    """A recogniser that expects what a language model does: its n-grams of characters, at a usual weight.

    Raises:
        FolderError: it is no language model.
    """
    return replace(recogniser, expectations=Expectations(LanguageModel.open(model).ngrams[0], WEIGHT, BONUS))


def written(transcript: Transcript, form: str) -> str:
    """A transcript as ``text``, ``json``, ``srt`` or ``vtt``."""
    if form == "json":
        return json.dumps(transcript.to_dict(), ensure_ascii=False, indent=2) + "\n"
    if form == "text":
        return transcript.text + "\n"
    return srt(transcript.words) if form == "srt" else vtt(transcript.words)
