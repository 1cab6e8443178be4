"""What ``sprachbund neighbours`` advises to add, and what the user's own studies have to say to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.cli.output import say, say_in_columns
from sprachbund.progress import progress

if TYPE_CHECKING:
    from sprachbund.neighbours.advice import Advice
    from sprachbund.neighbours.asking import Neighbours
    from sprachbund.neighbours.sources import Sources

__all__ = ["advice_for", "show_advice"]


def advice_for(found: "Neighbours", sources: "Sources", studies: Sequence[Path]) -> "Advice":
    """The advice, with what finished studies measured; all their targets are asked where a ranker can be trained.

    Raises:
        FolderError: a folder is no finished study.
    """
    from sprachbund.neighbours.advice import LEAST_TARGETS, advise, order_by
    from sprachbund.neighbours.asking import ask
    from sprachbund.neighbours.truth import read_gains, table_of

    gains = [gain for study in studies for gain in read_gains(study)]
    targets = {
        target: [each.candidate for each in gains if each.target == target]
        for target in dict.fromkeys(each.target for each in gains)
    }
    many = {target: list(dict.fromkeys(each)) for target, each in targets.items() if len(set(each)) > 1}
    if len(many) < LEAST_TARGETS:
        return advise(found, gains)
    asked = {}
    with progress("measuring the studies' languages", total=len(many)) as bar:
        for target, candidates in many.items():
            asked[target] = ask(sources, target, candidates, measures=found.measures)
            bar.advance()
    return advise(found, gains, order_by(table_of(gains, asked, found.measures)))


def show_advice(advice: "Advice") -> None:
    """Its sentences."""
    say("")
    for line in advice.lines:
        say_in_columns(line)
