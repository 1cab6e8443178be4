"""Training that goes on from another model: which rows it begins with, and which of them are kept still.

    same       every row of the start stays; n-grams of the new text that it lacks get rows behind them
    identical  the rows of the new text alone; each begins from the same n-gram of the start, else as without a start
    near       the same, but an n-gram that the start lacks begins from one that is spelt nearly alike (`lab.near`)
    table      the same, but from what a table says; where it says nothing, from the same n-gram
    permuted   the control: as `near`, or as `table` where there is one, but to the wrong n-grams (`lab.placebo`)

`same` costs the memory of both models and forgets nothing that it need not; the others make a model as small as one
trained from nothing. Accumulators begin anew, so that a row moves as far in the beginning as a fresh one.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int32
from sprachbund.corpus.segment import words
from sprachbund.errors import SettingsError
from sprachbund.lab.carry import RowMap, Table, apply, combine, from_table, identical, near, permuted
from sprachbund.lab.recipe import CARRIES as ALL_CARRIES
from sprachbund.lab.recipe import Carry
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder.bags import UNSEEN
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Rows
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.rows import Layout
from sprachbund.retrieval.encoder.short_rows import lengthen
from sprachbund.retrieval.settings import Settings

__all__ = ["CARRIES", "SHAPE", "Beginning", "Start", "begin", "other_split", "require_shape", "shaped"]

CARRIES: tuple[Carry, ...] = tuple(how for how in ALL_CARRIES if how != "separate")
"""The ways to carry rows over from a start; nothing is `separate` from it."""
SHAPE = (
    "dim", "spelling", "pieces", "characters", "character_weight", "bigram_weight", "power", "pooling", "similarity"
)  # fmt: skip
"""The settings of the encoder that say what a row is and how rows are added up: a start and its heir have the same."""
SPLIT = ("shares", "split_by", "split_seed")
"""Where these differ, what the start learned from may be what its heir is judged on."""

_NO_KIND = 127  # of n-grams: one that no start has
Found = TypeVar("Found")


@dataclass(frozen=True)
class Start:
    """A model to go on from.

    Attributes:
        model: in the ids of the corpus that is trained on; see `Encoder.in_corpus`. Its languages share their rows.
        carry: how its rows are carried over.
        table: with ``table`` and perhaps ``permuted``: what says where rows come from, as text (`lab.carry.Table`), or
            a row map from the ids of the corpus' vocabulary to the rows of the model.
        frozen: the share of the batches, from the first, in which rows that were carried over are kept still: 0 for
            none, 1 for all.
        vocabulary: the n-gram of each row of the model; None where all are in the corpus' vocabulary.
    """

    model: Model
    carry: Carry = "same"
    table: Table | RowMap | None = None
    frozen: float = 0.0
    vocabulary: Vocabulary | None = None

    def __post_init__(self) -> None:
        if self.carry not in CARRIES:
            raise SettingsError(f"carry must be one of {', '.join(CARRIES)}, found {self.carry!r}")
        if self.carry == "table" and self.table is None:
            raise SettingsError("to carry rows over by a table takes a table; give one, or carry them by near or same")
        if not 0 <= self.frozen <= 1:
            raise SettingsError(f"frozen must be a share of the batches from 0 to 1, found {self.frozen}")


@dataclass(frozen=True)
class Beginning:
    """The rows of a model before training.

    Attributes:
        ids: int32 [rows], the n-gram of each, -1 where the corpus lacks it. rows: by language, where n-grams find them.
        table: makes the rows themselves: float32 [rows, dim].
        moving: the same as ``rows`` has it, UNSEEN for n-grams whose row was carried over: what learns while those are
            kept still; None without a start.
        frozen: the share of the batches in which they are.
        told: how many rows came from where, by the words of `lab.carry.HOW`, ``fresh`` for none; ``kept`` are rows of
            the start that nothing in the new text uses.
    """

    ids: Int32
    rows: dict[str, Rows]
    table: Callable[[], Float32]
    moving: Int32 | None = None
    frozen: float = 0.0
    told: Mapping[str, int] | None = None

    def moved(self, number: int, steps: int, language: str) -> Int32:
        """Where n-grams find the rows that batch ``number`` of ``steps`` may change: int32 [ids]."""
        still = self.moving is not None and number < math.ceil(self.frozen * steps)
        return self.moving if still and self.moving is not None else self.rows[language].row


def begin(encoded: EncodedCorpus, layout: Layout, settings: Settings, seed: int, start: Start | None) -> Beginning:
    """The rows that a training begins with.

    Args:
        layout: of a model without a start, whose languages share their rows where there is one.

    Raises:
        SettingsError: the start is of another shape, or its languages have rows of their own.
    """
    if start is None:
        return Beginning(layout.ids, layout.rows, lambda: layout.start(settings.encoder.dim))
    require_shape(settings, start.model.settings)
    row_of = _only({id(rows.row): rows.row for rows in start.model.rows.values()}, "the start")
    if len(row_of) != len(encoded.ngrams):
        raise SettingsError(
            f"expected the start in the {len(encoded.ngrams):,} ids of {encoded.path}, found {len(row_of):,}; open it "
            "with Encoder.in_corpus"
        )
    own = _only({id(rows.row): rows for rows in layout.rows.values()}, "a model that goes on from another")
    if start.carry == "same":
        return _grown(layout, own, row_of, start)
    row_map = _mapped(encoded, layout, row_of, seed, start)
    still = np.full(len(own.row), UNSEEN, np.int32)
    fresh = np.flatnonzero(~row_map.mapped)
    still[layout.ids[fresh]] = fresh
    told = row_map.summary()
    told["fresh"] = told.pop("none")

    def table() -> Float32:
        return apply(row_map, lengthen(start.model.table), layout.start(settings.encoder.dim))

    return Beginning(layout.ids, layout.rows, table, still, start.frozen, told | {"kept": 0})


def _only(found: Mapping[int, Found], whose: str) -> Found:
    if len(found) != 1:
        raise SettingsError(f"{whose} must have languages that share their rows, found {len(found)} tables of rows")
    return next(iter(found.values()))


def _grown(layout: Layout, own: Rows, row_of: Int32, start: Start) -> Beginning:
    """All rows of the start, and behind them those of the n-grams that it lacks."""
    size = len(start.model.table)
    new = np.flatnonzero(row_of[layout.ids] == UNSEEN)
    row = row_of.astype(np.int32)
    row[layout.ids[new]] = np.arange(size, size + len(new), dtype=np.int32)
    ids = np.full(size + len(new), -1, np.int32)
    known = np.flatnonzero(row != UNSEEN).astype(np.int32)
    ids[row[known]] = known
    shared = replace(own, row=row)
    moving = np.where(row < size, UNSEEN, row).astype(np.int32)
    told = {"identical": len(layout.ids) - len(new), "near": 0, "given": 0, "fresh": len(new)}
    told["kept"] = size - told["identical"]

    def table() -> Float32:
        grown = np.empty((len(ids), start.model.table.shape[1]), np.float32)
        grown[:size] = lengthen(start.model.table)
        grown[size:] = replace(layout, ids=layout.ids[new], keys=layout.keys[new], lengths=layout.lengths[new]).start(
            grown.shape[1]
        )
        return grown

    return Beginning(ids, dict.fromkeys(layout.rows, shared), table, moving, start.frozen, told)


def _mapped(encoded: EncodedCorpus, layout: Layout, row_of: Int32, seed: int, start: Start) -> RowMap:
    """The start's rows of each row of the layout."""
    vocabulary = encoded.vocabulary()
    if isinstance(start.table, RowMap):
        if len(start.table) != len(vocabulary) or start.table.starts != len(start.model.table):
            raise SettingsError(
                f"expected a row map from {len(vocabulary):,} n-grams to {len(start.model.table):,} rows, found "
                f"{start.table!r}"
            )
        row_map = start.table.take(layout.ids)
    else:
        row_map = _by_spelling(vocabulary.take(layout.ids), _named(vocabulary, row_of, start), start)
    if start.carry != "permuted":
        return row_map
    counts = np.sum([encoded.counts(language)[layout.ids] for language in layout.rows], axis=0)
    return permuted(row_map, seed, counts, kinds=encoded.ngrams.orders[layout.ids])


