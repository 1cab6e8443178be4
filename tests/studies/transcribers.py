"""A recogniser that hears no sound: it spells what it remembers. Items are utterances, values edits, weights letters.

Lower is better, and there are two measures over different weights: errors by letters, and by words.
"""

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.lab.declaration import Baseline, Declaration, Pair, Pool, Size, Table, Task, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS
from sprachbund.lab.strategies import PAIRS

DECLARATION = Declaration(
    name="transcribers",
    version=1,
    title="Recognisers that help each other",
    question="Does a recogniser that begins from a neighbour of {languages} make fewer errors",
    tasks=(Task("asr", "ASR", "write down what is said"),),
    measures=(
        Measure("cer", "character error rate", direction="lower"),
        Measure("wer", "word error rate", direction="lower", value="word_edits", weight="words"),
    ),
    pools=(Pool("held-out", "speakers that nobody has heard"),),
    baselines=(Baseline("silence", "writes nothing"),),
    pairs=(Pair("continued", "alone"), *(Pair(*pair) for pair in PAIRS), Pair("alone", "silence")),
    tables=(Table("of held-out speakers", ("alone", "continued", "silence"), (("continued", "alone"),)),),
    item=Words("utterance", "utterances"),
    document=Words("speaker", "speakers"),
    example=Words("utterance", "utterances"),
    examples="utterances",
    sizes=(Size("utterances", "utterances"),),
    rows="output",
    body=("encoder",),
)


@dataclass(frozen=True)
class Speller:
    """A model: how likely a letter is written wrongly."""

    error: float
    seed: int


@dataclass(frozen=True)
class Transcribers:
    """Speakers with fifteen utterances each, of very different lengths.

    Attributes:
        speakers: a language. gain: what is cut from the errors by a start. errors: what the trials make.
    """

    speakers: int = 32
    gain: float = 0.5
    errors: tuple[float, ...] = (0.4, 0.2)

    @property
    def declaration(self) -> Declaration:
        """Its words."""
        return DECLARATION

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """All fields."""
        return asdict(self)

    def trials(self, count: int) -> list[dict[str, Any]]:
        """The second is the better one."""
        return [{} if number == 0 else {"error": self.errors[number]} for number in range(count)]

    def size(self, task: str, language: str) -> int:
        """Utterances of training."""
        return 100 * len(language)

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """As much as there is to read."""
        return sum(share.passes * sizes[code] for code, share in recipe.text.items())

    def train(self, recipe: Recipe, start: Speller | None) -> Speller:
        """One with a start makes half of the errors."""
        error = float(recipe.options.get("error", self.errors[0]))
        return Speller(error * (1 - self.gain) if start is not None else error, recipe.seed)

    def save(self, model: Speller, folder: Path) -> None:
        """As JSON."""
        (folder / "speller.json").write_text(json.dumps(asdict(model)), encoding="utf-8")

    def load(self, folder: Path) -> Speller:
        """The same."""
        return Speller(**json.loads((folder / "speller.json").read_text(encoding="utf-8")))

    def open(self, path: Path) -> Speller:
        """The same."""
        return self.load(path)

    def score(self, model: Speller, task: str, language: str) -> float:
        """Errors over letters on dev."""
        return model.error

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """Silence has nothing to tune."""
        return {"silence": {}}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Every letter is an error."""
        return pl.concat(self._items(Speller(1.0, 0), language, pools[0], name) for name in baselines)

    def judge(
        self, model: Speller, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """A row an utterance."""
        return self._items(model, language, pools[0], "")

    def _items(self, model: Speller, language: str, pool: str, arm: str) -> pl.DataFrame:
        count = 15 * self.speakers
        letters = np.random.default_rng(zlib.crc32(language.encode())).integers(5, 200, count)
        wrong = np.random.default_rng([zlib.crc32(f"{language} {model.error}".encode()), model.seed])
        edits = wrong.binomial(letters, model.error).astype(np.float64)
        words = np.maximum(1, letters // 5).astype(np.float64)
        speaker = np.repeat(np.arange(self.speakers), 15)
        return pl.DataFrame(
            {
                "arm": arm,
                "pool": pool,
                "item": [f"{language}:{number}" for number in range(count)],
                "document": [f"{language}{number}" for number in speaker],
                "group": speaker,
                "value": edits,
                "weight": letters.astype(np.float64),
                "null_value": None,
                "candidates": None,
                "word_edits": np.minimum(words, edits),
                "words": words,
            },
            schema_overrides={"null_value": pl.Float64, "candidates": pl.Int64, "group": pl.Int64},
        ).select(*ITEMS, "word_edits", "words")

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Sizes."""
        return [{"pool": pools[0], "language": language, "speakers": self.speakers}]

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing is censored."""
        return {}

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Sizes."""
        return {"task": task, "language": language, "utterances": 15 * self.speakers}
