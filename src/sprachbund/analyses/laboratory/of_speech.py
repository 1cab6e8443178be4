"""Recognisers in a study file: the question that `speech.transfer` asks, and a small one to see how long it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sprachbund.analyses.laboratory.small import changed, tiny
from sprachbund.engines.engine import Engine
from sprachbund.errors import SettingsError
from sprachbund.settings import change
from sprachbund.speech import extra, transfer
from sprachbund.speech.kind_settings import SpeechStudySettings
from sprachbund.speech.kind_warnings import told_already
from sprachbund.speech.sides import SIDES
from sprachbund.speech.store import SpeechCorpus
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import Shower

__all__ = ["amount", "ask", "lacking", "probe", "ready", "settings_of"]

_PROBED = {"target_minutes": 1.0, "source_minutes": 1.0, "epochs": 2.0, "evaluations": 1, "minutes": 0.0}
"""What a probe hears of each language, and how often."""


def settings_of(values: Mapping[str, Any]) -> SpeechStudySettings:
    """The settings by name; ``sizes`` are minutes."""
    given = dict(values.get("settings", {}))
    if "sizes" in values and given.setdefault("target_minutes", values["sizes"]) != values["sizes"]:
        raise SettingsError("target_minutes is what sizes says; leave one out")
    made: SpeechStudySettings = changed(SpeechStudySettings(), given)
    return made


def ask(corpus: SpeechCorpus, values: Mapping[str, Any]) -> transfer.Question:
    """The question of a study's values."""
    with told_already():  # how speech is split is told by the report
        return transfer.ask(
            corpus,
            languages=values["languages"],
            targets=values["targets"],
            settings=settings_of(values),
            seeds=values.get("seeds", 3),
            trials=values.get("trials", 2),
            arms=values.get("strategies", transfer.ARMS),
        )


def lacking(corpus: SpeechCorpus, settings: SpeechStudySettings) -> Callable[[str, bool], str]:
    """Why a language that is named cannot be: it has no speech on a side that it needs."""

    def why(code: str, judged: bool) -> str:
        with told_already():
            placed = corpus.placed(code)
        empty = [side for number, side in enumerate(SIDES) if not placed.count(number) and (judged or side != "test")]
        if not empty:
            return ""
        return (
            f"{code} has {len(placed.sides):,} utterances, none of them on the side {' and '.join(empty)}; ingest "
            "more speakers of it"
        )

    return why


def amount(corpus: SpeechCorpus, code: str) -> float:
    """Seconds of speech of a language that somebody spoke."""
    return float(corpus.manifest["languages"][code]["seconds"]) - corpus.synthetic_seconds(code)


def ready(
    question: transfer.Question,
    folder: Path,
    together: Sequence[str],
    workers: int,
    shower: Shower,
    reading: bool,
    engine: Engine | None = None,
) -> Prepared:
    """The prepared study."""
    if reading:
        extra.torch()
        extra.jiwer()
    return question.prepare()


def probe(question: transfer.Question, languages: tuple[str, str], folder: Path) -> Prepared:
    """Two passes over a minute of two languages; both are judged on all of their test side."""
    extra.torch()
    extra.jiwer()
    small = replace(question, plan=tiny(question.plan, languages), settings=change(question.settings, _PROBED))
    return small.prepare()
