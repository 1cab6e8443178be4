"""What may be asked of a training that goes on from another, whatever kind of model it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import CARRIES, Carry

__all__ = ["check_carrying"]


def check_carrying(
    model: str,
    parts: Mapping[str, str],
    carry: Mapping[str, Carry],
    table: Path | None,
    frozen: Sequence[str],
    freeze: float,
    *,
    begun: bool,
) -> bool:
    """Whether there is a start to go on from, and all that is asked of it can be.

    Args:
        model: what it is called, ``a recogniser``. begun: whether there is a start.
        parts: that it has, and what one lacks that has no rows to map, ``letters``; "" for the rows.

    Raises:
        SettingsError: no such part, no such way to carry one, or nothing to go on from.
    """
    if strangers := sorted({*carry, *frozen} - set(parts)):
        raise SettingsError(f"{model} has no part {', '.join(strangers)}; it has {', '.join(parts)}")
    if not 0 <= freeze <= 1:
        raise SettingsError(f"freeze must be a share of the training, 0 to 1, found {freeze:g}")
    if unknown := sorted(set(carry.values()) - set(CARRIES)):
        raise SettingsError(f"nothing is carried over {', '.join(unknown)}; there are: {', '.join(CARRIES)}")
    if not begun:
        if frozen or set(carry.values()) - {"separate", "same"}:
            raise SettingsError(f"carry and frozen say how {model} goes on from another; name it as the start")
        return False
    for part, lacking in parts.items():
        if lacking and carry.get(part, "same") not in ("same", "separate"):
            raise SettingsError(f"the {part} has no {lacking}: it is carried same or separate, found {carry[part]}")
    if carry.get("rows") == "table" and table is None:
        raise SettingsError("to carry rows over by a table takes a table; give one, or carry them by near or same")
    return True
