"""Finding models in a zoo: by language, kind and size; and, where a language has none, by what is near it.

Nearness is measured without training (`neighbours`): first by what words, sounds and sentences of the two languages
say, as far as the tables are here; else by the family tree and the handbooks. What a card measured itself stands
beside it: a score on text of the language that was asked for, or what its neighbours' text brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sprachbund.errors import LanguageError, MissingDataError, MissingExtraError, SettingsError, one_line
from sprachbund.lab.card import Score
from sprachbund.languages import one_of, spoken
from sprachbund.neighbours.asking import COVERED, Neighbours, ask
from sprachbund.neighbours.listed import MEASURES
from sprachbund.neighbours.measures import Measure
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.progress import Progress
from sprachbund.zoo.index import Entry, Index

__all__ = ["Near", "Nearness", "languages_of", "models_of", "near_models"]

Measured = dict[str, tuple[tuple[Entry, Score], ...]]
_MOST = 3
_HANDBOOKS = ("genetic", "uriel-syntax", "uriel-inventory", "geographic")


@dataclass(frozen=True)
class Near:
    """A language that is near, and what the zoo has of it.

    Attributes:
        score: the mean of its standings among the languages of the zoo, 1 the nearest by all. by: how many measures.
        measured: scores of its models' cards on text of the language that was asked for.
    """

    language: str
    score: float
    by: int
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
    progress: Progress | None = None,
) -> Nearness:
    """The languages of models that are nearest to one that has none.

    Args:
        data, corpus: as of `find_neighbours`, where ``sources`` are not open.

    Raises:
        LanguageError: nobody knows the language. MissingDataError: a folder of data was named and is none.
    """
    target = spoken(language)
    measured = _measured(models, target)
    others = [code for code in languages_of(models) if _is_known(code) and one_of(target, (code,)) is None]
    if not others:
        return Nearness(target, (), "", "the zoo has no model of any other language")
    opened = sources or open_sources(data, None, corpus)
    quick = tuple(each for each in MEASURES if each.text and not each.slow)
    handbooks = tuple(each for each in MEASURES if each.name in _HANDBOOKS)
    note = ""
    for how, measures in (("by words, sounds and sentences", quick), ("by the family tree and handbooks", handbooks)):
        try:
            found = ask(opened, target, others, measures=measures, progress=progress)
        except (MissingDataError, MissingExtraError) as error:
            note = note or one_line(error)
            continue
        near = _ranked(found, models, measured)
        if near:
            return Nearness(target, near, how, note if how.endswith("handbooks") else "")
        note = note or (found.notes[0] if found.notes else "no measure knows the language")
    kept = [Near(code, 0.0, 0, _having(models, code), measured[code]) for code in others if measured.get(code)]
    return Nearness(target, tuple(kept), "by what cards measured alone", note)


def _ranked(
    found: Neighbours, models: Sequence[Entry], measured: dict[str, tuple[tuple[Entry, Score], ...]]
) -> tuple[Near, ...]:
    """The best of those that are nearer than unrelated languages are, by most measures that know a floor."""
    kept = []
    for each in found.candidates:
        if each.rank is None or each.score is None:
            continue
        said = [
            _is_nearer(measure, value.value, value.floor)
            for measure in found.measures
            if (value := each.values[measure.name]).value is not None
            and (value.coverage is None or value.coverage >= COVERED)
            and value.floor is not None
        ]
        if said and sum(said) * 2 <= len(said):
            continue
        code = each.language
        kept.append(Near(code, each.score, each.measured, _having(models, code), measured.get(code, ())))
    return tuple(kept[:_MOST])


def _is_nearer(measure: Measure, value: float | None, floor: float | None) -> bool:
    assert value is not None and floor is not None
    return value > floor if measure.direction == "higher" else value < floor


def _having(models: Sequence[Entry], code: str) -> tuple[Entry, ...]:
    return tuple(each for each in models if one_of(code, each.card.languages) is not None)


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
