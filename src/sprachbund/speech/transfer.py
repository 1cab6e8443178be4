"""A study of recognisers: a corpus of speech in, tables and a page out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.arguments import several
from sprachbund.engines.choosing import engine_on, sharing
from sprachbund.errors import CorpusError
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.settings import to_dict
from sprachbund.speech import extra
from sprachbund.speech.declared import ALGORITHM, DECLARATION
from sprachbund.speech.kind import SpeechKind
from sprachbund.speech.kind_settings import SpeechStudySettings
from sprachbund.speech.kind_warnings import told_already
from sprachbund.speech.sides import HELD_BACK, SIDES
from sprachbund.speech.store import MANIFEST, SpeechCorpus
from sprachbund.studies.desk import check_arms
from sprachbund.studies.prepared import Prepared, carry_out
from sprachbund.studies.study import Plan, Shower, Study
from sprachbund.studies.writing import FORMAT

__all__ = ["ARMS", "Question", "ask", "transfer_speech"]

ARMS = ("alone", "pooled", "placebo")
OWN = ("alone", "synthetic")
"""Arms that take no other language."""
TASK = "speech"


def transfer_speech(
    corpus: SpeechCorpus | Path | str,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    settings: SpeechStudySettings | None = None,
    seeds: int = 3,
    trials: int = 2,
    arms: Sequence[str] = ARMS,
    workers: int | None = None,
    on: str | None = None,
    shower: Shower = show_progress,
) -> Study:
    """How much a recogniser of each language gains from the others, and whether the difference is real.

    Args:
        out: the study's folder; a study that was killed goes on from what is complete.
        languages: that are heard, all if None. targets: that are judged, all if None; the others only help.
        settings: see `kind_settings`; ``target_minutes`` cuts the training speech of the targets.
        trials: settings that every arm tries. arms: strategies, see `lab.strategies`.
        workers: processes side by side; one a processor if None.
        on: where runs are done: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        FolderError: ``out`` holds something else than this same study. CorpusError: too few languages have speech on
            every side. LanguageError: the corpus lacks one. MissingExtraError: torch or jiwer is not installed.
    """
    question = ask(
        corpus, languages=languages, targets=targets, settings=settings, seeds=seeds, trials=trials, arms=arms
    )
    extra.torch()
    extra.jiwer()
    folder = Path(out)
    manifest = question.corpus.path / MANIFEST
    with (
        unfinished.claimed(folder, question.specification(), "a study", "at work on this study"),
        engine_on(on, workers, folder, (manifest,)) as engine,
    ):
        prepared = question.prepare()
        for note in prepared.notes:
            logger.warning("%s", note)
        runs = Runs(folder / "runs")
        return carry_out(prepared, folder, runs, workers=sharing(engine, workers), engine=engine, shower=shower)


@dataclass(frozen=True)
class Question:
    """What a study asks of a corpus of speech, refused before any work where it cannot be.

    Attributes:
        plan: of the languages with speech on every side. languages, targets: that were asked for.
        notes: why languages are left out. remarks: what only the report says of how the others are split.
    """

    corpus: SpeechCorpus
    plan: Plan
    languages: tuple[str, ...]
    targets: tuple[str, ...]
    settings: SpeechStudySettings
    notes: tuple[str, ...]
    remarks: tuple[str, ...]

    def specification(self) -> dict[str, Any]:
        """All that decides the study's tables, as JSON."""
        split = asdict(self.corpus.split)
        return {
            "format": FORMAT,
            "kind": DECLARATION.name,
            "algorithm": ALGORITHM,
            "corpus": self.corpus.content_hash(self.languages),
            "split": {**split, "shares": list(split["shares"]), "judged": list(split["judged"])},
            "languages": list(self.languages),
            "targets": list(self.targets),
            "settings": to_dict(self.settings),
            "seeds": self.plan.seeds,
            "trials": self.plan.trials,
            "arms": list(self.plan.arms),
        }

    def prepare(self) -> Prepared:
        """The kind over this corpus."""
        kind = SpeechKind(self.corpus.path, self.settings, self.plan.judged)
        duplicates = partial(_duplicates, self.corpus, self.plan.languages)
        return Prepared(kind, self.plan, self.notes, duplicates, (*self.remarks, *self.plan.unsure))