def _named(vocabulary: Vocabulary, row_of: Int32, start: Start) -> Vocabulary:
    """The n-gram of each row of the start."""
    size = len(start.model.table)
    if start.vocabulary is not None:
        if len(start.vocabulary) != size:
            raise SettingsError(f"expected an n-gram for each of {size:,} rows, found {len(start.vocabulary):,}")
        return start.vocabulary
    known = np.flatnonzero(row_of[: len(vocabulary)] != UNSEEN)
    ids = np.full(size, -1, np.int64)
    ids[row_of[known]] = known
    if np.any(ids < 0):
        raise SettingsError(
            f"{int(np.sum(ids < 0)):,} rows of the start are of no n-gram of the corpus; give its vocabulary too"
        )
    return vocabulary.take(ids)


def _by_spelling(targets: Vocabulary, starts: Vocabulary, start: Start) -> RowMap:
    kinds, start_kinds = np.asarray(targets.orders), np.asarray(starts.orders)
    same = identical(np.asarray(targets.keys), np.asarray(starts.keys))
    if start.carry == "identical":
        return same
    if start.table is None:
        return near(targets.strings, starts.strings, starts.counts, kinds=kinds, start_kinds=start_kinds)
    known = pl.concat((targets.strings, starts.strings)).unique()
    as_words = targets.strings.filter(pl.Series(kinds > 0))
    both = targets.strings.is_in(as_words.implode()).to_numpy() & (kinds < 0)
    given = from_table(
        start.table,  # type: ignore[arg-type]  # a row map was taken before
        targets.strings,
        starts.strings,
        kinds=np.where(both, _NO_KIND, kinds),  # who writes a word means the word, not the same run inside others
        start_kinds=start_kinds,
        written=lambda column: as_counted(column, known),
    )
    return combine(given, same)


