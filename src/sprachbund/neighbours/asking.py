"""Which languages are near one: every measure of every candidate, one order out of them, and where they disagree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sprachbund.errors import LanguageError, MissingDataError, MissingExtraError, SettingsError
from sprachbund.languages import find, spoken
from sprachbund.neighbours.floors import floor_of, strangers, with_floor
from sprachbund.neighbours.frequencies import corpus_of, listed_languages
from sprachbund.neighbours.fusing import fuse, standing
from sprachbund.neighbours.identities import explained, same_language
from sprachbund.neighbours.listed import MEASURES
from sprachbund.neighbours.measures import Measure, Value, lacking
from sprachbund.neighbours.notes import lacks, left_out
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.neighbours.treebanks import files_by_language
from sprachbund.progress import Progress, Silent

__all__ = [
    "Candidate",
    "Disagreement",
    "Neighbours",
    "ask",
    "candidates_of",
    "every_language",
    "find_neighbours",
    "value_of",
    "values_of",
]

COVERED = 0.25
"""Coverage below which a value is shown and takes no part in any order."""


@dataclass(frozen=True)
class Candidate:
    """A language and all that the measures say of it.

    Attributes:
        rank: from 1; None where no measure of the default order knows it.
        score: the mean of its standings, 1 for nearest by all to 0. measured: how many measures it is the mean of.
        values: by the measure's name.
    """

    language: str
    rank: int | None
    score: float | None
    measured: int
    values: Mapping[str, Value]

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        measures = {
            name: {
                "value": value.value,
                "low": value.low,
                "high": value.high,
                "coverage": value.coverage,
                "floor": value.floor,
                "from": value.source,
            }
            for name, value in self.values.items()
        }
        return {"language": self.language, "rank": self.rank, "score": self.score, "measures": measures}


@dataclass(frozen=True)
class Disagreement:
    """A measure that puts another language first than all of them together do.

    Attributes:
        measure: its name. nearest: what it puts first. instead: what is first overall, and ``place`` its place by it.
        sure: whether the intervals of the two values lie apart; None where there are none.
    """

    measure: str
    nearest: str
    instead: str
    value: float
    other: float
    place: int
    sure: bool | None

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "measure": self.measure,
            "nearest": self.nearest,
            "instead_of": self.instead,
            "value": self.value,
            "value_of_other": self.other,
            "place_of_other": self.place,
            "sure": self.sure,
        }


@dataclass(frozen=True)
class Neighbours:
    """Candidates in order, the nearest first.

    Attributes:
        measures: those that were asked, in the order of reports. notes: what was left out and why, a line each.
    """

    target: str
    candidates: tuple[Candidate, ...]
    disagreements: tuple[Disagreement, ...]
    measures: tuple[Measure, ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "target": self.target,
            "candidates": [each.to_dict() for each in self.candidates],
            "disagreements": [each.to_dict() for each in self.disagreements],
        }


def find_neighbours(
    target: str,
    languages: Sequence[str] | None = None,
    *,
    data: Path | str | None = None,
    corpus: Path | str | None = None,
    encoder: Path | str | None = None,
    cache: Path | str | None = None,
    measures: Sequence[Measure] | None = None,
    thorough: bool = False,
    progress: Progress | None = None,
) -> Neighbours:
    """Languages in the order of how near they are to one, by all measures.

    Args:
        target: a language's code or name.
        languages: the candidates. Default: all that lists of frequent words, treebanks and the corpus have.
        data: the folder of published tables; default: that of ``SPRACHBUND_DATA``.
        corpus: the user's own text, a folder that `ingest` wrote.
        encoder: one of several languages, a folder that `train` wrote.
        cache: where features are kept; default: beside the data.
        measures: those to ask; default: all, the slow ones of three candidates at most, or where ``thorough``.

    Raises:
        LanguageError: nobody knows a language. MissingDataError: a folder is not there, or no measure has any data.
        SettingsError: there is nothing to compare with.
    """
    sources = open_sources(data, cache, corpus, encoder)
    return ask(sources, target, languages, measures=measures, thorough=thorough, progress=progress)


def ask(
    sources: Sources,
    target: str,
    languages: Sequence[str] | None = None,
    *,
    measures: Sequence[Measure] | None = None,
    thorough: bool = False,
    progress: Progress | None = None,
) -> Neighbours:
    """`neighbours` with sources that are open."""
    wanted = spoken(target)
    chosen = candidates_of(sources, wanted, languages)
    notes = [said for code in (wanted, *(chosen if languages else ())) if (said := explained(code))]
    without, none, missing = list[tuple[str, str]](), list[tuple[str, str]](), list[tuple[str, list[str]]]()
    unrelated = strangers(sources, wanted, dict.fromkeys([*chosen, *_others(sources, wanted)]))
    asked, found = [], dict[str, dict[str, Value]]()
    bar = progress or Silent()
    quick = not thorough and len(chosen) > _FEW
    for measure in measures if measures is not None else [each for each in MEASURES if not (each.slow and quick)]:
        bar.describe(measure.title)
        bar.advance()
        try:
            values = values_of(measure, sources, wanted, chosen, unrelated)
        except (MissingDataError, MissingExtraError) as error:
            without.append((measure.title, str(error)))
            continue
        asked.append(measure)
        found[measure.name] = values
        lacked = [language for language, value in values.items() if value.value is None]
        if len(lacked) == len(values):
            none.append((measure.title, values[lacked[0]].parts.get("lacking", "no value")))
        elif lacked:
            missing.append((measure.title, lacked))
    notes += [*lacks(missing), *left_out(none), *left_out(without, "without ")]
    if not asked:
        raise MissingDataError(f"no measure has any data; {notes[-1] if notes else 'name a folder with --data'}")
    rows = {language: {name: values[language] for name, values in found.items()} for language in chosen}
    ordered = fuse([each for each in asked if each.text] or asked, _plain(rows))
    candidates, place = [], 0
    for language, score in ordered.items():
        place += score is not None
        candidates.append(
            Candidate(
                language,
                place if score else None,
                score[0] if score else None,
                score[1] if score else 0,
                rows[language],
            )
        )
    disagreements = _disagreements(asked, candidates) if len(candidates) > 1 else ()
    return Neighbours(wanted, tuple(candidates), disagreements, tuple(asked), tuple(notes))


def candidates_of(sources: Sources, target: str, languages: Sequence[str] | None) -> list[str]:
    """The codes to compare with, without the target itself; by default all that sources have.

    Raises:
        LanguageError: nobody knows one. SettingsError: there is none.
    """
    if isinstance(languages, str):
        raise LanguageError(f"expected a list of languages, found {languages[:100]!r}")
    named = [spoken(each) for each in languages] if languages is not None else _others(sources, target)
    chosen: list[str] = []
    for code in named:
        if not any(same_language(code, other) for other in (target, *chosen)):
            chosen.append(code)
    if not chosen:
        asked = "the only language named is the target itself" if languages else "no source lists any language"
        raise SettingsError(f"nothing to compare {target} with: {asked}; name others, as --languages es,gl,it")
    return chosen


def values_of(
    measure: Measure, sources: Sources, target: str, languages: Sequence[str], unrelated: Sequence[str] = ()
) -> dict[str, Value]:
    """What a measure says of each language, with its floor.

    Args:
        unrelated: languages of other families; as many of them as a floor takes are asked too.

    Raises:
        MissingDataError: the data of the measure are not there at all.
    """
    found = {language: value_of(measure, sources, target, language) for language in languages}
    known = sum(found[each].value is not None for each in unrelated if each in found)
    more = dict(found)
    if measure.floors == "unrelated" and not measure.slow:
        for language in unrelated:
            if known >= _FOR_FLOOR:
                break
            if language not in more:
                more[language] = value_of(measure, sources, target, language)
                known += more[language].value is not None
    floor = floor_of(measure, more, unrelated)
    return {language: with_floor(measure, value, floor) for language, value in found.items()}


_FEW = 3
"""Candidates of which slow measures are asked too."""
_FOR_FLOOR = 12
"""Unrelated languages that are asked for a floor where the candidates have fewer."""


def value_of(measure: Measure, sources: Sources, target: str, language: str) -> Value:
    """What a measure says of one pair, without a floor.

    Raises:
        MissingDataError: the data of the measure are not there at all.
    """
    value = measure.compute(sources, target, language)
    return lacking(f"no value for {language}") if value is None else value


def every_language(sources: Sources) -> list[str]:
    """All languages that lists of frequent words, treebanks and the corpus have, sorted; each under one code."""

    def listed() -> list[str]:
        corpus = corpus_of(sources)
        folder = sources.find("ud")
        trees = sorted(files_by_language(folder)) if folder else []
        codes = [*(corpus.languages if corpus else ()), *listed_languages(sources), *trees]
        found: list[str] = []
        for code in codes:
            try:
                known = find(code).code
            except LanguageError:
                continue
            if not any(same_language(known, other) for other in found):
                found.append(known)
        return sorted(found)

    return sources.once("languages", listed)


def _others(sources: Sources, target: str) -> list[str]:
    return [code for code in every_language(sources) if not same_language(code, target)]


def _plain(rows: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, float | None]]:
    """Values alone; those with too little coverage take no part."""
    return {
        language: {
            name: value.value if value.coverage is None or value.coverage >= COVERED else None
            for name, value in values.items()
        }
        for language, values in rows.items()
    }


def _disagreements(measures: Iterable[Measure], candidates: Sequence[Candidate]) -> tuple[Disagreement, ...]:
    """Measures whose nearest is another than the first overall, and stands clearly away from it."""
    first = candidates[0]
    plain = _plain({each.language: each.values for each in candidates})
    found = []
    for measure in measures:
        stands = standing(measure, {language: values[measure.name] for language, values in plain.items()})
        if first.language not in stands or len(stands) < 2:
            continue
        nearest = max(stands, key=lambda language: stands[language])
        if stands[nearest] == stands[first.language]:
            continue
        place = 1 + sum(other > stands[first.language] for other in stands.values())
        theirs = next(each for each in candidates if each.language == nearest).values[measure.name]
        ours = first.values[measure.name]
        assert theirs.value is not None and ours.value is not None
        sure = None
        if None not in (theirs.low, theirs.high, ours.low, ours.high):
            sure = bool(theirs.high < ours.low or ours.high < theirs.low)  # type: ignore[operator]
        found.append(Disagreement(measure.name, nearest, first.language, theirs.value, ours.value, place, sure))
    return tuple(found)
