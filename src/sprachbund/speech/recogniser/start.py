"""What a training begins with: fresh numbers, or those of another language's recogniser.

A recogniser has three parts: ``rows``, what it knows of each letter; ``upper``, the last recurrent layer; ``lower``,
all beneath. ``lower`` and ``upper`` are carried over as they are, or not. Rows go by their letters, as `lab.carry`
says:

    same       every letter of the start stays, those of the new text that it lacks get rows behind them
    identical  the new text's letters alone; each begins from the same letter of the start
    near       the same, else the mean of those with the same letter beneath their marks (ã from a)
    table      what a table says, mapped by hand, else the same
    permuted   the control: as near, or as the table, but to the wrong letters; blanks and marks keep theirs
    separate   fresh rows

The blank is always carried over, but for fresh rows. A letter that the start says nothing about begins afresh.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.errors import SettingsError
from sprachbund.lab.alike import alike
from sprachbund.lab.carry import RowMap, apply, combine, from_table, identical, permuted
from sprachbund.lab.carrying import check_carrying
from sprachbund.lab.recipe import Carry
from sprachbund.lm.neural.course import Beginning
from sprachbund.settings import by_name
from sprachbund.speech import extra
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import ROWS, build, in_upper, weights_of
from sprachbund.speech.recogniser.settings import SHAPE, RecogniserSettings

__all__ = ["PARTS", "Beginning", "alphabet_for", "begin"]

PARTS = {"rows": "", "lower": "letters", "upper": "letters"}
_LETTER, _NOTHING, _MARKS = 0, 1, 2
"""Kinds of rows: letters, which may be exchanged, what writes nothing, and from here on every other sign by itself."""


def alphabet_for(texts: Sequence[str], start: Recogniser | None, carry: Mapping[str, Carry]) -> Alphabet:
    """The letters of a recogniser of some texts."""
    kept = start is not None and carry.get("rows", "near") == "same"
    return Alphabet.of(texts, start.alphabet.letters if kept and start is not None else ())


def begin(
    settings: RecogniserSettings,
    alphabet: Alphabet,
    counts: Int64,
    seed: int,
    start: Recogniser | None = None,
    carry: Mapping[str, Carry] | None = None,
    table: Path | None = None,
    frozen: Sequence[str] = (),
    freeze: float = 0.5,
) -> Beginning:
    """The numbers that a training begins with.

    Args:
        counts: int64 [symbols], in the training text. The others as for `train_recogniser`.

    Raises:
        SettingsError: parts, ways to carry them or shapes do not fit.
    """
    how = _checked(settings, start, carry or {}, table, frozen, freeze)
    torch = extra.torch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = weights_of(build(settings, alphabet.size))
    if start is None:
        return Beginning(fresh)
    part_of = {name: "rows" if name in ROWS else "upper" if in_upper(name, settings) else "lower" for name in fresh}
    for name, part in part_of.items():
        if part != "rows" and how.get(part, "same") != "separate":
            fresh[name] = np.array(start.weights[name], np.float32)
    row_map = _row_map(alphabet, counts, start, how.get("rows", "near"), table, seed)
    if row_map is not None:
        for name in ROWS:
            own, from_start = (np.atleast_2d(each.T).T for each in (fresh[name], start.weights[name]))
            fresh[name] = apply(row_map, from_start, own).reshape(fresh[name].shape)
    return Beginning(
        fresh,
        {} if row_map is None else row_map.summary(),
        frozenset(name for name, part in part_of.items() if part != "rows" and part in frozen),
        row_map.mapped if row_map is not None and "rows" in frozen else None,
        freeze if frozen else 0.0,
    )


def _checked(
    settings: RecogniserSettings,
    start: Recogniser | None,
    carry: Mapping[str, Carry],
    table: Path | None,
    frozen: Sequence[str],
    freeze: float,
) -> Mapping[str, Carry]:
    if not check_carrying("a recogniser", PARTS, carry, table, frozen, freeze, begun=start is not None):
        return carry
    assert start is not None
    one, other = by_name(settings), by_name(start.settings)
    differing = [
        f"{name} is {one[name].value} and the start's {other[name].value}"
        for name in ("sampling_rate", *SHAPE)
        if one[name].value != other[name].value
    ]
    if differing:
        raise SettingsError(
            f"a recogniser that goes on from another has the same shape and hears the same, but "
            f"{'; '.join(differing)}; leave settings of shape out and ingest the speech with the start's "
            "sampling_rate, or train without a start"
        )
    return carry


def _row_map(
    alphabet: Alphabet, counts: Int64, start: Recogniser, how: Carry, table: Path | None, seed: int
) -> RowMap | None:
    """The start's rows of each symbol; None for fresh ones."""
    if how == "separate":
        return None
    (keys, kinds), (start_keys, start_kinds) = _keys(alphabet), _keys(start.alphabet)
    same = identical(keys, start_keys, kinds=kinds, start_kinds=start_kinds)
    if how in ("same", "identical"):
        return same
    if table is not None:
        found = combine(from_table(table, keys, start_keys, kinds=kinds, start_kinds=start_kinds), same)
    else:
        found = combine(same, alike(keys, start_keys, kinds, start_kinds, start.counts))
    return permuted(found, seed, counts, kinds=kinds) if how == "permuted" else found


def _keys(alphabet: Alphabet) -> tuple[list[str], Int64]:
    """The key of each row and its kind."""
    kinds = [_LETTER if letter.isalpha() else _MARKS + ord(letter) for letter in alphabet.letters]
    return ["<blank>", *alphabet.letters], np.array([_NOTHING, *kinds], np.int64)
