"""What the kinds of model in study files have in common: settings by name, and a study small enough to be tried."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from sprachbund.lab.strategies import read_arm
from sprachbund.progress import Progress, Silent
from sprachbund.settings import change, from_text
from sprachbund.studies.desk import Plan

__all__ = ["changed", "quiet", "tiny"]


def changed(settings: Any, values: Mapping[str, Any]) -> Any:
    """Settings with what a study file says over them."""
    return change(settings, {name: from_text(settings, name, value) for name, value in values.items()})


def tiny(plan: Plan, languages: tuple[str, str]) -> Plan:
    """Two languages, each alone and, where some arm may begin from a model, one from the other's; a trial, a seed.

    Args:
        languages: the same one twice where there is no other.
    """
    plain = {read_arm(arm).strategy for arm in plan.arms} <= {"alone", "pooled", "mixed", "synthetic"}
    arms = ("alone",) if plain else ("alone", f"continued:{languages[1]}")
    both = tuple(dict.fromkeys(languages))
    return replace(plan, tasks=plan.tasks[:1], languages=both, targets=(), arms=arms, trials=1, seeds=1)


def quiet(title: str, total: float | None = None) -> AbstractContextManager[Progress]:
    """Shows nothing."""
    return nullcontext(Silent())
