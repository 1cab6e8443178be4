"""The kinds of model that a study file may name: what can be said of each, and how that becomes a question.

`retrieval.transfer`, `lm.transfer` and `speech.transfer` ask their questions through the same functions, so that a
study is one thing, whoever declares it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from sprachbund.analyses.laboratory import of_speech
from sprachbund.analyses.laboratory.small import changed, quiet, tiny
from sprachbund.corpus import store
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.splits import SIDES
from sprachbund.corpus.store import Corpus
from sprachbund.engines.engine import Engine
from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe
from sprachbund.lm import transfer as lm
from sprachbund.lm.declared import DECLARATION as LM
from sprachbund.lm.settings import LmSettings
from sprachbund.retrieval import transfer as retrieval
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.retrieval.encoder.reuse import covering
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import Settings, preset, split_of, to_dict
from sprachbund.retrieval.trials import GRID
from sprachbund.settings import change, flatten
from sprachbund.speech.declared import DECLARATION as SPEECH
from sprachbund.speech.store import MANIFEST as SPEECH_MANIFEST
from sprachbund.speech.store import SpeechCorpus
from sprachbund.studies.desk import Plan
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import Shower

__all__ = ["FEATURES", "KINDS", "AnyCorpus", "Kind", "Question", "foreseen"]

AnyCorpus = Corpus | SpeechCorpus

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
    def corpus(self) -> AnyCorpus:
        """The text, or the speech."""

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
        keys: that it has beside those of every kind. declaration: in its own words.
        open: a corpus from its folder. reads: what a corpus is of. made: what makes one.
        manifest: its file that says what is in it.
        settings: those of a study's values.
        lacking: of a corpus and settings, why a language that is named cannot be trained, or judged; "" where it can.
        amount: how much a corpus has of a language: sentences, or seconds of speech.
        ask: from a corpus and the values of a study to a question.
        ready: prepares a question in a folder; None where its text is not read yet, unless it is ``reading``. The
            last argument is the engine that does it, None for processes of this machine.
        probe: prepares a small question of the same sort, of two languages, in a scratch folder.
    """

    keys: tuple[str, ...]
    declaration: Declaration
    open: Callable[[Path], AnyCorpus]
    reads: str
    made: str
    manifest: str
    settings: Callable[[Mapping[str, Any]], Any]
    ask: Callable[[Any, Mapping[str, Any]], Question]
    lacking: Callable[[Any, Any], Callable[[str, bool], str]]
    amount: Callable[[Any, str], float]
    ready: Callable[..., Prepared | None]
    probe: Callable[..., Prepared]

    @property
    def tasks(self) -> tuple[str, ...]:
        """By their names."""
        return tuple(task.name for task in self.declaration.tasks)

    @property
    def pools(self) -> tuple[str, ...]:
        """By their names."""
        return tuple(pool.name for pool in self.declaration.pools)


def _retrieval_settings(values: Mapping[str, Any]) -> Settings:
    """The preset, the features, then the settings by name, each over the one before."""
    begun = preset(values.get("preset", "best"))
    named = FEATURES[values["features"]] if "features" in values else {}
    given = flatten(begun, values.get("settings", {}))
    if both := sorted(set(named) & set(given)):
        raise SettingsError(f"{both[0]} is said by features and by itself; leave one out")
    if given.get("temperature", 1) != 1:
        given.setdefault("mixture", "temperature")
    made: Settings = changed(change(begun, named), given)
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
    question: retrieval.Question,
    folder: Path,
    together: Sequence[str],
    workers: int,
    shower: Shower,
    reading: bool,
    engine: Engine | None = None,
) -> Prepared | None:
    asked = question.asked(question.plan.languages)
    path, languages = covering(question.corpus, folder / ENCODED, asked, together)
    return question.prepare(path, workers, shower, languages, engine) if reading or path.is_dir() else None


def _ready_lm(
    question: lm.Question,
    folder: Path,
    together: Sequence[str],
    workers: int,
    shower: Shower,
    reading: bool,
    engine: Engine | None = None,
) -> Prepared | None:
    return question.prepare()


def _probe_retrieval(question: retrieval.Question, languages: tuple[str, str], folder: Path) -> Prepared:
    small = replace(question, plan=tiny(question.plan, languages), target_sentences=0)
    return small.prepare(folder / ENCODED, 1, quiet)


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
    made: LmSettings = changed(LmSettings(), given)
    return made


def _probe_lm(question: lm.Question, languages: tuple[str, str], folder: Path) -> Prepared:
    settings = replace(question.settings, characters=_PROBED, target_characters=0)
    small = replace(question, plan=tiny(question.plan, languages), settings=settings, dictionaries={})
    return small.prepare()


def _lacking_text(split_of_settings: Callable[[Any], Split | None]) -> Callable[..., Callable[[str, bool], str]]:
    """Of text: a language has a document on every side, unless pairs are split."""

    def lacking(corpus: Corpus, settings: Any) -> Callable[[str, bool], str]:
        split = split_of_settings(settings)
        placed = place_corpus(corpus, split)

        def why(code: str, judged: bool) -> str:
            sides = placed[code].sides
            empty = [side for number, side in enumerate(SIDES) if not (sides == number).any()]
            if split is None or not empty:
                return ""
            return (
                f"{code} has {len(sides)} document{'' if len(sides) == 1 else 's'}, none of them on the side "
                f"{' and '.join(empty)}; with three there is one on each, and a verdict takes some 300"
            )

        return why

    return lacking


def _sentences(corpus: Corpus, code: str) -> float:
    return float(corpus.counts[code]["sentences"])


_TEXT: Mapping[str, Any] = {
    "open": Corpus.open, "reads": "text", "made": "sprachbund ingest", "manifest": store.MANIFEST,
    "amount": _sentences,
}  # fmt: skip
KINDS: Mapping[str, Kind] = {
    RETRIEVAL.name: Kind(
        keys=("tasks", "pools", "preset", "features"),
        declaration=RETRIEVAL,
        settings=_retrieval_settings,
        ask=_ask_retrieval,
        lacking=_lacking_text(split_of),
        ready=_ready_retrieval,
        probe=_probe_retrieval,
        **_TEXT,
    ),
    LM.name: Kind(
        keys=("dictionaries",),
        declaration=LM,
        settings=_lm_settings,
        ask=_ask_lm,
        lacking=_lacking_text(lambda settings: settings.split),
        ready=_ready_lm,
        probe=_probe_lm,
        **_TEXT,
    ),
    SPEECH.name: Kind(
        keys=(),
        declaration=SPEECH,
        open=SpeechCorpus.open,
        reads="speech",
        made="sprachbund speech ingest",
        manifest=SPEECH_MANIFEST,
        settings=of_speech.settings_of,
        ask=of_speech.ask,
        lacking=of_speech.lacking,
        amount=of_speech.amount,
        ready=of_speech.ready,
        probe=of_speech.probe,
    ),
}
"""By the name in ``kind``."""
