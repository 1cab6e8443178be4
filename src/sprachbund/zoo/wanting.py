"""Wanted languages: those without a model, and those whose best model is worse than its neighbours' text would make it.

The second is told by the cards alone: a score called `GAIN` on a model's card says what the same model would gain by
its neighbours' text, so it is wanted where the whole interval is above zero. Nothing is guessed where nobody
measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sprachbund.errors import SettingsError
from sprachbund.lab.card import GAIN, Score
from sprachbund.languages import one_of
from sprachbund.neighbours.asking import every_language
from sprachbund.neighbours.sources import open_sources
from sprachbund.progress import Progress, Silent
from sprachbund.zoo.finding import Nearness, near_models
from sprachbund.zoo.index import Entry, Index

__all__ = ["NothingListedError", "Wanted", "wanted_languages"]


class NothingListedError(SettingsError):
    """Nobody says of which languages it is asked."""


@dataclass(frozen=True)
class Wanted:
    """A language that a model is wanted for.

    Attributes:
        model: the best that there is, None where there is none. gain: what its card says that neighbours would bring.
        near: what could be started from; None where it was not asked.
    """

    language: str
    model: Entry | None
    gain: Score | None
    near: Nearness | None

    @property
    def why(self) -> str:
        """A phrase."""
        if self.model is None or self.gain is None:
            return "no model"
        ends = "" if self.gain.low is None else f" ({self.gain.low:.3g} to {self.gain.high:.3g})"
        return f"{self.model.called} would gain {self.gain.value:.3g}{self.gain.unit}{ends} by its neighbours' text"


def wanted_languages(
    index: Index,
    *,
    languages: Sequence[str] | None = None,
    corpus: Path | str | None = None,
    kind: str | None = None,
    data: Path | str | None = None,
    near: bool = True,
    progress: Progress | None = None,
) -> list[Wanted]:
    """The languages that a zoo lacks, of some that are asked of, and those whose models would gain.

    Args:
        languages: asked of; None for those of the corpus, else those that the lists of neighbours have.
        corpus: a folder that ``ingest`` wrote. kind: only models of this kind count; None for any.
        near: whether to say what each could be started from, which takes seconds.
        progress: told of languages.

    Raises:
        SettingsError: nobody says of which languages. LanguageError: nobody knows one.
    """
    models = [each for each in index.models if kind is None or each.card.kind.casefold() == kind.casefold()]
    sources = open_sources(data, None, corpus)
    bar = progress or Silent()
    found = []
    for language in _asked(languages, corpus, every_language(sources) if languages is None and corpus is None else []):
        bar.advance()
        own = [each for each in models if one_of(language, each.card.languages) is not None]
        gain = _gain(own, language)
        if own and gain is None:
            continue
        nearest = near_models(models, language, sources) if near and models else None
        found.append(Wanted(language, gain[0] if gain else None, gain[1] if gain else None, nearest))
    return found


def _asked(languages: Sequence[str] | None, corpus: Path | str | None, listed: Sequence[str]) -> list[str]:
    from sprachbund.languages import spoken

    if languages is not None:
        return list(dict.fromkeys(map(spoken, languages)))
    if corpus is not None:
        from sprachbund.corpus.store import Corpus

        return list(Corpus.open(corpus, check=False).languages)
    if not listed:
        raise NothingListedError("wanted of which languages? name a --corpus, --languages, or tables with --data")
    return list(listed)


def _gain(models: Sequence[Entry], language: str) -> tuple[Entry, Score] | None:
    """The model whose card says that neighbours' text would better it, where each of the language's models says so."""
    said = []
    for model in models:
        gains = [
            score
            for score in model.card.scores
            if score.measure == GAIN and (not score.language or one_of(language, (score.language,)) is not None)
        ]
        sure = [each for each in gains if (each.low if each.low is not None else each.value) > 0]
        if not sure:
            return None
        said.append((model, max(sure, key=lambda each: each.value)))
    return min(said, key=lambda pair: pair[1].value) if said else None
