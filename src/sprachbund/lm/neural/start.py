"""What a training begins with: fresh numbers, or those of another language's model.

The body of a start (all but the rows of units) is carried over as it is. Rows go by their keys, characters or pieces,
as `lab.carry` says:

    same       every unit of the start stays, those of the new text that it lacks get rows behind them
    identical  the new text's units alone; each begins from the same unit of the start
    near       the same, else: a piece from one spelt nearly alike, and else from the mean of the pieces that the start
               cuts it into; a character from the mean of those with the same letter beneath their marks and case
    table      what a table says, else the same
    permuted   the control: as near, or as the table, but to the wrong units
    separate   fresh rows

A unit that the start says nothing about begins from the mean of all its rows and a little noise (Hewitt 2021): rows far
from all others would cost the model its probabilities.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float32, Float64, Int64
from sprachbund.errors import SettingsError
from sprachbund.lab.alike import Mean, alike, means_of
from sprachbund.lab.carry import RowMap, apply, combine, from_table, identical, near, permuted
from sprachbund.lab.carrying import check_carrying
from sprachbund.lab.recipe import Carry
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.course import Beginning
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import build, rows_of, weights_of
from sprachbund.lm.neural.settings import SHAPE, NeuralSettings
from sprachbund.lm.neural.units import Bytes, Pieces, Units, learn_pieces, pieces_for

__all__ = ["PARTS", "begin", "keys_for", "row_keys"]

PARTS = {"rows": "", "body": "keys"}
_NOISE = 0.1
"""Of the rows without a start, in standard deviations of the start's rows."""
_WHOLE, _JOINED, _BROKEN = 0, 1, 2
"""Kinds of units: a character or a piece at the beginning of a word, one that goes on, and what is no text."""

Keys = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
"""The keys and merges of a model."""


def keys_for(
    train: Sequence[str],
    settings: NeuralSettings,
    alphabet: Alphabet | None,
    start: Neural | None,
    carry: Mapping[str, Carry],
) -> Keys:
    """The keys and merges of a model of some text."""
    kept = start is not None and carry.get("rows", "same") == "same"
    if settings.units == "bytes":
        return (), ()
    if settings.units == "characters":
        own = alphabet or Alphabet.of(train)
        more = start.keys if kept and start is not None else ()
        return tuple(sorted({*own.symbols, *more})), ()
    if kept and start is not None:
        return start.keys, start.merges
    pieces = learn_pieces(train, settings.pieces or pieces_for(sum(map(len, train))))
    return pieces.keys, pieces.merges


def begin(
    settings: NeuralSettings,
    units: Units,
    counts: Int64,
    seed: int,
    start: Neural | None = None,
    carry: Mapping[str, Carry] | None = None,
    table: Path | None = None,
    frozen: Sequence[str] = (),
    freeze: float = 0.5,
) -> Beginning:
    """The numbers that a training begins with.

    Args:
        counts: int64 [units], in the training text. The others as for `train_neural`.

    Raises:
        SettingsError: parts, ways to carry them or shapes do not fit.
    """
    how = _checked(settings, start, carry or {}, table, frozen, freeze)
    torch = extra.torch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = weights_of(build(settings, units.size))
    logs = _log_shares(counts, settings)
    if "bias" in fresh:
        fresh["bias"] = logs.astype(np.float32)
    if start is None:
        return Beginning(fresh)
    named = rows_of(settings)
    body = [name for name in fresh if name not in named]
    if how.get("body", "same") != "separate":
        fresh |= {name: np.array(start.weights[name], np.float32) for name in body}
    row_map = _row_map(units, counts, start, how.get("rows", "same"), table, seed)
    if row_map is not None:
        fresh |= _carried(named, fresh, start, row_map, logs, seed)
    return Beginning(
        fresh,
        {} if row_map is None else row_map.summary(),
        frozenset(body if "body" in frozen else ()),
        row_map.mapped if row_map is not None and "rows" in frozen else None,
        freeze if frozen else 0.0,
    )


