"""The kinds of model that a study file may name: what can be said of each, and how that becomes a question.

`retrieval.transfer` and `lm.transfer` ask their questions through the same functions, so that a study is one thing,
whoever declares it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from sprachbund.corpus.placing import Split
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.strategies import read_arm
from sprachbund.lm import transfer as lm
from sprachbund.lm.declared import ALGORITHM as LM_ALGORITHM
from sprachbund.lm.declared import DECLARATION as LM
from sprachbund.lm.settings import LmSettings
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval import transfer as retrieval
from sprachbund.retrieval.declared import ALGORITHM as RETRIEVAL_ALGORITHM
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.retrieval.encoder.reuse import covering
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import Settings, preset, split_of, to_dict
from sprachbund.retrieval.trials import GRID
from sprachbund.settings import change, flatten, from_text
from sprachbund.studies.desk import Plan
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import Shower

__all__ = ["FEATURES", "KINDS", "Kind", "Question", "foreseen", "quiet"]

FEATURES: Mapping[str, Mapping[str, Any]] = {
    "words": {"characters": (), "bigram_weight": 0.0},
    "bigrams": {"characters": (), "bigram_weight": 1.0},
    "characters": {"characters": (4,), "bigram_weight": 0.0},
    "characters45": {"characters": (4, 5), "bigram_weight": 0.0},
    "all": {"characters": (4, 5), "bigram_weight": 0.25},
    # as characters, but for how words are spelt; four letters of Greek or Cyrillic are eight bytes, pieces are short
    "bytes": {"spelling": "bytes", "characters": (4, 8), "bigram_weight": 0.0},
    "subwords": {"spelling": "subwords", "characters": (), "bigram_weight": 0.0},
    "phonemes": {"spelling": "phonemes", "characters": (4,), "bigram_weight": 0.0},
    "romanised": {"spelling": "romanised", "characters": (4,), "bigram_weight": 0.0},
    "folded": {"spelling": "folded", "characters": (4,), "bigram_weight": 0.0},
    "cognates": {"spelling": "cognates", "characters": (4,), "bigram_weight": 0.0},
}
"""Names of features of retrieval, for ``features``: settings that no trial then changes."""
ENCODED = "encoded"
_PROBED = 20_000
"""Characters a language that a probe of language models reads."""


class Question(Protocol):
    """What a study asks, as the kinds' own questions have it."""

    @property
    def corpus(self) -> Corpus:
        """The text."""

    @property
    def plan(self) -> Plan:
        """What is compared."""

    @property
    def settings(self) -> Any:
        """Of the kind."""

    def specification(self) -> dict[str, Any]:
        """All that decides the study's tables, as JSON."""


@dataclass(frozen=True)
class Kind:
    """A kind of model in a study file.

    Attributes:
        keys: that it has beside those of every kind. tasks, pools: that there are. algorithm: its version.
        settings: those of a study's values. split: that settings say, None where pairs are split.
        ask: from a corpus and the values of a study to a question.
        ready: prepares a question in a folder; None where its text is not read yet, unless it is ``reading``.
        probe: prepares a small question of the same sort, of two languages, in a scratch folder.
    """

    keys: tuple[str, ...]
    tasks: tuple[str, ...]
    pools: tuple[str, ...]
    algorithm: int
    settings: Callable[[Mapping[str, Any]], Any]
    ask: Callable[[Corpus, Mapping[str, Any]], Question]
    split: Callable[[Any], Split | None]
    ready: Callable[..., Prepared | None]
    probe: Callable[..., Prepared]


def _changed(settings: Any, values: Mapping[str, Any]) -> Any:
    return change(settings, {name: from_text(settings, name, value) for name, value in values.items()})


def _retrieval_settings(values: Mapping[str, Any]) -> Settings:
    """The preset, the features, then the settings by name, each over the one before."""
    begun = preset(values.get("preset", "best"))
    named = FEATURES[values["features"]] if "features" in values else {}
    given = flatten(begun, values.get("settings", {}))
    if both := sorted(set(named) & set(given)):
        raise SettingsError(f"{both[0]} is said by features and by itself; leave one out")
    if given.get("temperature", 1) != 1:
        given.setdefault("mixture", "temperature")
    made: Settings = _changed(change(begun, named), given)
    return made


def _ask_retrieval(corpus: Corpus, values: Mapping[str, Any]) -> retrieval.Question:
    settings = _retrieval_settings(values)
    said = {
        *flatten(settings, values.get("settings", {})),
        *(FEATURES[values["features"]] if "features" in values else ()),
    }
    return retrieval.ask(
        corpus,
        tasks=values.get("tasks", retrieval.TASKS_ASKED),
        languages=values["languages"],
        targets=values["targets"],
        settings=settings,
        fixed=sorted(said & set(GRID)),
        seeds=values.get("seeds", 3),
        trials=values.get("trials", 12),
        arms=values.get("strategies", retrieval.ARMS),
        pools=values.get("pools", retrieval.POOLS),
        target_sentences=values.get("sizes", 0),
        memory=values.get("memory"),
    )


def _ready_retrieval(
    question: retrieval.Question, folder: Path, together: Sequence[str], workers: int, shower: Shower, reading: bool
) -> Prepared | None:
    asked = question.asked(question.plan.languages)
    path, languages = covering(question.corpus, folder / ENCODED, asked, together)
    return question.prepare(path, workers, shower, languages) if reading or path.is_dir() else None