def ask(
    corpus: SpeechCorpus | Path | str,
    *,
    languages: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    settings: SpeechStudySettings | None = None,
    seeds: int = 3,
    trials: int = 2,
    arms: Sequence[str] = ARMS,
) -> Question:
    """The question of `transfer_speech`, which has these arguments.

    Raises:
        SettingsError, LanguageError, CorpusError: it cannot be asked.
    """
    arms = several(arms, "arms", str)
    corpus = corpus if isinstance(corpus, SpeechCorpus) else SpeechCorpus.open(corpus)
    asked = _named(corpus, languages) if languages is not None else corpus.languages
    judged = _named(corpus, targets) if targets else ()
    kept, notes, remarks = _complete(corpus, asked, judged or asked)
    if not kept or (len(kept) < 2 and not set(arms) <= set(OWN)):
        raise CorpusError(
            f"{corpus.path}: a study needs two languages with speech on every side, found "
            f"{', '.join(kept) or 'none'}; {' '.join(notes) or 'ingest speech of another'}"
        )
    still = tuple(code for code in judged if code in kept)
    if judged and not still:
        raise CorpusError(f"{corpus.path}: none of {', '.join(judged)} has speech on every side; ingest more speakers")
    _require_synthetic(corpus, still or kept, arms)
    pools = tuple(pool.name for pool in DECLARATION.pools)
    plan = Plan((TASK,), kept, tuple(arms), pools, still, trials, seeds)
    check_arms(plan, DECLARATION)
    return Question(corpus, plan, asked, judged, settings or SpeechStudySettings(), tuple(notes), tuple(remarks))


def _require_synthetic(corpus: SpeechCorpus, judged: Sequence[str], arms: Sequence[str]) -> None:
    """See that there is synthetic speech where an arm is to hear some.

    Raises:
        CorpusError: names the languages that lack it.
    """
    lacking = [code for code in judged if not corpus.synthetic_seconds(code)]
    if "synthetic" in arms and lacking:
        raise CorpusError(
            f"{corpus.path}: the arm synthetic needs synthetic speech of {', '.join(lacking)}: make it with sprachbund "
            "speech synthesise, and ingest it together with the recordings"
        )


def _named(corpus: SpeechCorpus, names: Sequence[str]) -> tuple[str, ...]:
    """Codes of languages that are asked for by code or name, each once."""
    return tuple(dict.fromkeys(corpus.language(name) for name in several(names, "languages", str)))


def _complete(
    corpus: SpeechCorpus, languages: Sequence[str], judged: Sequence[str]
) -> tuple[tuple[str, ...], list[str], list[str]]:
    """The languages with speech to train and to choose by, and to judge where that is asked; notes and remarks."""
    kept, notes, remarks = [], [], []
    for code in languages:
        placed = corpus.placed(code)
        needed = [side for side in SIDES if side != "test" or code in judged]
        if lacking := [side for side in needed if not placed.count(SIDES.index(side))]:
            notes.append(f"{code} is left out: it has no speech on the side {' and '.join(lacking)}.")
            continue
        kept.append(code)
        if not placed.by_speaker:
            remarks.append(
                f"{code}: sentences are parted, not speakers; its error is that of voices that training has heard."
            )
        elif placed.unknown:
            remarks.append(f"{code}: the speakers of {placed.unknown} utterances are not known; they train.")
        if synthetic := corpus.synthetic_seconds(code):
            remarks.append(
                f"{code}: there are {synthetic / 60:,.1f} minutes of synthetic speech, which the arm synthetic hears "
                "and no other."
            )
    return tuple(kept), notes, remarks


def _duplicates(corpus: SpeechCorpus, languages: Sequence[str]) -> pl.DataFrame:
    """How many sentences each language has twice, how many utterances are held back for it, how many leak."""
    rows = []
    for code in languages:
        with told_already():
            placed = corpus.placed(code)
        letters = corpus.utterances(code).table["letters"]
        on = [set(letters.filter(pl.Series(placed.sides == side))) for side in range(len(SIDES))]
        across = sum(text in on[one] for one in (0, 1) for text in on[2]) + len(on[0] & on[1])
        rows.append(
            {
                "language": code,
                "duplicate_sentences": len(letters) - letters.n_unique(),
                "held_back": placed.count(HELD_BACK),
                "leaked_sentences": across,
            }
        )
    return pl.DataFrame(rows)
