"""What a training begins with that goes on from another language's model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_neural import DEV, TRAIN, tiny, trained

from sprachbund.errors import SettingsError
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.start import Beginning, begin, keys_for, row_keys
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.neural.units import units_of

pytest.importorskip("torch")
pytest.importorskip("tokenizers")
OTHER = ("O rìo côrre e cantã zz! a água xá vai.\n" * 30,)


def beginning(start: Neural, rows: str | None = None, **more: Any) -> tuple[Beginning, list[str]]:
    """The numbers before the first step on OTHER, and the keys of its rows."""
    carry = {} if rows is None else {"rows": rows}
    carry |= more.pop("carry", {})
    settings = tiny(units=start.settings.units, pieces=320 * (start.settings.units == "pieces"))
    units = units_of(settings.units, *keys_for(OTHER, settings, None, start, carry))
    counts = np.bincount(units.encode(OTHER[0]), minlength=units.size)
    return begin(settings, units, counts, 0, start, carry, **more), row_keys(units)[0]


def row(of: Any, keys: list[str], key: str, name: str = "embed.weight") -> Any:
    """The row of a key."""
    return of.weights[name][keys.index(key)]


def test_every_row_of_a_start_stays_by_same() -> None:
    """And those that it lacks stand between them; the body is the start's to the bit."""
    start = trained()
    made, keys = beginning(start)
    own = ["\ufffd", *start.keys]
    assert set(keys[1:]) == {*start.keys, *OTHER[0]}
    for key in own:
        np.testing.assert_array_equal(row(made, keys, key), row(start, own, key))
        assert row(made, keys, key, "bias") == row(start, own, key, "bias")
    for name in set(start.weights) - {"embed.weight", "bias"}:
        np.testing.assert_array_equal(made.weights[name], start.weights[name])
    assert made.carried["identical"] == len(own) and made.carried["none"] == len(keys) - len(own)


def test_a_row_without_a_start_is_near_the_mean_of_all() -> None:
    """Within half a standard deviation of the start's rows; a random one is not."""
    start = trained()
    made, keys = beginning(start, "identical")
    table = start.weights["embed.weight"]
    far = np.abs(row(made, keys, "z") - table.mean(0)) / table.std(0)
    assert 0 < far.max() < 0.5
    assert set(keys[1:]) == set(OTHER[0])


def test_a_character_takes_the_rows_of_its_letter_by_near() -> None:
    """``ã`` that of ``a``, ``O`` of ``o``; ``ì`` those of ``i`` and ``í``, weighed by their counts."""
    start = trained()
    own = ["\ufffd", *start.keys]
    made, keys = beginning(start, "near")
    np.testing.assert_array_equal(row(made, keys, "ã"), row(start, own, "a"))
    np.testing.assert_array_equal(row(made, keys, "O"), row(start, own, "o"))
    counts = {key: int(start.counts[own.index(key)]) + 1 for key in ("i", "í")}
    mean = sum(counts[key] * row(start, own, key) for key in counts) / sum(counts.values())
    np.testing.assert_allclose(row(made, keys, "ì"), mean, rtol=1e-5, atol=1e-7)
    assert made.carried["given"] >= 3 and made.carried["none"] >= 1


def test_a_piece_takes_what_is_spelt_alike_else_what_it_is_cut_into() -> None:
    """The same piece first; a piece that the start lacks is the mean of the start's pieces of it."""
    start = trained("pieces")
    own, _ = row_keys(start.units)
    made, _ = beginning(start, "near")
    settings = tiny(units="pieces", pieces=320)
    units = units_of("pieces", *keys_for(OTHER, settings, None, start, {"rows": "near"}))
    number = next(place for place, key in enumerate(units.keys) if units.decode([place]) == " vai")
    parts = start.units.encode(" vai")
    expected = start.weights["embed.weight"][parts].mean(0)
    np.testing.assert_allclose(made.weights["embed.weight"][number], expected, rtol=1e-5, atol=1e-6)
    assert made.carried["none"] == 0 and made.carried["identical"] >= 256 and len(own) == start.units.size


def test_pieces_of_a_start_stay_whole_by_same() -> None:
    """The start's pieces cut the new text too."""
    start = trained("pieces")
    keys, merges = keys_for(OTHER, tiny(units="pieces"), None, start, {})
    assert (keys, merges) == (start.keys, start.merges)


def test_a_table_says_which_row(tmp_path: Path) -> None:
    """Two starts with weights are their mean; the rest is as by identical."""
    start, path = trained(), tmp_path / "table.tsv"
    path.write_text("z\tn\t3\nz\tm\t1\n", encoding="utf-8")
    own = ["\ufffd", *start.keys]
    made, keys = beginning(start, "table", table=path)
    expected = 0.75 * row(start, own, "n") + 0.25 * row(start, own, "m")
    np.testing.assert_allclose(row(made, keys, "z"), expected, rtol=1e-5)
    np.testing.assert_array_equal(row(made, keys, "r"), row(start, own, "r"))


