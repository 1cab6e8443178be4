"""Mixtures of a corpus: what is found of them, from the text to the findings.

OUT/work.json     what it is of; another corpus or other settings are refused
    encoded/      the corpus as ids
    runs/         every training, named by its content: other analyses of mixtures go on with them
    findings/     what was found, see `finding`
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund.analyses.finding import Finding, write_findings
from sprachbund.analyses.mixtures.findings import mixture_finding, share_finding, temperature_finding
from sprachbund.analyses.mixtures.optimising import MixtureSettings, small_runs
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.arguments import several
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError, SprachbundError
from sprachbund.machine import cpu_count
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.encoder.encoded import MANIFEST, is_begun
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import Settings, Task
from sprachbund.retrieval.transfer import ENCODED, ask
from sprachbund.runs import unfinished
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Shower

__all__ = ["MIXTURES", "mix", "mixture_findings"]

FINDINGS, RUNS = "findings", "runs"


def _shares(bench: Bench, targets: Sequence[str], settings: MixtureSettings, ending: str) -> list[Finding]:
    several_ = len(targets) > 1
    return [
        share_finding(bench, target, settings, f"F4{f'-{target}' if several_ else ''}{ending}") for target in targets
    ]


def _temperature(bench: Bench, targets: Sequence[str], settings: MixtureSettings, ending: str) -> list[Finding]:
    return [temperature_finding(bench, settings, f"temperature{ending}")]


def _mixture(bench: Bench, targets: Sequence[str], settings: MixtureSettings, ending: str) -> list[Finding]:
    return [mixture_finding(bench, settings, f"mixture{ending}")]


MIXTURES: Mapping[str, Callable[[Bench, Sequence[str], MixtureSettings, str], list[Finding]]] = {
    "F4": _shares,
    "temperature": _temperature,
    "mixture": _mixture,
}
"""The analyses of mixtures by their names."""


def mixture_findings(
    bench: Bench,
    analyses: Sequence[str] = tuple(MIXTURES),
    *,
    targets: Sequence[str] = (),
    settings: MixtureSettings | None = None,
    ending: str = "",
) -> list[Finding]:
    """What analyses of mixtures find on a bench.

    Args:
        targets: languages judged whose share F4 varies; the smallest one if empty. ending: of the findings' names.

    Raises:
        SettingsError: an analysis or a target is unknown.
    """
    check_analyses(analyses, len(bench.languages), settings or MixtureSettings())
    if strangers := [code for code in targets if code not in bench.plan.judged]:
        raise SettingsError(f"{strangers[0]} is not judged; judged are {', '.join(bench.plan.judged)}")
    judged = [place for place, code in enumerate(bench.languages) if code in bench.plan.judged]
    smallest = bench.languages[judged[int(np.argmin(bench.sizes[judged]))]]
    settings = settings or MixtureSettings()
    return [
        finding
        for name in dict.fromkeys(analyses)
        for finding in MIXTURES[name](bench, tuple(targets) or (smallest,), settings, ending)
    ]


def check_analyses(analyses: Sequence[str], languages: int, settings: MixtureSettings) -> None:
    """Refuse what shows without any text.

    Raises:
        SettingsError: no analysis, an unknown one, or fewer runs than so many languages take.
    """
    if not analyses:
        raise SettingsError(f"name an analysis of mixtures; there are: {', '.join(MIXTURES)}")
    if unknown := [name for name in analyses if name not in MIXTURES]:
        raise SettingsError(f"no analysis of mixtures is called {unknown[0]}; there are: {', '.join(MIXTURES)}")
    if "mixture" in analyses:
        small_runs(languages, settings)


def mix(
    corpus: Corpus | Path | str,
    out: Path | str,
    *,
    analyses: Sequence[str] = tuple(MIXTURES),
    task: Task = "ic",
    languages: Sequence[str] | None = None,
    targets: Sequence[str] = (),
    target_sentences: int = 0,
    settings: Settings | str = "best",
    mixture: MixtureSettings | None = None,
    seeds: int = 3,
    pools: Sequence[str] = ("unseen", "paper"),
    workers: int | None = None,
    memory: int | None = None,
    shower: Shower = show_progress,
) -> tuple[Finding, ...]:
    """How much of each language a model of all should read: F4, the temperature sweep, the optimised mixture.

    Killed, the same call goes on. Language models are not asked: each has its language's own n-grams, which no mixture
    touches, and their neural part reads what is repeated as often as the language that is repeated most.

    Args:
        out: a folder of its own. analyses: some of ``F4``, ``temperature``, ``mixture``.
        targets: whose share F4 varies, the smallest language if empty. target_sentences: training sentences of each of
            them at most, 0 for all; a small one has a small native share.
        settings: of every model, as they are; nothing is tuned but the mixture.
        workers, memory: see `retrieval.transfer`.

    Raises:
        SettingsError, LanguageError, CorpusError: it cannot be asked.
        FolderError: ``out`` holds something else.
    """
    analyses, targets = several(analyses, "analyses", str), several(targets, "targets", str)
    question = ask(
        corpus, tasks=(task,), languages=languages, settings=settings, seeds=seeds, trials=1, arms=("pooled",),
        pools=pools, memory=memory,
    )  # fmt: skip
    mixed = question.plan.languages
    if len(mixed) < 2:
        raise SettingsError(f"a mixture is of two languages at least, found {', '.join(mixed)}")
    check_analyses(analyses, len(mixed), mixture or MixtureSettings())
    if strangers := [code for code in targets if code not in mixed]:
        raise SettingsError(f"{strangers[0]} is none of the languages that are mixed: {', '.join(mixed)}")
    cut = {"targets": list(targets), "target_sentences": target_sentences} if target_sentences else {}
    folder, workers = Path(out), workers or cpu_count()
    specification = {**question.specification(), **cut}
    with unfinished.claimed(folder, specification, "a study of mixtures", "at work on these mixtures") as fresh:
        try:
            prepared = question.prepare(folder / ENCODED, workers, shower)
        except SprachbundError:
            if fresh and not is_begun(folder / ENCODED):
                unfinished.withdraw(folder, {ENCODED: MANIFEST})
            raise
        for note in prepared.notes:
            logger.warning("%s", note)
        kind = prepared.kind
        assert isinstance(kind, RetrievalKind)
        if target_sentences:
            kind = replace(kind, targets=tuple(targets), target_sentences=target_sentences)
        bench = Bench(kind, prepared.plan, task, Runs(folder / RUNS), workers, shower)
        found = mixture_findings(bench, analyses, targets=targets, settings=mixture)
        write_findings(folder / FINDINGS, found)
        return tuple(found)