def as_counted(column: pl.Series, known: pl.Series) -> pl.Series:
    """What a person wrote, as n-grams are counted: its words in lower case; an n-gram that is known stays as it is."""
    distinct = column.unique().to_frame("given")
    plain = distinct.filter(~pl.col("given").is_in(known.implode()))["given"]
    read = pl.Series([" ".join(words(text, "")) for text in plain.to_list()], dtype=pl.String)
    return column.replace(plain, read)


def shaped(settings: Settings, start: Settings) -> Settings:
    """Settings with the shape and the split of a start."""
    encoder = replace(settings.encoder, **{name: getattr(start.encoder, name) for name in SHAPE})
    return replace(settings, encoder=encoder, **{name: getattr(start, name) for name in SPLIT})


def require_shape(settings: Settings, start: Settings) -> None:
    """See that a model can go on from another.

    Raises:
        SettingsError: names the settings that differ, with both values.
    """
    differing = [
        f"{name} is {_plain(getattr(settings.encoder, name))} and the start's {_plain(getattr(start.encoder, name))}"
        for name in SHAPE
        if _plain(getattr(settings.encoder, name)) != _plain(getattr(start.encoder, name))
    ]
    if differing:
        raise SettingsError(
            f"a model that goes on from another has the same shape, but {'; '.join(differing)}; leave them out, or "
            "train without a start"
        )


def other_split(settings: Settings, start: Settings) -> list[str]:
    """The settings of the split that differ."""
    return [name for name in SPLIT if _plain(getattr(settings, name)) != _plain(getattr(start, name))]


def _plain(value: object) -> object:
    """A value that is the same for a list and a tuple."""
    return list(value) if isinstance(value, list | tuple) else value