def test_permuted_rows_are_those_of_others_and_separate_ones_are_fresh() -> None:
    """As many, none its own; the unknown unit is of a kind of its own."""
    start = trained()
    own = ["\ufffd", *start.keys]
    made, keys = beginning(start, "permuted")
    moved = [key for key in keys[1:] if key in own and not np.array_equal(row(made, keys, key), row(start, own, key))]
    assert len(moved) > 0.9 * sum(key in own for key in keys[1:])
    fresh, _ = beginning(start, "separate")
    none, _ = beginning(start, "separate", carry={"body": "separate"})
    assert fresh.carried == {} and not np.array_equal(fresh.weights["out.weight"], none.weights["out.weight"])
    np.testing.assert_array_equal(fresh.weights["embed.weight"], none.weights["embed.weight"])


def test_what_is_frozen_stays_until_it_is_freed() -> None:
    """Frozen to the end: the body, or the carried rows, have the start's bits, and the rest has learned."""
    start = trained()
    own = ["\ufffd", *start.keys]
    settings = tiny(patience=0)
    body = train_neural(OTHER, OTHER, settings, start=start, frozen=("body",), freeze=1.0)
    for name in set(start.weights) - {"embed.weight", "bias"}:
        np.testing.assert_array_equal(body.weights[name], start.weights[name])
    assert not np.array_equal(row(body, ["\ufffd", *body.keys], "a"), row(start, own, "a"))
    rows = train_neural(OTHER, OTHER, settings, start=start, frozen=("rows",), freeze=1.0)
    keys = ["\ufffd", *rows.keys]
    np.testing.assert_array_equal(row(rows, keys, "a"), row(start, own, "a"))
    assert not np.array_equal(rows.weights["out.weight"], start.weights["out.weight"])
    first, _ = beginning(start)
    assert not np.array_equal(row(rows, keys, "z"), row(first, keys, "z"))
    freed = train_neural(OTHER, OTHER, settings, start=start, frozen=("rows", "body"), freeze=0.5)
    assert not np.array_equal(row(freed, keys, "a"), row(start, own, "a"))
    assert not np.array_equal(freed.weights["out.weight"], start.weights["out.weight"])


def test_a_start_saves_steps() -> None:
    """On text like its own: the first point of the curve is better than that of a fresh model."""
    settings = tiny(patience=0, evaluations=6)
    fresh = train_neural(TRAIN[:2], DEV, settings)
    going = train_neural(TRAIN[:2], DEV, settings, start=trained())
    assert going.curve[0][1] < fresh.curve[0][1]


def test_a_start_that_does_not_fit_is_refused() -> None:
    """Another shape, a part that there is not, a way that cannot be, a table that is not given, nothing to freeze."""
    start = trained()
    for settings, options, said in (
        (tiny(width=8), {"start": start}, "width is 8 and the start's 16"),
        (tiny(units="bytes"), {"start": start}, "units is bytes and the start's characters"),
        (tiny(), {"start": start, "carry": {"head": "same"}}, "no part head"),
        (tiny(), {"start": start, "carry": {"rows": "nearly"}}, "nothing is carried over nearly"),
        (tiny(), {"start": start, "carry": {"body": "near"}}, "the body has no keys"),
        (tiny(), {"start": start, "carry": {"rows": "table"}}, "takes a table"),
        (tiny(), {"frozen": ("body",)}, "name it as the start"),
        (tiny(), {"carry": {"rows": "near"}}, "name it as the start"),
        (tiny(), {"start": start, "frozen": ("body",), "freeze": 2.0}, "from 0 to 1|0 to 1"),
    ):
        with pytest.raises(SettingsError, match=said):
            train_neural(TRAIN, DEV, settings, **options)  # type: ignore[arg-type]
    assert Alphabet("".join(start.keys)).size == start.units.size


def test_units_that_do_not_know_the_writing_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """Pieces of a start in Latin letters on Devanagari, told all the same; characters on another dev."""
    hindi = ("नदी समुद्र की ओर बहती है।\n" * 20,)
    neural = train_neural(hindi, hindi, tiny(units="pieces"), start=trained("pieces"))
    assert "do not know this writing" in caplog.text and neural.units.decode(neural.units.encode(hindi[0])) == hindi[0]
    caplog.clear()
    train_neural(TRAIN, DEV, tiny())
    assert not caplog.records
    train_neural(TRAIN, hindi, tiny())
    assert "unknown to the model" in caplog.text
