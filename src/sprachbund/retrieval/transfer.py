"""The main job: a corpus in, a transfer table out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.arguments import several, whole
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.placing import check_languages, splittable
from sprachbund.corpus.store import MANIFEST as CORPUS
from sprachbund.corpus.store import Corpus
from sprachbund.engines.choosing import engine_on, sharing
from sprachbund.engines.engine import Engine, Needs
from sprachbund.errors import CorpusError, SettingsError, SprachbundError
from sprachbund.machine import memory_limit
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.declared import ALGORITHM, DECLARATION
from sprachbund.retrieval.encoder.encoded import MANIFEST, EncodedCorpus, is_begun
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.mixture import shares
from sprachbund.retrieval.encoder.reuse import Asked, encode_once
from sprachbund.retrieval.encoder.rows import make_rows
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import BEST, Settings, Task, check_task, settings_of, split_of, to_dict
from sprachbund.retrieval.spelling.spellings import require
from sprachbund.retrieval.trials import fixed_settings
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.desk import check_arms
from sprachbund.studies.prepared import Prepared, carry_out
from sprachbund.studies.study import Plan, Shower, Study
from sprachbund.studies.writing import FORMAT

TABLE_SHARE = 0.7
TASKS_ASKED: tuple[Task, ...] = ("ic", "nsp")
CHARACTERS = (4, 5)
ENCODED = "encoded"
POOLS = ("unseen", "paper", "paper-equal", "mixed", "own")
ARMS = ("alone", "pooled", "control", "placebo")


def transfer(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    tasks: Sequence[Task] = TASKS_ASKED,
    languages: Sequence[str] | None = None,
    settings: Settings | str = BEST,
    seeds: int = 3,
    trials: int = 12,
    arms: Sequence[str] = ARMS,
    pools: Sequence[str] = POOLS,
    targets: Sequence[str] | None = None,
    target_sentences: int = 0,
    workers: int | None = None,
    memory: int | None = None,
    on: str | None = None,
    shower: Shower = show_progress,
) -> Study:
    """How much each language gains from the others, and whether the difference is real.

    Args:
        out: the study's folder; a study that was killed goes on from what is complete.
        settings: the first trial is these settings as they are; what differs from their preset no trial changes,
            nor with the preset ``paper`` its features.
        arms: strategies, with what follows the colon: ``continued:es``, ``mixed:3``; see `lab.strategies`.
        targets: languages that are judged, all if None; the others only help.
        target_sentences: training sentences of each of them at most, 0 for all; dev and test stay whole.
        workers: processes side by side, each with one thread; one a processor if None.
        memory: bytes that counting n-grams may use, None for the default.
        on: where runs are done: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        FolderError: ``out`` holds something else than this same study.
        CorpusError: fewer than two languages are large enough.
    """
    question = ask(
        corpus, tasks=tasks, languages=languages, settings=settings, seeds=seeds, trials=trials, arms=arms,
        pools=pools, targets=targets, target_sentences=target_sentences, memory=memory,
    )  # fmt: skip
    folder = Path(out)
    with (
        unfinished.claimed(folder, question.specification(), "a study", "at work on this study") as fresh,
        engine_on(on, workers, folder, (question.corpus.path / CORPUS,)) as engine,
    ):
        side_by_side = sharing(engine, workers)
        try:
            prepared = question.prepare(folder / ENCODED, side_by_side, shower, engine=engine)
        except SprachbundError:
            if fresh and not is_begun(folder / ENCODED):  # the corrected command finds its folder free
                unfinished.withdraw(folder, {ENCODED: MANIFEST})
            raise
        for note in prepared.notes:
            logger.warning("%s", note)
        runs = Runs(folder / "runs")
        return carry_out(prepared, folder, runs, workers=side_by_side, engine=engine, shower=shower)


@dataclass(frozen=True)
class Question:
    """What a study of retrieval asks, seen to be possible as far as that shows without reading the text.

    Attributes:
        plan: with all languages that are asked for. fixed: settings that no trial changes.
        target_sentences, memory: see `transfer`.
    """

    corpus: Corpus
    plan: Plan
    settings: Settings
    fixed: tuple[str, ...]
    target_sentences: int
    memory: int | None

    def specification(self) -> dict[str, Any]:
        """All that decides the study's tables, as JSON."""
        plan = self.plan
        return {
            "format": FORMAT,
            "algorithm": ALGORITHM,
            "corpus": self.corpus.content_hash(plan.languages),
            "languages": list(plan.languages),
            "tasks": list(plan.tasks),
            "settings": to_dict(self.settings),
            "seeds": plan.seeds,
            "trials": plan.trials,
            "arms": list(plan.arms),
            "pools": list(plan.pools),
            "targets": list(plan.targets),
            "fixed": list(self.fixed),
            **({"target_sentences": self.target_sentences} if self.target_sentences else {}),
        }

    def asked(self, languages: Sequence[str]) -> Asked:
        """How some languages are encoded for it; it may be more than its own."""
        characters = tuple(sorted({*CHARACTERS, *self.settings.encoder.characters}))
        return Asked(tuple(languages), self.settings, bigrams=True, characters=characters, cut=False)

    def prepare(
        self,
        encoded_path: Path,
        workers: int,
        shower: Shower = show_progress,
        languages: Sequence[str] | None = None,
        engine: Engine | None = None,
    ) -> Prepared:
        """Encode the corpus into a folder, unless that was done, and leave out languages that are too small.

        Args:
            workers: that will share the memory. languages: that are encoded, those of the plan if None.
            engine: where it is done; None for processes of this machine.

        Raises:
            CorpusError: too few languages are large enough.
        """
        asked, settings, path = self.plan.languages, self.settings, self.corpus.path
        wanted = self.asked(languages or asked)
        encoded = encode_once(self.corpus, encoded_path, wanted, self.memory, shower, workers, engine)
        kept, notes = _large_enough(encoded, asked, self.plan.tasks, settings)
        if len(kept) < 2:
            raise CorpusError(
                f"{path}: a study needs two languages with queries on every side, "
                f"found {', '.join(kept) or 'none'}; " + " ".join(notes)
            )
        for language in kept:
            make_rows(encoded, [language], settings.encoder, 0, "shared")  # refuses a minimum count that leaves nothing
        plan = replace(self.plan, languages=kept, targets=_still(self.plan.targets, kept, path))
        kind = RetrievalKind(
            encoded.path, settings, memory=int(memory_limit() * TABLE_SHARE / workers), fixed=self.fixed,
            languages=encoded_languages(asked, encoded), targets=plan.judged if self.target_sentences else (),
            target_sentences=self.target_sentences,
        )  # fmt: skip
        notes += _short(encoded, plan.judged, self.target_sentences)
        duplicates = partial(_duplicates, self.corpus, asked, settings)
        return Prepared(kind, plan, tuple(notes), duplicates, plan.unsure, Needs(memory=kind.memory or 0))