def _checked(
    settings: NeuralSettings,
    start: Neural | None,
    carry: Mapping[str, Carry],
    table: Path | None,
    frozen: Sequence[str],
    freeze: float,
) -> Mapping[str, Carry]:
    if not check_carrying("a neural model", PARTS, carry, table, frozen, freeze, begun=start is not None):
        return carry
    assert start is not None
    differing = [
        f"{name} is {getattr(settings, name)} and the start's {getattr(start.settings, name)}"
        for name in SHAPE
        if getattr(settings, name) != getattr(start.settings, name)
    ]
    if differing:
        raise SettingsError(
            f"a model that goes on from another has the same shape, but {'; '.join(differing)}; leave them out, or "
            "train without a start"
        )
    return carry


def _log_shares(counts: Int64, settings: NeuralSettings) -> Float64:
    """ln of each unit's share of the text; an unknown one comes as often as units that come once (Good 1953)."""
    often = counts + 0.5
    if settings.units == "characters":
        often[0] = np.count_nonzero(counts == 1) + 0.5
    return np.asarray(np.log(often / often.sum()))


def row_keys(units: Units) -> tuple[list[str], Int64]:
    """The key of each row as a person reads it, and its kind: whole, joined to what stands before it, or no text."""
    if isinstance(units, Bytes):
        return [f"{number:02x}" for number in range(units.size)], np.full(units.size, _BROKEN, np.int64)
    texts = [units.decode([number]) for number in range(units.size)]
    kinds = np.full(units.size, _WHOLE, np.int64)
    if not isinstance(units, Pieces):
        kinds[0] = _BROKEN
        return texts, kinds
    for number, text in enumerate(texts):
        if "\ufffd" in text:
            texts[number], kinds[number] = units.keys[number], _BROKEN
        elif not text.startswith(" "):
            kinds[number] = _JOINED
        else:
            texts[number] = text[1:] or text
    return texts, kinds


def _row_map(units: Units, counts: Int64, start: Neural, how: Carry, table: Path | None, seed: int) -> RowMap | None:
    """The start's rows of each unit; None for fresh ones."""
    if how == "separate":
        return None
    (keys, kinds), (start_keys, start_kinds) = row_keys(units), row_keys(start.units)
    same = identical(keys, start_keys, kinds=kinds, start_kinds=start_kinds)
    if how in ("same", "identical"):
        return same
    if table is not None:
        found = combine(from_table(table, keys, start_keys, kinds=kinds, start_kinds=start_kinds), same)
    elif isinstance(units, Pieces):
        found = near(keys, start_keys, start.counts, kinds=kinds, start_kinds=start_kinds)
        found = combine(found, _cut(units, start))
    else:
        found = combine(same, alike(keys, start_keys, kinds, start_kinds, start.counts))
    return permuted(found, seed, counts, kinds=kinds) if how == "permuted" else found


def _cut(units: Pieces, start: Neural) -> RowMap:
    """Each piece from the mean of those that the start cuts it into; what is no text from those of its bytes."""
    found: list[Mean | None] = []
    for number, key in enumerate(units.keys):
        text = units.decode([number])
        parts = [start.keys.index(byte) for byte in key] if "\ufffd" in text else start.units.encode(text)
        rows, often = np.unique(np.asarray(parts, np.int64), return_counts=True)
        found.append((rows, often / often.sum()))
    return means_of(found, start.units.size)


def _carried(
    named: Sequence[str],
    fresh: Mapping[str, Float32],
    start: Neural,
    row_map: RowMap,
    logs: Float64,
    seed: int,
) -> dict[str, Float32]:
    """The rows of the new units by name."""
    generator = np.random.default_rng([seed, 3])
    made = {}
    for name in named:
        table = np.asarray(start.weights[name], np.float32)
        if table.ndim == 1:  # the bias: where nothing is carried over, as frequent as the text has it
            offset = float(np.mean(table - _log_shares(start.counts, start.settings)))
            made[name] = apply(row_map, table[:, None], (logs + offset).astype(np.float32)[:, None])[:, 0]
            continue
        noise = generator.standard_normal(fresh[name].shape) * (_NOISE * table.std(0))
        made[name] = apply(row_map, table, (table.mean(0) + noise).astype(np.float32))
    return made
