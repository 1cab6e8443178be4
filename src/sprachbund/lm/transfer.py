"""A study of language models: a corpus in, tables and a page out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.arguments import several
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.placing import check_languages
from sprachbund.corpus.store import MANIFEST, Corpus
from sprachbund.engines.choosing import engine_on, sharing
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.files import sha256_file
from sprachbund.lm.declared import ALGORITHM, DECLARATION
from sprachbund.lm.kind import LmKind
from sprachbund.lm.settings import NONE, LmSettings
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.desk import check_arms
from sprachbund.studies.prepared import Prepared, carry_out
from sprachbund.studies.study import Plan, Shower, Study
from sprachbund.studies.writing import FORMAT

__all__ = ["ARMS", "Question", "ask", "transfer_lm"]

ARMS = ("alone", "pooled", "placebo")
TASK = "lm"
LEAST_DOCUMENTS = 3


def transfer_lm(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    settings: LmSettings | None = None,
    dictionaries: Mapping[tuple[str, str], Path | str] | None = None,
    seeds: int = 3,
    trials: int = 3,
    arms: Sequence[str] = ARMS,
    workers: int | None = None,
    on: str | None = None,
    shower: Shower = show_progress,
) -> Study:
    """How much a language model of each language gains from the others, and whether the difference is real.

    Args:
        out: the study's folder; a study that was killed goes on from what is complete.
        languages: that are read, all if None. targets: that are judged, all if None; the others only help.
        settings: see `settings.LmSettings`; ``target_characters`` cuts the training text of the targets.
        dictionaries: by (neighbour, target) a dictionary for the arm ``respelled``, either way round.
        trials: settings of the neural part that every arm tries. arms: strategies, see `lab.strategies`.
        workers: processes side by side, each with one thread; one a processor if None.
        on: where runs are done: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        FolderError: ``out`` holds something else than this same study. CorpusError: too few languages are large enough.
    """
    question = ask(
        corpus, languages=languages, targets=targets, settings=settings, dictionaries=dictionaries, seeds=seeds,
        trials=trials, arms=arms,
    )  # fmt: skip
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
    """What a study of language models asks, seen to be possible as far as that shows without training.

    Attributes:
        plan: with the languages that are large enough. languages, targets: that were asked for.
        dictionaries: see `transfer_lm`. notes: why languages are left out.
    """

    corpus: Corpus
    plan: Plan
    languages: tuple[str, ...]
    targets: tuple[str, ...]
    settings: LmSettings
    dictionaries: Mapping[tuple[str, str], Path]
    notes: tuple[str, ...]

    def specification(self) -> dict[str, Any]:
        """All that decides the study's tables, as JSON."""
        return {
            "format": FORMAT,
            "kind": DECLARATION.name,
            "algorithm": ALGORITHM,
            "corpus": self.corpus.content_hash(self.languages),
            "languages": list(self.languages),
            "targets": list(self.targets),
            "settings": asdict(self.settings),
            "dictionaries": {"-".join(pair): sha256_file(path) for pair, path in sorted(self.dictionaries.items())},
            "seeds": self.plan.seeds,
            "trials": self.plan.trials,
            "arms": list(self.plan.arms),
        }

    def prepare(self) -> Prepared:
        """The kind; without a neural part there is one trial, for there is nothing to try."""
        plan = self.plan
        kind = LmKind(self.corpus.path, self.settings, plan.judged, dictionaries=self.dictionaries)
        counted = self.settings.size == NONE  # n-grams are the same every time
        plan = replace(plan, trials=1) if counted else plan
        duplicates = partial(_duplicates, self.corpus, plan.languages, self.settings)
        return Prepared(kind, plan, self.notes, duplicates, () if counted else plan.unsure)


def ask(
    corpus: Corpus | Path | str,
    *,
    languages: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    settings: LmSettings | None = None,
    dictionaries: Mapping[tuple[str, str], Path | str] | None = None,
    seeds: int = 3,
    trials: int = 3,
    arms: Sequence[str] = ARMS,
) -> Question:
    """The question of `transfer_lm`, which has these arguments, and of a study file.

    Raises:
        SettingsError, LanguageError, CorpusError: it cannot be asked.
    """
    settings = settings or LmSettings()
    arms = several(arms, "arms", str)
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    asked = check_languages(corpus, languages)
    judged = check_languages(corpus, targets) if targets else ()
    kept, notes = _large_enough(corpus, asked)
    if len(kept) < 2:
        raise CorpusError(
            f"{corpus.path}: a study needs two languages with documents on every side, found "
            f"{', '.join(kept) or 'none'}; {' '.join(notes)}"
        )
    still = tuple(code for code in judged if code in kept)
    if judged and not still:
        raise CorpusError(f"{corpus.path}: none of {', '.join(judged)} is large enough to be judged; ingest more text")
    tables = {pair: Path(path) for pair, path in (dictionaries or {}).items()}
    if strangers := sorted({code for pair in tables for code in pair} - set(kept)):
        raise SettingsError(f"a dictionary names {', '.join(strangers)}, which the study has not: {', '.join(kept)}")
    plan = Plan((TASK,), kept, tuple(arms), tuple(pool.name for pool in DECLARATION.pools), still, trials, seeds)
    check_arms(plan, DECLARATION)
    return Question(corpus, plan, asked, judged, settings, tables, tuple(notes))


def _large_enough(corpus: Corpus, languages: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The languages with a document on each side, and why the others are left out."""
    kept, notes = [], []
    for code in languages:
        documents = corpus.counts[code]["documents"]
        if documents >= LEAST_DOCUMENTS:
            kept.append(code)
        else:
            notes.append(
                f"{code} is left out: it has {documents} document{'' if documents == 1 else 's'}; with three there is "
                "one on each side."
            )
    return tuple(kept), notes


def _duplicates(corpus: Corpus, languages: Sequence[str], settings: LmSettings) -> pl.DataFrame:
    """How many sentences each language has twice, and how many stand on two sides of the split."""
    return duplicate_report(corpus, languages, settings.shares, settings.split_seed).select(
        "language",
        pl.col("duplicates").alias("duplicate_sentences"),
        pl.col("sentences_across").alias("leaked_sentences"),
    )
