"""Recorded speech on disk: decoded once, kept as plain samples, told about in one table.

    SPEECH/speech.json           rate, settings, split, counts by language, what was left out, hashes of all files
    SPEECH/utterances.parquet    a row an utterance: language, item, text, letters, speaker, source, licence, seconds,
                                 where its samples are, their SHA-256, whether it is synthetic
    SPEECH/left_out.parquet      a row for what was left out: language, item, why
    SPEECH/<language>.s16        samples of all utterances, one after the other: 16 bits, little-endian, one channel

Samples are not compressed: at 8 kHz an hour takes 58 MB, FLAC would halve it, and every epoch of every training would
decode it again (and need a decoder where nothing but numpy is needed so). Mapped into memory an utterance is a slice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund import settings as tree
from sprachbund.arrays import Float32, Int16
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import content_hash, read_manifest
from sprachbund.languages import among
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.sides import SIDES, Placed, place
from sprachbund.speech.sound import FULL
from sprachbund.tables import read_table

__all__ = ["FORMAT", "KIND", "MANIFEST", "SpeechCorpus", "Utterances", "samples_file"]

KIND, FORMAT, MANIFEST = "speech corpus", 2, "speech.json"
OLDER = (1,)
"""Read as well: of before anything was synthetic."""
TABLE, LEFT_OUT = "utterances.parquet", "left_out.parquet"
REMEDY = "ingest the speech again"
COLUMNS = {
    "language": pl.String, "item": pl.String, "text": pl.String, "letters": pl.String, "speaker": pl.String,
    "source": pl.String, "licence": pl.String, "seconds": pl.Float64, "first": pl.Int64, "samples": pl.Int64,
    "sha256": pl.String,
    "synthetic": pl.Boolean,
}  # fmt: skip
LEFT_COLUMNS = {"language": pl.String, "item": pl.String, "reason": pl.String, "detail": pl.String}
_FIELDS = {"settings": dict, "split": dict, "languages": dict, "left_out": dict, "bytes": dict}


@dataclass(frozen=True, eq=False)
class Utterances:
    """Utterances of one language.

    Attributes:
        language: its code. table: a row each, see `COLUMNS`. sound: int16, the samples of the language.
        rate: samples a second.
    """

    language: str
    table: pl.DataFrame
    sound: Int16
    rate: int

    def __len__(self) -> int:
        return len(self.table)

    @property
    def seconds(self) -> float:
        """Of all together."""
        return float(self.table["seconds"].sum())

    @cached_property
    def letters(self) -> list[str]:
        """What is spoken in each."""
        return list(self.table["letters"])

    @cached_property
    def _places(self) -> tuple[list[int], list[int]]:
        return list(self.table["first"]), list(self.table["samples"])

    def samples(self, number: int) -> Float32:
        """The samples of one: float32 within -1 and 1."""
        firsts, lengths = self._places
        first = firsts[number]
        return np.asarray(self.sound[first : first + lengths[number]], np.float32) / np.float32(FULL)

    def take(self, which: Sequence[int] | Any) -> "Utterances":
        """Some of them, in the order given."""
        return Utterances(self.language, self.table[which], self.sound, self.rate)


@dataclass(frozen=True)
class SpeechCorpus:
    """Recorded speech with its text; made by `open`.

    Attributes:
        path: the folder. manifest: the content of speech.json.
    """

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path | str, *, check: bool = True) -> "SpeechCorpus":
        """Open the speech in a folder.

        Args:
            check: compare the SHA-256 of every file; otherwise only see that each is there and has its size.

        Raises:
            FolderError: it is none, damaged, or of another version; the message names the file.
        """
        folder = Path(path)
        manifest = read_manifest(
            folder, MANIFEST, KIND, FORMAT, OLDER, check=check, fields=_FIELDS, listed=[TABLE, LEFT_OUT]
        )
        corpus = cls(folder, manifest)
        try:
            assert corpus.settings and corpus.split
        except (SettingsError, TypeError) as error:
            raise FolderError(f"{folder / MANIFEST}: damaged ({one_line(error)}); {REMEDY}") from None
        for name, size in manifest["bytes"].items():
            found = (folder / name).stat().st_size if (folder / name).is_file() else -1
            if found != size:
                raise FolderError(f"{folder / name}: damaged, expected {size} bytes, found {found}; {REMEDY}")
        return corpus

    def __repr__(self) -> str:
        told = (f"{code} {own['utterances']:,}" for code, own in self.manifest["languages"].items())
        return f"SpeechCorpus({str(self.path)!r}: {', '.join(told)} utterances)"

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that have utterances, sorted."""
        return tuple(sorted(self.manifest["languages"]))

    @cached_property
    def settings(self) -> SpeechSettings:
        """By which it was ingested."""
        return tree.from_dict(SpeechSettings(), self.manifest["settings"])

    @cached_property
    def split(self) -> SpeechSplit:
        """Which speakers judge, as was said when it was ingested."""
        return tree.from_dict(SpeechSplit(), self.manifest["split"])

    @cached_property
    def table(self) -> pl.DataFrame:
        """All utterances."""
        if self.manifest["format"] in OLDER:
            known = {name: kind for name, kind in COLUMNS.items() if name != "synthetic"}
            return read_table(self.path / TABLE, known, REMEDY).with_columns(synthetic=pl.lit(False))
        return read_table(self.path / TABLE, COLUMNS, REMEDY)

    @property
    def left_out(self) -> pl.DataFrame:
        """What was left out: language, item, reason, detail."""
        return read_table(self.path / LEFT_OUT, LEFT_COLUMNS, REMEDY)

    def language(self, asked: str) -> str:
        """The code of a language that is asked for by code or name.

        Raises:
            LanguageError: there is none of it.
        """
        return among([asked], self.languages, f"{self.path}:")[0]

    def utterances(self, language: str) -> Utterances:
        """All of a language.

        Raises:
            LanguageError: there are none. FolderError: its samples are damaged.
        """
        code = self.language(language)
        own = self.table.filter(pl.col("language") == code)
        path = samples_file(self.path, code)
        size = path.stat().st_size // 2
        if len(own) and not (own["first"].min() >= 0 and (own["first"] + own["samples"]).max() <= size):  # type: ignore[operator]
            raise FolderError(f"{path}: damaged, shorter than {TABLE} says; {REMEDY}")
        sound: Int16 = np.memmap(path, "<i2", "r") if size else np.empty(0, np.int16)
        return Utterances(code, own, sound, self.settings.sampling_rate)

    def synthetic_seconds(self, language: str) -> float:
        """Of the speech of a language that no one spoke."""
        return float(self.manifest["languages"][self.language(language)].get("synthetic", 0.0))

    def placed(self, language: str, split: SpeechSplit | None = None) -> Placed:
        """The utterances of a language on the sides of a split, the corpus's own if None."""
        code = self.language(language)
        return place(self.table.filter(pl.col("language") == code), split or self.split)

    def sides(self, language: str, split: SpeechSplit | None = None) -> Mapping[str, Utterances]:
        """The utterances of a language that train, tune and judge, by `SIDES`, and those that are ``synthetic``."""
        every, placed = self.utterances(language), self.placed(language, split)
        named = enumerate((*SIDES, "synthetic"))
        return {name: every.take(np.flatnonzero(placed.sides == side)) for side, name in named}

    def content_hash(self, languages: Sequence[str] | None = None) -> str:
        """A hash of the utterances of these languages, all if None: samples, letters, speakers, which are synthetic."""
        codes = self.languages if languages is None else sorted(self.language(code) for code in languages)
        own = self.table.filter(pl.col("language").is_in(codes)).sort("language", "sha256")
        told = own.select("language", "sha256", "letters", "speaker", "source", "synthetic").rows()
        rows = [[*row, "synthetic"] if synthetic else row for *row, synthetic in told]
        return content_hash([self.settings.sampling_rate, rows])


def samples_file(folder: Path, language: str) -> Path:
    """Where the samples of a language lie."""
    return folder / f"{language}.s16"
