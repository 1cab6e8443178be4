"""Under which licences recordings may be learned from for weights that are then given away."""

import re
from collections.abc import Iterable

__all__ = ["UNKNOWN", "free", "licences_in"]

UNKNOWN = "unknown"
"""Of recordings whose table names none."""
_FREE = re.compile(r"(cc-?0|cc-by(-sa)?|public-domain)(-v?\d+(\.\d+)*)?(-(universal|international|unported))?")


def licences_in(said: Iterable[str | None]) -> tuple[str, ...]:
    """The licences that rows of a table name, each once, sorted; `UNKNOWN` for rows without one."""
    return tuple(sorted({(each or "").strip() or UNKNOWN for each in said}))


def free(licences: Iterable[str]) -> bool:
    """Whether all are CC0, CC BY, CC BY-SA or the public domain, however they are written: ``CC BY-SA 3.0``."""
    return all(_FREE.fullmatch(re.sub(r"[\s_]+", "-", each.strip().lower())) for each in licences)
