"""What a study asked: the comparisons that a page shows, in the words of the kind and of the strategies.

The declaration's tables say which pairs of arms a reader wants; a pair stands for every arm of its strategy that the
study has. The first pair without a view is the main question: what is it worth to do one thing and not another.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from sprachbund.lab.declaration import Declaration, Pair, View
from sprachbund.lab.seen import expand, seen
from sprachbund.lab.strategies import Arm, doing
from sprachbund.report.frames import StudyFrames

ALONE = "alone"
"""The strategy that needs no other language."""
MAIN = "transfer"
"""The key of the main question, where the kind gives it no other."""


@dataclass(frozen=True)
class Asked:
    """An arm and what it is compared with, as the tables have them, and the row of the declaration that asks for it."""

    arm: str
    against: str
    pair: Pair

    @property
    def title(self) -> str:
        """``pooled vs alone``."""
        return f"{self.arm} vs {self.against}"


def name_of(asked: Asked, declaration: Declaration) -> str:
    """The key of a comparison in rows: of the declaration, unless its arms have details."""
    if (asked.arm, asked.against) == (asked.pair.arm, asked.pair.against):
        return asked.pair.name or (MAIN if asked.pair == declaration.pairs[0] else asked.title)
    return asked.title


def pair_of(declaration: Declaration, arm: str, against: str) -> Pair:
    """The row of a pair of a table, with its words; a pair that is in no row has none of its own."""
    there = (pair for pair in declaration.pairs if (pair.arm, pair.against) == (arm, against))
    return next(there, Pair(arm, against))


def compared(frames: StudyFrames, task: str) -> list[tuple[str, str]]:
    """(arm, against) of every comparison of a task in the deciding pool and measure."""
    measure = frames.measure
    at = pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k
    chosen = frames.comparisons.filter(
        (pl.col("task") == task) & (pl.col("pool") == frames.pool) & (pl.col("measure") == measure.name) & at
    )
    return [(arm, against) for arm, against in chosen.select("arm", "against").unique(maintain_order=True).iter_rows()]


def asked_of(frames: StudyFrames, task: str, pairs: Iterable[Pair]) -> list[Asked]:
    """Those of the pairs that the study compared, in the order of the pairs."""
    there = compared(frames, task)
    names = list(dict.fromkeys(name for pair in there for name in pair))
    expanded = expand(list(pairs), names, frames.declaration)
    return [Asked(arm, against, pair) for arm, against, pair in expanded if (arm, against) in there]


def tabled(frames: StudyFrames, task: str) -> list[Asked]:
    """The comparisons of the declaration's tables, each once."""
    declaration = frames.declaration
    pairs = dict.fromkeys(pair for table in declaration.tables for pair in table.pairs)
    return asked_of(frames, task, [pair_of(declaration, *pair) for pair in pairs])


def main_question(frames: StudyFrames, task: str) -> Asked | None:
    """The first pair of two strategies, without a view, that the study compared."""
    declaration = frames.declaration
    for asked in asked_of(frames, task, declaration.pairs):
        one, other = seen(asked.arm, declaration), seen(asked.against, declaration)
        if one.strategy and other.strategy and not one.view and not other.view:
            return asked
    return None


def between_strategies(frames: StudyFrames, task: str, main: Asked) -> list[Asked]:
    """The comparisons of the tables that ask of another arm, or under a view, what the main question asks.

    The arms in the order of the tables, each followed by what is asked of it under views.
    """
    declaration = frames.declaration
    found: dict[str, list[Asked]] = {main.arm: []}
    for asked in tabled(frames, task):
        one, other = seen(asked.arm, declaration), seen(asked.against, declaration)
        if one.strategy and other.view == one.view and without_view(asked.against, declaration) == main.against:
            found.setdefault(without_view(asked.arm, declaration), []).append(asked)
    return [asked for some in found.values() for asked in some]


def view_of(arm: str, declaration: Declaration) -> View | None:
    """Beside what an arm's model is used; None by itself."""
    name = seen(arm, declaration).view
    return next((view for view in declaration.views if view.name == name), None)


def without_view(arm: str, declaration: Declaration) -> str:
    """The arm by itself: ``pooled`` for a view of it."""
    view = seen(arm, declaration).view
    return arm.removeprefix(f"{view}-") if view else arm


def what_it_does(arm: str, declaration: Declaration) -> str:
    """``continuing from es``; a baseline has its name."""
    found = seen(arm, declaration)
    return doing(Arm(found.strategy, found.detail)) if found.strategy else arm


def claim_of(asked: Asked, declaration: Declaration) -> str:
    """What is claimed of a comparison, with ``{better}`` and ``{worse}`` for numbers of languages."""
    if asked.pair.claim:
        return asked.pair.claim
    if not seen(asked.against, declaration).strategy:
        return f"{asked.arm} is better than {asked.against} in {{better}} and worse in {{worse}}"
    view = view_of(asked.arm, declaration)
    start = f"{view.phrase} " if view else ""
    claim = f"{start}{what_it_does(asked.arm, declaration)} made {{better}} better and {{worse}} worse"
    if seen(asked.against, declaration).strategy == ALONE:
        return claim
    return f"{claim} than {what_it_does(asked.against, declaration)}"
