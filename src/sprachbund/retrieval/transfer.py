"""The main job: a corpus in, a transfer table out."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.arguments import several
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.placing import check_languages, splittable
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError, SprachbundError
from sprachbund.machine import cpu_count, memory_limit
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.declared import ALGORITHM, DECLARATION
from sprachbund.retrieval.encoder.encoded import MANIFEST, EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.mixture import shares
from sprachbund.retrieval.encoder.reuse import Asked, encode_once
from sprachbund.retrieval.encoder.rows import make_rows
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import BEST, Settings, Task, check_task, settings_of, split_of, to_dict
from sprachbund.retrieval.trials import fixed_settings
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Plan, Study, check_arms, run_study
from sprachbund.studies.writing import FORMAT, write_study

TABLE_SHARE = 0.7
CHARACTERS = (4, 5)
ENCODED = "encoded"
POOLS = ("unseen", "paper", "paper-equal", "mixed", "own")
ARMS = ("alone", "pooled", "control", "placebo")


def transfer(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    tasks: Sequence[Task] = ("ic", "nsp"),
    languages: Sequence[str] | None = None,
    settings: Settings | str = BEST,
    seeds: int = 3,
    trials: int = 12,
    arms: Sequence[str] = ARMS,
    pools: Sequence[str] = POOLS,
    targets: Sequence[str] | None = None,
    workers: int | None = None,
    memory: int | None = None,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]] = show_progress,
) -> Study:
    """How much each language gains from the others, and whether the difference is real.

    Args:
        out: the study's folder; a study that was killed goes on from what is complete.
        settings: the first trial is these settings as they are; what differs from their preset no trial changes,
            nor with the preset ``paper`` its features.
        arms: strategies, with what follows the colon: ``continued:es``, ``mixed:3``; see `lab.strategies`.
        targets: languages that are judged, all if None; the others only help.
        workers: processes side by side, each with one thread; one a processor if None.
        memory: bytes that counting n-grams may use, None for the default.

    Raises:
        FolderError: ``out`` holds something else than this same study.
        CorpusError: fewer than two languages are large enough.
    """
    settings = settings_of(settings)
    tasks, arms, pools = (
        several(given, what, str) for given, what in ((tasks, "tasks"), (arms, "arms"), (pools, "pools"))
    )
    for name in tasks:
        check_task(name)
    deciding, *others = (pool.name for pool in DECLARATION.pools)
    if deciding not in pools or set(pools) - {deciding, *others}:
        raise SettingsError(
            f"the pools must have {deciding}, which decides, and may have {', '.join(others)}; found "
            f"{', '.join(pools) or 'none'}"
        )
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    folder = Path(out)
    asked = splittable(corpus, check_languages(corpus, languages), split_of(settings))
    judged = check_languages(corpus, targets) if targets else ()
    planned = Plan(tuple(tasks), asked, tuple(arms), tuple(pools), judged, trials, seeds)  # refuses what cannot work
    check_arms(planned, DECLARATION)
    shares(dict.fromkeys(asked, 1), settings.training)
    specification: dict[str, Any] = {
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "corpus": corpus.content_hash(asked),
        "languages": list(asked),
        "tasks": list(tasks),
        "settings": to_dict(settings),
        "seeds": seeds,
        "trials": trials,
        "arms": list(arms),
        "pools": list(pools),
        "targets": list(judged),
        "fixed": fixed_settings(settings),
    }
    with unfinished.claimed(folder, specification, "a study", "at work on this study") as fresh:
        try:
            kept, notes, encoded = _prepare(corpus, folder, asked, tasks, settings, memory, shower)
        except SprachbundError:
            if fresh:  # nothing ran yet: the corrected command finds its folder free
                unfinished.withdraw(folder, {ENCODED: MANIFEST})
            raise
        for note in notes:
            logger.warning("%s", note)
        workers = workers or cpu_count()
        memory_each = int(memory_limit() * TABLE_SHARE / workers)
        kind = RetrievalKind(encoded.path, settings, memory=memory_each, fixed=tuple(specification["fixed"]))
        plan = replace(planned, languages=kept, targets=_still(judged, kept, corpus.path))
        runs = Runs(folder / "runs")
        outcome = run_study(kind, plan, runs, workers=workers, shower=shower)
        with shower("statistics", 2 * len(plan.tasks) * len(plan.judged) * len(plan.pools)) as bar:
            write_study(folder, kind, plan, outcome, runs, notes, _duplicates(corpus, asked, settings), bar)
    return Study(folder, plan, tuple(notes))


def _still(targets: Sequence[str], kept: Sequence[str], path: Path) -> tuple[str, ...]:
    """The languages to judge that are large enough; () stands for all.

    Raises:
        CorpusError: none is.
    """
    left = tuple(language for language in targets if language in kept)
    if targets and not left:
        raise CorpusError(f"{path}: none of {', '.join(targets)} is large enough to be judged; ingest more text")
    return left


def _prepare(
    corpus: Corpus,
    folder: Path,
    languages: Sequence[str],
    tasks: Sequence[Task],
    settings: Settings,
    memory: int | None,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]],
) -> tuple[tuple[str, ...], list[str], EncodedCorpus]:
    """The languages that can be studied, why the others are left out, and the encoded corpus."""
    characters = tuple(sorted({*CHARACTERS, *settings.encoder.characters}))
    wanted = Asked(tuple(languages), settings, bigrams=True, characters=characters, cut=False)
    encoded = encode_once(corpus, folder / ENCODED, wanted, memory, shower)
    kept, notes = _large_enough(encoded, languages, tasks, settings)
    if len(kept) < 2:
        raise CorpusError(
            f"{corpus.path}: a study needs two languages with queries on every side, "
            f"found {', '.join(kept) or 'none'}; " + " ".join(notes)
        )
    for language in kept:
        make_rows(encoded, [language], settings.encoder, 0, "shared")  # refuses a minimum count that leaves nothing
    return kept, notes, encoded


def _duplicates(corpus: Corpus, languages: Sequence[str], settings: Settings) -> pl.DataFrame:
    """How many sentences each language has twice, and how many stand on two sides of the split."""
    found = duplicate_report(corpus, languages, settings.shares, settings.split_seed)
    return found.select(
        "language",
        pl.col("duplicates").alias("duplicate_sentences"),
        pl.col("sentences_across").alias("leaked_sentences"),
    )


def _large_enough(
    encoded: EncodedCorpus, languages: Sequence[str], tasks: Sequence[Task], settings: Settings
) -> tuple[tuple[str, ...], list[str]]:
    """The languages that have something to train on, to tune on and to judge on; why the others are left out."""
    kept, notes = [], []
    for language in languages:
        lacking = [
            reason
            for task in tasks
            for number, (side, least) in enumerate((("train", 2), ("dev", 1), ("test", 1)))
            if (reason := _lacks(encoded.language(language), task, settings, side, number, least))
        ]
        if lacking:
            notes.append(f"{language} is left out: {'; '.join(lacking)}.")
        else:
            kept.append(language)
    return tuple(kept), notes


def _lacks(data: EncodedLanguage, task: Task, settings: Settings, side: str, number: int, least: int) -> str:
    """Why a side of the split has too few pairs, and what would help; empty where it has enough."""
    pairs = data.pairs(task, settings, side)
    template = data.templates[pairs.query] if side != "train" and settings.templates else np.zeros(len(pairs), bool)
    if int(np.count_nonzero(~template)) >= least:
        return ""
    documents = len(np.unique(data.documents[data.sides == number]))
    there = f"{documents} document{'s' if documents != 1 else ''} on the {side} side"
    if not documents:
        all_documents = len(data.names)
        return (
            f"it has {all_documents} document{'s' if all_documents != 1 else ''}, and none on the {side} side; with "
            "three there is one on each, and a verdict takes some 300"
        )
    if len(pairs) >= least:
        return (
            f"{task}: all {len(pairs):,} queries of its {there} are written from templates that stand in the training "
            "text too; documents in words of their own would help, templates = false keeps these"
        )
    return (
        f"{task}: its {there} ha{'ve' if documents != 1 else 's'} {len(pairs)} of the {least} pairs that it takes; "
        "sections of more sentences would help"
    )
