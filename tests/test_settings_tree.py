"""A tree of settings that is no model's: every way in gives the same tree, and what is wrong is named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.settings import Setting, by_name, change, flatten, from_dict, from_text, stages, to_dict


@dataclass(frozen=True)
class Body:
    """A stage."""

    layers: int = 2
    widths: tuple[int, ...] = ()
    act: Literal["relu", "gelu"] = "relu"


@dataclass(frozen=True)
class Learning:
    """Another."""

    rate: float = 0.5
    betas: tuple[float, float] = (0.9, 0.99)
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """The tree."""

    name: str = "small"
    body: Body = Body()
    learning: Learning = Learning()
    causal: bool = True


def test_stages_and_settings_are_read_from_the_dataclasses() -> None:
    """Each setting with its stage, its type and its value."""
    assert stages(Model()) == {"body": Body(), "learning": Learning()}
    found = by_name(Model(causal=False))
    assert list(found) == ["name", "causal", "layers", "widths", "act", "rate", "betas", "shares"]
    assert found["causal"] == Setting("", bool, False)
    assert found["rate"] == Setting("learning", float, 0.5)


def test_change_by_name() -> None:
    """A setting of any stage, a whole stage, or both; the original stays."""
    tree = Model()
    changed = change(tree, {"layers": 3, "rate": 1, "name": "x"})
    assert changed == Model("x", Body(3), Learning(1))
    assert change(tree, {"body": Body(5), "act": "gelu"}) == Model(body=Body(5, (), "gelu"))
    assert tree == Model()


def test_numbers_of_numpy_are_numbers() -> None:
    """What is held can be written as JSON."""
    changed = change(Model(), {"layers": np.int64(3), "rate": np.float32(0.25), "widths": [np.int32(4), 5]})
    assert changed == Model(body=Body(3, (4, 5)), learning=Learning(0.25))
    assert json.loads(json.dumps(to_dict(changed)))["body"] == {"layers": 3, "widths": [4, 5], "act": "relu"}


def test_plain_values_come_back() -> None:
    """Through JSON; what is missing is as in the tree that is given."""
    tree = change(Model(), {"widths": (8, 4), "betas": (0.5, 1), "shares": {"tr": 2}, "causal": False})
    assert from_dict(Model(), json.loads(json.dumps(to_dict(tree)))) == tree
    assert from_dict(tree, {"body": {"layers": 7}}) == change(tree, {"layers": 7})


def test_a_file_has_tables_or_names() -> None:
    """Both give the settings by name; a setting that stands twice has one value."""
    assert flatten(Model(), {"body": {"layers": 3}, "rate": 1}) == {"layers": 3, "rate": 1}
    assert flatten(Model(), {"layers": 3, "body": {"layers": 3}}) == {"layers": 3}
    with pytest.raises(SettingsError, match="layers stands twice, as 3 and as 4; leave one out"):
        flatten(Model(), {"layers": 3, "body": {"layers": 4}})
    with pytest.raises(SettingsError, match=r"body is a table of settings, found '3'; write \[body\]"):
        flatten(Model(), {"body": 3})


def test_text_has_floats_where_its_setting_has() -> None:
    """Whole numbers too, inside lists and tables; lists are tuples."""
    found = {name: from_text(Model(), name, value) for name, value in {"rate": 1, "layers": 1, "widths": [2]}.items()}
    assert found == {"rate": 1.0, "layers": 1, "widths": (2,)}
    assert (type(found["rate"]), type(found["layers"])) == (float, int)
    assert repr(from_text(Model(), "betas", [1, 0])) == "(1.0, 0.0)"
    assert repr(from_text(Model(), "shares", {"tr": 1})) == "{'tr': 1.0}"


WRONG: list[tuple[str, Any, str]] = [
    ("layers", 1.5, "layers must be a whole number like 2, found 1.5"),
    ("layers", True, "layers must be a whole number like 2, found True"),
    ("layers", 1 << 63, "layers must be a whole number like 2, found 9223372036854775808"),
    ("rate", "fast", "rate must be a number like 0.5, found 'fast'"),
    ("rate", 10**400, "rate must be a number like 0.5, found 1000000"),
    ("causal", 1, "causal must be true or false like True, found 1"),
    ("act", 3, "act must be a text like 'relu', found 3"),
    ("name", None, "name must be a text like 'small', found None"),
    ("widths", 4, r"widths must be a list like [1], found 4"),
    ("widths", [1.5], r"widths must be a list like [1], found [1.5]"),
    ("betas", [0.5], r"betas must be a list like [0.9, 0.99], found [0.5]"),
    ("shares", 2, "shares must be a table like {tr = 1.0, uk = 2.0}, found 2"),
    ("shares", {"tr": "much"}, "shares must be a table like {tr = 1.0, uk = 2.0}, found {'tr': 'much'}"),
    ("shares", {3: 1.0}, "shares must be a table like {tr = 1.0, uk = 2.0}, found {3: 1.0}"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_another_type_is_refused_in_every_way(name: str, value: Any, said: str) -> None:
    """From Python, from text and from a manifest: one message."""
    stage = by_name(Model())[name].stage
    plain = {stage: {name: value}} if stage else {name: value}
    for way in (
        lambda: change(Model(), {name: value}),
        lambda: from_text(Model(), name, value),
        lambda: from_dict(Model(), plain),
    ):
        with pytest.raises(SettingsError) as error:
            way()
        assert str(error.value).startswith(said)
        assert len(str(error.value)) < 200


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_read_is_finite(value: float) -> None:
    """JSON and TOML can write other numbers; they would make a table of nothing."""
    for way in (lambda: from_text(Model(), "rate", value), lambda: from_dict(Model(), {"learning": {"rate": value}})):
        with pytest.raises(SettingsError, match=f"rate must be a number like 0.5, found {value}"):
            way()


def test_unknown_names() -> None:
    """The names that there are, all of them; in what was written, that it is of another version."""
    known = "act, betas, causal, layers, name, rate, shares, widths"
    for way in (lambda: change(Model(), {"heads": 3}), lambda: from_text(Model(), "heads", 3)):
        with pytest.raises(SettingsError) as error:
            way()
        assert str(error.value) == f"no setting is called 'heads'; there are: {known}"
    for plain in ({"body": {"heads": 3}}, {"heads": 3}, {"body": {"rate": 0.5}}):
        with pytest.raises(SettingsError, match="these settings are not of this version"):
            from_dict(Model(), plain)
    with pytest.raises(SettingsError, match="body must be a table of settings, found list"):
        from_dict(Model(), {"body": []})
    with pytest.raises(SettingsError, match="body must be Body, found Learning"):
        change(Model(), {"body": Learning()})
