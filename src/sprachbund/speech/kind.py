"""Recognisers of speech as a kind that a study can compare (the seam is ``lab/seam.py``).

Everything is judged by the letters that a recogniser writes by itself, the likeliest each time: what it expects of a
language (n-grams) would hide what it hears. An error is worth its edits, an utterance weighs the letters that were
said, so that a mean is edits over letters; speakers are drawn.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.errors import SettingsError
from sprachbund.files import content_hash
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS
from sprachbund.settings import change, to_dict
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.amounts import exchanged, limited, shared, together, written_in
from sprachbund.speech.declared import DECLARATION, ROWS
from sprachbund.speech.judging import item_names, judge
from sprachbund.speech.kind_settings import SpeechStudySettings
from sprachbund.speech.kind_warnings import name_of, named, told_already
from sprachbund.speech.measures import aligned
from sprachbund.speech.recogniser.loop import scaled_epochs
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import read_recogniser, write_recogniser
from sprachbund.speech.recogniser.settings import RecogniserSettings, shaped
from sprachbund.speech.recogniser.training import ONCE, STEPS, train_recogniser
from sprachbund.speech.sound import small_clip
from sprachbund.speech.store import SpeechCorpus, Utterances

__all__ = ["LETTERS", "TRIALS", "SpeechKind"]

TRIALS: tuple[dict[str, Any], ...] = (
    {}, {"rate": 0.0015}, {"dropout": 0.3}, {"rate": 0.006}, {"rate": 0.0015, "dropout": 0.3}, {"dropout": 0.0},
)  # fmt: skip
"""What every arm tries."""
LETTERS = "letters"
"""Of what a recogniser was made of: by language how its letters are written, for a control."""
_MODEL = "recogniser"


@dataclass(frozen=True)
class SpeechKind:
    """Recognisers over one corpus of speech.

    Attributes:
        corpus_path: of the corpus. settings: what no trial changes.
        targets: languages that are judged, whose training speech is cut to ``target_minutes``; that of all others is
            cut to ``source_minutes``.
    """

    corpus_path: Path
    settings: SpeechStudySettings
    targets: tuple[str, ...] = ()
    _sides: dict[str, Mapping[str, Utterances]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def declaration(self) -> Declaration:
        """Of recognisers."""
        return DECLARATION

    @cached_property
    def corpus(self) -> SpeechCorpus:
        """Opened once a process."""
        return SpeechCorpus.open(self.corpus_path, check=False)

    def __getstate__(self) -> dict[str, Any]:
        """Workers get the path and open the corpus themselves."""
        return {key: value for key, value in self.__dict__.items() if key != "corpus"} | {"_sides": {}}

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """The speech that is read by its hash, the split, the settings of recognisers, and what is cut."""
        read = sorted(self.corpus.languages if languages is None else languages)
        said: dict[str, Any] = {"corpus": self.corpus.content_hash(read), "split": _json(asdict(self.corpus.split))}
        if not trained:
            return said
        minutes = {code: self._minutes(code) for code in read if self._minutes(code)}
        settings = to_dict(self.settings.recogniser)
        return said | {"settings": settings} | ({"minutes": minutes} if minutes else {})

    def _minutes(self, language: str) -> float:
        return self.settings.target_minutes if language in self.targets else self.settings.source_minutes

    def trials(self, count: int) -> list[dict[str, Any]]:
        """What every arm tries."""
        return [dict(trial) for trial in TRIALS[:count]]

    def size(self, task: str, language: str) -> int:
        """Seconds of training speech."""
        return max(1, round(self.sides(language)["train"].seconds))

    def sides(self, language: str) -> Mapping[str, Utterances]:
        """The speech of a language that trains, tunes and judges, and what is synthetic of it; read once a process."""
        if language not in self._sides:
            with told_already():  # by whoever asked the study's question
                sides = self.corpus.sides(language)
            cut = limited(sides["train"], 60 * self._minutes(language))
            self._sides[language] = {**sides, "train": cut}
        return self._sides[language]

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """The seconds of speech that are heard, in every pass."""
        seconds = sum(share.passes * sizes[code] for code, share in recipe.text.items())
        own = change(self.settings.recogniser, recipe.options)
        return seconds * (own.training.epochs or scaled_epochs(seconds))

    def train(self, recipe: Recipe, start: Recogniser | None) -> Recogniser:
        """A recogniser of the training side of the recipe's languages.

        Raises:
            SettingsError: the recipe shares nothing between its languages and has no start.
        """
        if start is None and recipe.carry.get(ROWS) == "separate":
            raise SettingsError("recognisers that share nothing are the arm alone: leave the arm control out")
        letters = self._letters(recipe, start)
        settings = change(self.settings.recogniser, recipe.options)
        settings = shaped(settings, start.settings) if start is not None else settings
        train, settings = self._heard(recipe, settings)
        dev = [written_in(self.sides(code)["dev"], letters.get(code)) for code in recipe.languages]
        with named(name_of(recipe)):
            made = train_recogniser(
                [written_in(part, letters.get(part.language)) for part in train], dev, settings, seed=recipe.seed,
                start=start, carry=recipe.carry if start is not None else {},
                table=None if recipe.table is None else recipe.table.path, frozen=recipe.frozen, freeze=recipe.freeze,
            )  # fmt: skip
        return replace(made, about={**made.about, **({LETTERS: letters} if letters else {})})

    def _heard(self, recipe: Recipe, settings: RecogniserSettings) -> tuple[list[Utterances], RecogniserSettings]:
        """The speech of one pass, and how many passes there are.

        Of one language more passes are more passes, and synthetic speech beside it means fewer, so that as much is
        heard; of several each is as often in one as its share says.
        """
        texts = dict(recipe.text)
        if len(texts) == 1:
            ((code, share),) = texts.items()
            own = self.sides(code)["train"]
            passes = share.passes * (settings.training.epochs or scaled_epochs(own.seconds))
            if share.synthetic:
                both = together(own, self.sides(code)["synthetic"])
                return [both], change(settings, {"epochs": passes * own.seconds / both.seconds})
            if share.passes > 1:
                settings, texts[code] = change(settings, {"epochs": float(passes)}), replace(share, passes=1.0)
        parts = [shared(self.sides(code)["train"], texts[code], recipe.text_seed) for code in recipe.languages]
        return parts, settings

    def _letters(self, recipe: Recipe, start: Recogniser | None) -> dict[str, dict[str, str]]:
        """How languages are written: as they are, but for a control without a start, each in letters of its own.

        A control that has a start gets the start's rows at the wrong letters, which is as if the start had learned
        other letters: its text stays.
        """
        if start is not None or recipe.carry.get(ROWS) != "permuted":
            return {}
        return {
            code: exchanged(self.sides(code)["train"].letters, zlib.crc32(f"{recipe.seed} {code}".encode()))
            for code in recipe.languages
        }

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing."""
        return {}

    def learning_curve(self, model: Recogniser) -> list[dict[str, float]]:
        """As its training told it."""
        steps, once = model.about.get(STEPS, 0), model.about.get(ONCE, 1.0)
        return [
            {"step": round(heard / max(1, model.heard) * steps), "passes": heard / once, "seen": float(heard),
             "value": value, "seconds": seconds}
            for heard, value, seconds in model.curve
        ]  # fmt: skip

    def clips(self, task: str, language: str, items: Sequence[str]) -> Mapping[str, tuple[str, bytes]]:
        """As mp3; none where libsndfile cannot write it."""
        test = self.sides(language)["test"]
        places = {name: number for number, name in enumerate(item_names(test))}
        found = {name: small_clip(test.samples(places[name]), test.rate) for name in items if name in places}
        return {name: ("audio/mpeg", data) for name, data in found.items() if data}

    def save(self, model: Recogniser, folder: Path) -> None:
        """As any recogniser."""
        write_recogniser(model, folder / _MODEL)

    def load(self, folder: Path) -> Recogniser:
        """The same."""
        return read_recogniser(folder / _MODEL)

    def open(self, path: Path) -> Recogniser:
        """A finished recogniser, as a start."""
        return read_recogniser(path)

    def score(self, model: Recogniser, task: str, language: str) -> float:
        """Edits over letters on dev."""
        table = judge(model, self._written("dev", model, language))
        return float(sum(table["edits"].to_list()) / max(1, sum(table["letters"].to_list())))

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """There is none: what writes nothing has an error rate of 1."""
        return {}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """No items."""
        raise SettingsError("recognisers have no baselines")

    def judge(
        self, model: Recogniser, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """A row an utterance of the test side."""
        table = judge(model, self._written("test", model, language))
        frame = table.select(
            pl.lit("").alias("arm"),
            "item",
            pl.col("speaker").alias("document"),
            pl.Series("group", np.unique(table["speaker"].to_numpy().astype(str), return_inverse=True)[1], pl.Int64),
            pl.col("edits").cast(pl.Float64).alias("value"),
            pl.col("letters").cast(pl.Float64).alias("weight"),
            pl.lit(None, pl.Float64).alias("null_value"),
            pl.lit(None, pl.Int64).alias("candidates"),
            pl.col("word_edits").cast(pl.Float64),
            pl.col("words").cast(pl.Float64),
            pl.col("said").alias("reference"),
            pl.col("written").alias("hypothesis"),
            pl.Series("edits", list(map(aligned, table["said"], table["written"])), pl.String),
        )
        columns = (*ITEMS, "word_edits", "words", "reference", "hypothesis", "edits")
        return pl.concat([frame.with_columns(pool=pl.lit(pool)) for pool in pools]).select(*columns)

    def _written(self, side: str, model: Recogniser, language: str) -> Utterances:
        """A side in the letters that a model writes the language in."""
        return written_in(self.sides(language)[side], model.about.get(LETTERS, {}).get(language))

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Utterances, speakers, seconds, sources and a hash of the test side."""
        test = self.sides(language)["test"]
        told = test.table.select("sha256", "letters", "speaker").rows()
        return [
            {
                "pool": pool,
                "task": task,
                "language": language,
                "utterances": len(test),
                "speakers": test.table["speaker"].n_unique(),
                "seconds": round(test.seconds, 3),
                "sources": sorted(set(test.table["source"])),
                "sha256": content_hash([list(row) for row in told]),
            }
            for pool in pools
        ]

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Seconds, utterances and speakers of the sides."""
        sides = self.sides(language)
        train, test = sides["train"], sides["test"]
        alphabet, letters = Alphabet.of(train.letters), sum(map(len, test.letters))
        synthetic = round(sides["synthetic"].seconds)
        return {
            "task": task,
            "language": language,
            "seconds": round(train.seconds),
            "utterances": len(train),
            "speakers": train.table["speaker"].n_unique(),
            "dev_seconds": round(sides["dev"].seconds),
            "test_seconds": round(test.seconds),
            "test_speakers": test.table["speaker"].n_unique(),
            "test_letters": letters,
            "unknown": sum(map(alphabet.unknown, test.letters)) / max(1, letters),
            **({"synthetic_seconds": synthetic} if synthetic else {}),
        }


def _json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Tuples as lists."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