def ask(
    corpus: Corpus | Path | str,
    *,
    tasks: Sequence[Task] = TASKS_ASKED,
    languages: Sequence[str] | None = None,
    settings: Settings | str = BEST,
    fixed: Sequence[str] = (),
    seeds: int = 3,
    trials: int = 12,
    arms: Sequence[str] = ARMS,
    pools: Sequence[str] = POOLS,
    targets: Sequence[str] | None = None,
    target_sentences: int = 0,
    memory: int | None = None,
) -> Question:
    """The question of `transfer`, which has most of these arguments, and of a study file.

    Args:
        fixed: settings that no trial changes, beside those that differ from their preset.

    Raises:
        SettingsError, LanguageError, CorpusError, MissingExtraError: it cannot be asked.
    """
    settings = settings_of(settings)
    require(settings.encoder.spelling)
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
    if whole(target_sentences, "target_sentences") < 0:
        raise SettingsError(f"target_sentences must be at least 0 (0 for all), found {target_sentences}")
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    asked = splittable(corpus, check_languages(corpus, languages), split_of(settings))
    judged = check_languages(corpus, targets) if targets else ()
    plan = Plan(tuple(tasks), asked, tuple(arms), tuple(pools), judged, trials, seeds)  # refuses what cannot work
    check_arms(plan, DECLARATION)
    shares(dict.fromkeys(asked, 1), settings.training)
    return Question(
        corpus, plan, settings, tuple(sorted({*fixed_settings(settings), *fixed})), target_sentences, memory
    )


def encoded_languages(asked: tuple[str, ...], encoded: EncodedCorpus) -> tuple[str, ...]:
    """The study's languages where more are encoded; () for all that are."""
    return asked if set(asked) < set(encoded.languages) else ()


def _short(encoded: EncodedCorpus, targets: Sequence[str], sentences: int) -> list[str]:
    """Notes of the targets that have less text than they are to be cut to."""
    found = {code: encoded.language(code).train_sentences for code in targets} if sentences else {}
    return [
        f"{code} has {count:,} training sentences, fewer than {sentences:,}: it is whole."
        for code, count in found.items()
        if count < sentences
    ]


def _still(targets: Sequence[str], kept: Sequence[str], path: Path) -> tuple[str, ...]:
    """The languages to judge that are large enough; () stands for all.

    Raises:
        CorpusError: none is.
    """
    left = tuple(language for language in targets if language in kept)
    if targets and not left:
        raise CorpusError(f"{path}: none of {', '.join(targets)} is large enough to be judged; ingest more text")
    return left


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
            notes.append(f"{language} is left out: {'; '.join(dict.fromkeys(lacking))}.")  # tasks may lack the same
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
