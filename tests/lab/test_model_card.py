"""A card says the same when it is read again, and one that cannot be is named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.lab.card import Card, Curve, Data, Made, Origin, Score, read_card, write_card

WHOLE = Card(
    "pt-small",
    "language model",
    ("pt", "gl", "be-x-old"),
    data=(Data("eltec", "ab" * 32, "cc-by-4.0", 3_000_000),),
    licence="cc-by-sa-4.0",
    parameters=512_000,
    bytes=2_048_000,
    scores=(
        Score("bits per byte", 1.875, "bits", "lower", "pt", 1.85, 1.9, "test, whole documents"),
        Score("MRR", 0.5, language="gl"),
    ),
    recipe="cd" * 32,
    started_from=(Origin("es-small", "ef" * 32), Origin("in memory")),
    curve=Curve("characters", "bits per byte on dev", ((1000, 3.5), (2000, 2.25))),
    samples=("Era uma vez — «<b>»\n",),
    made=Made("0.1.0", "2026-11-29"),
    notes="For a test.",
)


@pytest.mark.parametrize("card", [WHOLE, Card("x", "a kind that nobody knows yet", ())], ids=["whole", "bare"])
def test_a_card_is_read_back(card: Card, tmp_path: Path) -> None:
    """Of any kind, with all fields and with the fewest."""
    write_card(card, tmp_path)
    assert read_card(tmp_path) == card
    assert json.loads((tmp_path / "card.json").read_text())["format"] == 1


def changed(**fields: Any) -> dict[str, Any]:
    """The whole card as JSON with other fields; None takes one out."""
    values = {"format": 1, **WHOLE.to_dict(), **fields}
    return json.loads(json.dumps({name: value for name, value in values.items() if value is not None}))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": None}, "expected Card"),
        ({"stranger": 1}, "expected Card"),
        ({"kind": "  "}, "name or kind is empty"),
        ({"languages": "pt"}, "expected tuple"),
        ({"languages": ["../pt"]}, "a language is no code"),
        ({"languages": [""]}, "a language is no code"),
        ({"parameters": -1}, "cannot be"),
        ({"bytes": True}, "expected int"),
        ({"recipe": "../../etc"}, "a hash is none"),
        ({"started_from": [{"name": "es", "sha256": "<script>"}]}, "a hash is none"),
        ({"scores": [{"measure": "MRR", "value": "high"}]}, "expected float"),
        ({"scores": [{"measure": "MRR", "value": 0.5, "direction": "sideways"}]}, "expected Literal"),
        ({"scores": [{"measure": "MRR", "value": 0.5, "low": 0.4}]}, "half an interval"),
        ({"scores": [{"measure": "MRR", "value": 0.5, "low": 0.7, "high": 0.6}]}, "ends before it begins"),
        ({"curve": {"x": "steps", "y": "bits", "points": [[1, 2, 3]]}}, "expected tuple"),
        ({"made": {"version": "1", "date": "yesterday"}}, "date"),
        ({"made": {"version": "1", "date": "20261129"}}, "date"),
        ({"notes": "x" * 10_001}, "longer than 10,000"),
        ({"samples": ["\ud800"]}, "halves of characters"),
        ({"samples": ["x"] * 10_001}, "more than 10,000"),
        ({"format": 2}, "card format 2; this version reads format 1"),
        ({"format": None}, "card format None; this version reads format 1"),
    ],
)
def test_a_damaged_card_is_named(fields: dict[str, Any], said: str, tmp_path: Path) -> None:
    """By its file, whatever is wrong with it."""
    (tmp_path / "card.json").write_text(json.dumps(changed(**fields)))
    with pytest.raises(FolderError, match=said) as caught:
        read_card(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "card.json"))


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"format": 1', '{"format": NaN}', '{"a":' * 5000, '{"format": 1e400}']
)
def test_what_is_no_card(text: str, tmp_path: Path) -> None:
    """Neither ends in anything but one error."""
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(FolderError, match=r"card\.json"):
        read_card(tmp_path)


def test_numbers_are_finite(tmp_path: Path) -> None:
    """1e400 is JSON, and infinite once it is read."""
    text = json.dumps(changed(scores=[{"measure": "MRR", "value": 0.5}])).replace('"value": 0.5', '"value": 1e400')
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(FolderError, match="expected float, found 'inf'"):
        read_card(tmp_path)


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    """The maker of a card hears of it, and no file is left."""
    with pytest.raises(SettingsError, match=r"a language is no code$"):
        write_card(replace(WHOLE, languages=("Portuguese (Brazil)",)), tmp_path)
    assert not list(tmp_path.iterdir())
