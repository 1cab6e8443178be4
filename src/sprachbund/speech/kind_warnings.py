"""Warnings in a study: of which of its many models they are, and not once more of what was told already."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import LogRecord

from sprachbund.lab.recipe import Recipe
from sprachbund.progress import logger

__all__ = ["name_of", "named", "told_already"]


@contextmanager
def named(what: str) -> Iterator[None]:
    """While it lasts warnings begin with what they are of."""

    def with_name(record: LogRecord) -> bool:
        record.msg = f"{what}: {record.msg}"
        return True

    with _filtered(with_name):
        yield


@contextmanager
def told_already() -> Iterator[None]:
    """While it lasts there are no warnings."""
    with _filtered(lambda record: False):
        yield


@contextmanager
def _filtered(by: Callable[[LogRecord], bool]) -> Iterator[None]:
    logger.addFilter(by)
    try:
        yield
    finally:
        logger.removeFilter(by)


def name_of(recipe: Recipe) -> str:
    """``pt from es, seed 1``."""
    chain = " from ".join("+".join(each.languages) for each in (recipe, *recipe.starts()))
    beside = " and synthetic speech" if any(share.synthetic for share in recipe.text.values()) else ""
    wrongly = ", letters permuted" if "permuted" in recipe.carry.values() else ""
    return f"{chain}{beside}{wrongly}, seed {recipe.seed}"
