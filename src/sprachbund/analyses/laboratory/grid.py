"""A grid: lists of alternatives, of which every combination is one study."""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["combinations", "short"]

_LONGEST = 40


def combinations(grid: Mapping[str, Sequence[Any]]) -> list[tuple[str, dict[str, Any]]]:
    """(what tells it apart, values) of every combination, the last key changing fastest.

    >>> [name for name, _ in combinations({"sizes": [1000, 3000], "split_seed": [0]})]
    ['sizes-1000-split_seed-0', 'sizes-3000-split_seed-0']
    """
    made = []
    for values in itertools.product(*grid.values()):
        chosen = dict(zip(grid, values, strict=True))
        made.append(("-".join(f"{key}-{short(value)}" for key, value in chosen.items()), chosen))
    return made


def short(value: Any) -> str:
    """A value as a part of a folder's name; a long one is cut and told apart by its hash."""
    parts = (
        map(str, value) if isinstance(value, list) else [json.dumps(value) if isinstance(value, dict) else str(value)]
    )
    said = re.sub(r"[^\w.+-]", "_", "+".join(parts), flags=re.ASCII) or "none"
    if len(said) <= _LONGEST:
        return said
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f"{said[: _LONGEST - 7]}~{digest[:6]}".replace("~", "_")