def _ready_lm(
    question: lm.Question, folder: Path, together: Sequence[str], workers: int, shower: Shower, reading: bool
) -> Prepared | None:
    return question.prepare()


def _probe_retrieval(question: retrieval.Question, languages: tuple[str, str], folder: Path) -> Prepared:
    small = replace(question, plan=_tiny(question.plan, languages), target_sentences=0)
    return small.prepare(folder / ENCODED, 1, quiet)


def quiet(title: str, total: float | None = None) -> AbstractContextManager[Progress]:
    """Shows nothing."""
    return nullcontext(Silent())


@dataclass(frozen=True)
class Foreseen:
    """Retrieval before its text was read: sizes are guessed from numbers of sentences, and no run can be there.

    Attributes:
        inner: the kind, whose data are not there yet. pairs: by task a language's pairs for each of its sentences.
        sentences: on the training side, by language.
    """

    inner: RetrievalKind
    pairs: Mapping[str, float]
    sentences: Mapping[str, float]

    @property
    def declaration(self) -> Declaration:
        """Retrieval's."""
        return self.inner.declaration

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """What tells runs apart that will be other ones."""
        settings = to_dict(self.inner.settings)
        kept = settings if trained else {name: settings[name] for name in ("pairs", "surroundings", "split_seed")}
        return {"settings": kept, "cut": self.inner.cut(languages)}

    def trials(self, count: int) -> list[dict[str, Any]]:
        """Retrieval's."""
        return self.inner.trials(count)

    def size(self, task: str, language: str) -> int:
        """About."""
        most = self.inner.cut().get(language, self.sentences[language])
        return round(self.pairs.get(task, 1.0) * min(most, self.sentences[language]))

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """Retrieval's."""
        return self.inner.effort(recipe, sizes)


def foreseen(question: retrieval.Question, pairs: Mapping[str, float]) -> Prepared:
    """A study of retrieval whose text has not been encoded: to be counted, not to be carried out."""
    plan = question.plan
    inner = RetrievalKind(
        Path(), question.settings, fixed=question.fixed, targets=plan.judged if question.target_sentences else (),
        target_sentences=question.target_sentences,
    )  # fmt: skip
    counts, share = question.corpus.counts, question.settings.shares[0]
    sentences = {code: counts[code]["sentences"] * share for code in plan.languages}
    kind: Any = Foreseen(inner, pairs, sentences)
    return Prepared(kind, plan, (), pl.DataFrame)


def _ask_lm(corpus: Corpus, values: Mapping[str, Any]) -> lm.Question:
    settings = _lm_settings(values)
    tables = {
        (pair.partition("-")[0], pair.partition("-")[2]): path for pair, path in values.get("dictionaries", {}).items()
    }
    return lm.ask(
        corpus,
        languages=values["languages"],
        targets=values["targets"],
        settings=settings,
        dictionaries=tables,
        seeds=values.get("seeds", 3),
        trials=values.get("trials", 3),
        arms=values.get("strategies", lm.ARMS),
    )


def _lm_settings(values: Mapping[str, Any]) -> LmSettings:
    given = dict(values.get("settings", {}))
    if "sizes" in values and given.setdefault("target_characters", values["sizes"]) != values["sizes"]:
        raise SettingsError("target_characters is what sizes says; leave one out")
    made: LmSettings = _changed(LmSettings(), given)
    return made


def _probe_lm(question: lm.Question, languages: tuple[str, str], folder: Path) -> Prepared:
    settings = replace(question.settings, characters=_PROBED, target_characters=0)
    small = replace(question, plan=_tiny(question.plan, languages), settings=settings, dictionaries={})
    return small.prepare()


def _tiny(plan: Plan, languages: tuple[str, str]) -> Plan:
    """Two languages, each alone and, where some arm may begin from a model, one from the other's; a trial, a seed."""
    plain = {read_arm(arm).strategy for arm in plan.arms} <= {"alone", "pooled", "mixed"}
    arms = ("alone",) if plain else ("alone", f"continued:{languages[1]}")
    return replace(plan, tasks=plan.tasks[:1], languages=languages, targets=(), arms=arms, trials=1, seeds=1)


KINDS: Mapping[str, Kind] = {
    RETRIEVAL.name: Kind(
        keys=("tasks", "pools", "preset", "features"),
        tasks=tuple(task.name for task in RETRIEVAL.tasks),
        pools=tuple(pool.name for pool in RETRIEVAL.pools),
        algorithm=RETRIEVAL_ALGORITHM,
        settings=_retrieval_settings,
        ask=_ask_retrieval,
        split=split_of,
        ready=_ready_retrieval,
        probe=_probe_retrieval,
    ),
    LM.name: Kind(
        keys=("dictionaries",),
        tasks=tuple(task.name for task in LM.tasks),
        pools=tuple(pool.name for pool in LM.pools),
        algorithm=LM_ALGORITHM,
        settings=_lm_settings,
        ask=_ask_lm,
        split=lambda settings: settings.split,
        ready=_ready_lm,
        probe=_probe_lm,
    ),
}
"""By the name in ``kind``."""
