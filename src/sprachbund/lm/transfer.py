"""A study of language models: a corpus in, tables and a page out."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.arguments import several
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.placing import check_languages
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.files import sha256_file
from sprachbund.lm.declared import ALGORITHM, DECLARATION
from sprachbund.lm.kind import LmKind
from sprachbund.lm.settings import LmSettings
from sprachbund.machine import cpu_count
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Plan, Study, check_arms, run_study
from sprachbund.studies.writing import FORMAT, write_study

__all__ = ["ARMS", "transfer_lm"]

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
    shower: Callable[[str, float | None], AbstractContextManager[Progress]] = show_progress,
) -> Study:
    """How much a language model of each language gains from the others, and whether the difference is real.

    Args:
        out: the study's folder; a study that was killed goes on from what is complete.
        languages: that are read, all if None. targets: that are judged, all if None; the others only help.
        settings: see `settings.LmSettings`; ``target_characters`` cuts the training text of the targets.
        dictionaries: by (neighbour, target) a dictionary for the arm ``respelled``, either way round.
        trials: settings of the neural part that every arm tries. arms: strategies, see `lab.strategies`.
        workers: processes side by side, each with one thread; one a processor if None.

    Raises:
        FolderError: ``out`` holds something else than this same study. CorpusError: too few languages are large enough.
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
    folder = Path(out)
    specification: dict[str, Any] = {
        "format": FORMAT,
        "kind": DECLARATION.name,
        "algorithm": ALGORITHM,
        "corpus": corpus.content_hash(asked),
        "languages": list(asked),
        "targets": list(judged),
        "settings": asdict(settings),
        "dictionaries": {"-".join(pair): sha256_file(path) for pair, path in sorted(tables.items())},
        "seeds": seeds,
        "trials": trials,
        "arms": list(arms),
    }
    with unfinished.claimed(folder, specification, "a study", "at work on this study"):
        for note in notes:
            logger.warning("%s", note)
        kind = LmKind(corpus.path, settings, still or kept, dictionaries=tables)
        if settings.size == "none" and trials > 1:
            plan = replace(plan, trials=1)
        runs = Runs(folder / "runs")
        outcome = run_study(kind, plan, runs, workers=workers or cpu_count(), shower=shower)
        duplicates = _duplicates(corpus, kept, settings)
        with shower("statistics", 2 * len(plan.judged) * len(plan.pools)) as bar:
            write_study(folder, kind, plan, outcome, runs, notes, duplicates, bar)
    return Study(folder, plan, tuple(notes))


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
