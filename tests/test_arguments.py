"""A caller's mistake is named before any work: what was expected, what was found, at which place."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprachbund.arguments import several, some_paths, text, whole
from sprachbund.errors import SettingsError


def test_any_iterable_of_the_kind_is_a_list() -> None:
    """Generators, arrays of strings and tuples too."""
    assert several((x for x in "ab"), "texts", str) == ["a", "b"]
    assert several(np.array(["a", "b"]), "texts", str) == ["a", "b"]
    assert several((), "texts", str) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pt", "expected a list of languages, found 'pt' (str); write ['pt']"),
        (None, "expected a list of languages, found None"),
        (7, "expected a list of languages, found 7 (int)"),
        (b"pt", "expected a list of languages, found b'pt' (bytes)"),
        (["pt", None], "expected a list of languages, found None at place 1"),
        ([["x" * 100]], "expected a list of languages, found one (list) at place 0"),
    ],
)
def test_what_is_no_list_of_the_kind_is_named(given: Any, said: str) -> None:
    """One string is a list of letters to Python, which is never meant."""
    with pytest.raises(SettingsError, match=re.escape(said) + "$"):
        several(given, "languages", str)


def test_whole_numbers() -> None:
    """Those of numpy are; a fraction, a text and nothing are not."""
    assert whole(np.int32(3), "k") == 3
    for given in (3.0, "3", None):
        with pytest.raises(SettingsError, match="k: expected a whole number, found"):
            whole(given, "k")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=re.escape("query: expected a text, found ['a'] (list)")):
        text(["a"], "query")  # type: ignore[arg-type]


def test_one_path_is_a_source() -> None:
    """Not a list of its letters."""
    assert some_paths("docs") == ["docs"] and some_paths(Path("docs")) == [Path("docs")]
    assert some_paths(["a", Path("b")]) == ["a", Path("b")]
    with pytest.raises(SettingsError, match=re.escape("expected paths or names of sources, found 7 (int)")):
        some_paths(7)
