"""Finding models in a zoo: by language, kind and size; and, where a language has none, by what is near it.

Nearness is measured without training (`neighbours`): first by what words, sounds and sentences of the two languages
say, as far as the tables are here; else by the family tree and the handbooks. What a card measured itself stands
beside it: a score on text of the language that was asked for, or what its neighbours' text brought.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sprachbund.errors import LanguageError, MissingDataError, MissingExtraError, SettingsError, one_line
from sprachbund.lab.card import Score
from sprachbund.languages import one_of, spoken
from sprachbund.neighbours.advice import advise, beyond_floor
from sprachbund.neighbours.asking import Candidate, Neighbours, ask
from sprachbund.neighbours.listed import MEASURES
from sprachbund.neighbours.measures import Measure
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.neighbours.truth import Gain
from sprachbund.progress import Progress
from sprachbund.zoo.index import Entry, Index

__all__ = ["Near", "Nearness", "languages_of", "models_of", "near_models"]

Measured = dict[str, tuple[tuple[Entry, Score], ...]]
_MOST, _LEAST = 3, 2


@dataclass(frozen=True)
class Near:
    """A language that is near, and what the zoo has of it.

    Attributes:
        score: the mean of its standings among the languages of the zoo, 1 the nearest by all; None where nobody knows.
        because: phrases: what studies measured, and by which values it is nearer than unrelated languages.
        measured: scores of its models' cards on text of the language that was asked for.
    """

    language: str
    score: float | None
    because: tuple[str, ...]
    models: tuple[Entry, ...]
    measured: tuple[tuple[Entry, Score], ...]


@dataclass(frozen=True)
class Nearness:
    """What is near a language, the nearest first.

    Attributes:
        how: by what it was told, a phrase. note: what is missing for a better answer, or "".
    """

    language: str
    near: tuple[Near, ...]
    how: str
    note: str


def models_of(
    index: Index,
    *,
    language: str | None = None,
    kind: str | None = None,
    least: int | None = None,
    most: int | None = None,
    newest: bool = False,
) -> list[Entry]:
    """The models of a zoo that fit, in the order of names and versions.

    Args:
        language: a code or a name. kind: of model, as the cards have it. least, most: bytes on disk.
        newest: whether only the newest version of each name is wanted.

    Raises:
        LanguageError: nobody knows the language. SettingsError: the zoo has no such kind.
    """
    found = list(index.models)
    if language is not None:
        spoken(language)
        found = [each for each in found if one_of(language, each.card.languages) is not None]
    if kind is not None:
        kinds = sorted({each.card.kind for each in index.models})
        if kind.casefold() not in {each.casefold() for each in kinds}:
            raise SettingsError(f"this zoo has no models of the kind {kind!r}; it has {', '.join(kinds) or 'none'}")
        found = [each for each in found if each.card.kind.casefold() == kind.casefold()]
    found = [each for each in found if (least or 0) <= each.size and (most is None or each.size <= most)]
    if newest:
        last = {each.name: each.version for each in found}
        found = [each for each in found if last[each.name] == each.version]
    return found


def languages_of(models: Sequence[Entry]) -> list[str]:
    """The languages of models, sorted."""
    return sorted({language for each in models for language in each.card.languages})


def near_models(
    models: Sequence[Entry],
    language: str,
    sources: Sources | None = None,
    *,
    data: Path | str | None = None,
    corpus: Path | str | None = None,
    gains: Sequence[Gain] = (),
    progress: Progress | None = None,
) -> Nearness:
    """The languages of models that are nearest to one that has none.

    Args:
        data, corpus: as of `find_neighbours`, where ``sources`` are not open. gains: that studies measured.

    Raises:
        LanguageError: nobody knows the language. MissingDataError: a folder of data was named and is none.
    """
    target = spoken(language)
    measured = _measured(models, target)
    others = [code for code in languages_of(models) if _is_known(code) and one_of(target, (code,)) is None]
    if not others:
        return Nearness(target, (), "", "the zoo has no model of any other language")
    opened = sources or open_sources(data, None, corpus)
    found = _asked(opened, target, others, _TEXTS, progress)
    note = found if isinstance(found, str) else ""
    if not isinstance(found, str):
        advice = advise(found, gains)
        scores = {each.language: each.score for each in found.candidates}
        near = [
            Near(pick.language, scores.get(pick.language), (*map(_gained, pick.gains), *pick.because),
                 _having(models, pick.language), measured.get(pick.language, ()))
            for pick in advice.picks
            if _having(models, pick.language)
        ]  # fmt: skip
        if near:
            return Nearness(target, tuple(near), "by words, sounds and sentences", "")
        if any(_known(found, each) for each in found.candidates):
            return Nearness(target, (), "", advice.none.removeprefix("none: "))
        note = "no list of words, text or treebank here has this language: name --data, or a --corpus with its text"
    found = _asked(opened, target, others, _HANDBOOKS, progress)
    if isinstance(found, str):
        kept = [Near(code, None, (), _having(models, code), measured[code]) for code in others if measured.get(code)]
        return Nearness(target, tuple(kept), "by what cards measured alone" if kept else "", note)
    return Nearness(target, _by_handbooks(found, models, measured), "by the family tree and handbooks", note)


_TEXTS = tuple(each for each in MEASURES if each.text and not each.slow and each.family != "models")
_HANDBOOKS = tuple(each for each in MEASURES if each.family == "typological")


def _asked(
    sources: Sources, target: str, others: Sequence[str], measures: Sequence[Measure], progress: Progress | None
) -> Neighbours | str:
    """What some measures say, or what they miss."""
    try:
        return ask(sources, target, others, measures=measures, progress=progress)
    except (MissingDataError, MissingExtraError) as error:
        return one_line(error)


def _known(found: Neighbours, candidate: Candidate) -> bool:
    """Whether a floor says of any measure how far unrelated languages are."""
    return any(beyond_floor(each, candidate.values[each.name]) is not None for each in found.measures)


def _by_handbooks(found: Neighbours, models: Sequence[Entry], measured: Measured) -> tuple[Near, ...]:
    """Those that are nearer than unrelated languages are by more than half of the measures that know a floor."""
    kept = []
    for each in found.candidates:
        beyond = [(measure, beyond_floor(measure, each.values[measure.name])) for measure in found.measures]
        said = [nearer for _, nearer in beyond if nearer is not None]
        if len(said) < _LEAST or sum(said) * 2 <= len(said):
            continue
        because = tuple(
            f"{measure.title} {each.values[measure.name].value:.3g}" for measure, nearer in beyond if nearer
        )
        code = each.language
        kept.append(Near(code, each.score, because[:_MOST], _having(models, code), measured.get(code, ())))
    return tuple(kept[:_MOST])


def _gained(gain: Gain) -> str:
    ends = f" ({gain.low:+.1%} to {gain.high:+.1%})" if math.isfinite(gain.low) and math.isfinite(gain.high) else ""
    return f"measured {gain.gain:+.1%}{ends} in {gain.measure}, study {gain.study}: {gain.verdict}"


def _having(models: Sequence[Entry], code: str) -> tuple[Entry, ...]:
    """The newest of each name that is made for a language, those of the fewest languages first."""
    own = {each.name: each for each in models if one_of(code, each.card.languages) is not None}
    return tuple(sorted(own.values(), key=lambda each: (len(each.card.languages), each.name)))


def _measured(models: Sequence[Entry], target: str) -> Measured:
    """By language the scores on the target's text of models that are not made for it."""
    found: dict[str, list[tuple[Entry, Score]]] = {}
    for model in models:
        scores = [each for each in model.card.scores if each.language and one_of(target, (each.language,)) is not None]
        for language in model.card.languages:
            found.setdefault(language, []).extend((model, score) for score in scores)
    return {language: tuple(each) for language, each in found.items()}


def _is_known(code: str) -> bool:
    try:
        return bool(spoken(code))
    except LanguageError:
        return False
